/* The host's end of an emulated serial line: a pseudo-terminal behind a symbolic link of a fixed name. Bytes of the board are dropped
 * while nobody has it open, as a USB adapter does. */
#ifndef FLOWLAB_LINE_H
#define FLOWLAB_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    int master; /* -1: unplugged */
    const char *link;
    bool is_open;         /* by a host, as of line_check */
    uint64_t plug_at_ns;  /* of an unplugged one; 0: never */
} line;

/* Both return false with errno. */
bool line_plug(line *l, const char *link);
void line_unplug(line *l, uint64_t until_ns);

/* Plugs in again when it is time. Returns true when a host has opened it since the last call. */
bool line_check(line *l, uint64_t now_ns);

size_t line_read(line *l, uint8_t *bytes, size_t room);
void line_write(line *l, const uint8_t *bytes, size_t count);

#endif
