/* The frames of PROTOCOL.md, section 2, written from that page alone. */
#ifndef TEST_FRAME_H
#define TEST_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BODY_MAX 69
#define FRAME_MAX 72

typedef struct {
    uint8_t version, sequence, type;
    uint8_t payload[64];
    size_t length;
} frame;

uint16_t crc16(const uint8_t *bytes, size_t count);
/* With its delimiter. Returns the bytes. */
size_t frame_encode(const frame *f, uint8_t bytes[FRAME_MAX]);
/* Without its delimiter. */
bool frame_decode(const uint8_t *bytes, size_t count, frame *f);

#endif
