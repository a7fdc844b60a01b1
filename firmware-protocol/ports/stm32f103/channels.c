/* The channels and their pins; the table for people is in ports/README.md. Outputs are all on port B, inputs on port A. */
#include "registers.h"
#include "stm32.h"

static const struct {
    uint8_t channel, pin;
} outputs[] = {{OUTPUT_0, OUTPUT_0_PIN}, {OUTPUT_1, OUTPUT_1_PIN}, {HEATER, HEATER_PIN}};

/* Modes of a pin (RM0008 9.2.1): input that floats, input with pull, output at 2 MHz, output of a peripheral at 50 MHz, analog. */
enum { FLOATING = 0x4, PULLED = 0x8, OUTPUT = 0x2, PERIPHERAL = 0xB, ANALOG = 0x0 };
#define ALL_FLOATING 0x4444444444444444ULL

/* As they were last written: the registers are not read back. */
static uint64_t modes = ALL_FLOATING;
static uint32_t levels;

static uint64_t with_mode(uint64_t all, uint8_t pin, uint64_t mode) {
    return (all & ~(0xFULL << (4 * pin))) | mode << (4 * pin);
}

static void write_modes(void) {
    GPIOB_CRL = (uint32_t)modes;
    GPIOB_CRH = (uint32_t)(modes >> 32);
}

/* After a reset each pin is a floating input (9.1.1). PA0 and PA1 get pull-ups, and PA10, so that an open line is silent. */
void channels_start(void) {
    uint64_t a = ALL_FLOATING;
    RCC_APB2ENR |= BIT(14) | BIT(9) | BIT(3) | BIT(2);
    RCC_APB1ENR |= BIT(28) | BIT(27) | BIT(2) | BIT(1) | BIT(0);
    a = with_mode(with_mode(a, 0, PULLED), 1, PULLED);
    a = with_mode(with_mode(a, 6, ANALOG), 7, ANALOG);
    a = with_mode(with_mode(a, 9, PERIPHERAL), 10, PULLED);
    GPIOA_BSRR = BIT(0) | BIT(1) | BIT(10);
    GPIOA_CRL = (uint32_t)a;
    GPIOA_CRH = (uint32_t)(a >> 32);
}

void channels_read(void) {
    uint32_t in = GPIOA_IDR;
    flowlab_board_set_input(&board, INPUT_SPARE, (in & BIT(0)) != 0);
    flowlab_board_set_input(&board, INPUT_LIMIT, (in & BIT(1)) != 0);
}

static void set_level(uint8_t pin, bool is_high) {
    uint32_t wanted = is_high ? levels | BIT(pin) : levels & ~BIT(pin);
    if (wanted == levels) return;
    levels = wanted;
    GPIOB_BSRR = is_high ? BIT(pin) : BIT(pin + 16);
}

static void set_mode(uint8_t pin, uint64_t mode) {
    uint64_t wanted = with_mode(modes, pin, mode);
    if (wanted == modes) return;
    modes = wanted;
    write_modes();
}

/* The level first, so that the pin never drives the wrong one. */
void channels_set(uint8_t pin, bool is_high) {
    set_level(pin, is_high);
    set_mode(pin, OUTPUT);
}

void channels_write(void) {
    for (uint8_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++) {
        uint8_t pin = flowlab_board_pin(&board, outputs[i].channel);
        if (pin == FLOWLAB_PIN_FLOATING) {
            set_mode(outputs[i].pin, FLOATING);
        } else {
            channels_set(outputs[i].pin, pin == FLOWLAB_PIN_HIGH);
        }
    }
}

/* The pins of the steps are the interrupts'. */
void channels_refresh(void) {
    uint32_t mine = 0xFFFFUL & ~(BIT(PUMP_0_STEP) | BIT(PUMP_1_STEP) | BIT(STEPPER_STEP));
    write_modes();
    GPIOB_BSRR = (levels & mine) | (~levels & mine) << 16;
}
