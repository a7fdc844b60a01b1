/* An ATmega328P of simavr with its pins, its line and its stack watched. */
#ifndef FLOWLAB_UNO_CHIP_H
#define FLOWLAB_UNO_CHIP_H

#include <stdbool.h>
#include <stdint.h>

#include "line.h"

#define CHIP_HZ 16000000U

/* Returns false, and says why. */
bool chip_load(const char *elf, line *l);
bool chip_load_eeprom(const char *path, const char *serial);
void chip_save_eeprom(const char *path);

/* Runs to that cycle at least. Returns false when the chip has come to an end. */
bool chip_run(uint64_t cycle);
uint64_t chip_cycle(void);

void chip_set_pin(int pin, bool is_high); /* D2 or D3 */
void chip_set_millivolts(int input, uint32_t millivolts);
void chip_reset(bool is_power_on);
/* The main loop stands still from here on; interrupts go on. Ends with the next reset. */
void chip_hang(void);
void chip_write_stats(void);

#endif
