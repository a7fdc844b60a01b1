/* PA6 and PA7 in turn, each 100 times a second (RM0008 11.3). No wait is unbounded: where no converter answers, no sample is given, and
 * the core's count stays 0, which is below what a sensor may read. */
#include "registers.h"
#include "stm32.h"

#define ON BIT(0)
#define CALIBRATE BIT(2)
#define RESET_CALIBRATION BIT(3)
#define BY_SOFTWARE (BIT(20) | 7UL << 17)
#define START BIT(22)
#define DONE BIT(1)
#define FIRST_INPUT 6U
#define SAMPLE_55_CYCLES (5UL << 18 | 5UL << 21)
#define EACH_US 5000UL

static uint8_t input; /* 0 or 1 */
static bool is_converting;
static uint32_t last;

static void calibrate(uint32_t bit) {
    ADC1_CR2 = ON | bit;
    for (uint32_t i = 0; i < PATIENCE && (ADC1_CR2 & bit) != 0; i++) {
    }
}

void analog_start(void) {
    ADC1_SMPR2 = SAMPLE_55_CYCLES;
    ADC1_CR2 = ON;
    for (volatile uint32_t i = 0; i < 100; i++) {
    }
    calibrate(RESET_CALIBRATION);
    calibrate(CALIBRATE);
    ADC1_CR2 = ON | BY_SOFTWARE;
}

static void convert(void) {
    ADC1_SQR3 = FIRST_INPUT + input;
    ADC1_CR2 = ON | BY_SOFTWARE | START;
    is_converting = true;
}

void analog_read(void) {
    uint32_t now = clock_now();
    if (now - last < EACH_US) return;
    last = now;
    if (is_converting && (ADC1_SR & DONE) != 0) flowlab_board_set_analog(&board, ANALOG_0 + input, (uint16_t)(ADC1_DR & 0xFFF));
    input ^= 1;
    convert();
}
