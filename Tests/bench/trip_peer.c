/* The far end of three pumps, on pseudo-terminals: answers as Chemyx pumps do, and on demand shows the first one running,
   which is what the daemon's interlock trips on. Tells how long it takes from the write of that answer to the daemon's
   stop, on whichever line it comes first; and how long an echo of a C program on another pseudo-terminal takes, right
   before it and with the same scheduling as the daemon asks for. Or asks the daemon itself to stop the first pump, and tells
   how long it takes from that to the stop, beside a C program that writes to the pseudo-terminal what a socket tells it.

   usage: trip_peer
   Says its ports on one line, "PUMP PUMP PUMP". For each line "trip" on standard input one trip: "TRIP-US ECHO-US"; for each
   line "call SOCKET" one call: "CALL-US FLOOR-US". Ends with its input. */
#include "common.h"

#include <sys/prctl.h>

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
static int hop; /* to the floor of calls: its socket */
static const char request[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pumps.stop\",\"params\":{\"device\":\"a\"}}\n";
static int isRunning, isArmed;
static long long trippedAt, echoed;

/* The floor: one thread, one epoll, and what is read written back; what comes from the socket is written to the line. */
static void echo(const char *path, int socket) {
    int slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0) die(path);
    struct sched_param parameters = {.sched_priority = daemon_priority};
    (void)sched_setscheduler(0, SCHED_FIFO, &parameters); /* where the host permits it, as the daemon does */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    if (poll < 0) die("epoll_create1");
    watch(poll, slave, (uint32_t)slave);
    watch(poll, socket, (uint32_t)socket);
    for (;;) {
        struct epoll_event event;
        char bytes[line_bytes];
        if (epoll_wait(poll, &event, 1, -1) < 1) continue;
        ssize_t count = read((int)event.data.u32, bytes, sizeof bytes);
        if (count <= 0) exit(1);
        if ((int)event.data.u32 == socket) count = 5; /* as much as a stop */
        if (write(slave, bytes, (size_t)count) != count) exit(1);
    }
}

static void say(struct port *port, const char *text) {
    if (write(port->master, text, strlen(text)) != (ssize_t)strlen(text)) die("write");
}

/* From the write of what a tripping answer is to the read of as much; or from a call to the first bytes of it. */
static long long echo_time(int is_call) {
    char bytes[line_bytes];
    size_t got = 0, wanted = is_call ? 5 : sizeof running - 1;
    long long began = now();
    if (!is_call) say(&echo_port, running);
    else if (write(hop, request, sizeof request - 1) < 0) die("write");
    while (got < wanted) {
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

/* The answer is not waited for: the next call comes on a connection of its own. */
static void call(const char *path) {
    static int client = -1;
    if (client >= 0) close(client);
    client = dial(path);
    usleep(2000); /* The daemon has let it in. */
    echoed = echo_time(1);
    trippedAt = now();
    if (write(client, request, sizeof request - 1) != (ssize_t)sizeof request - 1) die("call");
}

/* Whether there was something to obey. */
static int obey(void) {
    char bytes[256];
    ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes - 1);
    if (count <= 0) return 0;
    bytes[count] = 0;
    bytes[strcspn(bytes, "\n")] = 0;
    if (strncmp(bytes, "call ", 5) == 0) {
        call(bytes + 5);
    } else {
        echoed = echo_time(0);
        isArmed = 1;
    }
    return 1;
}

int main(void) {
    program = "trip_peer";
    int poll = epoll_create1(EPOLL_CLOEXEC), ends[2];
    if (poll < 0) die("epoll_create1");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) die("socketpair");
    hop = ends[0];
    for (unsigned number = 0; number < pumps; number++) {
        ports[number].master = open_line(ports[number].path, sizeof ports[number].path);
        watch(poll, ports[number].master, number);
    }
    echo_port.master = open_line(echo_port.path, sizeof echo_port.path);
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) echo(echo_port.path, ends[1]);
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
        if (event.data.u32 < pumps) take((int)event.data.u32);
        else if (!obey()) break;
    }
    kill(child, SIGKILL);
    return 0;
}
