/* A step interval is longer than a 16-bit timer can count: it is counted in pieces. A piece is at most 32767, so that the
 * distance from the timer's count to its compare value can be read with a sign. */
#ifndef FLOWLAB_PIECES_H
#define FLOWLAB_PIECES_H

#include <stdint.h>

#define PIECE_MAX 32767U
#define PIECE_OF_LONG 16384U

/* Takes the next piece off what is left of an interval. */
static inline uint16_t piece_of(uint32_t *left) {
    uint16_t piece = *left > PIECE_MAX ? PIECE_OF_LONG : (uint16_t)*left;
    *left -= piece;
    return piece;
}

/* What is left when the interval changes while it is being counted. A change within the last piece waits for the next step. */
static inline uint32_t piece_changed(uint32_t left, uint32_t was, uint32_t is) {
    if (left == 0) return 0;
    if (is > was) return left + (is - was);
    return left > was - is ? left - (was - is) : 0;
}

#endif
