/* Included before everything else (-include): how the core's main loop keeps interrupts out for a few instructions. */
#ifndef FLOWLAB_STM32_LOCK_H
#define FLOWLAB_STM32_LOCK_H

#include <stdint.h>

static inline uint32_t lock_take(void) {
    uint32_t was;
    __asm__ volatile("mrs %0, primask\n cpsid i" : "=r"(was) : : "memory");
    return was;
}
static inline void lock_give(uint32_t was) { __asm__ volatile("msr primask, %0" : : "r"(was) : "memory"); }

#define FLOWLAB_LOCK() uint32_t flowlab_interrupt_mask = lock_take()
#define FLOWLAB_UNLOCK() lock_give(flowlab_interrupt_mask)

#endif
