/* Heaters: control, window, ramp, and the three faults. */
#include "bench.h"
#include "check.h"

static bench b;

static void begin_at(uint16_t count) {
    bench_start(&b, 0xFFF00000U);
    flowlab_board_set_analog(&b.board, PROBE, 2000);
    bench_ready(&b);
    flowlab_board_set_analog(&b.board, PROBE, count);
    bench_run(&b, 200000);
    b.event_count = 0;
}

/* A beaker: 30 K/min at full output, and a tenth of a per mille a second of what it is above 20 degrees lost. */
static double heat(double temperature, uint64_t us) {
    for (uint64_t done = 0; done < us; done += 10000) {
        flowlab_board_set_analog(&b.board, PROBE, (uint16_t)(temperature * 100.0 + 0.5));
        bench_run(&b, 10000);
        temperature += pin(&b, HEATER) == FLOWLAB_PIN_HIGH ? 0.005 : 0.0;
        temperature -= (temperature - 20.0) * 0.0001;
    }
    return temperature;
}

static uint64_t on_in(uint64_t us) {
    uint64_t on = 0;
    for (uint64_t i = 0; i < us; i += 1000) {
        on += pin(&b, HEATER) == FLOWLAB_PIN_HIGH ? 1000 : 0;
        bench_run(&b, 1000);
    }
    return on;
}

static void it_reaches_the_set_point_and_stays(void) {
    begin_at(2000);
    b.board.heater[0].configuration.ki = 100;
    CHECK_EQUAL(set_heater(&b, HEATER, 37000, 0, 3600000), FLOWLAB_STATUS_OK);
    double t = heat(20.0, 300000000);
    for (int i = 0; i < 10; i++) {
        t = heat(t, 10000000);
        CHECK(t > 36.5 && t < 37.5);
    }
    CHECK_EQUAL(flowlab_board_state_of(&b.board), FLOWLAB_STATE_READY);
    read_channel(&b, HEATER);
    CHECK_EQUAL(answer_u8(&b, 2), 1);
    CHECK_EQUAL(answer_u32(&b, 8), 37000);
    CHECK(answer_u16(&b, 16) > 200 && answer_u16(&b, 16) < 500);
}

static void the_output_has_its_share_of_the_window(void) {
    begin_at(2000);
    set_heater(&b, HEATER, 23000, 0, 10000); /* 3 K at 100 per mille a kelvin */
    bench_run(&b, 1000000);
    CHECK(on_in(1000000) == 300000); /* there is no ki */
    bench_run(&b, 8000000);
    CHECK_EQUAL(pin(&b, HEATER), FLOWLAB_PIN_LOW);
    CHECK_EQUAL(find_event(&b, FLOWLAB_ENDED, 0)->payload[1], FLOWLAB_ENDED_EXPIRED);
    CHECK_EQUAL(event_u32(find_event(&b, FLOWLAB_ENDED, 0), 2), 20000);
}

static void the_ramp_starts_at_the_present_temperature(void) {
    begin_at(2000);
    CHECK_EQUAL(set_heater(&b, HEATER, 30000, 105, 60000), FLOWLAB_STATUS_OK);
    read_channel(&b, HEATER);
    CHECK_EQUAL(answer_u32(&b, 8), 20000);
    bench_run(&b, 10000000);
    read_channel(&b, HEATER);
    CHECK_EQUAL(answer_u32(&b, 8), 21050);
    CHECK_EQUAL(set_heater(&b, HEATER, 30000, 105, 60000), FLOWLAB_STATUS_OK); /* again: it goes on */
    read_channel(&b, HEATER);
    CHECK_EQUAL(answer_u32(&b, 8), 21050);
    CHECK_EQUAL(answer_u32(&b, 12), 60000);
}

