/* The floor of an archive: SQLite alone, with rows, commits, schema and durability as the archive has them, and nothing
   around it.

   usage: archive_floor FILE READINGS-A-SECOND SECONDS
   Ten readings a transaction, at a steady rate. Prints one JSON line: the share of a core, and readings a second. */
#include "common.h"

#include <sqlite3.h>

enum { per_commit = 10 };

static sqlite3 *database;

static void run(const char *sql) {
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK) return;
    fprintf(stderr, "archive_floor: %s: %s\n", sql, sqlite3_errmsg(database));
    exit(1);
}

static double cpu_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void insert(sqlite3_stmt *row, long step, int index, int64_t at) {
    char signal[32];
    snprintf(signal, sizeof signal, "pump.p%ld%d.flow", step % 5, index);
    sqlite3_bind_text(row, 1, signal, -1, SQLITE_TRANSIENT);
    sqlite3_bind_double(row, 2, (double)step / 7);
    sqlite3_bind_text(row, 3, "uL/min", -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 4, "good", -1, SQLITE_STATIC);
    for (int column = 5; column <= 7; column++) sqlite3_bind_int64(row, column, at);
    if (sqlite3_step(row) != SQLITE_DONE) die(sqlite3_errmsg(database));
    sqlite3_reset(row);
}

int main(int count, char **words) {
    program = "archive_floor";
    double rate = count == 4 ? atof(words[2]) : 0, seconds = count == 4 ? atof(words[3]) : 0;
    if (rate < per_commit || seconds <= 0) {
        fprintf(stderr, "usage: archive_floor FILE READINGS-A-SECOND SECONDS\n");
        return 2;
    }
    if (sqlite3_open(words[1], &database) != SQLITE_OK) die(words[1]);
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
        "CREATE TABLE signals (id INTEGER PRIMARY KEY, signal TEXT NOT NULL, value REAL, unit TEXT NOT NULL,"
        " quality TEXT NOT NULL, wire_ns INTEGER NOT NULL, bench_ns INTEGER NOT NULL, wall_ns INTEGER NOT NULL) STRICT;"
        "CREATE INDEX signals_by_time ON signals (signal, wall_ns);");
    sqlite3_stmt *row;
    const char *sql = "INSERT INTO signals (signal, value, unit, quality, wire_ns, bench_ns, wall_ns)"
                      " VALUES (?,?,?,?,?,?,?)";
    if (sqlite3_prepare_v2(database, sql, -1, &row, NULL) != SQLITE_OK) die("prepare");
    long steps = (long)(rate * seconds / per_commit);
    int64_t start = now();
    double before = cpu_seconds();
    for (long step = 1; step <= steps; step++) {
        int64_t due = start + (int64_t)((double)step * per_commit / rate * 1e9);
        struct timespec until = {due / 1000000000, due % 1000000000};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) continue;
        run("BEGIN IMMEDIATE");
        for (int index = 0; index < per_commit; index++) insert(row, step, index, now());
        run("COMMIT");
    }
    double used = cpu_seconds() - before, elapsed = (double)(now() - start) / 1e9;
    printf("{\"percent\":%.3f,\"rate\":%.0f}\n", used / elapsed * 100, (double)steps * per_commit / elapsed);
    return 0;
}
