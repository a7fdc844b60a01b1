/* Analog inputs: the mean moves by 1/average of what a sample differs from it. */
#include "internal.h"

void flowlab_board_set_analog(flowlab_board *board, uint8_t channel, uint16_t count) {
    if (channel < board->channels && flowlab_kind(board, channel) == FLOWLAB_KIND_ANALOG_INPUT) {
        board->channel[channel].count = count;
    }
}

static bool is_sampled(const flowlab_board *board, uint8_t channel) {
    return flowlab_kind(board, channel) == FLOWLAB_KIND_ANALOG_INPUT && board->channel[channel].configured != 0;
}

static void set_sum(flowlab_channel *input, uint32_t sum) {
    const uint8_t average = input->configuration[0];
    input->sum = sum;
    input->mean = (uint16_t)((sum + average / 2U) / average);
}

/* Before it is committed, the newest sample. */
uint16_t flowlab_analog_mean(const flowlab_board *board, uint8_t channel) {
    const flowlab_channel *input = &board->channel[channel];
    const bool has_mean = board->configuration != 0 && input->configured != 0;
    return has_mean ? input->mean : input->count;
}

/* At configure_commit. */
void flowlab_analog_start(flowlab_board *board) {
    for (uint8_t i = 0; i < board->channels; i++) {
        if (is_sampled(board, i)) {
            flowlab_channel *input = &board->channel[i];
            set_sum(input, (uint32_t)input->count * input->configuration[0]);
        }
    }
    board->sampled = board->now;
    board->samples = 0;
    board->is_control_due = false;
    flowlab_heaters_sample(board);
}

void flowlab_analog_poll(flowlab_board *board) {
    if (board->configuration == 0 || !flowlab_has_passed(board->sampled, FLOWLAB_SAMPLE_US, board->now)) {
        return;
    }
    board->sampled += FLOWLAB_SAMPLE_US;
    if (flowlab_has_passed(board->sampled, FLOWLAB_SAMPLE_US, board->now)) { /* samples were missed */
        board->sampled = board->now;
    }
    for (uint8_t i = 0; i < board->channels; i++) {
        if (is_sampled(board, i)) {
            flowlab_channel *input = &board->channel[i];
            set_sum(input, input->sum - input->mean + input->count);
        }
    }
    board->samples++;
    if (board->samples >= FLOWLAB_CONTROL_SAMPLES) {
        board->samples = 0;
        board->is_control_due = true;
    }
    flowlab_heaters_sample(board);
}