static void limits_of_set_heater(void) {
    begin_at(2000);
    CHECK_EQUAL(set_heater(&b, HEATER, 39001, 0, 1000), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(set_heater(&b, HEATER, INT32_MIN, 0, 1000), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(set_heater(&b, HEATER, 30000, 0, 0), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(set_heater(&b, HEATER, 30000, 0, 3600001), FLOWLAB_STATUS_OUT_OF_RANGE);
    CHECK_EQUAL(set_heater(&b, VALVE, 30000, 0, 1), FLOWLAB_STATUS_WRONG_KIND);
    CHECK_EQUAL(pin(&b, HEATER), FLOWLAB_PIN_LOW);
}

static void too_hot_is_a_fault_whether_it_heats_or_not(void) {
    begin_at(2000);
    flowlab_board_set_analog(&b.board, PROBE, 3950);
    bench_run(&b, 500000);
    CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_OVER_TEMPERATURE);
    const bench_event *fault = find_event(&b, FLOWLAB_FAULTED, 0);
    CHECK_EQUAL(fault->payload[1], HEATER);
    CHECK((int32_t)event_u32(fault, 2) > 39000);
    begin_at(2000);
    set_heater(&b, HEATER, 39000, 0, 10000);
    CHECK_EQUAL(pin(&b, HEATER), FLOWLAB_PIN_HIGH);
    flowlab_board_set_analog(&b.board, PROBE, 3990);
    bench_run(&b, 500000);
    CHECK_EQUAL(pin(&b, HEATER), FLOWLAB_PIN_LOW);
}

static void five_bad_samples_in_a_row_are_a_fault(void) {
    static const uint16_t broken[] = {0, 99, 4001, 4095};
    for (unsigned i = 0; i < 4; i++) {
        begin_at(2000);
        for (int n = 0; n < 3; n++) { /* four bad ones and a good one are none */
            flowlab_board_set_analog(&b.board, PROBE, broken[0]);
            bench_run(&b, 40000);
            flowlab_board_set_analog(&b.board, PROBE, 2000);
            bench_run(&b, 10000);
        }
        CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_NONE);
        flowlab_board_set_analog(&b.board, PROBE, broken[i]);
        bench_run(&b, 40000);
        CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_NONE);
        bench_run(&b, 10000);
        CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_SENSOR);
        CHECK_EQUAL(event_u32(find_event(&b, FLOWLAB_FAULTED, 0), 2), broken[i]);
        read_channel(&b, HEATER);
        CHECK_EQUAL(answer_u8(&b, 3), FLOWLAB_READ_FLAG_SENSOR_FAULT);
    }
}

static void a_heater_that_warms_nothing_is_a_fault(void) {
    begin_at(2000);
    set_heater(&b, HEATER, 38000, 0, 60000);
    bench_run(&b, 19800000);
    CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_NONE);
    bench_run(&b, 300000);
    CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_NOT_HEATING);
    CHECK_EQUAL(pin(&b, HEATER), FLOWLAB_PIN_LOW);
    begin_at(2000);
    set_heater(&b, HEATER, 38000, 0, 60000);
    bench_run(&b, 10000000);
    flowlab_board_set_analog(&b.board, PROBE, 2050); /* half a kelvin in 20 s is enough */
    bench_run(&b, 20000000);
    CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_NONE);
    bench_run(&b, 20000000);
    CHECK_EQUAL(flowlab_board_fault_of(&b.board), FLOWLAB_FAULT_NOT_HEATING);
}

static void a_falling_scale_is_a_thermistor(void) {
    bench_start(&b, 0);
    bench_open(&b);
    flowlab_configure_heater heater = heater_configuration();
    heater.sensor_zero = 100000;
    heater.sensor_scale = -33333;
    configure_begin(&b);
    configure_analog(&b, PROBE, 1);
    configure_heater(&b, &heater);
    flowlab_board_set_analog(&b.board, PROBE, 2345);
    CHECK_EQUAL(configure_commit(&b), FLOWLAB_STATUS_OK);
    read_channel(&b, HEATER);
    CHECK_EQUAL((int32_t)answer_u32(&b, 4), 100000 - 78165); /* 2345 * 33.333 mK */
}

static void the_largest_numbers_do_not_overflow(void) {
    bench_start(&b, 0);
    bench_open(&b);
    flowlab_configure_heater heater = heater_configuration();
    heater.kp = heater.ki = heater.kd = 65535;
    heater.sensor_scale = 10000000;
    heater.sensor_zero = -40000000;
    heater.max_temperature = 1000000;
    heater.check_s = 65535;
    heater.window_ms = 60000;
    configure_begin(&b);
    configure_analog(&b, PROBE, 1);
    configure_heater(&b, &heater);
    flowlab_board_set_analog(&b.board, PROBE, 101);
    CHECK_EQUAL(configure_commit(&b), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(set_heater(&b, HEATER, 1000000, 65535, 3600000), FLOWLAB_STATUS_OK);
    for (int i = 0; i < 100; i++) {
        flowlab_board_set_analog(&b.board, PROBE, i % 2 == 0 ? 101 : 4000);
        bench_run(&b, 100000);
    }
    CHECK(b.board.heater[0].output <= 1000);
}

void test_heater(void) {
    RUN(it_reaches_the_set_point_and_stays);
    RUN(the_output_has_its_share_of_the_window);
    RUN(the_ramp_starts_at_the_present_temperature);
    RUN(limits_of_set_heater);
    RUN(too_hot_is_a_fault_whether_it_heats_or_not);
    RUN(five_bad_samples_in_a_row_are_a_fault);
    RUN(a_heater_that_warms_nothing_is_a_fault);
    RUN(a_falling_scale_is_a_thermistor);
    RUN(the_largest_numbers_do_not_overflow);
}
