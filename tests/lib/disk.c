#include "tests/lib/disk.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// What a write replaced.
typedef struct undo {
    sqlite3_int64 offset, former_size;
    int len; // of what was there
    struct undo *next;
    char bytes[];
} undo_t;

typedef struct file {
    sqlite3_file base;
    undo_t *undo; // newest first
    struct file *next;
    sqlite3_file *real; // lies behind
} file_t;

static struct {
    sqlite3_vfs vfs, *below;
    pthread_mutex_t mutex, gate; // whoever holds the gate lets no sync through
    file_t *files;
    int64_t room;
    unsigned writes, syncs, failing_sync;
    int sync_nice;
    bool is_dead;
} disk = { .mutex = PTHREAD_MUTEX_INITIALIZER, .gate = PTHREAD_MUTEX_INITIALIZER, .room = -1 };

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((file_t *)file)->real;
}

// --- losing what is not synced -----------------------------------------------------------------

static void forget(file_t *self)
{
    while (self->undo) {
        undo_t *undo = self->undo;
        self->undo = undo->next;
        free(undo);
    }
}

static void lose(file_t *self)
{
    while (self->undo) {
        undo_t *undo = self->undo;
        self->undo = undo->next;
        if (undo->len) {
            self->real->pMethods->xWrite(self->real, undo->bytes, undo->len, undo->offset);
        }
        self->real->pMethods->xTruncate(self->real, undo->former_size);
        free(undo);
    }
}

static void remember(file_t *self, sqlite3_int64 offset, int len)
{
    undo_t *undo = malloc(sizeof *undo + (size_t)len);
    if (!undo) abort();
    self->real->pMethods->xFileSize(self->real, &undo->former_size);
    sqlite3_int64 there = undo->former_size - offset;
    undo->len = there < 0 ? 0 : there < len ? (int)there : len;
    undo->offset = offset;
    if (undo->len) self->real->pMethods->xRead(self->real, undo->bytes, undo->len, offset);
    undo->next = self->undo;
    self->undo = undo;
}

// --- a file ------------------------------------------------------------------------------------

static int close_file(sqlite3_file *file)
{
    file_t *self = (file_t *)file;
    pthread_mutex_lock(&disk.mutex);
    file_t **at = &disk.files;
    while (*at != self) {
        at = &(*at)->next;
    }
    *at = self->next;
    forget(self);
    pthread_mutex_unlock(&disk.mutex);
    return self->real->pMethods->xClose(self->real);
}

static int read_file(sqlite3_file *file, void *bytes, int len, sqlite3_int64 offset)
{
    return real_of(file)->pMethods->xRead(real_of(file), bytes, len, offset);
}

static int write_locked(file_t *self, const void *bytes, int len, sqlite3_int64 offset)
{
    if (disk.is_dead) return SQLITE_IOERR_WRITE;
    if (disk.room >= 0 && len > disk.room) return SQLITE_FULL;
    if (disk.room >= 0) disk.room -= len;
    remember(self, offset, len);
    return self->real->pMethods->xWrite(self->real, bytes, len, offset);
}

static int write_file(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 offset)
{
    pthread_mutex_lock(&disk.mutex);
    disk.writes++;
    int status = write_locked((file_t *)file, bytes, len, offset);
    pthread_mutex_unlock(&disk.mutex);
    return status;
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
    return disk.is_dead ? SQLITE_IOERR_TRUNCATE
                        : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

// What a failed sync leaves unsynced stays so: the pages are clean to the system.
static int sync_file(sqlite3_file *file, int flags)
{
    file_t *self = (file_t *)file;
    (void)flags;
    pthread_mutex_lock(&disk.gate);
    pthread_mutex_unlock(&disk.gate);
    pthread_mutex_lock(&disk.mutex);
    disk.syncs++;
    disk.sync_nice = getpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid));
    bool fails = disk.is_dead || (disk.failing_sync && --disk.failing_sync == 0);
    if (fails) {
        lose(self);
    } else {
        forget(self);
    }
    pthread_mutex_unlock(&disk.mutex);
    // Those who look at what is synced are these tests, so the real file need not be.
    return fails ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int lock_file(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int unlock_file(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int check_lock(sqlite3_file *file, int *is_locked)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), is_locked);
}

static int control(sqlite3_file *file, int what, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), what, argument);
}

static int sector_size(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int characteristics(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int map_shared(sqlite3_file *file, int page, int size, int extend, void volatile **memory)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, memory);
}

static int lock_shared(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void order_shared(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int unmap_shared(sqlite3_file *file, int is_deleted)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), is_deleted);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_lock,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = order_shared,
    .xShmUnmap = unmap_shared,
};

// --- the disk ----------------------------------------------------------------------------------

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *out_flags)
{
    (void)vfs;
    file_t *self = (file_t *)file;
    *self = (file_t){ .real = (sqlite3_file *)(self + 1) };
    int status = disk.below->xOpen(disk.below, name, self->real, flags, out_flags);
    if (status != SQLITE_OK) return status;
    self->base.pMethods = &methods;
    pthread_mutex_lock(&disk.mutex);
    self->next = disk.files;
    disk.files = self;
    pthread_mutex_unlock(&disk.mutex);
    return SQLITE_OK;
}

void dc_disk_install(void)
{
    if (!disk.below) {
        disk.below = sqlite3_vfs_find(NULL);
        disk.vfs = *disk.below;
        disk.vfs.zName = "dcalc-test";
        disk.vfs.szOsFile = (int)sizeof(file_t) + disk.below->szOsFile;
        disk.vfs.xOpen = open_file;
        sqlite3_vfs_register(&disk.vfs, 1);
    }
    pthread_mutex_lock(&disk.mutex);
    disk.room = -1;
    disk.writes = disk.syncs = disk.failing_sync = 0;
    disk.is_dead = false;
    pthread_mutex_unlock(&disk.mutex);
}

void dc_disk_set_room(int64_t bytes)
{
    pthread_mutex_lock(&disk.mutex);
    disk.room = bytes;
    pthread_mutex_unlock(&disk.mutex);
}

void dc_disk_fail_sync(unsigned nth)
{
    pthread_mutex_lock(&disk.mutex);
    disk.failing_sync = nth;
    pthread_mutex_unlock(&disk.mutex);
}

void dc_disk_hold_syncs(void)
{
    pthread_mutex_lock(&disk.gate);
}

void dc_disk_release_syncs(void)
{
    pthread_mutex_unlock(&disk.gate);
}

void dc_disk_cut_power(void)
{
    pthread_mutex_lock(&disk.mutex);
    disk.is_dead = true;
    for (file_t *file = disk.files; file; file = file->next) {
        lose(file);
    }
    pthread_mutex_unlock(&disk.mutex);
}

unsigned dc_disk_syncs(void)
{
    pthread_mutex_lock(&disk.mutex);
    unsigned syncs = disk.syncs;
    pthread_mutex_unlock(&disk.mutex);
    return syncs;
}

int dc_disk_sync_nice(void)
{
    pthread_mutex_lock(&disk.mutex);
    int nice = disk.sync_nice;
    pthread_mutex_unlock(&disk.mutex);
    return nice;
}

unsigned dc_disk_writes(void)
{
    pthread_mutex_lock(&disk.mutex);
    unsigned writes = disk.writes;
    pthread_mutex_unlock(&disk.mutex);
    return writes;
}
