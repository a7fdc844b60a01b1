/* vectors/: bytes and conversations that were not made by the core. */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "../core/src/internal.h"
#include "check.h"

#define BYTES 600
#define QUEUE 64
#define FIRMWARE_AT 6 /* in the body of hello's answer: what differs from board to board */
#define DICTIONARY_AT 11

typedef struct {
    uint8_t bytes[80];
    unsigned length;
    uint64_t at;
} sent_frame;

static flowlab_board board;
static uint64_t now;
static sent_frame queue[QUEUE];
static unsigned queue_head, queue_tail;
static flowlab_channel_type channels[FLOWLAB_CHANNELS];
static flowlab_port_type type = {0, 0, channels};
static uint8_t serial[12];

static cJSON *load(const char *name) {
    static char text[400000];
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        return NULL;
    }
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return cJSON_Parse(text);
}

static const char *string_of(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItem(object, key);
    return cJSON_IsString(item) ? item->valuestring : "";
}

static unsigned number_of(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItem(object, key);
    return cJSON_IsNumber(item) ? (unsigned)(int64_t)item->valuedouble : 0;
}

static unsigned unhex(const char *hex, uint8_t *bytes) {
    unsigned length = 0;
    for (; hex[0] != 0 && hex[1] != 0 && length < BYTES; hex += 2) {
        const char pair[3] = {hex[0], hex[1], 0};
        bytes[length++] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return length;
}

static unsigned hex_of(const cJSON *object, const char *key, uint8_t *bytes) { return unhex(string_of(object, key), bytes); }

static unsigned decode(const uint8_t *encoded, unsigned length, uint8_t *body) {
    flowlab_cobs cobs = {0, false};
    unsigned out = 0;
    for (unsigned i = 0; i < length; i++) {
        out += flowlab_cobs_decode(&cobs, encoded[i], body + out) ? 1U : 0U;
    }
    return out;
}

static void drain(void) {
    uint8_t byte = 0;
    while (flowlab_board_transmit(&board, &byte, (uint32_t)now)) {
        sent_frame *frame = &queue[queue_tail % QUEUE];
        if (frame->length < sizeof frame->bytes) {
            frame->bytes[frame->length++] = byte;
        }
        if (byte == 0) {
            frame->at = now;
            queue_tail++;
            queue[queue_tail % QUEUE].length = 0;
        }
    }
}

static void poll_once(void) {
    flowlab_board_poll(&board, (uint32_t)now);
    drain();
}

static void start(uint64_t at, unsigned boot_count, unsigned cause) {
    queue_head = queue_tail = 0;
    queue[0].length = 0;
    now = at;
    flowlab_board_start(&board, &type, serial, (uint16_t)boot_count, (uint8_t)cause, (uint32_t)now);
    poll_once();
}

static void run_to(uint64_t at) {
    while (now < at) {
        const uint64_t due = now + flowlab_board_next_due(&board, (uint32_t)now);
        now = due < at ? due : at;
        poll_once();
    }
}

static void crc_and_cobs(const cJSON *file) {
    uint8_t a[BYTES], e[BYTES], out[BYTES];
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cJSON_GetObjectItem(file, "crc")) {
        CHECK_EQUAL(flowlab_crc_of(0xFFFF, a, (uint8_t)hex_of(one, "bytes", a)), number_of(one, "crc"));
    }
    cJSON_ArrayForEach(one, cJSON_GetObjectItem(file, "cobs")) {
        const unsigned length = hex_of(one, "decoded", a);
        const unsigned encoded = hex_of(one, "encoded", e);
        CHECK_EQUAL(decode(e, encoded, out), length);
        CHECK(memcmp(out, a, length) == 0);
        if (length <= 253) {
            CHECK_EQUAL(flowlab_cobs_encode(a, (uint8_t)length, out), encoded);
            CHECK(memcmp(out, e, encoded) == 0);
        }
    }
}

static void bytes_of_frames(void) {
    cJSON *file = load("vectors/frames.json");
    CHECK(file != NULL);
    crc_and_cobs(file);
    uint8_t a[BYTES], e[BYTES], out[BYTES];
    unsigned count = 0;
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cJSON_GetObjectItem(file, "frames")) {
        const unsigned length = hex_of(one, "body", a);
        const unsigned encoded = hex_of(one, "frame", e);
        CHECK_EQUAL(flowlab_cobs_encode(a, (uint8_t)length, out) + 1U, encoded);
        CHECK(memcmp(out, e, encoded - 1) == 0);
        CHECK_EQUAL(flowlab_crc_of(0xFFFF, a, (uint8_t)length), 0);
        CHECK_EQUAL(a[2], number_of(one, "type"));
        CHECK_EQUAL(flowlab_form_check(a[2], (uint8_t)(length - 5)), FLOWLAB_STATUS_OK);
        count++;
    }
    CHECK_EQUAL(count, 22);
    cJSON_Delete(file);
}

