/* What a board remembers. Plain data that may be copied; its members belong to the core, others only make room for it.
 *
 * Shared with interrupts are:
 *  - line: flowlab_board_receive writes all but tail and time_tail, which poll writes;
 *  - of each axis position, left and is_forward: flowlab_board_step changes position and left.
 * The main loop touches these between FLOWLAB_LOCK() and FLOWLAB_UNLOCK() only, which the port defines (README.md). All else is
 * the main loop's own. */
#ifndef FLOWLAB_BOARD_STATE_H
#define FLOWLAB_BOARD_STATE_H

#include "flowlab_board.h"

/* Bytes that wait for poll; a power of two. 115200 baud fill 128 in 11 ms. */
#ifndef FLOWLAB_LINE_RING
#define FLOWLAB_LINE_RING 128
#endif
/* Ends of frames among them; a power of two. */
#ifndef FLOWLAB_LINE_FRAMES
#define FLOWLAB_LINE_FRAMES 8
#endif
#define FLOWLAB_QUEUE 8                                /* scheduled messages */
#define FLOWLAB_QUEUE_BODY FLOWLAB_MOVE_SIZE           /* the longest that may be scheduled */
#define FLOWLAB_EVENT_BODY 10                          /* the longest event */
#define FLOWLAB_ANSWER_MAX FLOWLAB_HELLO_ANSWER_SIZE   /* the longest answer, with its status */
#define FLOWLAB_SENDING_MAX (3 + FLOWLAB_ANSWER_MAX + 4) /* it as a frame: head, CRC, code byte and delimiter */

/* Has run out when now - start >= length, unsigned: good for 3 600 000 ms, since 3.6e9 is less than 2^32. Poll must look before
 * the counter has turned once more, which is 11 minutes after the longest. */
typedef struct {
    uint32_t start;  /* us */
    uint32_t length; /* us */
} flowlab_timer;

typedef struct {
    uint8_t bytes[FLOWLAB_LINE_RING];
    uint32_t times[FLOWLAB_LINE_FRAMES]; /* at which the zeros among the bytes were there */
    bool broken[FLOWLAB_LINE_FRAMES];    /* the frames that they end have lost bytes */
    uint8_t head;
    uint8_t tail;
    uint8_t time_head;
    uint8_t time_tail;
    bool was_end;     /* the byte before on the line was a zero */
    bool is_open;     /* the newest frame in the ring has no end yet */
    bool is_skipping; /* a byte found no room: the rest of its frame is thrown away */
    bool is_broken;   /* the newest frame in the ring has lost bytes */
    uint8_t lost;     /* whole frames that found no room, modulo 256 */
} flowlab_line;

typedef struct {
    uint8_t left;     /* bytes to the end of the block */
    bool is_zero_due; /* a zero stands between this block and the next */
} flowlab_cobs;

typedef struct {
    flowlab_cobs cobs;
    uint8_t body[FLOWLAB_BODY_MAX];
    uint8_t length; /* one more than fits: too long */
    uint16_t crc;   /* over all of the body, with its CRC: 0 when whole */
    bool has_bytes;
    bool is_broken;
    bool is_whole; /* waits to be answered */
    uint32_t received;
} flowlab_frame;

/* A channel of any kind. */
typedef struct {
    uint8_t kind;             /* as the port has it; none where there is no room for it */
    uint8_t slot;             /* of an axis or a heater, in its array */
    uint8_t configured;       /* type of its configure message; 0: none */
    uint8_t configuration[5]; /* what follows the channel in it, but of axes and heaters */
    uint8_t level;            /* 1: on, of an output as driven, of an input as debounced */
    uint8_t raw;              /* of an input: the pin */
    bool is_changing;         /* of an input: the pin differs from the level since timer.start */
    uint16_t count;           /* of an analog input: the newest sample */
    uint16_t mean;            /* of an analog input */
    uint32_t sum;             /* of an analog input: the mean times its samples */
    flowlab_timer timer;
} flowlab_channel;

