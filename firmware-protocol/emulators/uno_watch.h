/* What is seen of the chip beside its line: pins, steps, interrupts, stack. */
#ifndef FLOWLAB_UNO_WATCH_H
#define FLOWLAB_UNO_WATCH_H

#include <stdbool.h>
#include <sim_avr.h>

bool watch_start(avr_t *avr, const char *elf);
void watch_reset(avr_t *avr);
void watch_turn(avr_t *avr);
double watch_board_us(const avr_t *avr);
/* A received byte found no room. */
void watch_overrun(void);
void watch_write_stats(avr_t *avr);

#endif
