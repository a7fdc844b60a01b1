/* Why it started, how often, who it is, and the watchdog. */
#include <string.h>

#include "registers.h"
#include "stm32.h"

#define REMOVE_FLAGS BIT(24)
#define BY_PIN BIT(26)
#define BY_POWER BIT(27)
#define BY_SOFTWARE BIT(28)
#define BY_WATCHDOGS (BIT(29) | BIT(30))
#define BACKUP_WRITABLE BIT(8)

/* Each reset pulls the pin too, and sets its flag (RM0008 7.1.1, 7.3.10): it is asked last. */
uint8_t reset_cause(void) {
    uint32_t flags = RCC_CSR;
    RCC_CSR = REMOVE_FLAGS;
    if ((flags & BY_POWER) != 0) return FLOWLAB_RESET_CAUSE_POWER_ON;
    if ((flags & BY_WATCHDOGS) != 0) return FLOWLAB_RESET_CAUSE_WATCHDOG;
    if ((flags & BY_SOFTWARE) != 0) return FLOWLAB_RESET_CAUSE_SOFTWARE;
    if ((flags & BY_PIN) != 0) return FLOWLAB_RESET_CAUSE_EXTERNAL;
    return FLOWLAB_RESET_CAUSE_UNKNOWN;
}

/* A backup register outlives each reset, and power too where VBAT has a battery (RM0008 5.1, 6.1). */
uint16_t reset_boot_count(void) {
    PWR_CR = BACKUP_WRITABLE;
    uint16_t count = (uint16_t)(BKP_DR1 + 1);
    BKP_DR1 = count;
    return count;
}

/* The chip's own number. An emulator without clock controller has none at this place, and a read of it would be a fault. */
void reset_serial(uint8_t serial[12]) {
    memset(serial, 0, 12);
    if (has_clock_controller()) {
        memcpy(serial, (const void *)UNIQUE_ID, 12);
    } else {
        memcpy(serial, "blank", 5);
    }
}

/* 1.5 s at the 40 kHz that its oscillator should have; 1.0 to 2.0 s at the 30 to 60 kHz that it may have (RM0008 19.3, data sheet
 * DS5319 table 25). */
void watchdog_start(void) {
    IWDG_KR = 0xCCCC;
    IWDG_KR = 0x5555;
    IWDG_PR = 3;
    IWDG_RLR = 1875;
    for (uint32_t i = 0; i < PATIENCE && IWDG_SR != 0; i++) {
    }
    watchdog_feed();
}

void watchdog_feed(void) { IWDG_KR = 0xAAAA; }
