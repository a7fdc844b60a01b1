/* libFuzzer: bytes, time, polls and steps in any order. Two worlds, chosen by the first byte:
 *
 * - noise: what the fuzzer gives goes to the line as it is. The board may find a session in it, since a hello needs only a CRC, but nothing may
 *   be on unless the frames that the line has carried contain a commit, and a command to that channel behind it.
 * - commands: the fuzzer chooses requests with any fields, which are sent whole and in order. Nothing may be on for longer than was asked for
 *   and configured, and no axis may step more than it was told. */
#include <stdlib.h>

#include "bench_type.h"

#define WORLD_COMMANDS 1U

static flowlab_board board;
static uint64_t now;
static uint8_t sequence;
static uint64_t heartbeat_at;
static bool may_be_on[CHANNELS];   /* a whole command for it was on the line */
static uint64_t on_until[CHANNELS]; /* the latest end of what was asked for */
static uint64_t steps_left[CHANNELS];
static uint64_t scheduled_until[CHANNELS]; /* the same, of what was scheduled */
static uint64_t scheduled_steps[CHANNELS];

static void must(bool condition) {
    if (!condition) {
        abort();
    }
}

static uint16_t crc_of(const uint8_t *bytes, unsigned length) {
    unsigned crc = 0xFFFF;
    for (unsigned i = 0; i < length * 8; i++) {
        const unsigned top = ((crc >> 15) ^ ((unsigned)bytes[i / 8] >> (7 - i % 8))) & 1U;
        crc = ((crc << 1) ^ (top ? 0x1021U : 0U)) & 0xFFFFU;
    }
    return (uint16_t)crc;
}

/* The harness's own reading of the line: every whole command, whether the board was to take it or not. */
static uint8_t line[300];
static unsigned line_length;

static void watch_line(uint8_t byte) {
    uint8_t body[300];
    unsigned out = 0;
    unsigned at = 0;
    if (byte != 0) {
        line[line_length] = byte;
        line_length += line_length < sizeof line - 1 ? 1 : 0;
        return;
    }
    while (at < line_length) {
        const unsigned code = line[at++];
        for (unsigned i = 1; i < code && at < line_length; i++) {
            body[out++] = line[at++];
        }
        if (code != 255 && at < line_length) {
            body[out++] = 0;
        }
    }
    line_length = 0;
    const bool is_whole = out >= 6 && crc_of(body, out - 2) == (uint16_t)(body[out - 2] << 8 | body[out - 1]);
    if (is_whole && body[2] == FLOWLAB_SCHEDULE && out >= 11 && body[8] < CHANNELS) {
        may_be_on[body[8]] = true;
    } else if (is_whole && body[2] >= FLOWLAB_SET_OUTPUT && body[2] <= FLOWLAB_SET_HEATER && body[3] < CHANNELS) {
        may_be_on[body[3]] = true;
    }
}

static void check_pins(bool is_noise) {
    for (uint8_t i = 0; i < CHANNELS; i++) {
        const uint8_t kind = bench_channels[i].kind;
        const uint8_t off = kind == FLOWLAB_KIND_DIGITAL_OUTPUT && !is_noise && i == RELAY ? FLOWLAB_PIN_HIGH : FLOWLAB_PIN_LOW;
        const uint8_t level = flowlab_board_pin(&board, i);
        bool is_on = level != off && level != FLOWLAB_PIN_FLOATING;
        if (is_noise && kind == FLOWLAB_KIND_DIGITAL_OUTPUT) { /* which level is off is not known to the harness */
            is_on = board.channel[i].level != 0;
        }
        is_on = is_on || flowlab_board_axis(&board, i).interval != 0;
        must(!is_on || may_be_on[i]);
        must(!is_on || is_noise || now < on_until[i] || now < scheduled_until[i]);
        must(!is_on || flowlab_board_state_of(&board) == FLOWLAB_STATE_READY);
        must(!is_on || now < heartbeat_at + 1000000 || is_noise);
    }
}

static void step(uint8_t channel, bool is_noise) {
    if (flowlab_board_step(&board, channel)) {
        must(may_be_on[channel]);
        must(is_noise || steps_left[channel] > 0 || scheduled_steps[channel] > 0);
        if (steps_left[channel] > 0) {
            steps_left[channel]--;
        } else if (!is_noise) {
            scheduled_steps[channel]--;
        }
    }
    must(flowlab_board_state_of(&board) == FLOWLAB_STATE_READY || !flowlab_board_step(&board, channel));
}

static void poll_and_drain(bool is_draining) {
    uint8_t byte = 0;
    (void)flowlab_board_poll(&board, (uint32_t)now);
    must(flowlab_board_fault_of(&board) != FLOWLAB_FAULT_INTERNAL);
    for (unsigned i = 0; is_draining && i < 1000 && flowlab_board_transmit(&board, &byte, (uint32_t)now); i++) {
    }
    (void)flowlab_board_next_due(&board, (uint32_t)now);
}

