/* What a channel is, and what it does. */
#include "internal.h"

#define ALL 1000U /* per mille */

uint8_t flowlab_do_describe(flowlab_board *board, const uint8_t *payload) {
    if (payload[0] >= board->channels) {
        return FLOWLAB_STATUS_BAD_CHANNEL;
    }
    const flowlab_channel_type *type = &board->type->channel[payload[0]];
    flowlab_describe_answer answer;
    answer.kind = flowlab_kind(board, payload[0]);
    memcpy(answer.label, type->label, sizeof answer.label);
    answer.max_rate = type->max_rate;
    answer.full_scale = type->full_scale;
    flowlab_put_describe_answer(board->answer, &answer);
    board->answer_length = FLOWLAB_DESCRIBE_ANSWER_SIZE;
    return FLOWLAB_STATUS_OK;
}

static void read_axis(const flowlab_board *board, const flowlab_axis *axis, flowlab_read_answer *answer) {
    int32_t position = 0;
    uint32_t left = 0;
    flowlab_axis_now(axis, &position, &left);
    answer->value = position;
    answer->target = flowlab_axis_target(axis, position, left);
    answer->remaining = left;
    uint8_t flags = axis->is_homed ? (uint8_t)FLOWLAB_READ_FLAG_HOMED : 0U;
    const uint8_t limit = axis->configuration.limit_channel;
    const bool has_switch = board->configuration != 0 && limit < board->channels;
    flags = (uint8_t)(flags | (has_switch && flowlab_input_is_on(board, limit) ? FLOWLAB_READ_FLAG_LIMIT : 0));
    answer->flags = (uint8_t)(flags | (axis->is_enabled ? FLOWLAB_READ_FLAG_ENABLED : 0));
}

static void read_heater(const flowlab_board *board, const flowlab_heater *heater, flowlab_read_answer *answer) {
    answer->value = heater->temperature;
    answer->target = heater->is_on ? heater->set_point : 0;
    answer->remaining = heater->is_on ? flowlab_timer_ms_left(&heater->on, board->now) : 0;
    answer->output = heater->output;
    answer->flags = heater->bad >= FLOWLAB_SENSOR_SAMPLES ? FLOWLAB_READ_FLAG_SENSOR_FAULT : 0;
}

static void read_output(const flowlab_board *board, const flowlab_channel *channel, flowlab_read_answer *answer) {
    if (channel->level != 0) {
        answer->value = 1;
        answer->remaining = flowlab_timer_ms_left(&channel->timer, board->now);
        answer->output = ALL;
    }
}

static void read_kind(const flowlab_board *board, uint8_t number, flowlab_read_answer *answer) {
    const flowlab_channel *channel = &board->channel[number];
    switch (answer->kind) {
    case FLOWLAB_KIND_DIGITAL_OUTPUT: read_output(board, channel, answer); break;
    case FLOWLAB_KIND_DIGITAL_INPUT: answer->value = flowlab_input_is_on(board, number) ? 1 : 0; break;
    case FLOWLAB_KIND_ANALOG_INPUT: answer->value = (int32_t)flowlab_analog_mean(board, number); break;
    case FLOWLAB_KIND_STEPPER:
    case FLOWLAB_KIND_PERISTALTIC_PUMP: read_axis(board, &board->axis[channel->slot], answer); break;
    case FLOWLAB_KIND_HEATER: read_heater(board, &board->heater[channel->slot], answer); break;
    default: break;
    }
}

uint8_t flowlab_do_read(flowlab_board *board, const uint8_t *payload) {
    if (payload[0] >= board->channels) {
        return FLOWLAB_STATUS_BAD_CHANNEL;
    }
    flowlab_read_answer answer;
    memset(&answer, 0, sizeof answer);
    answer.kind = flowlab_kind(board, payload[0]);
    answer.active = flowlab_channel_is_active(board, payload[0]) ? 1 : 0;
    answer.time = board->now;
    read_kind(board, payload[0], &answer);
    flowlab_put_read_answer(board->answer, &answer);
    board->answer_length = FLOWLAB_READ_ANSWER_SIZE;
    return FLOWLAB_STATUS_OK;
}
