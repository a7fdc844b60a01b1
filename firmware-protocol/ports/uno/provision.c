/* Writes a serial number into the EEPROM and does nothing else: the boot loader of an Uno cannot write the EEPROM, so this is flashed
 * before the firmware. Build with -DSERIAL='"lab-uno-01"'. */
#include <avr/eeprom.h>
#include <avr/wdt.h>
#include <string.h>

#include "eeprom.h"

static const char text[] = SERIAL;
_Static_assert(sizeof text > 1 && sizeof text <= EEPROM_SERIAL_SIZE + 1, "a serial number has 1 to 12 characters");

int main(void) {
    char serial[EEPROM_SERIAL_SIZE] = {0};
    wdt_disable();
    memcpy(serial, text, sizeof text - 1);
    eeprom_update_block(serial, (void *)EEPROM_SERIAL, EEPROM_SERIAL_SIZE);
    for (;;) {
    }
}
