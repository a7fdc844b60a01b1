/* What the parts of the core know of each other. */
#ifndef FLOWLAB_INTERNAL_H
#define FLOWLAB_INTERNAL_H

#include "flowlab_board_state.h"

/* The port's own words for "interrupts off" and "as before"; both must be barriers to the compiler. They stand as a pair in one block, never
 * one pair in another, so that FLOWLAB_LOCK may declare a variable. */
#ifdef FLOWLAB_PORT_HEADER
#include FLOWLAB_PORT_HEADER
#endif
#ifndef FLOWLAB_LOCK
#define FLOWLAB_LOCK() ((void)0)
#define FLOWLAB_UNLOCK() ((void)0)
#endif

#define FLOWLAB_FIRMWARE_MAJOR 0
#define FLOWLAB_FIRMWARE_MINOR 1
#define FLOWLAB_FIRMWARE_PATCH 0

#define FLOWLAB_SAMPLE_US UINT32_C(10000)       /* from one sample of the analog inputs to the next */
#define FLOWLAB_CONTROL_SAMPLES 10      /* samples a control period of a heater, which is 100 ms */
#define FLOWLAB_SENSOR_SAMPLES 5        /* bad ones in a row are a fault */
#define FLOWLAB_PROFILE_US UINT32_C(1000)       /* from one change of an axis's speed to the next */
#define FLOWLAB_RATE_MIN UINT32_C(4)            /* millisteps a second; an interval fits in 32 bits */
#define FLOWLAB_RATE_MAX UINT32_C(65535000)     /* millisteps a second; the square of steps a second fits in 32 bits */
#define FLOWLAB_ACCELERATION_MAX UINT32_C(1000000000)
#define FLOWLAB_DEAD_MAN_US ((uint32_t)FLOWLAB_DEAD_MAN_MS * UINT32_C(1000))
#define FLOWLAB_HORIZON_US ((uint32_t)FLOWLAB_SCHEDULE_HORIZON_MS * UINT32_C(1000))
#define FLOWLAB_IDLE_US UINT32_C(1000000)       /* the longest answer of next_due */
#define FLOWLAB_UNKNOWN_SIZE 255U

typedef char flowlab_channels_fit_in_16_bits[(FLOWLAB_CHANNELS <= 16) ? 1 : -1];
typedef char flowlab_ring_fits_in_8_bits[(FLOWLAB_LINE_RING <= 128) ? 1 : -1];

/* crc.c, cobs.c */
uint16_t flowlab_crc(uint16_t crc, uint8_t byte);
uint16_t flowlab_crc_of(uint16_t crc, const uint8_t *bytes, uint8_t length);
bool flowlab_cobs_decode(flowlab_cobs *cobs, uint8_t byte, uint8_t *decoded);
uint8_t flowlab_cobs_encode(const uint8_t *body, uint8_t length, uint8_t *encoded);

/* time.c */
bool flowlab_has_passed(uint32_t start, uint32_t length, uint32_t now);
uint32_t flowlab_us_left(uint32_t start, uint32_t length, uint32_t now);
void flowlab_timer_begin(flowlab_timer *timer, uint32_t duration_ms, uint32_t now);
bool flowlab_timer_is_over(const flowlab_timer *timer, uint32_t now);
uint32_t flowlab_timer_us_left(const flowlab_timer *timer, uint32_t now);
uint32_t flowlab_timer_ms_left(const flowlab_timer *timer, uint32_t now);
uint32_t flowlab_sooner(uint32_t a, uint32_t b);

/* receive.c, transmit.c */
void flowlab_frames_poll(flowlab_board *board);
bool flowlab_frames_wait(const flowlab_board *board);

/* request.c, session.c, dispatch.c */
void flowlab_request_take(flowlab_board *board);
uint8_t flowlab_request_size(uint8_t type);
uint8_t flowlab_form_check(uint8_t type, uint8_t length);
uint8_t flowlab_dispatch(flowlab_board *board, uint8_t type, const uint8_t *payload, uint8_t length);
uint8_t flowlab_do_hello(flowlab_board *board, const uint8_t *payload);
uint8_t flowlab_do_heartbeat(flowlab_board *board, const uint8_t *payload);
uint8_t flowlab_do_clock(flowlab_board *board);
uint8_t flowlab_do_clear(flowlab_board *board, const uint8_t *payload);
void flowlab_dead_man_poll(flowlab_board *board);
uint16_t flowlab_active(const flowlab_board *board);

