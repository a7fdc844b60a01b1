#include "bench.h"

#include "bench_type.h"

static uint16_t configuration_crc;
static uint8_t configuration_count;

uint16_t host_crc(const uint8_t *bytes, unsigned length) {
    unsigned crc = 0xFFFF;
    for (unsigned i = 0; i < length; i++) {
        for (int bit = 7; bit >= 0; bit--) {
            const unsigned top = ((crc >> 15) ^ ((unsigned)bytes[i] >> bit)) & 1U;
            crc = ((crc << 1) ^ (top ? 0x1021U : 0U)) & 0xFFFFU;
        }
    }
    return (uint16_t)crc;
}

static uint16_t crc_on(uint16_t crc, const uint8_t *bytes, unsigned length) {
    unsigned c = crc;
    for (unsigned i = 0; i < length * 8; i++) {
        const unsigned top = ((c >> 15) ^ ((unsigned)bytes[i / 8] >> (7 - i % 8))) & 1U;
        c = ((c << 1) ^ (top ? 0x1021U : 0U)) & 0xFFFFU;
    }
    return (uint16_t)c;
}

unsigned host_encode(uint8_t version, uint8_t sequence, uint8_t type, const void *payload, unsigned length, uint8_t *frame) {
    uint8_t body[128] = {version, sequence, type};
    if (length > 0) {
        memcpy(body + 3, payload, length);
    }
    const uint16_t crc = host_crc(body, 3 + length);
    body[3 + length] = (uint8_t)(crc >> 8);
    body[4 + length] = (uint8_t)crc;
    const unsigned end = 5 + length;
    unsigned out = 0;
    for (unsigned i = 0; i <= end; i++) { /* blocks between zeros, one behind the end */
        unsigned run = 0;
        while (i + run < end && body[i + run] != 0) {
            run++;
        }
        frame[out++] = (uint8_t)(run + 1);
        memcpy(frame + out, body + i, run);
        out += run;
        i += run;
    }
    frame[out++] = 0;
    return out;
}

bool host_decode(const uint8_t *encoded, unsigned length, uint8_t *body, unsigned *body_length) {
    unsigned out = 0;
    unsigned at = 0;
    while (at < length) {
        const unsigned code = encoded[at++];
        if (code == 0 || at + code - 1 > length) {
            return false;
        }
        memcpy(body + out, encoded + at, code - 1);
        out += code - 1;
        at += code - 1;
        if (code != 255 && at < length) {
            body[out++] = 0;
        }
    }
    *body_length = out;
    return out >= 5 && host_crc(body, out - 2) == (uint16_t)(body[out - 2] << 8 | body[out - 1]);
}

static void take_frame(bench *b) {
    uint8_t body[80];
    unsigned length = 0;
    if (b->raw_length == 0) {
        return;
    }
    if (!host_decode(b->raw, b->raw_length, body, &length) || body[0] != FLOWLAB_PROTOCOL) {
        b->bad_frames++;
    } else if (body[2] < 0xC0) {
        memcpy(b->body, body, length);
        b->body_length = length;
        b->answers++;
    } else if (b->event_count < BENCH_EVENTS) {
        bench_event *event = &b->events[b->event_count++];
        event->number = body[1];
        event->type = body[2];
        memcpy(event->payload, body + 3, length - 5);
    }
    b->raw_length = 0;
}

void bench_drain(bench *b) {
    uint8_t byte = 0;
    for (unsigned i = 0; i < 4000 && flowlab_board_transmit(&b->board, &byte, (uint32_t)b->time); i++) {
        if (byte == 0) {
            take_frame(b);
        } else if (b->raw_length < sizeof b->raw) {
            b->raw[b->raw_length++] = byte;
        }
    }
}

void bench_poll(bench *b) {
    if (b->hits_switch_at_zero) {
        flowlab_board_set_input(&b->board, SWITCH, b->place < 0);
    }
    flowlab_board_poll(&b->board, (uint32_t)b->time);
}

void host_bytes(bench *b, const uint8_t *bytes, unsigned length) {
    for (unsigned i = 0; i < length; i++) {
        flowlab_board_receive(&b->board, bytes[i], (uint32_t)b->time);
    }
}

