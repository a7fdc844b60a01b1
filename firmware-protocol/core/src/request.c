/* Whether a request is new, and the answer that is kept. */
#include "internal.h"

#define REQUEST_LAST 0x3FU
#define AHEAD_MAX 127U
#define HEAD_AND_CRC 5U

static void refuse(flowlab_board *board, uint8_t sequence, uint8_t type, uint8_t status) {
    board->refusal_sequence = sequence;
    board->refusal_request = type;
    board->refusal_status = status;
    board->is_refusal_due = true;
}

/* A new one. What has not the form of a message is refused and not taken: a frame whose CRC ends in 00 is still whole to the CRC when that
 * byte is lost, and the host must be able to send it again. */
static void answer(flowlab_board *board, uint8_t sequence, uint8_t type) {
    const uint8_t length = (uint8_t)(board->frame.length - HEAD_AND_CRC);
    const uint8_t form = flowlab_form_check(type, length);
    if (form != FLOWLAB_STATUS_OK) {
        refuse(board, sequence, type, form);
        return;
    }
    board->has_sequence = true;
    board->sequence = sequence;
    board->request = type;
    board->answer_length = 1;
    board->is_unstamped = false;
    const uint8_t status = flowlab_dispatch(board, type, board->frame.body + 3, length);
    if (status != FLOWLAB_STATUS_OK) {
        board->answer_length = 1;
    }
    board->answer[0] = status;
    board->is_answer_due = true;
}

/* A frame that is whole. */
void flowlab_request_take(flowlab_board *board) {
    const uint8_t sequence = board->frame.body[1];
    const uint8_t type = board->frame.body[2];
    const uint8_t ahead = (uint8_t)(sequence - board->sequence);
    if (type == 0 || type > REQUEST_LAST) { /* an answer or an event: the line hears itself */
        board->dropped++;
    } else if (board->frame.body[0] != FLOWLAB_PROTOCOL) {
        refuse(board, sequence, type, FLOWLAB_STATUS_BAD_VERSION);
    } else if (type == FLOWLAB_HELLO || !board->has_sequence) {
        answer(board, sequence, type);
    } else if (ahead == 0 && type == board->request) {
        board->is_answer_due = true;
    } else if (ahead == 0 || ahead > AHEAD_MAX) {
        refuse(board, sequence, type, FLOWLAB_STATUS_STALE);
    } else {
        answer(board, sequence, type);
    }
}
