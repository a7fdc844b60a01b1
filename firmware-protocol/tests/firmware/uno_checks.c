/* The Uno: an ATmega328P at its own speed, with the truth of its pins by its own clock. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowlab_messages.h"
#include "uno_bench.h"

#define RATE 4000000U
#define ACCELERATION 20000U
#define MOVE 2000
#define CLOCKS 400

static const uint8_t kinds[] = {1, 1, 1, 4, 2, 2, 3, 3, 6};

static void configure_all(rig *r, bool is_checked) { uno_configure(r, axis(MOTOR, RATE, ACCELERATION, LIMIT), is_checked); }

static void check_configured_levels(rig *r) {
    host_run(&r->h, 20);
    bench_read(&r->b);
    const char *high_side = bench_level(&r->b, 1, "D4", 1e12), *low_side = bench_level(&r->b, 1, "D5", 1e12);
    check(strcmp(high_side, "low") == 0 && strcmp(low_side, "high") == 0, "configured and off: D4 is %s, active-low D5 is %s", high_side, low_side);
}

static void check_analog(rig *r) {
    bench_command(&r->b, "adc A1 1234");
    host_run(&r->h, 1500);
    int status = ask_channel(r, FLOWLAB_READ, ANALOG_1);
    int count = (int)get32(r->h.answer.payload + 4);
    check(status == 0 && abs(count - 1234 * 1023 / 5000) <= 1, "1234 mV at A1 are %d counts", count);
}

/* The truth's entry of this name that is nearest to that time; 1e9: none is near. */
static double nearest(const rig *r, const char *name, double us) {
    double best = 1e9;
    const truth_entry *e = bench_find(&r->b, 1, name, NULL, us - 2000);
    for (; e != NULL && e->us < us + 2000; e = bench_find(&r->b, 1, name, NULL, e->us + 0.001)) {
        if (fabs(us - e->us) < fabs(best)) best = us - e->us;
    }
    return best;
}

/* The stamps of answers against the moments on the line; many, so that some fall where the timer turns over. */
static void check_clock(rig *r) {
    static double received[CLOCKS], sent[CLOCKS];
    double worst_in = 0, worst_out = 0;
    for (int i = 0; i < CLOCKS; i++) {
        board_now(r);
        received[i] = get32(r->h.answer.payload + 1);
        sent[i] = get32(r->h.answer.payload + 5);
    }
    host_run(&r->h, 10);
    bench_read(&r->b);
    for (int i = 0; i < CLOCKS; i++) {
        double in = nearest(r, "frame_in", received[i]), out = nearest(r, "frame_out", sent[i]);
        if (fabs(in) > fabs(worst_in)) worst_in = in;
        if (fabs(out) > fabs(worst_out)) worst_out = out;
    }
    check(fabs(worst_in) <= 50, "of %d answers `received` is the time of the last byte, %+.0f us at worst", CLOCKS, worst_in);
    check(fabs(worst_out) <= 150, "`sent` is the time of the first byte, %+.0f us at worst", worst_out);
}

static void check_script(rig *r, bool is_busy) {
    uint32_t at = board_now(r) + 300000;
    const planned edges[] = {{at, "D4", "high"},          {at + 1000, "D5", "low"},    {at + 20000, "D4", "low"},
                             {at + 20000, "D6", "high"},  {at + 41000, "D5", "high"}, {at + 41500, "D6", "low"},  {at + 43000, "D10", "low"}};
    const payload on_0 = set_output(VALVE_0, 1, 500), on_1 = set_output(VALVE_1, 1, 500), on_2 = set_output(SPARE, 1, 500);
    const payload off_0 = set_output(VALVE_0, 0, 0), off_1 = set_output(VALVE_1, 0, 0), off_2 = set_output(SPARE, 0, 0);
    const payload go = move_by(MOTOR, 100, RATE);
    const payload *bodies[] = {&on_0, &on_1, &off_0, &on_2, &off_1, &off_2, &go};
    size_t count = is_busy ? 6 : 7; /* the driver stays on after its first move */
    size_t from = r->h.event_count, taken = 0;
    double worst = 0, worst_told = 0;
    for (size_t i = 0; i < 7; i++) taken += schedule(r, edges[i].at, i == 6 ? FLOWLAB_MOVE : FLOWLAB_SET_OUTPUT, bodies[i]) == 0;
    check(taken == 7, "%zu of 7 messages are scheduled, the first 300 ms ahead", taken);
    if (is_busy) run_busily(r, 500);
    host_run(&r->h, 700);
    size_t executed = count_executed(r, from, &worst_told);
    bench_read(&r->b);
    for (size_t i = 0; i < count; i++) worst = fmax(worst, edge_error(r, &edges[i]));
    check(executed == 7, "%zu of 7 are told as executed, %.0f us late at worst", executed, worst_told);
    check(worst >= 0 && worst <= 1000, "each pin's edge is at its board time%s, %.0f us late at worst",
          is_busy ? " while the host asks without a pause" : "", worst);
}

