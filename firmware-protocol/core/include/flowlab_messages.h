/* Made from dictionary.json by `make dictionary`; do not edit. */
#ifndef FLOWLAB_MESSAGES_H
#define FLOWLAB_MESSAGES_H

#include <stdint.h>
#include <string.h>

#define FLOWLAB_PROTOCOL 1
#define FLOWLAB_DICTIONARY 0x437786A2UL

#define FLOWLAB_BODY_MAX 69UL /* version, sequence, type, payload and CRC */
#define FLOWLAB_DEAD_MAN_MS 1000UL /* without a heartbeat for so long, the board makes itself safe */
#define FLOWLAB_ENCODED_MAX 72UL /* a body as COBS, with the trailing byte that some encoders add, and its delimiter */
#define FLOWLAB_EVENT_RING 8UL /* events that are kept until they are acknowledged */
#define FLOWLAB_HEARTBEAT_INTERVAL_MS 250UL /* from one heartbeat of the host to the next */
#define FLOWLAB_MAX_ON_LIMIT_MS 3600000UL /* the longest maximum on-time that may be configured */
#define FLOWLAB_NO_CHANNEL 255UL /* in the place of a channel: none */
#define FLOWLAB_PAYLOAD_MAX 64UL /* bytes of a payload at most */
#define FLOWLAB_SCHEDULE_HORIZON_MS 60000UL /* how far ahead a scheduled message may be */
#define FLOWLAB_SCHEDULE_LEAD_MS 100UL /* how far ahead of need a host sends it at the latest */
#define FLOWLAB_SCHEDULED_BODY_MAX 20UL /* bytes of a scheduled message's payload */

enum flowlab_board_code {
    FLOWLAB_BOARD_UNO = 1,
    FLOWLAB_BOARD_STM32F103 = 2,
};

enum flowlab_ended_code {
    FLOWLAB_ENDED_FINISHED = 0,
    FLOWLAB_ENDED_EXPIRED = 1,
    FLOWLAB_ENDED_STOPPED = 2,
    FLOWLAB_ENDED_LIMIT = 3,
    FLOWLAB_ENDED_FAULT = 4,
};

enum flowlab_fault_code {
    FLOWLAB_FAULT_NONE = 0,
    FLOWLAB_FAULT_DEAD_MAN = 1,
    FLOWLAB_FAULT_LATE_COMMAND = 2,
    FLOWLAB_FAULT_OVER_TEMPERATURE = 3,
    FLOWLAB_FAULT_SENSOR = 4,
    FLOWLAB_FAULT_NOT_HEATING = 5,
    FLOWLAB_FAULT_EMERGENCY_STOP = 6,
    FLOWLAB_FAULT_INTERNAL = 7,
};

enum flowlab_kind_code {
    FLOWLAB_KIND_NONE = 0,
    FLOWLAB_KIND_DIGITAL_OUTPUT = 1,
    FLOWLAB_KIND_DIGITAL_INPUT = 2,
    FLOWLAB_KIND_ANALOG_INPUT = 3,
    FLOWLAB_KIND_STEPPER = 4,
    FLOWLAB_KIND_PERISTALTIC_PUMP = 5,
    FLOWLAB_KIND_HEATER = 6,
};

enum flowlab_move_mode_code {
    FLOWLAB_MOVE_MODE_ABSOLUTE = 0,
    FLOWLAB_MOVE_MODE_RELATIVE = 1,
};

enum flowlab_reset_cause_code {
    FLOWLAB_RESET_CAUSE_UNKNOWN = 0,
    FLOWLAB_RESET_CAUSE_POWER_ON = 1,
    FLOWLAB_RESET_CAUSE_EXTERNAL = 2,
    FLOWLAB_RESET_CAUSE_BROWN_OUT = 3,
    FLOWLAB_RESET_CAUSE_WATCHDOG = 4,
    FLOWLAB_RESET_CAUSE_SOFTWARE = 5,
};

enum flowlab_state_code {
    FLOWLAB_STATE_IDLE = 0,
    FLOWLAB_STATE_OPEN = 1,
    FLOWLAB_STATE_READY = 2,
    FLOWLAB_STATE_FAULT = 3,
};

