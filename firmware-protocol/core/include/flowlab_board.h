/* The portable core of a board: bytes, levels and the time go in; bytes, levels and step intervals come out. It reads no clock, touches no
 * register, calls nobody back and allocates nothing: a port (ports/) moves its inputs and outputs to and from the chip, and so does a
 * simulator. A board is plain data and may be copied.
 *
 * Who calls what: a port's main loop calls flowlab_board_poll as often as it can (each 0.3 ms, so that a scheduled output is not late), with inputs
 * set before and outputs taken after. Interrupts may call flowlab_board_receive and flowlab_board_step, and nothing else; both take a
 * bounded, short time, and each is called from one place only. What they share with the main loop is in flowlab_board_state.h. A port with
 * interrupts gives the core FLOWLAB_LOCK() and FLOWLAB_UNLOCK() in a header that is named by -DFLOWLAB_PORT_HEADER='"..."'.
 * Whoever sets an input that changed, or steps the last step, or has received a 0, polls next, also before next_due.
 *
 * Time is a counter of microseconds that turns over. It never goes back from one poll to the next; if it did, what is on would end. */
#ifndef FLOWLAB_BOARD_H
#define FLOWLAB_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "flowlab_messages.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Small chips build with less: -DFLOWLAB_CHANNELS=9 -DFLOWLAB_AXES=1 -DFLOWLAB_HEATERS=1. */
#ifndef FLOWLAB_CHANNELS
#define FLOWLAB_CHANNELS 12
#endif
#ifndef FLOWLAB_AXES
#define FLOWLAB_AXES 3
#endif
#ifndef FLOWLAB_HEATERS
#define FLOWLAB_HEATERS 1
#endif

/* What a port has on one channel. */
typedef struct {
    uint8_t kind;        /* enum flowlab_kind_code */
    char label[8];       /* of its pin, zeros behind it */
    uint32_t max_rate;   /* millisteps a second; 0 where nothing steps */
    uint16_t full_scale; /* counts of an analog input; else 0 */
} flowlab_channel_type;

/* What a port is. Lives as long as the board. */
typedef struct {
    uint8_t board; /* enum flowlab_board_type */
    uint8_t channels;
    const flowlab_channel_type *channel;
} flowlab_port_type;

typedef struct flowlab_board flowlab_board; /* in flowlab_board_state.h; its members belong to the core */

/* Everything safe, no session; `booted` waits to be sent. `type` must outlive the board; it is asked through the pointer only inside of calls. */
void flowlab_board_start(flowlab_board *board, const flowlab_port_type *type, const uint8_t serial[12], uint16_t boot_count,
                         uint8_t reset_cause, uint32_t now_us);

/* One byte from the line, with the time at which it was there. */
void flowlab_board_receive(flowlab_board *board, uint8_t byte, uint32_t now_us);

/* The next byte for the line; false where there is none. From the main loop, after poll: the first byte of an answer takes its time here. */
bool flowlab_board_transmit(flowlab_board *board, uint8_t *byte, uint32_t now_us);

/* Frames, dead-man, scheduler, durations, heaters, ramps of speed. Returns whether the watchdog may be fed. */
bool flowlab_board_poll(flowlab_board *board, uint32_t now_us);

/* In how many us poll has something to do at the latest; 0: now. For a simulator, which may skip the time until then; a port polls all the time. */
uint32_t flowlab_board_next_due(const flowlab_board *board, uint32_t now_us);

/* --- Inputs, set by the port before poll --- */
void flowlab_board_set_input(flowlab_board *board, uint8_t channel, bool high);
void flowlab_board_set_analog(flowlab_board *board, uint8_t channel, uint16_t count);

/* --- Outputs, taken by the port after poll --- */

/* What a pin must be: FLOWLAB_PIN_FLOATING before it is configured, else low or high. Of heaters, too: time-proportioned by poll. */
#define FLOWLAB_PIN_LOW 0
#define FLOWLAB_PIN_HIGH 1
#define FLOWLAB_PIN_FLOATING 2
uint8_t flowlab_board_pin(const flowlab_board *board, uint8_t channel);

/* Of an axis, by its channel. The interval is from one step to the next in units of 1/16 us; 0: no step. It changes each ms while speed does, also
 * between two steps: the new one then counts from the step before. The first step comes one interval after the start. */
typedef struct {
    uint32_t interval;
    bool is_enabled;  /* the driver's coils */
    bool is_dir_high; /* the direction pin's level */
} flowlab_axis_output;
flowlab_axis_output flowlab_board_axis(const flowlab_board *board, uint8_t channel);

/* The port's timer came: counts one step. Returns whether to pulse the pin now; false: the axis is to stand still. */
bool flowlab_board_step(flowlab_board *board, uint8_t channel);

/* --- For simulators and tests --- */
uint8_t flowlab_board_state_of(const flowlab_board *board);
uint8_t flowlab_board_fault_of(const flowlab_board *board);
int32_t flowlab_board_position(const flowlab_board *board, uint8_t channel);

#ifdef __cplusplus
}
#endif
#endif
