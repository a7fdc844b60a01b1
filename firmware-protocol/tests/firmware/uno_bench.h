/* What the checks of both builds of the Uno share: its pins, and how the truth of its emulator is looked at. */
#ifndef TEST_UNO_BENCH_H
#define TEST_UNO_BENCH_H

#include "checks.h"

enum { VALVE_0 = 0, VALVE_1 = 1, SPARE = 2, MOTOR = 3, INPUT = 4, LIMIT = 5, ANALOG_0 = 6, ANALOG_1 = 7, HEATER = 8, UNO_CHANNELS = 9 };

#define UNO_PINS 7
extern const char *const uno_labels[UNO_CHANNELS];
extern const char *const uno_pins[UNO_PINS]; /* outputs; D4 to D7 are the first four */

/* `firmware` is the name of its file among the programs. */
bool uno_start(rig *r, const char *directory, const char *programs, const char *firmware, char *const more[]);
/* All channels, with what the motor drives. */
void uno_configure(rig *r, configure motor, bool is_checked);
/* Asks without a pause, as long as that, with heartbeats. */
void run_busily(rig *r, unsigned milliseconds);

typedef struct {
    uint32_t at;
    const char *pin, *level;
} planned;

/* How late this edge came; 1e9: it did not come. */
double edge_error(const rig *r, const planned *p);
/* How many of the scheduled messages that were told since `events` have been done, and how late the last of them was at worst. */
size_t count_executed(const rig *r, size_t events, double *latest_us);

typedef struct {
    unsigned count, forward;
    double first_us, last_us, shortest_us, longest_cruise_us, mean_cruise_us, narrowest_us;
} steps_seen;

/* `ramp` steps at both ends do not count as cruise. */
steps_seen look_at_steps(const rig *r, double from_us, unsigned total, unsigned ramp);

void check_safe_start(rig *r);
void check_stats(rig *r);

#endif