static void bad_frames_are_dropped(void) {
    cJSON *file = load("vectors/frames.json");
    CHECK(file != NULL);
    uint8_t e[BYTES];
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cJSON_GetObjectItem(file, "bad")) {
        start(0, 0, 0);
        const unsigned sent = queue_tail;
        const unsigned length = hex_of(one, "frame", e);
        for (unsigned i = 0; i < length; i++) {
            flowlab_board_receive(&board, e[i], 0);
        }
        poll_once();
        if (board.dropped != 1 || queue_tail != sent) {
            printf("    %s: %u dropped\n", string_of(one, "reason"), board.dropped);
            CHECK(false);
        }
    }
    cJSON_Delete(file);
}

/* What another board has of its own in the answer of hello is not compared. */
static unsigned comparable(const uint8_t *frame, unsigned length, uint8_t *body) {
    const unsigned size = decode(frame, length - 1, body);
    if (size == 3 + FLOWLAB_HELLO_ANSWER_SIZE + 2 && body[2] == (FLOWLAB_HELLO | 0x80)) {
        memset(body + FIRMWARE_AT, 0, 3);
        memset(body + DICTIONARY_AT, 0, 4);
        memset(body + size - 2, 0, 2);
    }
    return size;
}

static void board_step(const cJSON *step, const char *where) {
    uint8_t e[BYTES], wanted[BYTES], got[BYTES];
    const unsigned length = hex_of(step, "hex", e);
    if (queue_head == queue_tail) {
        printf("    %s: no frame, but %s\n", where, string_of(step, "hex"));
        CHECK(false);
        return;
    }
    const sent_frame *frame = &queue[queue_head++ % QUEUE];
    const unsigned size = comparable(e, length, wanted);
    if (frame->at != now || comparable(frame->bytes, frame->length, got) != size || memcmp(wanted, got, size) != 0) {
        printf("    %s: at %llu of %llu, wanted %s, got ", where, (unsigned long long)frame->at, (unsigned long long)now, string_of(step, "hex"));
        for (unsigned i = 0; i < frame->length; i++) {
            printf("%02x", frame->bytes[i]);
        }
        printf("\n");
        CHECK(false);
    }
}

static void host_step(const cJSON *step) {
    uint8_t e[BYTES];
    const unsigned length = hex_of(step, "hex", e);
    for (unsigned i = 0; i < length; i++) {
        flowlab_board_receive(&board, e[i], (uint32_t)now);
    }
    poll_once();
}

static void pins_step(const cJSON *pins) {
    static const char *const names[] = {"low", "high", "floating"};
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, pins) {
        CHECK(strcmp(one->valuestring, names[flowlab_board_pin(&board, (uint8_t)atoi(one->string))]) == 0);
    }
}

static void converse(const cJSON *conversation, const cJSON *of) {
    char where[80];
    int number = 0;
    start((uint64_t)cJSON_GetObjectItem(conversation, "start")->valuedouble, number_of(of, "boot_count"), number_of(of, "reset_cause"));
    const cJSON *step = NULL;
    cJSON_ArrayForEach(step, cJSON_GetObjectItem(conversation, "steps")) {
        snprintf(where, sizeof where, "%.40s, step %d", string_of(conversation, "name"), number++);
        run_to((uint64_t)cJSON_GetObjectItem(step, "at")->valuedouble);
        if (cJSON_HasObjectItem(step, "host")) {
            CHECK_EQUAL(queue_head, queue_tail); /* nothing that was not told */
            host_step(step);
        } else if (cJSON_HasObjectItem(step, "board")) {
            board_step(step, where);
        } else {
            pins_step(cJSON_GetObjectItem(step, "pins"));
        }
        if (check_misses > 0) {
            printf("    in %s\n", where);
            return;
        }
    }
    CHECK_EQUAL(queue_head, queue_tail);
}

static uint8_t kind_of(const char *name) {
    static const char *const kinds[] = {"none", "digital_output", "digital_input", "analog_input", "stepper", "peristaltic_pump", "heater"};
    uint8_t kind = 0;
    for (uint8_t i = 0; i < 7; i++) {
        kind = strcmp(name, kinds[i]) == 0 ? i : kind;
    }
    return kind;
}

static void make_type(const cJSON *of) {
    const cJSON *one = NULL;
    memset(channels, 0, sizeof channels);
    type.board = (uint8_t)number_of(of, "board");
    type.channels = 0;
    hex_of(of, "serial", serial);
    cJSON_ArrayForEach(one, cJSON_GetObjectItem(of, "channels")) {
        flowlab_channel_type *channel = &channels[type.channels++];
        channel->kind = kind_of(string_of(one, "kind"));
        const char *label = string_of(one, "label");
        memcpy(channel->label, label, strlen(label) < 8 ? strlen(label) : 8);
        channel->max_rate = number_of(one, "max_rate");
        channel->full_scale = (uint16_t)number_of(one, "full_scale");
    }
}

static void conversations_go_as_they_must(void) {
    cJSON *file = load("vectors/conversations.json");
    CHECK(file != NULL);
    const cJSON *of = cJSON_GetObjectItem(file, "board");
    make_type(of);
    const cJSON *one = NULL;
    int count = 0;
    cJSON_ArrayForEach(one, cJSON_GetObjectItem(file, "conversations")) {
        converse(one, of);
        count++;
    }
    CHECK(count >= 11);
    cJSON_Delete(file);
}

void test_vectors(void) {
    make_type(NULL);
    RUN(bytes_of_frames);
    RUN(bad_frames_are_dropped);
    RUN(conversations_go_as_they_must);
}
