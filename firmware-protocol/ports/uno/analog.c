/* A0 and A1 in turn against AVCC, each 100 times a second; a conversion takes 104 us at 125 kHz (section 23.4) and is not waited for. */
#include <avr/io.h>

#include "uno.h"

#define EACH_US 5000UL

static uint8_t input; /* 0 or 1 */
static bool is_converting;
static uint32_t last;

void analog_start(void) {
    DIDR0 = _BV(ADC0D) | _BV(ADC1D);
    ADMUX = _BV(REFS0);
    ADCSRA = _BV(ADEN) | _BV(ADPS2) | _BV(ADPS1) | _BV(ADPS0);
}

void analog_read(void) {
    if (is_converting) {
        if ((ADCSRA & _BV(ADSC)) != 0) return;
        flowlab_board_set_analog(&board, ANALOG_0 + input, ADC);
        is_converting = false;
        input ^= 1;
        ADMUX = _BV(REFS0) | input;
    } else if (clock_now() - last >= EACH_US) {
        last += EACH_US;
        ADCSRA |= _BV(ADSC);
        is_converting = true;
    }
}
