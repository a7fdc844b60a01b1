#include "stm32.h"

#define SLOW_US 1000UL
#define REFRESH_US 100000UL

flowlab_board board;

static void start(void) {
    uint8_t serial[12];
    channels_start();
    steps_make_safe();
    watchdog_start();
    clock_start();
    steps_start();
    analog_start();
    reset_serial(serial);
    flowlab_board_start(&board, &flowlab_stm32f103, serial, reset_boot_count(), reset_cause(), clock_now());
    uart_start();
}

static bool is_due(uint32_t *last, uint32_t now, uint32_t each) {
    if (now - *last < each) return false;
    *last = now;
    return true;
}

/* The watchdog is fed here and nowhere else. */
static void turn(void) {
    static uint32_t slow, refreshed;
    uint32_t now = clock_now();
    bool is_slow = is_due(&slow, now, SLOW_US);
    if (is_slow) {
        channels_read();
        analog_read();
    }
    bool may_feed = flowlab_board_poll(&board, now);
    channels_write();
    steps_write();
    uart_send();
    if (is_due(&refreshed, now, REFRESH_US)) channels_refresh();
    if (is_slow && may_feed) watchdog_feed();
}

int main(void) {
    start();
    for (;;) turn();
}
