/* Sequences, sessions, the dead-man timer, faults. */
#include "bench.h"
#include "check.h"

static bench b;

static void booted_is_sent_once(void) {
    bench_start(&b, 5);
    bench_poll(&b);
    bench_drain(&b);
    CHECK_EQUAL(b.event_count, 1);
    CHECK_EQUAL(b.events[0].type, FLOWLAB_BOOTED);
    CHECK_EQUAL(b.events[0].number, 0);
    CHECK_EQUAL(b.events[0].payload[0], 200);
    CHECK_EQUAL(b.events[0].payload[1], 7);
    CHECK_EQUAL(b.events[0].payload[3], FLOWLAB_RESET_CAUSE_POWER_ON);
    bench_run(&b, 3000000);
    CHECK_EQUAL(b.event_count, 1);
}

static void hello_tells_who_is_there(void) {
    bench_start(&b, 77);
    CHECK_EQUAL(hello(&b, 0), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(flowlab_board_state_of(&b.board), FLOWLAB_STATE_IDLE);
    CHECK_EQUAL(hello(&b, 99), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u8(&b, 1), 1);
    CHECK_EQUAL(answer_u8(&b, 2), 200);
    CHECK_EQUAL(answer_u16(&b, 6), 0x7E);
    CHECK_EQUAL(answer_u32(&b, 8), FLOWLAB_DICTIONARY);
    CHECK_EQUAL(answer_u16(&b, 12), 7);
    CHECK_EQUAL(answer_u8(&b, 15), 1);
    CHECK_EQUAL(answer_u8(&b, 26), 12);
    CHECK_EQUAL(answer_u8(&b, 27), CHANNELS);
    CHECK_EQUAL(answer_u8(&b, 28), FLOWLAB_STATE_OPEN);
    CHECK_EQUAL(answer_u16(&b, 30), 0);
    CHECK_EQUAL(answer_u32(&b, 32), 99);
    CHECK_EQUAL(answer_u32(&b, 36), 77);
}

static void without_a_session_only_questions_and_stops_are_taken(void) {
    const uint8_t zeros[64] = {0};
    bench_start(&b, 0);
    CHECK_EQUAL(ask(&b, FLOWLAB_CLOCK, zeros, 9), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(ask(&b, FLOWLAB_DESCRIBE, zeros, 1), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(ask(&b, FLOWLAB_READ, zeros, 1), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(ask(&b, FLOWLAB_STOP, zeros, 0), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(ask(&b, FLOWLAB_CHANNEL_STOP, zeros, 1), FLOWLAB_STATUS_OK);
    for (uint8_t type = 1; type < 0x40; type++) {
        const uint8_t size = type == FLOWLAB_HEARTBEAT           ? 21
                             : type == FLOWLAB_CONFIGURE_BEGIN   ? 0
                             : type == FLOWLAB_CONFIGURE_COMMIT  ? 3
                             : type == FLOWLAB_READ_CONFIGURATION ? 1
                             : type == FLOWLAB_SET_OUTPUT        ? 6
                             : type == FLOWLAB_MOVE              ? 10
                             : type == FLOWLAB_SET_HEATER        ? 11
                             : type == FLOWLAB_SCHEDULE          ? 11
                             : type == FLOWLAB_CLEAR             ? 4
                                                                 : 255;
        if (size != 255) {
            CHECK_EQUAL(ask(&b, type, zeros, size), FLOWLAB_STATUS_NO_SESSION);
        }
    }
    bench_run(&b, 5000000);
    CHECK_EQUAL(flowlab_board_state_of(&b.board), FLOWLAB_STATE_IDLE);
}

static void the_same_number_gets_the_same_answer_and_does_nothing(void) {
    bench_start(&b, 0);
    bench_ready(&b);
    set_output(&b, VALVE, 1, 1000);
    uint8_t first[70];
    memcpy(first, b.body, 70);
    const unsigned length = b.body_length;
    bench_run(&b, 600000);
    uint8_t p[6] = {VALVE, 1};
    flowlab_put_u32(p + 2, 1000);
    b.beats = false;
    b.sequence++;
    CHECK_EQUAL(again(&b, b.sequence, FLOWLAB_SET_OUTPUT, p, 6), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u32(&b, 2), 1000);
    memcpy(first, b.body, 70);
    bench_run(&b, 300000);
    CHECK_EQUAL(again(&b, b.sequence, FLOWLAB_SET_OUTPUT, p, 6), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(b.body_length, length);
    CHECK(memcmp(first, b.body, length) == 0);
    CHECK_EQUAL(again(&b, b.sequence, FLOWLAB_STOP, NULL, 0), FLOWLAB_STATUS_STALE);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_HIGH);
    const uint64_t left = 700000 - 300000;
    heartbeat(&b, 0);
    bench_run(&b, left - 1 + 300000);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_HIGH); /* the repeated one did not move the end: 1 s from the second */
    bench_run(&b, 1);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
}

static void numbers_up_to_127_ahead_are_taken_and_others_are_stale(void) {
    bench_start(&b, 0);
    bench_open(&b);
    const uint8_t zeros[9] = {0};
    const uint8_t base = b.sequence;
    CHECK_EQUAL(again(&b, (uint8_t)(base + 128), FLOWLAB_CLOCK, zeros, 9), FLOWLAB_STATUS_STALE);
    CHECK_EQUAL(again(&b, (uint8_t)(base - 1), FLOWLAB_CLOCK, zeros, 9), FLOWLAB_STATUS_STALE);
    CHECK_EQUAL(again(&b, base, FLOWLAB_CLOCK, zeros, 9), FLOWLAB_STATUS_STALE);
    CHECK_EQUAL(again(&b, (uint8_t)(base + 127), FLOWLAB_CLOCK, zeros, 9), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(again(&b, (uint8_t)(base + 127 + 127), FLOWLAB_CLOCK, zeros, 9), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(again(&b, (uint8_t)(base + 254), FLOWLAB_CLOCK, zeros, 9), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(again(&b, base, FLOWLAB_CLOCK, zeros, 9), FLOWLAB_STATUS_OK); /* 2 ahead */
    b.sequence = 3;
    CHECK_EQUAL(hello(&b, 5), FLOWLAB_STATUS_OK); /* any number */
    CHECK_EQUAL(again(&b, 5, FLOWLAB_CLOCK, zeros, 9), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(again(&b, 4, FLOWLAB_CLOCK, zeros, 9), FLOWLAB_STATUS_STALE);
}

static void a_refused_request_is_repeated_too(void) {
    bench_start(&b, 0);
    bench_ready(&b);
    CHECK_EQUAL(set_output(&b, VALVE, 1, 0), FLOWLAB_STATUS_OUT_OF_RANGE);
    uint8_t p[6] = {VALVE, 1, 100, 0, 0, 0};
    CHECK_EQUAL(again(&b, b.sequence, FLOWLAB_SET_OUTPUT, p, 6), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
}

static void a_new_session_makes_safe_and_forgets(void) {
    bench_start(&b, 0);
    bench_ready(&b);
    set_output(&b, VALVE, 1, 10000);
    pump(&b, PUMP, 1000000, 100000);
    bench_run(&b, 100000);
    CHECK_EQUAL(hello(&b, BENCH_SESSION), FLOWLAB_STATUS_OK); /* the open one: nothing changes */
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_HIGH);
    CHECK_EQUAL(flowlab_board_state_of(&b.board), FLOWLAB_STATE_READY);
    CHECK_EQUAL(hello(&b, BENCH_SESSION + 1), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_FLOATING);
    CHECK(!flowlab_board_step(&b.board, PUMP));
    CHECK_EQUAL(flowlab_board_position(&b.board, PUMP), 0);
    CHECK_EQUAL(flowlab_board_state_of(&b.board), FLOWLAB_STATE_OPEN);
    CHECK_EQUAL(set_output(&b, VALVE, 1, 10), FLOWLAB_STATUS_NOT_CONFIGURED);
    heartbeat(&b, 0);
    CHECK_EQUAL(answer_u8(&b, 16), 0); /* no event */
    CHECK_EQUAL(answer_u16(&b, 17), 0);
}

static void a_heartbeat_of_another_session_feeds_nothing(void) {
    bench_start(&b, 0);
    bench_open(&b);
    b.beats = false;
    bench_run(&b, 900000);
    b.session = 1;
    CHECK_EQUAL(heartbeat(&b, 0), FLOWLAB_STATUS_WRONG_SESSION);
    CHECK_EQUAL(clear(&b, 1), FLOWLAB_STATUS_WRONG_SESSION);
    CHECK_EQUAL(hello(&b, BENCH_SESSION), FLOWLAB_STATUS_OK); /* nor does hello again */
    bench_run(&b, 99999);
    CHECK_EQUAL(flowlab_board_state_of(&b.board), FLOWLAB_STATE_OPEN);
    bench_run(&b, 1);
    CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_DEAD_MAN);
}

static void a_repeated_heartbeat_feeds_nothing(void) {
    bench_start(&b, 0);
    bench_open(&b);
    b.beats = false;
    heartbeat(&b, 0);
    uint8_t p[21] = {0};
    flowlab_put_u32(p, b.session);
    for (int i = 0; i < 9; i++) {
        bench_run(&b, 100000);
        CHECK_EQUAL(again(&b, b.sequence, FLOWLAB_HEARTBEAT, p, 21), FLOWLAB_STATUS_OK);
    }
    bench_run(&b, 100000);
    CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_DEAD_MAN);
}

static void dead_man_stops_everything_after_a_second(void) {
    bench_start(&b, 0xFFFFFFF0U);
    bench_ready(&b);
    set_output(&b, VALVE, 1, 60000);
    set_output(&b, RELAY, 1, 60000);
    pump(&b, PUMP, 1000000, 1000000);
    set_heater(&b, HEATER, 35000, 0, 60000);
    schedule_output(&b, (uint32_t)b.time + 5000000, LAMP, 1, 100);
    bench_run(&b, 3000000);
    CHECK_EQUAL(flowlab_board_state_of(&b.board), FLOWLAB_STATE_READY);
    b.event_count = 0;
    b.beats = false;
    heartbeat(&b, 0);
    bench_run(&b, 999999);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_HIGH);
    b.time++;
    bench_poll(&b);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
    CHECK_EQUAL(pin(&b, RELAY), FLOWLAB_PIN_HIGH);
    CHECK_EQUAL(pin(&b, HEATER), FLOWLAB_PIN_LOW);
    CHECK_EQUAL(flowlab_board_axis(&b.board, PUMP).interval, 0);
    CHECK(!flowlab_board_axis(&b.board, PUMP).is_enabled);
    CHECK(!flowlab_board_step(&b.board, PUMP));
    CHECK_EQUAL(b.board.queued, 0);
    CHECK_EQUAL(flowlab_board_state_of(&b.board), FLOWLAB_STATE_FAULT);
    bench_run(&b, 10000000);
    CHECK_EQUAL(find_event(&b, FLOWLAB_FAULTED, 0)->payload[0], FLOWLAB_FAULT_DEAD_MAN);
    CHECK_EQUAL(find_event(&b, FLOWLAB_FAULTED, 0)->payload[1], FLOWLAB_NO_CHANNEL);
    CHECK_EQUAL(find_event(&b, FLOWLAB_FAULTED, 1)->type, 0);
    CHECK_EQUAL(find_event(&b, FLOWLAB_ENDED, 3)->payload[1], FLOWLAB_ENDED_FAULT);
}

static void a_fault_is_cleared_only_in_a_session_after_it(void) {
    const uint8_t zeros[36] = {0};
    bench_start(&b, 0);
    bench_ready(&b);
    b.beats = false;
    bench_run(&b, 1500000);
    CHECK_EQUAL(heartbeat(&b, 0), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u8(&b, 9), FLOWLAB_STATE_FAULT);
    CHECK_EQUAL(answer_u8(&b, 10), FLOWLAB_FAULT_DEAD_MAN);
    CHECK_EQUAL(set_output(&b, VALVE, 1, 100), FLOWLAB_STATUS_FAULTED);
    CHECK_EQUAL(move_to(&b, STEPPER, 1, 1, 1000), FLOWLAB_STATUS_FAULTED);
    CHECK_EQUAL(home(&b, STEPPER, 1000, 1), FLOWLAB_STATUS_FAULTED);
    CHECK_EQUAL(pump(&b, PUMP, 1000, 1), FLOWLAB_STATUS_FAULTED);
    CHECK_EQUAL(set_heater(&b, HEATER, 1000, 1, 1), FLOWLAB_STATUS_FAULTED);
    CHECK_EQUAL(schedule_output(&b, (uint32_t)b.time + 1000, VALVE, 1, 1), FLOWLAB_STATUS_FAULTED);
    CHECK_EQUAL(configure_begin(&b), FLOWLAB_STATUS_FAULTED);
    CHECK_EQUAL(configure_output(&b, VALVE, 0, 1), FLOWLAB_STATUS_FAULTED);
    CHECK_EQUAL(configure_commit(&b), FLOWLAB_STATUS_FAULTED);
    CHECK_EQUAL(read_channel(&b, VALVE), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(ask(&b, FLOWLAB_READ_CONFIGURATION, zeros, 1), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(ask(&b, FLOWLAB_CLOCK, zeros, 9), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(stop(&b), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(channel_stop(&b, VALVE), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(clear(&b, BENCH_SESSION), FLOWLAB_STATUS_SAME_SESSION);
    CHECK_EQUAL(hello(&b, 777), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u8(&b, 28), FLOWLAB_STATE_FAULT);
    CHECK_EQUAL(set_output(&b, VALVE, 1, 100), FLOWLAB_STATUS_FAULTED);
    CHECK_EQUAL(clear(&b, BENCH_SESSION), FLOWLAB_STATUS_WRONG_SESSION);
    CHECK_EQUAL(clear(&b, 777), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u8(&b, 1), FLOWLAB_STATE_OPEN);
    CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_NONE);
    CHECK_EQUAL(clear(&b, 777), FLOWLAB_STATUS_OK); /* nothing to clear */
}

static void the_first_fault_is_kept(void) {
    bench_start(&b, 0);
    bench_ready(&b);
    flowlab_board_set_input(&b.board, STOP_BUTTON, true);
    bench_run(&b, 20000);
    CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_EMERGENCY_STOP);
    b.beats = false;
    bench_run(&b, 3000000);
    CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_EMERGENCY_STOP);
    CHECK_EQUAL(find_event(&b, FLOWLAB_FAULTED, 0)->payload[0], FLOWLAB_FAULT_EMERGENCY_STOP);
    CHECK_EQUAL(find_event(&b, FLOWLAB_FAULTED, 0)->payload[1], STOP_BUTTON);
    CHECK_EQUAL(find_event(&b, FLOWLAB_FAULTED, 1)->payload[0], FLOWLAB_FAULT_DEAD_MAN);
}

static void heartbeat_and_clock_tell_both_times(void) {
    bench_start(&b, 1000);
    bench_open(&b);
    b.beats = false;
    uint8_t p[21] = {0};
    flowlab_put_u32(p, b.session);
    b.time = 5000;
    host_send(&b, ++b.sequence, FLOWLAB_HEARTBEAT, p, 21);
    b.time = 5200;
    bench_poll(&b);
    b.time = 5300;
    bench_drain(&b);
    CHECK_EQUAL(b.body_length, 3 + 21 + 2);
    CHECK_EQUAL(answer_u32(&b, 1), 5000);
    CHECK_EQUAL(answer_u32(&b, 5), 5300);
    b.time = 6000;
    host_send(&b, ++b.sequence, FLOWLAB_CLOCK, p + 5, 9);
    b.time = 6100;
    bench_poll(&b);
    bench_poll(&b);
    b.time = 6400;
    bench_drain(&b);
    CHECK_EQUAL(b.body_length, 3 + 9 + 2);
    CHECK_EQUAL(answer_u32(&b, 1), 6000);
    CHECK_EQUAL(answer_u32(&b, 5), 6400);
    b.time = 7000;
    CHECK_EQUAL(again(&b, b.sequence, FLOWLAB_CLOCK, p + 5, 9), FLOWLAB_STATUS_OK); /* the kept answer is the old one */
    CHECK_EQUAL(answer_u32(&b, 5), 6400);
}

static void a_stop_acts_while_another_answer_is_under_way(void) {
    bench_start(&b, 0);
    bench_ready(&b);
    uint8_t p[6] = {VALVE, 1};
    flowlab_put_u32(p + 2, 1000);
    host_send(&b, ++b.sequence, FLOWLAB_SET_OUTPUT, p, 6);
    bench_poll(&b);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_HIGH);
    uint8_t byte = 0;
    CHECK(flowlab_board_transmit(&b.board, &byte, 0)); /* its answer has begun */
    b.raw[b.raw_length++] = byte;
    host_send(&b, ++b.sequence, FLOWLAB_STOP, NULL, 0);
    bench_poll(&b);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
    const unsigned answers = b.answers;
    const unsigned bad = b.bad_frames;
    bench_drain(&b);
    CHECK_EQUAL(b.answers, answers + 2);
    CHECK_EQUAL(b.bad_frames, bad);
    CHECK_EQUAL(b.body[2], FLOWLAB_STOP | 0x80);
}

static void three_requests_at_once_get_three_answers(void) {
    bench_start(&b, 0);
    bench_ready(&b);
    uint8_t channel = VALVE;
    const unsigned answers = b.answers;
    host_send(&b, ++b.sequence, FLOWLAB_READ, &channel, 1);
    host_send(&b, ++b.sequence, FLOWLAB_CHANNEL_STOP, &channel, 1);
    host_send(&b, ++b.sequence, FLOWLAB_STOP, NULL, 0);
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(flowlab_board_next_due(&b.board, (uint32_t)b.time), 0);
        bench_poll(&b);
        bench_drain(&b);
    }
    CHECK_EQUAL(b.answers, answers + 3);
    CHECK_EQUAL(b.body[1], b.sequence);
}

static void a_request_waits_for_the_answer_before_it(void) {
    bench_start(&b, 0);
    bench_ready(&b);
    uint8_t channel = VALVE;
    const unsigned answers = b.answers;
    host_send(&b, ++b.sequence, FLOWLAB_READ, &channel, 1);
    host_send(&b, ++b.sequence, FLOWLAB_STOP, NULL, 0);
    bench_poll(&b);
    bench_poll(&b);
    bench_poll(&b);
    CHECK_EQUAL(b.board.sequence, b.sequence - 1);
    bench_drain(&b);
    CHECK_EQUAL(b.answers, answers + 1);
    bench_poll(&b);
    bench_drain(&b);
    CHECK_EQUAL(b.answers, answers + 2);
    CHECK_EQUAL(b.body[1], b.sequence);
}

static void damaged_memory_is_a_fault_that_starves_the_watchdog(void) {
    bench_start(&b, 0);
    bench_ready(&b);
    set_output(&b, VALVE, 1, 1000);
    CHECK(flowlab_board_poll(&b.board, (uint32_t)b.time));
    b.board.state = 77;
    CHECK(!flowlab_board_poll(&b.board, (uint32_t)b.time));
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
    CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_INTERNAL);
}

void test_session(void) {
    RUN(booted_is_sent_once);
    RUN(hello_tells_who_is_there);
    RUN(without_a_session_only_questions_and_stops_are_taken);
    RUN(the_same_number_gets_the_same_answer_and_does_nothing);
    RUN(numbers_up_to_127_ahead_are_taken_and_others_are_stale);
    RUN(a_refused_request_is_repeated_too);
    RUN(a_new_session_makes_safe_and_forgets);
    RUN(a_heartbeat_of_another_session_feeds_nothing);
    RUN(a_repeated_heartbeat_feeds_nothing);
    RUN(dead_man_stops_everything_after_a_second);
    RUN(a_fault_is_cleared_only_in_a_session_after_it);
    RUN(the_first_fault_is_kept);
    RUN(heartbeat_and_clock_tell_both_times);
    RUN(a_stop_acts_while_another_answer_is_under_way);
    RUN(three_requests_at_once_get_three_answers);
    RUN(a_request_waits_for_the_answer_before_it);
    RUN(damaged_memory_is_a_fault_that_starves_the_watchdog);
}
