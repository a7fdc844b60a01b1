/* What all channels have in common. */
#include "internal.h"

bool flowlab_channel_is_active(const flowlab_board *board, uint8_t channel) {
    const flowlab_channel *one = &board->channel[channel];
    switch (flowlab_kind(board, channel)) {
    case FLOWLAB_KIND_DIGITAL_OUTPUT: return one->level != 0;
    case FLOWLAB_KIND_STEPPER:
    case FLOWLAB_KIND_PERISTALTIC_PUMP: return board->axis[one->slot].is_moving;
    case FLOWLAB_KIND_HEATER: return board->heater[one->slot].is_on;
    default: return false;
    }
}

uint16_t flowlab_active(const flowlab_board *board) {
    uint16_t bits = 0;
    for (uint8_t i = 0; i < board->channels; i++) {
        if (flowlab_channel_is_active(board, i)) {
            bits = (uint16_t)(bits | (uint16_t)((uint16_t)1 << i));
        }
    }
    return bits;
}

uint8_t flowlab_channel_check(const flowlab_board *board, uint8_t channel, uint8_t kind) {
    if (channel >= board->channels) {
        return FLOWLAB_STATUS_BAD_CHANNEL;
    }
    return flowlab_kind(board, channel) == kind ? FLOWLAB_STATUS_OK : FLOWLAB_STATUS_WRONG_KIND;
}

/* Whether it may be commanded. */
uint8_t flowlab_channel_ready(const flowlab_board *board, uint8_t channel, uint8_t kind) {
    const uint8_t status = flowlab_channel_check(board, channel, kind);
    if (status != FLOWLAB_STATUS_OK) {
        return status;
    }
    if (board->state == FLOWLAB_STATE_FAULT) {
        return FLOWLAB_STATUS_FAULTED;
    }
    const bool is_ready = board->state == FLOWLAB_STATE_READY && board->channel[channel].configured != 0;
    return is_ready ? FLOWLAB_STATUS_OK : FLOWLAB_STATUS_NOT_CONFIGURED;
}

/* To its safe state, if it is not in it. */
void flowlab_channel_safe(flowlab_board *board, uint8_t channel, uint8_t reason) {
    switch (flowlab_kind(board, channel)) {
    case FLOWLAB_KIND_DIGITAL_OUTPUT: flowlab_output_end(board, channel, reason); break;
    case FLOWLAB_KIND_STEPPER:
    case FLOWLAB_KIND_PERISTALTIC_PUMP: flowlab_axis_end(board, channel, reason); break;
    case FLOWLAB_KIND_HEATER: flowlab_heater_end(board, channel, reason); break;
    default: break;
    }
}

uint8_t flowlab_board_pin(const flowlab_board *board, uint8_t channel) {
    if (channel >= board->channels || board->configuration == 0 || board->channel[channel].configured == 0) {
        return FLOWLAB_PIN_FLOATING;
    }
    const flowlab_channel *one = &board->channel[channel];
    switch (flowlab_kind(board, channel)) {
    case FLOWLAB_KIND_DIGITAL_OUTPUT: return one->level == one->configuration[0] ? FLOWLAB_PIN_LOW : FLOWLAB_PIN_HIGH;
    case FLOWLAB_KIND_HEATER: return board->heater[one->slot].is_pin_on ? FLOWLAB_PIN_HIGH : FLOWLAB_PIN_LOW;
    default: return FLOWLAB_PIN_FLOATING;
    }
}
