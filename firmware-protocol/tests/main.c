#include "check.h"

int check_passed, check_failed, check_misses;

int main(void) {
    test_frames();
    test_session();
    test_configure();
    test_outputs();
    test_inputs();
    test_axes();
    test_heater();
    test_schedule();
    test_events();
    test_time();
    test_random();
    test_vectors();
    test_reference();
    printf("%d passed, %d failed\n", check_passed, check_failed);
    return check_failed == 0 ? 0 : 1;
}
