/* Digital inputs. */
#include "internal.h"

/* What follows the channel in configure_input. */
enum { ACTIVE_LOW, DEBOUNCE_MS, REPORT, EMERGENCY_STOP };

void flowlab_board_set_input(flowlab_board *board, uint8_t channel, bool high) {
    if (channel < board->channels && flowlab_kind(board, channel) == FLOWLAB_KIND_DIGITAL_INPUT) {
        board->channel[channel].raw = high ? 1 : 0;
    }
}

static uint8_t pin_level(const flowlab_channel *input) {
    return (uint8_t)(input->raw ^ (input->configured != 0 ? input->configuration[ACTIVE_LOW] : 0U));
}

static bool is_configured(const flowlab_board *board, uint8_t channel) {
    return flowlab_kind(board, channel) == FLOWLAB_KIND_DIGITAL_INPUT && board->channel[channel].configured != 0;
}

/* Before it is configured its level is that of the pin. */
bool flowlab_input_is_on(const flowlab_board *board, uint8_t channel) {
    const flowlab_channel *input = &board->channel[channel];
    return (board->configuration != 0 && input->configured != 0 ? input->level : pin_level(input)) != 0;
}

uint16_t flowlab_inputs_on(const flowlab_board *board) {
    uint16_t bits = 0;
    for (uint8_t i = 0; i < board->channels; i++) {
        if (flowlab_kind(board, i) == FLOWLAB_KIND_DIGITAL_INPUT && flowlab_input_is_on(board, i)) {
            bits = (uint16_t)(bits | (uint16_t)((uint16_t)1 << i));
        }
    }
    return bits;
}

/* At configure_commit the levels are those of the pins, and no change. */
void flowlab_inputs_start(flowlab_board *board) {
    for (uint8_t i = 0; i < board->channels; i++) {
        if (is_configured(board, i)) {
            board->channel[i].level = pin_level(&board->channel[i]);
            board->channel[i].is_changing = false;
        }
    }
}

static void changed(flowlab_board *board, uint8_t channel, flowlab_channel *input) {
    input->level = pin_level(input);
    input->is_changing = false;
    if (input->configuration[REPORT] == 0) {
        return;
    }
    flowlab_input event;
    uint8_t body[FLOWLAB_INPUT_SIZE];
    event.channel = channel;
    event.level = input->level;
    event.time = board->now;
    flowlab_put_input(body, &event);
    flowlab_event_add(board, FLOWLAB_INPUT, body);
}

static void debounce(flowlab_board *board, uint8_t channel, flowlab_channel *input) {
    if (pin_level(input) == input->level) {
        input->is_changing = false;
        return;
    }
    if (!input->is_changing) {
        input->is_changing = true;
        flowlab_timer_begin(&input->timer, input->configuration[DEBOUNCE_MS], board->now);
    }
    if (flowlab_timer_is_over(&input->timer, board->now)) {
        changed(board, channel, input);
    }
}

uint32_t flowlab_input_us_left(const flowlab_board *board, uint8_t channel) {
    const flowlab_channel *input = &board->channel[channel];
    if (pin_level(input) == input->level) {
        return FLOWLAB_IDLE_US;
    }
    return input->is_changing ? flowlab_timer_us_left(&input->timer, board->now) : 0;
}

void flowlab_inputs_poll(flowlab_board *board) {
    if (board->configuration == 0) {
        return;
    }
    for (uint8_t i = 0; i < board->channels; i++) {
        flowlab_channel *input = &board->channel[i];
        if (input->kind != FLOWLAB_KIND_DIGITAL_INPUT || input->configured == 0) {
            continue;
        }
        debounce(board, i, input);
        if (input->level != 0 && input->configuration[EMERGENCY_STOP] != 0) {
            flowlab_fault(board, FLOWLAB_FAULT_EMERGENCY_STOP, i, 1);
        }
    }
}
