/* Which request may be taken now, and who does it. */
#include "internal.h"

/* Bytes of a request's payload; of `schedule` at least. */
uint8_t flowlab_request_size(uint8_t type) {
    switch (type) {
    case FLOWLAB_HELLO: return FLOWLAB_HELLO_SIZE;
    case FLOWLAB_HEARTBEAT: return FLOWLAB_HEARTBEAT_SIZE;
    case FLOWLAB_CLOCK: return FLOWLAB_CLOCK_SIZE;
    case FLOWLAB_DESCRIBE: return FLOWLAB_DESCRIBE_SIZE;
    case FLOWLAB_CONFIGURE_BEGIN: return 0;
    case FLOWLAB_CONFIGURE_OUTPUT: return FLOWLAB_CONFIGURE_OUTPUT_SIZE;
    case FLOWLAB_CONFIGURE_INPUT: return FLOWLAB_CONFIGURE_INPUT_SIZE;
    case FLOWLAB_CONFIGURE_ANALOG: return FLOWLAB_CONFIGURE_ANALOG_SIZE;
    case FLOWLAB_CONFIGURE_AXIS: return FLOWLAB_CONFIGURE_AXIS_SIZE;
    case FLOWLAB_CONFIGURE_HEATER: return FLOWLAB_CONFIGURE_HEATER_SIZE;
    case FLOWLAB_CONFIGURE_COMMIT: return FLOWLAB_CONFIGURE_COMMIT_SIZE;
    case FLOWLAB_READ_CONFIGURATION: return FLOWLAB_READ_CONFIGURATION_SIZE;
    case FLOWLAB_SET_OUTPUT: return FLOWLAB_SET_OUTPUT_SIZE;
    case FLOWLAB_MOVE: return FLOWLAB_MOVE_SIZE;
    case FLOWLAB_HOME: return FLOWLAB_HOME_SIZE;
    case FLOWLAB_PUMP: return FLOWLAB_PUMP_SIZE;
    case FLOWLAB_SET_HEATER: return FLOWLAB_SET_HEATER_SIZE;
    case FLOWLAB_CHANNEL_STOP: return FLOWLAB_CHANNEL_STOP_SIZE;
    case FLOWLAB_STOP: return 0;
    case FLOWLAB_SCHEDULE: return FLOWLAB_SCHEDULE_SIZE;
    case FLOWLAB_READ: return FLOWLAB_READ_SIZE;
    case FLOWLAB_CLEAR: return FLOWLAB_CLEAR_SIZE;
    default: return FLOWLAB_UNKNOWN_SIZE;
    }
}

static bool needs_session(uint8_t type) {
    switch (type) {
    case FLOWLAB_HELLO:
    case FLOWLAB_CLOCK:
    case FLOWLAB_DESCRIBE:
    case FLOWLAB_READ:
    case FLOWLAB_STOP:
    case FLOWLAB_CHANNEL_STOP: return false;
    default: return true;
    }
}

/* What moves anything, and what configures. */
static bool needs_no_fault(uint8_t type) {
    const bool is_configuration = type >= FLOWLAB_CONFIGURE_BEGIN && type <= FLOWLAB_CONFIGURE_COMMIT;
    const bool is_command = type >= FLOWLAB_SET_OUTPUT && type <= FLOWLAB_SET_HEATER;
    return is_configuration || is_command || type == FLOWLAB_SCHEDULE;
}

/* Whether it is a message at all. */
uint8_t flowlab_form_check(uint8_t type, uint8_t length) {
    const uint8_t size = flowlab_request_size(type);
    if (size == FLOWLAB_UNKNOWN_SIZE) {
        return FLOWLAB_STATUS_UNKNOWN_MESSAGE;
    }
    const bool is_length_good = type == FLOWLAB_SCHEDULE ? length >= size : length == size;
    return is_length_good ? FLOWLAB_STATUS_OK : FLOWLAB_STATUS_BAD_LENGTH;
}

static uint8_t admit(const flowlab_board *board, uint8_t type) {
    if (board->session == 0 && needs_session(type)) {
        return FLOWLAB_STATUS_NO_SESSION;
    }
    if (board->state == FLOWLAB_STATE_FAULT && needs_no_fault(type)) {
        return FLOWLAB_STATUS_FAULTED;
    }
    return FLOWLAB_STATUS_OK;
}

