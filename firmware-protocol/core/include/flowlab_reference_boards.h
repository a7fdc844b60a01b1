/* The channels of the two reference boards: what their ports and their simulators have. */
#ifndef FLOWLAB_REFERENCE_BOARDS_H
#define FLOWLAB_REFERENCE_BOARDS_H

#include "flowlab_board.h"

/* 0 D4, 1 D5, 2 D6 digital outputs; 3 D9 stepper; 4 D2, 5 D3 digital inputs; 6 A0, 7 A1 analog inputs; 8 D7 heater. */
extern const flowlab_port_type flowlab_uno;
/* The same board, whose motor is a peristaltic pump: 3 D9. */
extern const flowlab_port_type flowlab_uno_pump;
/* 0 PB0, 1 PB6 peristaltic pumps; 2 PB9 stepper; 3 PB12, 4 PB13 digital outputs; 5 PA0, 6 PA1 digital inputs; 7 PA6, 8 PA7 analog
 * inputs; 9 PB14 heater. */
extern const flowlab_port_type flowlab_stm32f103;

/* The same, for languages in which the address of a constant is not easily had. */
static inline const flowlab_port_type *flowlab_reference_uno(void) { return &flowlab_uno; }
static inline const flowlab_port_type *flowlab_reference_stm32f103(void) { return &flowlab_stm32f103; }

#endif
