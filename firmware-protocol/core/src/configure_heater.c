/* The limits of configure_heater: within them no number of the control leaves 32 bits. */
#include "internal.h"

#define ZERO_MAX INT32_C(1000000000)
#define SCALE_MAX INT32_C(10000000)          /* 10 kelvin a count */
#define TEMPERATURE_MAX INT32_C(1000000)     /* 1000 degrees Celsius */
#define WINDOW_MIN_MS 100U
#define WINDOW_MAX_MS 60000U
#define OUTPUT_MAX 1000U

static bool is_sensor_good(const flowlab_board *board, const flowlab_configure_heater *one) {
    const uint16_t full_scale = board->type->channel[one->sensor_channel].full_scale;
    const bool is_zero_good = one->sensor_zero >= -ZERO_MAX && one->sensor_zero <= ZERO_MAX;
    const bool is_scale_good = one->sensor_scale >= -SCALE_MAX && one->sensor_scale <= SCALE_MAX && one->sensor_scale != 0;
    return is_zero_good && is_scale_good && one->sensor_low < one->sensor_high && one->sensor_high <= full_scale;
}

static bool is_control_good(const flowlab_configure_heater *one) {
    const bool is_window_good = one->window_ms >= WINDOW_MIN_MS && one->window_ms <= WINDOW_MAX_MS;
    const bool is_output_good = one->max_output >= 1 && one->max_output <= OUTPUT_MAX;
    const bool is_hottest_good = one->max_temperature >= -TEMPERATURE_MAX && one->max_temperature <= TEMPERATURE_MAX;
    const bool is_time_good = one->max_on_ms >= 1 && one->max_on_ms <= FLOWLAB_MAX_ON_LIMIT_MS;
    return is_window_good && is_output_good && is_hottest_good && is_time_good && one->check_s >= 1 && one->check_rise >= 1;
}

uint8_t flowlab_heater_configure(flowlab_board *board, const uint8_t *payload) {
    flowlab_configure_heater one;
    flowlab_get_configure_heater(payload, &one);
    uint8_t status = flowlab_channel_check(board, one.channel, FLOWLAB_KIND_HEATER);
    if (status == FLOWLAB_STATUS_OK) {
        status = flowlab_channel_check(board, one.sensor_channel, FLOWLAB_KIND_ANALOG_INPUT);
    }
    if (status != FLOWLAB_STATUS_OK) {
        return status;
    }
    if (board->channel[one.sensor_channel].configured == 0) {
        return FLOWLAB_STATUS_NOT_CONFIGURED;
    }
    if (!is_sensor_good(board, &one) || !is_control_good(&one)) {
        return FLOWLAB_STATUS_OUT_OF_RANGE;
    }
    board->heater[board->channel[one.channel].slot].configuration = one;
    return FLOWLAB_STATUS_OK;
}