enum flowlab_status_code {
    FLOWLAB_STATUS_OK = 0,
    FLOWLAB_STATUS_UNKNOWN_MESSAGE = 1,
    FLOWLAB_STATUS_BAD_LENGTH = 2,
    FLOWLAB_STATUS_NO_SESSION = 3,
    FLOWLAB_STATUS_WRONG_SESSION = 4,
    FLOWLAB_STATUS_NOT_CONFIGURED = 5,
    FLOWLAB_STATUS_BAD_CHANNEL = 6,
    FLOWLAB_STATUS_WRONG_KIND = 7,
    FLOWLAB_STATUS_OUT_OF_RANGE = 8,
    FLOWLAB_STATUS_BUSY = 9,
    FLOWLAB_STATUS_FAULTED = 10,
    FLOWLAB_STATUS_QUEUE_FULL = 11,
    FLOWLAB_STATUS_TOO_LATE = 12,
    FLOWLAB_STATUS_TOO_FAR = 13,
    FLOWLAB_STATUS_BAD_CONFIGURATION = 14,
    FLOWLAB_STATUS_STALE = 15,
    FLOWLAB_STATUS_NOT_HOMED = 16,
    FLOWLAB_STATUS_LIMIT = 17,
    FLOWLAB_STATUS_SAME_SESSION = 18,
    FLOWLAB_STATUS_LOCKED = 19,
    FLOWLAB_STATUS_BAD_VERSION = 20,
};

enum flowlab_read_flag {
    FLOWLAB_READ_FLAG_HOMED = 1,
    FLOWLAB_READ_FLAG_LIMIT = 2,
    FLOWLAB_READ_FLAG_SENSOR_FAULT = 4,
    FLOWLAB_READ_FLAG_ENABLED = 8,
};

enum flowlab_message {
    FLOWLAB_HELLO = 1, /* begins a session, or asks again who is there in the one that is open */
    FLOWLAB_HEARTBEAT = 2, /* feeds the dead-man timer, acknowledges events, and tells the board's time; both directions have the same length */
    FLOWLAB_CLOCK = 3, /* tells the board's time without feeding anything; both directions have the same length */
    FLOWLAB_DESCRIBE = 4, /* what a channel is */
    FLOWLAB_CONFIGURE_BEGIN = 5, /* forgets the configuration; what was active is made safe first */
    FLOWLAB_CONFIGURE_OUTPUT = 6, /* of a digital_output */
    FLOWLAB_CONFIGURE_INPUT = 7, /* of a digital_input */
    FLOWLAB_CONFIGURE_ANALOG = 8, /* of an analog_input */
    FLOWLAB_CONFIGURE_AXIS = 9, /* of a stepper or a peristaltic_pump */
    FLOWLAB_CONFIGURE_HEATER = 10, /* of a heater */
    FLOWLAB_CONFIGURE_COMMIT = 11, /* puts what was configured since configure_begin in force */
    FLOWLAB_READ_CONFIGURATION = 12, /* the configure message of a channel, as it is kept */
    FLOWLAB_SET_OUTPUT = 16, /* a digital_output on for a finite time, or off */
    FLOWLAB_MOVE = 17, /* a stepper to a position */
    FLOWLAB_HOME = 18, /* a stepper to its limit switch, which becomes position 0 */
    FLOWLAB_PUMP = 19, /* a peristaltic_pump for a finite number of steps */
    FLOWLAB_SET_HEATER = 20, /* a heater's set point for a finite time */
    FLOWLAB_CHANNEL_STOP = 21, /* one channel to its safe state; scheduled messages for it are dropped */
    FLOWLAB_STOP = 22, /* every channel to its safe state; all scheduled messages are dropped */
    FLOWLAB_SCHEDULE = 23, /* set_output, move, home, pump or channel_stop at a board time */
    FLOWLAB_READ = 24, /* what a channel does */
    FLOWLAB_CLEAR = 25, /* ends a fault, in a session that began after it */
    FLOWLAB_BOOTED = 192, /* the board has started; its sequence is 0 and it is not repeated */
    FLOWLAB_EXECUTED = 193, /* a scheduled message came to its time */
    FLOWLAB_ENDED = 194, /* a channel went to its safe state */
    FLOWLAB_FAULTED = 195, /* a fault was latched; everything is safe */
    FLOWLAB_INPUT = 196, /* a digital input changed */
};

