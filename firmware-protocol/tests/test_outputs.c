/* Digital outputs: on for a finite time, off at a fault, a stop, a new session. */
#include "bench.h"
#include "check.h"

static bench b;

static void an_output_floats_until_it_is_committed(void) {
    bench_start(&b, 0);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_FLOATING);
    bench_open(&b);
    configure_begin(&b);
    configure_output(&b, VALVE, 0, 1000);
    configure_output(&b, RELAY, 1, 1000);
    CHECK_EQUAL(pin(&b, RELAY), FLOWLAB_PIN_FLOATING);
    CHECK_EQUAL(configure_commit(&b), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
    CHECK_EQUAL(pin(&b, RELAY), FLOWLAB_PIN_HIGH);
    CHECK_EQUAL(pin(&b, LAMP), FLOWLAB_PIN_FLOATING);
}

static void on_ends_by_itself_to_the_microsecond(void) {
    bench_start(&b, 0);
    bench_ready(&b);
    b.event_count = 0;
    CHECK_EQUAL(set_output(&b, VALVE, 1, 3000), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u8(&b, 1), 1);
    CHECK_EQUAL(answer_u32(&b, 2), 3000);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_HIGH);
    bench_run(&b, 2999999);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_HIGH);
    bench_run(&b, 1);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
    const bench_event *ended = find_event(&b, FLOWLAB_ENDED, 0);
    CHECK_EQUAL(ended->payload[0], VALVE);
    CHECK_EQUAL(ended->payload[1], FLOWLAB_ENDED_EXPIRED);
    CHECK_EQUAL(event_u32(ended, 6), (uint32_t)b.time);
    CHECK_EQUAL(flowlab_board_state_of(&b.board), FLOWLAB_STATE_READY);
}

static void on_again_moves_the_end(void) {
    bench_start(&b, 0);
    bench_ready(&b);
    set_output(&b, VALVE, 1, 1000);
    bench_run(&b, 900000);
    set_output(&b, VALVE, 1, 1000);
    bench_run(&b, 999999);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_HIGH);
    bench_run(&b, 1);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
}

static void durations_and_levels_have_limits(void) {
    bench_start(&b, 0);
    bench_ready(&b);
    CHECK_EQUAL(set_output(&b, VALVE, 1, 0), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(set_output(&b, VALVE, 1, 60001), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(set_output(&b, VALVE, 1, 0xFFFFFFFF), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(set_output(&b, VALVE, 2, 10), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(set_output(&b, VALVE, 0, 10), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(set_output(&b, SWITCH, 1, 10), FLOWLAB_STATUS_WRONG_KIND);
    CHECK_EQUAL(set_output(&b, CHANNELS, 1, 10), FLOWLAB_STATUS_BAD_CHANNEL);
    CHECK_EQUAL(set_output(&b, 255, 1, 10), FLOWLAB_STATUS_BAD_CHANNEL);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
    CHECK_EQUAL(set_output(&b, VALVE, 1, 60000), FLOWLAB_STATUS_OK);
}

static void off_channel_stop_and_stop_switch_off_at_once(void) {
    bench_start(&b, 0);
    bench_ready(&b);
    set_output(&b, VALVE, 1, 1000);
    CHECK_EQUAL(set_output(&b, VALVE, 0, 0), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u8(&b, 1), 0);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
    set_output(&b, RELAY, 1, 1000);
    CHECK_EQUAL(pin(&b, RELAY), FLOWLAB_PIN_LOW);
    CHECK_EQUAL(channel_stop(&b, RELAY), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u8(&b, 1), 0);
    CHECK_EQUAL(pin(&b, RELAY), FLOWLAB_PIN_HIGH);
    set_output(&b, VALVE, 1, 1000);
    CHECK_EQUAL(stop(&b), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u16(&b, 1), 0);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
    CHECK_EQUAL(channel_stop(&b, CHANNELS), FLOWLAB_STATUS_BAD_CHANNEL);
}

static void an_hour_on_lasts_an_hour_across_turns_of_the_counter(void) {
    bench_start(&b, 0xFFFFFFFFU - 10000000U);
    bench_ready(&b);
    CHECK_EQUAL(set_output(&b, RELAY, 1, 3600000), FLOWLAB_STATUS_OK);
    bench_run(&b, UINT64_C(3599999999));
    CHECK_EQUAL(pin(&b, RELAY), FLOWLAB_PIN_LOW);
    CHECK_EQUAL(read_channel(&b, RELAY), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u32(&b, 12), 1);
    bench_run(&b, 1);
    CHECK_EQUAL(pin(&b, RELAY), FLOWLAB_PIN_HIGH);
}

void test_outputs(void) {
    RUN(an_output_floats_until_it_is_committed);
    RUN(on_ends_by_itself_to_the_microsecond);
    RUN(on_again_moves_the_end);
    RUN(durations_and_levels_have_limits);
    RUN(off_channel_stop_and_stop_switch_off_at_once);
    RUN(an_hour_on_lasts_an_hour_across_turns_of_the_counter);
}
