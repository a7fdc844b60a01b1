/* Time that turns over: only differences are compared, unsigned. */
#include "internal.h"

bool flowlab_has_passed(uint32_t start, uint32_t length, uint32_t now) { return (uint32_t)(now - start) >= length; }

uint32_t flowlab_us_left(uint32_t start, uint32_t length, uint32_t now) {
    const uint32_t gone = now - start;
    return gone >= length ? 0 : length - gone;
}

/* At most FLOWLAB_MAX_ON_LIMIT_MS, so that the product fits. */
void flowlab_timer_begin(flowlab_timer *timer, uint32_t duration_ms, uint32_t now) {
    timer->start = now;
    timer->length = duration_ms * UINT32_C(1000);
}

bool flowlab_timer_is_over(const flowlab_timer *timer, uint32_t now) {
    return flowlab_has_passed(timer->start, timer->length, now);
}

uint32_t flowlab_timer_us_left(const flowlab_timer *timer, uint32_t now) {
    return flowlab_us_left(timer->start, timer->length, now);
}

/* Rounded up: what has begun to run out is not 0 before it is over. */
uint32_t flowlab_timer_ms_left(const flowlab_timer *timer, uint32_t now) {
    return (flowlab_timer_us_left(timer, now) + UINT32_C(999)) / UINT32_C(1000);
}

uint32_t flowlab_sooner(uint32_t a, uint32_t b) { return a < b ? a : b; }