/* channels.c, describe.c */
static inline uint8_t flowlab_kind(const flowlab_board *board, uint8_t channel) { return board->channel[channel].kind; }
bool flowlab_channel_is_active(const flowlab_board *board, uint8_t channel);
uint8_t flowlab_channel_check(const flowlab_board *board, uint8_t channel, uint8_t kind);
uint8_t flowlab_channel_ready(const flowlab_board *board, uint8_t channel, uint8_t kind);
void flowlab_channel_safe(flowlab_board *board, uint8_t channel, uint8_t reason);
uint8_t flowlab_do_describe(flowlab_board *board, const uint8_t *payload);
uint8_t flowlab_do_read(flowlab_board *board, const uint8_t *payload);

/* configure.c, configure_heater.c, read_configuration.c */
void flowlab_forget(flowlab_board *board);
uint8_t flowlab_do_configure(flowlab_board *board, uint8_t type, const uint8_t *payload, uint8_t length);
uint8_t flowlab_heater_configure(flowlab_board *board, const uint8_t *payload);
uint8_t flowlab_do_read_configuration(flowlab_board *board, const uint8_t *payload);

/* commands.c */
uint8_t flowlab_command_check(const flowlab_board *board, uint8_t type, const uint8_t *payload);
uint8_t flowlab_command_do(flowlab_board *board, uint8_t type, const uint8_t *payload);

/* outputs.c, inputs.c, analog.c */
uint8_t flowlab_output_check(const flowlab_board *board, const uint8_t *payload);
uint8_t flowlab_output_do(flowlab_board *board, const uint8_t *payload);
void flowlab_output_end(flowlab_board *board, uint8_t channel, uint8_t reason);
void flowlab_outputs_poll(flowlab_board *board);
void flowlab_inputs_start(flowlab_board *board);
void flowlab_inputs_poll(flowlab_board *board);
bool flowlab_input_is_on(const flowlab_board *board, uint8_t channel);
uint32_t flowlab_input_us_left(const flowlab_board *board, uint8_t channel);
uint16_t flowlab_inputs_on(const flowlab_board *board);
void flowlab_analog_start(flowlab_board *board);
void flowlab_analog_poll(flowlab_board *board);
uint16_t flowlab_analog_mean(const flowlab_board *board, uint8_t channel);

/* axis.c, axis_commands.c, profile.c */
void flowlab_axis_now(const flowlab_axis *axis, int32_t *position, uint32_t *left);
int32_t flowlab_axis_target(const flowlab_axis *axis, int32_t position, uint32_t left);
void flowlab_axis_run(flowlab_board *board, uint8_t channel, uint32_t steps, bool is_forward, uint32_t rate);
void flowlab_axis_end(flowlab_board *board, uint8_t channel, uint8_t reason);
void flowlab_axes_poll(flowlab_board *board);
bool flowlab_axis_is_at_switch(const flowlab_board *board, const flowlab_axis *axis, bool is_forward);
uint8_t flowlab_move_check(const flowlab_board *board, const uint8_t *payload);
uint8_t flowlab_move_do(flowlab_board *board, const uint8_t *payload);
uint8_t flowlab_home_check(const flowlab_board *board, const uint8_t *payload);
uint8_t flowlab_home_do(flowlab_board *board, const uint8_t *payload);
uint8_t flowlab_pump_check(const flowlab_board *board, const uint8_t *payload);
uint8_t flowlab_pump_do(flowlab_board *board, const uint8_t *payload);
void flowlab_profile_start(flowlab_axis *axis);
void flowlab_profile_update(flowlab_axis *axis, uint32_t left);
uint32_t flowlab_interval(uint32_t rate);

/* heater.c, control.c */
uint8_t flowlab_heater_do(flowlab_board *board, const uint8_t *payload);
void flowlab_heater_end(flowlab_board *board, uint8_t channel, uint8_t reason);
void flowlab_heaters_poll(flowlab_board *board);
void flowlab_heaters_sample(flowlab_board *board);
uint32_t flowlab_heater_us_left(const flowlab_board *board, const flowlab_heater *heater);
int32_t flowlab_temperature(const flowlab_configure_heater *configuration, uint16_t count);
void flowlab_control_start(flowlab_heater *heater);
void flowlab_control(flowlab_heater *heater);

/* schedule.c */
uint8_t flowlab_do_schedule(flowlab_board *board, const uint8_t *payload, uint8_t length);
void flowlab_schedule_poll(flowlab_board *board);
void flowlab_schedule_drop(flowlab_board *board, uint8_t channel);

/* events.c, faults.c */
void flowlab_event_add(flowlab_board *board, uint8_t type, const uint8_t *body);
void flowlab_event_ended(flowlab_board *board, uint8_t channel, uint8_t reason, int32_t value);
void flowlab_events_seen(flowlab_board *board, uint8_t number);
uint8_t flowlab_event_size(uint8_t type);
void flowlab_safe(flowlab_board *board, uint8_t reason);
void flowlab_fault(flowlab_board *board, uint8_t fault, uint8_t channel, int32_t value);

#endif
