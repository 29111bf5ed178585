#include "broker/store/store.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "broker/store/store_db.h"
#include "broker/store/store_dir.h"
#include "common/clock.h"

// What went wrong, in words.
#define TROUBLE_MAX 256

struct dc_store {
    dc_store_dir_t *dir;
    dc_store_db_t *db; // the thread's, once that is started
    uint64_t bytes_max;

    pthread_t thread;
    bool has_thread;
    int done_fd;

    pthread_mutex_t mutex; // of what follows
    pthread_cond_t has_more;
    dc_store_queue_t queue; // to do
    dc_store_queue_t done;
    bool is_closing;
    char trouble[TROUBLE_MAX];
    uint64_t stalled_bytes; // of the log

    // The thread's.
    bool has_failed;
    bool is_clean; // no rows of deleted batches are left
    bool was_full; // and may still be
    bool is_moved; // its files are not where they were
    uint64_t log_bytes_max;
    dc_ms_t measured_ms;    // when the limits were last seen anew
    char told[TROUBLE_MAX]; // the caller's copy of `trouble`
};

// --- the thread --------------------------------------------------------------------------------

static void note_trouble(dc_store_t *self, dc_err_t err)
{
    pthread_mutex_lock(&self->mutex);
    // What to do about it the manual says.
    const char *what = err == DC_ERR_DAMAGED || err == DC_ERR_IO
                           ? "a page of its file is lost (dcalc-broker(8), FILES)"
                           : dc_err_text(err);
    snprintf(self->trouble, sizeof self->trouble, "%s: %s", what,
             self->is_moved ? "its files were removed or moved, or others are in their place"
                            : dc_store_db_message(self->db));
    pthread_mutex_unlock(&self->mutex);
}

// An error that ends the store, or not: returns it.
static dc_err_t note(dc_store_t *self, dc_err_t err)
{
    if (err == DC_ERR_STORE_FAILED) self->has_failed = true;
    if (err != DC_OK) note_trouble(self, err);
    return err;
}

// See anew how large the database may become.
static void measure(dc_store_t *self)
{
    self->measured_ms = dc_clock_ms();
    self->log_bytes_max = dc_store_dir_log_bytes_max(self->dir);
    uint64_t bytes_max = dc_store_dir_bytes_max(self->dir);
    if (self->bytes_max) bytes_max = dc_min_u64(bytes_max, self->bytes_max);
    dc_store_db_set_bytes_max(self->db, bytes_max);
}

// Have the caller look at what is done, and whether there is trouble.
static void wake(const dc_store_t *self)
{
    uint64_t one = 1;
    // It can only be full, which says the same.
    if (write(self->done_fd, &one, sizeof one) < 0) return;
}

static bool is_read(const dc_store_op_t *op)
{
    return op->what == DC_STORE_READ;
}

// One transaction of all groups from `first` to before `end` that are no reads.
static dc_err_t commit(dc_store_t *self, dc_store_op_t *first, const dc_store_op_t *end)
{
    dc_err_t err = dc_store_db_begin(self->db);
    for (dc_store_op_t *group = first; group != end && err == DC_OK; group = group->next) {
        for (dc_store_op_t *op = group; op && err == DC_OK; op = op->also) {
            if (!is_read(op)) err = dc_store_db_apply(self->db, op);
        }
    }
    if (err == DC_OK) err = dc_store_db_commit(self->db);
    self->is_moved = err == DC_OK && !dc_store_dir_is_intact(self->dir);
    return self->is_moved ? DC_ERR_STORE_FAILED : err;
}

static bool deletes(const dc_store_op_t *group)
{
    for (; group; group = group->also) {
        if (group->what == DC_STORE_DELETE) return true;
    }
    return false;
}

// What people do about a full disk, and needs little room.
static bool is_relief(const dc_store_op_t *group)
{
    return deletes(group) || group->what == DC_STORE_END || group->what == DC_STORE_TERMS ||
           group->what == DC_STORE_NUMBERS || group->what == DC_STORE_SPOILED;
}

// Not all of it fits, or is sound: find out what does. For what is to help, the ballast makes room.
static void commit_one(dc_store_t *self, dc_store_op_t *group)
{
    group->error = self->has_failed ? DC_ERR_STORE_FAILED : commit(self, group, group->next);
    if (group->error == DC_ERR_STORE_FULL && is_relief(group) &&
        dc_store_dir_drop_ballast(self->dir)) {
        group->error = commit(self, group, group->next);
    }
    if (group->error != DC_OK && !self->has_failed) note(self, group->error);
}

static void set_errors(dc_store_op_t *first, const dc_store_op_t *end, dc_err_t err)
{
    for (dc_store_op_t *group = first; group != end; group = group->next) {
        group->error = err;
    }
}

static bool has_puts(const dc_store_op_t *first)
{
    while (first && is_read(first)) {
        first = first->next;
    }
    return first != NULL;
}

