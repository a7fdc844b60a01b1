/* Configuration: each message is checked and kept at once, and holds from configure_commit on. */
#include "internal.h"

#define COUNT_MAX 255U
#define AVERAGE_MAX 64U

void flowlab_forget(flowlab_board *board) {
    board->is_configuring = false;
    board->configured = 0;
    board->configured_crc = 0xFFFFU;
    board->configuration = 0;
    board->is_control_due = false;
    for (uint8_t i = 0; i < board->channels; i++) {
        board->channel[i].configured = 0;
        board->channel[i].level = 0;
        board->channel[i].is_changing = false;
    }
    for (uint8_t i = 0; i < FLOWLAB_AXES; i++) {
        board->axis[i].is_homed = false;
        board->axis[i].is_enabled = false;
    }
    memset(board->heater, 0, sizeof board->heater);
}

static uint8_t begin(flowlab_board *board) {
    flowlab_safe(board, FLOWLAB_ENDED_STOPPED);
    flowlab_forget(board);
    board->is_configuring = true;
    board->state = FLOWLAB_STATE_OPEN;
    return FLOWLAB_STATUS_OK;
}

static bool is_time_good(uint32_t ms) { return ms >= 1 && ms <= FLOWLAB_MAX_ON_LIMIT_MS; }

static uint8_t check_output(const flowlab_board *board, const uint8_t *payload) {
    flowlab_configure_output one;
    flowlab_get_configure_output(payload, &one);
    const uint8_t status = flowlab_channel_check(board, one.channel, FLOWLAB_KIND_DIGITAL_OUTPUT);
    const bool is_good = one.active_low <= 1 && is_time_good(one.max_on_ms);
    return status == FLOWLAB_STATUS_OK && !is_good ? (uint8_t)FLOWLAB_STATUS_OUT_OF_RANGE : status;
}

static uint8_t check_input(const flowlab_board *board, const uint8_t *payload) {
    flowlab_configure_input one;
    flowlab_get_configure_input(payload, &one);
    const uint8_t status = flowlab_channel_check(board, one.channel, FLOWLAB_KIND_DIGITAL_INPUT);
    const bool is_good = one.active_low <= 1 && one.report <= 1 && one.emergency_stop <= 1;
    return status == FLOWLAB_STATUS_OK && !is_good ? (uint8_t)FLOWLAB_STATUS_OUT_OF_RANGE : status;
}

static uint8_t check_analog(const flowlab_board *board, const uint8_t *payload) {
    flowlab_configure_analog one;
    flowlab_get_configure_analog(payload, &one);
    const uint8_t status = flowlab_channel_check(board, one.channel, FLOWLAB_KIND_ANALOG_INPUT);
    const bool is_good = one.average >= 1 && one.average <= AVERAGE_MAX;
    return status == FLOWLAB_STATUS_OK && !is_good ? (uint8_t)FLOWLAB_STATUS_OUT_OF_RANGE : status;
}

static bool is_axis_good(const flowlab_board *board, const flowlab_configure_axis *one) {
    const uint32_t fastest = flowlab_sooner(board->type->channel[one->channel].max_rate, FLOWLAB_RATE_MAX);
    const bool is_rate_good = one->max_rate >= FLOWLAB_RATE_MIN && one->max_rate <= fastest;
    const bool is_acceleration_good = one->acceleration >= 1 && one->acceleration <= FLOWLAB_ACCELERATION_MAX;
    return one->inverted <= 1 && one->home_backward <= 1 && is_rate_good && is_acceleration_good && is_time_good(one->max_run_ms);
}

