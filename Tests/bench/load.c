/* Round trips of one request line over a Unix socket, in a closed loop: each client asks, waits for the end of the
   reply's line, and asks again.

   usage: load SOCKET REQUEST CLIENTS SECONDS
   Prints one JSON line: round trips, rate per second, p50 and p99 in microseconds, bytes of a reply, and what the client
   with the fewest round trips had of the mean. */
#include "common.h"

enum { most_clients = 256, most_samples = 4000000 };

struct client {
    int descriptor;
    int64_t asked_at;
    size_t received, replies;
};

static void ask(struct client *client, const char *request, size_t length) {
    client->received = 0;
    client->asked_at = now();
    if (write(client->descriptor, request, length) != (ssize_t)length) die("write");
}

/* Bytes of a whole reply once its end is there; 0 before. */
static size_t take(struct client *client) {
    static char buffer[1 << 20];
    ssize_t count = read(client->descriptor, buffer, sizeof buffer);
    if (count <= 0) die("the server closed");
    client->received += count;
    return buffer[count - 1] == '\n' ? client->received : 0;
}

int main(int count, char **words) {
    program = "load";
    int clients = count == 5 ? atoi(words[3]) : 0;
    double seconds = count == 5 ? atof(words[4]) : 0;
    if (clients < 1 || clients > most_clients || seconds <= 0) {
        fprintf(stderr, "usage: load SOCKET REQUEST CLIENTS SECONDS\n");
        return 2;
    }
    size_t length = strlen(words[2]) + 1, reply = 0, samples = 0;
    char *request = malloc(length);
    int64_t *times = malloc(most_samples * sizeof *times);
    if (!request || !times) die("memory");
    memcpy(request, words[2], length - 1);
    request[length - 1] = '\n';
    struct client all[most_clients];
    int poll = epoll_create1(0);
    for (int index = 0; index < clients; index++) {
        all[index] = (struct client){.descriptor = dial(words[1])};
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[index]};
        epoll_ctl(poll, EPOLL_CTL_ADD, all[index].descriptor, &event);
    }
    int64_t begin = now(), counted_from = begin + INT64_C(100000000), end = begin + (int64_t)(seconds * 1e9);
    for (int index = 0; index < clients; index++) ask(&all[index], request, length);
    while (now() < end) {
        struct epoll_event ready[most_clients];
        int found = epoll_wait(poll, ready, most_clients, 1000);
        for (int index = 0; index < found; index++) {
            struct client *client = ready[index].data.ptr;
            size_t bytes = take(client);
            if (!bytes) continue;
            int64_t at = now();
            reply = bytes;
            if (at >= counted_from && samples < most_samples) {
                times[samples++] = at - client->asked_at;
                client->replies++;
            }
            ask(client, request, length);
        }
    }
    if (samples == 0) {
        fprintf(stderr, "load: no reply in time\n");
        return 1;
    }
    qsort(times, samples, sizeof *times, ascending);
    size_t least = samples;
    for (int index = 0; index < clients; index++)
        if (all[index].replies < least) least = all[index].replies;
    printf("{\"n\":%zu,\"rate\":%.0f,\"p50_us\":%.2f,\"p99_us\":%.2f,\"reply_bytes\":%zu,\"least\":%.4f}\n", samples,
           (double)samples / (seconds - 0.1), share_us(times, samples, 0.5), share_us(times, samples, 0.99), reply,
           (double)least * clients / (double)samples);
    return 0;
}
