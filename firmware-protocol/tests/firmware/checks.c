#include "checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowlab_messages.h"

int ask(rig *r, uint8_t type, const payload *p) { return host_ask(&r->h, type, p->bytes, p->length); }

int ask_channel(rig *r, uint8_t type, uint8_t channel) { return host_ask(&r->h, type, &channel, 1); }

uint32_t board_now(rig *r) {
    payload p = {.length = 9};
    return ask(r, FLOWLAB_CLOCK, &p) == 0 ? get32(r->h.answer.payload + 5) : 0;
}

bool rig_begin(rig *r, uint32_t session) {
    payload p = {0};
    r->h.is_beating = false;
    if (host_hello(&r->h, session) != 0) return false;
    r->h.is_beating = true;
    add32(&p, session);
    return ask(r, FLOWLAB_CLEAR, &p) == 0;
}

configure output(uint8_t channel, uint8_t active_low) {
    configure c = {.type = FLOWLAB_CONFIGURE_OUTPUT};
    add8(&c.body, channel);
    add8(&c.body, active_low);
    add32(&c.body, 60000);
    return c;
}

/* Switches to ground, with a pull-up. */
configure input(uint8_t channel, uint8_t debounce_ms) {
    configure c = {.type = FLOWLAB_CONFIGURE_INPUT};
    add8(&c.body, channel);
    add8(&c.body, 1);
    add8(&c.body, debounce_ms);
    add8(&c.body, 1);
    add8(&c.body, 0);
    return c;
}

configure analog(uint8_t channel, uint8_t average) {
    configure c = {.type = FLOWLAB_CONFIGURE_ANALOG};
    add8(&c.body, channel);
    add8(&c.body, average);
    return c;
}

configure axis(uint8_t channel, uint32_t rate, uint32_t acceleration, uint8_t limit) {
    configure c = {.type = FLOWLAB_CONFIGURE_AXIS};
    add8(&c.body, channel);
    add8(&c.body, 0);
    add32(&c.body, rate);
    add32(&c.body, acceleration);
    add32(&c.body, 60000);
    add8(&c.body, limit);
    add8(&c.body, 1);
    add32(&c.body, (uint32_t)-1000000);
    add32(&c.body, 1000000);
    return c;
}

/* 0.1 kelvin a count from 0 degrees on; too warm above 90 degrees. */
configure heater(uint8_t channel, uint8_t sensor, uint16_t low, uint16_t high) {
    configure c = {.type = FLOWLAB_CONFIGURE_HEATER};
    add8(&c.body, channel);
    add8(&c.body, sensor);
    add32(&c.body, 0);
    add32(&c.body, 100000);
    add16(&c.body, low);
    add16(&c.body, high);
    add16(&c.body, 50);
    add16(&c.body, 0);
    add16(&c.body, 0);
    add16(&c.body, 200);
    add16(&c.body, 500);
    add32(&c.body, 90000);
    add16(&c.body, 60);
    add16(&c.body, 100);
    add32(&c.body, 60000);
    return c;
}

payload set_output(uint8_t channel, uint8_t level, uint32_t ms) {
    payload p = {0};
    add8(&p, channel);
    add8(&p, level);
    add32(&p, ms);
    return p;
}

payload move_by(uint8_t channel, int32_t steps, uint32_t rate) {
    payload p = {0};
    add8(&p, channel);
    add8(&p, FLOWLAB_MOVE_MODE_RELATIVE);
    add32(&p, (uint32_t)steps);
    add32(&p, rate);
    return p;
}

int schedule(rig *r, uint32_t at, uint8_t type, const payload *p) {
    payload all = {0};
    add32(&all, at);
    add8(&all, type);
    memcpy(all.bytes + all.length, p->bytes, p->length);
    all.length += p->length;
    return ask(r, FLOWLAB_SCHEDULE, &all);
}

static uint16_t configuration_crc(const configure *messages, size_t count) {
    uint8_t bytes[1024];
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        bytes[used++] = messages[i].type;
        memcpy(bytes + used, messages[i].body.bytes, messages[i].body.length);
        used += messages[i].body.length;
    }
    return crc16(bytes, used);
}

static int commit(rig *r, const configure *messages, size_t count) {
    payload p = {0};
    add8(&p, (uint8_t)count);
    add16(&p, configuration_crc(messages, count));
    return ask(r, FLOWLAB_CONFIGURE_COMMIT, &p);
}

void send_configure(rig *r, const configure *messages, size_t count) {
    host_ask(&r->h, FLOWLAB_CONFIGURE_BEGIN, NULL, 0);
    for (size_t i = 0; i < count; i++) ask(r, messages[i].type, &messages[i].body);
    commit(r, messages, count);
}

static bool reads_back(rig *r, const configure *c) {
    if (ask_channel(r, FLOWLAB_READ_CONFIGURATION, c->body.bytes[0]) != 0) return false;
    const frame *a = &r->h.answer;
    return a->length == c->body.length + 2 && a->payload[1] == c->type && memcmp(a->payload + 2, c->body.bytes, c->body.length) == 0;
}

