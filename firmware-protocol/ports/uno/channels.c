/* The channels and their pins; the table for people is in ports/README.md. */
#include <avr/io.h>

#include "uno.h"

/* Outputs and inputs are all on port D: D2 is PD2 and so on. */
static const uint8_t output_channels[] = {0, 1, 2, HEATER};
static const uint8_t output_bits[] = {_BV(4), _BV(5), _BV(6), _BV(7)};

/* After a reset each pin is an input without pull-up (section 14.2.1); only the two inputs get theirs, and RXD, so
 * that an open line is silent. */
void channels_start(void) { PORTD = _BV(0) | _BV(2) | _BV(3); }

void channels_read(void) {
    uint8_t levels = PIND;
    flowlab_board_set_input(&board, INPUT_SPARE, (levels & _BV(2)) != 0);
    flowlab_board_set_input(&board, INPUT_LIMIT, (levels & _BV(3)) != 0);
}

/* The level first, then the direction, so that the pin never drives the wrong one. */
static void write_pin(uint8_t bit, uint8_t pin) {
    if (pin == FLOWLAB_PIN_HIGH) {
        PORTD |= bit;
        DDRD |= bit;
    } else {
        PORTD &= (uint8_t)~bit;
        if (pin == FLOWLAB_PIN_LOW) {
            DDRD |= bit;
        } else {
            DDRD &= (uint8_t)~bit;
        }
    }
}

void channels_write(void) {
    for (uint8_t i = 0; i < sizeof output_channels; i++) write_pin(output_bits[i], flowlab_board_pin(&board, output_channels[i]));
}