static void receive(uint8_t byte) {
    watch_line(byte);
    flowlab_board_receive(&board, byte, (uint32_t)now);
}

static void send(uint8_t type, const uint8_t *payload, unsigned length) {
    uint8_t body[80] = {FLOWLAB_PROTOCOL, ++sequence, type};
    memcpy(body + 3, payload, length);
    const uint16_t crc = crc_of(body, 3 + length);
    body[3 + length] = (uint8_t)(crc >> 8);
    body[4 + length] = (uint8_t)crc;
    const unsigned end = 5 + length;
    for (unsigned i = 0; i <= end; i++) {
        unsigned run = 0;
        while (i + run < end && body[i + run] != 0) {
            run++;
        }
        receive((uint8_t)(run + 1));
        for (unsigned k = 0; k < run; k++) {
            receive(body[i + k]);
        }
        i += run;
    }
    receive(0);
    poll_and_drain(true);
}

static uint8_t last_status(void) { return board.is_answer_due ? 255 : board.answer[0]; }

static void beat(void) {
    uint8_t p[21] = {4, 3, 2, 1, board.newest};
    send(FLOWLAB_HEARTBEAT, p, 21);
    if (last_status() == FLOWLAB_STATUS_OK) {
        heartbeat_at = now;
    }
}

static uint16_t configure(uint16_t crc_state, uint8_t type, const uint8_t *payload, unsigned length) {
    unsigned crc = crc_state;
    uint8_t bytes[64] = {type};
    memcpy(bytes + 1, payload, length);
    for (unsigned i = 0; i < (length + 1) * 8; i++) {
        const unsigned top = ((crc >> 15) ^ ((unsigned)bytes[i / 8] >> (7 - i % 8))) & 1U;
        crc = ((crc << 1) ^ (top ? 0x1021U : 0U)) & 0xFFFFU;
    }
    send(type, payload, length);
    return (uint16_t)crc;
}

static void open_and_configure(void) {
    const uint8_t hello[4] = {4, 3, 2, 1};
    const uint8_t valve[6] = {VALVE, 0, 0x10, 0x27, 0, 0}, relay[6] = {RELAY, 1, 0x80, 0xEE, 0x36, 0};
    const uint8_t input[5] = {SWITCH, 0, 2, 1, 0}, button[5] = {STOP_BUTTON, 0, 2, 1, 1}, probe[2] = {PROBE, 4};
    uint8_t axis[24] = {STEPPER, 0, 0x40, 0x4B, 0x4C, 0, 0x88, 0x13, 0, 0, 0x10, 0x27, 0, 0, SWITCH, 1};
    axis[20] = 0x10;
    uint8_t heater[36] = {HEATER, PROBE, 0, 0, 0, 0, 0x10, 0x27, 0, 0, 100, 0, 0xA0, 0x0F, 100, 0, 100, 0, 10, 0, 0xE8, 3, 0xE8, 3, 0x58, 0x98, 0, 0, 20, 0, 100, 0, 0x60, 0xEA};
    send(FLOWLAB_HELLO, hello, 4);
    heartbeat_at = now;
    send(FLOWLAB_CONFIGURE_BEGIN, hello, 0);
    uint16_t crc = configure(0xFFFF, FLOWLAB_CONFIGURE_OUTPUT, valve, 6);
    crc = configure(crc, FLOWLAB_CONFIGURE_OUTPUT, relay, 6);
    crc = configure(crc, FLOWLAB_CONFIGURE_INPUT, input, 5);
    crc = configure(crc, FLOWLAB_CONFIGURE_INPUT, button, 5);
    crc = configure(crc, FLOWLAB_CONFIGURE_ANALOG, probe, 2);
    crc = configure(crc, FLOWLAB_CONFIGURE_AXIS, axis, 24);
    axis[0] = PUMP;
    axis[14] = FLOWLAB_NO_CHANNEL;
    crc = configure(crc, FLOWLAB_CONFIGURE_AXIS, axis, 24);
    crc = configure(crc, FLOWLAB_CONFIGURE_HEATER, heater, 36);
    const uint8_t commit[3] = {8, (uint8_t)crc, (uint8_t)(crc >> 8)};
    send(FLOWLAB_CONFIGURE_COMMIT, commit, 3);
    must(flowlab_board_state_of(&board) == FLOWLAB_STATE_READY);
}

/* How long, and by how many steps, a command lets its channel be on. */
static uint64_t allowed_ms(uint8_t type, const uint8_t *p) {
    static const uint64_t longest_ms[CHANNELS] = {10000, 3600000, 0, 0, 0, 10000, 10000, 60000, 0, 0};
    const uint64_t longest = longest_ms[p[0]];
    const bool has_duration = type == FLOWLAB_SET_OUTPUT || type == FLOWLAB_SET_HEATER;
    const uint64_t ms = has_duration ? flowlab_get_u32(p + (type == FLOWLAB_SET_OUTPUT ? 2 : 7)) : longest;
    must(ms <= longest);
    return ms;
}