/* Little-endian numbers. */
static inline uint16_t flowlab_get_u16(const uint8_t *p) { return (uint16_t)(p[0] | ((uint16_t)p[1] << 8)); }
static inline uint32_t flowlab_get_u32(const uint8_t *p) {
    return (uint32_t)p[0] | ((uint32_t)p[1] << 8) | ((uint32_t)p[2] << 16) | ((uint32_t)p[3] << 24);
}
static inline void flowlab_put_u16(uint8_t *p, uint16_t v) {
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}
static inline void flowlab_put_u32(uint8_t *p, uint32_t v) {
    flowlab_put_u16(p, (uint16_t)v);
    flowlab_put_u16(p + 2, (uint16_t)(v >> 16));
}

/* hello: begins a session, or asks again who is there in the one that is open. */
#define FLOWLAB_HELLO_SIZE 4
typedef struct {
    uint32_t session; /* not 0; another one than the last begins a new session */
} flowlab_hello;
static inline void flowlab_get_hello(const uint8_t *p, flowlab_hello *m) {
    m->session = flowlab_get_u32(p + 0);
}

/* Its answer, the status before it. */
#define FLOWLAB_HELLO_ANSWER_SIZE 40
typedef struct {
    uint8_t protocol; /* version of this protocol */
    uint8_t board; /* enum board */
    uint8_t firmware_major;
    uint8_t firmware_minor;
    uint8_t firmware_patch;
    uint16_t capabilities; /* bit n: it has a channel of enum kind n */
    uint32_t dictionary; /* hash of the dictionary that it was built with */
    uint16_t boot_count; /* how often it has started */
    uint8_t reset_cause; /* enum reset_cause, of the last start */
    uint8_t serial[12]; /* its own number */
    uint8_t channels; /* how many it has, from 0 */
    uint8_t state; /* enum state */
    uint8_t fault; /* enum fault */
    uint16_t configuration; /* CRC of what is committed; 0: nothing */
    uint32_t session; /* the one that is open */
    uint32_t now; /* board time in us */
} flowlab_hello_answer;
static inline void flowlab_put_hello_answer(uint8_t *p, const flowlab_hello_answer *m) {
    p[1] = m->protocol;
    p[2] = m->board;
    p[3] = m->firmware_major;
    p[4] = m->firmware_minor;
    p[5] = m->firmware_patch;
    flowlab_put_u16(p + 6, m->capabilities);
    flowlab_put_u32(p + 8, m->dictionary);
    flowlab_put_u16(p + 12, m->boot_count);
    p[14] = m->reset_cause;
    memcpy(p + 15, m->serial, 12);
    p[27] = m->channels;
    p[28] = m->state;
    p[29] = m->fault;
    flowlab_put_u16(p + 30, m->configuration);
    flowlab_put_u32(p + 32, m->session);
    flowlab_put_u32(p + 36, m->now);
}

/* heartbeat: feeds the dead-man timer, acknowledges events, and tells the board's time; both directions have the same length. */
#define FLOWLAB_HEARTBEAT_SIZE 21
typedef struct {
    uint32_t session; /* the one that is open */
    uint8_t events_seen; /* number of the last event in unbroken order */
} flowlab_heartbeat;
static inline void flowlab_get_heartbeat(const uint8_t *p, flowlab_heartbeat *m) {
    m->session = flowlab_get_u32(p + 0);
    m->events_seen = p[4];
}

/* Its answer, the status before it. */
#define FLOWLAB_HEARTBEAT_ANSWER_SIZE 21
typedef struct {
    uint32_t received; /* board time in us at which the request's last byte was there */
    uint32_t sent; /* board time in us at which this answer's first byte was handed to the line */
    uint8_t state; /* enum state */
    uint8_t fault; /* enum fault */
    uint16_t active; /* bit n: channel n is not in its safe state */
    uint16_t inputs; /* bit n: digital input n is on */
    uint8_t queued; /* scheduled messages that wait */
    uint8_t events; /* number of the newest event */
    uint16_t configuration; /* CRC of what is committed; 0: nothing */
    uint16_t dropped; /* frames that were no frames, since the start, modulo 65536 */
} flowlab_heartbeat_answer;
static inline void flowlab_put_heartbeat_answer(uint8_t *p, const flowlab_heartbeat_answer *m) {
    flowlab_put_u32(p + 1, m->received);
    flowlab_put_u32(p + 5, m->sent);
    p[9] = m->state;
    p[10] = m->fault;
    flowlab_put_u16(p + 11, m->active);
    flowlab_put_u16(p + 13, m->inputs);
    p[15] = m->queued;
    p[16] = m->events;
    flowlab_put_u16(p + 17, m->configuration);
    flowlab_put_u16(p + 19, m->dropped);
}

