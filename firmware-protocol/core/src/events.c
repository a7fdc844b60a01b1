/* Events: the last ones are kept until the host has seen them. */
#include "internal.h"

uint8_t flowlab_event_size(uint8_t type) {
    switch (type) {
    case FLOWLAB_EXECUTED: return FLOWLAB_EXECUTED_SIZE;
    case FLOWLAB_ENDED: return FLOWLAB_ENDED_SIZE;
    case FLOWLAB_FAULTED: return FLOWLAB_FAULTED_SIZE;
    case FLOWLAB_INPUT: return FLOWLAB_INPUT_SIZE;
    default: return 0;
    }
}

/* The oldest goes when the ring is full. */
void flowlab_event_add(flowlab_board *board, uint8_t type, const uint8_t *body) {
    board->newest++;
    flowlab_event *event = &board->events[board->newest % FLOWLAB_EVENT_RING];
    event->type = type;
    memcpy(event->body, body, flowlab_event_size(type));
    if (board->waiting < FLOWLAB_EVENT_RING) {
        board->waiting++;
    }
    if (board->unsent < FLOWLAB_EVENT_RING) {
        board->unsent++;
    }
}

void flowlab_event_ended(flowlab_board *board, uint8_t channel, uint8_t reason, int32_t value) {
    flowlab_ended ended;
    uint8_t body[FLOWLAB_ENDED_SIZE];
    ended.channel = channel;
    ended.reason = reason;
    ended.value = value;
    ended.time = board->now;
    flowlab_put_ended(body, &ended);
    flowlab_event_add(board, FLOWLAB_ENDED, body);
}

/* What came after `number` waits, and is sent again. A number that none of the waiting has is not believed. */
void flowlab_events_seen(flowlab_board *board, uint8_t number) {
    const uint8_t after = (uint8_t)(board->newest - number);
    if (after < board->waiting) {
        board->waiting = after;
    }
    board->unsent = board->waiting;
}
