/* usage: test-firmware PROGRAMS DIRECTORY [--seed N] [--frames N] [--only uno|uno-pump|stm32]; PROGRAMS has the emulators and the firmwares. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "checks.h"

static bool is_wanted(const char *only, const char *board) { return only[0] == 0 || strcmp(only, board) == 0; }

int main(int argc, char **argv) {
    unsigned seed = (unsigned)time(NULL), frames = 10000;
    const char *only = "";
    if (argc < 3) return 2;
    for (int i = 3; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seed") == 0) seed = (unsigned)atoi(argv[i + 1]);
        if (strcmp(argv[i], "--frames") == 0) frames = (unsigned)atoi(argv[i + 1]);
        if (strcmp(argv[i], "--only") == 0) only = argv[i + 1];
    }
    signal(SIGPIPE, SIG_IGN);
    uint64_t began = wall_us();
    if (is_wanted(only, "uno")) uno_checks(argv[2], argv[1], seed, frames);
    if (is_wanted(only, "uno-pump")) uno_pump_checks(argv[2], argv[1]);
    if (is_wanted(only, "stm32")) stm32_register_checks();
    if (is_wanted(only, "stm32")) stm32_checks(argv[2], argv[1], seed, frames);
    return checks_end((double)(wall_us() - began) / 1e6);
}