static void check_move(rig *r, int32_t steps, bool is_busy) {
    payload p = move_by(MOTOR, steps, RATE);
    uint32_t from = board_now(r);
    size_t events = r->h.event_count;
    bool is_taken = ask(r, FLOWLAB_MOVE, &p) == 0;
    if (is_busy) run_busily(r, 750);
    const host_event *e = host_await(&r->h, events, FLOWLAB_ENDED, 3000);
    host_run(&r->h, 50);
    bench_read(&r->b);
    steps_seen s = look_at_steps(r, from, MOVE, 450);
    /* A trapezoid: steps / v + v / a. */
    double ideal = (MOVE / 4000.0 + 4000.0 / ACCELERATION) * 1000, took = (s.last_us - s.first_us) / 1000;
    check(is_taken && e != NULL && e->body[1] == FLOWLAB_ENDED_FINISHED && s.count == MOVE, "a move of %d steps%s makes %u", steps,
          is_busy ? " while the host asks without a pause" : "", s.count);
    check(s.forward == (steps > 0 ? s.count : 0), "DIR is %s", steps > 0 ? "high" : "low");
    check(s.shortest_us > 225 && s.longest_cruise_us < 275, "at 4 kHz the steps are %.1f to %.1f us apart", s.shortest_us, s.longest_cruise_us);
    check(fabs(took - ideal) < ideal * 0.1, "with its ramps it takes %.1f ms; the ideal trapezoid takes %.1f", took, ideal);
    check(s.narrowest_us >= 2, "the narrowest pulse is %.2f us", s.narrowest_us);
}

static void check_moves(rig *r) {
    check_move(r, MOVE, false);
    check_move(r, -MOVE, true);
    ask_channel(r, FLOWLAB_READ, MOTOR);
    int position = (int)get32(r->h.answer.payload + 4);
    check(position == 200, "forth and back it is at %d, where the scripts had left it", position);
}

static void check_home(rig *r) {
    payload p = {0};
    add8(&p, MOTOR);
    add32(&p, 1000000);
    add32(&p, 100000);
    size_t events = r->h.event_count;
    bool is_taken = ask(r, FLOWLAB_HOME, &p) == 0;
    host_run(&r->h, 300);
    bench_command(&r->b, "press");
    const host_event *e = host_await(&r->h, events, FLOWLAB_ENDED, 1000);
    const host_event *input_event = host_await(&r->h, events, FLOWLAB_INPUT, 100);
    host_run(&r->h, 50);
    bench_read(&r->b);
    double stopped = e != NULL ? get32(e->body + 6) : 0;
    steps_seen after = look_at_steps(r, stopped + 300, 0, 0);
    check(is_taken && e != NULL && e->body[1] == FLOWLAB_ENDED_FINISHED && input_event != NULL, "homing ends at its switch");
    check(after.count == 0, "%u steps come after its end", after.count);
    ask_channel(r, FLOWLAB_READ, MOTOR);
    check(get32(r->h.answer.payload + 4) == 0 && (r->h.answer.payload[3] & FLOWLAB_READ_FLAG_HOMED) != 0, "it is homed, at position 0");
    payload into = move_by(MOTOR, -10, 1000000);
    check(ask(r, FLOWLAB_MOVE, &into) != 0, "it does not move into the switch");
    bench_command(&r->b, "release");
    host_run(&r->h, 50);
}

