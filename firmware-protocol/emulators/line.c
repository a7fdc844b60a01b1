#include "line.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

/* The kernel tells that nobody has the other end open only once somebody had. */
static void open_once(const char *path) {
    int slave = open(path, O_RDWR | O_NOCTTY);
    if (slave >= 0) close(slave);
}

static bool make_link(const char *path, const char *link) {
    unlink(link);
    return symlink(path, link) == 0;
}

bool line_plug(line *l, const char *link) {
    char path[64];
    *l = (line){.master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), .link = link};
    if (l->master < 0 || grantpt(l->master) != 0 || unlockpt(l->master) != 0) return false;
    if (ptsname_r(l->master, path, sizeof path) != 0) return false;
    open_once(path);
    return make_link(path, link);
}

void line_unplug(line *l, uint64_t until_ns) {
    if (l->master < 0) return;
    unlink(l->link);
    close(l->master);
    l->master = -1;
    l->is_open = false;
    l->plug_at_ns = until_ns;
}

bool line_check(line *l, uint64_t now_ns) {
    if (l->master < 0) {
        if (l->plug_at_ns != 0 && now_ns >= l->plug_at_ns) line_plug(l, l->link);
        return false;
    }
    struct pollfd p = {.fd = l->master, .events = POLLIN};
    bool was = l->is_open;
    if (poll(&p, 1, 0) < 0) return false;
    l->is_open = (p.revents & POLLHUP) == 0;
    return l->is_open && !was;
}

size_t line_read(line *l, uint8_t *bytes, size_t room) {
    if (l->master < 0) return 0;
    ssize_t n = read(l->master, bytes, room);
    return n > 0 ? (size_t)n : 0;
}

void line_write(line *l, const uint8_t *bytes, size_t count) {
    if (l->master < 0 || !l->is_open) return;
    if (write(l->master, bytes, count) < 0 && errno != EAGAIN && errno != EIO) perror("pseudo-terminal");
}
