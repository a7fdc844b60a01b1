#include <avr/interrupt.h>
#include <avr/wdt.h>

#include "uno.h"

flowlab_board board;

static void start(void) {
    uint8_t serial[12];
    steps_start();
    channels_start();
    analog_start();
    clock_start();
    reset_serial(serial);
    flowlab_board_start(&board, &UNO_TYPE, serial, reset_boot_count(), reset_cause(), clock_now());
    uart_start();
    sei();
}

/* The watchdog is fed here and nowhere else. */
static void turn(void) {
    channels_read();
    analog_read();
    uart_send();
    bool may_feed = flowlab_board_poll(&board, clock_now());
    channels_write();
    steps_write();
    uart_send();
    if (may_feed) wdt_reset();
}

int main(void) {
    start();
    for (;;) turn();
}
