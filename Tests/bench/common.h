/* What the programs of `make bench` share. Each of them names itself in `program`. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static const char *program;

__attribute__((noreturn)) static inline void die(const char *what) {
    fprintf(stderr, "%s: %s: %s\n", program, what, strerror(errno));
    exit(1);
}

static inline int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static inline struct sockaddr_un address_of(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        die(path);
    }
    strcpy(address.sun_path, path);
    return address;
}

static inline int dial(const char *path) {
    struct sockaddr_un address = address_of(path);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) die(path);
    return descriptor;
}

static inline int listen_at(const char *path) {
    struct sockaddr_un address = address_of(path);
    unlink(path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0) die(path);
    if (listen(listener, 256) != 0) die("listen");
    return listener;
}

/* The master of a raw pseudo-terminal, and the path of its slave. The slave stays open here as well, so that the line does
   not hang up between two owners. */
static inline int open_line(char *path, size_t bytes) {
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) die("pseudo-terminal");
    if (ptsname_r(master, path, bytes) != 0) die("ptsname");
    int slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios line;
    if (slave < 0 || tcgetattr(slave, &line) != 0) die(path);
    cfmakeraw(&line);
    if (tcsetattr(slave, TCSANOW, &line) != 0) die("tcsetattr");
    return master;
}

static inline void watch(int poll, int descriptor, uint32_t number) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = number};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) != 0) die("epoll_ctl");
}

static inline int ascending(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Of sorted times in ns: the value below which that part of them lies, in us. */
static inline double share_us(const int64_t *times, size_t count, double part) {
    size_t at = (size_t)((double)count * part);
    return count ? (double)times[at < count ? at : count - 1] / 1e3 : 0;
}
