#include "broker/store/store_work.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"

static void note_trouble(dc_store_work_t *self, dc_err_t err)
{
    // What to do about it the manual says.
    const char *what = err == DC_ERR_DAMAGED || err == DC_ERR_IO
                           ? "a page of its file is lost (dcalc-broker(8), FILES)"
                           : dc_err_text(err);
    snprintf(self->trouble, sizeof self->trouble, "%s: %s", what,
             self->is_moved ? "its files were removed or moved, or others are in their place"
                            : dc_store_db_message(self->db));
}

// An error that ends the store, or not: returns it.
static dc_err_t note(dc_store_work_t *self, dc_err_t err)
{
    if (err == DC_ERR_STORE_FAILED) self->has_failed = true;
    if (err != DC_OK) note_trouble(self, err);
    return err;
}

// See anew how large the database may become.
static void measure(dc_store_work_t *self)
{
    self->measured_ms = dc_clock_ms();
    self->log_bytes_max = dc_store_dir_log_bytes_max(self->dir);
    uint64_t bytes_max = dc_store_dir_bytes_max(self->dir);
    if (self->bytes_max) bytes_max = dc_min_u64(bytes_max, self->bytes_max);
    dc_store_db_set_bytes_max(self->db, bytes_max);
}

static bool is_read(const dc_store_op_t *op)
{
    return op->what == DC_STORE_READ;
}

// One transaction of all groups from `first` to before `end` that are no reads.
static dc_err_t commit(dc_store_work_t *self, dc_store_op_t *first, const dc_store_op_t *end)
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
static void commit_one(dc_store_work_t *self, dc_store_op_t *group)
{
    group->error = self->has_failed ? DC_ERR_STORE_FAILED : commit(self, group, group->next);
    if (group->error == DC_ERR_STORE_FULL && is_relief(group) &&
        dc_store_dir_drop_ballast(self->dir)) {
        group->error = commit(self, group, group->next);
    }
    if (group->error != DC_OK && !self->has_failed) note(self, group->error);
}

static void set_errors(dc_store_op_t *first, dc_err_t err)
{
    for (dc_store_op_t *group = first; group; group = group->next) {
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

static void write_all(dc_store_work_t *self, dc_store_op_t *first)
{
    if (!has_puts(first)) return;
    dc_err_t err = self->has_failed ? DC_ERR_STORE_FAILED : commit(self, first, NULL);
    set_errors(first, err);
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

static void read_all(dc_store_work_t *self, dc_store_op_t *first)
{
    for (dc_store_op_t *op = first; op; op = op->next) {
        if (!is_read(op)) continue;
        op->error = self->has_failed ? DC_ERR_STORE_FAILED : dc_store_db_read(self->db, op);
        bool is_trouble = op->error == DC_ERR_STORE_FAILED || op->error == DC_ERR_IO;
        if (is_trouble && !self->has_failed) note(self, op->error);
    }
}

static bool has_deletes(const dc_store_op_t *first)
{
    while (first && !deletes(first)) {
        first = first->next;
    }
    return first != NULL;
}

void dc_store_work_do(dc_store_work_t *self, dc_store_op_t *first)
{
    if (has_deletes(first)) self->is_clean = false;
    write_all(self, first);
    read_all(self, first);
}

// A log that is written back in time is hardly longer than it may be.
static void note_log(dc_store_work_t *self)
{
    uint64_t bytes = dc_store_db_log_bytes(self->db);
    self->stalled_bytes = bytes > 4 * self->log_bytes_max ? bytes : 0;
}

bool dc_store_work_is_tidy(const dc_store_work_t *self)
{
    if (self->has_failed) return true;
    bool is_long = dc_store_db_log_bytes(self->db) >= self->log_bytes_max || self->stalled_bytes;
    return self->is_clean && !self->was_full && !is_long && dc_store_dir_has_ballast(self->dir);
}

bool dc_store_work_tidy(dc_store_work_t *self)
{
    dc_err_t err = DC_OK;
    if (self->has_failed) return false;
    if (!self->is_clean) {
        err = dc_store_db_sweep(self->db, &self->is_clean);
        if (err == DC_ERR_STORE_FULL && dc_store_dir_drop_ballast(self->dir)) {
            err = dc_store_db_sweep(self->db, &self->is_clean);
        }
        // What is malformed stays, and the next batch may go; a lock will be over.
        note(self, err);
        if (err == DC_ERR_STORE_FULL || err == DC_ERR_STORE_FAILED) self->is_clean = true;
    }
    if (self->has_failed) return false;
    // With a volume that is full the log cannot grow: what is in it is to be had again soon.
    uint64_t log_bytes_max = self->was_full ? 0 : self->log_bytes_max;
    if (note(self, dc_store_db_write_back(self->db, log_bytes_max)) == DC_OK && !self->was_full) {
        dc_store_dir_take_ballast(self->dir);
    }
    note_log(self);
    return err == DC_ERR_DAMAGED;
}

dc_err_t dc_store_work_recover(dc_store_work_t *self, dc_store_found_fn *found, void *context)
{
    return note(self, dc_store_db_recover(self->db, found, context));
}

// --- life cycle --------------------------------------------------------------------------------

static dc_err_t open_db(dc_store_work_t *self, const char *dir, dc_diag_t *diag)
{
    char *file = dc_store_dir_file(dir);
    if (!file) return dc_diag_set_no_memory(diag);
    self->db = dc_store_db_open(file, diag);
    free(file);
    return self->db ? DC_OK : diag->code;
}

dc_err_t dc_store_work_open(dc_store_work_t *self, const char *dir, uint64_t bytes_max,
                            dc_diag_t *diag)
{
    *self = (dc_store_work_t){ .bytes_max = bytes_max };
    self->dir = dc_store_dir_open(dir, diag);
    if (!self->dir || open_db(self, dir, diag) != DC_OK) return diag->code;
    dc_store_dir_note_files(self->dir);
    measure(self);
    return DC_OK;
}

void dc_store_work_close(dc_store_work_t *self)
{
    // So that the next one has less to read. What it does not get written is in the log.
    if (self->db && !self->has_failed) self->has_failed = dc_store_db_finish(self->db) != DC_OK;
    dc_store_db_close(&self->db);
    dc_store_dir_close(&self->dir);
}
