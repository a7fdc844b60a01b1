/* A test harness: one line for each test, a count at the end. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

extern int check_passed, check_failed, check_misses;

#define CHECK(condition)                                                         \
    do {                                                                         \
        if (!(condition)) {                                                      \
            check_misses++;                                                      \
            printf("    %s:%d: not so: %s\n", __FILE__, __LINE__, #condition);   \
        }                                                                        \
    } while (0)

#define CHECK_EQUAL(a, b)                                                                            \
    do {                                                                                             \
        const long long check_a = (long long)(a), check_b = (long long)(b);                          \
        if (check_a != check_b) {                                                                    \
            check_misses++;                                                                          \
            printf("    %s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #a, check_a, check_b);   \
        }                                                                                            \
    } while (0)

#define RUN(test)                                                       \
    do {                                                                \
        check_misses = 0;                                               \
        test();                                                         \
        printf("%s %s\n", check_misses == 0 ? "ok    " : "FAILED", #test); \
        check_misses == 0 ? check_passed++ : check_failed++;            \
    } while (0)

void test_frames(void);
void test_session(void);
void test_configure(void);
void test_outputs(void);
void test_inputs(void);
void test_axes(void);
void test_heater(void);
void test_schedule(void);
void test_events(void);
void test_time(void);
void test_random(void);
void test_vectors(void);
void test_reference(void);

#endif
