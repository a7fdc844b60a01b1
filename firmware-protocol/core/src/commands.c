/* The commands that may be scheduled: whether they could be done, and doing them. */
#include "internal.h"

/* As far as can be said before its time. */
uint8_t flowlab_command_check(const flowlab_board *board, uint8_t type, const uint8_t *payload) {
    switch (type) {
    case FLOWLAB_SET_OUTPUT: return flowlab_output_check(board, payload);
    case FLOWLAB_MOVE: return flowlab_move_check(board, payload);
    case FLOWLAB_HOME: return flowlab_home_check(board, payload);
    case FLOWLAB_PUMP: return flowlab_pump_check(board, payload);
    case FLOWLAB_CHANNEL_STOP: return payload[0] < board->channels ? FLOWLAB_STATUS_OK : FLOWLAB_STATUS_BAD_CHANNEL;
    default: return FLOWLAB_STATUS_OUT_OF_RANGE;
    }
}

static uint8_t channel_stop(flowlab_board *board, uint8_t channel) {
    if (channel >= board->channels) {
        return FLOWLAB_STATUS_BAD_CHANNEL;
    }
    flowlab_schedule_drop(board, channel);
    flowlab_channel_safe(board, channel, FLOWLAB_ENDED_STOPPED);
    return FLOWLAB_STATUS_OK;
}

uint8_t flowlab_command_do(flowlab_board *board, uint8_t type, const uint8_t *payload) {
    switch (type) {
    case FLOWLAB_SET_OUTPUT: return flowlab_output_do(board, payload);
    case FLOWLAB_MOVE: return flowlab_move_do(board, payload);
    case FLOWLAB_HOME: return flowlab_home_do(board, payload);
    case FLOWLAB_PUMP: return flowlab_pump_do(board, payload);
    case FLOWLAB_CHANNEL_STOP: return channel_stop(board, payload[0]);
    default: return FLOWLAB_STATUS_OUT_OF_RANGE;
    }
}
