/* Digital and analog inputs. */
#include "bench.h"
#include "check.h"

static bench b;

static void begin(void) {
    bench_start(&b, 0xFFFFF000U);
    bench_ready(&b);
    b.event_count = 0;
}

static void a_change_counts_when_it_has_held(void) {
    begin();
    bench_run(&b, 1000);
    flowlab_board_set_input(&b.board, SWITCH, true);
    bench_poll(&b);
    bench_run(&b, 4999);
    CHECK_EQUAL(read_channel(&b, SWITCH), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u32(&b, 4), 0);
    bench_run(&b, 1);
    CHECK_EQUAL(read_channel(&b, SWITCH), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u32(&b, 4), 1);
    const bench_event *input = find_event(&b, FLOWLAB_INPUT, 0);
    CHECK_EQUAL(input->payload[0], SWITCH);
    CHECK_EQUAL(input->payload[1], 1);
    CHECK_EQUAL(event_u32(input, 2), (uint32_t)b.time);
    heartbeat(&b, 0);
    CHECK_EQUAL(answer_u16(&b, 13), 1U << SWITCH);
}

static void a_bounce_is_no_change(void) {
    begin();
    for (int i = 0; i < 50; i++) {
        flowlab_board_set_input(&b.board, SWITCH, i % 2 == 0);
        bench_poll(&b);
        bench_run(&b, 4000);
    }
    CHECK_EQUAL(find_event(&b, FLOWLAB_INPUT, 0)->type, 0);
}

static void active_low_turns_the_level(void) {
    bench_start(&b, 0);
    bench_open(&b);
    flowlab_board_set_input(&b.board, SWITCH, true);
    configure_begin(&b);
    configure_input(&b, SWITCH, 1, 0, 0, 0);
    configure_commit(&b);
    read_channel(&b, SWITCH);
    CHECK_EQUAL(answer_u32(&b, 4), 0);
    flowlab_board_set_input(&b.board, SWITCH, false);
    bench_poll(&b);
    read_channel(&b, SWITCH);
    CHECK_EQUAL(answer_u32(&b, 4), 1);
    bench_drain(&b);
    CHECK_EQUAL(find_event(&b, FLOWLAB_INPUT, 0)->type, 0); /* it does not report */
}

static void the_emergency_stop_is_a_fault_in_the_same_poll(void) {
    begin();
    set_output(&b, VALVE, 1, 1000);
    pump(&b, PUMP, 1000000, 1000);
    flowlab_board_set_input(&b.board, STOP_BUTTON, true);
    bench_poll(&b);
    b.time += 9999;
    bench_poll(&b);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_HIGH);
    b.time += 1;
    bench_poll(&b);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
    CHECK(!flowlab_board_step(&b.board, PUMP));
    CHECK_EQUAL(flowlab_board_axis(&b.board, PUMP).interval, 0);
    CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_EMERGENCY_STOP);
}

static void an_emergency_stop_that_is_on_at_the_commit_is_a_fault(void) {
    bench_start(&b, 0);
    flowlab_board_set_input(&b.board, STOP_BUTTON, true);
    bench_ready(&b);
    CHECK_EQUAL(set_output(&b, VALVE, 1, 10), FLOWLAB_STATUS_FAULTED);
    CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_EMERGENCY_STOP);
    b.session = 4;
    hello(&b, 4);
    clear(&b, 4);
    bench_ready(&b); /* the button is still on */
    CHECK_EQUAL(set_output(&b, VALVE, 1, 10), FLOWLAB_STATUS_FAULTED);
}

static uint32_t mean(void) {
    read_channel(&b, PROBE);
    return answer_u32(&b, 4);
}

static void the_mean_follows(void) {
    begin();
    CHECK_EQUAL(mean(), 2000);
    flowlab_board_set_analog(&b.board, PROBE, 2400);
    bench_run(&b, 10000);
    CHECK_EQUAL(mean(), 2100); /* a quarter of the way, with 4 samples */
    bench_run(&b, 10000);
    CHECK_EQUAL(mean(), 2175);
    bench_run(&b, 400000);
    CHECK_EQUAL(mean(), 2400);
    flowlab_board_set_analog(&b.board, PROBE, 0);
    bench_run(&b, 20000);
    CHECK(mean() > 0);
}

static void an_input_that_is_not_configured_tells_its_pin(void) {
    bench_start(&b, 0);
    flowlab_board_set_input(&b.board, SWITCH, true);
    flowlab_board_set_analog(&b.board, PROBE, 77);
    flowlab_board_set_input(&b.board, VALVE, true);
    flowlab_board_set_input(&b.board, 200, true);
    flowlab_board_set_analog(&b.board, 200, 1);
    read_channel(&b, SWITCH);
    CHECK_EQUAL(answer_u32(&b, 4), 1);
    CHECK_EQUAL(mean(), 77);
    CHECK_EQUAL(read_channel(&b, CHANNELS), FLOWLAB_STATUS_BAD_CHANNEL);
}

void test_inputs(void) {
    RUN(a_change_counts_when_it_has_held);
    RUN(a_bounce_is_no_change);
    RUN(active_low_turns_the_level);
    RUN(the_emergency_stop_is_a_fault_in_the_same_poll);
    RUN(an_emergency_stop_that_is_on_at_the_commit_is_a_fault);
    RUN(the_mean_follows);
    RUN(an_input_that_is_not_configured_tells_its_pin);
}
