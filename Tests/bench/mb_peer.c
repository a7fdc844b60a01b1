/* The floor of Modbus polls, and the server for it and for the daemon's bus: libmodbus on both sides, over loopback.

   usage: mb_peer server PORT
          mb_peer poll PORT SECONDS
   The server answers one client after the other, ten registers and more. `poll` asks for ten registers, one request at a
   time, and prints one JSON line. */
#include "common.h"

#include <modbus.h>

enum { registers = 16, asked = 10 };

static void serve(int port) {
    modbus_t *context = modbus_new_tcp("127.0.0.1", port);
    modbus_mapping_t *mapping = modbus_mapping_new(0, 0, registers, registers);
    if (!context || !mapping) die("modbus");
    int listener = modbus_tcp_listen(context, 4);
    if (listener < 0) die("listen");
    for (;;) {
        uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
        if (modbus_tcp_accept(context, &listener) < 0) die("accept");
        for (;;) {
            int length = modbus_receive(context, request);
            if (length < 0) break;
            if (length > 0) modbus_reply(context, request, length, mapping);
        }
        modbus_close(context);
    }
}

static int poll_it(int port, double seconds) {
    modbus_t *context = modbus_new_tcp("127.0.0.1", port);
    if (!context || modbus_set_slave(context, 1) != 0 || modbus_connect(context) != 0) die("connect");
    size_t count = 0, room = 4000000;
    int64_t *times = malloc(room * sizeof *times), begin = now(), end = begin + (int64_t)(seconds * 1e9);
    if (!times) die("memory");
    for (int64_t at = begin; at < end && count < room;) {
        uint16_t values[asked];
        if (modbus_read_registers(context, 0, asked, values) != asked) die("read");
        int64_t done = now();
        times[count++] = done - at;
        at = done;
    }
    qsort(times, count, sizeof *times, ascending);
    printf("{\"rate\":%.0f,\"p50_us\":%.1f}\n", (double)count / seconds, share_us(times, count, 0.5));
    modbus_close(context);
    return 0;
}

int main(int count, char **words) {
    program = "mb_peer";
    if (count == 3 && strcmp(words[1], "server") == 0) serve(atoi(words[2]));
    if (count == 4 && strcmp(words[1], "poll") == 0) return poll_it(atoi(words[2]), atof(words[3]));
    fprintf(stderr, "usage: mb_peer server PORT | mb_peer poll PORT SECONDS\n");
    return 2;
}
