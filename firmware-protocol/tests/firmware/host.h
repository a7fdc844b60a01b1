/* A small host: one request at a time, heartbeats, events. */
#ifndef TEST_HOST_H
#define TEST_HOST_H

#include "frame.h"

#define EVENTS_MAX 512
#define NO_ANSWER (-1)

typedef struct {
    uint8_t type, number;
    uint8_t body[16];
    uint64_t wall_us;
} host_event;

typedef struct {
    int fd;
    const char *path;
    uint32_t session;
    uint8_t sequence;
    uint8_t events_seen;
    bool is_beating;
    uint64_t next_beat_us;
    uint8_t beat[64]; /* the newest answer to a heartbeat, without its status */
    int beat_status;
    uint8_t received[FRAME_MAX];
    size_t used;
    bool is_waiting;
    uint8_t wanted_sequence, wanted_type;
    frame answer;
    host_event events[EVENTS_MAX];
    size_t event_count;
} host;

uint64_t wall_us(void);

/* Waits for the path for some seconds. Forgets the session's events. */
bool host_open(host *h, const char *path);
void host_close(host *h);
void host_send(host *h, const uint8_t *bytes, size_t count);

/* Takes what comes, and sends heartbeats, for so long. */
void host_run(host *h, unsigned milliseconds);

/* Takes what comes within a millisecond, and sends nothing. */
void host_take(host *h);

/* Sends it up to 3 times. Returns the status, or NO_ANSWER; what follows the status is in `answer.payload` from 1 on. */
int host_ask(host *h, uint8_t type, const uint8_t *payload, size_t length);
int host_hello(host *h, uint32_t session);
int host_heartbeat(host *h);

/* The first event of this type since `from` of event_count; waits for it for so long. NULL: none. */
const host_event *host_await(host *h, size_t from, uint8_t type, unsigned milliseconds);

/* A payload, built piece by piece. */
typedef struct {
    uint8_t bytes[64];
    size_t length;
} payload;
void add8(payload *p, uint8_t v);
void add16(payload *p, uint16_t v);
void add32(payload *p, uint32_t v);
uint16_t get16(const uint8_t *p);
uint32_t get32(const uint8_t *p);

#endif
