/* Port to the STM32F103C8 (a "Blue Pill" board), registers only. */
#ifndef FLOWLAB_STM32_H
#define FLOWLAB_STM32_H

#include <stdbool.h>
#include <stdint.h>

#include "flowlab_board_state.h"
#include "flowlab_reference_boards.h"

extern flowlab_board board;

/* What stands where in the channel table of channels.c. */
enum { PUMP_0 = 0, PUMP_1 = 1, STEPPER = 2, OUTPUT_0 = 3, OUTPUT_1 = 4, INPUT_SPARE = 5, INPUT_LIMIT = 6, ANALOG_0 = 7, ANALOG_1 = 8, HEATER = 9 };

/* Bits of port B. */
enum { PUMP_0_STEP = 0, PUMP_0_DIR = 1, PUMP_0_ENABLE = 5, PUMP_1_STEP = 6, PUMP_1_DIR = 7, PUMP_1_ENABLE = 8, STEPPER_STEP = 9, STEPPER_DIR = 10,
       STEPPER_ENABLE = 11, OUTPUT_0_PIN = 12, OUTPUT_1_PIN = 13, HEATER_PIN = 14 };

/* No wait for the hardware is longer than this many turns of a loop, about 0.1 s at 8 MHz. */
#ifndef PATIENCE
#define PATIENCE 100000UL
#endif

/* clock.c: sets the clocks up; then microseconds. The second one is for interrupts and where they are off. */
void clock_start(void);
uint32_t clock_hz(void);
uint32_t clock_now(void);
uint32_t clock_now_locked(void);

/* uart.c */
void uart_start(void);
void uart_send(void);

/* channels.c */
void channels_start(void);
void channels_read(void);
void channels_write(void);
/* Writes all pins again, in case something else has changed them. */
void channels_refresh(void);
/* Of a pin of port B. */
void channels_set(uint8_t pin, bool is_high);

/* steps.c; the drivers are off once the pins are safe. */
void steps_make_safe(void);
void steps_start(void);
void steps_write(void);

/* analog.c */
void analog_start(void);
void analog_read(void);

/* reset.c */
uint8_t reset_cause(void);
uint16_t reset_boot_count(void);
void reset_serial(uint8_t serial[12]);
void watchdog_start(void);
void watchdog_feed(void);

#endif
