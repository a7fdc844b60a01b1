#include "bench.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS_MAX 16

static int passed, failed;

static void run_emulator(const bench *b, int commands, const char *emulator, const char *elf, char *const more[]) {
    const char *arguments[ARGUMENTS_MAX] = {emulator, "--link", b->link, "--truth", b->truth};
    int count = 5;
    while (*more != NULL && count < ARGUMENTS_MAX - 2) arguments[count++] = *more++;
    arguments[count] = elf;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(commands, STDIN_FILENO);
    execv(emulator, (char *const *)arguments);
    perror(emulator);
    _exit(127);
}

bool bench_start(bench *b, const char *emulator, const char *elf, const char *directory, char *const more[]) {
    int commands[2];
    *b = (bench){.pid = -1};
    if (snprintf(b->link, sizeof b->link, "%s/tty", directory) >= (int)sizeof b->link) return false;
    if (snprintf(b->truth, sizeof b->truth, "%s/truth.jsonl", directory) >= (int)sizeof b->truth) return false;
    if (pipe2(commands, O_CLOEXEC) != 0) return false;
    b->pid = fork();
    if (b->pid == 0) run_emulator(b, commands[0], emulator, elf, more);
    close(commands[0]);
    b->commands = commands[1];
    return b->pid > 0;
}

void bench_command(bench *b, const char *format, ...) {
    va_list list;
    va_start(list, format);
    vdprintf(b->commands, format, list);
    va_end(list);
    dprintf(b->commands, "\n");
}

void bench_end(bench *b) {
    bench_command(b, "quit");
    close(b->commands);
    waitpid(b->pid, NULL, 0);
    free(b->entries);
    b->entries = NULL;
    b->count = b->room = 0;
}

static truth_entry *next_entry(bench *b) {
    if (b->count == b->room) {
        b->room = b->room * 2 + 1024;
        b->entries = realloc(b->entries, b->room * sizeof *b->entries);
        if (b->entries == NULL) abort();
    }
    return &b->entries[b->count];
}

static void read_line(bench *b, const char *text, unsigned *start) {
    truth_entry e = {.start = *start};
    if (sscanf(text, "{\"us\":%lf,\"pin\":\"%15[^\"]\",\"level\":\"%11[^\"]\"}", &e.us, e.name, e.level) == 3) {
        e.kind = ENTRY_PIN;
    } else if (sscanf(text, "{\"us\":%lf,\"pin\":\"%15[^\"]\",\"step\":%u,\"dir\":%d,\"width_us\":%lf}", &e.us, e.name, &e.step, &e.dir,
                      &e.width_us) == 5) {
        e.kind = ENTRY_STEP;
    } else if (sscanf(text, "{\"us\":%lf,\"event\":\"%15[^\"]\"", &e.us, e.name) == 2) {
        e.kind = ENTRY_EVENT;
        const char *number = strstr(text, "\"start\":");
        if (number != NULL && strcmp(e.name, "stats") != 0) *start = (unsigned)atoi(number + 8);
        e.start = *start;
    } else {
        return;
    }
    *next_entry(b) = e;
    b->count++;
}

void bench_read(bench *b) {
    char text[1024];
    unsigned start = 0;
    FILE *f = fopen(b->truth, "re");
    b->count = 0;
    while (f != NULL && fgets(text, sizeof text, f) != NULL) read_line(b, text, &start);
    if (f != NULL) fclose(f);
}

unsigned bench_start_number(const bench *b) { return b->count > 0 ? b->entries[b->count - 1].start : 0; }

const truth_entry *bench_find(const bench *b, unsigned start, const char *name, const char *level, double us) {
    for (size_t i = 0; i < b->count; i++) {
        const truth_entry *e = &b->entries[i];
        if (e->start != start || e->us < us || strcmp(e->name, name) != 0) continue;
        if (level == NULL || strcmp(e->level, level) == 0) return e;
    }
    return NULL;
}

const char *bench_level(const bench *b, unsigned start, const char *name, double us) {
    const char *level = "floating";
    for (size_t i = 0; i < b->count; i++) {
        const truth_entry *e = &b->entries[i];
        if (e->kind != ENTRY_PIN || strcmp(e->name, name) != 0) continue;
        if (e->start < start || (e->start == start && e->us <= us)) level = e->level;
    }
    return level;
}

double bench_stat(const bench *b, const char *name) {
    char text[1024], wanted[64];
    double value = -1;
    FILE *f = fopen(b->truth, "re");
    snprintf(wanted, sizeof wanted, "\"%s\":", name);
    while (f != NULL && fgets(text, sizeof text, f) != NULL) {
        const char *at = strstr(text, "\"stats\"") != NULL ? strstr(text, wanted) : NULL;
        if (at != NULL) value = atof(at + strlen(wanted));
    }
    if (f != NULL) fclose(f);
    return value;
}

bool check(bool is_good, const char *format, ...) {
    va_list list;
    if (is_good) passed++;
    if (!is_good) failed++;
    printf(is_good ? "  ok    " : "  FAIL  ");
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    printf("\n");
    fflush(stdout);
    return is_good;
}

int checks_end(double seconds) {
    printf("%d passed, %d failed in %.0f s\n", passed, failed, seconds);
    return failed == 0 ? 0 : 1;
}
