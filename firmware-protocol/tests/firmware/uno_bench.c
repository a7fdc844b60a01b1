#include "uno_bench.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "flowlab_messages.h"

const char *const uno_labels[UNO_CHANNELS] = {"D4", "D5", "D6", "D9", "D2", "D3", "A0", "A1", "D7"};
const char *const uno_pins[UNO_PINS] = {"D4", "D5", "D6", "D7", "D8", "D9", "D10"};

bool uno_start(rig *r, const char *directory, const char *programs, const char *firmware, char *const more[]) {
    char emulator[512], elf[512];
    snprintf(emulator, sizeof emulator, "%s/uno-emulator", programs);
    snprintf(elf, sizeof elf, "%s/%s", programs, firmware);
    return bench_start(&r->b, emulator, elf, directory, more) && host_open(&r->h, r->b.link);
}

void uno_configure(rig *r, configure motor, bool is_checked) {
    const configure all[] = {output(VALVE_0, 0), output(VALVE_1, 1),  output(SPARE, 0),     motor, input(INPUT, 5),
                             input(LIMIT, 2),    analog(ANALOG_0, 4), analog(ANALOG_1, 16), heater(HEATER, ANALOG_0, 50, 1000)};
    if (is_checked) {
        check_configure(r, all, sizeof all / sizeof all[0]);
    } else {
        send_configure(r, all, sizeof all / sizeof all[0]);
    }
}

void run_busily(rig *r, unsigned milliseconds) {
    uint64_t until = wall_us() + milliseconds * 1000U;
    while (wall_us() < until) {
        ask_channel(r, FLOWLAB_READ, MOTOR);
        if (wall_us() >= r->h.next_beat_us) host_heartbeat(&r->h);
    }
}

double edge_error(const rig *r, const planned *p) {
    const truth_entry *e = bench_find(&r->b, 1, p->pin, p->level, p->at);
    return e != NULL ? e->us - p->at : 1e9;
}

size_t count_executed(const rig *r, size_t events, double *latest_us) {
    size_t executed = 0;
    *latest_us = 0;
    for (size_t i = events; i < r->h.event_count; i++) {
        const host_event *e = &r->h.events[i];
        if (e->type != FLOWLAB_EXECUTED) continue;
        executed += e->body[1] == FLOWLAB_STATUS_OK;
        *latest_us = fmax(*latest_us, (double)(int32_t)(get32(e->body + 6) - get32(e->body + 2)));
    }
    return executed;
}

steps_seen look_at_steps(const rig *r, double from_us, unsigned total, unsigned ramp) {
    steps_seen s = {.shortest_us = 1e9, .narrowest_us = 1e9};
    double last = 0, cruise = 0;
    unsigned cruised = 0;
    for (size_t i = 0; i < r->b.count; i++) {
        const truth_entry *e = &r->b.entries[i];
        if (e->kind != ENTRY_STEP || e->us < from_us || e->start != 1) continue;
        if (s.count == 0) s.first_us = e->us;
        if (s.count > 0) s.shortest_us = fmin(s.shortest_us, e->us - last);
        if (s.count > ramp && s.count + ramp < total) {
            s.longest_cruise_us = fmax(s.longest_cruise_us, e->us - last);
            cruise += e->us - last;
            cruised++;
        }
        s.narrowest_us = fmin(s.narrowest_us, e->width_us);
        s.last_us = last = e->us;
        s.forward += e->dir == 1;
        s.count++;
    }
    s.mean_cruise_us = cruised > 0 ? cruise / cruised : 0;
    return s;
}

void check_safe_start(rig *r) {
    size_t floating = 0;
    bench_read(&r->b);
    for (size_t i = 0; i < 4; i++) floating += strcmp(bench_level(&r->b, 1, uno_pins[i], 1e9), "floating") == 0;
    check(floating == 4, "%zu of 4 outputs float before they are configured", floating);
    const char *enable = bench_level(&r->b, 1, "D10", 1e9);
    check(strcmp(enable, "high") == 0, "the motor's driver is off: ENABLE is %s", enable);
}

void check_stats(rig *r) {
    bench_command(&r->b, "stats");
    host_run(&r->h, 50);
    double used = bench_stat(&r->b, "stack_bytes"), left = bench_stat(&r->b, "stack_free_bytes"), late = bench_stat(&r->b, "receive_late_us");
    unsigned watchdog = (unsigned)bench_stat(&r->b, "wdtcsr");
    check(used > 0 && left >= 100, "the deepest stack was %.0f bytes, %.0f were left", used, left);
    check(late < 170, "a received byte waits %.0f us at most for its interrupt; two fit in 174 us", late);
    check(bench_stat(&r->b, "step_late_us") < 100, "a step waits %.0f us at most", bench_stat(&r->b, "step_late_us"));
    check((watchdog & 0x2F) == 0x0E, "the watchdog is on, at 1 s: WDTCSR is %02X", watchdog);
}
