#include "client/cli/prompt/history.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/limits.h"

// What is read of a file that somebody else has filled.
#define BYTES_MAX (4u << 20)

// --- where it is -------------------------------------------------------------------------------

// Make the folders that `path` is in, those of them that are missing, for their owner alone.
static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
}

// A folder that is not named from the root counts as none (XDG Base Directory Specification).
static bool find_path(char path[PATH_MAX])
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    int needed = PATH_MAX;
    if (state && state[0] == '/') {
        needed = snprintf(path, PATH_MAX, "%s/dcalc/history", state);
    } else if (home && home[0] == '/') {
        needed = snprintf(path, PATH_MAX, "%s/.local/state/dcalc/history", home);
    }
    return needed < PATH_MAX;
}

// A pipe or a device in its place is not written to.
static int open_file(void)
{
    char path[PATH_MAX];
    struct stat info;
    if (!find_path(path)) return -1;
    make_folders(path);
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd < 0) return -1;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
        // Who made it otherwise did not know what would be in it.
        if (info.st_mode & 077) fchmod(fd, 0600);
        return fd;
    }
    close(fd);
    return -1;
}

// --- reading -----------------------------------------------------------------------------------

static void read_end(dc_history_t *self)
{
    off_t size = lseek(self->fd, 0, SEEK_END);
    off_t first = size > (off_t)BYTES_MAX ? size - (off_t)BYTES_MAX : 0;
    size_t bytes = (size_t)(size - first);
    if (size <= 0 || !dc_buf_reserve(&self->lines, bytes)) return;
    ssize_t count = pread(self->fd, self->lines.data, bytes, first);
    if (count > 0) self->lines.len = (size_t)count;
}

// Drop lines in front until `count` are left.
static void drop_lines(dc_str_t *lines, size_t count)
{
    dc_str_t line;
    for (size_t left = dc_str_count_lines(*lines); left > count; left--) {
        (void)dc_str_take_line(lines, &line);
    }
}

// Keep `lines`, the last ones. They are written over the first before the rest goes: who is killed
// between has some twice, and has lost none.
static void shorten(const dc_history_t *self, dc_str_t lines)
{
    // What is opened to append is written at its end, wherever it is told to (pwrite(2)).
    int flags = fcntl(self->fd, F_GETFL);
    if (flags < 0 || fcntl(self->fd, F_SETFL, flags & ~O_APPEND) != 0) return;
    ssize_t count = pwrite(self->fd, lines.data, lines.len, 0);
    if (count == (ssize_t)lines.len && ftruncate(self->fd, count) != 0) errno = 0;
    fcntl(self->fd, F_SETFL, flags);
}

void dc_history_open(dc_history_t *self)
{
    *self = (dc_history_t){ .fd = open_file() };
    if (self->fd < 0) return;
    flock(self->fd, LOCK_EX);
    read_end(self);
    self->rest = dc_buf_str(&self->lines);
    bool is_long = dc_str_count_lines(self->rest) > (size_t)2 * DC_HISTORY_LINES_MAX;
    drop_lines(&self->rest, DC_HISTORY_LINES_MAX);
    if (is_long || self->lines.len == BYTES_MAX) shorten(self, self->rest);
    flock(self->fd, LOCK_UN);
}

void dc_history_close(dc_history_t *self)
{
    if (self->fd >= 0) close(self->fd);
    dc_buf_fini(&self->lines);
    self->fd = -1;
}

bool dc_history_next(dc_history_t *self, dc_str_t *line)
{
    return dc_str_take_line(&self->rest, line);
}

// --- adding ------------------------------------------------------------------------------------

void dc_history_add(dc_history_t *self, dc_str_t line)
{
    dc_buf_t text = { 0 };
    if (self->fd < 0) return;
    dc_buf_append_str(&text, line);
    dc_buf_append_char(&text, '\n');
    flock(self->fd, LOCK_EX);
    // Half a line, on a full disk, is no worse than none.
    if (!text.failed && write(self->fd, text.data, text.len) < 0) errno = 0;
    flock(self->fd, LOCK_UN);
    dc_buf_fini(&text);
}
