#include "host.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "flowlab_messages.h"

#define ANSWER_MS 250
#define TRIES 3

uint64_t wall_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000U + (uint64_t)t.tv_nsec / 1000U;
}

bool host_open(host *h, const char *path) {
    struct termios raw;
    uint64_t until = wall_us() + 5000000;
    *h = (host){.fd = -1, .path = path};
    while (h->fd < 0 && wall_us() < until) {
        h->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        if (h->fd < 0) usleep(1000);
    }
    if (h->fd < 0 || tcgetattr(h->fd, &raw) != 0) return false;
    cfmakeraw(&raw);
    return tcsetattr(h->fd, TCSANOW, &raw) == 0;
}

void host_close(host *h) {
    if (h->fd >= 0) close(h->fd);
    h->fd = -1;
}

void host_send(host *h, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        ssize_t n = write(h->fd, bytes, count);
        if (n > 0) {
            bytes += n;
            count -= (size_t)n;
        } else {
            struct pollfd p = {.fd = h->fd, .events = POLLOUT};
            if (poll(&p, 1, 1000) <= 0 || (p.revents & POLLHUP) != 0) return;
        }
    }
}

/* Repeated events are dropped; `booted` has no number. */
static void keep_event(host *h, const frame *f) {
    if (f->type != FLOWLAB_BOOTED) {
        if (f->sequence != (uint8_t)(h->events_seen + 1)) return;
        h->events_seen = f->sequence;
    }
    if (h->event_count == EVENTS_MAX) return;
    host_event *e = &h->events[h->event_count++];
    *e = (host_event){.type = f->type, .number = f->sequence, .wall_us = wall_us()};
    memcpy(e->body, f->payload, f->length < sizeof e->body ? f->length : sizeof e->body);
}

static void take_frame(host *h) {
    frame f;
    if (!frame_decode(h->received, h->used, &f)) return;
    if (f.type >= 0xC0) {
        keep_event(h, &f);
    } else if (h->is_waiting && f.sequence == h->wanted_sequence && f.type == h->wanted_type) {
        h->is_waiting = false;
        h->answer = f;
    }
}

static void take_bytes(host *h) {
    uint8_t bytes[256];
    ssize_t n = read(h->fd, bytes, sizeof bytes);
    for (ssize_t i = 0; i < n; i++) {
        if (bytes[i] == 0) {
            if (h->used > 0 && h->used <= sizeof h->received) take_frame(h);
            h->used = 0;
        } else if (h->used < sizeof h->received) {
            h->received[h->used++] = bytes[i];
        }
    }
}

static void wait_and_take(host *h, uint64_t until) {
    struct pollfd p = {.fd = h->fd, .events = POLLIN};
    uint64_t now = wall_us();
    struct timespec t = {.tv_nsec = until > now ? (long)((until - now < 2000 ? until - now : 2000) * 1000) : 0};
    if (ppoll(&p, 1, &t, NULL) > 0 && (p.revents & POLLIN) != 0) take_bytes(h);
}

static int ask_once(host *h, const uint8_t *bytes, size_t count) {
    uint64_t until = wall_us() + ANSWER_MS * 1000;
    h->is_waiting = true;
    host_send(h, bytes, count);
    while (h->is_waiting && wall_us() < until) wait_and_take(h, until);
    if (h->is_waiting) return NO_ANSWER;
    return h->answer.length > 0 ? h->answer.payload[0] : NO_ANSWER;
}

static int ask(host *h, uint8_t type, const uint8_t *bytes, size_t length, int tries) {
    uint8_t encoded[FRAME_MAX];
    frame f = {.version = 1, .sequence = ++h->sequence, .type = type, .length = length};
    int status = NO_ANSWER;
    if (length > 0) memcpy(f.payload, bytes, length);
    size_t count = frame_encode(&f, encoded);
    h->wanted_sequence = f.sequence;
    h->wanted_type = type | 0x80;
    for (int i = 0; i < tries && status == NO_ANSWER; i++) status = ask_once(h, encoded, count);
    return status;
}

/* A heartbeat is never repeated: its answer would tell an old time. */
int host_heartbeat(host *h) {
    payload p = {0};
    add32(&p, h->session);
    add8(&p, h->events_seen);
    while (p.length < 21) add8(&p, 0);
    h->next_beat_us = wall_us() + 250000;
    h->beat_status = ask(h, FLOWLAB_HEARTBEAT, p.bytes, p.length, 1);
    if (h->beat_status == 0) memcpy(h->beat, h->answer.payload + 1, 20);
    return h->beat_status;
}

static void beat_when_due(host *h) {
    if (h->is_beating && wall_us() >= h->next_beat_us) host_heartbeat(h);
}

void host_run(host *h, unsigned milliseconds) {
    uint64_t until = wall_us() + milliseconds * 1000U;
    do {
        beat_when_due(h);
        wait_and_take(h, until);
    } while (wall_us() < until);
}

void host_take(host *h) { wait_and_take(h, wall_us() + 1000); }

int host_ask(host *h, uint8_t type, const uint8_t *bytes, size_t length) {
    beat_when_due(h);
    return ask(h, type, bytes, length, TRIES);
}

int host_hello(host *h, uint32_t session) {
    static const uint8_t end_of_nothing = 0;
    payload p = {0};
    add32(&p, session);
    host_send(h, &end_of_nothing, 1);
    if (session != h->session) h->events_seen = 0;
    h->session = session;
    return host_ask(h, FLOWLAB_HELLO, p.bytes, p.length);
}

const host_event *host_await(host *h, size_t from, uint8_t type, unsigned milliseconds) {
    uint64_t until = wall_us() + milliseconds * 1000U;
    for (;;) {
        for (; from < h->event_count; from++) {
            if (h->events[from].type == type) return &h->events[from];
        }
        if (wall_us() >= until) return NULL;
        host_run(h, 1);
    }
}

void add8(payload *p, uint8_t v) { p->bytes[p->length++] = v; }
void add16(payload *p, uint16_t v) {
    add8(p, (uint8_t)v);
    add8(p, (uint8_t)(v >> 8));
}
void add32(payload *p, uint32_t v) {
    add16(p, (uint16_t)v);
    add16(p, (uint16_t)(v >> 16));
}
uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }
uint32_t get32(const uint8_t *p) { return get16(p) | (uint32_t)get16(p + 2) << 16; }