static void write_all(dc_store_t *self, dc_store_op_t *first)
{
    if (!has_puts(first)) return;
    dc_err_t err = self->has_failed ? DC_ERR_STORE_FAILED : commit(self, first, NULL);
    set_errors(first, NULL, err);
    if (err == DC_OK) {
        self->was_full = false;
        return;
    }
    if (err != DC_ERR_STORE_FULL && err != DC_ERR_DAMAGED) {
        if (!self->has_failed) note(self, err);
        return;
    }
    if (err == DC_ERR_STORE_FULL) {
        // Somebody may have made room on the volume.
        if (dc_clock_ms() - self->measured_ms >= DC_STORE_RETRY_MS) measure(self);
        self->was_full = true;
    }
    for (dc_store_op_t *group = first; group; group = group->next) {
        if (!is_read(group)) commit_one(self, group);
    }
}

static void read_all(dc_store_t *self, dc_store_op_t *first)
{
    for (dc_store_op_t *op = first; op; op = op->next) {
        if (!is_read(op)) continue;
        op->error = self->has_failed ? DC_ERR_STORE_FAILED : dc_store_db_read(self->db, op);
        bool is_trouble = op->error == DC_ERR_STORE_FAILED || op->error == DC_ERR_IO;
        if (is_trouble && !self->has_failed) note(self, op->error);
    }
}

// A log that is written back in time is hardly longer than it may be.
static void note_log(dc_store_t *self)
{
    uint64_t bytes = dc_store_db_log_bytes(self->db);
    pthread_mutex_lock(&self->mutex);
    self->stalled_bytes = bytes > 4 * self->log_bytes_max ? bytes : 0;
    pthread_mutex_unlock(&self->mutex);
}

// What is to be done after each commit and while there is nothing else: remove rows of deleted
// batches, and write the log back. Where that needs more room than there is, it waits for room.
static void tidy(dc_store_t *self)
{
    if (self->has_failed) return;
    if (!self->is_clean) {
        dc_err_t err = dc_store_db_sweep(self->db, &self->is_clean);
        if (err == DC_ERR_STORE_FULL && dc_store_dir_drop_ballast(self->dir)) {
            err = dc_store_db_sweep(self->db, &self->is_clean);
        }
        // What is malformed stays, and the next batch may go; a lock will be over.
        note(self, err);
        if (err == DC_ERR_STORE_FULL || err == DC_ERR_STORE_FAILED) self->is_clean = true;
        if (err == DC_ERR_DAMAGED) wake(self);
    }
    if (self->has_failed) return;
    // With a volume that is full the log cannot grow: what is in it is to be had again soon.
    uint64_t log_bytes_max = self->was_full ? 0 : self->log_bytes_max;
    if (note(self, dc_store_db_write_back(self->db, log_bytes_max)) == DC_OK && !self->was_full) {
        dc_store_dir_take_ballast(self->dir);
    }
    note_log(self);
}

// How many rows and bytes a group has, those that it is to bring too.
static void weigh(const dc_store_op_t *group, size_t *rows, size_t *bytes)
{
    for (; group; group = group->also) {
        *rows += 1;
        *bytes += group->data.bytes.len + group->program.bytes.len;
        if (is_read(group)) *bytes += group->read.expected;
    }
}

// Take what is to be done at once. NULL when the store is to close, and has nothing to do; or, if
// there is something to tidy.
static dc_store_op_t *take(dc_store_t *self, bool *is_over)
{
    pthread_mutex_lock(&self->mutex);
    while (!self->queue.first && !self->is_closing && (self->is_clean || self->has_failed)) {
        pthread_cond_wait(&self->has_more, &self->mutex);
    }
    dc_store_queue_t taken;
    dc_store_queue_init(&taken);
    size_t rows = 0;
    size_t bytes = 0;
    while (self->queue.first && rows < DC_STORE_ROWS_MAX && bytes < DC_STORE_COMMIT_BYTES) {
        weigh(self->queue.first, &rows, &bytes);
        dc_store_queue_push(&taken, dc_store_queue_pop(&self->queue));
    }
    *is_over = !taken.first && self->is_closing;
    pthread_mutex_unlock(&self->mutex);
    return taken.first;
}

static bool has_deletes(const dc_store_op_t *first)
{
    while (first && !deletes(first)) {
        first = first->next;
    }
    return first != NULL;
}

static void give_back(dc_store_t *self, dc_store_op_t *first)
{
    pthread_mutex_lock(&self->mutex);
    while (first) {
        dc_store_op_t *following = first->next;
        dc_store_queue_push(&self->done, first);
        first = following;
    }
    pthread_mutex_unlock(&self->mutex);
    wake(self);
}

static void *run(void *context)
{
    dc_store_t *self = context;
    bool is_over = false;
    while (!is_over) {
        dc_store_op_t *taken = take(self, &is_over);
        if (has_deletes(taken)) self->is_clean = false;
        write_all(self, taken);
        read_all(self, taken);
        if (taken) give_back(self, taken);
        if (!is_over) tidy(self);
    }
    return NULL;
}

// --- calls -------------------------------------------------------------------------------------

