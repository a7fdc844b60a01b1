/* The real firmware of the Uno on an emulated ATmega328P, at the speed of the wall clock, with its line on a pseudo-terminal. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "line.h"
#include "truth.h"
#include "uno_chip.h"

#define SLICE_CYCLES (CHIP_HZ / 4000U)
/* What the machine was late beyond this is not caught up with. */
#define DEBT_NS 1000000000ULL

static const char usage[] =
    "usage: uno-emulator --link PATH [--truth FILE] [--control FIFO] [--eeprom FILE] [--serial TEXT] [--reset-at-open] FIRMWARE.elf\n"
    "commands: pin D2|D3 0|1   press   release   adc A0|A1 MILLIVOLTS   reset   power   hang   unplug MS   stats   quit\n";

typedef struct {
    const char *link, *truth, *control, *eeprom, *serial, *elf;
    bool resets_at_open;
} options;

static options o;
static line host;
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
    static const struct option names[] = {{"link", required_argument, NULL, 'l'},   {"truth", required_argument, NULL, 't'},
                                          {"control", required_argument, NULL, 'c'}, {"eeprom", required_argument, NULL, 'e'},
                                          {"serial", required_argument, NULL, 's'},  {"reset-at-open", no_argument, NULL, 'r'},
                                          {NULL, 0, NULL, 0}};
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        switch (c) {
        case 'l': o.link = optarg; break;
        case 't': o.truth = optarg; break;
        case 'c': o.control = optarg; break;
        case 'e': o.eeprom = optarg; break;
        case 's': o.serial = optarg; break;
        case 'r': o.resets_at_open = true; break;
        default: return false;
        }
    }
    o.elf = argv[optind];
    return o.link != NULL && o.elf != NULL && optind + 1 == argc;
}

static void do_command(const char *text) {
    unsigned number, value;
    if (sscanf(text, "pin D%u %u", &number, &value) == 2 && (number == 2 || number == 3)) {
        chip_set_pin((int)number, value != 0);
    } else if (strcmp(text, "press") == 0 || strcmp(text, "release") == 0) {
        chip_set_pin(3, text[0] == 'r'); /* the switch pulls to ground */
    } else if (sscanf(text, "adc A%u %u", &number, &value) == 2 && number < 2) {
        chip_set_millivolts((int)number, value);
    } else if (strcmp(text, "reset") == 0 || strcmp(text, "power") == 0) {
        chip_reset(text[0] == 'p');
    } else if (strcmp(text, "hang") == 0) {
        chip_hang();
    } else if (sscanf(text, "unplug %u", &value) == 1) {
        line_unplug(&host, now_ns() + value * 1000000ULL);
    } else if (strcmp(text, "stats") == 0) {
        chip_write_stats();
    } else if (strcmp(text, "quit") == 0) {
        is_over = 1;
    } else {
        fprintf(stderr, "uno-emulator: unknown command: %s\n", text);
    }
}

static void do_commands(command_source *sources, size_t count) {
    char text[COMMAND_MAX];
    for (size_t i = 0; i < count; i++) {
        while (commands_next(sources + i, text)) do_command(text);
    }
}

/* Sleeps until the wall clock has come to the chip's. Returns the new start of both. */
static uint64_t keep_pace(uint64_t start_ns) {
    uint64_t chip_ns = start_ns + chip_cycle() * 1000U / (CHIP_HZ / 1000000U);
    uint64_t now = now_ns();
    if (now > chip_ns + DEBT_NS) return start_ns + (now - chip_ns);
    if (now < chip_ns) {
        struct timespec rest = {.tv_nsec = (long)(chip_ns - now)};
        nanosleep(&rest, NULL);
    }
    return start_ns;
}

static bool start(command_source *sources) {
    commands_open_stdin(&sources[0]);
    sources[1].fd = -1;
    if (o.control != NULL && !commands_open_fifo(&sources[1], o.control)) return false;
    if (!truth_open(o.truth) || !line_plug(&host, o.link)) return false;
    return chip_load(o.elf, &host) && chip_load_eeprom(o.eeprom, o.serial);
}

static void run(command_source *sources) {
    uint64_t start_ns = now_ns();
    for (unsigned turn = 0; !is_over; turn++) {
        if (!chip_run(chip_cycle() + SLICE_CYCLES)) {
            fprintf(stderr, "uno-emulator: the chip has stopped\n");
            return;
        }
        if (turn % 4 == 0) {
            if (line_check(&host, now_ns()) && o.resets_at_open) chip_reset(false);
            do_commands(sources, 2);
            truth_flush();
        }
        start_ns = keep_pace(start_ns);
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
        fprintf(stderr, "uno-emulator: %s\n", strerror(errno));
        return 1;
    }
    run(sources);
    chip_write_stats();
    chip_save_eeprom(o.eeprom);
    line_unplug(&host, 0);
    return 0;
}
