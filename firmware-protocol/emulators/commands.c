#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void commands_open_stdin(command_source *s) {
    *s = (command_source){.fd = STDIN_FILENO};
    fcntl(s->fd, F_SETFL, fcntl(s->fd, F_GETFL) | O_NONBLOCK);
}

bool commands_open_fifo(command_source *s, const char *path) {
    if (mkfifo(path, 0600) != 0 && errno != EEXIST) return false;
    *s = (command_source){.fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)};
    return s->fd >= 0;
}

static bool take_line(command_source *s, char line[COMMAND_MAX]) {
    char *end = memchr(s->text, '\n', s->used);
    if (end == NULL) {
        if (s->used == sizeof s->text) s->used = 0; /* longer than any command: thrown away */
        return false;
    }
    size_t length = (size_t)(end - s->text);
    memcpy(line, s->text, length);
    line[length] = 0;
    s->used -= length + 1;
    memmove(s->text, end + 1, s->used);
    return true;
}

bool commands_next(command_source *s, char line[COMMAND_MAX]) {
    if (s->fd < 0) return false;
    if (take_line(s, line)) return true;
    ssize_t n = read(s->fd, s->text + s->used, sizeof s->text - s->used);
    if (n == 0) s->fd = -1;
    if (n <= 0) return false;
    s->used += (size_t)n;
    return take_line(s, line);
}
