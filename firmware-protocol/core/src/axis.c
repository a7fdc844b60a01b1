/* Axes: what steps. */
#include "internal.h"

static bool is_axis(const flowlab_board *board, uint8_t channel) {
    const uint8_t kind = channel < board->channels ? flowlab_kind(board, channel) : (uint8_t)FLOWLAB_KIND_NONE;
    return kind == FLOWLAB_KIND_STEPPER || kind == FLOWLAB_KIND_PERISTALTIC_PUMP;
}

/* May be called from an interrupt. `left` alone decides: who stops an axis sets it to 0. */
bool flowlab_board_step(flowlab_board *board, uint8_t channel) {
    if (!is_axis(board, channel)) {
        return false;
    }
    flowlab_axis *axis = &board->axis[board->channel[channel].slot];
    if (axis->left == 0) {
        return false;
    }
    axis->left--;
    axis->position = (int32_t)((uint32_t)axis->position + (axis->is_forward ? UINT32_C(1) : UINT32_MAX));
    return true;
}

void flowlab_axis_now(const flowlab_axis *axis, int32_t *position, uint32_t *left) {
    FLOWLAB_LOCK();
    *position = axis->position;
    *left = axis->left;
    FLOWLAB_UNLOCK();
}

int32_t flowlab_axis_target(const flowlab_axis *axis, int32_t position, uint32_t left) {
    const uint32_t from = (uint32_t)position;
    return (int32_t)(axis->is_forward ? from + left : from - left);
}

flowlab_axis_output flowlab_board_axis(const flowlab_board *board, uint8_t channel) {
    flowlab_axis_output output = {0, false, false};
    if (is_axis(board, channel)) {
        const flowlab_axis *axis = &board->axis[board->channel[channel].slot];
        int32_t position = 0;
        uint32_t left = 0;
        flowlab_axis_now(axis, &position, &left);
        output.interval = left == 0 ? 0 : axis->interval;
        output.is_enabled = axis->is_enabled;
        output.is_dir_high = axis->is_forward != (axis->configuration.inverted != 0);
    }
    return output;
}

int32_t flowlab_board_position(const flowlab_board *board, uint8_t channel) {
    int32_t position = 0;
    uint32_t left = 0;
    if (is_axis(board, channel)) {
        flowlab_axis_now(&board->axis[board->channel[channel].slot], &position, &left);
    }
    return position;
}

/* Towards its switch, and there. */
bool flowlab_axis_is_at_switch(const flowlab_board *board, const flowlab_axis *axis, bool is_forward) {
    const uint8_t limit = axis->configuration.limit_channel;
    const bool is_towards = is_forward != (axis->configuration.home_backward != 0);
    return limit != FLOWLAB_NO_CHANNEL && is_towards && flowlab_input_is_on(board, limit);
}

/* A new run, or new steps and a new rate for the one that is under way in the same direction. */
void flowlab_axis_run(flowlab_board *board, uint8_t channel, uint32_t steps, bool is_forward, uint32_t rate) {
    flowlab_axis *axis = &board->axis[board->channel[channel].slot];
    axis->rate = rate;
    flowlab_timer_begin(&axis->run, axis->configuration.max_run_ms, board->now);
    if (!axis->is_moving) {
        axis->updated = board->now;
        flowlab_profile_start(axis);
    }
    axis->is_moving = true;
    axis->is_enabled = true;
    FLOWLAB_LOCK();
    axis->is_forward = is_forward;
    axis->left = steps;
    FLOWLAB_UNLOCK();
}

/* What was cut short at speed may have lost steps: it must home again. */
void flowlab_axis_end(flowlab_board *board, uint8_t channel, uint8_t reason) {
    flowlab_axis *axis = &board->axis[board->channel[channel].slot];
    if (!axis->is_moving) {
        return;
    }
    const bool has_homed = axis->is_homing && reason == FLOWLAB_ENDED_FINISHED;
    FLOWLAB_LOCK();
    const bool is_cut = axis->left != 0;
    axis->left = 0;
    if (has_homed) {
        axis->position = 0;
    }
    const int32_t position = axis->position;
    FLOWLAB_UNLOCK();
    axis->interval = 0;
    axis->is_moving = false;
    axis->is_homed = has_homed || (axis->is_homed && !is_cut);
    axis->is_homing = false;
    flowlab_event_ended(board, channel, reason, position);
}

static void axis_poll(flowlab_board *board, uint8_t channel, flowlab_axis *axis) {
    int32_t position = 0;
    uint32_t left = 0;
    flowlab_axis_now(axis, &position, &left);
    const bool is_at_switch = flowlab_axis_is_at_switch(board, axis, axis->is_forward);
    if (axis->is_homing && is_at_switch) {
        flowlab_axis_end(board, channel, FLOWLAB_ENDED_FINISHED);
    } else if (left == 0) {
        flowlab_axis_end(board, channel, axis->is_homing ? FLOWLAB_ENDED_EXPIRED : FLOWLAB_ENDED_FINISHED);
    } else if (is_at_switch) {
        flowlab_axis_end(board, channel, FLOWLAB_ENDED_LIMIT);
    } else if (flowlab_timer_is_over(&axis->run, board->now)) {
        flowlab_axis_end(board, channel, FLOWLAB_ENDED_EXPIRED);
    } else if (flowlab_has_passed(axis->updated, FLOWLAB_PROFILE_US, board->now)) {
        axis->updated += FLOWLAB_PROFILE_US;
        if (flowlab_has_passed(axis->updated, FLOWLAB_PROFILE_US, board->now)) { /* updates were missed */
            axis->updated = board->now;
        }
        flowlab_profile_update(axis, left);
    }
}

void flowlab_axes_poll(flowlab_board *board) {
    for (uint8_t i = 0; i < FLOWLAB_AXES; i++) {
        if (board->axis[i].is_moving) {
            axis_poll(board, board->axis[i].configuration.channel, &board->axis[i]);
        }
    }
}
