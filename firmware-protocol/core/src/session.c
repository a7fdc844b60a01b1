/* Sessions, the heartbeat and the dead-man timer. */
#include "internal.h"

/* Nothing of the session before is left, except for a fault. */
static void begin_session(flowlab_board *board, uint32_t session) {
    flowlab_safe(board, FLOWLAB_ENDED_STOPPED);
    flowlab_forget(board);
    for (uint8_t i = 0; i < FLOWLAB_AXES; i++) {
        FLOWLAB_LOCK();
        board->axis[i].position = 0;
        FLOWLAB_UNLOCK();
    }
    board->newest = 0;
    board->waiting = 0;
    board->unsent = 0;
    board->faults_told = 0;
    board->session = session;
    board->heartbeat = board->now;
    if (board->state != FLOWLAB_STATE_FAULT) {
        board->state = FLOWLAB_STATE_OPEN;
    }
}

static uint16_t capabilities(const flowlab_board *board) {
    uint16_t bits = 0;
    for (uint8_t i = 0; i < board->channels; i++) {
        bits = (uint16_t)(bits | (uint16_t)((uint16_t)1 << flowlab_kind(board, i)));
    }
    return (uint16_t)(bits & (uint16_t)~1U);
}

uint8_t flowlab_do_hello(flowlab_board *board, const uint8_t *payload) {
    flowlab_hello hello;
    flowlab_get_hello(payload, &hello);
    if (hello.session == 0) {
        return FLOWLAB_STATUS_OUT_OF_RANGE;
    }
    if (hello.session != board->session) {
        begin_session(board, hello.session);
    }
    flowlab_hello_answer answer;
    answer.protocol = FLOWLAB_PROTOCOL;
    answer.board = board->type->board;
    answer.firmware_major = FLOWLAB_FIRMWARE_MAJOR;
    answer.firmware_minor = FLOWLAB_FIRMWARE_MINOR;
    answer.firmware_patch = FLOWLAB_FIRMWARE_PATCH;
    answer.capabilities = capabilities(board);
    answer.dictionary = FLOWLAB_DICTIONARY;
    answer.boot_count = board->boot_count;
    answer.reset_cause = board->reset_cause;
    memcpy(answer.serial, board->serial, sizeof answer.serial);
    answer.channels = board->channels;
    answer.state = board->state;
    answer.fault = board->fault;
    answer.configuration = board->configuration;
    answer.session = board->session;
    answer.now = board->now;
    flowlab_put_hello_answer(board->answer, &answer);
    board->answer_length = FLOWLAB_HELLO_ANSWER_SIZE;
    return FLOWLAB_STATUS_OK;
}

static void answer_heartbeat(flowlab_board *board) {
    flowlab_heartbeat_answer answer;
    answer.received = board->frame.received;
    answer.sent = 0;
    answer.state = board->state;
    answer.fault = board->fault;
    answer.active = flowlab_active(board);
    answer.inputs = flowlab_inputs_on(board);
    answer.queued = board->queued;
    answer.events = board->newest;
    answer.configuration = board->configuration;
    answer.dropped = board->dropped;
    flowlab_put_heartbeat_answer(board->answer, &answer);
    board->answer_length = FLOWLAB_HEARTBEAT_ANSWER_SIZE;
    board->is_unstamped = true;
}

uint8_t flowlab_do_heartbeat(flowlab_board *board, const uint8_t *payload) {
    flowlab_heartbeat heartbeat;
    flowlab_get_heartbeat(payload, &heartbeat);
    if (heartbeat.session != board->session) {
        return FLOWLAB_STATUS_WRONG_SESSION;
    }
    board->heartbeat = board->now;
    flowlab_events_seen(board, heartbeat.events_seen);
    answer_heartbeat(board);
    return FLOWLAB_STATUS_OK;
}

uint8_t flowlab_do_clock(flowlab_board *board) {
    flowlab_clock_answer answer;
    answer.received = board->frame.received;
    answer.sent = 0;
    flowlab_put_clock_answer(board->answer, &answer);
    board->answer_length = FLOWLAB_CLOCK_ANSWER_SIZE;
    board->is_unstamped = true;
    return FLOWLAB_STATUS_OK;
}

/* The configuration is gone already: a fault can be cleared only in a session after it. */
uint8_t flowlab_do_clear(flowlab_board *board, const uint8_t *payload) {
    flowlab_clear clear;
    flowlab_get_clear(payload, &clear);
    if (clear.session != board->session) {
        return FLOWLAB_STATUS_WRONG_SESSION;
    }
    if (board->state == FLOWLAB_STATE_FAULT) {
        if (board->fault_session == board->session) {
            return FLOWLAB_STATUS_SAME_SESSION;
        }
        board->state = FLOWLAB_STATE_OPEN;
        board->fault = FLOWLAB_FAULT_NONE;
        board->faults_told = 0;
    }
    flowlab_clear_answer answer;
    answer.state = board->state;
    flowlab_put_clear_answer(board->answer, &answer);
    board->answer_length = FLOWLAB_CLEAR_ANSWER_SIZE;
    return FLOWLAB_STATUS_OK;
}

/* Once it has run out it stays so: a counter of time that turns over must not make an old heartbeat young. */
void flowlab_dead_man_poll(flowlab_board *board) {
    const bool is_over = flowlab_has_passed(board->heartbeat, FLOWLAB_DEAD_MAN_US, board->now);
    if (board->session != 0 && is_over) {
        board->heartbeat = board->now - FLOWLAB_DEAD_MAN_US;
        flowlab_fault(board, FLOWLAB_FAULT_DEAD_MAN, FLOWLAB_NO_CHANNEL, (int32_t)FLOWLAB_DEAD_MAN_MS);
    }
}
