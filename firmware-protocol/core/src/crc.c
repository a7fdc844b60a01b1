/* CRC-16/CCITT-FALSE: polynomial 1021, start FFFF, not reflected. */
#include "internal.h"

/* One byte without a table: the polynomial has its bits at 12, 5 and 0, so that a byte can be folded in by shifts. */
uint16_t flowlab_crc(uint16_t crc, uint8_t byte) {
    uint8_t x = (uint8_t)((crc >> 8) ^ byte);
    x = (uint8_t)(x ^ (x >> 4));
    const uint16_t wide = x;
    return (uint16_t)((uint16_t)(crc << 8) ^ (uint16_t)(wide << 12) ^ (uint16_t)(wide << 5) ^ wide);
}

uint16_t flowlab_crc_of(uint16_t crc, const uint8_t *bytes, uint8_t length) {
    for (uint8_t i = 0; i < length; i++) {
        crc = flowlab_crc(crc, bytes[i]);
    }
    return crc;
}
