/* Lines of commands from standard input and from a FIFO. */
#ifndef FLOWLAB_COMMANDS_H
#define FLOWLAB_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#define COMMAND_MAX 128

typedef struct {
    int fd; /* -1: none, or ended */
    size_t used;
    char text[COMMAND_MAX];
} command_source;

void commands_open_stdin(command_source *s);
/* Makes the FIFO where it is missing. Returns false with errno. */
bool commands_open_fifo(command_source *s, const char *path);

/* The next whole line without its end; false: none yet. */
bool commands_next(command_source *s, char line[COMMAND_MAX]);

#endif
