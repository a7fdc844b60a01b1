/* Port to the ATmega328P of an Arduino Uno: 16 MHz, registers only. Section numbers are those of the data sheet
 * "ATmega48A/PA/88A/PA/168A/PA/328/P", DS40002061B. */
#ifndef FLOWLAB_UNO_H
#define FLOWLAB_UNO_H

#include <stdbool.h>
#include <stdint.h>

#include "flowlab_board_state.h"
#include "flowlab_reference_boards.h"

extern flowlab_board board;

/* The table of channels of this build: flowlab_uno or flowlab_uno_pump. */
#ifndef UNO_TYPE
#define UNO_TYPE flowlab_uno
#endif

/* What stands where in it. */
enum { MOTOR = 3, INPUT_SPARE = 4, INPUT_LIMIT = 5, ANALOG_0 = 6, ANALOG_1 = 7, HEATER = 8 };

/* clock.c: microseconds since the start, in steps of 2. The second one is for interrupts and where they are off. */
void clock_start(void);
uint32_t clock_now(void);
uint32_t clock_now_locked(void);

/* uart.c */
void uart_start(void);
void uart_send(void);

/* channels.c */
void channels_start(void);
void channels_read(void);
void channels_write(void);

/* steps.c */
void steps_start(void);
void steps_write(void);

/* analog.c */
void analog_start(void);
void analog_read(void);

/* reset.c */
uint8_t reset_cause(void);
uint16_t reset_boot_count(void);
void reset_serial(uint8_t serial[12]);

#endif
