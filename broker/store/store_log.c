#include "broker/store/store_log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/base.h"
#include "common/limits.h"

#define VFS_NAME "dcalc"

// A log that is open.
typedef struct log_file {
    sqlite3_file base;    // what SQLite sees
    sqlite3_int64 bytes;  // where it ends, zeros included, so far as we have seen
    sqlite3_int64 at;     // where `pending` belongs
    int pending_bytes;    // how much of it is to be written
    char *pending;        // DC_STORE_LOG_WRITE_BYTES
    sqlite3_file inner[]; // SQLite's own, as long as it asks for
} log_file_t;

static log_file_t *log_of(sqlite3_file *file)
{
    return (log_file_t *)file;
}

static sqlite3_file *inner_of(sqlite3_file *file)
{
    return log_of(file)->inner;
}

// --- writing -----------------------------------------------------------------------------------

static int write_out(log_file_t *self, const char *data, int bytes, sqlite3_int64 at)
{
    int status = self->inner->pMethods->xWrite(self->inner, data, bytes, at);
    if (status == SQLITE_OK && at + bytes > self->bytes) self->bytes = at + bytes;
    return status;
}

// Have zeros behind the log, which ends with what has just been written. Room that is too short for
// them is given back: somebody may need it.
static void go_ahead(log_file_t *self)
{
    static const char zeros[DC_STORE_LOG_WRITE_BYTES];
    sqlite3_int64 end = self->bytes, left = end / DC_STORE_LOG_AHEAD_PART;
    if (left > DC_STORE_LOG_AHEAD_BYTES) left = DC_STORE_LOG_AHEAD_BYTES;
    int status = SQLITE_OK;
    while (left > 0 && status == SQLITE_OK) {
        int bytes = left < DC_STORE_LOG_WRITE_BYTES ? (int)left : DC_STORE_LOG_WRITE_BYTES;
        status = write_out(self, zeros, bytes, self->bytes);
        left -= bytes;
    }
    if (status == SQLITE_OK) return;
    self->inner->pMethods->xTruncate(self->inner, end);
    self->bytes = end;
}

// What cannot be written stays pending until it can, or the transaction is rolled back: SQLite may
// take back no more than the statement that met the error.
static int flush(log_file_t *self)
{
    if (self->pending_bytes == 0) return SQLITE_OK;
    bool is_longer = self->at + self->pending_bytes > self->bytes;
    int status = write_out(self, self->pending, self->pending_bytes, self->at);
    if (status != SQLITE_OK) return status;
    self->pending_bytes = 0;
    if (is_longer) go_ahead(self);
    return SQLITE_OK;
}

static int write_log(sqlite3_file *file, const void *data, int bytes, sqlite3_int64 at)
{
    log_file_t *self = log_of(file);
    bool follows = at == self->at + self->pending_bytes;
    if (!follows || bytes > DC_STORE_LOG_WRITE_BYTES - self->pending_bytes) {
        int status = flush(self);
        if (status != SQLITE_OK) return status;
        self->at = at;
    }
    memcpy(self->pending + self->pending_bytes, data, (size_t)bytes);
    self->pending_bytes += bytes;
    return SQLITE_OK;
}

static int sync_log(sqlite3_file *file, int flags)
{
    int status = flush(log_of(file));
    return status == SQLITE_OK ? inner_of(file)->pMethods->xSync(inner_of(file), flags) : status;
}

static int truncate_log(sqlite3_file *file, sqlite3_int64 bytes)
{
    log_file_t *self = log_of(file);
    int status = flush(self);
    if (status == SQLITE_OK) status = self->inner->pMethods->xTruncate(self->inner, bytes);
    if (status == SQLITE_OK) self->bytes = bytes;
    return status;
}

// --- reading -----------------------------------------------------------------------------------

// What lies elsewhere can be read when nothing can be written: to roll back asks for it.
static int read_log(sqlite3_file *file, void *data, int bytes, sqlite3_int64 at)
{
    log_file_t *self = log_of(file);
    bool is_pending = at < self->at + self->pending_bytes && self->at < at + bytes;
    int status = is_pending ? flush(self) : SQLITE_OK;
    if (status != SQLITE_OK) return status;
    return self->inner->pMethods->xRead(self->inner, data, bytes, at);
}

