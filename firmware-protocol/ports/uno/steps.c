/* The motor, a stepper or a pump: timer 1 counts CPU cycles, which are the core's 1/16 us, and its compare A makes the steps (section 16).
 * STEP is D9 (PB1), DIR is D8 (PB0), ENABLE is D10 (PB2), low for a driver that is on, as A4988, DRV8825 and TMC2209 have it. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>
#include <util/delay.h>

#include "../common/pieces.h"
#include "uno.h"

#define STEP _BV(PORTB1)
#define DIR _BV(PORTB0)
#define ENABLE _BV(PORTB2)
/* A compare value nearer than this may be passed before it is written. */
#define SOONEST 48

static volatile uint32_t interval; /* from step to step; 0: no step is to come */
static volatile uint32_t left;     /* of the interval, behind the piece that is counted */

/* The driver is off and STEP low before the pins are outputs. */
void steps_start(void) {
    PORTB = (PORTB & (uint8_t) ~(STEP | DIR)) | ENABLE;
    DDRB |= STEP | DIR | ENABLE;
    TCCR1A = 0;
    TCCR1B = _BV(CS10);
}

static void stop(void) {
    TIMSK1 = 0;
    interval = 0;
}

/* 2 us and more are enough for each of the drivers above; DRV8825 asks for 1.9 us. */
static void pulse(void) {
    PORTB |= STEP;
    _delay_us(2);
    PORTB &= (uint8_t)~STEP;
}

ISR(TIMER1_COMPA_vect) {
    uint32_t rest = left;
    if (rest == 0) {
        rest = interval;
        if (rest == 0 || !flowlab_board_step(&board, MOTOR)) {
            stop();
            return;
        }
        pulse();
    }
    uint16_t next = OCR1A + piece_of(&rest);
    if ((int16_t)(next - TCNT1) < SOONEST) next = TCNT1 + SOONEST;
    OCR1A = next;
    left = rest;
}

/* The first step comes one interval after the start: that is also the time for which DIR and ENABLE stand before it. */
static void start(uint32_t first) {
    interval = first;
    OCR1A = TCNT1 + piece_of(&first);
    left = first;
    TIFR1 = _BV(OCF1A);
    TIMSK1 = _BV(OCIE1A);
}

static void set_interval(uint32_t wanted) {
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
        if (wanted == 0) {
            stop();
        } else if (interval == 0) {
            start(wanted);
        } else if (wanted != interval) {
            left = piece_changed(left, interval, wanted);
            interval = wanted;
        }
    }
}

/* Each line is one instruction of the chip, so that the interrupt's own bit of the port is never written back. */
static void set_driver(bool is_enabled, bool is_dir_high) {
    if (is_enabled) PORTB &= (uint8_t)~ENABLE;
    if (!is_enabled) PORTB |= ENABLE;
    if (is_dir_high) PORTB |= DIR;
    if (!is_dir_high) PORTB &= (uint8_t)~DIR;
}

void steps_write(void) {
    flowlab_axis_output axis = flowlab_board_axis(&board, MOTOR);
    set_driver(axis.is_enabled, axis.is_dir_high);
    set_interval(axis.interval);
}
