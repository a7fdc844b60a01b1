/* Events: numbers, the ring, and what is sent again. */
#include "bench.h"
#include "check.h"

static bench b;

static void begin(void) {
    bench_start(&b, 0);
    bench_ready(&b);
    b.beats = false;
    b.event_count = 0;
}

static void click(void) { /* one event */
    set_output(&b, VALVE, 1, 1000);
    set_output(&b, VALVE, 0, 0);
}

static void they_are_numbered_from_one(void) {
    begin();
    click();
    click();
    CHECK_EQUAL(b.event_count, 2);
    CHECK_EQUAL(b.events[0].number, 1);
    CHECK_EQUAL(b.events[1].number, 2);
    CHECK_EQUAL(b.events[0].payload[1], FLOWLAB_ENDED_STOPPED);
}

static void what_was_not_seen_comes_again_after_each_heartbeat(void) {
    begin();
    click();
    click();
    click();
    b.event_count = 0;
    heartbeat(&b, 1);
    CHECK_EQUAL(answer_u8(&b, 16), 3);
    CHECK_EQUAL(b.event_count, 2);
    CHECK_EQUAL(b.events[0].number, 2);
    CHECK_EQUAL(b.events[1].number, 3);
    heartbeat(&b, 1);
    CHECK_EQUAL(b.event_count, 4);
    heartbeat(&b, 3);
    CHECK_EQUAL(b.event_count, 4);
    heartbeat(&b, 77); /* no such event */
    CHECK_EQUAL(b.event_count, 4);
}

static void the_oldest_of_nine_goes(void) {
    begin();
    for (int i = 0; i < 9; i++) {
        click();
    }
    b.event_count = 0;
    heartbeat(&b, 0);
    CHECK_EQUAL(b.event_count, 8);
    CHECK_EQUAL(b.events[0].number, 2);
    CHECK_EQUAL(b.events[7].number, 9);
}

static void numbers_turn_over(void) {
    begin();
    for (int i = 0; i < 255; i++) {
        b.event_count = 0;
        click();
        heartbeat(&b, (uint8_t)i);
    }
    b.event_count = 0;
    click();
    CHECK_EQUAL(b.events[0].number, 0);
    click();
    CHECK_EQUAL(b.events[1].number, 1);
    b.event_count = 0;
    heartbeat(&b, 255);
    CHECK_EQUAL(b.event_count, 2);
    heartbeat(&b, 0);
    CHECK_EQUAL(b.event_count, 3);
    heartbeat(&b, 1);
    CHECK_EQUAL(b.event_count, 3);
}

static void a_new_session_has_none(void) {
    begin();
    click();
    hello(&b, 5);
    b.event_count = 0;
    heartbeat(&b, 0);
    CHECK_EQUAL(b.event_count, 0);
    CHECK_EQUAL(answer_u8(&b, 16), 0);
}

static void the_fault_comes_behind_what_it_ended(void) {
    begin();
    set_output(&b, VALVE, 1, 10000);
    set_output(&b, RELAY, 1, 10000);
    bench_run(&b, 1100000);
    CHECK_EQUAL(b.event_count, 3);
    CHECK_EQUAL(b.events[0].type, FLOWLAB_ENDED);
    CHECK_EQUAL(b.events[0].payload[1], FLOWLAB_ENDED_FAULT);
    CHECK_EQUAL(b.events[2].type, FLOWLAB_FAULTED);
}

void test_events(void) {
    RUN(they_are_numbered_from_one);
    RUN(what_was_not_seen_comes_again_after_each_heartbeat);
    RUN(the_oldest_of_nine_goes);
    RUN(numbers_turn_over);
    RUN(a_new_session_has_none);
    RUN(the_fault_comes_behind_what_it_ended);
}
