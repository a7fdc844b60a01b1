/* From answers and events to bytes. A frame is made when its first byte is asked for, so that it can tell that time. */
#include "internal.h"

#define HEAD 3U
#define ANSWER_BIT 0x80U
#define SENT_AT 5U /* of `sent` in the answers of heartbeat and clock, the status being 0 */

/* `body` has room for the CRC. */
static void send(flowlab_board *board, uint8_t *body, uint8_t sequence, uint8_t type, uint8_t length) {
    body[0] = FLOWLAB_PROTOCOL;
    body[1] = sequence;
    body[2] = type;
    const uint8_t end = (uint8_t)(HEAD + length);
    const uint16_t crc = flowlab_crc_of(0xFFFFU, body, end);
    body[end] = (uint8_t)(crc >> 8);
    body[end + 1U] = (uint8_t)crc;
    board->sending_length = flowlab_cobs_encode(body, (uint8_t)(end + 2U), board->sending);
    board->sending[board->sending_length] = 0;
    board->sending_length++;
    board->sending_at = 0;
}

/* The kept answer. Its time is filled in once: a repeated one is the same. */
static void send_answer(flowlab_board *board, uint8_t *body, uint32_t now_us) {
    if (board->is_unstamped) {
        flowlab_put_u32(board->answer + SENT_AT, now_us);
        board->is_unstamped = false;
    }
    memcpy(body + HEAD, board->answer, board->answer_length);
    board->is_answer_due = false;
    send(board, body, board->sequence, (uint8_t)(board->request | ANSWER_BIT), board->answer_length);
}

static void send_refusal(flowlab_board *board, uint8_t *body) {
    body[HEAD] = board->refusal_status;
    board->is_refusal_due = false;
    send(board, body, board->refusal_sequence, (uint8_t)(board->refusal_request | ANSWER_BIT), 1);
}

static void send_booted(flowlab_board *board, uint8_t *body) {
    flowlab_booted booted;
    booted.board = board->type->board;
    booted.boot_count = board->boot_count;
    booted.reset_cause = board->reset_cause;
    flowlab_put_booted(body + HEAD, &booted);
    board->is_booted_due = false;
    send(board, body, 0, FLOWLAB_BOOTED, FLOWLAB_BOOTED_SIZE);
}

static void send_event(flowlab_board *board, uint8_t *body) {
    const uint8_t number = (uint8_t)(board->newest - board->unsent + 1);
    const flowlab_event *event = &board->events[number % FLOWLAB_EVENT_RING];
    const uint8_t length = flowlab_event_size(event->type);
    memcpy(body + HEAD, event->body, length);
    board->unsent--;
    send(board, body, number, event->type, length);
}

/* The next frame, answers first. */
static bool send_next(flowlab_board *board, uint32_t now_us) {
    uint8_t body[HEAD + FLOWLAB_ANSWER_MAX + 2U];
    if (board->is_answer_due) {
        send_answer(board, body, now_us);
    } else if (board->is_refusal_due) {
        send_refusal(board, body);
    } else if (board->is_booted_due) {
        send_booted(board, body);
    } else if (board->unsent > 0) {
        send_event(board, body);
    } else {
        return false;
    }
    return true;
}

bool flowlab_board_transmit(flowlab_board *board, uint8_t *byte, uint32_t now_us) {
    if (board->sending_at == board->sending_length && !send_next(board, now_us)) {
        return false;
    }
    *byte = board->sending[board->sending_at];
    board->sending_at++;
    return true;
}
