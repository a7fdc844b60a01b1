/* What the pins really did: one JSON object a line. Times are board times in us. */
#ifndef FLOWLAB_TRUTH_H
#define FLOWLAB_TRUTH_H

#include <stdbool.h>
#include <stdint.h>

/* NULL: nothing is written. Returns false with errno. */
bool truth_open(const char *path);
void truth_flush(void);

typedef enum { TRUTH_FLOATING, TRUTH_LOW, TRUTH_HIGH } truth_level;
void truth_pin(double us, const char *pin, truth_level level);
void truth_step(double us, const char *pin, uint32_t count, bool is_dir_high, double width_us);
/* `more` is empty or begins with a comma. */
void truth_event(double us, const char *event, const char *more);

#endif
