/* Messages for a board time. */
#include "bench.h"
#include "check.h"

static bench b;

static void begin(uint64_t time) {
    bench_start(&b, time);
    bench_ready(&b);
    b.event_count = 0;
}

static void it_is_done_at_its_time(void) {
    begin(0xFFFFFFFFU - 2000000U); /* the counter turns over on the way */
    const uint32_t at = (uint32_t)b.time + 3000000;
    CHECK_EQUAL(schedule_output(&b, at, VALVE, 1, 500), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(answer_u8(&b, 1), 7);
    const uint8_t request = b.sequence;
    bench_run(&b, 2999999);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
    heartbeat(&b, 0);
    CHECK_EQUAL(answer_u8(&b, 15), 1);
    bench_run(&b, 1);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_HIGH);
    const bench_event *executed = find_event(&b, FLOWLAB_EXECUTED, 0);
    CHECK_EQUAL(executed->payload[0], request);
    CHECK_EQUAL(executed->payload[1], FLOWLAB_STATUS_OK);
    CHECK_EQUAL(event_u32(executed, 2), at);
    CHECK_EQUAL(event_u32(executed, 6), at);
    bench_run(&b, 500000);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
}

static void the_same_time_keeps_the_order_of_arrival(void) {
    begin(0);
    const uint32_t at = (uint32_t)b.time + 100000;
    schedule_output(&b, at + 5, LAMP, 1, 100);
    schedule_output(&b, at, VALVE, 1, 100);
    schedule_output(&b, at, VALVE, 0, 0);
    schedule_output(&b, at, RELAY, 1, 100);
    schedule_output(&b, at - 5, LAMP, 0, 0);
    bench_run(&b, 100010);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
    CHECK_EQUAL(pin(&b, LAMP), FLOWLAB_PIN_HIGH);
    uint8_t order[5];
    for (unsigned i = 0; i < 5; i++) {
        order[i] = (uint8_t)(find_event(&b, FLOWLAB_EXECUTED, i)->payload[0] - b.sequence + 4);
    }
    CHECK(order[0] == 4 && order[1] == 1 && order[2] == 2 && order[3] == 3 && order[4] == 0);
}

static void the_past_is_a_fault(void) {
    for (int32_t late = 0; late < 3; late++) {
        begin(0xFFFFFFFEU);
        set_output(&b, VALVE, 1, 1000);
        const uint32_t at = (uint32_t)b.time - (uint32_t)late * 1000U;
        CHECK_EQUAL(schedule_output(&b, at, LAMP, 1, 100), FLOWLAB_STATUS_TOO_LATE);
        CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
        CHECK_EQUAL(pin(&b, LAMP), FLOWLAB_PIN_LOW);
        CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_LATE_COMMAND);
        CHECK_EQUAL(event_u32(find_event(&b, FLOWLAB_FAULTED, 0), 2), late * 1000);
        CHECK_EQUAL(find_event(&b, FLOWLAB_FAULTED, 0)->payload[1], LAMP);
    }
}

static void the_queue_and_the_horizon_have_ends(void) {
    begin(0);
    const uint32_t now = (uint32_t)b.time;
    CHECK_EQUAL(schedule_output(&b, now + 60000001, VALVE, 1, 1), FLOWLAB_STATUS_TOO_FAR);
    for (uint32_t i = 0; i < 8; i++) {
        CHECK_EQUAL(schedule_output(&b, now + 60000000 - i, VALVE, 1, 1), FLOWLAB_STATUS_OK);
        CHECK_EQUAL(answer_u8(&b, 1), 7 - i);
    }
    CHECK_EQUAL(schedule_output(&b, now + 1000, VALVE, 1, 1), FLOWLAB_STATUS_QUEUE_FULL);
    CHECK_EQUAL(flowlab_board_state_of(&b.board), FLOWLAB_STATE_READY);
}

