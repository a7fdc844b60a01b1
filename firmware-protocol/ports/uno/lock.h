/* Included before everything else (-include): how the core's main loop keeps interrupts out for a few instructions. */
#ifndef FLOWLAB_UNO_LOCK_H
#define FLOWLAB_UNO_LOCK_H

#include <avr/interrupt.h>
#include <avr/io.h>

/* cli is a barrier to the compiler, a write of SREG is none by itself. */
#define FLOWLAB_LOCK()                      \
    uint8_t flowlab_status_register = SREG; \
    cli()
#define FLOWLAB_UNLOCK()                  \
    do {                                  \
        __asm__ volatile("" ::: "memory"); \
        SREG = flowlab_status_register;   \
        __asm__ volatile("" ::: "memory"); \
    } while (0)

#endif
