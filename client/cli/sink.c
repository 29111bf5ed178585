#include "client/cli/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

// More than this is not gathered: results wait in the broker then.
#define WAITING_BYTES_MAX (256u << 10)

// What was written is dropped from the front once it is this much.
#define DROP_BYTES (1u << 20)

// The same open file under a description of our own, which does not wait. -1 where that cannot be.
static int reopen_without_waiting(int fd)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

static void open_stdout(dc_sink_t *self)
{
    struct stat info;
    bool may_wait = fstat(STDOUT_FILENO, &info) == 0 &&
                    (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode) || isatty(STDOUT_FILENO));
    self->fd = STDOUT_FILENO;
    if (!may_wait) return;
    int fd = S_ISSOCK(info.st_mode) ? -1 : reopen_without_waiting(STDOUT_FILENO);
    if (fd >= 0) {
        self->fd = fd;
        self->is_owned = true;
    } else {
        // A pipe that poll calls writable takes this much without waiting (POSIX).
        self->write_max = PIPE_BUF;
    }
}

// What is there and no plain file (a device, a FIFO, a link) is written to as it is: a file in its
// place would be news to everybody who has it open.
static int open_special(dc_sink_t *self)
{
    self->fd = open(self->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (self->fd < 0) return errno;
    self->is_owned = true;
    return 0;
}

static int open_file(dc_sink_t *self)
{
    struct stat info;
    if (lstat(self->path, &info) == 0 && !S_ISREG(info.st_mode)) return open_special(self);
    if (asprintf(&self->part_path, "%s.part", self->path) < 0) {
        self->part_path = NULL;
        return ENOMEM;
    }
    self->fd = open(self->part_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (self->fd < 0) return errno;
    self->is_owned = true;
    return 0;
}

int dc_sink_open(dc_sink_t *self, const char *path)
{
    *self = (dc_sink_t){ .fd = -1, .path = path, .write_max = SIZE_MAX };
    if (path) return open_file(self);
    open_stdout(self);
    return 0;
}

void dc_sink_fini(dc_sink_t *self)
{
    if (self->is_owned) close(self->fd);
    free(self->part_path);
    dc_buf_fini(&self->buf);
    *self = (dc_sink_t){ .fd = -1 };
}

bool dc_sink_has_room(const dc_sink_t *self)
{
    return self->buf.len - self->written < WAITING_BYTES_MAX;
}

bool dc_sink_is_empty(const dc_sink_t *self)
{
    return self->buf.len == self->written;
}

static void drop_written(dc_sink_t *self)
{
    if (self->written == self->buf.len) {
        self->buf.len = self->written = 0;
    } else if (self->written >= DROP_BYTES) {
        dc_buf_drop_front(&self->buf, self->written);
        self->written = 0;
    }
}

static bool is_writable(int fd, int timeout_ms)
{
    struct pollfd pollfd = { .fd = fd, .events = POLLOUT };
    return poll(&pollfd, 1, timeout_ms) > 0;
}

// Write once. False if no more goes now.
static bool write_some(dc_sink_t *self)
{
    if (self->write_max != SIZE_MAX && !is_writable(self->fd, 0)) return false;
    size_t size = dc_min_size(self->buf.len - self->written, self->write_max);
    ssize_t count = write(self->fd, self->buf.data + self->written, size);
    if (count >= 0) {
        self->written += (size_t)count;
        return true;
    }
    if (errno == EINTR) return true;
    if (errno == EAGAIN) return false;
    self->error = errno;
    return false;
}

void dc_sink_flush(dc_sink_t *self)
{
    if (self->buf.failed && !self->error) self->error = ENOMEM;
    while (!self->error && !dc_sink_is_empty(self) && write_some(self)) {
    }
    if (self->error) self->written = self->buf.len;
    drop_written(self);
}

int dc_sink_finish(dc_sink_t *self)
{
    dc_sink_flush(self);
    while (!self->error && !dc_sink_is_empty(self)) {
        is_writable(self->fd, -1);
        dc_sink_flush(self);
    }
    if (!self->error && self->part_path) {
        // Some file systems tell of a full disk only now.
        self->is_owned = false;
        if (close(self->fd) || rename(self->part_path, self->path)) self->error = errno;
    }
    return self->error;
}

void dc_sink_discard(dc_sink_t *self)
{
    if (self->part_path && self->fd >= 0) unlink(self->part_path);
}
