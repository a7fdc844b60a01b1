/* Timer 2 at 16 MHz / 32 counts 2 us; its overflow each 512 us carries into 32 bits (section 18.11). */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#include "uno.h"

#define OVERFLOW_US 512UL

static volatile uint32_t overflows_us;

ISR(TIMER2_OVF_vect) { overflows_us += OVERFLOW_US; }

void clock_start(void) {
    TIMSK2 = _BV(TOIE2);
    TCCR2A = 0;
    TCCR2B = _BV(CS21) | _BV(CS20);
}

/* An overflow that has not yet been served is added, if the count was read after it. */
uint32_t clock_now_locked(void) {
    uint8_t count = TCNT2;
    uint32_t now = overflows_us;
    if ((TIFR2 & _BV(TOV2)) != 0 && count < 128) now += OVERFLOW_US;
    return now + (uint16_t)(count * 2U);
}

uint32_t clock_now(void) {
    uint32_t now;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { now = clock_now_locked(); }
    return now;
}
