/* 72 MHz from the crystal; 64 MHz from the internal oscillator where it does not start; 8 MHz where the PLL does not either (RM0008 7.2,
 * 7.3). Board time is SysTick's 24 bits at the processor's clock, which last 233 ms at 72 MHz: no interrupt is needed, and none
 * can be lost. */
#include "registers.h"
#include "stm32.h"

#define HSE_ON BIT(16)
#define HSE_READY BIT(17)
#define PLL_ON BIT(24)
#define PLL_READY BIT(25)
#define BUS_1_HALF (4UL << 8)
#define ADC_SIXTH (2UL << 14)
#define PLL_FROM_HSE BIT(16)
#define PLL_TIMES(n) (((n) - 2UL) << 18)
#define SWITCH_PLL 2UL
#define SWITCHED_MASK 0xCUL
#define SWITCHED_PLL 0x8UL
#define TWO_WAIT_STATES 0x12UL

#define HSI_HZ 8000000UL
#define TICKS 0xFFFFFFUL

static uint32_t hz = HSI_HZ;
static uint32_t cycles_per_us;
static uint32_t last_count;
static uint32_t rest_cycles;
static uint32_t now_us;

static bool wait_for(volatile uint32_t *where, uint32_t mask, uint32_t value) {
    for (uint32_t i = 0; i < PATIENCE; i++) {
        if ((*where & mask) == value) return true;
    }
    return false;
}

static void run_from_pll(uint32_t source_and_factor, uint32_t pll_hz) {
    FLASH_ACR = TWO_WAIT_STATES;
    RCC_CFGR = BUS_1_HALF | ADC_SIXTH | source_and_factor;
    RCC_CR |= PLL_ON;
    if (!wait_for(&RCC_CR, PLL_READY, PLL_READY)) return;
    RCC_CFGR |= SWITCH_PLL;
    if (wait_for(&RCC_CFGR, SWITCHED_MASK, SWITCHED_PLL)) hz = pll_hz;
}

static void choose_clock(void) {
    RCC_CR |= HSE_ON;
    if (wait_for(&RCC_CR, HSE_READY, HSE_READY)) {
        run_from_pll(PLL_FROM_HSE | PLL_TIMES(9), 72000000UL);
    } else {
        run_from_pll(PLL_TIMES(16), 64000000UL);
    }
}

/* Without a clock controller only SysTick knows: its calibration is 10 ms of the reference clock, which is an eighth of the processor's
 * (RM0008 7.2). */
static void ask_calibration(void) {
    uint32_t ten_ms = (SYST_CALIB & TICKS) + 1;
    if (ten_ms > 1) hz = ten_ms * 100 * 8;
}

void clock_start(void) {
    if (has_clock_controller()) {
        choose_clock();
    } else {
        ask_calibration();
    }
    cycles_per_us = (hz + 500000UL) / 1000000UL;
    SYST_RVR = TICKS;
    SYST_CVR = 0;
    SYST_CSR = BIT(2) | BIT(0);
    last_count = SYST_CVR;
}

uint32_t clock_hz(void) { return hz; }

uint32_t clock_now_locked(void) {
    uint32_t count = SYST_CVR;
    rest_cycles += (last_count - count) & TICKS;
    last_count = count;
    now_us += rest_cycles / cycles_per_us;
    rest_cycles %= cycles_per_us;
    return now_us;
}

uint32_t clock_now(void) {
    uint32_t mask = lock_take();
    uint32_t now = clock_now_locked();
    lock_give(mask);
    return now;
}
