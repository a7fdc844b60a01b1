/* An emulator with its commands and its truth, and the checks' book-keeping. */
#ifndef TEST_BENCH_H
#define TEST_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef enum { ENTRY_PIN, ENTRY_STEP, ENTRY_EVENT } entry_kind;

typedef struct {
    entry_kind kind;
    unsigned start; /* which start of the board it belongs to */
    double us;      /* board time */
    char name[16];  /* pin or event */
    char level[12]; /* of a pin */
    unsigned step;
    int dir;
    double width_us;
} truth_entry;

typedef struct {
    pid_t pid;
    int commands;
    char link[256], truth[256];
    truth_entry *entries;
    size_t count, room;
} bench;

bool bench_start(bench *b, const char *emulator, const char *elf, const char *directory, char *const more[]);
void bench_command(bench *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void bench_end(bench *b);

/* Reads the truth as it is by now. */
void bench_read(bench *b);
unsigned bench_start_number(const bench *b);
/* The first entry of this pin (or event) in that start with a time from `us` on; `level` may be NULL. */
const truth_entry *bench_find(const bench *b, unsigned start, const char *name, const char *level, double us);
/* The level that a pin had at that time; "floating" before it had any. */
const char *bench_level(const bench *b, unsigned start, const char *name, double us);
/* A number of the newest `stats`. */
double bench_stat(const bench *b, const char *name);

/* Counts, and says what failed, or what passed with a figure. */
bool check(bool is_good, const char *format, ...) __attribute__((format(printf, 2, 3)));
int checks_end(double seconds);

#endif