/* clock: tells the board's time without feeding anything; both directions have the same length. */
#define FLOWLAB_CLOCK_SIZE 9

/* Its answer, the status before it. */
#define FLOWLAB_CLOCK_ANSWER_SIZE 9
typedef struct {
    uint32_t received; /* as in heartbeat */
    uint32_t sent; /* as in heartbeat */
} flowlab_clock_answer;
static inline void flowlab_put_clock_answer(uint8_t *p, const flowlab_clock_answer *m) {
    flowlab_put_u32(p + 1, m->received);
    flowlab_put_u32(p + 5, m->sent);
}

/* describe: what a channel is. */
#define FLOWLAB_DESCRIBE_SIZE 1
typedef struct {
    uint8_t channel;
} flowlab_describe;
static inline void flowlab_get_describe(const uint8_t *p, flowlab_describe *m) {
    m->channel = p[0];
}

/* Its answer, the status before it. */
#define FLOWLAB_DESCRIBE_ANSWER_SIZE 16
typedef struct {
    uint8_t kind; /* enum kind */
    uint8_t label[8]; /* of its pin, ASCII, zeros behind it */
    uint32_t max_rate; /* millisteps a second at most; 0 where nothing steps */
    uint16_t full_scale; /* counts of an analog input; 0 elsewhere */
} flowlab_describe_answer;
static inline void flowlab_put_describe_answer(uint8_t *p, const flowlab_describe_answer *m) {
    p[1] = m->kind;
    memcpy(p + 2, m->label, 8);
    flowlab_put_u32(p + 10, m->max_rate);
    flowlab_put_u16(p + 14, m->full_scale);
}

/* configure_begin: forgets the configuration; what was active is made safe first. */
#define FLOWLAB_CONFIGURE_BEGIN_SIZE 0

/* Its answer, the status before it. */
#define FLOWLAB_CONFIGURE_BEGIN_ANSWER_SIZE 1

/* configure_output: of a digital_output. */
#define FLOWLAB_CONFIGURE_OUTPUT_SIZE 6
typedef struct {
    uint8_t channel;
    uint8_t active_low; /* 1: on is a low pin */
    uint32_t max_on_ms; /* 1 to max_on_limit_ms */
} flowlab_configure_output;
static inline void flowlab_get_configure_output(const uint8_t *p, flowlab_configure_output *m) {
    m->channel = p[0];
    m->active_low = p[1];
    m->max_on_ms = flowlab_get_u32(p + 2);
}

/* Its answer, the status before it. */
#define FLOWLAB_CONFIGURE_OUTPUT_ANSWER_SIZE 1

/* configure_input: of a digital_input. */
#define FLOWLAB_CONFIGURE_INPUT_SIZE 5
typedef struct {
    uint8_t channel;
    uint8_t active_low; /* 1: on is a low pin */
    uint8_t debounce_ms; /* a level must hold so long */
    uint8_t report; /* 1: each change is an event */
    uint8_t emergency_stop; /* 1: on is the fault emergency_stop */
} flowlab_configure_input;
static inline void flowlab_get_configure_input(const uint8_t *p, flowlab_configure_input *m) {
    m->channel = p[0];
    m->active_low = p[1];
    m->debounce_ms = p[2];
    m->report = p[3];
    m->emergency_stop = p[4];
}

/* Its answer, the status before it. */
#define FLOWLAB_CONFIGURE_INPUT_ANSWER_SIZE 1