static int measure_log(sqlite3_file *file, sqlite3_int64 *bytes)
{
    int status = flush(log_of(file));
    if (status != SQLITE_OK) return status;
    return inner_of(file)->pMethods->xFileSize(inner_of(file), bytes);
}

// --- what is SQLite's own matter ---------------------------------------------------------------

static int lock_log(sqlite3_file *file, int level)
{
    return inner_of(file)->pMethods->xLock(inner_of(file), level);
}

static int unlock_log(sqlite3_file *file, int level)
{
    return inner_of(file)->pMethods->xUnlock(inner_of(file), level);
}

static int look_for_lock(sqlite3_file *file, int *is_locked)
{
    return inner_of(file)->pMethods->xCheckReservedLock(inner_of(file), is_locked);
}

static int control_log(sqlite3_file *file, int operation, void *argument)
{
    return inner_of(file)->pMethods->xFileControl(inner_of(file), operation, argument);
}

static int sector_bytes(sqlite3_file *file)
{
    return inner_of(file)->pMethods->xSectorSize(inner_of(file));
}

static int traits(sqlite3_file *file)
{
    return inner_of(file)->pMethods->xDeviceCharacteristics(inner_of(file));
}

// --- life cycle --------------------------------------------------------------------------------

// What is pending was never committed.
static int close_log(sqlite3_file *file)
{
    log_file_t *self = log_of(file);
    free(self->pending);
    return self->inner->pMethods->xClose(self->inner);
}

static const sqlite3_io_methods log_methods = {
    .iVersion = 1,
    .xClose = close_log,
    .xRead = read_log,
    .xWrite = write_log,
    .xTruncate = truncate_log,
    .xSync = sync_log,
    .xFileSize = measure_log,
    .xLock = lock_log,
    .xUnlock = unlock_log,
    .xCheckReservedLock = look_for_lock,
    .xFileControl = control_log,
    .xSectorSize = sector_bytes,
    .xDeviceCharacteristics = traits,
};

static int open_log(sqlite3_vfs *inner, const char *path, log_file_t *self, int flags, int *given)
{
    *self = (log_file_t){ .pending = malloc(DC_STORE_LOG_WRITE_BYTES) };
    if (!self->pending) return SQLITE_NOMEM;
    int status = inner->xOpen(inner, path, self->inner, flags, given);
    if (status == SQLITE_OK) status = self->inner->pMethods->xFileSize(self->inner, &self->bytes);
    if (status == SQLITE_OK) {
        self->base.pMethods = &log_methods;
        return SQLITE_OK;
    }
    // SQLite closes no file that has no methods.
    if (self->inner->pMethods) self->inner->pMethods->xClose(self->inner);
    free(self->pending);
    return status;
}

static int open_file(sqlite3_vfs *self, const char *path, sqlite3_file *file, int flags, int *given)
{
    sqlite3_vfs *inner = self->pAppData;
    if (flags & SQLITE_OPEN_WAL) return open_log(inner, path, log_of(file), flags, given);
    return inner->xOpen(inner, path, file, flags, given);
}

// Without it opening fails, with SQLite's words. The functions that it has of SQLite's own look at
// nothing of a VFS but its sizes.
static void register_vfs(void)
{
    static sqlite3_vfs vfs;
    sqlite3_vfs *inner = sqlite3_vfs_find(NULL);
    if (!inner) return;
    vfs = *inner;
    vfs.zName = VFS_NAME;
    vfs.pAppData = inner;
    vfs.szOsFile += (int)sizeof(log_file_t);
    vfs.xOpen = open_file;
    sqlite3_vfs_register(&vfs, 0);
}

// Whoever writes next writes over what was rolled back: another process may have done so before we
// write again.
static void drop_pending(void *handle)
{
    sqlite3_file *file = NULL;
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
    if (file && file->pMethods == &log_methods) log_of(file)->pending_bytes = 0;
}

int dc_store_log_vacuum(sqlite3 *handle)
{
    int status = sqlite3_exec(handle, "VACUUM", NULL, NULL, NULL);
    if (status != SQLITE_OK) drop_pending(handle);
    return status;
}

int dc_store_log_open(const char *file, sqlite3 **handle, int flags)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_vfs);
    int status = sqlite3_open_v2(file, handle, flags, VFS_NAME);
    if (status == SQLITE_OK) sqlite3_rollback_hook(*handle, drop_pending, *handle);
    return status;
}