typedef struct {
    flowlab_configure_axis configuration;
    bool is_moving; /* until poll has seen the end */
    bool is_homing;
    bool is_homed;
    bool is_enabled;
    uint32_t rate;        /* millisteps a second to reach */
    uint32_t speed;       /* millisteps a second now */
    uint32_t start_speed; /* from which it may start, and at which it may stop */
    uint32_t brake;       /* steps from the end at which it slows down */
    uint32_t hold;        /* steps from the end at which it becomes no faster */
    uint32_t interval;    /* 1/16 us; of speed */
    uint32_t updated;     /* us; the newest update of speed */
    flowlab_timer run;
    int32_t position; /* modulo 2^32 */
    uint32_t left;    /* steps to go; 0: no step comes */
    bool is_forward;
} flowlab_axis;

typedef struct {
    flowlab_configure_heater configuration;
    bool is_on;      /* has a set point */
    bool is_pin_on;  /* in the on part of its window */
    uint8_t bad;     /* samples in a row outside of the sensor's limits */
    int32_t temperature;
    int32_t earlier; /* temperature one control period ago */
    int32_t target;
    int32_t set_point;
    uint16_t ramp;      /* millikelvin a second */
    uint16_t ramp_rest; /* tenths of a millikelvin that are not yet in set_point */
    int32_t integral;   /* millionths of a per mille */
    uint16_t output;    /* per mille */
    uint32_t check_left; /* control periods to the look whether it became warmer */
    int32_t check_from;
    flowlab_timer on;
    uint32_t window_start;
    uint32_t window_on; /* us of the window */
} flowlab_heater;

typedef struct {
    uint32_t at;
    uint8_t request; /* sequence */
    uint8_t type;
    uint8_t body[FLOWLAB_QUEUE_BODY];
} flowlab_scheduled;

typedef struct {
    uint8_t type;
    uint8_t body[FLOWLAB_EVENT_BODY];
} flowlab_event;

struct flowlab_board {
    const flowlab_port_type *type;
    uint8_t serial[12];
    uint16_t boot_count;
    uint8_t reset_cause;

    uint8_t state;
    uint8_t fault;
    uint8_t faults_told; /* bit n: fault n is an event already */
    uint32_t session;    /* 0: none */
    uint32_t fault_session;
    uint32_t now;         /* of poll */
    uint32_t heartbeat;   /* when the dead-man timer was fed */
    uint32_t sampled;     /* when analog inputs were sampled */
    uint8_t samples;      /* since the control of heaters */
    bool is_control_due;  /* heaters are controlled in the poll behind that of the sample, so that none takes long */
    uint16_t dropped;
    uint8_t lost_seen;

    bool is_configuring;
    uint8_t configured;      /* configure messages since configure_begin */
    uint16_t configured_crc; /* over them */
    uint16_t configuration;  /* CRC of what is committed; 0: nothing */

    bool has_sequence;
    uint8_t sequence; /* of the last request that was taken */
    uint8_t request;  /* its type */
    uint8_t answer[FLOWLAB_ANSWER_MAX];
    uint8_t answer_length;
    bool is_answer_due;
    bool is_unstamped; /* its `sent` is to be filled in */
    bool is_refusal_due; /* an answer that is not kept: of what was not taken */
    uint8_t refusal_sequence;
    uint8_t refusal_request;
    uint8_t refusal_status;
    bool is_booted_due;

    uint8_t newest;  /* event */
    uint8_t waiting; /* events that were not seen */
    uint8_t unsent;  /* of these, how many of the newest are to be sent */
    uint8_t queued;
    flowlab_scheduled queue[FLOWLAB_QUEUE]; /* in the order of their times */
    flowlab_event events[FLOWLAB_EVENT_RING];

    uint8_t sending[FLOWLAB_SENDING_MAX];
    uint8_t sending_length;
    uint8_t sending_at;

    flowlab_line line;
    flowlab_frame frame;
    uint8_t channels;
    flowlab_channel channel[FLOWLAB_CHANNELS];
    flowlab_axis axis[FLOWLAB_AXES];
    flowlab_heater heater[FLOWLAB_HEATERS];
};

#endif
