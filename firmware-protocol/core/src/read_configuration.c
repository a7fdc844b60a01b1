/* The configure message of a channel, made again from what is kept. */
#include "internal.h"

static void put_axis(uint8_t *p, const flowlab_configure_axis *one) {
    p[1] = one->inverted;
    flowlab_put_u32(p + 2, one->max_rate);
    flowlab_put_u32(p + 6, one->acceleration);
    flowlab_put_u32(p + 10, one->max_run_ms);
    p[14] = one->limit_channel;
    p[15] = one->home_backward;
    flowlab_put_u32(p + 16, (uint32_t)one->minimum);
    flowlab_put_u32(p + 20, (uint32_t)one->maximum);
}

static void put_heater(uint8_t *p, const flowlab_configure_heater *one) {
    p[1] = one->sensor_channel;
    flowlab_put_u32(p + 2, (uint32_t)one->sensor_zero);
    flowlab_put_u32(p + 6, (uint32_t)one->sensor_scale);
    flowlab_put_u16(p + 10, one->sensor_low);
    flowlab_put_u16(p + 12, one->sensor_high);
    flowlab_put_u16(p + 14, one->kp);
    flowlab_put_u16(p + 16, one->ki);
    flowlab_put_u16(p + 18, one->kd);
    flowlab_put_u16(p + 20, one->window_ms);
    flowlab_put_u16(p + 22, one->max_output);
    flowlab_put_u32(p + 24, (uint32_t)one->max_temperature);
    flowlab_put_u16(p + 28, one->check_s);
    flowlab_put_u16(p + 30, one->check_rise);
    flowlab_put_u32(p + 32, one->max_on_ms);
}

uint8_t flowlab_do_read_configuration(flowlab_board *board, const uint8_t *payload) {
    const uint8_t number = payload[0];
    if (number >= board->channels) {
        return FLOWLAB_STATUS_BAD_CHANNEL;
    }
    const flowlab_channel *channel = &board->channel[number];
    uint8_t *body = board->answer + FLOWLAB_READ_CONFIGURATION_ANSWER_SIZE;
    uint8_t length = 0;
    board->answer[1] = channel->configured;
    if (channel->configured != 0) {
        length = flowlab_request_size(channel->configured);
        body[0] = number;
    }
    if (channel->configured == FLOWLAB_CONFIGURE_AXIS) {
        put_axis(body, &board->axis[channel->slot].configuration);
    } else if (channel->configured == FLOWLAB_CONFIGURE_HEATER) {
        put_heater(body, &board->heater[channel->slot].configuration);
    } else if (length > 0) {
        memcpy(body + 1, channel->configuration, (size_t)length - 1U);
    }
    board->answer_length = (uint8_t)(FLOWLAB_READ_CONFIGURATION_ANSWER_SIZE + length);
    return FLOWLAB_STATUS_OK;
}
