# The firmwares, their sizes, how they get onto a board, their emulators, and the tests of them. Included by ../Makefile, or used alone:
# make -f ports/firmware.mk firmware. Packages: gcc-avr avr-libc gcc-arm-none-eabi libnewlib-arm-none-eabi; for the emulators libsimavr-dev
# libelf-dev qemu-system-arm; to flash avrdude, and stm32flash or openocd.
FIRMWARE_DIR := $(patsubst %/,%,$(dir $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))))
PORTS := $(FIRMWARE_DIR)/ports
FIRMWARE_OUT := $(FIRMWARE_DIR)/build
FIRMWARE_CORE := $(sort $(wildcard $(FIRMWARE_DIR)/core/src/*.c))
FIRMWARE_HEADERS := $(wildcard $(FIRMWARE_DIR)/core/include/*.h $(FIRMWARE_DIR)/core/src/*.h $(PORTS)/*/*.h) $(PORTS)/firmware.mk
FIRMWARE_FLAGS := -Os -std=c99 -Wall -Wextra -Werror -ffunction-sections -fdata-sections -fno-common -flto -Wl,--gc-sections -I$(FIRMWARE_DIR)/core/include

UNO_SOURCES := $(filter-out %/provision.c,$(sort $(wildcard $(PORTS)/uno/*.c)))
UNO_TARGET := -mmcu=atmega328p -DF_CPU=16000000UL
UNO_FLAGS := $(UNO_TARGET) $(FIRMWARE_FLAGS) -include $(PORTS)/uno/lock.h -DFLOWLAB_CHANNELS=9 -DFLOWLAB_AXES=1 -DFLOWLAB_HEATERS=1

# What the Uno's motor drives: make flash-uno MOTOR=pump takes the build in which it is a peristaltic pump.
MOTOR := stepper
FLASHED_UNO := $(FIRMWARE_OUT)/flowlab-uno$(if $(filter pump,$(MOTOR)),-pump)

STM32_SOURCES := $(sort $(wildcard $(PORTS)/stm32f103/*.c))
STM32_FLAGS := -mcpu=cortex-m3 -mthumb -ffreestanding -nostartfiles --specs=nano.specs $(FIRMWARE_FLAGS) -include $(PORTS)/stm32f103/lock.h \
    -DFLOWLAB_CHANNELS=10 -DFLOWLAB_AXES=3 -DFLOWLAB_HEATERS=1 -T $(PORTS)/stm32f103/stm32f103.ld

.PHONY: firmware emulators test-firmware flash-uno flash-stm32f103

firmware: $(addprefix $(FIRMWARE_OUT)/flowlab-,uno.elf uno-pump.elf stm32f103.elf)
	@$(PORTS)/check-size uno avr-size $(FIRMWARE_OUT)/flowlab-uno.elf 32256 2048 90 75
	@$(PORTS)/check-size uno-pump avr-size $(FIRMWARE_OUT)/flowlab-uno-pump.elf 32256 2048 90 75
	@$(PORTS)/check-size stm32f103 arm-none-eabi-size $(FIRMWARE_OUT)/flowlab-stm32f103.elf 65536 20480 90 75 8192

$(FIRMWARE_OUT)/flowlab-uno-pump.elf: UNO_FLAGS += -DUNO_TYPE=flowlab_uno_pump
$(FIRMWARE_OUT)/flowlab-uno.elf $(FIRMWARE_OUT)/flowlab-uno-pump.elf: $(UNO_SOURCES) $(FIRMWARE_CORE) $(FIRMWARE_HEADERS)
	@mkdir -p $(FIRMWARE_OUT)
	avr-gcc $(UNO_FLAGS) $(UNO_SOURCES) $(FIRMWARE_CORE) -o $@

$(FIRMWARE_OUT)/flowlab-stm32f103.elf: $(STM32_SOURCES) $(FIRMWARE_CORE) $(FIRMWARE_HEADERS) $(PORTS)/stm32f103/stm32f103.ld
	@mkdir -p $(FIRMWARE_OUT)
	arm-none-eabi-gcc $(STM32_FLAGS) $(STM32_SOURCES) $(FIRMWARE_CORE) -o $@

$(FIRMWARE_OUT)/%.hex: $(FIRMWARE_OUT)/%.elf
	$(if $(findstring stm32,$*),arm-none-eabi-objcopy,avr-objcopy) -O ihex -R .eeprom $< $@

$(FIRMWARE_OUT)/%.bin: $(FIRMWARE_OUT)/%.elf
	arm-none-eabi-objcopy -O binary $< $@

EMULATORS := $(FIRMWARE_DIR)/emulators
HOST_FLAGS := -std=gnu99 -O2 -D_GNU_SOURCE -Wall -Wextra -Werror -I$(FIRMWARE_DIR)/core/include
EMULATOR_PARTS := $(addprefix $(EMULATORS)/,line.c commands.c truth.c)
EMULATOR_HEADERS := $(wildcard $(EMULATORS)/*.h)
FIRMWARE_TESTS := $(sort $(wildcard $(FIRMWARE_DIR)/tests/firmware/*.c))

emulators: $(FIRMWARE_OUT)/uno-emulator $(FIRMWARE_OUT)/stm32-emulator

$(FIRMWARE_OUT)/uno-emulator: $(EMULATORS)/uno-emulator.c $(EMULATORS)/uno_chip.c $(EMULATORS)/uno_watch.c $(EMULATOR_PARTS) $(EMULATOR_HEADERS)
	@mkdir -p $(FIRMWARE_OUT)
	gcc $(HOST_FLAGS) -I/usr/include/simavr $(filter %.c,$^) -lsimavr -lelf -o $@

$(FIRMWARE_OUT)/stm32-emulator: $(EMULATORS)/stm32-emulator.c $(EMULATORS)/stm32_qemu.c $(EMULATOR_PARTS) $(EMULATOR_HEADERS)
	@mkdir -p $(FIRMWARE_OUT)
	gcc $(HOST_FLAGS) $(filter %.c,$^) -o $@

# Clock and step timers of the STM32 run in the test itself, since QEMU has neither.
STM32_TESTED := $(PORTS)/stm32f103/clock.c $(PORTS)/stm32f103/steps.c
$(FIRMWARE_OUT)/test-firmware: $(FIRMWARE_TESTS) $(STM32_TESTED) $(wildcard $(FIRMWARE_DIR)/tests/firmware/*.h) $(FIRMWARE_HEADERS)
	@mkdir -p $(FIRMWARE_OUT)
	gcc $(HOST_FLAGS) -DPATIENCE=300000000UL -include $(FIRMWARE_DIR)/tests/firmware/fake_lock.h $(FIRMWARE_TESTS) $(STM32_TESTED) -lm -pthread -o $@

$(FIRMWARE_OUT)/provision-test.elf: $(PORTS)/uno/provision.c $(PORTS)/uno/eeprom.h
	@mkdir -p $(FIRMWARE_OUT)
	avr-gcc -mmcu=atmega328p -Os -std=gnu11 -Wall -Wextra -Werror -DSERIAL='"uno-test-01"' $< -o $@

# The real firmwares in their emulators; make test-firmware CHECKS="--seed 7 --frames 10000 --only uno-pump"
test-firmware: firmware emulators $(FIRMWARE_OUT)/test-firmware $(FIRMWARE_OUT)/provision-test.elf
	@mkdir -p $(FIRMWARE_OUT)/bench
	$(FIRMWARE_OUT)/test-firmware $(FIRMWARE_OUT) $(FIRMWARE_OUT)/bench $(CHECKS)

# make flash-uno PORT=/dev/ttyACM0 [SERIAL=lab-uno-01] [MOTOR=stepper|pump]
flash-uno: $(FLASHED_UNO).hex
	@case "$(PORT):$(MOTOR)" in ?*:stepper | ?*:pump) ;; \
	    *) echo "make flash-uno PORT=/dev/ttyACM0 [SERIAL=lab-uno-01] [MOTOR=stepper|pump]"; exit 2;; esac
	$(if $(SERIAL),$(PORTS)/provision-uno "$(PORT)" "$(SERIAL)" $(FIRMWARE_OUT))
	avrdude -q -p m328p -c arduino -b 115200 -P "$(PORT)" -D -U flash:w:$<:i

# make flash-stm32f103 PORT=/dev/ttyUSB0 over the serial boot loader (BOOT0 high), or PROGRAMMER=stlink with openocd.
flash-stm32f103: $(FIRMWARE_OUT)/flowlab-stm32f103.bin
ifeq ($(PROGRAMMER),stlink)
	openocd -f interface/stlink.cfg -f target/stm32f1x.cfg -c "program $< 0x08000000 verify reset exit"
else
	@[ -n "$(PORT)" ] || { echo "make flash-stm32f103 PORT=/dev/ttyUSB0, or PROGRAMMER=stlink"; exit 2; }
	stm32flash -b 115200 -w $< -v -g 0x08000000 "$(PORT)"
endif
