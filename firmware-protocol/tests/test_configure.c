/* Configuration: order, limits, commit, reading back. */
#include "bench.h"
#include "check.h"

static bench b;
#define BAD FLOWLAB_STATUS_OUT_OF_RANGE

static void begin(void) {
    bench_start(&b, 0);
    bench_open(&b);
    configure_begin(&b);
}

static void configure_messages_need_configure_begin(void) {
    bench_start(&b, 0);
    bench_open(&b);
    CHECK_EQUAL(configure_output(&b, VALVE, 0, 1), FLOWLAB_STATUS_LOCKED);
    CHECK_EQUAL(configure_commit(&b), FLOWLAB_STATUS_LOCKED);
    CHECK_EQUAL(configure_begin(&b), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(configure_output(&b, VALVE, 0, 1), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(set_output(&b, VALVE, 1, 1), FLOWLAB_STATUS_NOT_CONFIGURED);
    CHECK_EQUAL(configure_commit(&b), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(configure_output(&b, VALVE, 0, 1), FLOWLAB_STATUS_LOCKED);
    CHECK_EQUAL(set_output(&b, VALVE, 1, 1), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(set_output(&b, LAMP, 1, 1), FLOWLAB_STATUS_NOT_CONFIGURED);
}

static void commit_compares_count_and_crc(void) {
    begin();
    configure_output(&b, VALVE, 0, 1000);
    configure_output(&b, VALVE, 1, 2000); /* the last one holds, both count */
    uint8_t p[3] = {1};
    uint8_t bytes[14] = {FLOWLAB_CONFIGURE_OUTPUT, VALVE, 0, 0xE8, 3, 0, 0, FLOWLAB_CONFIGURE_OUTPUT, VALVE, 1, 0xD0, 7, 0, 0};
    const uint16_t crc = host_crc(bytes, 14);
    flowlab_put_u16(p + 1, crc);
    CHECK_EQUAL(ask(&b, FLOWLAB_CONFIGURE_COMMIT, p, 3), FLOWLAB_STATUS_BAD_CONFIGURATION);
    p[0] = 2;
    p[1] ^= 1;
    CHECK_EQUAL(ask(&b, FLOWLAB_CONFIGURE_COMMIT, p, 3), FLOWLAB_STATUS_BAD_CONFIGURATION);
    CHECK_EQUAL(flowlab_board_state_of(&b.board), FLOWLAB_STATE_OPEN);
    p[1] ^= 1;
    CHECK_EQUAL(ask(&b, FLOWLAB_CONFIGURE_COMMIT, p, 3), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u16(&b, 1), crc);
    heartbeat(&b, 0);
    CHECK_EQUAL(answer_u16(&b, 17), crc);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_HIGH);
    CHECK_EQUAL(set_output(&b, VALVE, 1, 2000), FLOWLAB_STATUS_OK);
}

static void a_refused_message_does_not_count(void) {
    begin();
    configure_output(&b, VALVE, 0, 1000);
    CHECK_EQUAL(configure_output(&b, RELAY, 0, 0), BAD);
    CHECK_EQUAL(configure_commit(&b), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(set_output(&b, RELAY, 1, 1), FLOWLAB_STATUS_NOT_CONFIGURED);
}

static void limits_of_outputs_and_inputs(void) {
    begin();
    CHECK_EQUAL(configure_output(&b, VALVE, 2, 1), BAD);
    CHECK_EQUAL(configure_output(&b, VALVE, 0, 3600000), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(configure_output(&b, VALVE, 0, 3600001), BAD);
    CHECK_EQUAL(configure_output(&b, SWITCH, 0, 1), FLOWLAB_STATUS_WRONG_KIND);
    CHECK_EQUAL(configure_output(&b, UNUSED, 0, 1), FLOWLAB_STATUS_WRONG_KIND);
    CHECK_EQUAL(configure_output(&b, CHANNELS, 0, 1), FLOWLAB_STATUS_BAD_CHANNEL);
    CHECK_EQUAL(configure_input(&b, SWITCH, 2, 0, 0, 0), BAD);
    CHECK_EQUAL(configure_input(&b, SWITCH, 0, 255, 2, 0), BAD);
    CHECK_EQUAL(configure_input(&b, SWITCH, 0, 255, 0, 2), BAD);
    CHECK_EQUAL(configure_input(&b, SWITCH, 1, 255, 1, 1), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(configure_analog(&b, PROBE, 0), BAD);
    CHECK_EQUAL(configure_analog(&b, PROBE, 65), BAD);
    CHECK_EQUAL(configure_analog(&b, PROBE, 64), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(configure_analog(&b, VALVE, 64), FLOWLAB_STATUS_WRONG_KIND);
}

#define AXIS(member, value, status)                              \
    do {                                                         \
        flowlab_configure_axis axis = axis_configuration(which); \
        axis.member = value;                                     \
        CHECK_EQUAL(configure_axis(&b, &axis), status);          \
    } while (0)

static void limits_of_axes(void) {
    begin();
    uint8_t which = STEPPER;
    AXIS(channel, VALVE, FLOWLAB_STATUS_WRONG_KIND);
    AXIS(channel, 99, FLOWLAB_STATUS_BAD_CHANNEL);
    AXIS(inverted, 2, BAD);
    AXIS(home_backward, 2, BAD);
    AXIS(max_rate, 3, BAD);
    AXIS(max_rate, 0, BAD);
    AXIS(max_rate, 20000001, BAD);
    AXIS(max_rate, 20000000, FLOWLAB_STATUS_OK);
    AXIS(acceleration, 0, BAD);
    AXIS(acceleration, 0xFFFFFFFF, BAD);
    AXIS(acceleration, 1, FLOWLAB_STATUS_OK);
    AXIS(max_run_ms, 0, BAD);
    AXIS(max_run_ms, 3600001, BAD);
    AXIS(limit_channel, 200, FLOWLAB_STATUS_BAD_CHANNEL);
    AXIS(limit_channel, VALVE, FLOWLAB_STATUS_WRONG_KIND);
    AXIS(limit_channel, FLOWLAB_NO_CHANNEL, FLOWLAB_STATUS_OK);
    AXIS(minimum, 100001, BAD);
    which = PUMP;
    AXIS(limit_channel, SWITCH, BAD);
    AXIS(minimum, 5, FLOWLAB_STATUS_OK);
}

#define HEAT(member, value, status)                               \
    do {                                                          \
        flowlab_configure_heater heater = heater_configuration(); \
        heater.member = value;                                    \
        CHECK_EQUAL(configure_heater(&b, &heater), status);       \
    } while (0)

static void limits_of_heaters(void) {
    begin();
    HEAT(channel, HEATER, FLOWLAB_STATUS_NOT_CONFIGURED); /* its sensor is to be configured before it */
    configure_analog(&b, PROBE, 1);
    HEAT(channel, HEATER, FLOWLAB_STATUS_OK);
    HEAT(channel, VALVE, FLOWLAB_STATUS_WRONG_KIND);
    HEAT(sensor_channel, VALVE, FLOWLAB_STATUS_WRONG_KIND);
    HEAT(sensor_channel, 99, FLOWLAB_STATUS_BAD_CHANNEL);
    HEAT(sensor_zero, 1000000001, BAD);
    HEAT(sensor_zero, INT32_MIN, BAD);
    HEAT(sensor_scale, 0, BAD);
    HEAT(sensor_scale, 10000001, BAD);
    HEAT(sensor_scale, -10000, FLOWLAB_STATUS_OK);
    HEAT(sensor_low, 4000, BAD);
    HEAT(sensor_high, 4096, BAD);
    HEAT(window_ms, 99, BAD);
    HEAT(window_ms, 60001, BAD);
    HEAT(max_output, 0, BAD);
    HEAT(max_output, 1001, BAD);
    HEAT(max_temperature, 1000001, BAD);
    HEAT(check_s, 0, BAD);
    HEAT(check_rise, 0, BAD);
    HEAT(max_on_ms, 0, BAD);
    HEAT(max_on_ms, 3600001, BAD);
}

static void a_switch_must_be_configured_by_the_commit(void) {
    begin();
    const flowlab_configure_axis axis = axis_configuration(STEPPER);
    configure_axis(&b, &axis);
    CHECK_EQUAL(configure_commit(&b), FLOWLAB_STATUS_BAD_CONFIGURATION);
    configure_input(&b, SWITCH, 0, 0, 0, 0);
    CHECK_EQUAL(configure_commit(&b), FLOWLAB_STATUS_OK);
}

static void begin_makes_safe_first(void) {
    bench_start(&b, 0);
    bench_ready(&b);
    set_output(&b, VALVE, 1, 1000);
    pump(&b, PUMP, 1000000, 1000);
    b.event_count = 0;
    CHECK_EQUAL(configure_begin(&b), FLOWLAB_STATUS_OK);
    bench_drain(&b);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_FLOATING);
    CHECK(!flowlab_board_step(&b.board, PUMP));
    CHECK_EQUAL(flowlab_board_state_of(&b.board), FLOWLAB_STATE_OPEN);
    CHECK_EQUAL(find_event(&b, FLOWLAB_ENDED, 1)->payload[1], FLOWLAB_ENDED_STOPPED);
    heartbeat(&b, 0);
    CHECK_EQUAL(answer_u16(&b, 17), 0);
}

static void what_is_kept_is_read_back(void) {
    bench_start(&b, 0);
    bench_ready(&b);
    uint8_t channel = HEATER;
    const flowlab_configure_heater sent = heater_configuration();
    flowlab_configure_heater heater;
    CHECK_EQUAL(ask(&b, FLOWLAB_READ_CONFIGURATION, &channel, 1), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u8(&b, 1), FLOWLAB_CONFIGURE_HEATER);
    CHECK_EQUAL(b.body_length, 3 + 2 + 36 + 2);
    flowlab_get_configure_heater(b.body + 5, &heater);
    CHECK(heater.channel == HEATER && heater.sensor_channel == PROBE && heater.sensor_scale == sent.sensor_scale);
    CHECK(heater.max_on_ms == sent.max_on_ms && heater.check_rise == sent.check_rise && heater.kp == sent.kp);
    CHECK(heater.window_ms == 1000 && heater.max_output == 1000 && heater.max_temperature == 39000 && heater.check_s == 20);
    channel = STEPPER;
    flowlab_configure_axis axis;
    CHECK_EQUAL(ask(&b, FLOWLAB_READ_CONFIGURATION, &channel, 1), FLOWLAB_STATUS_OK);
    flowlab_get_configure_axis(b.body + 5, &axis);
    CHECK(axis.channel == STEPPER && axis.max_rate == 10000000 && axis.acceleration == 5000 && axis.minimum == -100);
    CHECK(axis.limit_channel == SWITCH && axis.home_backward == 1 && axis.maximum == 100000 && axis.max_run_ms == 600000);
    channel = RELAY;
    const uint8_t relay[] = {FLOWLAB_CONFIGURE_OUTPUT, RELAY, 1, 0x80, 0xEE, 0x36, 0};
    CHECK_EQUAL(ask(&b, FLOWLAB_READ_CONFIGURATION, &channel, 1), FLOWLAB_STATUS_OK);
    CHECK(memcmp(b.body + 4, relay, sizeof relay) == 0);
    channel = UNUSED;
    CHECK_EQUAL(ask(&b, FLOWLAB_READ_CONFIGURATION, &channel, 1), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u8(&b, 1), 0);
    CHECK_EQUAL(b.body_length, 3 + 2 + 2);
    channel = CHANNELS;
    CHECK_EQUAL(ask(&b, FLOWLAB_READ_CONFIGURATION, &channel, 1), FLOWLAB_STATUS_BAD_CHANNEL);
}

static void channels_describe_themselves(void) {
    bench_start(&b, 0);
    uint8_t channel = STEPPER;
    CHECK_EQUAL(ask(&b, FLOWLAB_DESCRIBE, &channel, 1), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u8(&b, 1), FLOWLAB_KIND_STEPPER);
    CHECK(memcmp(b.body + 5, "D8\0\0\0\0\0\0", 8) == 0);
    CHECK_EQUAL(answer_u32(&b, 10), 20000000);
    channel = PROBE;
    CHECK_EQUAL(ask(&b, FLOWLAB_DESCRIBE, &channel, 1), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u16(&b, 14), 4095);
    channel = CHANNELS;
    CHECK_EQUAL(ask(&b, FLOWLAB_DESCRIBE, &channel, 1), FLOWLAB_STATUS_BAD_CHANNEL);
}

/* Tries on-times until the CRC is 0. */
static void a_crc_of_zero_is_told_as_one(void) {
    uint8_t bytes[7] = {FLOWLAB_CONFIGURE_OUTPUT, VALVE, 0};
    uint32_t ms = 1;
    do {
        ms++;
        flowlab_put_u32(bytes + 3, ms);
    } while (host_crc(bytes, 7) != 0 && ms < 3600000);
    CHECK_EQUAL(host_crc(bytes, 7), 0);
    begin();
    configure_output(&b, VALVE, 0, ms);
    CHECK_EQUAL(configure_commit(&b), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u16(&b, 1), 1);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
}

void test_configure(void) {
    RUN(configure_messages_need_configure_begin);
    RUN(commit_compares_count_and_crc);
    RUN(a_refused_message_does_not_count);
    RUN(limits_of_outputs_and_inputs);
    RUN(limits_of_axes);
    RUN(limits_of_heaters);
    RUN(a_switch_must_be_configured_by_the_commit);
    RUN(begin_makes_safe_first);
    RUN(what_is_kept_is_read_back);
    RUN(channels_describe_themselves);
    RUN(a_crc_of_zero_is_told_as_one);
}
