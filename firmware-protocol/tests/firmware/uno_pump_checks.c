/* The Uno in the build whose motor is a peristaltic pump: what differs from the other build, and timed programs with it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowlab_messages.h"
#include "uno_bench.h"

#define RATE 5000000U
#define ACCELERATION 20000U /* so that it starts with 100 steps a second */
#define SLOW 100000U        /* no faster than it starts: its first step comes one interval after its start */
#define SLOW_US 10000
#define PATIENCE_MS 10000

static const uint8_t kinds[UNO_CHANNELS] = {1, 1, 1, 5, 2, 2, 3, 3, 6};

static configure pump_axis(void) { return axis(MOTOR, RATE, ACCELERATION, FLOWLAB_NO_CHANNEL); }

static payload pump_by(int32_t steps, uint32_t rate) {
    payload p = {0};
    add8(&p, MOTOR);
    add32(&p, rate);
    add32(&p, (uint32_t)steps);
    return p;
}

static int pump(rig *r, int32_t steps, uint32_t rate) {
    payload p = pump_by(steps, rate);
    return ask(r, FLOWLAB_PUMP, &p);
}

/* The board's count of the pump's steps. */
static int32_t counted(rig *r) { return ask_channel(r, FLOWLAB_READ, MOTOR) == 0 ? (int32_t)get32(r->h.answer.payload + 4) : INT32_MIN; }

static bool has_ended(const host_event *e, uint8_t reason) {
    return e != NULL && e->body[0] == MOTOR && e->body[1] == reason;
}

/* `ramp` steps at both ends are not of its rate. */
static void check_run(rig *r, int32_t steps, uint32_t rate, unsigned ramp, bool is_busy) {
    int32_t before = counted(r);
    uint32_t from = board_now(r);
    size_t events = r->h.event_count;
    bool is_taken = pump(r, steps, rate) == 0;
    if (is_busy) run_busily(r, 700);
    const host_event *e = host_await(&r->h, events, FLOWLAB_ENDED, PATIENCE_MS);
    host_run(&r->h, 50);
    bench_read(&r->b);
    unsigned total = (unsigned)abs(steps);
    steps_seen s = look_at_steps(r, from, total, ramp);
    double wanted = 1e9 / rate;
    check(is_taken && has_ended(e, FLOWLAB_ENDED_FINISHED) && s.count == total, "a run of %d steps%s makes %u", steps,
          is_busy ? " while the host asks without a pause" : "", s.count);
    check(counted(r) - before == steps, "and the board counts %d", counted(r) - before);
    check(fabs(s.mean_cruise_us - wanted) < wanted / 1000, "at %.1f Hz they are %.2f us apart on average", rate / 1000.0, s.mean_cruise_us);
    check(s.shortest_us > wanted - 25 && s.longest_cruise_us < wanted + 25, "and each is %.1f to %.1f us after the one before", s.shortest_us,
          s.longest_cruise_us);
    check(s.forward == (steps > 0 ? total : 0), "DIR is %s at each", steps > 0 ? "high" : "low");
    check(s.narrowest_us >= 2, "the narrowest pulse is %.2f us", s.narrowest_us);
}

/* As messages and as a scheduled one; the run goes on. */
static void check_other_direction(rig *r) {
    int32_t before = counted(r);
    uint32_t from = board_now(r);
    size_t events = r->h.event_count;
    const payload back = pump_by(-10, SLOW);
    bool is_taken = pump(r, 2000, 2000000) == 0;
    host_run(&r->h, 200);
    int status = pump(r, -10, SLOW), scheduled = schedule(r, board_now(r) + 150000, FLOWLAB_PUMP, &back);
    const host_event *executed = host_await(&r->h, events, FLOWLAB_EXECUTED, PATIENCE_MS);
    int told = executed != NULL ? executed->body[1] : NO_ANSWER;
    const host_event *e = host_await(&r->h, events, FLOWLAB_ENDED, PATIENCE_MS);
    host_run(&r->h, 50);
    bench_read(&r->b);
    steps_seen s = look_at_steps(r, from, 0, 0);
    check(status == FLOWLAB_STATUS_BUSY, "while it runs, the other direction is busy: status %d", status);
    check(scheduled == 0 && told == FLOWLAB_STATUS_BUSY, "and so it is to a scheduled message: status %d", told);
    check(is_taken && has_ended(e, FLOWLAB_ENDED_FINISHED) && s.count == 2000 && s.forward == 2000 && counted(r) - before == 2000,
          "the run goes on to the end: %u steps, %u with DIR high", s.count, s.forward);
}

