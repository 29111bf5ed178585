#include "broker/store/store_db.h"

#include <stdio.h>
#include <stdlib.h>

#include "broker/store/store_db_part.h"
#include "broker/store/store_log.h"

// How long somebody else may lock the file before it is told; then it is only looked in.
#define LOCKED_MS       10000
#define LOCKED_STILL_MS 100

// --- errors ------------------------------------------------------------------------------------

dc_err_t dc_db_judge(int status)
{
    switch (status & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return DC_OK;
    case SQLITE_FULL: return DC_ERR_STORE_FULL;
    case SQLITE_BUSY: return DC_ERR_STORE_LOCKED;
    case SQLITE_CORRUPT: return DC_ERR_DAMAGED;
    default: return DC_ERR_STORE_FAILED;
    }
}

bool dc_db_is_malformed(int status)
{
    return (status & 0xff) == SQLITE_CORRUPT;
}

const char *dc_store_db_message(const dc_store_db_t *self)
{
    // To roll back, or to look at another row, may have gone well since.
    bool is_over = sqlite3_errcode(self->handle) == SQLITE_OK;
    return is_over && *self->message ? self->message : sqlite3_errmsg(self->handle);
}

// --- statements --------------------------------------------------------------------------------

sqlite3_stmt *dc_db_use(const dc_store_db_t *self, dc_db_statement_t statement)
{
    return self->statements[statement];
}

dc_err_t dc_db_run(dc_store_db_t *self, dc_db_statement_t statement)
{
    sqlite3_stmt *handle = dc_db_use(self, statement);
    int status = sqlite3_step(handle);
    // Reset says the same error again.
    sqlite3_reset(handle);
    dc_err_t err = dc_db_judge(status);
    if (err != DC_OK) {
        snprintf(self->message, sizeof self->message, "%s", sqlite3_errmsg(self->handle));
    }
    return err;
}

void dc_db_bind(dc_store_db_t *self, dc_db_statement_t statement, int at, uint64_t value)
{
    sqlite3_bind_int64(dc_db_use(self, statement), at, (sqlite3_int64)value);
}

void dc_db_bind_bytes(dc_store_db_t *self, dc_db_statement_t statement, int at, dc_str_t bytes)
{
    const void *data = bytes.len ? bytes.data : "";
    sqlite3_bind_blob64(dc_db_use(self, statement), at, data, bytes.len, SQLITE_STATIC);
}

uint64_t dc_db_column(sqlite3_stmt *handle, int at)
{
    return (uint64_t)sqlite3_column_int64(handle, at);
}

dc_str_t dc_db_column_bytes(sqlite3_stmt *handle, int at)
{
    const char *data = sqlite3_column_blob(handle, at);
    return dc_str(data, (size_t)sqlite3_column_bytes(handle, at));
}

uint64_t dc_db_key(uint64_t batch, uint32_t chunk)
{
    return batch << DC_STORE_CHUNK_BITS | chunk;
}

void dc_db_bind_keys(dc_store_db_t *self, dc_db_statement_t statement, uint64_t batch)
{
    dc_db_bind(self, statement, 1, dc_db_key(batch, 0));
    // The keys of the highest batch end where numbers do.
    dc_db_bind(self, statement, 2, dc_min_u64(dc_db_key(batch + 1, 0), INT64_MAX));
}

int dc_db_run_text(const dc_store_db_t *self, const char *text)
{
    return sqlite3_exec(self->handle, text, NULL, NULL, NULL);
}

int64_t dc_db_read_number(const dc_store_db_t *self, const char *text)
{
    sqlite3_stmt *row = NULL;
    int64_t number = -1;
    if (sqlite3_prepare_v2(self->handle, text, -1, &row, NULL) == SQLITE_OK &&
        sqlite3_step(row) == SQLITE_ROW) {
        number = sqlite3_column_int64(row, 0);
    }
    sqlite3_finalize(row);
    return number;
}

// --- transactions ------------------------------------------------------------------------------

static void roll_back(dc_store_db_t *self)
{
    // SQLite has done so itself after some errors.
    if (!sqlite3_get_autocommit(self->handle)) sqlite3_step(dc_db_use(self, DC_DB_ROLLBACK));
    sqlite3_reset(dc_db_use(self, DC_DB_ROLLBACK));
    self->meta = self->former_meta;
}

