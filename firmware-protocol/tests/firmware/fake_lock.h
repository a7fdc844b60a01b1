/* In the place of ports/stm32f103/lock.h, where there are no interrupts. */
#ifndef FLOWLAB_FAKE_LOCK_H
#define FLOWLAB_FAKE_LOCK_H

#include <stdint.h>

static inline uint32_t lock_take(void) { return 0; }
static inline void lock_give(uint32_t was) { (void)was; }

#endif
