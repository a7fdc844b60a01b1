#include "uno_watch.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <avr_ioport.h>
#include <sim_interrupts.h>
#include <sim_io.h>

#include "truth.h"

/* Addresses in data memory and vector numbers (data sheet, sections 30 and 11.4). */
enum { DDRB = 0x24, PORTB = 0x25, DDRD = 0x2A, PORTD = 0x2B, MCUSR = 0x54, WDTCSR = 0x60, TCCR2B = 0xB1 };
enum { VECTOR_COMPARE = 11, VECTOR_RECEIVE = 18 };

#define PAINT 0xC5
#define CYCLES_PER_US 16.0
#define STEP_PIN 1 /* of port B, D9 */
#define DIR_PIN 0  /* of port B, D8 */

/* Pins that the firmware drives: D4 to D7, D8 (DIR) and D10 (ENABLE); D9 is the steps'. */
typedef struct {
    char port;
    uint8_t ddr, level;   /* as the registers are */
    uint8_t used;         /* bits that are told of */
    int first;            /* number of the pin of bit 0 */
    truth_level told[8];
} watched_port;

/* How late an interrupt begins, in cycles. */
typedef struct {
    avr_t *avr;
    uint64_t pending_since, running_since;
    uint64_t latest, longest;
} watched_interrupt;

static watched_port ports[2] = {{.port = 'B', .used = 1 << 0 | 1 << 2, .first = 8}, {.port = 'D', .used = 0xF0, .first = 0}};
static watched_interrupt receive, compare;
static uint64_t clock_cycle; /* at which the firmware's clock began */
static uint64_t step_cycle;
static uint32_t steps;
static uint16_t stack_end; /* the first address behind the variables */
static uint16_t deepest;
static unsigned starts, overruns;

double watch_board_us(const avr_t *avr) {
    return avr->cycle >= clock_cycle ? (double)(avr->cycle - clock_cycle) / CYCLES_PER_US : 0;
}

static void tell_port(const avr_t *avr, watched_port *p) {
    for (int i = 0; i < 8; i++) {
        truth_level level = (p->ddr >> i & 1) == 0 ? TRUTH_FLOATING : (p->level >> i & 1) != 0 ? TRUTH_HIGH : TRUTH_LOW;
        char name[4];
        if ((p->used >> i & 1) == 0 || level == p->told[i]) continue;
        p->told[i] = level;
        snprintf(name, sizeof name, "D%u", (unsigned)(p->first + i) % 100);
        truth_pin(watch_board_us(avr), name, level);
    }
}

static void tell_step(const avr_t *avr, const watched_port *p, uint8_t was) {
    bool is_high = (p->ddr & p->level) >> STEP_PIN & 1;
    bool was_high = (p->ddr & was) >> STEP_PIN & 1;
    if (is_high && !was_high) step_cycle = avr->cycle;
    if (is_high || !was_high) return;
    double width = (double)(avr->cycle - step_cycle) / CYCLES_PER_US;
    truth_step(watch_board_us(avr) - width, "D9", ++steps, p->level >> DIR_PIN & 1, width);
}

static void port_written(avr_irq_t *irq, uint32_t value, void *port) {
    watched_port *p = port;
    avr_t *avr = receive.avr;
    uint8_t was = p->level;
    (void)irq;
    p->level = (uint8_t)value;
    if (p->port == 'B') tell_step(avr, p, was);
    tell_port(avr, p);
}

static void direction_written(avr_irq_t *irq, uint32_t value, void *port) {
    watched_port *p = port;
    (void)irq;
    p->ddr = (uint8_t)value;
    tell_port(receive.avr, p);
}

static void clock_written(avr_irq_t *irq, uint32_t value, void *unused) {
    (void)irq;
    (void)unused;
    char more[96];
    if (value == 0 || clock_cycle <= receive.avr->cycle) return;
    clock_cycle = receive.avr->cycle;
    snprintf(more, sizeof more, ",\"start\":%u,\"emulator_us\":%.3f", starts, (double)clock_cycle / CYCLES_PER_US);
    truth_event(0, "clock", more);
}

static void pending_changed(avr_irq_t *irq, uint32_t value, void *interrupt) {
    watched_interrupt *w = interrupt;
    (void)irq;
    if (value != 0) w->pending_since = w->avr->cycle;
}

static void running_changed(avr_irq_t *irq, uint32_t value, void *interrupt) {
    watched_interrupt *w = interrupt;
    uint64_t now = w->avr->cycle;
    (void)irq;
    if (value != 0) {
        uint64_t late = now - w->pending_since;
        if (w->pending_since != 0 && late > w->latest) w->latest = late;
        w->pending_since = 0;
        w->running_since = now;
    } else if (w->running_since != 0) {
        if (now - w->running_since > w->longest) w->longest = now - w->running_since;
        w->running_since = 0;
    }
}

