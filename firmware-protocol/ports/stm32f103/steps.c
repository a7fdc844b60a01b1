/* Three axes, each with a timer of its own that counts 1/8 us; its compare 1 makes the steps (RM0008 15.3.8). ENABLE is low for a
 * driver that is on, as A4988, DRV8825 and TMC2209 have it. */
#include "../common/pieces.h"
#include "registers.h"
#include "stm32.h"

#define TICK_HZ 8000000UL
#define COMPARE BIT(1)
/* A compare value nearer than this, in ticks, may be passed before it is written. */
#define SOONEST 16
/* The DRV8825 asks for 1.9 us. */
#define PULSE_TICKS 17

typedef struct {
    uint32_t timer;
    uint8_t channel, step, dir, enable;
    volatile uint32_t interval; /* 1/16 us from step to step; 0: no step is to come */
    volatile uint32_t left;     /* ticks of it behind the piece that is counted */
    uint8_t half;               /* 1/16 us that the last interval was short of */
} axis;

static axis axes[] = {
    {.timer = TIM2, .channel = PUMP_0, .step = PUMP_0_STEP, .dir = PUMP_0_DIR, .enable = PUMP_0_ENABLE},
    {.timer = TIM3, .channel = PUMP_1, .step = PUMP_1_STEP, .dir = PUMP_1_DIR, .enable = PUMP_1_ENABLE},
    {.timer = TIM4, .channel = STEPPER, .step = STEPPER_STEP, .dir = STEPPER_DIR, .enable = STEPPER_ENABLE},
};
#define AXES (sizeof axes / sizeof axes[0])

void steps_interrupt_2(void);
void steps_interrupt_3(void);
void steps_interrupt_4(void);

void steps_make_safe(void) {
    for (uint8_t i = 0; i < AXES; i++) {
        channels_set(axes[i].enable, true);
        channels_set(axes[i].step, false);
        channels_set(axes[i].dir, false);
    }
}

/* A timer counts at twice the halved bus, or at the bus (7.2). */
void steps_start(void) {
    for (uint8_t i = 0; i < AXES; i++) {
        uint32_t timer = axes[i].timer;
        TIM_PSC(timer) = clock_hz() / TICK_HZ - 1;
        TIM_ARR(timer) = 0xFFFF;
        TIM_EGR(timer) = BIT(0);
        TIM_CR1(timer) = BIT(0);
    }
    NVIC_ISER0 = BIT(28) | BIT(29) | BIT(30);
}

static uint32_t ticks_of(axis *a, uint32_t interval) {
    uint32_t halves = (interval & 1) + a->half;
    a->half = halves & 1;
    return interval / 2 + halves / 2;
}

static void stop(axis *a) {
    TIM_DIER(a->timer) = 0;
    a->interval = 0;
}

/* Bounded, should the timer not count. */
static void pulse(const axis *a) {
    uint16_t from = (uint16_t)TIM_CNT(a->timer);
    GPIOB_BSRR = BIT(a->step);
    for (uint32_t i = 0; i < 200 && (uint16_t)(TIM_CNT(a->timer) - from) < PULSE_TICKS; i++) {
    }
    GPIOB_BSRR = BIT(a->step + 16);
}

static void compare_reached(axis *a) {
    uint32_t rest = a->left;
    TIM_SR(a->timer) = ~COMPARE;
    if (rest == 0) {
        if (a->interval == 0 || !flowlab_board_step(&board, a->channel)) {
            stop(a);
            return;
        }
        rest = ticks_of(a, a->interval);
        pulse(a);
    }
    uint16_t next = (uint16_t)(TIM_CCR1(a->timer) + piece_of(&rest));
    uint16_t count = (uint16_t)TIM_CNT(a->timer);
    if ((int16_t)(next - count) < SOONEST) next = (uint16_t)(count + SOONEST);
    TIM_CCR1(a->timer) = next;
    a->left = rest;
}

void steps_interrupt_2(void) { compare_reached(&axes[0]); }
void steps_interrupt_3(void) { compare_reached(&axes[1]); }
void steps_interrupt_4(void) { compare_reached(&axes[2]); }

/* The first step comes one interval after the start: that is also the time for which DIR and ENABLE stand before it. */
static void start(axis *a, uint32_t interval) {
    uint32_t rest = ticks_of(a, interval);
    a->interval = interval;
    TIM_CCR1(a->timer) = (uint16_t)(TIM_CNT(a->timer) + piece_of(&rest));
    a->left = rest;
    TIM_SR(a->timer) = ~COMPARE;
    TIM_DIER(a->timer) = COMPARE;
}

static void set_interval(axis *a, uint32_t wanted) {
    uint32_t mask = lock_take();
    if (wanted == 0) {
        if (a->interval != 0) stop(a);
    } else if (a->interval == 0) {
        start(a, wanted);
    } else if (wanted != a->interval) {
        a->left = piece_changed(a->left, a->interval / 2, wanted / 2);
        a->interval = wanted;
    }
    lock_give(mask);
}

void steps_write(void) {
    for (uint8_t i = 0; i < AXES; i++) {
        flowlab_axis_output output = flowlab_board_axis(&board, axes[i].channel);
        channels_set(axes[i].enable, !output.is_enabled);
        channels_set(axes[i].dir, output.is_dir_high);
        set_interval(axes + i, output.interval);
    }
}
