/* From bytes to whole frames. */
#include "internal.h"

#define RING_MASK (FLOWLAB_LINE_RING - 1U)
#define TIME_MASK (FLOWLAB_LINE_FRAMES - 1U)
#define BODY_MIN 5U
#define TOO_LONG (FLOWLAB_BODY_MAX + 1U)

static bool push(flowlab_line *line, uint8_t byte) {
    const uint8_t next = (uint8_t)((line->head + 1U) & RING_MASK);
    if (next == line->tail) {
        return false;
    }
    line->bytes[line->head] = byte;
    line->head = next;
    return true;
}

/* Ends the frame in the ring, if there is room for that and for its time. */
static void push_end(flowlab_line *line, uint32_t now_us) {
    const uint8_t time_next = (uint8_t)((line->time_head + 1U) & TIME_MASK);
    if (time_next == line->time_tail) {
        line->is_broken = true;
        return;
    }
    line->times[line->time_head] = now_us;
    line->broken[line->time_head] = line->is_broken;
    if (push(line, 0)) {
        line->time_head = time_next;
        line->is_open = false;
        line->is_broken = false;
    } else {
        line->is_broken = true;
    }
}

static void receive_end(flowlab_line *line, uint32_t now_us) {
    if (line->is_open) {
        push_end(line, now_us);
    } else if (line->is_skipping) {
        line->lost++;
    }
    line->is_skipping = false;
}

/* May be called from an interrupt. A byte for which there is no room takes the rest of its frame with it, and the frame is marked as
 * broken. An end for which there was no room is made up for before the next frame, and breaks its own: it would be done too late. */
void flowlab_board_receive(flowlab_board *board, uint8_t byte, uint32_t now_us) {
    flowlab_line *line = &board->line;
    const bool is_first = line->was_end;
    line->was_end = byte == 0;
    if (byte == 0) {
        if (!is_first) {
            receive_end(line, now_us);
        }
        return;
    }
    if (is_first && line->is_open) {
        push_end(line, now_us);
        line->is_skipping = line->is_open;
    }
    if (line->is_skipping) {
        return;
    }
    if (push(line, byte)) {
        line->is_open = true;
    } else {
        line->is_skipping = true;
        line->is_broken = line->is_open;
    }
}

static bool take(flowlab_board *board, uint8_t *byte) {
    flowlab_line *line = &board->line;
    bool is_there = false;
    FLOWLAB_LOCK();
    if (line->tail != line->head) {
        is_there = true;
        *byte = line->bytes[line->tail];
        line->tail = (uint8_t)((line->tail + 1U) & RING_MASK);
        if (*byte == 0) {
            board->frame.received = line->times[line->time_tail];
            board->frame.is_broken = line->broken[line->time_tail];
            line->time_tail = (uint8_t)((line->time_tail + 1U) & TIME_MASK);
        }
    }
    FLOWLAB_UNLOCK();
    return is_there;
}

static void frame_begin(flowlab_frame *frame) {
    frame->cobs.left = 0;
    frame->cobs.is_zero_due = false;
    frame->length = 0;
    frame->crc = 0xFFFFU;
    frame->has_bytes = false;
    frame->is_whole = false;
}

static void frame_add(flowlab_frame *frame, uint8_t byte) {
    uint8_t decoded = 0;
    frame->has_bytes = true;
    if (!flowlab_cobs_decode(&frame->cobs, byte, &decoded) || frame->length == TOO_LONG) {
        return;
    }
    if (frame->length < FLOWLAB_BODY_MAX) {
        frame->body[frame->length] = decoded;
        frame->crc = flowlab_crc(frame->crc, decoded);
    }
    frame->length++;
}

/* The CRC over a body with its own CRC behind it is 0. */
static void frame_end(flowlab_board *board) {
    flowlab_frame *frame = &board->frame;
    const bool is_length_good = frame->cobs.left == 0 && frame->length >= BODY_MIN && frame->length <= FLOWLAB_BODY_MAX;
    frame->is_whole = is_length_good && frame->crc == 0 && !frame->is_broken;
    if (frame->is_whole) {
        return;
    }
    if (frame->has_bytes) {
        board->dropped++;
    }
    frame_begin(frame);
}

static void count_lost(flowlab_board *board) {
    FLOWLAB_LOCK();
    const uint8_t lost = board->line.lost;
    FLOWLAB_UNLOCK();
    board->dropped = (uint16_t)(board->dropped + (uint8_t)(lost - board->lost_seen));
    board->lost_seen = lost;
}

/* At most one frame a call. It waits while the answer to the one before has not yet begun to be sent. */
void flowlab_frames_poll(flowlab_board *board) {
    count_lost(board);
    for (uint8_t i = 0; i < FLOWLAB_LINE_RING && !board->frame.is_whole; i++) {
        uint8_t byte = 0;
        if (!take(board, &byte)) {
            break;
        }
        if (byte != 0) {
            frame_add(&board->frame, byte);
        } else {
            frame_end(board);
        }
    }
    if (board->frame.is_whole && !board->is_answer_due && !board->is_refusal_due) {
        flowlab_request_take(board);
        frame_begin(&board->frame);
    }
}

/* Whether poll would find something in what was received. */
bool flowlab_frames_wait(const flowlab_board *board) {
    FLOWLAB_LOCK();
    const bool has_bytes = board->line.tail != board->line.head;
    FLOWLAB_UNLOCK();
    return board->frame.is_whole ? (!board->is_answer_due && !board->is_refusal_due) : has_bytes;
}
