#include "client/cli/print/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

// What tells a .part of ours, however its run has ended, from a file that a person calls so.
#define MARK "user.dcalc.part"

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

static bool is_stdout(const struct stat *info)
{
    struct stat own;
    return fstat(STDOUT_FILENO, &own) == 0 && own.st_dev == info->st_dev &&
           own.st_ino == info->st_ino;
}

// Lock the open file, or EBUSY; the lock goes with the process, however it ends. Some file systems
// know no locks: there, one must take care oneself.
static int lock(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK ? EBUSY : 0;
}

// What is there and no plain file (a device, a FIFO, a link) is written to as it is: a file in its
// place would be news to everybody who has it open.
static int open_special(dc_sink_t *self)
{
    struct stat info;
    self->fd = open(self->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (self->fd < 0) return errno;
    self->is_owned = true;
    if (fstat(self->fd, &info) || !S_ISREG(info.st_mode)) return 0;
    if (is_stdout(&info)) {
        // /dev/stdout: opened anew it would begin at its start, whatever others have written.
        close(self->fd);
        self->is_owned = false;
        open_stdout(self);
        return 0;
    }
    int error = lock(self->fd);
    if (error) return error;
    return ftruncate(self->fd, 0) ? errno : 0;
}

// --- the file that is not complete -------------------------------------------------------------

// 0, or an errno. Where modes mean nothing they are all the same, and none is set.
static int set_mode(int fd, mode_t mode)
{
    struct stat info;
    bool is_set = fstat(fd, &info) == 0 && (info.st_mode & 0777) == mode;
    return is_set || fchmod(fd, mode) == 0 ? 0 : errno;
}

// Whether the open file still has that name: its writer may have completed it before we had the
// lock.
static bool has_name(int fd, const char *path)
{
    struct stat open_file, named;
    return fstat(fd, &open_file) == 0 && stat(path, &named) == 0 &&
           open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

// Open the .part and lock it. Returns 0, or an errno.
static int open_locked(dc_sink_t *self)
{
    mode_t mode = self->mode ? self->mode | S_IWUSR : 0666;
    for (;;) {
        self->fd = open(self->part_path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);
        if (self->fd < 0) return errno;
        self->is_owned = true;
        int error = lock(self->fd);
        if (error || has_name(self->fd, self->part_path)) return error;
        close(self->fd);
    }
}

static bool has_journal(const char *path)
{
    char *journal = NULL;
    if (asprintf(&journal, "%s.journal", path) < 0) return false;
    bool is_there = access(journal, F_OK) == 0;
    free(journal);
    return is_there;
}

// Whether the .part is of a run, so that nobody misses what is in it. Where files cannot be marked
// the journal beside it says so.
static bool is_ours(const dc_sink_t *self)
{
    struct stat info;
    if (fstat(self->fd, &info) || !S_ISREG(info.st_mode)) return false;
    if (info.st_size == 0 || fgetxattr(self->fd, MARK, NULL, 0) >= 0) return true;
    return errno == ENOTSUP && has_journal(self->path);
}

static int begin_anew(dc_sink_t *self)
{
    if (!is_ours(self)) return EEXIST;
    if (ftruncate(self->fd, 0)) return errno;
    int error = self->mode ? set_mode(self->fd, self->mode | S_IWUSR) : 0;
    // A mark that cannot be made is none.
    if (!error) fsetxattr(self->fd, MARK, "", 0, 0);
    return error;
}

static int open_file(dc_sink_t *self)
{
    struct stat info;
    bool is_there = lstat(self->path, &info) == 0;
    if (is_there && !S_ISREG(info.st_mode)) return open_special(self);
    if (is_there) self->mode = info.st_mode & 0777;
    if (asprintf(&self->part_path, "%s.part", self->path) < 0) {
        self->part_path = NULL;
        return ENOMEM;
    }
    int error = open_locked(self);
    if (!error) error = begin_anew(self);
    if (!error) return 0;
    // It is another's, or of no use: nothing may be done to it.
    if (self->is_owned) close(self->fd);
    self->is_owned = false;
    self->fd = -1;
    return error;
}

// Give the file its mode and its name, while the lock is held. Returns 0, or an errno.
static int complete(dc_sink_t *self)
{
    // Some file systems tell of a full disk only when a descriptor is closed.
    int copy = fcntl(self->fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0 || close(copy)) return errno;
    fremovexattr(self->fd, MARK);
    int error = self->mode ? set_mode(self->fd, self->mode) : 0;
    if (error) return error;
    if (rename(self->part_path, self->path)) return errno;
    // From now on a file of that name is another run's.
    free(self->part_path);
    self->part_path = NULL;
    return 0;
}

// --- life cycle --------------------------------------------------------------------------------

int dc_sink_open(dc_sink_t *self, const char *path)
{
    *self = (dc_sink_t){ .fd = -1, .path = path, .write_max = SIZE_MAX };
    int error = 0;
    if (path) {
        error = open_file(self);
    } else {
        open_stdout(self);
    }
    self->is_terminal = !error && isatty(self->fd) == 1;
    return error;
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

void dc_sink_drain(dc_sink_t *self)
{
    dc_sink_flush(self);
    while (!self->error && !dc_sink_is_empty(self)) {
        is_writable(self->fd, -1);
        dc_sink_flush(self);
    }
}

int dc_sink_finish(dc_sink_t *self)
{
    dc_sink_drain(self);
    if (!self->error && self->part_path) self->error = complete(self);
    return self->error;
}

void dc_sink_discard(dc_sink_t *self)
{
    if (self->part_path && self->fd >= 0) unlink(self->part_path);
}
