/* The board of the tests: one channel of each kind, and some more. */
#ifndef BENCH_TYPE_H
#define BENCH_TYPE_H

#include "bench.h"

static const flowlab_channel_type bench_channels[CHANNELS] = {
    {FLOWLAB_KIND_DIGITAL_OUTPUT, "D4", 0, 0},       {FLOWLAB_KIND_DIGITAL_OUTPUT, "D5", 0, 0},
    {FLOWLAB_KIND_DIGITAL_INPUT, "D2", 0, 0},        {FLOWLAB_KIND_DIGITAL_INPUT, "D3", 0, 0},
    {FLOWLAB_KIND_ANALOG_INPUT, "A0", 0, 4095},      {FLOWLAB_KIND_STEPPER, "D8", 20000000, 0},
    {FLOWLAB_KIND_PERISTALTIC_PUMP, "D9", 20000000, 0}, {FLOWLAB_KIND_HEATER, "D6", 0, 0},
    {FLOWLAB_KIND_DIGITAL_OUTPUT, "D7", 0, 0},       {FLOWLAB_KIND_NONE, "", 0, 0},
};
static const flowlab_port_type bench_type = {200, CHANNELS, bench_channels};

#endif