static uint64_t allowed_steps(uint8_t type, const uint8_t *p) {
    if (type == FLOWLAB_SET_OUTPUT || type == FLOWLAB_SET_HEATER) {
        return 0;
    }
    const int64_t asked = (int32_t)flowlab_get_u32(p + (type == FLOWLAB_MOVE ? 2 : 5));
    const bool is_absolute = type == FLOWLAB_MOVE && p[1] == FLOWLAB_MOVE_MODE_ABSOLUTE;
    const int64_t steps = is_absolute ? asked - flowlab_board_position(&board, p[0]) : asked;
    return (uint64_t)(steps < 0 ? -steps : steps);
}

static unsigned command(const uint8_t *data, size_t size) {
    static const uint8_t sizes[] = {6, 10, 9, 9, 11, 1, 0};
    const uint8_t which = (uint8_t)(data[0] % 7);
    const uint8_t type = (uint8_t)(FLOWLAB_SET_OUTPUT + which);
    const unsigned length = sizes[which];
    const bool is_scheduled = data[0] >= 128;
    uint8_t p[16] = {0};
    uint8_t *body = p + (is_scheduled ? 5 : 0);
    memcpy(body, data + 1, size - 1 < length ? size - 1 : length);
    body[0] = length > 0 ? (uint8_t)(body[0] % (CHANNELS + 1)) : body[0];
    const uint64_t at = now + (uint64_t)(data[0] - 120) * 7777;
    if (is_scheduled) {
        flowlab_put_u32(p, (uint32_t)at);
        p[4] = type;
    }
    send(is_scheduled ? (uint8_t)FLOWLAB_SCHEDULE : type, p, length + (is_scheduled ? 5 : 0));
    if (last_status() != FLOWLAB_STATUS_OK || type > FLOWLAB_SET_HEATER) {
        return 1 + length;
    }
    const uint64_t until = (is_scheduled ? at : now) + allowed_ms(type, body) * 1000;
    if (is_scheduled) {
        scheduled_until[body[0]] = until > scheduled_until[body[0]] ? until : scheduled_until[body[0]];
        scheduled_steps[body[0]] += type == FLOWLAB_MOVE && body[1] == FLOWLAB_MOVE_MODE_ABSOLUTE ? 1000000 : allowed_steps(type, body);
    } else {
        on_until[body[0]] = until;
        steps_left[body[0]] = allowed_steps(type, body);
    }
    return 1 + length;
}

/* From due to due until the dead-man timer has run out, and then at once. */
static void run(uint64_t us) {
    const uint64_t end = now + us;
    for (unsigned i = 0; i < 3000 && now < end; i++) {
        const uint64_t due = now + flowlab_board_next_due(&board, (uint32_t)now);
        now = due < end ? due : end;
        poll_and_drain(true);
    }
    now = end;
}

/* One thing that the fuzzer chose; returns how many bytes it took. */
static unsigned act(const uint8_t *data, size_t size, bool is_noise) {
    const uint8_t value = size > 1 ? data[1] : 0;
    switch (data[0] % 8) {
    case 0: now += value; break;
    case 1: run((uint64_t)value * 5000); break;
    case 2: run((uint64_t)value * value * value * 300); break;
    case 3: step(value % 2 == 0 ? STEPPER : PUMP, is_noise); return 2;
    case 4: flowlab_board_set_input(&board, value % 2 == 0 ? SWITCH : STOP_BUTTON, value > 200); break;
    case 5: flowlab_board_set_analog(&board, PROBE, (uint16_t)(value * 16)); break;
    case 6: if (!is_noise) { beat(); } break;
    default: return size > 1 && !is_noise ? 1 + command(data + 1, size - 1) : 2;
    }
    poll_and_drain(value % 3 != 0);
    return 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t serial[12] = {0};
    if (size < 2) {
        return 0;
    }
    const bool is_noise = data[0] % 2 != WORLD_COMMANDS;
    now = (uint64_t)data[1] << 24;
    sequence = 0;
    line_length = 0;
    memset(may_be_on, 0, sizeof may_be_on);
    memset(on_until, 0, sizeof on_until);
    memset(steps_left, 0, sizeof steps_left);
    memset(scheduled_until, 0, sizeof scheduled_until);
    memset(scheduled_steps, 0, sizeof scheduled_steps);
    flowlab_board_start(&board, &bench_type, serial, 1, 0, (uint32_t)now);
    flowlab_board_set_analog(&board, PROBE, 2000);
    if (data[0] % 4 != 0) {
        open_and_configure();
    }
    for (size_t i = 2; i < size;) {
        if (is_noise && data[i] % 2 == 0) {
            const size_t end = i + 1 + (data[i] >> 2) < size ? i + 1 + (data[i] >> 2) : size;
            for (i++; i < end; i++) {
                receive(data[i]);
            }
            poll_and_drain(true);
        } else {
            i += act(data + i, size - i, is_noise);
        }
        check_pins(is_noise);
    }
    return 0;
}