static void it_is_checked_at_arrival(void) {
    begin(0);
    const uint32_t at = (uint32_t)b.time + 1000000;
    uint8_t p[16] = {VALVE};
    CHECK_EQUAL(schedule_output(&b, at, 99, 1, 1), FLOWLAB_STATUS_BAD_CHANNEL);
    CHECK_EQUAL(schedule_output(&b, at, SWITCH, 1, 1), FLOWLAB_STATUS_WRONG_KIND);
    CHECK_EQUAL(schedule_output(&b, at, VALVE, 1, 60001), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(schedule(&b, at, FLOWLAB_SET_OUTPUT, p, 5), FLOWLAB_STATUS_BAD_LENGTH);
    CHECK_EQUAL(schedule(&b, at, FLOWLAB_SET_HEATER, p, 11), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(schedule(&b, at, FLOWLAB_HELLO, p, 4), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(schedule(&b, at, FLOWLAB_SCHEDULE, p, 11), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(schedule(&b, at, 200, p, 0), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(b.board.queued, 0);
    configure_begin(&b);
    CHECK_EQUAL(schedule_output(&b, at, VALVE, 1, 1), FLOWLAB_STATUS_NOT_CONFIGURED);
    CHECK_EQUAL(schedule(&b, at, FLOWLAB_CHANNEL_STOP, p, 1), FLOWLAB_STATUS_NOT_CONFIGURED);
}

static void it_is_checked_again_at_its_time(void) {
    begin(0);
    uint8_t p[10] = {PUMP};
    flowlab_put_u32(p + 1, 1000000);
    flowlab_put_u32(p + 5, (uint32_t)-5);
    CHECK_EQUAL(schedule(&b, (uint32_t)b.time + 100000, FLOWLAB_PUMP, p, 9), FLOWLAB_STATUS_OK);
    pump(&b, PUMP, 1000000, 1000);
    bench_run(&b, 100000);
    CHECK_EQUAL(find_event(&b, FLOWLAB_EXECUTED, 0)->payload[1], FLOWLAB_STATUS_BUSY);
    CHECK_EQUAL(flowlab_board_state_of(&b.board), FLOWLAB_STATE_READY);
}

static void all_kinds_may_be_scheduled(void) {
    begin(0);
    uint8_t p[10] = {STEPPER, 1};
    const uint32_t at = (uint32_t)b.time + 100000;
    flowlab_put_u32(p + 2, 10);
    flowlab_put_u32(p + 6, 1000000);
    CHECK_EQUAL(schedule(&b, at, FLOWLAB_MOVE, p, 10), FLOWLAB_STATUS_OK);
    uint8_t h[9] = {STEPPER};
    flowlab_put_u32(h + 1, 1000000);
    flowlab_put_u32(h + 5, 20);
    CHECK_EQUAL(schedule(&b, at + 1000000, FLOWLAB_HOME, h, 9), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(schedule(&b, at + 1010000, FLOWLAB_CHANNEL_STOP, p, 1), FLOWLAB_STATUS_OK);
    bench_run(&b, 1100000);
    CHECK_EQUAL(flowlab_board_position(&b.board, STEPPER), 10);
    bench_run(&b, 1000000);
    CHECK_EQUAL(find_event(&b, FLOWLAB_ENDED, 1)->payload[1], FLOWLAB_ENDED_STOPPED);
    CHECK_EQUAL(find_event(&b, FLOWLAB_EXECUTED, 2)->payload[1], FLOWLAB_STATUS_OK);
}

static void stops_drop_what_is_scheduled(void) {
    begin(0);
    const uint32_t at = (uint32_t)b.time + 100000;
    schedule_output(&b, at, VALVE, 1, 100);
    schedule_output(&b, at, LAMP, 1, 100);
    schedule_output(&b, at + 1, VALVE, 1, 100);
    CHECK_EQUAL(channel_stop(&b, VALVE), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(b.board.queued, 1);
    bench_run(&b, 150000);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
    CHECK_EQUAL(pin(&b, LAMP), FLOWLAB_PIN_HIGH);
    schedule_output(&b, at + 100000, VALVE, 1, 100);
    CHECK_EQUAL(stop(&b), FLOWLAB_STATUS_OK);
    bench_run(&b, 1000000);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
}

static void a_repeated_schedule_is_scheduled_once(void) {
    begin(0);
    uint8_t p[11];
    flowlab_put_u32(p, (uint32_t)b.time + 100000);
    p[4] = FLOWLAB_SET_OUTPUT;
    p[5] = VALVE;
    p[6] = 1;
    flowlab_put_u32(p + 7, 10);
    CHECK_EQUAL(ask(&b, FLOWLAB_SCHEDULE, p, 11), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(again(&b, b.sequence, FLOWLAB_SCHEDULE, p, 11), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(b.board.queued, 1);
    bench_run(&b, 240000);
    CHECK_EQUAL(again(&b, b.sequence, FLOWLAB_SCHEDULE, p, 11), FLOWLAB_STATUS_OK); /* also after its time */
    CHECK_EQUAL(flowlab_board_state_of(&b.board), FLOWLAB_STATE_READY);
}

void test_schedule(void) {
    RUN(it_is_done_at_its_time);
    RUN(the_same_time_keeps_the_order_of_arrival);
    RUN(the_past_is_a_fault);
    RUN(the_queue_and_the_horizon_have_ends);
    RUN(it_is_checked_at_arrival);
    RUN(it_is_checked_again_at_its_time);
    RUN(all_kinds_may_be_scheduled);
    RUN(stops_drop_what_is_scheduled);
    RUN(a_repeated_schedule_is_scheduled_once);
}
