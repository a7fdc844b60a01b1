/* Heaters: set point, duration, the time-proportioned output, and what is watched. */
#include "internal.h"

#define COLDEST (-INT32_C(273150)) /* millidegrees Celsius */

/* The sensor's scale is split, so that no product leaves 32 bits. configure_heater checks the limits. */
int32_t flowlab_temperature(const flowlab_configure_heater *configuration, uint16_t count) {
    const int32_t whole = configuration->sensor_scale / INT32_C(1000);
    const int32_t rest = configuration->sensor_scale % INT32_C(1000);
    return configuration->sensor_zero + whole * (int32_t)count + (rest * (int32_t)count) / INT32_C(1000);
}

static bool is_watched(const flowlab_board *board, uint8_t channel) {
    return flowlab_kind(board, channel) == FLOWLAB_KIND_HEATER && board->channel[channel].configured != 0;
}

static uint8_t check(const flowlab_board *board, const flowlab_set_heater *set) {
    const uint8_t status = flowlab_channel_ready(board, set->channel, FLOWLAB_KIND_HEATER);
    if (status != FLOWLAB_STATUS_OK) {
        return status;
    }
    const flowlab_configure_heater *limits = &board->heater[board->channel[set->channel].slot].configuration;
    const bool is_target_good = set->target >= COLDEST && set->target <= limits->max_temperature;
    const bool is_duration_good = set->duration_ms >= 1 && set->duration_ms <= limits->max_on_ms;
    return is_target_good && is_duration_good ? FLOWLAB_STATUS_OK : FLOWLAB_STATUS_OUT_OF_RANGE;
}

static void window_begin(flowlab_heater *heater, uint32_t now) {
    heater->window_start = now;
    heater->window_on = (uint32_t)heater->configuration.window_ms * heater->output; /* ms times per mille is us */
    heater->is_pin_on = heater->window_on > 0;
}

uint8_t flowlab_heater_do(flowlab_board *board, const uint8_t *payload) {
    flowlab_set_heater set;
    flowlab_get_set_heater(payload, &set);
    const uint8_t status = check(board, &set);
    if (status != FLOWLAB_STATUS_OK) {
        return status;
    }
    flowlab_heater *heater = &board->heater[board->channel[set.channel].slot];
    heater->target = set.target;
    heater->ramp = set.ramp;
    flowlab_timer_begin(&heater->on, set.duration_ms, board->now);
    if (!heater->is_on) {
        heater->is_on = true;
        flowlab_control_start(heater);
        window_begin(heater, board->now);
    }
    return FLOWLAB_STATUS_OK;
}

void flowlab_heater_end(flowlab_board *board, uint8_t channel, uint8_t reason) {
    flowlab_heater *heater = &board->heater[board->channel[channel].slot];
    if (!heater->is_on) {
        return;
    }
    heater->is_on = false;
    heater->is_pin_on = false;
    heater->output = 0;
    flowlab_event_ended(board, channel, reason, heater->temperature);
}

static void window_poll(flowlab_heater *heater, uint32_t now) {
    const uint32_t window = heater->configuration.window_ms * UINT32_C(1000);
    if (flowlab_has_passed(heater->window_start, window, now)) {
        const bool is_far = flowlab_has_passed(heater->window_start + window, window, now); /* windows were missed */
        window_begin(heater, is_far ? now : heater->window_start + window);
    }
    heater->is_pin_on = !flowlab_has_passed(heater->window_start, heater->window_on, now);
}

/* Of one that heats: to its end or to the next edge. */
uint32_t flowlab_heater_us_left(const flowlab_board *board, const flowlab_heater *heater) {
    const uint32_t window = heater->configuration.window_ms * UINT32_C(1000);
    uint32_t due = flowlab_timer_us_left(&heater->on, board->now);
    due = flowlab_sooner(due, flowlab_us_left(heater->window_start, window, board->now));
    if (heater->is_pin_on) {
        due = flowlab_sooner(due, flowlab_us_left(heater->window_start, heater->window_on, board->now));
    }
    return due;
}

/* The mean is judged only with a good newest sample: a broken sensor is told as what it is. */
static void watch(flowlab_board *board, uint8_t channel, flowlab_heater *heater) {
    const uint8_t sensor = heater->configuration.sensor_channel;
    const uint16_t count = board->channel[sensor].count;
    const bool is_good = count >= heater->configuration.sensor_low && count <= heater->configuration.sensor_high;
    heater->temperature = flowlab_temperature(&heater->configuration, flowlab_analog_mean(board, sensor));
    if (is_good) {
        heater->bad = 0;
    } else if (heater->bad < FLOWLAB_SENSOR_SAMPLES) {
        heater->bad++;
    }
    if (heater->bad >= FLOWLAB_SENSOR_SAMPLES) {
        flowlab_fault(board, FLOWLAB_FAULT_SENSOR, channel, (int32_t)count);
    } else if (is_good && heater->temperature > heater->configuration.max_temperature) {
        flowlab_fault(board, FLOWLAB_FAULT_OVER_TEMPERATURE, channel, heater->temperature);
    }
}

/* Returns whether it became warmer, or has not yet heated long enough to tell. */
static bool is_warming(flowlab_heater *heater) {
    const uint32_t periods = (uint32_t)heater->configuration.check_s * UINT32_C(10);
    if ((uint32_t)heater->output * UINT32_C(10) < (uint32_t)heater->configuration.max_output * UINT32_C(9)) {
        heater->check_left = periods;
        heater->check_from = heater->temperature;
        return true;
    }
    heater->check_left--;
    if (heater->check_left > 0) {
        return true;
    }
    const bool is_warmer = heater->temperature - heater->check_from >= (int32_t)heater->configuration.check_rise;
    heater->check_left = periods;
    heater->check_from = heater->temperature;
    return is_warmer;
}

void flowlab_heaters_sample(flowlab_board *board) {
    for (uint8_t i = 0; i < board->channels; i++) {
        if (is_watched(board, i)) {
            watch(board, i, &board->heater[board->channel[i].slot]);
        }
    }
}

static void heater_poll(flowlab_board *board, uint8_t channel, flowlab_heater *heater) {
    if (flowlab_timer_is_over(&heater->on, board->now)) {
        flowlab_heater_end(board, channel, FLOWLAB_ENDED_EXPIRED);
        return;
    }
    window_poll(heater, board->now);
    if (board->is_control_due) {
        flowlab_control(heater);
        if (!is_warming(heater)) {
            flowlab_fault(board, FLOWLAB_FAULT_NOT_HEATING, channel, heater->temperature - heater->check_from);
        }
    }
}

void flowlab_heaters_poll(flowlab_board *board) {
    for (uint8_t i = 0; i < FLOWLAB_HEATERS; i++) {
        if (board->heater[i].is_on) {
            heater_poll(board, board->heater[i].configuration.channel, &board->heater[i]);
        }
    }
    board->is_control_due = false;
}
