/* Steppers and peristaltic pumps. */
#include "bench.h"
#include "check.h"

static bench b;

static void begin(void) {
    bench_start(&b, 1000);
    bench_fast_ready(&b, 0);
    b.event_count = 0;
}

static uint8_t reason_of_end(unsigned nth) { return find_event(&b, FLOWLAB_ENDED, nth)->payload[1]; }

static double seconds_between_steps(unsigned i) { return (double)(b.last_step[i] - b.first_step[i]) / 16e6; }

static void a_move_has_exactly_its_steps_and_is_no_faster_than_its_rate(void) {
    begin();
    CHECK_EQUAL(move_to(&b, STEPPER, 1, 4000, 2000000), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u32(&b, 1), 4000);
    bench_run(&b, 4000000);
    CHECK_EQUAL(b.steps[0], 4000);
    CHECK_EQUAL(flowlab_board_position(&b.board, STEPPER), 4000);
    CHECK_EQUAL(reason_of_end(0), FLOWLAB_ENDED_FINISHED);
    CHECK_EQUAL(event_u32(find_event(&b, FLOWLAB_ENDED, 0), 2), 4000);
    CHECK(b.shortest[0] >= 8000 - 32); /* 2000 steps a second are 500 us, of which the test's clock takes 1 */
    /* 0.4 s and 400 steps to speed up and to slow down, 3200 steps at 2000 a second between: 2.4 s */
    CHECK(seconds_between_steps(0) > 2.3 && seconds_between_steps(0) < 2.45);
    CHECK(!flowlab_board_step(&b.board, STEPPER));
}

static void a_short_move_is_a_triangle(void) {
    begin();
    move_to(&b, STEPPER, 1, 200, 10000000);
    bench_run(&b, 2000000);
    CHECK_EQUAL(b.steps[0], 200);
    /* The peak is sqrt(5000 * 200) = 1000 steps a second, and it takes 2 * sqrt(200 / 5000) = 0.4 s. */
    CHECK(b.shortest[0] > 15000 && b.shortest[0] < 17500);
    CHECK(seconds_between_steps(0) > 0.33 && seconds_between_steps(0) < 0.45);
}

static void speed_changes_by_no_more_than_the_acceleration(void) {
    begin();
    move_to(&b, STEPPER, 1, -3000, 3000000);
    uint32_t speed = b.board.axis[0].speed;
    const uint32_t start = speed;
    uint32_t fastest = 0;
    for (int i = 0; i < 3000 && b.board.axis[0].is_moving; i++) {
        bench_run(&b, 1000);
        const uint32_t now = b.board.axis[0].speed;
        const uint32_t change = now > speed ? now - speed : speed - now;
        CHECK(change <= 5000);
        CHECK(now >= start);
        fastest = now > fastest ? now : fastest;
        speed = now;
    }
    CHECK_EQUAL(fastest, 3000000);
    CHECK_EQUAL(flowlab_board_position(&b.board, STEPPER), -3000);
    CHECK(b.board.axis[0].speed <= start + 60000); /* it had slowed down before the last step */
}

static void every_short_move_ends_where_it_must(void) {
    begin();
    int32_t position = 0;
    for (int32_t steps = 1; steps < 60; steps++) {
        move_to(&b, STEPPER, 1, steps % 2 == 0 ? steps : -steps, 10000000);
        position += steps % 2 == 0 ? steps : -steps;
        bench_run(&b, 600000);
        CHECK_EQUAL(flowlab_board_position(&b.board, STEPPER), position);
        CHECK(!b.board.axis[0].is_moving);
    }
}

static void a_move_of_no_steps_ends_at_once(void) {
    begin();
    CHECK_EQUAL(move_to(&b, STEPPER, 1, 0, 1000000), FLOWLAB_STATUS_OK);
    bench_run(&b, 1);
    CHECK_EQUAL(b.steps[0], 0);
    CHECK_EQUAL(reason_of_end(0), FLOWLAB_ENDED_FINISHED);
}

