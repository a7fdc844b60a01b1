/* The line: frames, what is no frame, and what is answered. */
#include "../core/src/internal.h"
#include "bench.h"
#include "check.h"

static bench b;
static const uint8_t zeros[128] = {0};

static uint16_t dropped(void) {
    heartbeat(&b, 0);
    return answer_u16(&b, 19);
}

static void crc_has_its_check_values(void) {
    CHECK_EQUAL(flowlab_crc_of(0xFFFF, (const uint8_t *)"123456789", 9), 0x29B1);
    CHECK_EQUAL(flowlab_crc_of(0xFFFF, zeros, 0), 0xFFFF);
    CHECK_EQUAL(flowlab_crc_of(0xFFFF, zeros, 1), 0xE1F0);
    CHECK_EQUAL(flowlab_crc_of(0xFFFF, zeros, 2), 0x1D0F);
    CHECK_EQUAL(flowlab_crc(0xFFFF, 0xFF), 0xFF00);
    for (unsigned i = 0; i < 256; i++) {
        const uint8_t byte = (uint8_t)i;
        CHECK_EQUAL(flowlab_crc(0xFFFF, byte), host_crc(&byte, 1));
    }
}

static void a_full_payload_is_a_frame_and_more_is_not(void) {
    bench_start(&b, 0);
    bench_open(&b);
    CHECK_EQUAL(ask(&b, FLOWLAB_CLOCK, zeros, 64), FLOWLAB_STATUS_BAD_LENGTH);
    CHECK_EQUAL(ask(&b, FLOWLAB_CLOCK, zeros, 65), 255);
    CHECK_EQUAL(dropped(), 1);
    CHECK_EQUAL(ask(&b, FLOWLAB_CLOCK, zeros, 100), 255);
    CHECK_EQUAL(ask(&b, FLOWLAB_CLOCK, zeros, 9), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(dropped(), 2);
}

static void lengths_must_be_exact(void) {
    bench_start(&b, 0);
    bench_open(&b);
    for (unsigned length = 0; length <= 64; length++) {
        heartbeat(&b, 0);
        if (length != 9) {
            CHECK_EQUAL(ask(&b, FLOWLAB_CLOCK, zeros, length), FLOWLAB_STATUS_BAD_LENGTH);
        }
        if (length != 21) {
            CHECK_EQUAL(ask(&b, FLOWLAB_HEARTBEAT, zeros, length), FLOWLAB_STATUS_BAD_LENGTH);
        }
        if (length != 0) {
            CHECK_EQUAL(ask(&b, FLOWLAB_STOP, zeros, length), FLOWLAB_STATUS_BAD_LENGTH);
        }
    }
    CHECK_EQUAL(ask(&b, FLOWLAB_SCHEDULE, zeros, 4), FLOWLAB_STATUS_BAD_LENGTH);
}

static void unknown_types_are_answered_and_answers_are_not(void) {
    bench_start(&b, 0);
    bench_open(&b);
    CHECK_EQUAL(ask(&b, 0x3F, zeros, 3), FLOWLAB_STATUS_UNKNOWN_MESSAGE);
    CHECK_EQUAL(ask(&b, 13, zeros, 0), FLOWLAB_STATUS_UNKNOWN_MESSAGE);
    CHECK_EQUAL(ask(&b, 0, zeros, 0), 255);
    CHECK_EQUAL(ask(&b, 0x40, zeros, 0), 255);
    CHECK_EQUAL(ask(&b, 0x83, zeros, 9), 255);
    CHECK_EQUAL(ask(&b, 0xC2, zeros, 10), 255);
    CHECK_EQUAL(dropped(), 4);
}

static void another_version_is_told_and_not_taken(void) {
    bench_start(&b, 0);
    bench_open(&b);
    uint8_t frame[80];
    const unsigned answers = b.answers;
    const uint8_t last = b.sequence;
    host_bytes(&b, frame, host_encode(2, (uint8_t)(last + 5), FLOWLAB_STOP, zeros, 0, frame));
    bench_poll(&b);
    bench_drain(&b);
    CHECK_EQUAL(b.answers, answers + 1);
    CHECK_EQUAL(b.body[0], 1);
    CHECK_EQUAL(b.body[1], last + 5);
    CHECK_EQUAL(b.body[2], FLOWLAB_STOP | 0x80);
    CHECK_EQUAL(answer_u8(&b, 0), FLOWLAB_STATUS_BAD_VERSION);
    CHECK_EQUAL(again(&b, (uint8_t)(last + 1), FLOWLAB_CLOCK, zeros, 9), FLOWLAB_STATUS_OK);
}

static void lone_zeros_say_nothing(void) {
    bench_start(&b, 0);
    for (int i = 0; i < 300; i++) {
        host_bytes(&b, zeros, 1);
    }
    CHECK_EQUAL(flowlab_board_next_due(&b.board, 0), 1000000);
    bench_open(&b);
    CHECK_EQUAL(dropped(), 0);
}

static void a_broken_frame_is_dropped_and_the_next_is_read(void) {
    for (unsigned cut = 1; cut < 12; cut++) {
        bench_start(&b, 0);
        bench_open(&b);
        uint8_t frame[80];
        const unsigned length = host_encode(1, (uint8_t)(b.sequence + 1), FLOWLAB_CLOCK, zeros, 9, frame);
        host_bytes(&b, frame, cut); /* its end is lost, the next one's zero ends both */
        CHECK_EQUAL(ask(&b, FLOWLAB_CLOCK, zeros, 9), 255);
        CHECK_EQUAL(ask(&b, FLOWLAB_CLOCK, zeros, 9), FLOWLAB_STATUS_OK);
        CHECK_EQUAL(dropped(), 1);
        CHECK(length == 16);
    }
}

static void each_damaged_bit_is_seen(void) {
    bench_start(&b, 0);
    bench_ready(&b);
    uint8_t payload[6] = {VALVE, 1, 0xE8, 3, 0, 0};
    uint8_t good[80];
    const unsigned length = host_encode(1, (uint8_t)(b.sequence + 1), FLOWLAB_SET_OUTPUT, payload, 6, good);
    for (unsigned bit = 0; bit < length * 8; bit++) {
        uint8_t frame[80];
        memcpy(frame, good, length);
        frame[bit / 8] = (uint8_t)(frame[bit / 8] ^ (1U << (bit % 8)));
        host_bytes(&b, frame, length);
        host_bytes(&b, zeros, 1);
        bench_poll(&b);
        bench_poll(&b);
        bench_drain(&b);
        CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
    }
}

static void what_finds_no_room_is_lost_whole(void) {
    bench_start(&b, 0);
    bench_open(&b);
    const unsigned answers = b.answers;
    for (uint8_t i = 1; i <= 20; i++) { /* 20 frames of 16 bytes, and nobody polls */
        host_send(&b, (uint8_t)(b.sequence + i), FLOWLAB_CLOCK, zeros, 9);
    }
    for (int i = 0; i < 30; i++) {
        bench_poll(&b);
        bench_drain(&b);
    }
    CHECK(b.answers > answers + 5 && b.answers < answers + 10);
    CHECK_EQUAL(b.bad_frames, 0);
    b.sequence = (uint8_t)(b.sequence + 20);
    CHECK_EQUAL(ask(&b, FLOWLAB_CLOCK, zeros, 9), FLOWLAB_STATUS_OK);
    CHECK(dropped() > 0);
}

static void many_short_scraps_do_not_block_the_line(void) {
    bench_start(&b, 0);
    bench_open(&b);
    const uint8_t scraps[] = {1, 0, 2, 0, 3, 0, 9, 9, 0};
    for (int i = 0; i < 50; i++) {
        host_bytes(&b, scraps, sizeof scraps);
    }
    bench_poll(&b);
    host_bytes(&b, zeros, 1);
    bench_poll(&b);
    CHECK_EQUAL(ask(&b, FLOWLAB_CLOCK, zeros, 9), FLOWLAB_STATUS_OK);
}

static void received_is_the_time_of_the_last_byte(void) {
    bench_start(&b, 100);
    bench_open(&b);
    uint8_t frame[80];
    b.sequence++;
    const unsigned length = host_encode(1, b.sequence, FLOWLAB_CLOCK, zeros, 9, frame);
    for (unsigned i = 0; i < length; i++) {
        b.time = 1000 + i * 87;
        host_bytes(&b, frame + i, 1);
        if (i % 3 == 0) {
            bench_poll(&b);
        }
    }
    const uint64_t end = b.time;
    host_bytes(&b, frame, 3); /* the next has begun already */
    b.time += 500;
    bench_poll(&b);
    bench_drain(&b);
    CHECK_EQUAL(answer_u32(&b, 1), end);
    CHECK_EQUAL(answer_u32(&b, 5), end + 500);
}

/* Such a frame without its last byte is whole to the CRC. It must not be taken, or the host's repeated one would not be. */
static void a_lost_zero_at_the_end_is_refused_and_not_taken(void) {
    bench_start(&b, 0);
    bench_ready(&b);
    uint8_t frame[80];
    unsigned length = 0;
    uint8_t p[6] = {VALVE, 1};
    for (uint32_t ms = 1; ms < 5000; ms++) {
        flowlab_put_u32(p + 2, ms);
        length = host_encode(1, (uint8_t)(b.sequence + 1), FLOWLAB_SET_OUTPUT, p, 6, frame);
        if (frame[length - 2] == 1) {
            break;
        }
    }
    CHECK_EQUAL(frame[length - 2], 1);
    host_bytes(&b, frame, length - 2);
    host_bytes(&b, zeros, 1);
    bench_poll(&b);
    bench_drain(&b);
    CHECK_EQUAL(answer_u8(&b, 0), FLOWLAB_STATUS_BAD_LENGTH);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_LOW);
    host_bytes(&b, frame, length);
    bench_poll(&b);
    bench_drain(&b);
    CHECK_EQUAL(answer_u8(&b, 0), FLOWLAB_STATUS_OK);
    CHECK_EQUAL(pin(&b, VALVE), FLOWLAB_PIN_HIGH);
}

void test_frames(void) {
    RUN(a_lost_zero_at_the_end_is_refused_and_not_taken);
    RUN(crc_has_its_check_values);
    RUN(a_full_payload_is_a_frame_and_more_is_not);
    RUN(lengths_must_be_exact);
    RUN(unknown_types_are_answered_and_answers_are_not);
    RUN(another_version_is_told_and_not_taken);
    RUN(lone_zeros_say_nothing);
    RUN(a_broken_frame_is_dropped_and_the_next_is_read);
    RUN(each_damaged_bit_is_seen);
    RUN(what_finds_no_room_is_lost_whole);
    RUN(many_short_scraps_do_not_block_the_line);
    RUN(received_is_the_time_of_the_last_byte);
}