void host_send(bench *b, uint8_t sequence, uint8_t type, const void *payload, unsigned length) {
    uint8_t frame[140];
    host_bytes(b, frame, host_encode(FLOWLAB_PROTOCOL, sequence, type, payload, length, frame));
}

int again(bench *b, uint8_t sequence, uint8_t type, const void *payload, unsigned length) {
    const unsigned answers = b->answers;
    host_send(b, sequence, type, payload, length);
    bench_poll(b);
    bench_drain(b);
    const bool is_mine = b->answers == answers + 1 && b->body[1] == sequence && b->body[2] == (type | 0x80);
    return is_mine ? b->body[3] : 255;
}

int ask(bench *b, uint8_t type, const void *payload, unsigned length) {
    b->sequence++;
    return again(b, b->sequence, type, payload, length);
}

void bench_start(bench *b, uint64_t time) {
    memset(b, 0, sizeof *b);
    b->time = time;
    const uint8_t serial[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    flowlab_board_start(&b->board, &bench_type, serial, 7, FLOWLAB_RESET_CAUSE_POWER_ON, (uint32_t)time);
}

void bench_open(bench *b) {
    hello(b, BENCH_SESSION);
    b->beats = true;
    b->beat_at = b->time + 250000;
}

void bench_ready(bench *b) { bench_fast_ready(b, 5); }

void bench_fast_ready(bench *b, uint32_t debounce_ms) {
    bench_open(b);
    const flowlab_configure_axis stepper = axis_configuration(STEPPER);
    const flowlab_configure_axis pump_axis = axis_configuration(PUMP);
    const flowlab_configure_heater heater = heater_configuration();
    flowlab_board_set_analog(&b->board, PROBE, 2000);
    configure_begin(b);
    configure_output(b, VALVE, 0, 60000);
    configure_output(b, RELAY, 1, 3600000);
    configure_output(b, LAMP, 0, 1000);
    configure_input(b, SWITCH, 0, (uint8_t)debounce_ms, 1, 0);
    configure_input(b, STOP_BUTTON, 0, 10, 1, 1);
    configure_analog(b, PROBE, 4);
    configure_axis(b, &stepper);
    configure_axis(b, &pump_axis);
    configure_heater(b, &heater);
    configure_commit(b);
}

int hello(bench *b, uint32_t session) {
    uint8_t p[4];
    b->session = session;
    flowlab_put_u32(p, session);
    return ask(b, FLOWLAB_HELLO, p, 4);
}

int heartbeat(bench *b, uint8_t seen) {
    uint8_t p[21] = {0};
    flowlab_put_u32(p, b->session);
    p[4] = seen;
    return ask(b, FLOWLAB_HEARTBEAT, p, 21);
}

static void output_payload(uint8_t *p, uint8_t channel, uint8_t level, uint32_t ms) {
    p[0] = channel;
    p[1] = level;
    flowlab_put_u32(p + 2, ms);
}

int set_output(bench *b, uint8_t channel, uint8_t level, uint32_t ms) {
    uint8_t p[6];
    output_payload(p, channel, level, ms);
    return ask(b, FLOWLAB_SET_OUTPUT, p, 6);
}

int move_to(bench *b, uint8_t channel, uint8_t mode, int32_t position, uint32_t rate) {
    uint8_t p[10] = {channel, mode};
    flowlab_put_u32(p + 2, (uint32_t)position);
    flowlab_put_u32(p + 6, rate);
    return ask(b, FLOWLAB_MOVE, p, 10);
}

int home(bench *b, uint8_t channel, uint32_t rate, uint32_t max_steps) {
    uint8_t p[9] = {channel};
    flowlab_put_u32(p + 1, rate);
    flowlab_put_u32(p + 5, max_steps);
    return ask(b, FLOWLAB_HOME, p, 9);
}

int pump(bench *b, uint8_t channel, uint32_t rate, int32_t steps) {
    uint8_t p[9] = {channel};
    flowlab_put_u32(p + 1, rate);
    flowlab_put_u32(p + 5, (uint32_t)steps);
    return ask(b, FLOWLAB_PUMP, p, 9);
}

int set_heater(bench *b, uint8_t channel, int32_t target, uint16_t ramp, uint32_t ms) {
    uint8_t p[11] = {channel};
    flowlab_put_u32(p + 1, (uint32_t)target);
    flowlab_put_u16(p + 5, ramp);
    flowlab_put_u32(p + 7, ms);
    return ask(b, FLOWLAB_SET_HEATER, p, 11);
}

int schedule(bench *b, uint32_t at, uint8_t type, const void *payload, unsigned length) {
    uint8_t p[64];
    flowlab_put_u32(p, at);
    p[4] = type;
    memcpy(p + 5, payload, length);
    return ask(b, FLOWLAB_SCHEDULE, p, 5 + length);
}

int schedule_output(bench *b, uint32_t at, uint8_t channel, uint8_t level, uint32_t ms) {
    uint8_t p[6];
    output_payload(p, channel, level, ms);
    return schedule(b, at, FLOWLAB_SET_OUTPUT, p, 6);
}

int channel_stop(bench *b, uint8_t channel) { return ask(b, FLOWLAB_CHANNEL_STOP, &channel, 1); }
int stop(bench *b) { return ask(b, FLOWLAB_STOP, NULL, 0); }
int read_channel(bench *b, uint8_t channel) { return ask(b, FLOWLAB_READ, &channel, 1); }

int clear(bench *b, uint32_t session) {
    uint8_t p[4];
    flowlab_put_u32(p, session);
    return ask(b, FLOWLAB_CLEAR, p, 4);
}

static int configure(bench *b, uint8_t type, const uint8_t *payload, unsigned length) {
    const int status = ask(b, type, payload, length);
    if (status == FLOWLAB_STATUS_OK) {
        configuration_crc = crc_on(crc_on(configuration_crc, &type, 1), payload, length);
        configuration_count++;
    }
    return status;
}

int configure_begin(bench *b) {
    configuration_crc = 0xFFFF;
    configuration_count = 0;
    return ask(b, FLOWLAB_CONFIGURE_BEGIN, NULL, 0);
}

int configure_output(bench *b, uint8_t channel, uint8_t active_low, uint32_t max_on_ms) {
    uint8_t p[6] = {channel, active_low};
    flowlab_put_u32(p + 2, max_on_ms);
    return configure(b, FLOWLAB_CONFIGURE_OUTPUT, p, 6);
}

int configure_input(bench *b, uint8_t channel, uint8_t active_low, uint8_t debounce, uint8_t report, uint8_t emergency) {
    const uint8_t p[5] = {channel, active_low, debounce, report, emergency};
    return configure(b, FLOWLAB_CONFIGURE_INPUT, p, 5);
}

int configure_analog(bench *b, uint8_t channel, uint8_t average) {
    const uint8_t p[2] = {channel, average};
    return configure(b, FLOWLAB_CONFIGURE_ANALOG, p, 2);
}

int configure_axis(bench *b, const flowlab_configure_axis *axis) {
    uint8_t p[24] = {axis->channel, axis->inverted};
    flowlab_put_u32(p + 2, axis->max_rate);
    flowlab_put_u32(p + 6, axis->acceleration);
    flowlab_put_u32(p + 10, axis->max_run_ms);
    p[14] = axis->limit_channel;
    p[15] = axis->home_backward;
    flowlab_put_u32(p + 16, (uint32_t)axis->minimum);
    flowlab_put_u32(p + 20, (uint32_t)axis->maximum);
    return configure(b, FLOWLAB_CONFIGURE_AXIS, p, 24);
}

int configure_heater(bench *b, const flowlab_configure_heater *h) {
    uint8_t p[36] = {h->channel, h->sensor_channel};
    flowlab_put_u32(p + 2, (uint32_t)h->sensor_zero);
    flowlab_put_u32(p + 6, (uint32_t)h->sensor_scale);
    flowlab_put_u16(p + 10, h->sensor_low);
    flowlab_put_u16(p + 12, h->sensor_high);
    flowlab_put_u16(p + 14, h->kp);
    flowlab_put_u16(p + 16, h->ki);
    flowlab_put_u16(p + 18, h->kd);
    flowlab_put_u16(p + 20, h->window_ms);
    flowlab_put_u16(p + 22, h->max_output);
    flowlab_put_u32(p + 24, (uint32_t)h->max_temperature);
    flowlab_put_u16(p + 28, h->check_s);
    flowlab_put_u16(p + 30, h->check_rise);
    flowlab_put_u32(p + 32, h->max_on_ms);
    return configure(b, FLOWLAB_CONFIGURE_HEATER, p, 36);
}

int configure_commit(bench *b) {
    uint8_t p[3] = {configuration_count};
    flowlab_put_u16(p + 1, configuration_crc);
    return ask(b, FLOWLAB_CONFIGURE_COMMIT, p, 3);
}

flowlab_configure_axis axis_configuration(uint8_t channel) {
    const bool is_stepper = channel == STEPPER;
    const flowlab_configure_axis axis = {channel, 0,           10000000, 5000, 600000, is_stepper ? (uint8_t)SWITCH : (uint8_t)FLOWLAB_NO_CHANNEL,
                                         1,       is_stepper ? -100 : 0, is_stepper ? 100000 : 0};
    return axis;
}

/* 10 mK a count from 0 degrees on: 2000 counts are 20 degrees. */
flowlab_configure_heater heater_configuration(void) {
    const flowlab_configure_heater heater = {HEATER, PROBE, 0, 10000, 100, 4000, 100, 0, 0, 1000, 1000, 39000, 20, 500, 3600000};
    return heater;
}

static const uint8_t axes[2] = {STEPPER, PUMP};

/* When the next step of an axis is due, in 1/16 us; none: far away. */
static uint64_t step_due(const bench *b, unsigned i) {
    const flowlab_axis_output output = flowlab_board_axis(&b->board, axes[i]);
    return output.interval == 0 ? UINT64_MAX : b->step_from[i] + output.interval;
}

static void do_step(bench *b, unsigned i) {
    const uint64_t now = b->time * 16;
    if (!flowlab_board_step(&b->board, axes[i])) {
        return;
    }
    const uint64_t since = now - b->step_from[i];
    if (b->steps[i] == 0) {
        b->first_step[i] = now;
        b->shortest[i] = UINT64_MAX;
    }
    b->shortest[i] = since < b->shortest[i] ? since : b->shortest[i];
    b->last_step[i] = b->step_from[i] = now;
    b->steps[i]++;
    if (i == 0) {
        b->place += flowlab_board_axis(&b->board, STEPPER).is_dir_high ? 1 : -1;
    }
}

void bench_run(bench *b, uint64_t us) {
    const uint64_t end = b->time + us;
    while (b->time < end) {
        uint64_t next = b->time + flowlab_board_next_due(&b->board, (uint32_t)b->time);
        for (unsigned i = 0; i < 2; i++) {
            const uint64_t due = step_due(b, i);
            if (due == UINT64_MAX) {
                b->step_from[i] = b->time * 16;
            } else if ((due + 15) / 16 < next) {
                next = (due + 15) / 16;
            }
        }
        next = b->beats && b->beat_at < next ? b->beat_at : next;
        b->time = next < b->time ? b->time : next > end ? end : next;
        for (unsigned i = 0; i < 2; i++) {
            if (step_due(b, i) <= b->time * 16) {
                do_step(b, i);
            }
        }
        if (b->beats && b->time >= b->beat_at) {
            b->beat_at += 250000;
            heartbeat(b, b->board.newest);
        }
        unsigned polls = 0;
        do {
            bench_poll(b);
            bench_drain(b);
            polls++;
        } while (polls < 8 && flowlab_board_next_due(&b->board, (uint32_t)b->time) == 0);
        b->time += polls < 8 ? 0 : 1; /* a board that is never done must not hang its test */
    }
}

uint8_t answer_u8(const bench *b, unsigned at) { return b->body[3 + at]; }
uint16_t answer_u16(const bench *b, unsigned at) { return flowlab_get_u16(b->body + 3 + at); }
uint32_t answer_u32(const bench *b, unsigned at) { return flowlab_get_u32(b->body + 3 + at); }
uint32_t event_u32(const bench_event *event, unsigned at) { return flowlab_get_u32(event->payload + at); }
uint8_t pin(const bench *b, uint8_t channel) { return flowlab_board_pin(&b->board, channel); }

const bench_event *find_event(const bench *b, uint8_t type, unsigned nth) {
    static const bench_event none = {0, 0, {0}};
    for (unsigned i = 0; i < b->event_count; i++) {
        if (b->events[i].type == type && nth-- == 0) {
            return &b->events[i];
        }
    }
    return &none;
}
