/* The real firmware of the STM32F103 under QEMU, with its line at the speed of the baud rate on a pseudo-terminal, and the pins that it
 * writes. What QEMU does not model is told in stm32_qemu.h. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "line.h"
#include "stm32_qemu.h"
#include "truth.h"

#define BYTE_NS 86806ULL /* 10 bits at 115200 baud */
#define CATCH_UP_NS 1000000ULL
#define QUEUE_MAX 8192

static const char usage[] = "usage: stm32-emulator --link PATH [--truth FILE] [--control FIFO] FIRMWARE.elf\n"
                            "commands: reset   unplug MS   stats   quit\n";

typedef struct {
    const char *link, *truth, *control, *elf;
} options;

/* Bytes of one direction that wait for their turn on the wire. */
typedef struct {
    uint8_t bytes[QUEUE_MAX];
    size_t used;
    uint64_t free_at;
} wire;

static options o;
static line host;
static qemu machine;
static wire to_board, to_host;
static volatile sig_atomic_t is_over;

static void end(int signal_number) {
    (void)signal_number;
    is_over = 1;
}

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

static bool parse(int argc, char **argv) {
    static const struct option names[] = {{"link", required_argument, NULL, 'l'},
                                          {"truth", required_argument, NULL, 't'},
                                          {"control", required_argument, NULL, 'c'},
                                          {NULL, 0, NULL, 0}};
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        switch (c) {
        case 'l': o.link = optarg; break;
        case 't': o.truth = optarg; break;
        case 'c': o.control = optarg; break;
        default: return false;
        }
    }
    o.elf = argv[optind];
    return o.link != NULL && o.elf != NULL && optind + 1 == argc;
}

static void do_command(const char *text, uint64_t now) {
    unsigned value;
    if (strcmp(text, "reset") == 0) {
        qemu_reset(&machine, (double)now / 1000);
    } else if (sscanf(text, "unplug %u", &value) == 1) {
        line_unplug(&host, now + value * 1000000ULL);
    } else if (strcmp(text, "stats") == 0) {
        truth_event(qemu_board_us((double)now / 1000), "stats", "");
    } else if (strcmp(text, "quit") == 0) {
        is_over = 1;
    } else {
        fprintf(stderr, "stm32-emulator: unknown command: %s\n", text);
    }
}

static void do_commands(command_source *sources, size_t count, uint64_t now) {
    char text[COMMAND_MAX];
    for (size_t i = 0; i < count; i++) {
        while (commands_next(sources + i, text)) do_command(text, now);
    }
}

/* How many bytes the wire has carried by now. A moment that was missed is caught up with, a longer one is not. */
static size_t carried(wire *w, uint64_t now) {
    size_t count = 0;
    if (w->free_at + CATCH_UP_NS < now) w->free_at = now - CATCH_UP_NS;
    if (w->used == 0) return 0;
    while (count < w->used && w->free_at <= now) {
        w->free_at += BYTE_NS;
        count++;
    }
    return count;
}

static void drop(wire *w, size_t count) {
    w->used -= count;
    memmove(w->bytes, w->bytes + count, w->used);
}

/* Bytes that come to an idle wire begin now. */
static void took(wire *w, size_t count, uint64_t now) {
    if (w->used == 0 && count > 0 && w->free_at < now + BYTE_NS) w->free_at = now + BYTE_NS;
    w->used += count;
}

static void exchange(uint64_t now) {
    took(&to_board, line_read(&host, to_board.bytes + to_board.used, QUEUE_MAX - to_board.used), now);
    ssize_t n = read(machine.serial, to_host.bytes + to_host.used, QUEUE_MAX - to_host.used);
    if (n > 0) took(&to_host, (size_t)n, now);
    size_t count = carried(&to_host, now);
    line_write(&host, to_host.bytes, count);
    drop(&to_host, count);
    count = carried(&to_board, now);
    n = count > 0 ? write(machine.serial, to_board.bytes, count) : 0;
    if (n > 0) drop(&to_board, (size_t)n);
}

static void wait_for_more(void) {
    struct pollfd p[] = {{.fd = machine.log, .events = POLLIN}, {.fd = machine.serial, .events = POLLIN}, {.fd = host.master, .events = POLLIN}};
    bool is_busy = to_board.used > 0 || to_host.used > 0;
    struct timespec t = {.tv_nsec = is_busy ? 50000 : 1000000};
    ppoll(p, host.is_open ? 3 : 2, &t, NULL);
}

static bool start(command_source *sources) {
    commands_open_stdin(&sources[0]);
    sources[1].fd = -1;
    if (o.control != NULL && !commands_open_fifo(&sources[1], o.control)) return false;
    return truth_open(o.truth) && line_plug(&host, o.link) && qemu_start(&machine, o.elf);
}

static void run(command_source *sources) {
    uint64_t checked = 0;
    while (!is_over) {
        uint64_t now = now_ns();
        if (!qemu_read_log(&machine, (double)now / 1000)) {
            fprintf(stderr, "stm32-emulator: QEMU has ended\n");
            return;
        }
        exchange(now);
        if (now - checked >= 1000000) {
            checked = now;
            line_check(&host, now);
            do_commands(sources, 2, now);
            truth_flush();
        }
        wait_for_more();
    }
}

int main(int argc, char **argv) {
    command_source sources[2];
    if (!parse(argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    signal(SIGTERM, end);
    signal(SIGINT, end);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    if (!start(sources)) {
        fprintf(stderr, "stm32-emulator: %s\n", strerror(errno));
        return 1;
    }
    run(sources);
    qemu_stop(&machine);
    truth_flush();
    line_unplug(&host, 0);
    return 0;
}
