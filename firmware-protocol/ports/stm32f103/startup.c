/* What happens before main, and the vectors (RM0008 10.1.2, table 63). */
#include <stdint.h>

#include "registers.h"

extern uint32_t _sidata, _sdata, _edata, _sbss, _ebss, _estack;
extern int main(void);
void uart_interrupt(void);
void steps_interrupt_2(void);
void steps_interrupt_3(void);
void steps_interrupt_4(void);

__attribute__((noreturn)) void reset_handler(void);

/* A fault, or an interrupt that nobody asked for: a reset lets all pins float. */
static void reset_chip(void) {
    SCB_AIRCR = 0x05FA0004UL;
    for (;;) {
    }
}

void reset_handler(void) {
    const uint32_t *from = &_sidata;
    for (uint32_t *to = &_sdata; to < &_edata;) *to++ = *from++;
    for (uint32_t *to = &_sbss; to < &_ebss;) *to++ = 0;
    main();
    reset_chip();
    for (;;) {
    }
}

#define FIRST_INTERRUPT 16
#define STEPS (FIRST_INTERRUPT + 28)
#define UART (FIRST_INTERRUPT + 37)
#define VECTORS (FIRST_INTERRUPT + 60)

typedef void (*vector)(void);

__attribute__((section(".isr_vector"), used)) static const union {
    const void *stack;
    vector handler;
} vectors[VECTORS] = {
    [0] = {.stack = &_estack},
    [1] = {.handler = reset_handler},
    [2 ... STEPS - 1] = {.handler = reset_chip},
    [STEPS] = {.handler = steps_interrupt_2},
    [STEPS + 1] = {.handler = steps_interrupt_3},
    [STEPS + 2] = {.handler = steps_interrupt_4},
    [STEPS + 3 ... UART - 1] = {.handler = reset_chip},
    [UART] = {.handler = uart_interrupt},
    [UART + 1 ... VECTORS - 1] = {.handler = reset_chip},
};
