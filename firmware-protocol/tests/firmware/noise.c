/* Frames that are none, and frames that must do nothing. What would be a good frame by chance is not sent. */
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "flowlab_messages.h"

#define BURST 8
#define BYTE_US 87U
#define AHEAD_US 10000U

typedef struct {
    rig *r;
    uint64_t state;
    uint8_t channel;
    unsigned bad; /* that are no frames */
    uint64_t free_at_us; /* when what was sent is through the line */
} noise;

static uint32_t draw(noise *n, uint32_t below) {
    n->state ^= n->state << 13;
    n->state ^= n->state >> 7;
    n->state ^= n->state << 17;
    return (uint32_t)(n->state >> 32) % below;
}

/* What would open the valve, if it were taken. */
static size_t dangerous(noise *n, uint8_t ahead, uint8_t bytes[FRAME_MAX]) {
    payload p = set_output(n->channel, 1, 1 + draw(n, 60000));
    frame f = {.version = 1, .sequence = (uint8_t)(n->r->h.sequence + ahead), .type = FLOWLAB_SET_OUTPUT, .length = p.length};
    memcpy(f.payload, p.bytes, p.length);
    return frame_encode(&f, bytes);
}

static size_t random_bytes(noise *n, uint8_t bytes[FRAME_MAX]) {
    size_t count = 1 + draw(n, 12);
    for (size_t i = 0; i < count; i++) bytes[i] = (uint8_t)draw(n, 256);
    bytes[count] = 0;
    return count + 1;
}

static size_t truncated(noise *n, uint8_t bytes[FRAME_MAX]) {
    size_t count = dangerous(n, 1, bytes), left = 1 + draw(n, (uint32_t)count - 2);
    bytes[left] = 0;
    return left + 1;
}

static size_t corrupted(noise *n, uint8_t bytes[FRAME_MAX]) {
    size_t count = dangerous(n, 1, bytes);
    unsigned changes = 1 + draw(n, 4);
    for (unsigned i = 0; i < changes; i++) bytes[draw(n, (uint32_t)count - 1)] ^= (uint8_t)(1U << draw(n, 8));
    return count;
}

/* Whole, but of an earlier number: stale. */
static size_t stale(noise *n, uint8_t bytes[FRAME_MAX]) { return dangerous(n, (uint8_t)(129 + draw(n, 127)), bytes); }

/* The newest heartbeat once more: its kept answer comes, and nothing else happens. */
static size_t duplicated(noise *n, uint8_t bytes[FRAME_MAX]) {
    payload p = {0};
    frame f = {.version = 1, .sequence = n->r->h.sequence, .type = FLOWLAB_HEARTBEAT, .length = 21};
    add32(&p, n->r->h.session);
    add8(&p, n->r->h.events_seen);
    while (p.length < 21) add8(&p, 0);
    memcpy(f.payload, p.bytes, p.length);
    return frame_encode(&f, bytes);
}

/* Whether a receiver would find a good frame between the zeros. */
static bool holds_frame(const uint8_t *bytes, size_t count) {
    frame f;
    size_t from = 0;
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != 0) continue;
        if (i > from && frame_decode(bytes + from, i - from, &f)) return true;
        from = i + 1;
    }
    return false;
}

static void send_one(noise *n) {
    uint8_t bytes[FRAME_MAX];
    size_t count;
    uint32_t kind = draw(n, 100);
    if (kind < 94) {
        do {
            count = kind < 40 ? random_bytes(n, bytes) : kind < 65 ? truncated(n, bytes) : corrupted(n, bytes);
        } while (holds_frame(bytes, count));
        n->bad++;
    } else {
        count = kind < 98 ? stale(n, bytes) : duplicated(n, bytes);
    }
    host_send(&n->r->h, bytes, count);
    if (n->free_at_us < wall_us()) n->free_at_us = wall_us();
    n->free_at_us += count * BYTE_US;
}

/* As fast as the line takes it, and no faster: what waits in the kernel would hold up the heartbeats. */
static void keep_pace(noise *n) {
    while (n->free_at_us > wall_us() + AHEAD_US) host_take(&n->r->h);
}

/* Between bursts a good heartbeat, as a host in trouble would send it: with a zero before it. */
static bool burst(noise *n) {
    static const uint8_t zero = 0;
    for (int i = 0; i < BURST; i++) send_one(n);
    host_send(&n->r->h, &zero, 1);
    keep_pace(n);
    if (wall_us() < n->r->h.next_beat_us) return true;
    return host_heartbeat(&n->r->h) == 0 || host_heartbeat(&n->r->h) == 0;
}

static unsigned movements(const rig *r, unsigned start, double from_us, const char *const *pins, size_t count) {
    unsigned moved = 0;
    for (size_t i = 0; i < r->b.count; i++) {
        const truth_entry *e = &r->b.entries[i];
        for (size_t k = 0; k < count; k++) {
            moved += e->kind != ENTRY_EVENT && (e->start > start || (e->start == start && e->us > from_us)) && strcmp(e->name, pins[k]) == 0;
        }
    }
    return moved;
}

void check_noise(rig *r, const char *const *pins, size_t count, unsigned seed, unsigned frames, uint8_t output_channel) {
    noise n = {.r = r, .state = seed * 2862933555777941757ULL + 3037000493ULL, .channel = output_channel};
    unsigned answered = 0, bursts = 0;
    host_heartbeat(&r->h);
    double from_us = get32(r->h.beat);
    uint16_t dropped = get16(r->h.beat + 18);
    bench_read(&r->b);
    unsigned start = bench_start_number(&r->b);
    uint64_t began = wall_us();
    while (bursts * BURST < frames) {
        answered += burst(&n);
        bursts++;
    }
    host_run(&r->h, 600);
    int status = host_heartbeat(&r->h);
    bench_read(&r->b);
    check(movements(r, start, from_us, pins, count) == 0, "%u frames of noise (seed %u) in %.0f s move no output", bursts * BURST, seed,
          (double)(wall_us() - began) / 1e6);
    check(answered == bursts && status == 0, "good frames among and after them are answered");
    dropped = (uint16_t)(get16(r->h.beat + 18) - dropped);
    check(dropped >= n.bad * 9 / 10, "%u of them were no frames, %u are counted as such", n.bad, dropped);
    check(r->h.beat[8] == FLOWLAB_STATE_READY && r->h.beat[9] == 0, "no fault came of it: state %d, fault %d", r->h.beat[8], r->h.beat[9]);
}