/* configure_analog: of an analog_input. */
#define FLOWLAB_CONFIGURE_ANALOG_SIZE 2
typedef struct {
    uint8_t channel;
    uint8_t average; /* samples of the moving mean, 1 to 64 */
} flowlab_configure_analog;
static inline void flowlab_get_configure_analog(const uint8_t *p, flowlab_configure_analog *m) {
    m->channel = p[0];
    m->average = p[1];
}

/* Its answer, the status before it. */
#define FLOWLAB_CONFIGURE_ANALOG_ANSWER_SIZE 1

/* configure_axis: of a stepper or a peristaltic_pump. */
#define FLOWLAB_CONFIGURE_AXIS_SIZE 24
typedef struct {
    uint8_t channel;
    uint8_t inverted; /* 1: forward is a low direction pin */
    uint32_t max_rate; /* millisteps a second */
    uint32_t acceleration; /* steps a second squared; at least 1 */
    uint32_t max_run_ms; /* 1 to max_on_limit_ms */
    uint8_t limit_channel; /* the digital_input of its switch at the end towards which it homes, or no_channel */
    uint8_t home_backward; /* 1: it homes towards smaller positions */
    int32_t minimum; /* steps; of a stepper that was homed */
    int32_t maximum; /* steps */
} flowlab_configure_axis;
static inline void flowlab_get_configure_axis(const uint8_t *p, flowlab_configure_axis *m) {
    m->channel = p[0];
    m->inverted = p[1];
    m->max_rate = flowlab_get_u32(p + 2);
    m->acceleration = flowlab_get_u32(p + 6);
    m->max_run_ms = flowlab_get_u32(p + 10);
    m->limit_channel = p[14];
    m->home_backward = p[15];
    m->minimum = (int32_t)flowlab_get_u32(p + 16);
    m->maximum = (int32_t)flowlab_get_u32(p + 20);
}

/* Its answer, the status before it. */
#define FLOWLAB_CONFIGURE_AXIS_ANSWER_SIZE 1

/* configure_heater: of a heater. */
#define FLOWLAB_CONFIGURE_HEATER_SIZE 36
typedef struct {
    uint8_t channel;
    uint8_t sensor_channel; /* its analog_input, configured before it */
    int32_t sensor_zero; /* millidegrees Celsius at count 0 */
    int32_t sensor_scale; /* microkelvin a count */
    uint16_t sensor_low; /* counts below it are a broken sensor */
    uint16_t sensor_high; /* counts above it are a broken sensor */
    uint16_t kp; /* per mille of output a kelvin */
    uint16_t ki; /* per mille of output a kelvin and 100 s */
    uint16_t kd; /* per mille of output a kelvin a second */
    uint16_t window_ms; /* of the time-proportioned output, 100 to 60000 */
    uint16_t max_output; /* per mille, 1 to 1000 */
    int32_t max_temperature; /* millidegrees Celsius; above it is the fault over_temperature */
    uint16_t check_s; /* after so long at 9/10 of max_output or more */
    uint16_t check_rise; /* it must be warmer by so many millikelvin, else it is the fault not_heating */
    uint32_t max_on_ms; /* 1 to max_on_limit_ms */
} flowlab_configure_heater;
static inline void flowlab_get_configure_heater(const uint8_t *p, flowlab_configure_heater *m) {
    m->channel = p[0];
    m->sensor_channel = p[1];
    m->sensor_zero = (int32_t)flowlab_get_u32(p + 2);
    m->sensor_scale = (int32_t)flowlab_get_u32(p + 6);
    m->sensor_low = flowlab_get_u16(p + 10);
    m->sensor_high = flowlab_get_u16(p + 12);
    m->kp = flowlab_get_u16(p + 14);
    m->ki = flowlab_get_u16(p + 16);
    m->kd = flowlab_get_u16(p + 18);
    m->window_ms = flowlab_get_u16(p + 20);
    m->max_output = flowlab_get_u16(p + 22);
    m->max_temperature = (int32_t)flowlab_get_u32(p + 24);
    m->check_s = flowlab_get_u16(p + 28);
    m->check_rise = flowlab_get_u16(p + 30);
    m->max_on_ms = flowlab_get_u32(p + 32);
}

/* Its answer, the status before it. */
#define FLOWLAB_CONFIGURE_HEATER_ANSWER_SIZE 1

