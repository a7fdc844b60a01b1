#include "frame.h"

#include <string.h>

uint16_t crc16(const uint8_t *bytes, size_t count) {
    uint16_t crc = 0xFFFF;
    for (size_t i = 0; i < count; i++) {
        crc ^= (uint16_t)(bytes[i] << 8);
        for (int bit = 0; bit < 8; bit++) crc = (uint16_t)((crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1);
    }
    return crc;
}

/* A body is shorter than a full block of COBS. */
static size_t stuff(const uint8_t *body, size_t count, uint8_t *bytes) {
    size_t code = 0, used = 1;
    for (size_t i = 0; i < count; i++) {
        if (body[i] == 0) {
            bytes[code] = (uint8_t)(used - code);
            code = used++;
        } else {
            bytes[used++] = body[i];
        }
    }
    bytes[code] = (uint8_t)(used - code);
    bytes[used++] = 0;
    return used;
}

size_t frame_encode(const frame *f, uint8_t bytes[FRAME_MAX]) {
    uint8_t body[BODY_MAX] = {f->version, f->sequence, f->type};
    memcpy(body + 3, f->payload, f->length);
    uint16_t crc = crc16(body, f->length + 3);
    body[f->length + 3] = (uint8_t)(crc >> 8);
    body[f->length + 4] = (uint8_t)crc;
    return stuff(body, f->length + 5, bytes);
}

static bool unstuff(const uint8_t *bytes, size_t count, uint8_t *body, size_t *length) {
    size_t at = 0;
    *length = 0;
    while (at < count) {
        size_t block = bytes[at++];
        if (block == 0 || at + block - 1 > count) return false;
        for (size_t i = 1; i < block; i++) {
            if (*length == BODY_MAX || bytes[at] == 0) return false;
            body[(*length)++] = bytes[at++];
        }
        if (at == count || block == 255) continue;
        if (*length == BODY_MAX) return false;
        body[(*length)++] = 0;
    }
    return true;
}

bool frame_decode(const uint8_t *bytes, size_t count, frame *f) {
    uint8_t body[BODY_MAX];
    size_t length;
    if (!unstuff(bytes, count, body, &length) || length < 5) return false;
    if (crc16(body, length - 2) != (uint16_t)(body[length - 2] << 8 | body[length - 1])) return false;
    *f = (frame){.version = body[0], .sequence = body[1], .type = body[2], .length = length - 5};
    memcpy(f->payload, body + 3, f->length);
    return true;
}
