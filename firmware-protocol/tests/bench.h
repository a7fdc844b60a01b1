/* A host and a world around one board: its own encoder, its own clock, and motors that step when their time comes. */
#ifndef BENCH_H
#define BENCH_H

#include "flowlab_board_state.h"

enum { VALVE, RELAY, SWITCH, STOP_BUTTON, PROBE, STEPPER, PUMP, HEATER, LAMP, UNUSED, CHANNELS };

#define BENCH_EVENTS 64
#define BENCH_SESSION 0x11223344U

typedef struct {
    uint8_t number, type, payload[16];
} bench_event;

typedef struct {
    flowlab_board board;
    uint64_t time; /* us */
    uint8_t sequence;
    uint32_t session;
    bool beats; /* a heartbeat each 250 ms */
    uint64_t beat_at;

    uint8_t raw[80]; /* the frame that comes in */
    unsigned raw_length;
    uint8_t body[70]; /* the newest answer, decoded */
    unsigned body_length;
    unsigned answers;
    bench_event events[BENCH_EVENTS];
    unsigned event_count;
    unsigned bad_frames;

    uint64_t step_from[2]; /* of STEPPER and PUMP; 1/16 us */
    uint64_t first_step[2], last_step[2], shortest[2];
    unsigned steps[2];
    bool hits_switch_at_zero; /* the switch is on where the stepper's place is below 0 */
    int place;                /* where the stepper really stands */
} bench;

void bench_start(bench *b, uint64_t time);
void bench_open(bench *b);  /* and a session */
void bench_ready(bench *b); /* and the configuration of bench_configure */
void bench_fast_ready(bench *b, uint32_t debounce_ms);

unsigned host_encode(uint8_t version, uint8_t sequence, uint8_t type, const void *payload, unsigned length, uint8_t *frame);
uint16_t host_crc(const uint8_t *bytes, unsigned length);
bool host_decode(const uint8_t *encoded, unsigned length, uint8_t *body, unsigned *body_length);
void host_bytes(bench *b, const uint8_t *bytes, unsigned length);
void host_send(bench *b, uint8_t sequence, uint8_t type, const void *payload, unsigned length);
void bench_poll(bench *b);
void bench_drain(bench *b);
/* Sends with the next sequence, polls, and returns the status; 255 where no answer came. */
int ask(bench *b, uint8_t type, const void *payload, unsigned length);
int again(bench *b, uint8_t sequence, uint8_t type, const void *payload, unsigned length);

int hello(bench *b, uint32_t session);
int heartbeat(bench *b, uint8_t seen);
int set_output(bench *b, uint8_t channel, uint8_t level, uint32_t ms);
int move_to(bench *b, uint8_t channel, uint8_t mode, int32_t position, uint32_t rate);
int home(bench *b, uint8_t channel, uint32_t rate, uint32_t max_steps);
int pump(bench *b, uint8_t channel, uint32_t rate, int32_t steps);
int set_heater(bench *b, uint8_t channel, int32_t target, uint16_t ramp, uint32_t ms);
int schedule(bench *b, uint32_t at, uint8_t type, const void *payload, unsigned length);
int schedule_output(bench *b, uint32_t at, uint8_t channel, uint8_t level, uint32_t ms);
int channel_stop(bench *b, uint8_t channel);
int stop(bench *b);
int clear(bench *b, uint32_t session);
int read_channel(bench *b, uint8_t channel);

int configure_begin(bench *b);
int configure_output(bench *b, uint8_t channel, uint8_t active_low, uint32_t max_on_ms);
int configure_input(bench *b, uint8_t channel, uint8_t active_low, uint8_t debounce, uint8_t report, uint8_t emergency);
int configure_analog(bench *b, uint8_t channel, uint8_t average);
int configure_axis(bench *b, const flowlab_configure_axis *axis);
int configure_heater(bench *b, const flowlab_configure_heater *heater);
int configure_commit(bench *b);
flowlab_configure_axis axis_configuration(uint8_t channel);
flowlab_configure_heater heater_configuration(void);

void bench_run(bench *b, uint64_t us); /* from due to due, with steps and heartbeats */

uint8_t answer_u8(const bench *b, unsigned at); /* of the answer's payload; the status is at 0 */
uint16_t answer_u16(const bench *b, unsigned at);
uint32_t answer_u32(const bench *b, unsigned at);
const bench_event *find_event(const bench *b, uint8_t type, unsigned nth);
uint32_t event_u32(const bench_event *event, unsigned at);
uint8_t pin(const bench *b, uint8_t channel);

#endif