/* configure_commit: puts what was configured since configure_begin in force. */
#define FLOWLAB_CONFIGURE_COMMIT_SIZE 3
typedef struct {
    uint8_t count; /* configure messages */
    uint16_t crc; /* over type and payload of each, in order */
} flowlab_configure_commit;
static inline void flowlab_get_configure_commit(const uint8_t *p, flowlab_configure_commit *m) {
    m->count = p[0];
    m->crc = flowlab_get_u16(p + 1);
}

/* Its answer, the status before it. */
#define FLOWLAB_CONFIGURE_COMMIT_ANSWER_SIZE 3
typedef struct {
    uint16_t crc; /* as the board has counted it */
} flowlab_configure_commit_answer;
static inline void flowlab_put_configure_commit_answer(uint8_t *p, const flowlab_configure_commit_answer *m) {
    flowlab_put_u16(p + 1, m->crc);
}

/* read_configuration: the configure message of a channel, as it is kept. */
#define FLOWLAB_READ_CONFIGURATION_SIZE 1
typedef struct {
    uint8_t channel;
} flowlab_read_configuration;
static inline void flowlab_get_read_configuration(const uint8_t *p, flowlab_read_configuration *m) {
    m->channel = p[0];
}

/* Its answer, the status before it. */
#define FLOWLAB_READ_CONFIGURATION_ANSWER_SIZE 2 /* and what follows */
typedef struct {
    uint8_t type; /* of the configure message; 0: none */
} flowlab_read_configuration_answer;
static inline void flowlab_put_read_configuration_answer(uint8_t *p, const flowlab_read_configuration_answer *m) {
    p[1] = m->type;
}

/* set_output: a digital_output on for a finite time, or off. */
#define FLOWLAB_SET_OUTPUT_SIZE 6
typedef struct {
    uint8_t channel;
    uint8_t level; /* 1 on, 0 off */
    uint32_t duration_ms; /* of on: 1 to max_on_ms; 0 with off */
} flowlab_set_output;
static inline void flowlab_get_set_output(const uint8_t *p, flowlab_set_output *m) {
    m->channel = p[0];
    m->level = p[1];
    m->duration_ms = flowlab_get_u32(p + 2);
}

/* Its answer, the status before it. */
#define FLOWLAB_SET_OUTPUT_ANSWER_SIZE 6
typedef struct {
    uint8_t level;
    uint32_t remaining_ms;
} flowlab_set_output_answer;
static inline void flowlab_put_set_output_answer(uint8_t *p, const flowlab_set_output_answer *m) {
    p[1] = m->level;
    flowlab_put_u32(p + 2, m->remaining_ms);
}

/* move: a stepper to a position. */
#define FLOWLAB_MOVE_SIZE 10
typedef struct {
    uint8_t channel;
    uint8_t mode; /* enum move_mode */
    int32_t position; /* steps */
    uint32_t rate; /* millisteps a second */
} flowlab_move;
static inline void flowlab_get_move(const uint8_t *p, flowlab_move *m) {
    m->channel = p[0];
    m->mode = p[1];
    m->position = (int32_t)flowlab_get_u32(p + 2);
    m->rate = flowlab_get_u32(p + 6);
}

/* Its answer, the status before it. */
#define FLOWLAB_MOVE_ANSWER_SIZE 5
typedef struct {
    int32_t target; /* steps */
} flowlab_move_answer;
static inline void flowlab_put_move_answer(uint8_t *p, const flowlab_move_answer *m) {
    flowlab_put_u32(p + 1, (uint32_t)m->target);
}

/* home: a stepper to its limit switch, which becomes position 0. */
#define FLOWLAB_HOME_SIZE 9
typedef struct {
    uint8_t channel;
    uint32_t rate; /* millisteps a second */
    uint32_t max_steps; /* without the switch after so many, it ends */
} flowlab_home;
static inline void flowlab_get_home(const uint8_t *p, flowlab_home *m) {
    m->channel = p[0];
    m->rate = flowlab_get_u32(p + 1);
    m->max_steps = flowlab_get_u32(p + 5);
}

/* Its answer, the status before it. */
#define FLOWLAB_HOME_ANSWER_SIZE 1

