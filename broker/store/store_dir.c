#include "broker/store/store_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/limits.h"

#define LOCK_FILE    "lock"
#define BALLAST_FILE "ballast"

// Which file a path leads to.
typedef struct noted {
    char *path; // owned
    dev_t device;
    ino_t inode; // 0: that is not known
} noted_t;

// What has to stay where it is: the database, what is committed and not in it yet, and what keeps
// other brokers out.
static const char *const noted_names[] = { DC_STORE_FILE, DC_STORE_FILE "-wal", LOCK_FILE };

struct dc_store_dir {
    char *path; // owned
    noted_t noted[DC_ARRAY_LEN(noted_names)];
    int lock_fd;
    int ballast_fd;
    bool has_ballast;
};

static char *join(const char *path, const char *name)
{
    dc_buf_t text = { 0 };
    dc_buf_printf(&text, "%s/%s", path, name);
    dc_buf_append_char(&text, '\0');
    if (!text.failed) return text.data;
    dc_buf_fini(&text);
    return NULL;
}

char *dc_store_dir_file(const char *path)
{
    return join(path, DC_STORE_FILE);
}

static dc_err_t explain(dc_diag_t *diag, const char *what, const char *path)
{
    int why = errno;
    dc_err_t code = why == ENOSPC || why == EDQUOT ? DC_ERR_STORE_FULL
                    : why == ENOMEM                ? DC_ERR_NOMEM
                                                   : DC_ERR_IO;
    return dc_diag_set(diag, code, 0, 0, "cannot %s %s: %s", what, path, strerror(why));
}

// --- the folder --------------------------------------------------------------------------------

static bool make_folder(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

// Make `path` and its parents, so far as they are missing.
static dc_err_t make_folders(const char *path, dc_diag_t *diag)
{
    char *copy = strdup(path);
    if (!copy) return dc_diag_set_no_memory(diag);
    for (char *at = strchr(copy + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        bool is_made = make_folder(copy);
        *at = '/';
        if (!is_made) break; // the last one says why
    }
    bool is_made = make_folder(copy);
    struct stat info;
    if (is_made && stat(copy, &info) == 0 && !S_ISDIR(info.st_mode)) {
        errno = ENOTDIR;
        is_made = false;
    }
    dc_err_t err = is_made ? DC_OK : explain(diag, "make the folder", path);
    free(copy);
    return err;
}

static int open_file(const dc_store_dir_t *self, const char *name)
{
    char *path = join(self->path, name);
    if (!path) {
        errno = ENOMEM;
        return -1;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    free(path);
    return fd;
}

// --- the lock ----------------------------------------------------------------------------------

static long read_owner(int fd)
{
    char text[32] = "";
    ssize_t len = pread(fd, text, sizeof text - 1, 0);
    return len > 0 ? strtol(text, NULL, 10) : 0;
}

static void write_owner(int fd)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    // It is for people only, so on a full disk it may be missing.
    if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)len, 0) < 0) return;
}

static dc_err_t lock(dc_store_dir_t *self, dc_diag_t *diag)
{
    self->lock_fd = open_file(self, LOCK_FILE);
    if (self->lock_fd < 0) return explain(diag, "write to", self->path);
    if (flock(self->lock_fd, LOCK_EX | LOCK_NB) == 0) {
        write_owner(self->lock_fd);
        return DC_OK;
    }
    if (errno != EWOULDBLOCK) return explain(diag, "lock", self->path);
    return dc_diag_set(diag, DC_ERR_BUSY, 0, 0,
                       "another broker (process %ld) has the store in %s; give this one another "
                       "folder with --data",
                       read_owner(self->lock_fd), self->path);
}

// --- room --------------------------------------------------------------------------------------

static uint64_t reserve_of(const struct statvfs *volume)
{
    return dc_min_u64((uint64_t)volume->f_blocks * volume->f_frsize / 8, DC_STORE_RESERVE_BYTES);
}

static uint64_t file_bytes(const dc_store_dir_t *self)
{
    char *path = join(self->path, DC_STORE_FILE);
    struct stat info;
    bool is_there = path && stat(path, &info) == 0;
    free(path);
    return is_there ? (uint64_t)info.st_size : 0;
}

