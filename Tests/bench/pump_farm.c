/* The far ends of many pumps, on pseudo-terminals, and of many subscribers. Each pump answers as Chemyx pumps do; with
   COUNTING, what it shows as dispensed grows with each answer, so that every update of a signal is a new one.

   usage: pump_farm PUMPS [COUNTING]
   Says the ports of the pumps and one more for the floor, one a line, then answers until its input ends. For each line
   "SOCKET SUBSCRIBERS SECONDS REQUEST" on its input, that many clients subscribe; says one JSON line: messages that each of
   them got and should have got, and the time from the write of an answer to the read of its message.
   With "floor " before it, updates are written to the last port at a thousand a second instead: the floor reads that. */
#include "common.h"

#include <sys/resource.h>

enum { most_pumps = 256, most_clients = 256, line_bytes = 256, remembered = 1 << 16, buffer_bytes = 1 << 18 };
enum { for_input = 1 << 20, for_clients = 1 << 21, floor_hz = 1000 };

struct pump {
    int master;
    char line[line_bytes];
    size_t length;
    long shown;
    int64_t written[remembered]; /* when each count was, by its lowest bits */
};

struct client {
    int descriptor;
    size_t length;
    long got;
    char *bytes;
};

static struct pump *pumps;
static struct client clients[most_clients];
static int pump_count, client_count, counts, poll_set;
static int64_t *times, counted_from;
static size_t time_count, time_room = 16000000;

static void say(struct pump *pump, const char *text) {
    if (write(pump->master, text, strlen(text)) != (ssize_t)strlen(text)) die("write");
}

static long show(struct pump *pump) {
    long count = counts ? pump->shown++ : 0;
    pump->written[count % remembered] = now();
    return count;
}

static void answer(struct pump *pump, const char *line) {
    char text[64];
    if (strcmp(line, "pump status") == 0) return say(pump, "0\r\n>");
    if (strcmp(line, "dispensed volume") == 0) {
        snprintf(text, sizeof text, "dispensed volume = %.4f\r\n>", (double)show(pump) / 1000);
        return say(pump, text);
    }
    if (strcmp(line, "view parameter") == 0) return say(pump, "unit = 2\r\ndia = 28.600\r\nrate = 1.000000\r\n>");
    if (strcmp(line, "read limit parameter") == 0) return say(pump, "114480.1 0.1818 96362.4 12.8145\r\n>");
    say(pump, strcmp(line, "stop") == 0 ? "Pump stop!\r\n>" : "Invalid command\r\n>");
}

static void serve(struct pump *pump) {
    char bytes[line_bytes];
    ssize_t count = read(pump->master, bytes, sizeof bytes);
    if (count <= 0) die("read");
    for (ssize_t index = 0; index < count; index++) {
        if (bytes[index] == '\r') {
            pump->line[pump->length] = 0;
            pump->length = 0;
            answer(pump, pump->line);
        } else if (pump->length < line_bytes - 1) {
            pump->line[pump->length++] = bytes[index];
        }
    }
}

/* One message: of which pump, which count. Replies to the subscription are none. */
static void take(struct client *client, const char *line, int64_t at) {
    const char *signal = strstr(line, "\"pump.p"), *value = strstr(line, "\"value\":");
    if (!signal || !value) return;
    int number = atoi(signal + 7);
    long count = (long)(strtod(value + 8, NULL) * 1000 + 0.5);
    if (number < 0 || number > pump_count || count < 0) return;
    int64_t written = pumps[number].written[count % remembered];
    if (written < counted_from) return;
    client->got++;
    if (time_count < time_room) times[time_count++] = at - written;
}

static void listen_to(struct client *client) {
    ssize_t count = read(client->descriptor, client->bytes + client->length, buffer_bytes - client->length - 1);
    int64_t at = now();
    if (count <= 0) {
        fprintf(stderr, "pump_farm: a subscriber was closed\n");
        epoll_ctl(poll_set, EPOLL_CTL_DEL, client->descriptor, NULL);
        return;
    }
    client->length += (size_t)count;
    client->bytes[client->length] = 0;
    char *line = client->bytes, *end;
    while ((end = memchr(line, '\n', client->length - (size_t)(line - client->bytes)))) {
        *end = 0;
        take(client, line, at);
        line = end + 1;
    }
    client->length -= (size_t)(line - client->bytes);
    memmove(client->bytes, line, client->length);
}

