/* The two builds of the Uno. */
#include "bench.h"
#include "check.h"
#include "flowlab_reference_boards.h"

#define MOTOR 3

static bench b;

static void begin(const flowlab_port_type *type) {
    const uint8_t serial[12] = {0};
    flowlab_configure_axis axis = axis_configuration(MOTOR);
    axis.max_rate = type->channel[MOTOR].max_rate;
    bench_start(&b, 1000);
    flowlab_board_start(&b.board, type, serial, 1, FLOWLAB_RESET_CAUSE_POWER_ON, 1000);
    hello(&b, BENCH_SESSION);
    configure_begin(&b);
    CHECK_EQUAL(configure_axis(&b, &axis), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(configure_commit(&b), FLOWLAB_STATUS_OK);
}

static void the_builds_of_the_uno_differ_in_their_motor_alone(void) {
    CHECK_EQUAL(flowlab_uno.board, FLOWLAB_BOARD_UNO);
    CHECK_EQUAL(flowlab_uno_pump.board, FLOWLAB_BOARD_UNO);
    CHECK_EQUAL(flowlab_uno.channels, 9);
    CHECK_EQUAL(flowlab_uno_pump.channels, 9);
    CHECK_EQUAL(flowlab_uno.channel[MOTOR].kind, FLOWLAB_KIND_STEPPER);
    CHECK_EQUAL(flowlab_uno_pump.channel[MOTOR].kind, FLOWLAB_KIND_PERISTALTIC_PUMP);
    for (uint8_t i = 0; i < 9; i++) {
        const flowlab_channel_type *one = &flowlab_uno.channel[i], *other = &flowlab_uno_pump.channel[i];
        CHECK(i == MOTOR || one->kind == other->kind);
        CHECK(memcmp(one->label, other->label, sizeof one->label) == 0);
        CHECK_EQUAL(one->max_rate, other->max_rate);
        CHECK_EQUAL(one->full_scale, other->full_scale);
    }
}

static void each_build_of_the_uno_takes_what_its_motor_can_do(void) {
    begin(&flowlab_uno_pump);
    CHECK_EQUAL(move_to(&b, MOTOR, 1, 10, 1000000), FLOWLAB_STATUS_WRONG_KIND);
    CHECK(!flowlab_board_axis(&b.board, MOTOR).is_enabled);
    CHECK_EQUAL(pump(&b, MOTOR, 5000000, -10), FLOWLAB_STATUS_OK);
    CHECK(flowlab_board_axis(&b.board, MOTOR).interval > 0);
    CHECK(!flowlab_board_axis(&b.board, MOTOR).is_dir_high);
    CHECK_EQUAL(pump(&b, MOTOR, 5000001, -10), FLOWLAB_STATUS_OUT_OF_RANGE);
    begin(&flowlab_uno);
    CHECK_EQUAL(pump(&b, MOTOR, 1000000, 10), FLOWLAB_STATUS_WRONG_KIND);
    CHECK_EQUAL(move_to(&b, MOTOR, 1, 10, 5000000), FLOWLAB_STATUS_OK);
    CHECK(flowlab_board_axis(&b.board, MOTOR).interval > 0);
}

void test_reference(void) {
    RUN(the_builds_of_the_uno_differ_in_their_motor_alone);
    RUN(each_build_of_the_uno_takes_what_its_motor_can_do);
}
