/* Digital outputs. */
#include "internal.h"

static uint32_t max_on_ms(const flowlab_board *board, uint8_t channel) {
    return flowlab_get_u32(board->channel[channel].configuration + 1);
}

uint8_t flowlab_output_check(const flowlab_board *board, const uint8_t *payload) {
    flowlab_set_output set;
    flowlab_get_set_output(payload, &set);
    const uint8_t status = flowlab_channel_ready(board, set.channel, FLOWLAB_KIND_DIGITAL_OUTPUT);
    if (status != FLOWLAB_STATUS_OK) {
        return status;
    }
    const bool is_off = set.level == 0 && set.duration_ms == 0;
    const bool is_on = set.level == 1 && set.duration_ms >= 1 && set.duration_ms <= max_on_ms(board, set.channel);
    return is_off || is_on ? FLOWLAB_STATUS_OK : FLOWLAB_STATUS_OUT_OF_RANGE;
}

uint8_t flowlab_output_do(flowlab_board *board, const uint8_t *payload) {
    const uint8_t status = flowlab_output_check(board, payload);
    if (status != FLOWLAB_STATUS_OK) {
        return status;
    }
    flowlab_set_output set;
    flowlab_get_set_output(payload, &set);
    if (set.level == 0) {
        flowlab_output_end(board, set.channel, FLOWLAB_ENDED_STOPPED);
    } else {
        flowlab_timer_begin(&board->channel[set.channel].timer, set.duration_ms, board->now);
        board->channel[set.channel].level = 1;
    }
    return FLOWLAB_STATUS_OK;
}

void flowlab_output_end(flowlab_board *board, uint8_t channel, uint8_t reason) {
    if (board->channel[channel].level != 0) {
        board->channel[channel].level = 0;
        flowlab_event_ended(board, channel, reason, 0);
    }
}

void flowlab_outputs_poll(flowlab_board *board) {
    for (uint8_t i = 0; i < board->channels; i++) {
        const flowlab_channel *channel = &board->channel[i];
        const bool is_on = channel->level != 0 && channel->kind == FLOWLAB_KIND_DIGITAL_OUTPUT;
        if (is_on && flowlab_timer_is_over(&channel->timer, board->now)) {
            flowlab_output_end(board, i, FLOWLAB_ENDED_EXPIRED);
        }
    }
}
