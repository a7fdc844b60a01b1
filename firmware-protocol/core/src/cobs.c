/* Consistent overhead byte stuffing: each zero is replaced by the distance to the next. */
#include "internal.h"

#define FULL_BLOCK 255U /* 254 bytes with no zero behind them */

/* Takes a byte that is not 0. Returns whether it gave one of the body. */
bool flowlab_cobs_decode(flowlab_cobs *cobs, uint8_t byte, uint8_t *decoded) {
    if (cobs->left > 0) {
        cobs->left--;
        *decoded = byte;
        return true;
    }
    const bool is_zero_due = cobs->is_zero_due;
    cobs->left = (uint8_t)(byte - 1U);
    cobs->is_zero_due = byte != FULL_BLOCK;
    *decoded = 0;
    return is_zero_due;
}

/* A body of at most 253 bytes; `encoded` has room for one more. Returns its length, without the delimiter. */
uint8_t flowlab_cobs_encode(const uint8_t *body, uint8_t length, uint8_t *encoded) {
    uint8_t code_at = 0;
    uint8_t end = 1;
    for (uint8_t i = 0; i < length; i++) {
        if (body[i] == 0) {
            encoded[code_at] = (uint8_t)(end - code_at);
            code_at = end;
        } else {
            encoded[end] = body[i];
        }
        end++;
    }
    encoded[code_at] = (uint8_t)(end - code_at);
    return end;
}
