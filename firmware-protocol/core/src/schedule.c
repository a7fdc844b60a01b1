/* Messages for a board time. */
#include "internal.h"


static int32_t ahead_of(uint32_t at, uint32_t now) { return (int32_t)(at - now); }

/* Behind those of the same time. All that wait are within a minute, so that differences order them. */
static void insert(flowlab_board *board, uint32_t at, uint8_t type, const uint8_t *body, uint8_t length) {
    uint8_t place = board->queued;
    while (place > 0 && ahead_of(board->queue[place - 1U].at, at) > 0) {
        board->queue[place] = board->queue[place - 1U];
        place--;
    }
    flowlab_scheduled *scheduled = &board->queue[place];
    scheduled->at = at;
    scheduled->request = board->sequence;
    scheduled->type = type;
    memcpy(scheduled->body, body, length);
    board->queued++;
}

static void remove_at(flowlab_board *board, uint8_t place) {
    board->queued--;
    for (uint8_t i = place; i < board->queued; i++) {
        board->queue[i] = board->queue[i + 1U];
    }
}

/* All of these have their channel first. */
void flowlab_schedule_drop(flowlab_board *board, uint8_t channel) {
    for (uint8_t i = board->queued; i > 0; i--) {
        if (board->queue[i - 1U].body[0] == channel) {
            remove_at(board, (uint8_t)(i - 1U));
        }
    }
}

static bool may_be_scheduled(uint8_t type) {
    return (type >= FLOWLAB_SET_OUTPUT && type <= FLOWLAB_PUMP) || type == FLOWLAB_CHANNEL_STOP;
}

static uint8_t check(const flowlab_board *board, uint8_t type, const uint8_t *body, uint8_t length) {
    if (!may_be_scheduled(type)) {
        return FLOWLAB_STATUS_OUT_OF_RANGE;
    }
    if (length != flowlab_request_size(type)) {
        return FLOWLAB_STATUS_BAD_LENGTH;
    }
    const uint8_t status = flowlab_command_check(board, type, body);
    const bool is_not_ready = status == FLOWLAB_STATUS_OK && board->state != FLOWLAB_STATE_READY;
    return is_not_ready ? (uint8_t)FLOWLAB_STATUS_NOT_CONFIGURED : status;
}

uint8_t flowlab_do_schedule(flowlab_board *board, const uint8_t *payload, uint8_t length) {
    flowlab_schedule schedule;
    flowlab_get_schedule(payload, &schedule);
    const uint8_t *body = payload + FLOWLAB_SCHEDULE_SIZE;
    const uint8_t body_length = (uint8_t)(length - FLOWLAB_SCHEDULE_SIZE);
    const uint8_t status = check(board, schedule.type, body, body_length);
    if (status != FLOWLAB_STATUS_OK) {
        return status;
    }
    const int32_t ahead = ahead_of(schedule.at, board->now);
    if (ahead <= 0) {
        flowlab_fault(board, FLOWLAB_FAULT_LATE_COMMAND, body[0], (int32_t)(board->now - schedule.at));
        return FLOWLAB_STATUS_TOO_LATE;
    }
    if (ahead > (int32_t)FLOWLAB_HORIZON_US) {
        return FLOWLAB_STATUS_TOO_FAR;
    }
    if (board->queued >= FLOWLAB_QUEUE) {
        return FLOWLAB_STATUS_QUEUE_FULL;
    }
    insert(board, schedule.at, schedule.type, body, body_length);
    flowlab_schedule_answer answer;
    answer.free = (uint8_t)(FLOWLAB_QUEUE - board->queued);
    flowlab_put_schedule_answer(board->answer, &answer);
    board->answer_length = FLOWLAB_SCHEDULE_ANSWER_SIZE;
    return FLOWLAB_STATUS_OK;
}

static void execute(flowlab_board *board) {
    const flowlab_scheduled scheduled = board->queue[0];
    remove_at(board, 0);
    flowlab_executed executed;
    uint8_t body[FLOWLAB_EXECUTED_SIZE];
    executed.request = scheduled.request;
    executed.status = flowlab_command_do(board, scheduled.type, scheduled.body);
    executed.at = scheduled.at;
    executed.done = board->now;
    flowlab_put_executed(body, &executed);
    flowlab_event_add(board, FLOWLAB_EXECUTED, body);
}

void flowlab_schedule_poll(flowlab_board *board) {
    for (uint8_t i = 0; i < FLOWLAB_QUEUE; i++) {
        if (board->queued == 0 || ahead_of(board->queue[0].at, board->now) > 0) {
            break;
        }
        execute(board);
    }
}