/* A0 at 1.2 V is 24.5 degrees. */
static void check_heater(rig *r) {
    payload p = {0};
    add8(&p, HEATER);
    add32(&p, 40000);
    add16(&p, 0);
    add32(&p, 20000);
    uint32_t from = board_now(r);
    bool is_taken = ask(r, FLOWLAB_SET_HEATER, &p) == 0;
    host_run(&r->h, 700);
    bench_read(&r->b);
    const truth_entry *on = bench_find(&r->b, 1, "D7", "high", from), *off = on != NULL ? bench_find(&r->b, 1, "D7", "low", on->us) : NULL;
    double share = off != NULL ? (off->us - on->us) / 1000 : -1;
    check(is_taken && fabs(share - 100) < 3, "the heater is on for %.1f of 200 ms, at half of its power", share);
    size_t events = r->h.event_count;
    bench_command(&r->b, "adc A0 4700");
    const host_event *e = host_await(&r->h, events, FLOWLAB_FAULTED, 1000);
    host_run(&r->h, 300);
    bench_read(&r->b);
    check(e != NULL && e->body[0] == FLOWLAB_FAULT_OVER_TEMPERATURE, "too warm is a fault");
    const char *level = bench_level(&r->b, 1, "D7", 1e12);
    check(strcmp(level, "low") == 0, "and the heater is off: D7 is %s", level);
    const char *enable = bench_level(&r->b, 1, "D10", 1e12), *enabled = bench_level(&r->b, 1, "D10", from);
    check(strcmp(enabled, "low") == 0 && strcmp(enable, "high") == 0, "and so is the stepper's driver: ENABLE was %s and is %s", enabled, enable);
    bench_command(&r->b, "adc A0 1200");
    check(rig_begin(r, r->h.session + 1), "a new session clears it");
}

static void check_reset(rig *r, const char *command, unsigned wait_ms, uint16_t boot_count, uint8_t cause, const char *what) {
    payload p = set_output(VALVE_0, 1, 30000);
    bool is_on = ask(r, FLOWLAB_SET_OUTPUT, &p) == 0;
    size_t events = r->h.event_count;
    unsigned start = (bench_read(&r->b), bench_start_number(&r->b));
    host_run(&r->h, 50);
    double now = board_now(r);
    bench_command(&r->b, "%s", command);
    const host_event *e = host_await(&r->h, events, FLOWLAB_BOOTED, wait_ms);
    check(is_on && e != NULL && get16(e->body + 1) == boot_count && e->body[3] == cause, "%s: it says that it has booted, start %d, cause %d", what,
          e != NULL ? get16(e->body + 1) : -1, e != NULL ? e->body[3] : -1);
    bench_read(&r->b);
    const truth_entry *off = bench_find(&r->b, start, "D4", "floating", now);
    check(off != NULL, "the valve's pin floats %.1f ms after it", off != NULL ? (off->us - now) / 1000 : -1);
    int status = host_heartbeat(&r->h);
    check(status == FLOWLAB_STATUS_NO_SESSION, "the old session's heartbeat is refused: status %d", status);
    check(rig_begin(r, r->h.session + 1), "a new session begins");
}

/* The program that is flashed before the firmware, with an EEPROM that is kept. */
static void provision(const char *directory, const char *programs, char *const more[]) {
    rig r = {0};
    if (!uno_start(&r, directory, programs, "provision-test.elf", more)) return;
    host_run(&r.h, 300);
    host_close(&r.h);
    bench_end(&r.b);
}

void uno_checks(const char *directory, const char *programs, unsigned seed, unsigned frames) {
    char memory[512];
    char *const more[] = {"--eeprom", memory, NULL};
    rig r = {.analog_channel = ANALOG_0};
    printf("Arduino Uno (ATmega328P under simavr)\n");
    snprintf(memory, sizeof memory, "%s/eeprom", directory);
    remove(memory);
    provision(directory, programs, more);
    if (!check(uno_start(&r, directory, programs, "flowlab-uno.elf", more), "the emulator runs")) return;
    bench_command(&r.b, "adc A0 1200");
    host_run(&r.h, 200);
    check_identity(&r, FLOWLAB_BOARD_UNO, sizeof kinds, "uno-test-01", 1, FLOWLAB_RESET_CAUSE_POWER_ON);
    check_safe_start(&r);
    check_channels(&r, kinds, uno_labels, sizeof kinds);
    configure_all(&r, true);
    check_configured_levels(&r);
    check_analog(&r);
    check_clock(&r);
    check_script(&r, false);
    check_script(&r, true);
    check_moves(&r);
    check_home(&r);
    check_unplugged(&r);
    check_noise(&r, uno_pins, UNO_PINS, seed, frames, VALVE_0);
    check_heater(&r);
    configure_all(&r, false);
    check_dead_man(&r, VALVE_0, "D4", "low");
    configure_all(&r, false);
    check_reset(&r, "reset", 500, 2, FLOWLAB_RESET_CAUSE_EXTERNAL, "reset");
    configure_all(&r, false);
    check_reset(&r, "hang", 3000, 3, FLOWLAB_RESET_CAUSE_WATCHDOG, "the main loop hangs");
    configure_all(&r, false);
    check_reset(&r, "power", 500, 4, FLOWLAB_RESET_CAUSE_POWER_ON, "power off and on");
    check_stats(&r);
    host_close(&r.h);
    bench_end(&r.b);
}
