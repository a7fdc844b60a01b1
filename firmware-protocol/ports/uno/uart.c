/* USART 0 at 115200 baud: U2X and UBRR 16 give 117647, 2.1 % too fast (section 19.11, table 19-12; the receiver bears that, table 19-3).
 * A byte is received within an interrupt, so that its time is its own. Sending never waits. */
#include <avr/interrupt.h>
#include <avr/io.h>

#include "uno.h"

void uart_start(void) {
    UBRR0 = 16;
    UCSR0A = _BV(U2X0);
    UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
    UCSR0B = _BV(RXCIE0) | _BV(RXEN0) | _BV(TXEN0);
}

ISR(USART_RX_vect) {
    uint32_t now = clock_now_locked();
    flowlab_board_receive(&board, UDR0, now);
}

/* As many bytes as the transmitter takes at once: one shifts, one waits. */
void uart_send(void) {
    for (uint8_t room = 2; room > 0 && (UCSR0A & _BV(UDRE0)) != 0; room--) {
        uint8_t byte;
        if (!flowlab_board_transmit(&board, &byte, clock_now())) return;
        UDR0 = byte;
    }
}
