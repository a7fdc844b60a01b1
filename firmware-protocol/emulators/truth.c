#include "truth.h"

#include <stdio.h>

static FILE *file;

bool truth_open(const char *path) {
    if (path == NULL) return true;
    file = fopen(path, "we");
    return file != NULL;
}

void truth_flush(void) {
    if (file != NULL) fflush(file);
}

void truth_pin(double us, const char *pin, truth_level level) {
    static const char *const names[] = {"floating", "low", "high"};
    if (file != NULL) fprintf(file, "{\"us\":%.3f,\"pin\":\"%s\",\"level\":\"%s\"}\n", us, pin, names[level]);
}

void truth_step(double us, const char *pin, uint32_t count, bool is_dir_high, double width_us) {
    if (file == NULL) return;
    fprintf(file, "{\"us\":%.3f,\"pin\":\"%s\",\"step\":%u,\"dir\":%d,\"width_us\":%.3f}\n", us, pin, count, is_dir_high, width_us);
}

void truth_event(double us, const char *event, const char *more) {
    if (file != NULL) fprintf(file, "{\"us\":%.3f,\"event\":\"%s\"%s}\n", us, event, more);
}