void check_configure(rig *r, const configure *messages, size_t count) {
    size_t good = 0, same = 0;
    int status = host_ask(&r->h, FLOWLAB_CONFIGURE_BEGIN, NULL, 0);
    for (size_t i = 0; i < count; i++) {
        if (ask(r, messages[i].type, &messages[i].body) == 0) good++;
    }
    check(status == 0 && good == count, "%zu of %zu configure messages are taken", good, count);
    status = commit(r, messages, count);
    check(status == 0, "the configuration is committed, status %d", status);
    for (size_t i = 0; i < count; i++) same += reads_back(r, &messages[i]);
    check(same == count, "%zu of %zu configurations read back as they were sent", same, count);
    host_heartbeat(&r->h);
    uint16_t crc = get16(r->h.beat + 16);
    check(crc == configuration_crc(messages, count) && r->h.beat[8] == FLOWLAB_STATE_READY, "ready, with the CRC %04X in each heartbeat", crc);
}

void check_identity(rig *r, uint8_t board, uint8_t channels, const char *serial, uint16_t boot_count, uint8_t cause) {
    uint32_t session = 0x5EED0001;
    int status = host_hello(&r->h, session);
    const uint8_t *a = r->h.answer.payload;
    char text[13] = {0};
    r->h.is_beating = true;
    if (!check(status == 0, "hello is answered, status %d", status)) return;
    memcpy(text, a + 15, 12);
    check(a[1] == 1 && a[2] == board, "protocol %d, board %d, firmware %d.%d.%d", a[1], a[2], a[3], a[4], a[5]);
    check(get32(a + 8) == FLOWLAB_DICTIONARY, "built with the dictionary %08X", get32(a + 8));
    check(strcmp(text, serial) == 0, "its serial number is \"%s\"", text);
    check(get16(a + 12) == boot_count && a[14] == cause, "start %d, cause %d", get16(a + 12), a[14]);
    check(a[27] == channels && a[28] == FLOWLAB_STATE_OPEN && a[29] == 0, "%d channels, state open, no fault", a[27]);
    check(get32(a + 32) == session, "the session is the one asked for");
}

void check_channels(rig *r, const uint8_t *kinds, const char *const *labels, size_t count) {
    size_t good = 0;
    for (size_t i = 0; i < count; i++) {
        char label[9] = {0};
        if (ask_channel(r, FLOWLAB_DESCRIBE, (uint8_t)i) != 0) continue;
        memcpy(label, r->h.answer.payload + 2, 8);
        good += r->h.answer.payload[1] == kinds[i] && strcmp(label, labels[i]) == 0;
    }
    check(good == count, "%zu of %zu channels are what and where they should be", good, count);
    check(ask_channel(r, FLOWLAB_DESCRIBE, (uint8_t)count) == FLOWLAB_STATUS_BAD_CHANNEL, "there is no channel %zu", count);
}

void check_dead_man(rig *r, uint8_t channel, const char *pin, const char *safe) {
    payload p = set_output(channel, 1, 30000);
    bool is_on = ask(r, FLOWLAB_SET_OUTPUT, &p) == 0;
    host_heartbeat(&r->h);
    double fed = get32(r->h.beat);
    size_t from = r->h.event_count;
    r->h.is_beating = false;
    host_run(&r->h, 1400);
    bench_read(&r->b);
    const truth_entry *closed = bench_find(&r->b, bench_start_number(&r->b), pin, safe, fed);
    double after = closed != NULL ? (closed->us - fed) / 1000 : -1;
    check(is_on && after >= 950 && after <= 1100, "without heartbeats %s is %s after %.1f ms", pin, safe, after);
    int status = ask(r, FLOWLAB_SET_OUTPUT, &p);
    check(status == FLOWLAB_STATUS_FAULTED, "then it takes no command: status %d", status);
    host_heartbeat(&r->h);
    const host_event *e = host_await(&r->h, from, FLOWLAB_FAULTED, 300);
    check(e != NULL && e->body[0] == FLOWLAB_FAULT_DEAD_MAN, "the event tells of the dead-man fault");
    payload again = {0};
    add32(&again, r->h.session);
    check(ask(r, FLOWLAB_CLEAR, &again) == FLOWLAB_STATUS_SAME_SESSION, "it cannot be cleared in its own session");
    check(rig_begin(r, r->h.session + 1) && r->h.answer.payload[1] == FLOWLAB_STATE_OPEN, "but in a new one");
}

/* Its dead-man time is not over. */
void check_unplugged(rig *r) {
    uint32_t session = r->h.session;
    uint8_t seen = r->h.events_seen;
    bench_command(&r->b, "unplug 300");
    host_run(&r->h, 100);
    host_close(&r->h);
    bool is_open = host_open(&r->h, r->b.link);
    int status = host_hello(&r->h, session);
    r->h.events_seen = seen;
    r->h.is_beating = true;
    check(is_open && status == 0 && r->h.answer.payload[29] == 0, "unplugged for 300 ms, the session goes on");
}