dc_err_t dc_db_end_by(dc_store_db_t *self, dc_err_t err)
{
    if (err != DC_OK) roll_back(self);
    return err;
}

dc_err_t dc_store_db_begin(dc_store_db_t *self)
{
    self->former_meta = self->meta;
    dc_err_t err = dc_db_run(self, DC_DB_BEGIN);
    sqlite3_busy_timeout(self->handle, err == DC_ERR_STORE_LOCKED ? LOCKED_STILL_MS : LOCKED_MS);
    return dc_db_end_by(self, err);
}

dc_err_t dc_store_db_commit(dc_store_db_t *self)
{
    return dc_db_end_by(self, dc_db_run(self, DC_DB_COMMIT));
}

// --- the log -----------------------------------------------------------------------------------

static int note_log(void *context, sqlite3 *handle, const char *database, int pages)
{
    (void)handle;
    (void)database;
    dc_store_db_t *self = context;
    self->log_pages = self->last_log_pages = pages;
    return SQLITE_OK;
}

static dc_err_t write_back(dc_store_db_t *self, int how)
{
    int status = sqlite3_wal_checkpoint_v2(self->handle, "main", how, NULL, NULL);
    // Who copies the store reads from the log, which goes on growing meanwhile.
    if ((status & 0xff) == SQLITE_BUSY || (status & 0xff) == SQLITE_LOCKED) return DC_OK;
    if (status == SQLITE_OK) self->log_pages = 0;
    return dc_db_judge(status);
}

dc_err_t dc_store_db_write_back(dc_store_db_t *self, uint64_t log_bytes_max)
{
    if (self->log_pages == 0) return DC_OK;
    if ((uint64_t)self->log_pages * DC_STORE_PAGE_BYTES < log_bytes_max) return DC_OK;
    return write_back(self, SQLITE_CHECKPOINT_PASSIVE);
}

uint64_t dc_store_db_log_bytes(const dc_store_db_t *self)
{
    return (uint64_t)self->last_log_pages * DC_STORE_PAGE_BYTES;
}

dc_err_t dc_store_db_finish(dc_store_db_t *self)
{
    sqlite3_busy_timeout(self->handle, 0);
    return write_back(self, SQLITE_CHECKPOINT_TRUNCATE);
}

void dc_store_db_set_bytes_max(dc_store_db_t *self, uint64_t bytes_max)
{
    char text[64];
    uint64_t pages = dc_min_u64(bytes_max / DC_STORE_PAGE_BYTES, UINT32_MAX - 1);
    snprintf(text, sizeof text, "PRAGMA max_page_count = %llu",
             (unsigned long long)(pages ? pages : 1));
    sqlite3_exec(self->handle, text, NULL, NULL, NULL);
}

// --- life cycle --------------------------------------------------------------------------------