/* pump: a peristaltic_pump for a finite number of steps. */
#define FLOWLAB_PUMP_SIZE 9
typedef struct {
    uint8_t channel;
    uint32_t rate; /* millisteps a second */
    int32_t steps; /* negative: backward */
} flowlab_pump;
static inline void flowlab_get_pump(const uint8_t *p, flowlab_pump *m) {
    m->channel = p[0];
    m->rate = flowlab_get_u32(p + 1);
    m->steps = (int32_t)flowlab_get_u32(p + 5);
}

/* Its answer, the status before it. */
#define FLOWLAB_PUMP_ANSWER_SIZE 5
typedef struct {
    int32_t target; /* the count of steps at which it ends */
} flowlab_pump_answer;
static inline void flowlab_put_pump_answer(uint8_t *p, const flowlab_pump_answer *m) {
    flowlab_put_u32(p + 1, (uint32_t)m->target);
}

/* set_heater: a heater's set point for a finite time. */
#define FLOWLAB_SET_HEATER_SIZE 11
typedef struct {
    uint8_t channel;
    int32_t target; /* millidegrees Celsius */
    uint16_t ramp; /* millikelvin a second; 0: at once */
    uint32_t duration_ms; /* 1 to max_on_ms */
} flowlab_set_heater;
static inline void flowlab_get_set_heater(const uint8_t *p, flowlab_set_heater *m) {
    m->channel = p[0];
    m->target = (int32_t)flowlab_get_u32(p + 1);
    m->ramp = flowlab_get_u16(p + 5);
    m->duration_ms = flowlab_get_u32(p + 7);
}

/* Its answer, the status before it. */
#define FLOWLAB_SET_HEATER_ANSWER_SIZE 1

/* channel_stop: one channel to its safe state; scheduled messages for it are dropped. */
#define FLOWLAB_CHANNEL_STOP_SIZE 1
typedef struct {
    uint8_t channel;
} flowlab_channel_stop;
static inline void flowlab_get_channel_stop(const uint8_t *p, flowlab_channel_stop *m) {
    m->channel = p[0];
}

/* Its answer, the status before it. */
#define FLOWLAB_CHANNEL_STOP_ANSWER_SIZE 2
typedef struct {
    uint8_t active; /* whether it still is not in its safe state */
} flowlab_channel_stop_answer;
static inline void flowlab_put_channel_stop_answer(uint8_t *p, const flowlab_channel_stop_answer *m) {
    p[1] = m->active;
}

/* stop: every channel to its safe state; all scheduled messages are dropped. */
#define FLOWLAB_STOP_SIZE 0

/* Its answer, the status before it. */
#define FLOWLAB_STOP_ANSWER_SIZE 3
typedef struct {
    uint16_t active; /* as in heartbeat */
} flowlab_stop_answer;
static inline void flowlab_put_stop_answer(uint8_t *p, const flowlab_stop_answer *m) {
    flowlab_put_u16(p + 1, m->active);
}

/* schedule: set_output, move, home, pump or channel_stop at a board time. */
#define FLOWLAB_SCHEDULE_SIZE 5 /* and what follows */
typedef struct {
    uint32_t at; /* board time in us */
    uint8_t type; /* of the message */
} flowlab_schedule;
static inline void flowlab_get_schedule(const uint8_t *p, flowlab_schedule *m) {
    m->at = flowlab_get_u32(p + 0);
    m->type = p[4];
}

/* Its answer, the status before it. */
#define FLOWLAB_SCHEDULE_ANSWER_SIZE 2
typedef struct {
    uint8_t free; /* scheduled messages that still find a place */
} flowlab_schedule_answer;
static inline void flowlab_put_schedule_answer(uint8_t *p, const flowlab_schedule_answer *m) {
    p[1] = m->free;
}

/* read: what a channel does. */
#define FLOWLAB_READ_SIZE 1
typedef struct {
    uint8_t channel;
} flowlab_read;
static inline void flowlab_get_read(const uint8_t *p, flowlab_read *m) {
    m->channel = p[0];
}