static uint8_t do_set_output(flowlab_board *board, const uint8_t *payload) {
    const uint8_t status = flowlab_output_do(board, payload);
    if (status == FLOWLAB_STATUS_OK) {
        const flowlab_channel *channel = &board->channel[payload[0]];
        flowlab_set_output_answer answer;
        answer.level = channel->level;
        answer.remaining_ms = channel->level != 0 ? flowlab_timer_ms_left(&channel->timer, board->now) : 0;
        flowlab_put_set_output_answer(board->answer, &answer);
        board->answer_length = FLOWLAB_SET_OUTPUT_ANSWER_SIZE;
    }
    return status;
}

/* The answers of move and pump are the same. */
static uint8_t do_move(flowlab_board *board, uint8_t type, const uint8_t *payload) {
    const uint8_t status = flowlab_command_do(board, type, payload);
    if (status == FLOWLAB_STATUS_OK) {
        int32_t position = 0;
        uint32_t left = 0;
        const flowlab_axis *axis = &board->axis[board->channel[payload[0]].slot];
        flowlab_axis_now(axis, &position, &left);
        flowlab_move_answer answer;
        answer.target = flowlab_axis_target(axis, position, left);
        flowlab_put_move_answer(board->answer, &answer);
        board->answer_length = FLOWLAB_MOVE_ANSWER_SIZE;
    }
    return status;
}

static uint8_t do_channel_stop(flowlab_board *board, const uint8_t *payload) {
    const uint8_t status = flowlab_command_do(board, FLOWLAB_CHANNEL_STOP, payload);
    if (status == FLOWLAB_STATUS_OK) {
        flowlab_channel_stop_answer answer;
        answer.active = flowlab_channel_is_active(board, payload[0]) ? 1 : 0;
        flowlab_put_channel_stop_answer(board->answer, &answer);
        board->answer_length = FLOWLAB_CHANNEL_STOP_ANSWER_SIZE;
    }
    return status;
}

static uint8_t do_stop(flowlab_board *board) {
    flowlab_safe(board, FLOWLAB_ENDED_STOPPED);
    flowlab_stop_answer answer;
    answer.active = flowlab_active(board);
    flowlab_put_stop_answer(board->answer, &answer);
    board->answer_length = FLOWLAB_STOP_ANSWER_SIZE;
    return FLOWLAB_STATUS_OK;
}

/* Does a message of the right form, and returns the status. The answer's fields stand in board->answer. */
uint8_t flowlab_dispatch(flowlab_board *board, uint8_t type, const uint8_t *payload, uint8_t length) {
    const uint8_t status = admit(board, type);
    if (status != FLOWLAB_STATUS_OK) {
        return status;
    }
    switch (type) {
    case FLOWLAB_HELLO: return flowlab_do_hello(board, payload);
    case FLOWLAB_HEARTBEAT: return flowlab_do_heartbeat(board, payload);
    case FLOWLAB_CLOCK: return flowlab_do_clock(board);
    case FLOWLAB_DESCRIBE: return flowlab_do_describe(board, payload);
    case FLOWLAB_READ_CONFIGURATION: return flowlab_do_read_configuration(board, payload);
    case FLOWLAB_SET_OUTPUT: return do_set_output(board, payload);
    case FLOWLAB_MOVE:
    case FLOWLAB_PUMP: return do_move(board, type, payload);
    case FLOWLAB_HOME: return flowlab_command_do(board, type, payload);
    case FLOWLAB_SET_HEATER: return flowlab_heater_do(board, payload);
    case FLOWLAB_CHANNEL_STOP: return do_channel_stop(board, payload);
    case FLOWLAB_STOP: return do_stop(board);
    case FLOWLAB_SCHEDULE: return flowlab_do_schedule(board, payload, length);
    case FLOWLAB_READ: return flowlab_do_read(board, payload);
    case FLOWLAB_CLEAR: return flowlab_do_clear(board, payload);
    default: return flowlab_do_configure(board, type, payload, length);
    }
}