// Deleted rows are not overwritten, as Debian's SQLite does: that is logged, and needs more room
// than they had.
static int configure(const dc_store_db_t *self)
{
    // Whoever closes writes back first, and sees errors; SQLite would not say. People may look into
    // the file with tools of theirs, and lock it for a moment.
    sqlite3_db_config(self->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_busy_timeout(self->handle, LOCKED_MS);
    // Who copies the store lets the log grow, which is to be short again when he is done.
    char text[256];
    snprintf(text, sizeof text,
             "PRAGMA page_size = %d; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
             "PRAGMA secure_delete = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;"
             "PRAGMA journal_size_limit = %d",
             DC_STORE_PAGE_BYTES, DC_STORE_PAGE_BYTES * DC_STORE_LOG_PAGES_MAX);
    return dc_db_run_text(self, text);
}

static dc_err_t explain(const dc_store_db_t *self, int status, const char *file, dc_diag_t *diag)
{
    dc_err_t code = DC_ERR_IO;
    if ((status & 0xff) == SQLITE_FULL) code = DC_ERR_STORE_FULL;
    if ((status & 0xff) == SQLITE_NOMEM) code = DC_ERR_NOMEM;
    if ((status & 0xff) == SQLITE_NOTADB) code = DC_ERR_INVALID;
    if ((status & 0xff) == SQLITE_BUSY) code = DC_ERR_STORE_LOCKED;
    bool is_lost = dc_db_is_malformed(status) || code == DC_ERR_INVALID;
    return dc_diag_set(diag, code, 0, 0, "cannot open the store %s: %s%s", file,
                       self->handle ? sqlite3_errmsg(self->handle) : sqlite3_errstr(status),
                       is_lost ? "; dcalc-broker(8), FILES, says what to do" : "");
}

// All or nothing of it, so that no file is in a form between two. What the store says of itself is
// read before: a transaction that has seen a malformed row writes nothing any more. Returns a
// status of SQLite.
static int prepare(dc_store_db_t *self, bool is_new)
{
    bool has_sums = !is_new && dc_db_has_small_sums(self);
    int status = has_sums ? dc_db_read_meta(self) : SQLITE_OK;
    uint64_t highest_row = has_sums ? dc_db_highest_row(self) : 0;
    if (status == SQLITE_OK) status = dc_db_run_text(self, "BEGIN IMMEDIATE");
    if (status == SQLITE_OK) {
        status = is_new ? dc_db_make_tables(self) : dc_db_renew_tables(self);
    }
    if (status == SQLITE_OK && !has_sums) {
        status = dc_db_read_meta(self);
        highest_row = dc_db_highest_row(self);
    }
    if (status == SQLITE_OK) status = dc_db_prepare(self);
    if (status == SQLITE_OK) status = dc_db_begin_epoch(self, has_sums, highest_row);
    return status == SQLITE_OK ? dc_db_run_text(self, "COMMIT") : status;
}

// Pages that are free are used again, and the file keeps the size that it once had. Where nearly
// nothing is left of that, it is made small. Returns a status of SQLite.
static int shrink(dc_store_db_t *self)
{
    int64_t free_bytes = DC_STORE_PAGE_BYTES * dc_db_read_number(self, "PRAGMA freelist_count");
    int64_t bytes = DC_STORE_PAGE_BYTES * dc_db_read_number(self, "PRAGMA page_count") - free_bytes;
    bool is_worth = free_bytes >= DC_STORE_SHRINK_BYTES && free_bytes / 3 >= bytes;
    if (!is_worth || bytes > DC_STORE_SHRINK_BYTES) return SQLITE_OK;
    int status = dc_store_log_vacuum(self->handle);
    // It stays as it is where there is no room for a second one, or a page of it is lost.
    bool stays = (status & 0xff) == SQLITE_FULL || dc_db_is_malformed(status);
    if (status != SQLITE_OK) return stays ? SQLITE_OK : status;
    status =
        sqlite3_wal_checkpoint_v2(self->handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return (status & 0xff) == SQLITE_BUSY ? SQLITE_OK : status;
}

static dc_err_t open_file(dc_store_db_t *self, const char *file, dc_diag_t *diag)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int status = dc_store_log_open(file, &self->handle, flags);
    if (status == SQLITE_OK) status = configure(self);
    if (status != SQLITE_OK) return explain(self, status, file, diag);
    bool is_new = dc_db_read_number(self, "PRAGMA schema_version") == 0;
    const char *flaw = is_new ? NULL : dc_db_flaw_of_file(self);
    if (flaw) {
        return dc_diag_set(diag, DC_ERR_INVALID, 0, 0,
                           "%s is not used: %s; give another folder with --data", file, flaw);
    }
    status = prepare(self, is_new);
    if (status == SQLITE_OK) status = shrink(self);
    return status == SQLITE_OK ? DC_OK : explain(self, status, file, diag);
}

dc_store_db_t *dc_store_db_open(const char *file, dc_diag_t *diag)
{
    dc_store_db_t *self = calloc(1, sizeof *self);
    if (!self) {
        dc_diag_set_no_memory(diag);
        return NULL;
    }
    if (open_file(self, file, diag) != DC_OK) {
        dc_store_db_close(&self);
        return NULL;
    }
    // Instead of SQLite's own write-backs.
    sqlite3_wal_hook(self->handle, note_log, self);
    return self;
}

void dc_store_db_close(dc_store_db_t **self_p)
{
    dc_store_db_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    for (size_t i = 0; i < DC_DB_STATEMENT_COUNT; i++) {
        sqlite3_finalize(self->statements[i]);
    }
    sqlite3_close(self->handle);
    free(self);
}

uint64_t dc_store_db_epoch(const dc_store_db_t *self)
{
    return self->epoch;
}

uint64_t dc_store_db_highest(const dc_store_db_t *self)
{
    return self->highest;
}
