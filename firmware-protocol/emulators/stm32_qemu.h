/* QEMU with the machine stm32vldiscovery (an STM32F100): how it is started, and what its log tells of the pins. QEMU 7.2 models the
 * processor, SysTick, the interrupt controller and the USARTs. RCC, GPIO, timers, ADC, IWDG and BKP it does not model: they read as 0, and
 * each access is a line of its log. From the writes to GPIO follows what the pins would do. */
#ifndef FLOWLAB_STM32_QEMU_H
#define FLOWLAB_STM32_QEMU_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct {
    pid_t pid;
    int serial;  /* socket */
    int monitor; /* socket */
    int log;     /* pipe */
    char directory[32];
} qemu;

/* Returns false with errno. */
bool qemu_start(qemu *q, const char *elf);
void qemu_reset(const qemu *q, double now_us);
void qemu_stop(qemu *q);

/* Reads what is there of the log, at that wall-clock time, and writes the truth. Returns false when QEMU has ended. */
bool qemu_read_log(const qemu *q, double now_us);
double qemu_board_us(double now_us);

#endif
