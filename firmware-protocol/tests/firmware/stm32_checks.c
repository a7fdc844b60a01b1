/* The STM32F103 under QEMU's STM32F100, which has no timers, ADC, watchdog, backup registers or clock controller: no step comes, no voltage
 * is read, and the causes of a reset are not told. What is shown is the protocol, the outputs and the dead-man. Times are those of the
 * wall clock, at which QEMU's log of a pin was read. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "checks.h"
#include "flowlab_messages.h"

enum { PUMP_0 = 0, PUMP_1 = 1, STEPPER = 2, VALVE_0 = 3, VALVE_1 = 4, INPUT = 5, LIMIT = 6, ANALOG_0 = 7, ANALOG_1 = 8, HEATER = 9 };

static const uint8_t kinds[] = {5, 5, 4, 1, 1, 2, 2, 3, 3, 6};
static const char *const labels[] = {"PB0", "PB6", "PB9", "PB12", "PB13", "PA0", "PA1", "PA6", "PA7", "PB14"};
static const char *const pins[] = {"PB0", "PB1", "PB5", "PB6", "PB7", "PB8", "PB9", "PB10", "PB11", "PB12", "PB13", "PB14"};

static void configure_all(rig *r, bool is_checked) {
    const configure all[] = {axis(PUMP_0, 5000000, 10000, 255), axis(PUMP_1, 5000000, 10000, 255), axis(STEPPER, 5000000, 10000, LIMIT),
                             output(VALVE_0, 0), output(VALVE_1, 1), input(INPUT, 5), input(LIMIT, 2), analog(ANALOG_0, 4), analog(ANALOG_1, 4)};
    if (is_checked) {
        check_configure(r, all, sizeof all / sizeof all[0]);
    } else {
        send_configure(r, all, sizeof all / sizeof all[0]);
    }
}

static void check_safe_start(rig *r) {
    static const char *const enables[] = {"PB5", "PB8", "PB11"}, *const floats[] = {"PB12", "PB13", "PB14"};
    size_t high = 0, floating = 0;
    bench_read(&r->b);
    for (size_t i = 0; i < 3; i++) high += strcmp(bench_level(&r->b, 1, enables[i], 1e12), "high") == 0;
    for (size_t i = 0; i < 3; i++) floating += strcmp(bench_level(&r->b, 1, floats[i], 1e12), "floating") == 0;
    check(floating == 3 && high == 3, "%zu of 3 outputs float before they are configured, %zu of 3 drivers are off", floating, high);
}

static void check_clock(rig *r) {
    uint64_t began = wall_us();
    uint32_t first = board_now(r);
    host_run(&r->h, 1000);
    double passed = (double)(wall_us() - began), board = (double)(board_now(r) - first);
    check(fabs(board - passed) < 50000, "in %.0f ms the board counts %.0f", passed / 1000, board / 1000);
}

/* The log's clock begins with the firmware's, within what the pipe is late. */
static void check_script(rig *r) {
    uint32_t at = board_now(r) + 300000;
    const payload on = set_output(VALVE_0, 1, 500), off = set_output(VALVE_0, 0, 0), low_side = set_output(VALVE_1, 1, 100);
    size_t from = r->h.event_count, executed = 0;
    double told = 0;
    int taken = (schedule(r, at, FLOWLAB_SET_OUTPUT, &on) == 0) + (schedule(r, at + 50000, FLOWLAB_SET_OUTPUT, &off) == 0) +
                (schedule(r, at + 50000, FLOWLAB_SET_OUTPUT, &low_side) == 0);
    host_run(&r->h, 900);
    for (size_t i = from; i < r->h.event_count; i++) {
        const host_event *e = &r->h.events[i];
        if (e->type != FLOWLAB_EXECUTED) continue;
        executed += e->body[1] == 0;
        told = fmax(told, (double)(int32_t)(get32(e->body + 6) - get32(e->body + 2)));
    }
    bench_read(&r->b);
    const truth_entry *up = bench_find(&r->b, 1, "PB12", "high", at - 100000), *down = bench_find(&r->b, 1, "PB12", "low", at),
                      *other = bench_find(&r->b, 1, "PB13", "low", at), *ends = other != NULL ? bench_find(&r->b, 1, "PB13", "high", other->us) : NULL;
    bool is_all = taken == 3 && executed == 3 && up != NULL && down != NULL && ends != NULL;
    if (!check(is_all, "3 of 3 scheduled messages are executed, %.0f us late at worst by the board's clock", told)) return;
    check(fabs(down->us - up->us - 50000) < 10000, "PB12 is high for %.1f of 50 ms by the log", (down->us - up->us) / 1000);
    check(fabs(ends->us - other->us - 100000) < 10000, "PB13 is low for %.1f of 100 ms by the log", (ends->us - other->us) / 1000);
}

