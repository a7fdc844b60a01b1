#include "uno_chip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <avr_adc.h>
#include <avr_eeprom.h>
#include <avr_ioport.h>
#include <avr_uart.h>
#include <sim_avr.h>
#include <sim_elf.h>
#include <sim_interrupts.h>

#include "truth.h"
#include "uno_watch.h"

DEFINE_FIFO(uint16_t, uart_fifo);

/* A byte of the host has 10 bits at 115200 baud, one of the board 10 bits at 117647, which UBRR 16 gives. */
#define RECEIVE_CYCLES 1389U
#define SEND_CYCLES 1360U
#define LOOK_CYCLES 40U
/* The receiver holds two bytes beside the one that it shifts in (data sheet, section 19.7). */
#define RECEIVER_BYTES 2
#define UCSR0A 0xC0
#define UDRE0 5
/* simavr refuses to load the last byte. */
#define EEPROM_SIZE 1023U

static avr_t *avr;
static line *host;
static avr_uart_t *uart;
static uint8_t input_mask, input_levels; /* of port D, from outside */
static void (*core_reset)(avr_t *);
static uint16_t held_code;
static uint32_t held_at;
static bool is_held;
static uint8_t reset_flag; /* of MCUSR for the reset that is under way; 0: simavr's own */

static void quiet(avr_t *a, const int level, const char *format, va_list arguments) {
    (void)a;
    if (level <= LOG_ERROR) vfprintf(stderr, format, arguments);
}

/* The interrupt comes again as long as a byte waits. */
static avr_cycle_count_t look_again(avr_t *a, avr_cycle_count_t when, void *unused) {
    (void)unused;
    if (uart_fifo_isempty(&uart->input)) return 0;
    avr_raise_interrupt(a, &uart->rxc);
    return when + LOOK_CYCLES;
}

/* The last bit of a byte is there. simavr's own receiver hands on one byte a byte time only, and never catches up when it was late once; this one
 * loses what finds no room, as the chip does. */
static void arrive(uint8_t byte) {
    if (byte == 0) truth_event(watch_board_us(avr), "frame_in", "");
    if (uart_fifo_get_read_size(&uart->input) >= RECEIVER_BYTES) {
        watch_overrun();
        return;
    }
    uart_fifo_write(&uart->input, byte);
    if (avr_regbit_get(avr, uart->rxen) == 0) uart_fifo_reset(&uart->input);
    uart->rx_cnt = 0;
    avr_cycle_timer_register(avr, 1, look_again, NULL);
}

/* One byte each byte time. */
static avr_cycle_count_t exchange(avr_t *a, avr_cycle_count_t when, void *unused) {
    (void)a;
    (void)unused;
    static uint8_t bytes[512];
    static size_t used, count;
    uart->cycles_per_byte = SEND_CYCLES; /* simavr counts a parity bit that is not there */
    if (used == count) {
        used = 0;
        count = line_read(host, bytes, sizeof bytes);
    }
    if (used < count) arrive(bytes[used++]);
    return when + RECEIVE_CYCLES;
}

static avr_cycle_count_t sent(avr_t *a, avr_cycle_count_t when, void *byte) {
    (void)a;
    (void)when;
    uint8_t b = (uint8_t)(uintptr_t)byte;
    line_write(host, &b, 1);
    return 0;
}

/* A byte is on the line for its time, behind the one before it; the transmitter takes a second one at once, which simavr would not. The
 * parameter tells the timers apart. */
static void uart_out(avr_irq_t *irq, uint32_t value, void *unused) {
    (void)irq;
    (void)unused;
    static uint64_t free_at;
    static uintptr_t number;
    static uint32_t last;
    bool is_idle = free_at <= avr->cycle;
    if (last == 0) truth_event(watch_board_us(avr), "frame_out", "");
    last = value;
    free_at = (is_idle ? avr->cycle : free_at) + SEND_CYCLES;
    number = (number + 1) % 16;
    avr_cycle_timer_register(avr, free_at - avr->cycle, sent, (void *)(number << 8 | (value & 0xFF)));
    uart->tx_cnt = 0;
    if (is_idle) avr->data[UCSR0A] |= 1 << UDRE0;
}

/* simavr takes a pull-up for a high pin at each write of the port; what is pulled from outside stays. */
static void pull_inputs(void) {
    avr_ioport_external_t external = {.name = 'D', .mask = input_mask, .value = input_levels};
    avr_ioctl(avr, AVR_IOCTL_IOPORT_SET_EXTERNAL('D'), &external);
    avr_irq_t *pins = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('D'), 0);
    for (int i = 0; i < 8; i++) {
        if ((input_mask >> i & 1) == 0) continue;
        pins[i].flags |= IRQ_FLAG_INIT;
        avr_raise_irq(pins + i, input_levels >> i & 1);
    }
}

