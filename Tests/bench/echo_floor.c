/* The floor of a request over a Unix socket: one thread, one epoll, and for every line read a line of a fixed length
   written back. No parsing, no JSON, no other work.

   usage: echo_floor SOCKET REPLY-BYTES */
#include "common.h"

enum { events_per_turn = 64, request_bytes = 65536 };

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
    program = "echo_floor";
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
    watch(poll, listener, (uint32_t)listener);
    for (;;) {
        struct epoll_event ready[events_per_turn];
        int found = epoll_wait(poll, ready, events_per_turn, -1);
        for (int index = 0; index < found; index++) {
            if ((int)ready[index].data.u32 != listener) {
                answer((int)ready[index].data.u32, reply, length);
                continue;
            }
            int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
            if (client >= 0) watch(poll, client, (uint32_t)client);
        }
    }
}
