#include "broker/store/store_backup.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/store/store_dir.h"

// How long the broker may keep the copier from beginning.
#define BUSY_MS 10000

static dc_err_t explain(dc_diag_t *diag, int status, const char *what, const char *path)
{
    dc_err_t code = DC_ERR_IO;
    if ((status & 0xff) == SQLITE_FULL) code = DC_ERR_STORE_FULL;
    if ((status & 0xff) == SQLITE_NOMEM) code = DC_ERR_NOMEM;
    return dc_diag_set(diag, code, 0, 0, "cannot %s %s: %s", what, path, sqlite3_errstr(status));
}

// All pages in one step: what is copied is then what was committed at one moment, and the broker
// goes on beside it.
static int copy(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup) return sqlite3_errcode(to);
    int status = sqlite3_backup_step(backup, -1);
    int end_status = sqlite3_backup_finish(backup);
    return status == SQLITE_DONE ? end_status : status;
}

// The store's folder is its owner's alone. A copy, which may be anywhere, has to be that by itself.
static bool create_private(const char *file)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd >= 0 && close(fd) == 0;
}

static dc_err_t copy_to(sqlite3 *from, const char *file, dc_diag_t *diag)
{
    sqlite3 *to = NULL;
    int status = sqlite3_open_v2(file, &to, SQLITE_OPEN_READWRITE, NULL);
    if (status == SQLITE_OK) {
        // One file is all there is to be, also while it is written.
        sqlite3_exec(to, "PRAGMA journal_mode = MEMORY", NULL, NULL, NULL);
        status = copy(from, to);
    }
    if (sqlite3_close(to) != SQLITE_OK && status == SQLITE_OK) status = SQLITE_IOERR;
    return status == SQLITE_OK ? DC_OK : explain(diag, status, "write", file);
}

static dc_err_t open_and_copy(const char *source, const char *file, dc_diag_t *diag)
{
    sqlite3 *from = NULL;
    int status = sqlite3_open_v2(source, &from, SQLITE_OPEN_READWRITE, NULL);
    if (status == SQLITE_OK) {
        sqlite3_busy_timeout(from, BUSY_MS);
        // Who has it last must not write its log back without looking whether that succeeds.
        sqlite3_db_config(from, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    }
    dc_err_t err =
        status == SQLITE_OK ? copy_to(from, file, diag) : explain(diag, status, "read", source);
    sqlite3_close(from);
    return err;
}

static dc_err_t fail_with_errno(dc_diag_t *diag, const char *what, const char *path)
{
    dc_err_t code = errno == ENOSPC ? DC_ERR_STORE_FULL : DC_ERR_IO;
    return dc_diag_set(diag, code, 0, 0, "cannot %s %s: %s", what, path, strerror(errno));
}

// Sync what has this path, which is a file or a folder.
static bool sync_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool is_synced = fsync(fd) == 0;
    return close(fd) == 0 && is_synced;
}

// The folder that `file` is in, which is owned by the caller; NULL if memory is short.
static char *folder_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    if (!slash) return strdup(".");
    return slash == file ? strdup("/") : strndup(file, (size_t)(slash - file));
}

// Let the copy take its place: it is there as a whole or not at all.
static dc_err_t place(const char *copied, const char *file, dc_diag_t *diag)
{
    char *folder = folder_of(file);
    if (!folder) return dc_diag_set_no_memory(diag);
    dc_err_t err = DC_OK;
    if (!sync_path(copied) || rename(copied, file) != 0 || !sync_path(folder)) {
        err = fail_with_errno(diag, "write", file);
    }
    free(folder);
    return err;
}

// A copy in the place of what it is a copy of would take that from the broker that has it.
static bool is_same_file(const char *one, const char *other)
{
    struct stat a, b;
    if (stat(one, &a) != 0 || stat(other, &b) != 0) return false;
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Whether a file of SQLite's says that it is a store. Its format is that of "Database File Format"
// (sqlite.org/fileformat2.html, 1.3): text, and from byte 68 on the application's number, most
// significant byte first. It is read as it is, since SQLite puts files beside what it opens.
static bool is_store(int fd)
{
    static const char magic[] = "SQLite format 3";
    unsigned char header[72];
    if (pread(fd, header, sizeof header, 0) != sizeof header) return false;
    uint32_t application = (uint32_t)header[68] << 24 | (uint32_t)header[69] << 16 |
                           (uint32_t)header[70] << 8 | header[71];
    return memcmp(header, magic, sizeof magic) == 0 && application == DC_STORE_APPLICATION;
}

// Whether all that could be lost is an older copy. What is no plain file (a link, a folder) is not.
static bool may_replace(const char *file)
{
    struct stat info;
    if (lstat(file, &info) != 0) return true; // whether it can be made is seen when it is
    int fd = S_ISREG(info.st_mode) ? open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (fd < 0) return false;
    bool may = is_store(fd) || info.st_size == 0;
    close(fd);
    return may;
}

dc_err_t dc_store_backup(const char *dir, const char *file, dc_diag_t *diag)
{
    char *source = dc_store_dir_file(dir);
    dc_buf_t copied = { 0 };
    dc_buf_printf(&copied, "%s.new", file);
    dc_buf_append_char(&copied, '\0');
    dc_err_t err;
    if (!source || copied.failed) {
        err = dc_diag_set_no_memory(diag);
    } else if (access(source, F_OK) != 0) {
        err = dc_diag_set(diag, DC_ERR_INVALID, 0, 0,
                          "there is no store in %s; say with --data where the broker has it", dir);
    } else if (is_same_file(source, file)) {
        err = dc_diag_set(diag, DC_ERR_IO, 0, 0,
                          "%s is the store itself: give another file with --backup", file);
    } else if (!may_replace(file)) {
        err = dc_diag_set(diag, DC_ERR_IO, 0, 0,
                          "%s is there and is no store of dcalc: nothing is written over it", file);
    } else {
        unlink(copied.data);
        err = create_private(copied.data) ? open_and_copy(source, copied.data, diag)
                                          : fail_with_errno(diag, "write", copied.data);
        if (err == DC_OK) err = place(copied.data, file, diag);
        if (err != DC_OK) unlink(copied.data);
    }
    dc_buf_fini(&copied);
    free(source);
    return err;
}