static void put_flash(uint32_t at, uint16_t code) {
    avr->flash[at] = (uint8_t)code;
    avr->flash[at + 1] = (uint8_t)(code >> 8);
}

/* Of every reset, that of the watchdog too; simavr has just cleared the memory. The peripherals are reset after this. */
static void after_reset(avr_t *a) {
    if (core_reset != NULL) core_reset(a);
    if (is_held) put_flash(held_at, held_code);
    is_held = false;
    watch_reset(avr);
    avr_cycle_timer_register(avr, RECEIVE_CYCLES, exchange, NULL);
}

static bool make_chip(elf_firmware_t *firmware) {
    avr_global_logger_set(quiet);
    avr = avr_make_mcu_by_name("atmega328p");
    if (avr == NULL || avr_init(avr) != 0) return false;
    avr->log = LOG_ERROR;
    firmware->frequency = CHIP_HZ;
    firmware->vcc = firmware->avcc = firmware->aref = 5000;
    avr_load_firmware(avr, firmware);
    core_reset = avr->reset;
    avr->reset = after_reset;
    return true;
}

/* The default flags print what is sent and sleep while the firmware polls. */
static void connect_uart(void) {
    uint32_t flags = 0;
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    for (avr_io_t *io = avr->io_port; io != NULL; io = io->next) {
        if (strcmp(io->kind, "uart") == 0) uart = (avr_uart_t *)io;
    }
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), uart_out, NULL);
}

bool chip_load(const char *elf, line *l) {
    static elf_firmware_t firmware;
    host = l;
    input_mask = 1 << 2 | 1 << 3;
    input_levels = input_mask; /* open switches with pull-ups */
    if (freopen("/dev/null", "w", stdout) == NULL) return false; /* simavr prints what it loads */
    if (elf_read_firmware(elf, &firmware) != 0 || !make_chip(&firmware)) {
        fprintf(stderr, "uno-emulator: cannot load %s\n", elf);
        return false;
    }
    connect_uart();
    if (uart == NULL || !watch_start(avr, elf)) return false;
    chip_reset(true);
    return true;
}

static avr_eeprom_desc_t eeprom(uint8_t *bytes, uint16_t at, uint32_t size) {
    return (avr_eeprom_desc_t){.ee = bytes, .offset = at, .size = size};
}

bool chip_load_eeprom(const char *path, const char *serial) {
    uint8_t bytes[EEPROM_SIZE];
    memset(bytes, 0xFF, sizeof bytes);
    FILE *f = path != NULL ? fopen(path, "re") : NULL;
    if (f != NULL) {
        if (fread(bytes, 1, sizeof bytes, f) == 0) fprintf(stderr, "uno-emulator: %s is empty\n", path);
        fclose(f);
    }
    if (serial != NULL) {
        if (strlen(serial) > 12) return false;
        memset(bytes, 0, 12);
        memcpy(bytes, serial, strlen(serial));
    }
    avr_eeprom_desc_t all = eeprom(bytes, 0, sizeof bytes);
    avr_ioctl(avr, AVR_IOCTL_EEPROM_SET, &all);
    return true;
}

void chip_save_eeprom(const char *path) {
    uint8_t bytes[EEPROM_SIZE];
    avr_eeprom_desc_t all = eeprom(bytes, 0, sizeof bytes);
    FILE *f = path != NULL ? fopen(path, "we") : NULL;
    if (f == NULL) return;
    avr_ioctl(avr, AVR_IOCTL_EEPROM_GET, &all);
    fwrite(bytes, 1, sizeof bytes, f);
    fclose(f);
}

bool chip_run(uint64_t cycle) {
    while (avr->cycle < cycle) {
        int state = avr_run(avr);
        if (state == cpu_Done || state == cpu_Crashed) return false;
    }
    watch_turn(avr);
    return true;
}

uint64_t chip_cycle(void) { return avr->cycle; }

void chip_set_pin(int pin, bool is_high) {
    uint8_t bit = (uint8_t)(1 << pin);
    input_levels = is_high ? input_levels | bit : input_levels & (uint8_t)~bit;
    pull_inputs();
}

void chip_set_millivolts(int input, uint32_t millivolts) {
    avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC0 + input), millivolts);
}

/* Simavr's own reset tells a power-on only at its first, so the flag is set here (data sheet, section 10.9.1). */
void chip_reset(bool is_power_on) {
    reset_flag = is_power_on ? 1 : 2;
    avr_reset(avr);
    avr->data[0x54] = reset_flag;
    pull_inputs();
}

/* The instruction that is next becomes a jump to itself. */
void chip_hang(void) {
    while (avr->sreg[7] == 0) avr_run(avr);
    held_at = avr->pc;
    held_code = (uint16_t)(avr->flash[held_at] | avr->flash[held_at + 1] << 8);
    put_flash(held_at, 0xCFFF);
    is_held = true;
    truth_event(watch_board_us(avr), "hang", "");
}

void chip_write_stats(void) { watch_write_stats(avr); }