/* A step may fall between the time that is told and the new rest. */
static void check_replaced(rig *r) {
    int32_t before = counted(r);
    uint32_t from = board_now(r);
    size_t events = r->h.event_count;
    const payload faster = pump_by(500, 2000000);
    bool is_taken = pump(r, 100000, 1000000) == 0 && schedule(r, board_now(r) + 300000, FLOWLAB_PUMP, &faster) == 0;
    const host_event *executed = host_await(&r->h, events, FLOWLAB_EXECUTED, PATIENCE_MS);
    const host_event *e = host_await(&r->h, events, FLOWLAB_ENDED, PATIENCE_MS);
    host_run(&r->h, 50);
    bench_read(&r->b);
    if (!check(is_taken && executed != NULL && has_ended(e, FLOWLAB_ENDED_FINISHED), "a run is replaced by a scheduled one")) return;
    steps_seen all = look_at_steps(r, from, 0, 0), rest = look_at_steps(r, get32(executed->body + 6), 0, 0);
    check(rest.count >= 500 && rest.count <= 501, "it makes %u steps from then on, 500 wanted", rest.count);
    check(counted(r) - before == (int32_t)all.count, "of both it makes %u, and counts %d", all.count, counted(r) - before);
}

/* Two valves and the pump there and back: its first run is finite, its second one is stopped after 25 steps. */
static void check_program(rig *r, bool is_busy) {
    uint32_t at = board_now(r) + 300000, there = at + 10000, back = at + 400000, end = back + 255000;
    const planned edges[] = {{at, "D4", "high"},          {at + 200000, "D5", "low"}, {at + 250000, "D4", "low"},
                             {at + 400000, "D5", "high"}, {back, "D8", "low"},        {there, "D10", "low"}};
    const payload on_0 = set_output(VALVE_0, 1, 500), off_0 = set_output(VALVE_0, 0, 0), on_1 = set_output(VALVE_1, 1, 500),
                  off_1 = set_output(VALVE_1, 0, 0), forth = pump_by(30, SLOW), home = pump_by(-1000, SLOW), halt = {.bytes = {MOTOR}, .length = 1};
    const struct {
        uint32_t at;
        uint8_t type;
        const payload *body;
    } messages[] = {{at, FLOWLAB_SET_OUTPUT, &on_0},           {there, FLOWLAB_PUMP, &forth},
                    {at + 200000, FLOWLAB_SET_OUTPUT, &on_1},  {at + 250000, FLOWLAB_SET_OUTPUT, &off_0},
                    {at + 400000, FLOWLAB_SET_OUTPUT, &off_1}, {back, FLOWLAB_PUMP, &home},
                    {end, FLOWLAB_CHANNEL_STOP, &halt}};
    size_t events = r->h.event_count, taken = 0, count = is_busy ? 5 : 6; /* the driver stays on after its first run */
    double worst = 0, told = 0;
    for (size_t i = 0; i < 7; i++) taken += schedule(r, messages[i].at, messages[i].type, messages[i].body) == 0;
    if (is_busy) run_busily(r, 1000);
    host_run(&r->h, 1300);
    size_t executed = count_executed(r, events, &told);
    bench_read(&r->b);
    for (size_t i = 0; i < count; i++) worst = fmax(worst, edge_error(r, &edges[i]));
    steps_seen all = look_at_steps(r, at, 0, 0), second = look_at_steps(r, back, 0, 0);
    double first_late = all.first_us - SLOW_US - there, second_late = second.first_us - SLOW_US - back;
    check(taken == 7 && executed == 7, "%zu of 7 scheduled messages%s are executed, %.0f us late at worst as they tell", executed,
          is_busy ? " while the host asks without a pause" : "", told);
    check(worst <= 1000, "the edges of valves, DIR and ENABLE are %.0f us late at worst", worst);
    check(first_late >= 0 && first_late <= 1000 && second_late >= 0 && second_late <= 1000, "the runs begin %.0f and %.0f us late", first_late,
          second_late);
    check(all.count == 55 && all.forward == 30 && second.count == 25, "there it makes %u steps, back %u until its scheduled stop", all.forward,
          second.count);
    check(second.last_us < end, "the last one is %.1f ms before the stop", (end - second.last_us) / 1000);
}

