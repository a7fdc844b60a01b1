/* Pins as printed on the board; the table for people is in ports/README.md. */
#include "flowlab_reference_boards.h"

/* Millisteps a second that the step interrupt keeps up with beside a busy line. */
#define MAX_RATE 5000000UL

static const flowlab_channel_type channels[] = {
    {FLOWLAB_KIND_DIGITAL_OUTPUT, "D4", 0, 0}, {FLOWLAB_KIND_DIGITAL_OUTPUT, "D5", 0, 0}, {FLOWLAB_KIND_DIGITAL_OUTPUT, "D6", 0, 0},
    {FLOWLAB_KIND_STEPPER, "D9", MAX_RATE, 0}, {FLOWLAB_KIND_DIGITAL_INPUT, "D2", 0, 0},  {FLOWLAB_KIND_DIGITAL_INPUT, "D3", 0, 0},
    {FLOWLAB_KIND_ANALOG_INPUT, "A0", 0, 1023}, {FLOWLAB_KIND_ANALOG_INPUT, "A1", 0, 1023}, {FLOWLAB_KIND_HEATER, "D7", 0, 0},
};
const flowlab_port_type flowlab_uno = {FLOWLAB_BOARD_UNO, sizeof channels / sizeof channels[0], channels};
