/* Start, the main loop's step, and when the next one is due. */
#include "internal.h"

/* Axes and heaters get their places in the order of the channels. One for which the core was built without room is none. */
static void give_slots(flowlab_board *board) {
    uint8_t axes = 0;
    uint8_t heaters = 0;
    for (uint8_t i = 0; i < board->channels; i++) {
        const uint8_t kind = board->type->channel[i].kind;
        const bool is_axis = kind == FLOWLAB_KIND_STEPPER || kind == FLOWLAB_KIND_PERISTALTIC_PUMP;
        const bool has_room = is_axis ? axes < FLOWLAB_AXES : kind != FLOWLAB_KIND_HEATER || heaters < FLOWLAB_HEATERS;
        board->channel[i].kind = has_room ? kind : (uint8_t)FLOWLAB_KIND_NONE;
        if (is_axis && has_room) {
            board->channel[i].slot = axes;
            board->axis[axes].is_forward = true;
            axes++;
        } else if (kind == FLOWLAB_KIND_HEATER && has_room) {
            board->channel[i].slot = heaters;
            heaters++;
        }
    }
}

void flowlab_board_start(flowlab_board *board, const flowlab_port_type *type, const uint8_t serial[12], uint16_t boot_count,
                         uint8_t reset_cause, uint32_t now_us) {
    memset(board, 0, sizeof *board);
    board->type = type;
    board->channels = type->channels < FLOWLAB_CHANNELS ? type->channels : FLOWLAB_CHANNELS;
    memcpy(board->serial, serial, sizeof board->serial);
    board->boot_count = boot_count;
    board->reset_cause = reset_cause;
    board->now = now_us;
    board->is_booted_due = true;
    board->line.was_end = true;
    board->frame.crc = 0xFFFFU;
    flowlab_forget(board);
    give_slots(board);
}

/* Frames come last: what they ask for takes effect in this call, and nothing that is due waits for them. */
bool flowlab_board_poll(flowlab_board *board, uint32_t now_us) {
    board->now = now_us;
    flowlab_dead_man_poll(board);
    flowlab_schedule_poll(board);
    flowlab_outputs_poll(board);
    flowlab_inputs_poll(board);
    flowlab_axes_poll(board);
    flowlab_heaters_poll(board);
    flowlab_analog_poll(board);
    flowlab_frames_poll(board);
    if (board->state > FLOWLAB_STATE_FAULT) { /* memory was damaged */
        flowlab_fault(board, FLOWLAB_FAULT_INTERNAL, FLOWLAB_NO_CHANNEL, (int32_t)board->state);
    }
    return board->fault != FLOWLAB_FAULT_INTERNAL;
}

static uint32_t axis_due(const flowlab_board *board, const flowlab_axis *axis) {
    int32_t position = 0;
    uint32_t left = 0;
    flowlab_axis_now(axis, &position, &left);
    if (left == 0 || flowlab_axis_is_at_switch(board, axis, axis->is_forward)) {
        return 0;
    }
    return flowlab_sooner(flowlab_timer_us_left(&axis->run, board->now), flowlab_us_left(axis->updated, FLOWLAB_PROFILE_US, board->now));
}

static uint32_t channel_due(const flowlab_board *board, uint8_t channel) {
    const flowlab_channel *one = &board->channel[channel];
    if (board->configuration == 0 || one->configured == 0) {
        return FLOWLAB_IDLE_US;
    }
    const bool is_active = flowlab_channel_is_active(board, channel);
    switch (flowlab_kind(board, channel)) {
    case FLOWLAB_KIND_DIGITAL_OUTPUT: return is_active ? flowlab_timer_us_left(&one->timer, board->now) : FLOWLAB_IDLE_US;
    case FLOWLAB_KIND_DIGITAL_INPUT: return flowlab_input_us_left(board, channel);
    case FLOWLAB_KIND_ANALOG_INPUT: return flowlab_us_left(board->sampled, FLOWLAB_SAMPLE_US, board->now);
    case FLOWLAB_KIND_HEATER: return is_active ? flowlab_heater_us_left(board, &board->heater[one->slot]) : FLOWLAB_IDLE_US;
    default: return is_active ? axis_due(board, &board->axis[one->slot]) : FLOWLAB_IDLE_US;
    }
}

static uint32_t due_at_now(const flowlab_board *board) {
    uint32_t due = FLOWLAB_IDLE_US;
    const bool is_dead = (board->faults_told & (1U << FLOWLAB_FAULT_DEAD_MAN)) != 0;
    if (flowlab_frames_wait(board) || board->is_control_due) {
        return 0;
    }
    if (board->session != 0 && !is_dead) {
        due = flowlab_sooner(due, flowlab_us_left(board->heartbeat, FLOWLAB_DEAD_MAN_US, board->now));
    }
    if (board->queued > 0) {
        const uint32_t ahead = board->queue[0].at - board->now;
        due = flowlab_sooner(due, ahead > FLOWLAB_HORIZON_US ? 0 : ahead);
    }
    for (uint8_t i = 0; i < board->channels; i++) {
        due = flowlab_sooner(due, channel_due(board, i));
    }
    return due;
}

/* Counted from the newest poll, less what has passed since. */
uint32_t flowlab_board_next_due(const flowlab_board *board, uint32_t now_us) {
    const uint32_t due = due_at_now(board);
    const uint32_t gone = now_us - board->now;
    return gone >= due ? 0 : due - gone;
}

uint8_t flowlab_board_state_of(const flowlab_board *board) { return board->state; }
uint8_t flowlab_board_fault_of(const flowlab_board *board) { return board->fault; }