static void watch_interrupt(avr_t *avr, watched_interrupt *w, uint8_t vector) {
    avr_irq_t *irq = avr_get_interrupt_irq(avr, vector);
    w->avr = avr;
    if (irq == NULL) return;
    avr_irq_register_notify(irq + AVR_INT_IRQ_PENDING, pending_changed, w);
    avr_irq_register_notify(irq + AVR_INT_IRQ_RUNNING, running_changed, w);
}

/* The symbol _end: behind the variables, where the stack may come to. */
static uint16_t end_of(Elf *elf, Elf_Scn *section, const GElf_Shdr *header) {
    Elf_Data *data = elf_getdata(section, NULL);
    for (size_t i = 0; data != NULL && i < header->sh_size / header->sh_entsize; i++) {
        GElf_Sym symbol;
        if (gelf_getsym(data, (int)i, &symbol) == NULL) continue;
        const char *name = elf_strptr(elf, header->sh_link, symbol.st_name);
        if (name != NULL && strcmp(name, "_end") == 0) return (uint16_t)symbol.st_value;
    }
    return 0;
}

static uint16_t find_end(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    elf_version(EV_CURRENT);
    Elf *elf = fd >= 0 ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
    Elf_Scn *section = NULL;
    uint16_t end = 0;
    while (elf != NULL && end == 0 && (section = elf_nextscn(elf, section)) != NULL) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) != NULL && header.sh_type == SHT_SYMTAB) end = end_of(elf, section, &header);
    }
    if (elf != NULL) elf_end(elf);
    if (fd >= 0) close(fd);
    return end;
}

bool watch_start(avr_t *avr, const char *elf) {
    stack_end = find_end(elf);
    deepest = avr->ramend;
    if (stack_end == 0) {
        fprintf(stderr, "uno-emulator: %s has no symbol _end\n", elf);
        return false;
    }
    watch_interrupt(avr, &receive, VECTOR_RECEIVE);
    watch_interrupt(avr, &compare, VECTOR_COMPARE);
    for (size_t i = 0; i < 2; i++) {
        avr_irq_t *irq = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(ports[i].port), 0);
        avr_irq_register_notify(irq + IOPORT_IRQ_REG_PORT, port_written, ports + i);
        avr_irq_register_notify(irq + IOPORT_IRQ_DIRECTION_ALL, direction_written, ports + i);
    }
    avr_irq_register_notify(avr_iomem_getirq(avr, TCCR2B, NULL, AVR_IOMEM_IRQ_ALL), clock_written, NULL);
    return true;
}

/* simavr clears the registers without a word: the pins float from here on. */
static void release_pins(avr_t *avr) {
    for (size_t i = 0; i < 2; i++) {
        avr_irq_t *irq = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(ports[i].port), 0);
        irq[IOPORT_IRQ_REG_PORT].flags |= IRQ_FLAG_INIT;
        irq[IOPORT_IRQ_DIRECTION_ALL].flags |= IRQ_FLAG_INIT;
        ports[i].ddr = ports[i].level = 0;
        tell_port(avr, ports + i);
    }
}

static void look_at_stack(const avr_t *avr) {
    uint16_t at = stack_end;
    while (at < deepest && avr->data[at] == PAINT) at++;
    if (at < deepest) deepest = at;
}

void watch_reset(avr_t *avr) {
    char more[32];
    release_pins(avr);
    snprintf(more, sizeof more, ",\"start\":%u", ++starts);
    truth_event(watch_board_us(avr), "reset", more);
    clock_cycle = UINT64_MAX;
    receive.pending_since = receive.running_since = compare.pending_since = compare.running_since = 0;
    memset(avr->data + stack_end, PAINT, (size_t)(avr->ramend + 1 - stack_end));
}

void watch_turn(avr_t *avr) {
    static unsigned turns;
    if (++turns % 64 == 0) look_at_stack(avr);
}

void watch_overrun(void) { overruns++; }

void watch_write_stats(avr_t *avr) {
    char more[384];
    look_at_stack(avr);
    snprintf(more, sizeof more,
             ",\"starts\":%u,\"steps\":%u,\"stack_bytes\":%u,\"stack_free_bytes\":%u,\"receive_late_us\":%.2f,\"receive_takes_us\":%.2f,"
             "\"step_late_us\":%.2f,\"step_takes_us\":%.2f,\"overruns\":%u,\"wdtcsr\":%u",
             starts, steps, avr->ramend + 1U - deepest, deepest - stack_end, (double)receive.latest / CYCLES_PER_US,
             (double)receive.longest / CYCLES_PER_US, (double)compare.latest / CYCLES_PER_US, (double)compare.longest / CYCLES_PER_US,
             overruns, avr->data[WDTCSR]);
    truth_event(watch_board_us(avr), "stats", more);
    truth_flush();
}
