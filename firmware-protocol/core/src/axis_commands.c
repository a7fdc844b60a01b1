/* move, home and pump. */
#include "internal.h"

#define STEPS_MAX 0x7FFFFFFFUL /* of one run */

static const flowlab_axis *axis_of(const flowlab_board *board, uint8_t channel) {
    return &board->axis[board->channel[channel].slot];
}

static bool is_rate_good(const flowlab_board *board, uint8_t channel, uint32_t rate) {
    return rate >= FLOWLAB_RATE_MIN && rate <= axis_of(board, channel)->configuration.max_rate;
}

static bool is_within(const flowlab_axis *axis, int64_t position) {
    return position >= axis->configuration.minimum && position <= axis->configuration.maximum;
}

static uint32_t distance(int64_t steps) { return (uint32_t)(steps < 0 ? -steps : steps); }

uint8_t flowlab_move_check(const flowlab_board *board, const uint8_t *payload) {
    flowlab_move move;
    flowlab_get_move(payload, &move);
    const uint8_t status = flowlab_channel_ready(board, move.channel, FLOWLAB_KIND_STEPPER);
    if (status != FLOWLAB_STATUS_OK) {
        return status;
    }
    const bool is_absolute = move.mode == FLOWLAB_MOVE_MODE_ABSOLUTE;
    if (!is_rate_good(board, move.channel, move.rate) || move.mode > FLOWLAB_MOVE_MODE_RELATIVE) {
        return FLOWLAB_STATUS_OUT_OF_RANGE;
    }
    const bool is_outside = is_absolute && !is_within(axis_of(board, move.channel), move.position);
    return is_outside ? FLOWLAB_STATUS_OUT_OF_RANGE : FLOWLAB_STATUS_OK;
}

/* Steps to the target in 64 bits, since a difference of positions does not fit in 32. */
static int64_t steps_of(const flowlab_move *move, int32_t position) {
    const int64_t steps = move->position;
    return move->mode == FLOWLAB_MOVE_MODE_ABSOLUTE ? steps - position : steps;
}

/* What the state of the axis forbids. */
static uint8_t move_refusal(const flowlab_board *board, const flowlab_axis *axis, const flowlab_move *move, int64_t steps) {
    if (axis->is_moving) {
        return FLOWLAB_STATUS_BUSY;
    }
    if (move->mode == FLOWLAB_MOVE_MODE_ABSOLUTE && !axis->is_homed) {
        return FLOWLAB_STATUS_NOT_HOMED;
    }
    const bool is_outside = axis->is_homed && !is_within(axis, steps + axis->position);
    if (is_outside || distance(steps) > STEPS_MAX) {
        return FLOWLAB_STATUS_OUT_OF_RANGE;
    }
    const bool is_blocked = steps != 0 && flowlab_axis_is_at_switch(board, axis, steps > 0);
    return is_blocked ? FLOWLAB_STATUS_LIMIT : FLOWLAB_STATUS_OK;
}

/* While an axis stands, no interrupt changes its position. */
uint8_t flowlab_move_do(flowlab_board *board, const uint8_t *payload) {
    uint8_t status = flowlab_move_check(board, payload);
    if (status != FLOWLAB_STATUS_OK) {
        return status;
    }
    flowlab_move move;
    flowlab_get_move(payload, &move);
    const flowlab_axis *axis = axis_of(board, move.channel);
    const int64_t steps = steps_of(&move, flowlab_board_position(board, move.channel));
    status = move_refusal(board, axis, &move, steps);
    if (status == FLOWLAB_STATUS_OK) {
        flowlab_axis_run(board, move.channel, distance(steps), steps >= 0, move.rate);
    }
    return status;
}

uint8_t flowlab_home_check(const flowlab_board *board, const uint8_t *payload) {
    flowlab_home home;
    flowlab_get_home(payload, &home);
    const uint8_t status = flowlab_channel_ready(board, home.channel, FLOWLAB_KIND_STEPPER);
    if (status != FLOWLAB_STATUS_OK) {
        return status;
    }
    if (axis_of(board, home.channel)->configuration.limit_channel == FLOWLAB_NO_CHANNEL) {
        return FLOWLAB_STATUS_NOT_CONFIGURED;
    }
    const bool is_good = is_rate_good(board, home.channel, home.rate) && home.max_steps >= 1 && home.max_steps <= STEPS_MAX;
    return is_good ? FLOWLAB_STATUS_OK : FLOWLAB_STATUS_OUT_OF_RANGE;
}

/* At the switch already it ends with the next poll, without a step. */
uint8_t flowlab_home_do(flowlab_board *board, const uint8_t *payload) {
    const uint8_t status = flowlab_home_check(board, payload);
    if (status != FLOWLAB_STATUS_OK) {
        return status;
    }
    flowlab_home home;
    flowlab_get_home(payload, &home);
    flowlab_axis *axis = &board->axis[board->channel[home.channel].slot];
    if (axis->is_moving) {
        return FLOWLAB_STATUS_BUSY;
    }
    const bool is_forward = axis->configuration.home_backward == 0;
    const bool is_there = flowlab_axis_is_at_switch(board, axis, is_forward);
    axis->is_homed = false;
    axis->is_homing = true;
    flowlab_axis_run(board, home.channel, is_there ? 0 : home.max_steps, is_forward, home.rate);
    return FLOWLAB_STATUS_OK;
}

uint8_t flowlab_pump_check(const flowlab_board *board, const uint8_t *payload) {
    flowlab_pump pump;
    flowlab_get_pump(payload, &pump);
    const uint8_t status = flowlab_channel_ready(board, pump.channel, FLOWLAB_KIND_PERISTALTIC_PUMP);
    if (status != FLOWLAB_STATUS_OK) {
        return status;
    }
    const bool is_good = is_rate_good(board, pump.channel, pump.rate) && pump.steps != 0 && distance(pump.steps) <= STEPS_MAX;
    return is_good ? FLOWLAB_STATUS_OK : FLOWLAB_STATUS_OUT_OF_RANGE;
}

/* A run whose last step was made a moment ago is not continued: it ends first. */
uint8_t flowlab_pump_do(flowlab_board *board, const uint8_t *payload) {
    const uint8_t status = flowlab_pump_check(board, payload);
    if (status != FLOWLAB_STATUS_OK) {
        return status;
    }
    flowlab_pump pump;
    flowlab_get_pump(payload, &pump);
    const flowlab_axis *axis = axis_of(board, pump.channel);
    int32_t position = 0;
    uint32_t left = 0;
    flowlab_axis_now(axis, &position, &left);
    if (left == 0) {
        flowlab_axis_end(board, pump.channel, FLOWLAB_ENDED_FINISHED);
    }
    const bool is_forward = pump.steps > 0;
    if (axis->is_moving && axis->is_forward != is_forward) {
        return FLOWLAB_STATUS_BUSY;
    }
    flowlab_axis_run(board, pump.channel, distance(pump.steps), is_forward, pump.rate);
    return FLOWLAB_STATUS_OK;
}
