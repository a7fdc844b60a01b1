/* The step timers of the STM32F103, which QEMU does not have: the port's own steps.c runs here, with memory in the place of the registers, and a
 * timer that is carried from one compare to the next. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "../../ports/stm32f103/registers.h"
#include "../../ports/stm32f103/stm32.h"
#include "checks.h"

#define COMPARE BIT(1)
#define LATE 40 /* ticks from the compare to its interrupt */

void steps_interrupt_2(void);

flowlab_board board;
static flowlab_axis_output wanted;
static uint32_t steps_left, steps_made;
static uint64_t now; /* ticks of 1/8 us */

/* What steps.c asks of the rest. */
void channels_set(uint8_t pin, bool is_high) {
    (void)pin;
    (void)is_high;
}
flowlab_axis_output flowlab_board_axis(const flowlab_board *b, uint8_t channel) {
    (void)b;
    return channel == PUMP_0 ? wanted : (flowlab_axis_output){0, false, false};
}
bool flowlab_board_step(flowlab_board *b, uint8_t channel) {
    (void)b;
    (void)channel;
    if (steps_left == 0) return false;
    steps_left--;
    steps_made++;
    return true;
}

static bool map_registers(void) {
    static const uint32_t pages[] = {0x40000000, 0x40010000, 0x40021000, 0x40022000, 0xE000E000};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        void *at = (void *)(uintptr_t)pages[i];
        if (mmap(at, 0x1000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != at) return false;
    }
    return true;
}

/* Carries the timer to its next compare, and serves the interrupt some ticks later. */
static void next_compare(void) {
    uint16_t count = (uint16_t)now, ahead = (uint16_t)(TIM_CCR1(TIM2) - count);
    now += ahead == 0 ? 65536 : ahead;
    TIM_CNT(TIM2) = (uint16_t)(now + LATE);
    steps_interrupt_2();
}

/* Until a step was made, or none comes any more. Returns its time. */
static uint64_t next_step(void) {
    uint32_t before = steps_made;
    while (steps_made == before && (TIM_DIER(TIM2) & COMPARE) != 0) next_compare();
    return now;
}

static void set_interval(uint32_t interval) {
    wanted = (flowlab_axis_output){interval, interval != 0, true};
    TIM_CNT(TIM2) = (uint16_t)now;
    steps_write();
}

/* The time of `count` steps at one interval, in 1/16 us: exact, with its halves of a tick. */
static bool is_exact(uint32_t interval, uint32_t count) {
    uint64_t first;
    steps_left = UINT32_MAX;
    set_interval(interval);
    first = next_step();
    for (uint32_t i = 1; i < count; i++) next_step();
    int64_t error = (int64_t)((now - first) * 2) - (int64_t)interval * (int64_t)(count - 1);
    set_interval(0);
    return error >= -1 && error <= 1;
}

static void check_end(void) {
    steps_made = 0;
    steps_left = 7;
    set_interval(8000);
    for (int i = 0; i < 20; i++) next_step();
    check(steps_made == 7 && (TIM_DIER(TIM2) & COMPARE) == 0, "it stops after the last of 7 steps: %u", steps_made);
    set_interval(0);
}

/* A pump at one step in 100 s is told to make 1000 a second. */
static void check_faster(void) {
    steps_left = UINT32_MAX;
    set_interval(1600000000);
    next_compare();
    uint64_t from = now;
    set_interval(16000);
    next_step();
    double first_ms = (double)(now - from) / 8000;
    from = now;
    next_step();
    check(first_ms < 5 && now - from == 8000, "made faster, the next step comes after %.1f ms, and then each %.1f", first_ms, (double)(now - from) / 8000);
    set_interval(0);
}

void stm32_register_checks(void) {
    printf("STM32F103, its clock and step timers alone\n");
    if (!check(map_registers(), "memory stands in the place of the registers")) return;
    stm32_clock_checks();
    steps_start();
    check(TIM_PSC(TIM2) == 8 && TIM_ARR(TIM2) == 0xFFFF, "72 MHz are divided by 9: 8 MHz");
    check(is_exact(4000, 1000), "1000 steps at 4 kHz are exact");
    check(is_exact(800, 1000), "1000 steps at 20 kHz are exact");
    check(is_exact(4001, 1001), "an interval of an odd number of 1/16 us is exact in the mean");
    check(is_exact(65535, 100) && is_exact(65536, 100) && is_exact(65537, 100) && is_exact(131071, 100), "intervals about the timer's length are exact");
    check(is_exact(4000000000U, 3), "the longest interval, 250 s, is exact");
    check_end();
    check_faster();
}