/* Whatever is ready, for so many ns at most; below 0: for ever. */
static int turn(int64_t patience) {
    struct epoll_event ready[64];
    struct timespec limit = {patience / 1000000000, patience % 1000000000};
    int count = epoll_pwait2(poll_set, ready, 64, patience < 0 ? NULL : &limit, NULL), has_input = 0;
    for (int index = 0; index < count; index++) {
        uint32_t number = ready[index].data.u32;
        if (number == for_input) has_input = 1;
        else if (number >= for_clients) listen_to(&clients[number - for_clients]);
        else serve(&pumps[number]);
    }
    return has_input;
}

static void subscribe(const char *path, int count, const char *request) {
    client_count = count;
    for (int index = 0; index < count; index++) {
        struct client *client = &clients[index];
        client->descriptor = dial(path);
        client->length = 0;
        client->got = 0;
        if (!client->bytes) client->bytes = malloc(buffer_bytes);
        if (!client->bytes) die("memory");
        if (write(client->descriptor, request, strlen(request)) != (ssize_t)strlen(request)) die("subscribe");
        watch(poll_set, client->descriptor, for_clients + (uint32_t)index);
    }
}

static long all_shown(void) {
    long sum = 0;
    for (int index = 0; index <= pump_count; index++) sum += pumps[index].shown;
    return sum;
}

/* What was shown from `counted_from` to the end must have come a little later. */
static void run(double seconds, int is_floor) {
    int64_t begin = now(), next = begin;
    long before = 0, shown = 0;
    counted_from = INT64_MAX;
    time_count = 0;
    int64_t start = begin + 300000000, end = start + (int64_t)(seconds * 1e9);
    while (now() < end) {
        if (counted_from == INT64_MAX && now() >= start) {
            before = all_shown();
            counted_from = now();
        }
        if (is_floor && now() >= next) {
            struct pump *line = &pumps[pump_count];
            char text[32];
            snprintf(text, sizeof text, "%.3f\n", (double)show(line) / 1000);
            say(line, text);
            next += 1000000000 / floor_hz;
        }
        int64_t left = is_floor ? next - now() : 1000000;
        turn(left > 0 ? left : 0);
    }
    /* What is still on its way is waited for; what is shown meanwhile does not count. */
    shown = all_shown();
    int64_t last = now();
    long got = 0, least = 0;
    while (now() < last + 500000000) {
        turn(10000000);
        got = 0;
        least = INT32_MAX;
        for (int index = 0; index < client_count; index++) {
            got += clients[index].got;
            if (clients[index].got < least) least = clients[index].got;
        }
        if (least >= shown - before) break;
    }
    long wanted = shown - before;
    qsort(times, time_count, sizeof *times, ascending);
    printf("{\"updates\":%ld,\"least\":%ld,\"lost\":%ld,\"rate\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f}\n", wanted, least,
           least >= wanted ? 0 : wanted - least, (double)wanted / seconds, share_us(times, time_count, 0.5),
           share_us(times, time_count, 0.99));
    fflush(stdout);
}

static int obey(void) {
    static char text[2048];
    ssize_t count = read(STDIN_FILENO, text, sizeof text - 1);
    if (count <= 0) return 0;
    text[count] = 0;
    int is_floor = strncmp(text, "floor ", 6) == 0, subscribers = 0, used = 0;
    double seconds = 0;
    char path[128], *rest = text + (is_floor ? 6 : 0);
    if (sscanf(rest, "%127s %d %lf %n", path, &subscribers, &seconds, &used) != 3 || subscribers > most_clients) exit(2);
    subscribe(path, subscribers, rest + used);
    run(seconds, is_floor);
    for (int index = 0; index < client_count; index++) close(clients[index].descriptor);
    client_count = 0;
    return 1;
}

int main(int count, char **words) {
    program = "pump_farm";
    pump_count = count >= 2 ? atoi(words[1]) : 0;
    counts = count == 3;
    if (pump_count < 1 || pump_count > most_pumps) {
        fprintf(stderr, "usage: pump_farm PUMPS [COUNTING]\n");
        return 2;
    }
    struct rlimit limit = {4096, 4096};
    setrlimit(RLIMIT_NOFILE, &limit);
    pumps = calloc((size_t)pump_count + 1, sizeof *pumps);
    times = counts ? malloc(time_room * sizeof *times) : NULL;
    poll_set = epoll_create1(EPOLL_CLOEXEC);
    if (!pumps || poll_set < 0 || (counts && !times)) die("memory");
    for (int index = 0; index <= pump_count; index++) {
        char path[64];
        pumps[index].master = open_line(path, sizeof path);
        if (index < pump_count) watch(poll_set, pumps[index].master, (uint32_t)index);
        printf("%s\n", path);
    }
    fflush(stdout);
    watch(poll_set, STDIN_FILENO, for_input);
    for (;;)
        if (turn(-1) && !obey()) return 0;
}
