/* Making everything safe. */
#include "internal.h"

void flowlab_safe(flowlab_board *board, uint8_t reason) {
    board->queued = 0;
    for (uint8_t i = 0; i < board->channels; i++) {
        flowlab_channel_safe(board, i, reason);
    }
}

/* A motor without current may have been turned by hand when it has current again. */
static void release_axes(flowlab_board *board) {
    for (uint8_t i = 0; i < FLOWLAB_AXES; i++) {
        board->axis[i].is_enabled = false;
        board->axis[i].is_homed = false;
    }
}

static void tell(flowlab_board *board, uint8_t fault, uint8_t channel, int32_t value) {
    flowlab_faulted faulted;
    uint8_t body[FLOWLAB_FAULTED_SIZE];
    faulted.fault = fault;
    faulted.channel = channel;
    faulted.value = value;
    faulted.time = board->now;
    flowlab_put_faulted(body, &faulted);
    flowlab_event_add(board, FLOWLAB_FAULTED, body);
}

/* The event comes after those of the channels that it ended, so that these do not push it out. */
void flowlab_fault(flowlab_board *board, uint8_t fault, uint8_t channel, int32_t value) {
    flowlab_safe(board, FLOWLAB_ENDED_FAULT);
    release_axes(board);
    const uint8_t bit = (uint8_t)(1U << fault);
    if ((board->faults_told & bit) != 0) {
        return;
    }
    board->faults_told = (uint8_t)(board->faults_told | bit);
    board->fault_session = board->session;
    if (board->state != FLOWLAB_STATE_FAULT) {
        board->state = FLOWLAB_STATE_FAULT;
        board->fault = fault;
    }
    tell(board, fault, channel, value);
}
