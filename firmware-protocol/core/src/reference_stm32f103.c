/* Pins as in the data sheet; the table for people is in ports/README.md. */
#include "flowlab_reference_boards.h"

/* Millisteps a second that the timers keep up with. */
#define MAX_RATE 20000000UL

static const flowlab_channel_type channels[] = {
    {FLOWLAB_KIND_PERISTALTIC_PUMP, "PB0", MAX_RATE, 0}, {FLOWLAB_KIND_PERISTALTIC_PUMP, "PB6", MAX_RATE, 0},
    {FLOWLAB_KIND_STEPPER, "PB9", MAX_RATE, 0},          {FLOWLAB_KIND_DIGITAL_OUTPUT, "PB12", 0, 0},
    {FLOWLAB_KIND_DIGITAL_OUTPUT, "PB13", 0, 0},         {FLOWLAB_KIND_DIGITAL_INPUT, "PA0", 0, 0},
    {FLOWLAB_KIND_DIGITAL_INPUT, "PA1", 0, 0},           {FLOWLAB_KIND_ANALOG_INPUT, "PA6", 0, 4095},
    {FLOWLAB_KIND_ANALOG_INPUT, "PA7", 0, 4095},         {FLOWLAB_KIND_HEATER, "PB14", 0, 0},
};
const flowlab_port_type flowlab_stm32f103 = {FLOWLAB_BOARD_STM32F103, sizeof channels / sizeof channels[0], channels};
