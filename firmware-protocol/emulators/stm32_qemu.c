#include "stm32_qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "truth.h"

/* Pins of port B that are outputs of the firmware: ports/README.md. */
#define USED 0x7FE3U
#define WATCHDOG_START 0xCCCCU
#define ALL_FLOATING 0x4444444444444444ULL

static double start_us; /* when the firmware started its watchdog, just before its clock */
static unsigned starts;
static uint64_t modes = ALL_FLOATING;
static uint32_t levels;
static truth_level told[16];

static int listen_at(const qemu *q, const char *name) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof a.sun_path, "%s/%s", q->directory, name);
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s < 0 || bind(s, (struct sockaddr *)&a, sizeof a) != 0 || listen(s, 1) != 0) return -1;
    return s;
}

/* In the child. */
static void run_qemu(const qemu *q, const char *elf, int log) {
    char serial[64], monitor[64], log_path[32];
    snprintf(serial, sizeof serial, "unix:%s/serial", q->directory);
    snprintf(monitor, sizeof monitor, "unix:%s/monitor", q->directory);
    snprintf(log_path, sizeof log_path, "/dev/fd/%d", log);
    fcntl(log, F_SETFD, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execlp("qemu-system-arm", "qemu-system-arm", "-M", "stm32vldiscovery", "-kernel", elf, "-display", "none", "-serial", serial, "-monitor",
           monitor, "-d", "unimp", "-D", log_path, (char *)NULL);
    perror("qemu-system-arm");
    _exit(127);
}

static void clean(const qemu *q) {
    char path[64];
    snprintf(path, sizeof path, "%s/serial", q->directory);
    unlink(path);
    snprintf(path, sizeof path, "%s/monitor", q->directory);
    unlink(path);
    rmdir(q->directory);
}

bool qemu_start(qemu *q, const char *elf) {
    int log[2];
    strcpy(q->directory, "/tmp/flowlab-qemu-XXXXXX");
    if (mkdtemp(q->directory) == NULL || pipe2(log, O_CLOEXEC) != 0) return false;
    int serial = listen_at(q, "serial"), monitor = listen_at(q, "monitor");
    if (serial < 0 || monitor < 0) return false;
    q->pid = fork();
    if (q->pid == 0) run_qemu(q, elf, log[1]);
    close(log[1]);
    q->log = log[0];
    fcntl(q->log, F_SETFL, O_NONBLOCK);
    q->monitor = accept4(monitor, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    q->serial = accept4(serial, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    close(serial);
    close(monitor);
    clean(q);
    return q->monitor >= 0 && q->serial >= 0;
}

double qemu_board_us(double now_us) { return now_us - start_us; }

static void tell_pins(double now_us) {
    for (int i = 0; i < 16; i++) {
        bool is_output = (modes >> (4 * i) & 3) != 0;
        truth_level level = !is_output ? TRUTH_FLOATING : (levels >> i & 1) != 0 ? TRUTH_HIGH : TRUTH_LOW;
        char name[8];
        if ((USED >> i & 1) == 0 || level == told[i]) continue;
        told[i] = level;
        snprintf(name, sizeof name, "PB%d", i);
        truth_pin(qemu_board_us(now_us), name, level);
    }
}

static void say(const qemu *q, const char *text) {
    if (write(q->monitor, text, strlen(text)) < 0) perror("monitor");
}

/* The pins float from here on, until the firmware has them again. */
void qemu_reset(const qemu *q, double now_us) {
    say(q, "system_reset\n");
    modes = ALL_FLOATING;
    levels = 0;
    tell_pins(now_us);
    truth_event(qemu_board_us(now_us), "reset", "");
}

void qemu_stop(qemu *q) {
    say(q, "quit\n");
    for (int i = 0; i < 100; i++) {
        if (waitpid(q->pid, NULL, WNOHANG) != 0) return;
        usleep(10000);
    }
    kill(q->pid, SIGKILL);
    waitpid(q->pid, NULL, 0);
}

/* A write to port B (RM0008 9.2). */
static void port_written(unsigned offset, uint32_t value, double now_us) {
    if (offset == 0x00) modes = (modes & 0xFFFFFFFF00000000ULL) | value;
    if (offset == 0x04) modes = (modes & 0xFFFFFFFFULL) | (uint64_t)value << 32;
    if (offset == 0x0C) levels = value & 0xFFFF;
    if (offset == 0x10) levels = (levels & ~(value >> 16)) | (value & 0xFFFF);
    if (offset == 0x14) levels &= ~value;
    tell_pins(now_us);
}

/* The firmware starts its watchdog once, after the pins are safe: everything before was a reset. */
static void started(double now_us) {
    char more[48];
    double emulator_us = now_us;
    start_us = now_us;
    snprintf(more, sizeof more, ",\"start\":%u,\"emulator_us\":%.0f", ++starts, emulator_us);
    truth_event(0, "clock", more);
}

static void read_line(const char *text, double now_us) {
    char device[16];
    unsigned size, offset, value;
    if (sscanf(text, "%15[^:]: unimplemented device write (size %u, offset 0x%x, value 0x%x)", device, &size, &offset, &value) != 4) return;
    if (strcmp(device, "GPIOB") == 0) port_written(offset, value, now_us);
    if (strcmp(device, "IWDG") == 0 && offset == 0 && value == WATCHDOG_START) started(now_us);
}

bool qemu_read_log(const qemu *q, double now_us) {
    static char text[65536];
    static size_t used;
    ssize_t n = read(q->log, text + used, sizeof text - 1 - used);
    if (n == 0) return false;
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    used += (size_t)n;
    char *from = text;
    for (char *end; (end = memchr(from, '\n', used - (size_t)(from - text))) != NULL; from = end + 1) {
        *end = 0;
        read_line(from, now_us);
    }
    used -= (size_t)(from - text);
    if (used == sizeof text - 1) used = 0;
    memmove(text, from, used);
    return true;
}
