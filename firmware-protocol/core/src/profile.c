/* How fast an axis steps: a trapezoid, changed each millisecond. An acceleration in steps a second squared is the same number in
 * millisteps a second a millisecond, so that a change of speed is one addition. */
#include "internal.h"

#define TICKS_EXACT UINT32_C(4000000000) /* a quarter of the 1/16 us in 1000 s */
#define SQRT_DIRECT_MAX UINT32_C(8589)   /* acceleration up to which 500000 times it fits in 32 bits */

static uint32_t square_root(uint32_t n) {
    uint32_t root = 0;
    for (uint32_t bit = UINT32_C(1) << 30; bit != 0; bit >>= 2) {
        if (n >= root + bit) {
            n -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return root;
}

/* 16e9 / rate without 64 bits: the rest of the division of a quarter of it is below rate, so that 4 times it fits. */
uint32_t flowlab_interval(uint32_t rate) {
    return (TICKS_EXACT / rate) * UINT32_C(4) + ((TICKS_EXACT % rate) * UINT32_C(4)) / rate;
}

static void set_speed(flowlab_axis *axis, uint32_t speed) {
    const uint32_t steps = (speed + UINT32_C(999)) / UINT32_C(1000); /* a second */
    const uint32_t a_millisecond = (uint16_t)steps / 1000U + UINT32_C(1);
    axis->speed = speed;
    axis->interval = flowlab_interval(speed);
    axis->brake = (steps * steps) / (UINT32_C(2) * axis->configuration.acceleration) + a_millisecond;
    axis->hold = axis->brake + UINT32_C(2) * a_millisecond;
}

/* At constant acceleration a the first step from rest takes sqrt(2/a): it starts with the speed that has this interval. */
void flowlab_profile_start(flowlab_axis *axis) {
    const uint32_t acceleration = axis->configuration.acceleration;
    const bool is_direct = acceleration <= SQRT_DIRECT_MAX;
    const uint32_t start = is_direct ? square_root(acceleration * UINT32_C(500000)) : square_root(acceleration / UINT32_C(2)) * UINT32_C(1000);
    axis->start_speed = start;
    set_speed(axis, flowlab_sooner(start, axis->rate));
}

/* Faster, slower or as it is, with `left` steps to go. */
void flowlab_profile_update(flowlab_axis *axis, uint32_t left) {
    uint32_t wanted = axis->rate;
    if (left <= axis->brake) {
        wanted = flowlab_sooner(axis->start_speed, axis->rate);
    } else if (left <= axis->hold) {
        wanted = flowlab_sooner(axis->speed, axis->rate);
    }
    const uint32_t change = axis->configuration.acceleration;
    uint32_t speed = wanted;
    if (wanted > axis->speed && wanted - axis->speed > change) {
        speed = axis->speed + change;
    } else if (wanted < axis->speed && axis->speed - wanted > change) {
        speed = axis->speed - change;
    }
    if (speed != axis->speed) {
        set_speed(axis, speed);
    }
}
