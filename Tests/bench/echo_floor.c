/* The floor of a request over a Unix socket: one thread, one epoll, and for every line read a line of a fixed length
   written back. No parsing, no JSON, no other work.

   usage: echo_floor SOCKET REPLY-BYTES */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { events_per_turn = 64, request_bytes = 65536 };

static void die(const char *what) {
    fprintf(stderr, "echo_floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void watch(int poll, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) != 0) die("epoll_ctl");
}

static int listen_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        die(path);
    }
    strcpy(address.sun_path, path);
    unlink(path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0) die(path);
    if (listen(listener, 64) != 0) die("listen");
    return listener;
}

/* The replies are far smaller than a socket's buffer, so that a blocking write never waits for long. */
static void answer(int client, const char *reply, size_t length) {
    static char request[request_bytes];
    ssize_t count = read(client, request, sizeof request);
    if (count <= 0) {
        close(client);
        return;
    }
    for (char *at = request; (at = memchr(at, '\n', request + count - at)); at++)
        if (write(client, reply, length) != (ssize_t)length) return;
}

int main(int count, char **words) {
    size_t length = count == 3 ? strtoul(words[2], NULL, 10) : 0;
    if (length < 1 || length > request_bytes) {
        fprintf(stderr, "usage: echo_floor SOCKET REPLY-BYTES\n");
        return 2;
    }
    char *reply = malloc(length);
    if (!reply) die("memory");
    memset(reply, 'x', length);
    reply[length - 1] = '\n';
    int listener = listen_at(words[1]), poll = epoll_create1(EPOLL_CLOEXEC);
    watch(poll, listener);
    for (;;) {
        struct epoll_event ready[events_per_turn];
        int found = epoll_wait(poll, ready, events_per_turn, -1);
        for (int index = 0; index < found; index++) {
            if (ready[index].data.fd != listener) {
                answer(ready[index].data.fd, reply, length);
                continue;
            }
            int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
            if (client >= 0) watch(poll, client);
        }
    }
}