// How long a file of this process may become.
static uint64_t limit_of_files(void)
{
    struct rlimit limit;
    bool is_limited = getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    return is_limited ? (uint64_t)limit.rlim_cur : INT64_MAX;
}

uint64_t dc_store_dir_bytes_max(const dc_store_dir_t *self)
{
    struct statvfs volume;
    if (fstatvfs(self->lock_fd, &volume) != 0) return limit_of_files();
    uint64_t free_bytes = (uint64_t)volume.f_bavail * volume.f_frsize;
    uint64_t reserve = reserve_of(&volume);
    uint64_t bytes = file_bytes(self) + (free_bytes > reserve ? free_bytes - reserve : 0);
    return dc_min_u64(bytes, limit_of_files());
}

uint64_t dc_store_dir_log_bytes_max(const dc_store_dir_t *self)
{
    struct statvfs volume;
    uint64_t bytes_max = (uint64_t)DC_STORE_LOG_PAGES_MAX * DC_STORE_PAGE_BYTES;
    // One commit more may come before it is written back.
    bytes_max = dc_min_u64(bytes_max, limit_of_files() / 2);
    if (fstatvfs(self->lock_fd, &volume) != 0) return bytes_max;
    return dc_min_u64(reserve_of(&volume) / 2, bytes_max);
}

bool dc_store_dir_drop_ballast(dc_store_dir_t *self)
{
    if (!self->has_ballast) return false;
    self->has_ballast = false;
    return ftruncate(self->ballast_fd, 0) == 0;
}

bool dc_store_dir_has_ballast(const dc_store_dir_t *self)
{
    return self->has_ballast;
}

void dc_store_dir_take_ballast(dc_store_dir_t *self)
{
    if (self->has_ballast || self->ballast_fd < 0) return;
    self->has_ballast = posix_fallocate(self->ballast_fd, 0, DC_STORE_BALLAST_BYTES) == 0;
    // What there was of room has been taken, and is wanted for better things.
    if (!self->has_ballast && ftruncate(self->ballast_fd, 0) != 0) return;
}

// --- whether it is there -----------------------------------------------------------------------

void dc_store_dir_note_files(dc_store_dir_t *self)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(noted_names); i++) {
        struct stat info;
        noted_t *file = &self->noted[i];
        file->path = join(self->path, noted_names[i]);
        if (!file->path || stat(file->path, &info) != 0) continue;
        file->device = info.st_dev;
        file->inode = info.st_ino;
    }
}

bool dc_store_dir_is_intact(const dc_store_dir_t *self)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(noted_names); i++) {
        struct stat info;
        const noted_t *file = &self->noted[i];
        if (!file->inode) continue;
        if (stat(file->path, &info) != 0) return false;
        if (info.st_dev != file->device || info.st_ino != file->inode) return false;
    }
    return true;
}

// --- life cycle --------------------------------------------------------------------------------

dc_store_dir_t *dc_store_dir_open(const char *path, dc_diag_t *diag)
{
    dc_store_dir_t *self = calloc(1, sizeof *self);
    if (self) self->path = strdup(path);
    if (!self || !self->path) {
        dc_diag_set_no_memory(diag);
        free(self);
        return NULL;
    }
    self->lock_fd = self->ballast_fd = -1;
    if (make_folders(path, diag) != DC_OK || lock(self, diag) != DC_OK) {
        dc_store_dir_close(&self);
        return NULL;
    }
    // Left to SQLite it could be read by whoever can see into the folder.
    int fd = open_file(self, DC_STORE_FILE);
    if (fd >= 0) close(fd);
    self->ballast_fd = open_file(self, BALLAST_FILE);
    struct stat info;
    self->has_ballast = self->ballast_fd >= 0 && fstat(self->ballast_fd, &info) == 0 &&
                        info.st_size >= DC_STORE_BALLAST_BYTES;
    dc_store_dir_take_ballast(self);
    return self;
}

void dc_store_dir_close(dc_store_dir_t **self_p)
{
    dc_store_dir_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    if (self->ballast_fd >= 0) close(self->ballast_fd);
    if (self->lock_fd >= 0) close(self->lock_fd);
    for (size_t i = 0; i < DC_ARRAY_LEN(noted_names); i++) {
        free(self->noted[i].path);
    }
    free(self->path);
    free(self);
}
