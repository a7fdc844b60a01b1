/* The registers that are used, with the section of RM0008 revision 21 that describes them; those of the core itself are in the ARMv7-M
 * manual, B3.2 to B3.4. */
#ifndef FLOWLAB_STM32_REGISTERS_H
#define FLOWLAB_STM32_REGISTERS_H

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define BIT(n) (UINT32_C(1) << (n))

/* 7.3, clocks and causes of a reset */
#define RCC_CR REGISTER(0x40021000)
#define RCC_CFGR REGISTER(0x40021004)
#define RCC_APB2ENR REGISTER(0x40021018)
#define RCC_APB1ENR REGISTER(0x4002101C)
#define RCC_CSR REGISTER(0x40021024)
/* 3.3.3, and PM0075 3.1 */
#define FLASH_ACR REGISTER(0x40022000)

/* 9.2, ports A and B */
#define GPIOA_CRL REGISTER(0x40010800)
#define GPIOA_CRH REGISTER(0x40010804)
#define GPIOA_IDR REGISTER(0x40010808)
#define GPIOA_BSRR REGISTER(0x40010810)
#define GPIOB_CRL REGISTER(0x40010C00)
#define GPIOB_CRH REGISTER(0x40010C04)
#define GPIOB_BSRR REGISTER(0x40010C10)

/* 27.6 */
#define USART1_SR REGISTER(0x40013800)
#define USART1_DR REGISTER(0x40013804)
#define USART1_BRR REGISTER(0x40013808)
#define USART1_CR1 REGISTER(0x4001380C)

/* 15.4, by the base of timer 2, 3 or 4 */
#define TIM2 0x40000000UL
#define TIM3 0x40000400UL
#define TIM4 0x40000800UL
#define TIM_CR1(base) REGISTER((base) + 0x00)
#define TIM_DIER(base) REGISTER((base) + 0x0C)
#define TIM_SR(base) REGISTER((base) + 0x10)
#define TIM_EGR(base) REGISTER((base) + 0x14)
#define TIM_CNT(base) REGISTER((base) + 0x24)
#define TIM_PSC(base) REGISTER((base) + 0x28)
#define TIM_ARR(base) REGISTER((base) + 0x2C)
#define TIM_CCR1(base) REGISTER((base) + 0x34)

/* 11.12 */
#define ADC1_SR REGISTER(0x40012400)
#define ADC1_CR2 REGISTER(0x40012408)
#define ADC1_SMPR2 REGISTER(0x40012410)
#define ADC1_SQR3 REGISTER(0x40012434)
#define ADC1_DR REGISTER(0x4001244C)

/* 19.4, watchdog */
#define IWDG_KR REGISTER(0x40003000)
#define IWDG_PR REGISTER(0x40003004)
#define IWDG_RLR REGISTER(0x40003008)
#define IWDG_SR REGISTER(0x4000300C)

/* 5.4.1 and 6.4.1, backup registers */
#define PWR_CR REGISTER(0x40007000)
#define BKP_DR1 REGISTER(0x40006C04)

/* 30.2, the unique number of the chip, 12 bytes */
#define UNIQUE_ID 0x1FFFF7E8UL

/* The core's own: SysTick, interrupt enables, system control */
#define SYST_CSR REGISTER(0xE000E010)
#define SYST_RVR REGISTER(0xE000E014)
#define SYST_CVR REGISTER(0xE000E018)
#define SYST_CALIB REGISTER(0xE000E01C)
#define NVIC_ISER0 REGISTER(0xE000E100)
#define NVIC_ISER1 REGISTER(0xE000E104)
#define SCB_AIRCR REGISTER(0xE000ED0C)

/* Whether the chip has a clock controller at all: on each STM32F1 an oscillator is on and says so (7.3.1). An emulator may have none. */
static inline int has_clock_controller(void) { return RCC_CR != 0; }

#endif