/* A pump has neither a switch nor ends. */
static uint8_t configure_axis(flowlab_board *board, const uint8_t *payload) {
    flowlab_configure_axis one;
    flowlab_get_configure_axis(payload, &one);
    const bool is_pump = flowlab_channel_check(board, one.channel, FLOWLAB_KIND_PERISTALTIC_PUMP) == FLOWLAB_STATUS_OK;
    const uint8_t status = is_pump ? (uint8_t)FLOWLAB_STATUS_OK : flowlab_channel_check(board, one.channel, FLOWLAB_KIND_STEPPER);
    if (status != FLOWLAB_STATUS_OK) {
        return status;
    }
    const bool has_switch = one.limit_channel != FLOWLAB_NO_CHANNEL;
    if (!is_axis_good(board, &one) || (is_pump ? has_switch : one.minimum > one.maximum)) {
        return FLOWLAB_STATUS_OUT_OF_RANGE;
    }
    const uint8_t switch_status = has_switch ? flowlab_channel_check(board, one.limit_channel, FLOWLAB_KIND_DIGITAL_INPUT) : (uint8_t)FLOWLAB_STATUS_OK;
    if (switch_status == FLOWLAB_STATUS_OK) {
        board->axis[board->channel[one.channel].slot].configuration = one;
    }
    return switch_status;
}

static uint8_t keep(flowlab_board *board, uint8_t type, const uint8_t *payload, uint8_t length, uint8_t status) {
    if (status == FLOWLAB_STATUS_OK) {
        flowlab_channel *channel = &board->channel[payload[0]];
        if (length <= sizeof channel->configuration + 1U) {
            memcpy(channel->configuration, payload + 1, (size_t)length - 1U);
        }
        channel->configured = type;
        board->configured++;
        board->configured_crc = flowlab_crc_of(flowlab_crc(board->configured_crc, type), payload, length);
    }
    return status;
}

/* Switches may be configured after their axes, but must be. */
static bool has_all_switches(const flowlab_board *board) {
    for (uint8_t i = 0; i < board->channels; i++) {
        if (board->channel[i].configured == FLOWLAB_CONFIGURE_AXIS) {
            const uint8_t limit = board->axis[board->channel[i].slot].configuration.limit_channel;
            if (limit != FLOWLAB_NO_CHANNEL && board->channel[limit].configured == 0) {
                return false;
            }
        }
    }
    return true;
}

static uint16_t told(uint16_t crc) { return crc == 0 ? 1U : crc; }

static uint8_t commit(flowlab_board *board, const uint8_t *payload) {
    flowlab_configure_commit message;
    flowlab_get_configure_commit(payload, &message);
    const uint16_t crc = told(board->configured_crc);
    if (message.count != board->configured || told(message.crc) != crc || !has_all_switches(board)) {
        return FLOWLAB_STATUS_BAD_CONFIGURATION;
    }
    board->is_configuring = false;
    board->configuration = crc;
    board->state = FLOWLAB_STATE_READY;
    flowlab_inputs_start(board);
    flowlab_analog_start(board);
    flowlab_configure_commit_answer answer;
    answer.crc = crc;
    flowlab_put_configure_commit_answer(board->answer, &answer);
    board->answer_length = FLOWLAB_CONFIGURE_COMMIT_ANSWER_SIZE;
    return FLOWLAB_STATUS_OK;
}

uint8_t flowlab_do_configure(flowlab_board *board, uint8_t type, const uint8_t *payload, uint8_t length) {
    if (type == FLOWLAB_CONFIGURE_BEGIN) {
        return begin(board);
    }
    if (!board->is_configuring) {
        return FLOWLAB_STATUS_LOCKED;
    }
    if (type == FLOWLAB_CONFIGURE_COMMIT) {
        return commit(board, payload);
    }
    if (board->configured == COUNT_MAX) {
        return FLOWLAB_STATUS_BAD_CONFIGURATION;
    }
    switch (type) {
    case FLOWLAB_CONFIGURE_OUTPUT: return keep(board, type, payload, length, check_output(board, payload));
    case FLOWLAB_CONFIGURE_INPUT: return keep(board, type, payload, length, check_input(board, payload));
    case FLOWLAB_CONFIGURE_ANALOG: return keep(board, type, payload, length, check_analog(board, payload));
    case FLOWLAB_CONFIGURE_AXIS: return keep(board, type, payload, length, configure_axis(board, payload));
    case FLOWLAB_CONFIGURE_HEATER: return keep(board, type, payload, length, flowlab_heater_configure(board, payload));
    default: return FLOWLAB_STATUS_UNKNOWN_MESSAGE;
    }
}
