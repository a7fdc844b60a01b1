/* Pins as printed on the board; the table for people is in ports/README.md. */
#include "flowlab_reference_boards.h"

/* Millisteps a second that the step interrupt keeps up with beside a busy line. */
#define MAX_RATE 5000000UL

/* Both builds have the same channels; what the motor drives is of one kind or of the other. */
#define CHANNELS(motor)                                                                                                              \
    {                                                                                                                                \
        {FLOWLAB_KIND_DIGITAL_OUTPUT, "D4", 0, 0}, {FLOWLAB_KIND_DIGITAL_OUTPUT, "D5", 0, 0},                                        \
        {FLOWLAB_KIND_DIGITAL_OUTPUT, "D6", 0, 0}, {motor, "D9", MAX_RATE, 0}, {FLOWLAB_KIND_DIGITAL_INPUT, "D2", 0, 0},             \
        {FLOWLAB_KIND_DIGITAL_INPUT, "D3", 0, 0}, {FLOWLAB_KIND_ANALOG_INPUT, "A0", 0, 1023},                                        \
        {FLOWLAB_KIND_ANALOG_INPUT, "A1", 0, 1023}, {FLOWLAB_KIND_HEATER, "D7", 0, 0},                                               \
    }
#define COUNT(channels) (sizeof(channels) / sizeof(channels)[0])

static const flowlab_channel_type with_stepper[] = CHANNELS(FLOWLAB_KIND_STEPPER);
static const flowlab_channel_type with_pump[] = CHANNELS(FLOWLAB_KIND_PERISTALTIC_PUMP);

const flowlab_port_type flowlab_uno = {FLOWLAB_BOARD_UNO, COUNT(with_stepper), with_stepper};
const flowlab_port_type flowlab_uno_pump = {FLOWLAB_BOARD_UNO, COUNT(with_pump), with_pump};
