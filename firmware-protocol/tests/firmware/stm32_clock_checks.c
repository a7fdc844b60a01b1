/* The clock tree of the STM32F103, which QEMU does not have: the port's own clock.c runs here, with memory in the place of the registers, and a
 * thread that answers as the chip would. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "../../ports/stm32f103/registers.h"
#include "../../ports/stm32f103/stm32.h"
#include "checks.h"

#define HSI_ON_AND_READY 0x83U

static atomic_bool is_over;
static bool has_crystal, has_pll;

/* Ready follows on (RM0008 7.3.1), and the switch's status the switch (7.3.2). */
static void *answer(void *unused) {
    (void)unused;
    while (!is_over) {
        uint32_t control = RCC_CR, ready = control;
        if (has_crystal && (control & BIT(16)) != 0) ready |= BIT(17);
        if (has_pll && (control & BIT(24)) != 0) ready |= BIT(25);
        if (ready != control) RCC_CR = ready;
        uint32_t configuration = RCC_CFGR, status = (configuration & ~0xCU) | (configuration & 3U) << 2;
        if (status != configuration) RCC_CFGR = status;
    }
    return NULL;
}

/* What the registers say, read as the manual has it. */
static uint32_t told_hz(void) {
    uint32_t c = RCC_CFGR, times = (c >> 18 & 0xF) + 2;
    if ((c >> 2 & 3) != 2) return 8000000;
    return ((c & BIT(16)) != 0 ? 8000000 : 4000000) * times;
}

static void start(bool crystal, bool pll) {
    pthread_t chip;
    has_crystal = crystal;
    has_pll = pll;
    RCC_CR = HSI_ON_AND_READY;
    RCC_CFGR = 0;
    FLASH_ACR = 0x30;
    is_over = false;
    if (pthread_create(&chip, NULL, answer, NULL) != 0) return;
    clock_start();
    is_over = true;
    pthread_join(chip, NULL);
}

static void check_start(const char *what, bool crystal, bool pll, uint32_t hz) {
    start(crystal, pll);
    uint32_t bus_1 = clock_hz() / ((RCC_CFGR >> 8 & 7) == 4 ? 2 : 1), converter = clock_hz() / (2 * ((RCC_CFGR >> 14 & 3) + 1));
    bool is_slow_enough = bus_1 <= 36000000 && converter <= 14000000, is_flash_slow = clock_hz() <= 24000000 || (FLASH_ACR & 7) == 2;
    check(clock_hz() == hz && told_hz() == hz, "%s: %u MHz, by the registers %u", what, clock_hz() / 1000000, told_hz() / 1000000);
    check(is_slow_enough && is_flash_slow, "bus 1 at %u MHz, converter at %u kHz, %u wait states", bus_1 / 1000000, converter / 1000, FLASH_ACR & 7);
}

/* SysTick counts down and turns over at 24 bits. */
static void check_time(void) {
    uint32_t count = 0, began = clock_now();
    uint64_t cycles = 0;
    for (int i = 0; i < 1000; i++) {
        uint32_t passed = 1234567U + (uint32_t)i;
        count = (count - passed) & 0xFFFFFF;
        cycles += passed;
        SYST_CVR = count;
        clock_now();
    }
    uint32_t us = clock_now() - began, ideal = (uint32_t)(cycles / 72);
    check(us - ideal <= 1, "%u us by SysTick in %u, over %u turns", us, ideal, (unsigned)(cycles >> 24));
}

void stm32_clock_checks(void) {
    check_start("neither crystal nor PLL", false, false, 8000000);
    check_start("no crystal", false, true, 64000000);
    check_start("all well", true, true, 72000000);
    check_time();
}
