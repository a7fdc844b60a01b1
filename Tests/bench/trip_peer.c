/* The far end of three pumps, on pseudo-terminals: answers as Chemyx pumps do, and on demand shows the first one running,
   which is what the daemon's interlock trips on. Tells how long it takes from the write of that answer to the daemon's
   stop, on whichever line it comes first; and how long an echo of a C program on another pseudo-terminal takes, right
   before it and with the same scheduling as the daemon asks for.

   usage: trip_peer
   Says its ports on one line, "PUMP PUMP PUMP". For each line on standard input one trip: "TRIP-US ECHO-US". Ends with
   its input. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* daemon_priority: as flowlabd's loop has. patience: for a stop or an echo. */
enum { pumps = 3, line_bytes = 256, daemon_priority = 60, patience_ms = 2000 };

static const char running[] = "1\r\n>";

struct port {
    int master;
    char path[64];
    char line[line_bytes];
    size_t length;
};

static struct port ports[pumps], echo_port;
static int isRunning, isArmed;
static long long trippedAt, echoed;

static void die(const char *what) {
    fprintf(stderr, "trip_peer: %s: %s\n", what, strerror(errno));
    exit(1);
}

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* The slave stays open here, so that the line does not hang up between two owners. */
static int open_port(struct port *port) {
    port->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (port->master < 0 || grantpt(port->master) != 0 || unlockpt(port->master) != 0) die("pseudo-terminal");
    if (ptsname_r(port->master, port->path, sizeof port->path) != 0) die("ptsname");
    int slave = open(port->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios line;
    if (slave < 0 || tcgetattr(slave, &line) != 0) die(port->path);
    cfmakeraw(&line);
    if (tcsetattr(slave, TCSANOW, &line) != 0) die("tcsetattr");
    return slave;
}

static void watch(int poll, int descriptor, unsigned number) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = number};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) != 0) die("epoll_ctl");
}

/* The floor: one thread, one epoll, and what is read written back. */
static void echo(int slave) {
    struct sched_param parameters = {.sched_priority = daemon_priority};
    (void)sched_setscheduler(0, SCHED_FIFO, &parameters); /* where the host permits it, as the daemon does */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    if (poll < 0) die("epoll_create1");
    watch(poll, slave, 0);
    for (;;) {
        struct epoll_event event;
        char bytes[line_bytes];
        if (epoll_wait(poll, &event, 1, -1) < 1) continue;
        ssize_t count = read(slave, bytes, sizeof bytes);
        if (count <= 0 || write(slave, bytes, (size_t)count) != count) exit(1);
    }
}

static void say(struct port *port, const char *text) {
    if (write(port->master, text, strlen(text)) != (ssize_t)strlen(text)) die("write");
}

/* From the write of what a tripping answer is to the read of as much. */
static long long echo_time(void) {
    char bytes[line_bytes];
    size_t got = 0;
    long long began = now();
    say(&echo_port, running);
    while (got < sizeof running - 1) {
        ssize_t count = read(echo_port.master, bytes, sizeof bytes);
        if (count <= 0) die("echo");
        got += (size_t)count;
    }
    return now() - began;
}

static void answer(int number, const char *line) {
    struct port *port = &ports[number];
    if (strcmp(line, "view parameter") == 0) return say(port, "unit = 2\r\ndia = 28.600\r\nrate = 1.000000\r\n>");
    if (strcmp(line, "read limit parameter") == 0) return say(port, "114480.1 0.1818 96362.4 12.8145\r\n>");
    if (strcmp(line, "dispensed volume") == 0) return say(port, "dispensed volume = 0.0000\r\n>");
    if (strcmp(line, "stop") == 0) {
        if (number == 0) isRunning = 0;
        return say(port, "Pump stop!\r\n>");
    }
    if (strcmp(line, "pump status") == 0) {
        if (number == 0 && isArmed) {
            isArmed = 0;
            isRunning = 1;
            trippedAt = now();
            return say(port, running);
        }
        return say(port, number == 0 && isRunning ? running : "0\r\n>");
    }
    say(port, "Invalid command\r\n>");
}

/* The first bytes of a stop are the first of the safe state: nothing else is written after a trip. */
static void take(int number) {
    struct port *port = &ports[number];
    char bytes[line_bytes];
    ssize_t count = read(port->master, bytes, sizeof bytes);
    long long at = now();
    if (count <= 0) die("read");
    if (trippedAt && memmem(bytes, (size_t)count, "stop", 4) != NULL) {
        printf("%.3f %.3f\n", (double)(at - trippedAt) / 1000, (double)echoed / 1000);
        fflush(stdout);
        trippedAt = 0;
    }
    for (ssize_t index = 0; index < count; index++) {
        if (bytes[index] == '\r') {
            port->line[port->length] = 0;
            port->length = 0;
            answer(number, port->line);
        } else if (port->length < line_bytes - 1) {
            port->line[port->length++] = bytes[index];
        }
    }
}

int main(void) {
    int poll = epoll_create1(EPOLL_CLOEXEC);
    if (poll < 0) die("epoll_create1");
    for (unsigned number = 0; number < pumps; number++) {
        open_port(&ports[number]);
        watch(poll, ports[number].master, number);
    }
    int slave = open_port(&echo_port);
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) echo(slave);
    watch(poll, STDIN_FILENO, pumps);
    printf("%s %s %s\n", ports[0].path, ports[1].path, ports[2].path);
    fflush(stdout);
    for (;;) {
        struct epoll_event event;
        int count = epoll_wait(poll, &event, 1, trippedAt ? patience_ms : -1);
        if (count == 0) {
            fprintf(stderr, "trip_peer: no stop within %d ms\n", patience_ms);
            exit(1);
        }
        if (count < 0) continue;
        if (event.data.u32 < pumps) {
            take((int)event.data.u32);
            continue;
        }
        char bytes[line_bytes];
        if (read(STDIN_FILENO, bytes, sizeof bytes) <= 0) break;
        echoed = echo_time();
        isArmed = 1;
    }
    kill(child, SIGKILL);
    return 0;
}
