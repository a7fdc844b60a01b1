/* Why it started, how often, and who it is. */
#include <avr/eeprom.h>
#include <avr/io.h>
#include <avr/wdt.h>
#include <string.h>

#include "eeprom.h"
#include "uno.h"

static uint8_t flags __attribute__((section(".noinit")));

/* Runs before main and before the variables are set. MCUSR tells the cause (section 10.9.1), but the boot loader clears it: optiboot from
 * version 4.6 hands it on in r2, the older one of most Unos does not, and r2 is then whatever it left. After a reset by the watchdog
 * it runs on at 15 ms until it is set anew (section 10.8.2). */
void reset_first(void) __attribute__((naked, used, section(".init3")));
void reset_first(void) {
    uint8_t from_loader;
    __asm__ volatile("mov %0, r2" : "=r"(from_loader));
    flags = MCUSR;
    if (flags == 0 && (from_loader & 0xF0) == 0) flags = from_loader;
    MCUSR = 0;
    wdt_enable(WDTO_1S);
}

/* Power-on sets other flags with it, so it is asked first. The pin comes before the watchdog: optiboot ends its own wait after a reset by the pin
 * with a reset by the watchdog, and hands on both. */
uint8_t reset_cause(void) {
    if ((flags & _BV(PORF)) != 0) return FLOWLAB_RESET_CAUSE_POWER_ON;
    if ((flags & _BV(BORF)) != 0) return FLOWLAB_RESET_CAUSE_BROWN_OUT;
    if ((flags & _BV(EXTRF)) != 0) return FLOWLAB_RESET_CAUSE_EXTERNAL;
    if ((flags & _BV(WDRF)) != 0) return FLOWLAB_RESET_CAUSE_WATCHDOG;
    return FLOWLAB_RESET_CAUSE_UNKNOWN;
}

/* A cell bears 100000 writes (section 8.4), more than there are numbers. A blank one reads as 65535; the first start is 1. */
uint16_t reset_boot_count(void) {
    uint16_t *cell = (uint16_t *)EEPROM_BOOT_COUNT;
    uint16_t count = eeprom_read_word(cell) + 1;
    if (count == 0) count = 1;
    eeprom_update_word(cell, count);
    return count;
}

/* A board that was never provisioned says "blank". */
void reset_serial(uint8_t serial[EEPROM_SERIAL_SIZE]) {
    uint8_t blank = 0xFF;
    eeprom_read_block(serial, (const void *)EEPROM_SERIAL, EEPROM_SERIAL_SIZE);
    for (uint8_t i = 0; i < EEPROM_SERIAL_SIZE; i++) blank &= serial[i];
    if (blank != 0xFF) return;
    memset(serial, 0, EEPROM_SERIAL_SIZE);
    memcpy(serial, "blank", 5);
}