static void check_pump_dead_man(rig *r) {
    uint32_t from = board_now(r);
    size_t events = r->h.event_count;
    bool is_taken = pump(r, 1000000, RATE) == 0;
    check_dead_man(r, VALVE_0, "D4", "low");
    const host_event *e = host_await(&r->h, events, FLOWLAB_ENDED, 0);
    while (e != NULL && e->body[0] != MOTOR) e = host_await(&r->h, (size_t)(e - r->h.events) + 1, FLOWLAB_ENDED, 0);
    bench_read(&r->b);
    const truth_entry *closed = bench_find(&r->b, 1, "D4", "low", from), *off = bench_find(&r->b, 1, "D10", "high", from);
    steps_seen s = look_at_steps(r, from, 0, 0);
    check(is_taken && has_ended(e, FLOWLAB_ENDED_FAULT), "its run has ended with the fault");
    if (!check(closed != NULL && off != NULL && s.count > 1000, "it had made %u of 1000000 steps, and its driver is off", s.count)) return;
    check(fabs(s.last_us - closed->us) <= 1000 && fabs(off->us - closed->us) <= 1000,
          "its last step is %.2f ms after the valve, and its driver off %.2f ms after it", (s.last_us - closed->us) / 1000,
          (off->us - closed->us) / 1000);
}

static void check_no_stepper(rig *r) {
    payload go = move_by(MOTOR, 10, SLOW), to_switch = {0};
    add8(&to_switch, MOTOR);
    add32(&to_switch, SLOW);
    add32(&to_switch, 10);
    check(ask(r, FLOWLAB_MOVE, &go) == FLOWLAB_STATUS_WRONG_KIND && ask(r, FLOWLAB_HOME, &to_switch) == FLOWLAB_STATUS_WRONG_KIND,
          "it is no stepper: move and home are refused");
}

void uno_pump_checks(const char *directory, const char *programs) {
    char *const more[] = {"--serial", "uno-test-02", NULL};
    rig r = {.analog_channel = ANALOG_0};
    printf("Arduino Uno with a pump (ATmega328P under simavr)\n");
    if (!check(uno_start(&r, directory, programs, "flowlab-uno-pump.elf", more), "the emulator runs")) return;
    bench_command(&r.b, "adc A0 1200");
    host_run(&r.h, 200);
    check_identity(&r, FLOWLAB_BOARD_UNO, UNO_CHANNELS, "uno-test-02", 1, FLOWLAB_RESET_CAUSE_POWER_ON);
    check_safe_start(&r);
    check_channels(&r, kinds, uno_labels, UNO_CHANNELS);
    uno_configure(&r, pump_axis(), true);
    check_no_stepper(&r);
    check_program(&r, false);
    check_program(&r, true);
    check_run(&r, 3000, RATE, 700, false);
    check_run(&r, -3000, RATE, 700, true);
    check_run(&r, 1000, 1234500, 60, false);
    check_run(&r, -20, 40000, 0, false);
    check_other_direction(&r);
    check_replaced(&r);
    check_pump_dead_man(&r);
    check_stats(&r);
    host_close(&r.h);
    bench_end(&r.b);
}
