/* The counter of microseconds turns over at every place where time is kept. */
#include "bench.h"
#include "check.h"

static bench b;

static void all_that_counts_time_counts_across_the_turn(void) {
    for (uint32_t before = 0; before < 2200000; before += 99991) {
        bench_start(&b, UINT64_C(0x100000000) - before);
        bench_ready(&b);
        b.event_count = 0;
        const uint64_t start = b.time;
        set_output(&b, VALVE, 1, 1000);
        pump(&b, PUMP, 1000000, 500);
        schedule_output(&b, (uint32_t)start + 1500000, RELAY, 1, 500);
        bench_run(&b, 999999);
        CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_HIGH);
        bench_run(&b, 1);
        CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
        CHECK_EQUAL(flowlab_board_position(&b.board, PUMP), 500);
        bench_run(&b, 499999);
        CHECK_EQUAL(pin(&b, RELAY), FLOWLAB_PIN_HIGH);
        bench_run(&b, 1);
        CHECK_EQUAL(pin(&b, RELAY), FLOWLAB_PIN_LOW);
        bench_run(&b, 500000);
        CHECK_EQUAL(pin(&b, RELAY), FLOWLAB_PIN_HIGH);
        b.beats = false;
        heartbeat(&b, 0);
        bench_run(&b, 999999);
        CHECK_EQUAL(flowlab_board_state_of(&b.board), FLOWLAB_STATE_READY);
        bench_run(&b, 1);
        CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_DEAD_MAN);
    }
}

static void a_dead_session_stays_dead_for_days(void) {
    bench_start(&b, 0);
    bench_open(&b);
    b.beats = false;
    for (int hour = 0; hour < 60; hour++) {
        bench_run(&b, UINT64_C(3600000000));
        CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_DEAD_MAN);
    }
    hello(&b, 2);
    CHECK_EQUAL(clear(&b, 2), FLOWLAB_STATUS_OK);
}

static void what_next_due_skips_holds_nothing(void) {
    static bench every;
    bench_start(&b, 12345);
    bench_ready(&b);
    set_output(&b, VALVE, 1, 777);
    pump(&b, PUMP, 4000, 100000);
    set_heater(&b, HEATER, 24000, 300, 5000);
    schedule_output(&b, (uint32_t)b.time + 1234567, LAMP, 1, 321);
    flowlab_board_set_input(&b.board, SWITCH, true);
    b.beats = false;
    every = b;
    for (int i = 0; i < 100000; i++) { /* one jumps, the other polls each 20 us: the pins are the same */
        const uint64_t end = every.time + 20;
        while (b.time + flowlab_board_next_due(&b.board, (uint32_t)b.time) <= end) {
            const uint64_t due = b.time + flowlab_board_next_due(&b.board, (uint32_t)b.time);
            b.time = due;
            bench_poll(&b);
            if (due == end) {
                break;
            }
        }
        every.time = end;
        bench_poll(&every);
        for (uint8_t channel = 0; channel < CHANNELS; channel++) {
            if (pin(&b, channel) != pin(&every, channel) && end % 1000 >= 40) {
                CHECK(false);
                return;
            }
        }
        if (flowlab_board_state_of(&b.board) != flowlab_board_state_of(&every.board)) {
            CHECK(false);
            return;
        }
    }
    CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_DEAD_MAN);
    CHECK_EQUAL(b.board.axis[1].speed, every.board.axis[1].speed);
}

void test_time(void) {
    RUN(all_that_counts_time_counts_across_the_turn);
    RUN(a_dead_session_stays_dead_for_days);
    RUN(what_next_due_skips_holds_nothing);
}
