/* What stands in the EEPROM, for the firmware and for the program that provisions it. */
#ifndef FLOWLAB_UNO_EEPROM_H
#define FLOWLAB_UNO_EEPROM_H

#define EEPROM_SERIAL 0
#define EEPROM_SERIAL_SIZE 12
#define EEPROM_BOOT_COUNT 16

#endif
