/* The floor of a fan-out: one thread, one epoll; for every line that comes from a pseudo-terminal a line of a fixed length
   to every client that is connected.

   usage: fanout_floor SOCKET PORT PUMP BYTES
   PUMP is the number under which the reader knows the port. */
#include "common.h"

enum { for_listener = 1 << 20, for_line = 1 << 21, most_clients = 256 };

static int clients[most_clients], client_count;

static void forget(int descriptor) {
    for (int index = 0; index < client_count; index++)
        if (clients[index] == descriptor) clients[index] = clients[--client_count];
    close(descriptor);
}

static void tell(const char *value, const char *pump, char *text, size_t bytes) {
    int used = snprintf(text, bytes, "{\"signal\":\"pump.p%s.volume\",\"value\":%s,\"filler\":\"", pump, value);
    memset(text + used, 'x', bytes - (size_t)used);
    memcpy(text + bytes - 3, "\"}\n", 3);
    for (int index = 0; index < client_count; index++) send(clients[index], text, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int main(int count, char **words) {
    program = "fanout_floor";
    size_t bytes = count == 5 ? strtoul(words[4], NULL, 10) : 0;
    if (bytes < 100 || bytes > 4096) {
        fprintf(stderr, "usage: fanout_floor SOCKET PORT PUMP BYTES\n");
        return 2;
    }
    int poll = epoll_create1(EPOLL_CLOEXEC), listener = listen_at(words[1]);
    int line = open(words[2], O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (line < 0) die(words[2]);
    watch(poll, listener, for_listener);
    watch(poll, line, for_line);
    static char input[4096], text[4096];
    size_t length = 0;
    for (;;) {
        struct epoll_event ready[64];
        int found = epoll_wait(poll, ready, 64, -1);
        for (int index = 0; index < found; index++) {
            uint32_t number = ready[index].data.u32;
            if (number == for_listener) {
                int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
                if (client < 0 || client_count == most_clients) continue;
                clients[client_count++] = client;
                watch(poll, client, (uint32_t)client);
            } else if (number == for_line) {
                ssize_t got = read(line, input + length, sizeof input - length - 1);
                if (got <= 0) die("read");
                length += (size_t)got;
                char *at = input, *end;
                while ((end = memchr(at, '\n', length - (size_t)(at - input)))) {
                    *end = 0;
                    tell(at, words[3], text, bytes);
                    at = end + 1;
                }
                length -= (size_t)(at - input);
                memmove(input, at, length);
            } else if (read((int)number, text, sizeof text) <= 0) {
                forget((int)number);
            }
        }
    }
}