/* Its answer, the status before it. */
#define FLOWLAB_READ_ANSWER_SIZE 22
typedef struct {
    uint8_t kind; /* enum kind */
    uint8_t active; /* 1: not in its safe state */
    uint8_t flags; /* flags read */
    int32_t value; /* level; count; position in steps; millidegrees Celsius */
    int32_t target; /* position at which it ends; set point as it is now */
    uint32_t remaining; /* ms of on-time; steps */
    uint16_t output; /* per mille of a heater; duty of what is on */
    uint32_t time; /* board time in us of all that */
} flowlab_read_answer;
static inline void flowlab_put_read_answer(uint8_t *p, const flowlab_read_answer *m) {
    p[1] = m->kind;
    p[2] = m->active;
    p[3] = m->flags;
    flowlab_put_u32(p + 4, (uint32_t)m->value);
    flowlab_put_u32(p + 8, (uint32_t)m->target);
    flowlab_put_u32(p + 12, m->remaining);
    flowlab_put_u16(p + 16, m->output);
    flowlab_put_u32(p + 18, m->time);
}

/* clear: ends a fault, in a session that began after it. */
#define FLOWLAB_CLEAR_SIZE 4
typedef struct {
    uint32_t session; /* the one that is open */
} flowlab_clear;
static inline void flowlab_get_clear(const uint8_t *p, flowlab_clear *m) {
    m->session = flowlab_get_u32(p + 0);
}

/* Its answer, the status before it. */
#define FLOWLAB_CLEAR_ANSWER_SIZE 2
typedef struct {
    uint8_t state; /* enum state */
} flowlab_clear_answer;
static inline void flowlab_put_clear_answer(uint8_t *p, const flowlab_clear_answer *m) {
    p[1] = m->state;
}

/* booted: the board has started; its sequence is 0 and it is not repeated. */
#define FLOWLAB_BOOTED_SIZE 4
typedef struct {
    uint8_t board; /* enum board */
    uint16_t boot_count;
    uint8_t reset_cause; /* enum reset_cause */
} flowlab_booted;
static inline void flowlab_put_booted(uint8_t *p, const flowlab_booted *m) {
    p[0] = m->board;
    flowlab_put_u16(p + 1, m->boot_count);
    p[3] = m->reset_cause;
}

/* executed: a scheduled message came to its time. */
#define FLOWLAB_EXECUTED_SIZE 10
typedef struct {
    uint8_t request; /* sequence of the schedule request */
    uint8_t status; /* enum status, of the message */
    uint32_t at; /* board time in us as scheduled */
    uint32_t done; /* board time in us at which it took effect */
} flowlab_executed;
static inline void flowlab_put_executed(uint8_t *p, const flowlab_executed *m) {
    p[0] = m->request;
    p[1] = m->status;
    flowlab_put_u32(p + 2, m->at);
    flowlab_put_u32(p + 6, m->done);
}

/* ended: a channel went to its safe state. */
#define FLOWLAB_ENDED_SIZE 10
typedef struct {
    uint8_t channel;
    uint8_t reason; /* enum ended */
    int32_t value; /* level, position in steps, or millidegrees Celsius */
    uint32_t time; /* board time in us */
} flowlab_ended;
static inline void flowlab_put_ended(uint8_t *p, const flowlab_ended *m) {
    p[0] = m->channel;
    p[1] = m->reason;
    flowlab_put_u32(p + 2, (uint32_t)m->value);
    flowlab_put_u32(p + 6, m->time);
}

/* faulted: a fault was latched; everything is safe. */
#define FLOWLAB_FAULTED_SIZE 10
typedef struct {
    uint8_t fault; /* enum fault */
    uint8_t channel; /* or no_channel */
    int32_t value; /* what was seen; of late_command, us too late */
    uint32_t time; /* board time in us */
} flowlab_faulted;
static inline void flowlab_put_faulted(uint8_t *p, const flowlab_faulted *m) {
    p[0] = m->fault;
    p[1] = m->channel;
    flowlab_put_u32(p + 2, (uint32_t)m->value);
    flowlab_put_u32(p + 6, m->time);
}

/* input: a digital input changed. */
#define FLOWLAB_INPUT_SIZE 6
typedef struct {
    uint8_t channel;
    uint8_t level; /* 1 on, 0 off */
    uint32_t time; /* board time in us */
} flowlab_input;
static inline void flowlab_put_input(uint8_t *p, const flowlab_input *m) {
    p[0] = m->channel;
    p[1] = m->level;
    flowlab_put_u32(p + 2, m->time);
}

#endif