static void check_pump(rig *r) {
    payload p = {0};
    add8(&p, PUMP_0);
    add32(&p, 1000000);
    add32(&p, (uint32_t)-500);
    uint32_t from = board_now(r);
    int status = ask(r, FLOWLAB_PUMP, &p);
    host_run(&r->h, 200);
    bench_read(&r->b);
    check(status == 0 && bench_find(&r->b, 1, "PB5", "low", from - 100000.0) != NULL, "a pump that is to run backward gets current");
    check(strcmp(bench_level(&r->b, 1, "PB1", 1e12), "low") == 0, "its DIR is low");
    ask_channel(r, FLOWLAB_READ, PUMP_0);
    check(get32(r->h.answer.payload + 4) == 0, "no step is counted, since the emulated chip has no timer");
    check(ask_channel(r, FLOWLAB_CHANNEL_STOP, PUMP_0) == 0 && r->h.answer.payload[1] == 0, "and it is stopped");
}

/* The emulated converter never answers: its count stays 0, which the sensor's limits exclude. */
static void check_sensor(rig *r) {
    const configure all[] = {analog(ANALOG_0, 4), heater(HEATER, ANALOG_0, 50, 4000)};
    size_t events = r->h.event_count;
    send_configure(r, all, 2);
    const host_event *e = host_await(&r->h, events, FLOWLAB_FAULTED, 1000);
    check(e != NULL && e->body[0] == FLOWLAB_FAULT_SENSOR, "a heater whose sensor does not answer is a fault");
    check(rig_begin(r, r->h.session + 1), "a new session clears it");
}

static void check_reset(rig *r) {
    payload p = set_output(VALVE_0, 1, 30000);
    bool is_on = ask(r, FLOWLAB_SET_OUTPUT, &p) == 0;
    size_t events = r->h.event_count;
    host_run(&r->h, 50);
    bench_command(&r->b, "reset");
    const host_event *e = host_await(&r->h, events, FLOWLAB_BOOTED, 1000);
    check(is_on && e != NULL, "after a reset it says that it has booted");
    bench_read(&r->b);
    const char *level = bench_level(&r->b, bench_start_number(&r->b), "PB12", 1e12);
    check(strcmp(level, "floating") == 0, "the valve's pin is %s", level);
    int status = host_heartbeat(&r->h);
    check(status == FLOWLAB_STATUS_NO_SESSION, "the old session's heartbeat is refused: status %d", status);
    check(rig_begin(r, r->h.session + 1), "a new session begins");
}

void stm32_checks(const char *directory, const char *programs, unsigned seed, unsigned frames) {
    char emulator[512], elf[512];
    char *const more[] = {NULL};
    rig r = {.analog_channel = ANALOG_0};
    printf("STM32F103 (Cortex-M3 under QEMU)\n");
    snprintf(emulator, sizeof emulator, "%s/stm32-emulator", programs);
    snprintf(elf, sizeof elf, "%s/flowlab-stm32f103.elf", programs);
    if (!check(bench_start(&r.b, emulator, elf, directory, more) && host_open(&r.h, r.b.link), "the emulator runs")) return;
    host_run(&r.h, 500);
    check_identity(&r, FLOWLAB_BOARD_STM32F103, sizeof kinds, "blank", 1, FLOWLAB_RESET_CAUSE_UNKNOWN);
    check_safe_start(&r);
    check_channels(&r, kinds, labels, sizeof kinds);
    configure_all(&r, true);
    check_clock(&r);
    check_script(&r);
    check_pump(&r);
    check_unplugged(&r);
    check_noise(&r, pins, sizeof pins / sizeof pins[0], seed, frames, VALVE_0);
    check_dead_man(&r, VALVE_0, "PB12", "low");
    const char *enable = bench_level(&r.b, 1, "PB5", 1e12);
    check(strcmp(enable, "high") == 0, "the pump's driver is off: ENABLE is %s", enable);
    check_sensor(&r);
    configure_all(&r, false);
    check_reset(&r);
    host_close(&r.h);
    bench_end(&r.b);
}
