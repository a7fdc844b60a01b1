/* What is checked on both boards. */
#ifndef TEST_CHECKS_H
#define TEST_CHECKS_H

#include "bench.h"
#include "host.h"

typedef struct {
    bench b;
    host h;
    uint8_t analog_channel; /* first of two */
} rig;

/* Opens a session, and a clean one where a fault is latched. */
bool rig_begin(rig *r, uint32_t session);

/* Sends what was built with the sequence of configure messages between begin and commit, and reads all back. */
typedef struct {
    uint8_t type;
    payload body;
} configure;
void check_configure(rig *r, const configure *messages, size_t count);
void send_configure(rig *r, const configure *messages, size_t count);

configure output(uint8_t channel, uint8_t active_low);
configure input(uint8_t channel, uint8_t debounce_ms);
configure analog(uint8_t channel, uint8_t average);
configure axis(uint8_t channel, uint32_t rate, uint32_t acceleration, uint8_t limit);
configure heater(uint8_t channel, uint8_t sensor, uint16_t low, uint16_t high);

payload set_output(uint8_t channel, uint8_t level, uint32_t ms);
payload move_by(uint8_t channel, int32_t steps, uint32_t rate);
int schedule(rig *r, uint32_t at, uint8_t type, const payload *p);
int ask(rig *r, uint8_t type, const payload *p);
int ask_channel(rig *r, uint8_t type, uint8_t channel);
uint32_t board_now(rig *r);

void check_identity(rig *r, uint8_t board, uint8_t channels, const char *serial, uint16_t boot_count, uint8_t cause);
void check_channels(rig *r, const uint8_t *kinds, const char *const *labels, size_t count);
/* `pins` are the outputs that must not move while noise comes; a heartbeat is answered after it. */
void check_noise(rig *r, const char *const *pins, size_t count, unsigned seed, unsigned frames, uint8_t output_channel);
/* `channel` is on when heartbeats stop. */
void check_dead_man(rig *r, uint8_t channel, const char *pin, const char *safe);
void check_unplugged(rig *r);

void uno_checks(const char *directory, const char *programs, unsigned seed, unsigned frames);
void uno_pump_checks(const char *directory, const char *programs);
void stm32_register_checks(void);
void stm32_clock_checks(void);
void stm32_checks(const char *directory, const char *programs, unsigned seed, unsigned frames);

#endif
