/* The control of a heater: a ramp and a PID in whole numbers, each 100 ms. */
#include "internal.h"

#define ERROR_MAX INT32_C(1000000)          /* millikelvin: with a kp of 65535 the product fits in 32 bits */
#define INTEGRATED_MAX INT32_C(10000)       /* millikelvin: with a ki of 65535, and the integral, the sum fits */
#define CHANGE_MAX INT32_C(30000)           /* millikelvin in a period: with a kd of 65535 the product fits */
#define INTEGRAL_OF_PER_MILLE INT32_C(1000000)
#define PERIODS_A_SECOND 10U

static int32_t clamp(int32_t value, int32_t low, int32_t high) {
    if (value < low) {
        return low;
    }
    return value > high ? high : value;
}

/* ki is per mille a kelvin and 100 s: of a millikelvin in 100 ms it is a millionth. */
static void integrate(flowlab_heater *heater, int32_t error, int32_t unlimited) {
    const int32_t highest = (int32_t)heater->configuration.max_output;
    const bool is_winding_up = (unlimited > highest && error > 0) || (unlimited < 0 && error < 0);
    if (!is_winding_up) {
        const int32_t part = (int32_t)heater->configuration.ki * clamp(error, -INTEGRATED_MAX, INTEGRATED_MAX);
        heater->integral = clamp(heater->integral + part, 0, highest * INTEGRAL_OF_PER_MILLE);
    }
}

static void set_output(flowlab_heater *heater) {
    const flowlab_configure_heater *with = &heater->configuration;
    const int32_t error = clamp(heater->set_point - heater->temperature, -ERROR_MAX, ERROR_MAX);
    const int32_t kelvin = error / INT32_C(1000);
    const int32_t rest = error % INT32_C(1000);
    const int32_t proportional = (int32_t)with->kp * kelvin + ((int32_t)with->kp * rest) / INT32_C(1000);
    const int32_t change = clamp(heater->temperature - heater->earlier, -CHANGE_MAX, CHANGE_MAX);
    const int32_t derivative = ((int32_t)with->kd * change) / INT32_C(100);
    const int32_t unlimited = proportional + heater->integral / INTEGRAL_OF_PER_MILLE - derivative;
    integrate(heater, error, unlimited);
    heater->output = (uint16_t)clamp(unlimited, 0, (int32_t)with->max_output);
    heater->earlier = heater->temperature;
}

/* Towards the target by what the ramp allows in one period; what is less than a millikelvin is kept for the next. */
static void move_set_point(flowlab_heater *heater) {
    if (heater->ramp == 0) {
        heater->set_point = heater->target;
        return;
    }
    const uint32_t tenths = (uint32_t)heater->ramp + heater->ramp_rest;
    const int32_t step = (int32_t)(tenths / PERIODS_A_SECOND);
    heater->ramp_rest = (uint16_t)(tenths % PERIODS_A_SECOND);
    const int32_t way = heater->target - heater->set_point;
    heater->set_point += clamp(way, -step, step);
}

/* The set point begins at the present temperature, if that is one at which it may heat. */
void flowlab_control_start(flowlab_heater *heater) {
    heater->set_point = heater->ramp == 0 ? heater->target : clamp(heater->temperature, -ERROR_MAX, heater->configuration.max_temperature);
    heater->ramp_rest = 0;
    heater->integral = 0;
    heater->earlier = heater->temperature;
    heater->check_left = (uint32_t)heater->configuration.check_s * PERIODS_A_SECOND;
    heater->check_from = heater->temperature;
    set_output(heater);
}

void flowlab_control(flowlab_heater *heater) {
    move_set_point(heater);
    set_output(heater);
}
