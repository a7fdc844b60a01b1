/* What a bad line can do: nothing. */
#include <stdlib.h>
#include <time.h>

#include "bench.h"
#include "check.h"

#define ROUNDS 10000

static bench b;
static uint32_t state;

static uint32_t number(void) { /* xorshift */
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static void seed(void) {
    const char *given = getenv("SEED");
    state = given != NULL ? (uint32_t)strtoul(given, NULL, 10) : (uint32_t)time(NULL);
    state = state == 0 ? 1 : state;
    printf("seed %lu\n", (unsigned long)state);
}

static unsigned good_frame(uint8_t sequence, uint8_t *frame) {
    uint8_t p[11] = {0};
    switch (number() % 4) {
    case 0: p[0] = VALVE; p[1] = 1; flowlab_put_u32(p + 2, 1000); return host_encode(1, sequence, FLOWLAB_SET_OUTPUT, p, 6, frame);
    case 1: p[0] = PUMP; flowlab_put_u32(p + 1, 1000000); flowlab_put_u32(p + 5, 100); return host_encode(1, sequence, FLOWLAB_PUMP, p, 9, frame);
    case 2: p[0] = STEPPER; p[1] = 1; flowlab_put_u32(p + 2, 50); flowlab_put_u32(p + 6, 1000000); return host_encode(1, sequence, FLOWLAB_MOVE, p, 10, frame);
    default: p[0] = HEATER; flowlab_put_u32(p + 1, 30000); flowlab_put_u32(p + 7, 1000); return host_encode(1, sequence, FLOWLAB_SET_HEATER, p, 11, frame);
    }
}

/* A frame that must not be obeyed. Its kind: noise, cut, damaged, stale, of another version. */
static unsigned bad_frame(uint8_t *frame) {
    unsigned length = 0;
    switch (number() % 5) {
    case 0:
        length = 1 + number() % 90;
        for (unsigned i = 0; i < length; i++) {
            frame[i] = (uint8_t)number();
        }
        return length;
    case 1: /* any part of it but the whole */
        length = good_frame((uint8_t)(b.sequence + 1), frame);
        return number() % (length - 1);
    case 2: /* at most 4 bits, which this CRC always sees when they are near; more are seen but for 1 in 65536 */
        length = good_frame((uint8_t)(b.sequence + 1), frame);
        frame[number() % (length - 1)] ^= (uint8_t)(1U << (number() % 8));
        return length;
    case 3: return good_frame((uint8_t)(b.sequence - number() % 128), frame);
    default:
        length = good_frame((uint8_t)(b.sequence + 1), frame);
        frame[1] = (uint8_t)(2 + number() % 200);
        return length;
    }
}

static bool is_anything_on(void) {
    bool is_on = flowlab_board_axis(&b.board, PUMP).interval != 0 || flowlab_board_axis(&b.board, STEPPER).interval != 0;
    is_on = is_on || flowlab_board_step(&b.board, PUMP) || flowlab_board_step(&b.board, STEPPER);
    is_on = is_on || pin(&b, VALVE) == FLOWLAB_PIN_HIGH || pin(&b, RELAY) == FLOWLAB_PIN_LOW || pin(&b, LAMP) == FLOWLAB_PIN_HIGH;
    return is_on || pin(&b, HEATER) == FLOWLAB_PIN_HIGH || flowlab_board_state_of(&b.board) != FLOWLAB_STATE_READY;
}

static void bad_frames_move_nothing(void) {
    const uint8_t zeros[9] = {0};
    uint8_t frame[140];
    bench_start(&b, 0xFF000000U);
    bench_ready(&b);
    b.beats = false;
    for (int round = 0; round < ROUNDS; round++) {
        if (round % 50 == 0) { /* so that the session lives, and an old frame is stale */
            heartbeat(&b, b.board.newest);
        }
        host_bytes(&b, frame, bad_frame(frame));
        host_bytes(&b, zeros, 1);
        for (int i = 0; i < 4; i++) {
            b.time += 100;
            bench_poll(&b);
            bench_drain(&b);
            if (is_anything_on()) {
                CHECK(false);
                return;
            }
        }
        if (round % 7 == 0) {
            CHECK_EQUAL(ask(&b, FLOWLAB_CLOCK, zeros, 9), FLOWLAB_STATUS_OK);
        }
    }
    CHECK_EQUAL(b.bad_frames, 0);
    CHECK(b.board.dropped > ROUNDS / 3);
    CHECK_EQUAL(set_output(&b, VALVE, 1, 10), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_HIGH);
}

static void duplicates_are_done_once(void) {
    uint8_t p[9] = {PUMP};
    bench_start(&b, 0);
    bench_ready(&b);
    flowlab_put_u32(p + 1, 1000000);
    flowlab_put_u32(p + 5, 10);
    for (int i = 0; i < 200; i++) {
        b.sequence++;
        CHECK_EQUAL(again(&b, b.sequence, FLOWLAB_PUMP, p, 9), FLOWLAB_STATUS_OK);
        b.beats = false;
        bench_run(&b, 100000);
        CHECK_EQUAL(again(&b, b.sequence, FLOWLAB_PUMP, p, 9), FLOWLAB_STATUS_OK);
        CHECK_EQUAL(again(&b, b.sequence, FLOWLAB_PUMP, p, 9), FLOWLAB_STATUS_OK);
        bench_run(&b, 100000);
        CHECK_EQUAL(flowlab_board_position(&b.board, PUMP), (i + 1) * 10);
        heartbeat(&b, b.board.newest);
    }
}

void test_random(void) {
    seed();
    RUN(bad_frames_move_nothing);
    RUN(duplicates_are_done_once);
}
