/* USART 1 on PA9 and PA10 at 115200 baud (RM0008 27.3.4). A byte is received within an interrupt, so that its time is its own. Sending
 * never waits; the main loop turns many times within a byte. */
#include "registers.h"
#include "stm32.h"

#define BAUD 115200UL
#define TRANSMIT_EMPTY BIT(7)
#define RECEIVED BIT(5)
#define OVERRUN BIT(3)

void uart_interrupt(void);

void uart_start(void) {
    USART1_BRR = (clock_hz() + BAUD / 2) / BAUD;
    USART1_CR1 = BIT(13) | BIT(5) | BIT(3) | BIT(2);
    NVIC_ISER1 = BIT(37 - 32);
}

/* Reading the data after the status clears an overrun too (27.6.1). */
void uart_interrupt(void) {
    uint32_t status = USART1_SR;
    uint32_t now = clock_now_locked();
    if ((status & (RECEIVED | OVERRUN)) == 0) return;
    uint8_t byte = (uint8_t)USART1_DR;
    if ((status & RECEIVED) != 0) flowlab_board_receive(&board, byte, now);
}

void uart_send(void) {
    uint8_t byte;
    if ((USART1_SR & TRANSMIT_EMPTY) == 0) return;
    if (flowlab_board_transmit(&board, &byte, clock_now())) USART1_DR = byte;
}