static void home_stops_at_the_switch_and_sets_zero(void) {
    begin();
    CHECK_EQUAL(move_to(&b, STEPPER, 0, 10, 1000000), FLOWLAB_STATUS_NOT_HOMED);
    b.hits_switch_at_zero = true;
    b.place = 50;
    CHECK_EQUAL(home(&b, STEPPER, 500000, 1000), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(move_to(&b, STEPPER, 1, 10, 1000000), FLOWLAB_STATUS_BUSY);
    CHECK_EQUAL(home(&b, STEPPER, 500000, 1000), FLOWLAB_STATUS_BUSY);
    bench_run(&b, 2000000);
    CHECK_EQUAL(b.steps[0], 51);
    CHECK_EQUAL(flowlab_board_position(&b.board, STEPPER), 0);
    CHECK_EQUAL(reason_of_end(0), FLOWLAB_ENDED_FINISHED);
    CHECK_EQUAL(read_channel(&b, STEPPER), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u8(&b, 3), FLOWLAB_READ_FLAG_HOMED | FLOWLAB_READ_FLAG_LIMIT | FLOWLAB_READ_FLAG_ENABLED);
    CHECK_EQUAL(move_to(&b, STEPPER, 0, -10, 1000000), FLOWLAB_STATUS_LIMIT);
    CHECK_EQUAL(move_to(&b, STEPPER, 0, 100001, 1000000), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(move_to(&b, STEPPER, 1, 100001, 1000000), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(move_to(&b, STEPPER, 1, 0x7FFFFFFF, 1000000), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(move_to(&b, STEPPER, 0, 120, 1000000), FLOWLAB_STATUS_OK);
    bench_run(&b, 2000000);
    CHECK_EQUAL(b.steps[0], 171);
    CHECK_EQUAL(b.place, 119);
    CHECK_EQUAL(home(&b, STEPPER, 500000, 0), FLOWLAB_STATUS_OUT_OF_RANGE);
}

static void home_at_the_switch_takes_no_step(void) {
    begin();
    flowlab_board_set_input(&b.board, SWITCH, true);
    bench_run(&b, 1000);
    CHECK_EQUAL(home(&b, STEPPER, 500000, 1000), FLOWLAB_STATUS_OK);
    bench_run(&b, 1000);
    CHECK_EQUAL(b.steps[0], 0);
    CHECK(b.board.axis[0].is_homed);
}

static void home_without_the_switch_ends_after_its_steps(void) {
    begin();
    home(&b, STEPPER, 500000, 40);
    bench_run(&b, 2000000);
    CHECK_EQUAL(b.steps[0], 40);
    CHECK_EQUAL(reason_of_end(0), FLOWLAB_ENDED_EXPIRED);
    CHECK(!b.board.axis[0].is_homed);
    begin();
    configure_begin(&b);
    flowlab_configure_axis axis = axis_configuration(STEPPER);
    axis.limit_channel = FLOWLAB_NO_CHANNEL;
    configure_axis(&b, &axis);
    CHECK_EQUAL(configure_commit(&b), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(home(&b, STEPPER, 500000, 40), FLOWLAB_STATUS_NOT_CONFIGURED);
}

static void a_switch_in_the_way_ends_the_move(void) {
    begin();
    b.hits_switch_at_zero = true;
    b.place = 30;
    move_to(&b, STEPPER, 1, -100, 500000);
    bench_run(&b, 1000000);
    CHECK_EQUAL(b.steps[0], 31);
    CHECK_EQUAL(reason_of_end(0), FLOWLAB_ENDED_LIMIT);
    CHECK_EQUAL(flowlab_board_axis(&b.board, STEPPER).interval, 0);
    CHECK_EQUAL(move_to(&b, STEPPER, 1, -1, 500000), FLOWLAB_STATUS_LIMIT);
    CHECK_EQUAL(move_to(&b, STEPPER, 1, 100, 500000), FLOWLAB_STATUS_OK);
    bench_run(&b, 1000000);
    CHECK_EQUAL(b.steps[0], 131);
}

static void a_stop_is_at_once_and_forgets_home(void) {
    begin();
    flowlab_board_set_input(&b.board, SWITCH, true);
    bench_run(&b, 1000);
    home(&b, STEPPER, 500000, 10);
    bench_run(&b, 1000);
    CHECK_EQUAL(stop(&b), FLOWLAB_STATUS_OK);
    CHECK(b.board.axis[0].is_homed); /* nothing was cut short */
    move_to(&b, STEPPER, 0, 1000, 1000000);
    bench_run(&b, 300000);
    const unsigned steps = b.steps[0];
    CHECK(steps > 0);
    CHECK_EQUAL(stop(&b), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u16(&b, 1), 0);
    CHECK_EQUAL(flowlab_board_axis(&b.board, STEPPER).interval, 0);
    CHECK(!flowlab_board_step(&b.board, STEPPER));
    bench_run(&b, 300000);
    CHECK_EQUAL(b.steps[0], steps);
    CHECK_EQUAL(move_to(&b, STEPPER, 0, 10, 1000000), FLOWLAB_STATUS_NOT_HOMED);
}

static void a_pump_goes_on_at_a_new_rate(void) {
    begin();
    CHECK_EQUAL(pump(&b, PUMP, 1000000, 10000), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u32(&b, 1), 10000);
    bench_run(&b, 1000000);
    const int32_t position = flowlab_board_position(&b.board, PUMP);
    CHECK(position > 700 && position < 1000);
    CHECK_EQUAL(pump(&b, PUMP, 2000000, -10), FLOWLAB_STATUS_BUSY);
    CHECK_EQUAL(pump(&b, PUMP, 2000000, 500), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u32(&b, 1), (uint32_t)position + 500);
    CHECK(flowlab_board_axis(&b.board, PUMP).interval > 0);
    CHECK(b.board.axis[1].speed >= 990000); /* it did not start anew */
    bench_run(&b, 2000000);
    CHECK_EQUAL(flowlab_board_position(&b.board, PUMP), position + 500);
    CHECK_EQUAL(find_event(&b, FLOWLAB_ENDED, 1)->type, 0); /* one run, one end */
    CHECK_EQUAL(pump(&b, PUMP, 2000000, -20), FLOWLAB_STATUS_OK);
    bench_run(&b, 1000000);
    CHECK_EQUAL(flowlab_board_position(&b.board, PUMP), position + 480);
}

static void a_pump_slows_down_to_a_new_rate(void) {
    begin();
    pump(&b, PUMP, 2000000, 10000);
    bench_run(&b, 1000000);
    CHECK_EQUAL(b.board.axis[1].speed, 2000000);
    pump(&b, PUMP, 4, 10000);
    bench_run(&b, 300000);
    CHECK(b.board.axis[1].speed < 2000000 - 290 * 5000);
    bench_run(&b, 300000);
    CHECK_EQUAL(b.board.axis[1].speed, 4);
    CHECK_EQUAL(flowlab_board_axis(&b.board, PUMP).interval, 4000000000U);
}

static void what_axes_cannot_do_is_refused(void) {
    begin();
    CHECK_EQUAL(pump(&b, PUMP, 0, 10), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(pump(&b, PUMP, 3, 10), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(pump(&b, PUMP, 10000001, 10), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(pump(&b, PUMP, 1000, 0), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(pump(&b, PUMP, 1000, INT32_MIN), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(pump(&b, STEPPER, 1000, 10), FLOWLAB_STATUS_WRONG_KIND);
    CHECK_EQUAL(move_to(&b, PUMP, 1, 10, 1000), FLOWLAB_STATUS_WRONG_KIND);
    CHECK_EQUAL(move_to(&b, STEPPER, 2, 10, 1000), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(move_to(&b, STEPPER, 1, INT32_MIN, 1000), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(home(&b, STEPPER, 1000, 0x80000000U), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(home(&b, PUMP, 1000, 10), FLOWLAB_STATUS_WRONG_KIND);
    CHECK_EQUAL(flowlab_board_axis(&b.board, STEPPER).interval, 0);
    CHECK(!flowlab_board_step(&b.board, PUMP));
    CHECK(!flowlab_board_step(&b.board, VALVE));
    CHECK(!flowlab_board_step(&b.board, 200));
}

static void a_run_ends_after_its_longest_time(void) {
    begin();
    pump(&b, PUMP, 4, 1000000);
    bench_run(&b, 599999999);
    CHECK(b.board.axis[1].is_moving);
    bench_run(&b, 1);
    CHECK(!b.board.axis[1].is_moving);
    CHECK_EQUAL(reason_of_end(0), FLOWLAB_ENDED_EXPIRED);
    CHECK_EQUAL(b.steps[1], 2);
}

static void the_count_of_a_pump_turns_over(void) {
    begin();
    b.board.axis[1].position = INT32_MAX - 5;
    CHECK_EQUAL(pump(&b, PUMP, 1000000, 10), FLOWLAB_STATUS_OK);
    bench_run(&b, 1000000);
    CHECK_EQUAL(flowlab_board_position(&b.board, PUMP), INT32_MIN + 4);
}

static void inverted_changes_the_level_of_the_direction_only(void) {
    begin();
    configure_begin(&b);
    flowlab_configure_axis axis = axis_configuration(PUMP);
    axis.inverted = 1;
    configure_axis(&b, &axis);
    configure_commit(&b);
    CHECK(!flowlab_board_axis(&b.board, PUMP).is_enabled);
    pump(&b, PUMP, 1000000, 10);
    CHECK(flowlab_board_axis(&b.board, PUMP).is_enabled);
    CHECK(!flowlab_board_axis(&b.board, PUMP).is_dir_high);
    bench_run(&b, 1000000);
    CHECK_EQUAL(flowlab_board_position(&b.board, PUMP), 10);
    pump(&b, PUMP, 1000000, -10);
    CHECK(flowlab_board_axis(&b.board, PUMP).is_dir_high);
}

static void intervals_are_exact(void) {
    begin();
    static const uint32_t rates[] = {4, 5, 7, 999, 1000, 33333, 1000000, 12345678, 20000000};
    for (unsigned i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        b.board.axis[0].configuration.max_rate = 20000000;
        move_to(&b, STEPPER, 1, 100000, rates[i]);
        b.board.axis[0].configuration.acceleration = 1000000000;
        b.board.axis[0].speed = 4;
        bench_run(&b, 1001);
        CHECK_EQUAL(flowlab_board_axis(&b.board, STEPPER).interval, UINT64_C(16000000000) / rates[i]);
        stop(&b);
    }
}

void test_axes(void) {
    RUN(a_move_has_exactly_its_steps_and_is_no_faster_than_its_rate);
    RUN(a_short_move_is_a_triangle);
    RUN(speed_changes_by_no_more_than_the_acceleration);
    RUN(every_short_move_ends_where_it_must);
    RUN(a_move_of_no_steps_ends_at_once);
    RUN(home_stops_at_the_switch_and_sets_zero);
    RUN(home_at_the_switch_takes_no_step);
    RUN(home_without_the_switch_ends_after_its_steps);
    RUN(a_switch_in_the_way_ends_the_move);
    RUN(a_stop_is_at_once_and_forgets_home);
    RUN(a_pump_goes_on_at_a_new_rate);
    RUN(a_pump_slows_down_to_a_new_rate);
    RUN(what_axes_cannot_do_is_refused);
    RUN(a_run_ends_after_its_longest_time);
    RUN(the_count_of_a_pump_turns_over);
    RUN(inverted_changes_the_level_of_the_direction_only);
    RUN(intervals_are_exact);
}