void dc_store_put(dc_store_t *self, dc_store_op_t **op_p)
{
    dc_store_op_t *op = *op_p;
    *op_p = NULL;
    pthread_mutex_lock(&self->mutex);
    bool was_empty = !self->queue.first;
    dc_store_queue_push(&self->queue, op);
    if (was_empty) pthread_cond_signal(&self->has_more);
    pthread_mutex_unlock(&self->mutex);
}

int dc_store_fd(const dc_store_t *self)
{
    return self->done_fd;
}

dc_store_op_t *dc_store_poll(dc_store_t *self)
{
    pthread_mutex_lock(&self->mutex);
    dc_store_op_t *op = dc_store_queue_pop(&self->done);
    pthread_mutex_unlock(&self->mutex);
    uint64_t count;
    // Only when nothing is left is the next one worth waking up for.
    if (op || read(self->done_fd, &count, sizeof count) < 0) return op;
    pthread_mutex_lock(&self->mutex);
    op = dc_store_queue_pop(&self->done);
    pthread_mutex_unlock(&self->mutex);
    if (!op) return NULL;
    // It came between the look and the reading; others may have come with it.
    uint64_t one = 1;
    if (write(self->done_fd, &one, sizeof one) < 0) return op;
    return op;
}

uint64_t dc_store_stalled_bytes(dc_store_t *self)
{
    pthread_mutex_lock(&self->mutex);
    uint64_t bytes = self->stalled_bytes;
    pthread_mutex_unlock(&self->mutex);
    return bytes;
}

const char *dc_store_trouble(dc_store_t *self)
{
    pthread_mutex_lock(&self->mutex);
    memcpy(self->told, self->trouble, sizeof self->told);
    self->trouble[0] = '\0';
    pthread_mutex_unlock(&self->mutex);
    return self->told;
}

uint64_t dc_store_epoch(const dc_store_t *self)
{
    return dc_store_db_epoch(self->db);
}

uint64_t dc_store_highest(const dc_store_t *self)
{
    return dc_store_db_highest(self->db);
}

// Signals are the main thread's.
static bool start_thread(dc_store_t *self)
{
    sigset_t all, former;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    self->has_thread = pthread_create(&self->thread, NULL, run, self) == 0;
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    return self->has_thread;
}

// The thread begins when there is nothing more to be found: until then the database is the
// caller's.
dc_err_t dc_store_start(dc_store_t *self, dc_store_found_fn *found, void *context)
{
    dc_err_t err = dc_store_db_recover(self->db, found, context);
    if (err != DC_OK) return note(self, err);
    return start_thread(self) ? DC_OK : DC_ERR_NOMEM;
}

// --- life cycle --------------------------------------------------------------------------------

static dc_err_t open_db(dc_store_t *self, const char *dir, dc_diag_t *diag)
{
    char *file = dc_store_dir_file(dir);
    if (!file) return dc_diag_set_no_memory(diag);
    self->db = dc_store_db_open(file, diag);
    free(file);
    return self->db ? DC_OK : diag->code;
}

static dc_err_t open_all(dc_store_t *self, const char *dir, dc_diag_t *diag)
{
    self->done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (self->done_fd < 0) {
        return dc_diag_set(diag, DC_ERR_IO, 0, 0, "cannot open the store: no descriptor is left");
    }
    self->dir = dc_store_dir_open(dir, diag);
    if (!self->dir || open_db(self, dir, diag) != DC_OK) return diag->code;
    dc_store_dir_note_files(self->dir);
    measure(self);
    return DC_OK;
}

dc_store_t *dc_store_open(const char *dir, uint64_t bytes_max, dc_diag_t *diag)
{
    dc_store_t *self = calloc(1, sizeof *self);
    if (!self) {
        dc_diag_set_no_memory(diag);
        return NULL;
    }
    self->bytes_max = bytes_max;
    self->done_fd = -1;
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->has_more, NULL);
    dc_store_queue_init(&self->queue);
    dc_store_queue_init(&self->done);
    if (open_all(self, dir, diag) != DC_OK) dc_store_close(&self);
    return self;
}

static void end_thread(dc_store_t *self)
{
    if (!self->has_thread) return;
    pthread_mutex_lock(&self->mutex);
    self->is_closing = true;
    pthread_cond_signal(&self->has_more);
    pthread_mutex_unlock(&self->mutex);
    pthread_join(self->thread, NULL);
}

void dc_store_close(dc_store_t **self_p)
{
    dc_store_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    end_thread(self);
    // So that the next one has less to read. What it does not get written is in the log.
    if (self->db && !self->has_failed) self->has_failed = dc_store_db_finish(self->db) != DC_OK;
    dc_store_queue_fini(&self->queue);
    dc_store_queue_fini(&self->done);
    dc_store_db_close(&self->db);
    dc_store_dir_close(&self->dir);
    if (self->done_fd >= 0) close(self->done_fd);
    pthread_cond_destroy(&self->has_more);
    pthread_mutex_destroy(&self->mutex);
    free(self);
}
