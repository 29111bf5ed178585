#include "broker/store_db.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

// What the file says of itself: that it is dcalc's ("dclc"), and how its tables look.
#define APPLICATION    0x64636c63
#define SCHEMA_VERSION 2

// Rows of a deleted batch that are removed in one transaction.
#define SWEEP_ROWS "256"

// How long somebody else may lock the file.
#define LOCKED_MS 10000

#define CREATE_MET "CREATE TABLE met(id INTEGER PRIMARY KEY);"

// Rows of chunks have one number for a key: their batch's, and below it their own; so have changes
// of terms, and those that a batch has waited for. `doomed` has batches that are deleted, as long
// as there are rows of theirs.
static const char schema[] =
    "CREATE TABLE meta(id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, highest INTEGER NOT NULL);"
    "INSERT INTO meta VALUES(1, 0, 0);"
    "CREATE TABLE batch(number INTEGER PRIMARY KEY, key BLOB NOT NULL, flags INTEGER NOT NULL,"
    " retries INTEGER NOT NULL, level INTEGER NOT NULL, held INTEGER NOT NULL,"
    " timeout_ms INTEGER NOT NULL, steps_max INTEGER NOT NULL, keep_ms INTEGER NOT NULL,"
    " opened_date INTEGER NOT NULL, deadline_date INTEGER NOT NULL, tag BLOB NOT NULL, name BLOB "
    "NOT NULL,"
    " program BLOB NOT NULL, awaited BLOB NOT NULL);"
    "CREATE TABLE closed(number INTEGER PRIMARY KEY, jobs INTEGER NOT NULL);"
    "CREATE TABLE ended(number INTEGER PRIMARY KEY, error INTEGER NOT NULL,"
    " date INTEGER NOT NULL);"
    "CREATE TABLE terms(id INTEGER PRIMARY KEY, level INTEGER NOT NULL, held INTEGER NOT NULL,"
    " deadline_date INTEGER NOT NULL);"
    "CREATE TABLE input(id INTEGER PRIMARY KEY, first INTEGER NOT NULL, count INTEGER NOT NULL,"
    " width INTEGER NOT NULL, flags INTEGER NOT NULL, data BLOB NOT NULL,"
    " awaited BLOB NOT NULL);"
    "CREATE TABLE result(id INTEGER PRIMARY KEY, answered INTEGER NOT NULL,"
    " failed INTEGER NOT NULL, data BLOB NOT NULL);"
    "CREATE TABLE doomed(number INTEGER PRIMARY KEY);" CREATE_MET;

// What a store of version 1 lacks: its batches come after no others, and their jobs need none.
static const char additions[] =
    "ALTER TABLE batch ADD COLUMN awaited BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE input ADD COLUMN awaited BLOB NOT NULL DEFAULT x'';" CREATE_MET;

// Of a batch that did not fit nothing is taken, since that would be another's of the same number.
#define OF_BATCH(number) "WHERE EXISTS (SELECT 1 FROM batch WHERE number = " number ")"

typedef enum statement {
    BEGIN,
    COMMIT,
    ROLLBACK,
    PUT_BATCH,
    PUT_CHUNK,
    PUT_CLOSE,
    PUT_TERMS,
    PUT_MET,
    PUT_RESULT,
    PUT_END,
    DOOM,
    RAISE_HIGHEST,
    DELETE_BATCH,
    DELETE_CLOSE,
    DELETE_END,
    DELETE_TERMS,
    DELETE_MET,
    NEXT_DOOMED,
    SWEEP_INPUT,
    SWEEP_RESULT,
    ABSOLVE,
    FIND_BATCHES,
    FIND_TERMS,
    FIND_MET,
    FIND_CHUNKS,
    STATEMENT_COUNT
} statement_t;

static const char *const texts[] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [PUT_BATCH] = "INSERT OR IGNORE INTO batch VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [PUT_CHUNK] = "INSERT OR IGNORE INTO input SELECT ?1,?2,?3,?4,?5,?6,?7 " OF_BATCH("?8"),
    [PUT_CLOSE] = "INSERT OR IGNORE INTO closed SELECT ?1,?2 " OF_BATCH("?1"),
    [PUT_TERMS] = "INSERT OR IGNORE INTO terms SELECT ?1,?2,?3,?4 " OF_BATCH("?5"),
    [PUT_MET] = "INSERT OR IGNORE INTO met SELECT ?1 " OF_BATCH("?2"),
    [PUT_RESULT] = "INSERT OR IGNORE INTO result SELECT ?1,?2,?3,?4 " OF_BATCH("?5"),
    [PUT_END] = "INSERT OR IGNORE INTO ended SELECT ?1,?2,?3 " OF_BATCH("?1"),
    [DOOM] = "INSERT OR IGNORE INTO doomed VALUES(?)",
    [RAISE_HIGHEST] = "UPDATE meta SET highest = max(highest, ?)",
    [DELETE_BATCH] = "DELETE FROM batch WHERE number = ?",
    [DELETE_CLOSE] = "DELETE FROM closed WHERE number = ?",
    [DELETE_END] = "DELETE FROM ended WHERE number = ?",
    [DELETE_TERMS] = "DELETE FROM terms WHERE id >= ? AND id < ?",
    [DELETE_MET] = "DELETE FROM met WHERE id >= ? AND id < ?",
    [NEXT_DOOMED] = "SELECT number FROM doomed LIMIT 1",
    [SWEEP_INPUT] = "DELETE FROM input WHERE id IN (SELECT id FROM input WHERE id >= ? AND id < ?"
                    " LIMIT " SWEEP_ROWS ")",
    [SWEEP_RESULT] = "DELETE FROM result WHERE id IN (SELECT id FROM result WHERE id >= ? AND"
                     " id < ? LIMIT " SWEEP_ROWS ")",
    [ABSOLVE] = "DELETE FROM doomed WHERE number = ?",
    [FIND_BATCHES] = "SELECT batch.*, closed.jobs, ended.error, ended.date FROM batch"
                     " LEFT JOIN closed USING (number) LEFT JOIN ended USING (number)"
                     " ORDER BY batch.number",
    [FIND_TERMS] = "SELECT id, level, held, deadline_date FROM terms WHERE id >= ? AND id < ?"
                   " ORDER BY id DESC LIMIT 1",
    [FIND_MET] = "SELECT id FROM met WHERE id >= ? AND id < ?",
    // What is computed already need not be read: that is most of what there is. Of results those of
    // chunks that have one of these flags are wanted.
    [FIND_CHUNKS] = "SELECT input.id, first, count, width, flags, length(input.data),"
                    " CASE WHEN result.id IS NULL THEN input.data END,"
                    " CASE WHEN result.id IS NULL THEN awaited END,"
                    " result.answered, result.failed, length(result.data),"
                    " CASE WHEN flags & ?3 THEN result.data END"
                    " FROM input LEFT JOIN result USING (id)"
                    " WHERE input.id >= ?1 AND input.id < ?2 ORDER BY input.id",
};
static_assert(DC_ARRAY_LEN(texts) == STATEMENT_COUNT, "each statement has its text");

struct dc_store_db {
    sqlite3 *handle;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    uint64_t epoch, highest;
    int log_pages; // of the log, as of the last commit
};

// --- errors ------------------------------------------------------------------------------------

// Nothing but a full disk is ever tried again.
static dc_err_t judge(int status)
{
    switch (status & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return DC_OK;
    case SQLITE_FULL: return DC_ERR_STORE_FULL;
    default: return DC_ERR_STORE_FAILED;
    }
}

const char *dc_store_db_message(const dc_store_db_t *self)
{
    return sqlite3_errmsg(self->handle);
}

// --- statements --------------------------------------------------------------------------------

static sqlite3_stmt *use(const dc_store_db_t *self, statement_t statement)
{
    return self->statements[statement];
}

// Run a statement that gives no rows; it is ready for its next use then.
static dc_err_t run(dc_store_db_t *self, statement_t statement)
{
    sqlite3_stmt *handle = use(self, statement);
    int status = sqlite3_step(handle);
    // Reset says the same error again.
    sqlite3_reset(handle);
    return judge(status);
}

// Numbers that we count never reach the sign; those that a client may choose come back as they
// were.
static void bind(dc_store_db_t *self, statement_t statement, int at, uint64_t value)
{
    sqlite3_bind_int64(use(self, statement), at, (sqlite3_int64)value);
}

// The bytes are the caller's, and stay until the statement has run.
static void bind_bytes(dc_store_db_t *self, statement_t statement, int at, dc_str_t bytes)
{
    const void *data = bytes.len ? bytes.data : "";
    sqlite3_bind_blob64(use(self, statement), at, data, bytes.len, SQLITE_STATIC);
}

static uint64_t column(sqlite3_stmt *handle, int at)
{
    return (uint64_t)sqlite3_column_int64(handle, at);
}

static dc_str_t column_bytes(sqlite3_stmt *handle, int at)
{
    const char *data = sqlite3_column_blob(handle, at);
    return dc_str(data, (size_t)sqlite3_column_bytes(handle, at));
}

static uint64_t key_of(uint64_t batch, uint32_t chunk)
{
    return batch << DC_STORE_CHUNK_BITS | chunk;
}

// Let the statement's parameters 1 and 2 be the keys of all chunks of `batch`.
static void bind_keys(dc_store_db_t *self, statement_t statement, uint64_t batch)
{
    bind(self, statement, 1, key_of(batch, 0));
    // The keys of the highest batch end where numbers do.
    bind(self, statement, 2, dc_min_u64(key_of(batch + 1, 0), INT64_MAX));
}

// --- what is put -------------------------------------------------------------------------------

static dc_err_t put_batch(dc_store_db_t *self, const dc_store_op_t *op)
{
    bind(self, PUT_BATCH, 1, op->batch);
    bind_bytes(self, PUT_BATCH, 2, dc_str((const char *)op->opened.key.bytes, DC_KEY_BYTES));
    bind(self, PUT_BATCH, 3, op->opened.flags);
    bind(self, PUT_BATCH, 4, op->opened.retries);
    bind(self, PUT_BATCH, 5, op->opened.level);
    bind(self, PUT_BATCH, 6, op->opened.is_held);
    bind(self, PUT_BATCH, 7, op->opened.timeout_ms);
    bind(self, PUT_BATCH, 8, op->opened.steps_max);
    bind(self, PUT_BATCH, 9, op->opened.keep_ms);
    bind(self, PUT_BATCH, 10, op->opened.opened_date);
    bind(self, PUT_BATCH, 11, op->opened.deadline_date);
    bind_bytes(self, PUT_BATCH, 12, dc_str_from(op->opened.tag));
    bind_bytes(self, PUT_BATCH, 13, op->data.bytes);
    bind_bytes(self, PUT_BATCH, 14, op->program.bytes);
    bind_bytes(self, PUT_BATCH, 15, op->awaited.bytes);
    return run(self, PUT_BATCH);
}

static dc_err_t put_chunk(dc_store_db_t *self, const dc_store_op_t *op)
{
    bind(self, PUT_CHUNK, 1, key_of(op->batch, op->chunk.number));
    bind(self, PUT_CHUNK, 2, op->chunk.first);
    bind(self, PUT_CHUNK, 3, op->chunk.count);
    bind(self, PUT_CHUNK, 4, op->chunk.width);
    bind(self, PUT_CHUNK, 5, op->chunk.flags);
    bind_bytes(self, PUT_CHUNK, 6, op->data.bytes);
    bind_bytes(self, PUT_CHUNK, 7, op->awaited.bytes);
    bind(self, PUT_CHUNK, 8, op->batch);
    return run(self, PUT_CHUNK);
}

static dc_err_t put_close(dc_store_db_t *self, const dc_store_op_t *op)
{
    bind(self, PUT_CLOSE, 1, op->batch);
    bind(self, PUT_CLOSE, 2, op->close.jobs);
    return run(self, PUT_CLOSE);
}

static dc_err_t put_terms(dc_store_db_t *self, const dc_store_op_t *op)
{
    bind(self, PUT_TERMS, 1, key_of(op->batch, op->terms.number));
    bind(self, PUT_TERMS, 2, op->terms.level);
    bind(self, PUT_TERMS, 3, op->terms.is_held);
    bind(self, PUT_TERMS, 4, op->terms.deadline_date);
    bind(self, PUT_TERMS, 5, op->batch);
    return run(self, PUT_TERMS);
}

static dc_err_t put_met(dc_store_db_t *self, const dc_store_op_t *op)
{
    bind(self, PUT_MET, 1, key_of(op->batch, op->met.index));
    bind(self, PUT_MET, 2, op->batch);
    return run(self, PUT_MET);
}

static dc_err_t put_result(dc_store_db_t *self, const dc_store_op_t *op)
{
    bind(self, PUT_RESULT, 1, key_of(op->batch, op->result.chunk));
    bind(self, PUT_RESULT, 2, op->result.answered);
    bind(self, PUT_RESULT, 3, op->result.failed);
    bind_bytes(self, PUT_RESULT, 4, op->data.bytes);
    bind(self, PUT_RESULT, 5, op->batch);
    return run(self, PUT_RESULT);
}

static dc_err_t put_end(dc_store_db_t *self, const dc_store_op_t *op)
{
    bind(self, PUT_END, 1, op->batch);
    bind(self, PUT_END, 2, op->end.error);
    bind(self, PUT_END, 3, op->end.date);
    return run(self, PUT_END);
}

static dc_err_t doom(dc_store_db_t *self, const dc_store_op_t *op)
{
    static const statement_t of_number[] = { DOOM, RAISE_HIGHEST, DELETE_BATCH, DELETE_CLOSE,
                                             DELETE_END };
    for (size_t i = 0; i < DC_ARRAY_LEN(of_number); i++) {
        bind(self, of_number[i], 1, op->batch);
        dc_err_t err = run(self, of_number[i]);
        if (err != DC_OK) return err;
    }
    bind_keys(self, DELETE_TERMS, op->batch);
    bind_keys(self, DELETE_MET, op->batch);
    dc_err_t err = run(self, DELETE_TERMS);
    return err == DC_OK ? run(self, DELETE_MET) : err;
}

static dc_err_t apply(dc_store_db_t *self, const dc_store_op_t *op)
{
    switch (op->what) {
    case DC_STORE_BATCH: return put_batch(self, op);
    case DC_STORE_CHUNK: return put_chunk(self, op);
    case DC_STORE_CLOSE: return put_close(self, op);
    case DC_STORE_TERMS: return put_terms(self, op);
    case DC_STORE_MET: return put_met(self, op);
    case DC_STORE_RESULT: return put_result(self, op);
    case DC_STORE_END: return put_end(self, op);
    case DC_STORE_DELETE: return doom(self, op);
    case DC_STORE_READ: break; // reads nothing that has to be committed
    }
    return DC_OK;
}

// --- transactions ------------------------------------------------------------------------------

void dc_store_db_rollback(dc_store_db_t *self)
{
    // SQLite has done so itself after some errors.
    if (!sqlite3_get_autocommit(self->handle)) sqlite3_step(use(self, ROLLBACK));
    sqlite3_reset(use(self, ROLLBACK));
}

// `err` ends the transaction.
static dc_err_t end_by(dc_store_db_t *self, dc_err_t err)
{
    if (err != DC_OK) dc_store_db_rollback(self);
    return err;
}

dc_err_t dc_store_db_begin(dc_store_db_t *self)
{
    return end_by(self, run(self, BEGIN));
}

dc_err_t dc_store_db_apply(dc_store_db_t *self, const dc_store_op_t *op)
{
    return end_by(self, apply(self, op));
}

dc_err_t dc_store_db_commit(dc_store_db_t *self)
{
    return end_by(self, run(self, COMMIT));
}

// --- deleting ----------------------------------------------------------------------------------

static bool next_doomed(dc_store_db_t *self, uint64_t *number, dc_err_t *err)
{
    sqlite3_stmt *handle = use(self, NEXT_DOOMED);
    int status = sqlite3_step(handle);
    *err = judge(status);
    if (status == SQLITE_ROW) *number = column(handle, 0);
    sqlite3_reset(handle);
    return status == SQLITE_ROW;
}

static dc_err_t sweep_batch(dc_store_db_t *self, uint64_t number)
{
    static const statement_t sweeps[] = { SWEEP_INPUT, SWEEP_RESULT };
    int count = 0;
    for (size_t i = 0; i < DC_ARRAY_LEN(sweeps); i++) {
        bind_keys(self, sweeps[i], number);
        dc_err_t err = run(self, sweeps[i]);
        if (err != DC_OK) return err;
        count += sqlite3_changes(self->handle);
    }
    if (count) return DC_OK;
    bind(self, ABSOLVE, 1, number);
    return run(self, ABSOLVE);
}

dc_err_t dc_store_db_sweep(dc_store_db_t *self, bool *is_done)
{
    uint64_t number = 0;
    dc_err_t err;
    *is_done = !next_doomed(self, &number, &err);
    if (err != DC_OK || *is_done) return err;
    err = dc_store_db_begin(self);
    if (err == DC_OK) err = end_by(self, sweep_batch(self, number));
    return err == DC_OK ? dc_store_db_commit(self) : err;
}

// --- reading -----------------------------------------------------------------------------------

static dc_err_t read_blob(sqlite3_blob *blob, dc_store_op_t *op)
{
    op->read.bytes = (uint64_t)sqlite3_blob_bytes(blob);
    if (op->read.offset >= op->read.bytes) return DC_OK;
    size_t len = (size_t)dc_min_u64(op->read.bytes - op->read.offset, op->read.bytes_max);
    char *bytes = malloc(len);
    if (!bytes) return DC_ERR_NOMEM;
    int status = sqlite3_blob_read(blob, bytes, (int)len, (int)op->read.offset);
    dc_slice_t borrowed = { NULL, dc_str(bytes, len) };
    dc_err_t err = judge(status);
    if (err == DC_OK && !dc_slice_keep(&borrowed, &op->data)) err = DC_ERR_NOMEM;
    free(bytes);
    return err;
}

dc_err_t dc_store_db_read(dc_store_db_t *self, dc_store_op_t *op)
{
    sqlite3_blob *blob = NULL;
    uint64_t key = key_of(op->batch, op->read.chunk);
    const char *table = op->read.is_of_result ? "result" : "input";
    int status =
        sqlite3_blob_open(self->handle, "main", table, "data", (sqlite3_int64)key, 0, &blob);
    // A row that is not there is an error like any other to SQLite, except that it says so.
    if (status == SQLITE_ERROR) return DC_ERR_UNKNOWN_BATCH;
    dc_err_t err = status == SQLITE_OK ? read_blob(blob, op) : judge(status);
    sqlite3_blob_close(blob);
    return err;
}

// --- recovery ----------------------------------------------------------------------------------

typedef struct search {
    dc_store_db_t *db;
    dc_store_found_fn *found;
    void *context;
} search_t;

static bool tell_close(const search_t *self, sqlite3_stmt *row, uint64_t number)
{
    if (sqlite3_column_type(row, 15) == SQLITE_NULL) return true;
    dc_store_op_t op = { .what = DC_STORE_CLOSE, .batch = number, .close = { column(row, 15) } };
    return self->found(self->context, &op);
}

static bool has_ended(sqlite3_stmt *row)
{
    return sqlite3_column_type(row, 16) != SQLITE_NULL;
}

static bool tell_end(const search_t *self, sqlite3_stmt *row, uint64_t number)
{
    dc_err_t error;
    if (!has_ended(row)) return true;
    if (!dc_err_from_number((uint32_t)column(row, 16), &error)) error = DC_ERR_INTERNAL;
    dc_store_op_t op = {
        .what = DC_STORE_END,
        .batch = number,
        .end = { .error = error, .date = column(row, 17) },
    };
    return self->found(self->context, &op);
}

static bool tell_batch(const search_t *self, sqlite3_stmt *row)
{
    dc_store_op_t op = {
        .what = DC_STORE_BATCH,
        .batch = column(row, 0),
        .opened = { .flags = (uint8_t)column(row, 2),
                    .retries = (uint8_t)column(row, 3),
                    .level = (uint8_t)column(row, 4),
                    .is_held = column(row, 5) != 0,
                    .timeout_ms = (uint32_t)column(row, 6),
                    .steps_max = column(row, 7),
                    .keep_ms = column(row, 8),
                    .opened_date = column(row, 9),
                    .deadline_date = column(row, 10) },
        .data = { NULL, column_bytes(row, 12) },
        .program = { NULL, column_bytes(row, 13) },
        .awaited = { NULL, column_bytes(row, 14) },
    };
    dc_str_t key = column_bytes(row, 1);
    dc_str_t tag = column_bytes(row, 11);
    if (tag.len) memcpy(op.opened.tag, tag.data, dc_min_size(tag.len, DC_TAG_BYTES_MAX));
    memcpy(op.opened.key.bytes, key.data ? key.data : "", dc_min_size(key.len, DC_KEY_BYTES));
    return self->found(self->context, &op);
}

static dc_err_t find_terms(const search_t *self, uint64_t number)
{
    bind_keys(self->db, FIND_TERMS, number);
    sqlite3_stmt *row = use(self->db, FIND_TERMS);
    int status = sqlite3_step(row);
    dc_err_t err = judge(status);
    if (status == SQLITE_ROW) {
        dc_store_op_t op = {
            .what = DC_STORE_TERMS,
            .batch = number,
            .terms = { .number = (uint32_t)(column(row, 0) - key_of(number, 0)),
                       .level = (uint8_t)column(row, 1),
                       .is_held = column(row, 2) != 0,
                       .deadline_date = column(row, 3) },
        };
        if (!self->found(self->context, &op)) err = DC_ERR_NOMEM;
    }
    sqlite3_reset(row);
    return err;
}

static dc_err_t find_met(const search_t *self, uint64_t number)
{
    bind_keys(self->db, FIND_MET, number);
    sqlite3_stmt *row = use(self->db, FIND_MET);
    int status;
    bool goes_on = true;
    while (goes_on && (status = sqlite3_step(row)) == SQLITE_ROW) {
        dc_store_op_t op = { .what = DC_STORE_MET,
                             .batch = number,
                             .met = { (uint32_t)(column(row, 0) - key_of(number, 0)) } };
        goes_on = self->found(self->context, &op);
    }
    dc_err_t err = goes_on ? judge(status) : DC_ERR_NOMEM;
    sqlite3_reset(row);
    return err;
}

static bool tell_chunk(const search_t *self, sqlite3_stmt *row, uint64_t batch)
{
    uint32_t number = (uint32_t)(column(row, 0) - key_of(batch, 0));
    dc_store_op_t chunk = {
        .what = DC_STORE_CHUNK,
        .batch = batch,
        .chunk = { .number = number,
                   .first = column(row, 1),
                   .count = (uint32_t)column(row, 2),
                   .width = (uint32_t)column(row, 3),
                   .flags = (uint8_t)column(row, 4),
                   .bytes = column(row, 5),
                   .has_result = sqlite3_column_type(row, 8) != SQLITE_NULL },
        .data = { NULL, column_bytes(row, 6) },
        .awaited = { NULL, column_bytes(row, 7) },
    };
    if (!self->found(self->context, &chunk)) return false;
    if (!chunk.chunk.has_result) return true;
    dc_store_op_t result = {
        .what = DC_STORE_RESULT,
        .batch = batch,
        .result = { .chunk = number,
                    .first = chunk.chunk.first,
                    .answered = column(row, 8),
                    .failed = column(row, 9),
                    .bytes = column(row, 10) },
        .data = { NULL, column_bytes(row, 11) },
    };
    return self->found(self->context, &result);
}

// Nobody needs results of a batch that has ended.
static dc_err_t find_chunks(const search_t *self, uint64_t number, bool is_ended)
{
    bind_keys(self->db, FIND_CHUNKS, number);
    bind(self->db, FIND_CHUNKS, 3, is_ended ? 0 : DC_CHUNK_NEEDED);
    sqlite3_stmt *row = use(self->db, FIND_CHUNKS);
    int status;
    bool goes_on = true;
    while (goes_on && (status = sqlite3_step(row)) == SQLITE_ROW) {
        goes_on = tell_chunk(self, row, number);
    }
    dc_err_t err = goes_on ? judge(status) : DC_ERR_NOMEM;
    sqlite3_reset(row);
    return err;
}

static dc_err_t find_batch(const search_t *self, sqlite3_stmt *row)
{
    uint64_t number = column(row, 0);
    if (!tell_batch(self, row) || !tell_close(self, row, number)) return DC_ERR_NOMEM;
    dc_err_t err = find_terms(self, number);
    if (err == DC_OK) err = find_met(self, number);
    if (err == DC_OK && !tell_end(self, row, number)) err = DC_ERR_NOMEM;
    return err == DC_OK ? find_chunks(self, number, has_ended(row)) : err;
}

dc_err_t dc_store_db_recover(dc_store_db_t *self, dc_store_found_fn *found, void *context)
{
    search_t search = { self, found, context };
    sqlite3_stmt *row = use(self, FIND_BATCHES);
    dc_err_t err = DC_OK;
    int status;
    while (err == DC_OK && (status = sqlite3_step(row)) == SQLITE_ROW) {
        err = find_batch(&search, row);
    }
    if (err == DC_OK) err = judge(status);
    sqlite3_reset(row);
    return err;
}

// --- the log -----------------------------------------------------------------------------------

static int note_log(void *context, sqlite3 *handle, const char *database, int pages)
{
    (void)handle;
    (void)database;
    ((dc_store_db_t *)context)->log_pages = pages;
    return SQLITE_OK;
}

static dc_err_t write_back(dc_store_db_t *self, int how)
{
    int status = sqlite3_wal_checkpoint_v2(self->handle, "main", how, NULL, NULL);
    // Who copies the store reads from the log, which goes on growing meanwhile.
    if ((status & 0xff) == SQLITE_BUSY || (status & 0xff) == SQLITE_LOCKED) return DC_OK;
    if (status == SQLITE_OK) self->log_pages = 0;
    return judge(status);
}

dc_err_t dc_store_db_write_back(dc_store_db_t *self, uint64_t log_bytes_max)
{
    if (self->log_pages == 0) return DC_OK;
    if ((uint64_t)self->log_pages * DC_STORE_PAGE_BYTES < log_bytes_max) return DC_OK;
    return write_back(self, SQLITE_CHECKPOINT_PASSIVE);
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

static int run_text(const dc_store_db_t *self, const char *text)
{
    return sqlite3_exec(self->handle, text, NULL, NULL, NULL);
}

static int64_t read_number(const dc_store_db_t *self, const char *text)
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

// Deleted rows are not overwritten, as Debian's SQLite does: that is logged, and needs more room
// than they had.
static int configure(const dc_store_db_t *self)
{
    // Whoever closes writes back first, and sees errors; SQLite would not say. People may look into
    // the file with tools of theirs, and lock it for a moment.
    sqlite3_db_config(self->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_busy_timeout(self->handle, LOCKED_MS);
    char text[256];
    snprintf(text, sizeof text,
             "PRAGMA page_size = %d; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
             "PRAGMA secure_delete = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384",
             DC_STORE_PAGE_BYTES);
    return run_text(self, text);
}

static int make_tables(const dc_store_db_t *self)
{
    char text[128];
    int status = run_text(self, "BEGIN IMMEDIATE");
    if (status == SQLITE_OK) status = run_text(self, schema);
    snprintf(text, sizeof text, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
             APPLICATION, SCHEMA_VERSION);
    return status == SQLITE_OK ? run_text(self, text) : status;
}

// Bring the tables of a former version of dcalc to the present form, all or nothing.
static int renew_tables(const dc_store_db_t *self)
{
    char text[64];
    int status = run_text(self, "BEGIN IMMEDIATE");
    if (status == SQLITE_OK) status = run_text(self, additions);
    snprintf(text, sizeof text, "PRAGMA user_version = %d; COMMIT", SCHEMA_VERSION);
    return status == SQLITE_OK ? run_text(self, text) : status;
}

static int prepare(dc_store_db_t *self)
{
    int status = SQLITE_OK;
    for (size_t i = 0; i < STATEMENT_COUNT && status == SQLITE_OK; i++) {
        status = sqlite3_prepare_v3(self->handle, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                    &self->statements[i], NULL);
    }
    return status;
}

static void read_meta(dc_store_db_t *self)
{
    self->epoch = (uint64_t)read_number(self, "SELECT epoch FROM meta");
    self->highest = (uint64_t)read_number(self, "SELECT max((SELECT highest FROM meta),"
                                                " (SELECT ifnull(max(number), 0) FROM batch),"
                                                " (SELECT ifnull(max(number), 0) FROM doomed))");
}

static int64_t version_of(const dc_store_db_t *self)
{
    return read_number(self, "PRAGMA user_version");
}

// What is wrong with a file that SQLite can read; NULL if nothing is.
static const char *flaw_of_file(const dc_store_db_t *self)
{
    if (read_number(self, "PRAGMA application_id") != APPLICATION) return "it is no store of dcalc";
    if (version_of(self) < 1) return "it is no store of dcalc";
    return version_of(self) > SCHEMA_VERSION ? "a later version of dcalc made it" : NULL;
}

static dc_err_t explain(const dc_store_db_t *self, int status, const char *file, dc_diag_t *diag)
{
    dc_err_t code = DC_ERR_IO;
    if ((status & 0xff) == SQLITE_FULL) code = DC_ERR_STORE_FULL;
    if ((status & 0xff) == SQLITE_NOMEM) code = DC_ERR_NOMEM;
    if ((status & 0xff) == SQLITE_NOTADB) code = DC_ERR_INVALID;
    return dc_diag_set(diag, code, 0, 0, "cannot open the store %s: %s", file,
                       self->handle ? sqlite3_errmsg(self->handle) : sqlite3_errstr(status));
}

static dc_err_t open_file(dc_store_db_t *self, const char *file, dc_diag_t *diag)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int status = sqlite3_open_v2(file, &self->handle, flags, NULL);
    if (status == SQLITE_OK) status = configure(self);
    bool is_new = status == SQLITE_OK && read_number(self, "PRAGMA schema_version") == 0;
    if (is_new) status = make_tables(self);
    if (status != SQLITE_OK) return explain(self, status, file, diag);
    const char *flaw = flaw_of_file(self);
    if (flaw) {
        return dc_diag_set(diag, DC_ERR_INVALID, 0, 0,
                           "%s is not used: %s; give another folder with --data", file, flaw);
    }
    if (version_of(self) < SCHEMA_VERSION) status = renew_tables(self);
    if (status == SQLITE_OK) status = prepare(self);
    if (status == SQLITE_OK) status = run_text(self, "UPDATE meta SET epoch = epoch + 1");
    if (status != SQLITE_OK) return explain(self, status, file, diag);
    read_meta(self);
    return DC_OK;
}

dc_store_db_t *dc_store_db_open(const char *file, dc_diag_t *diag)
{
    dc_store_db_t *self = calloc(1, sizeof *self);
    if (!self) {
        dc_diag_set(diag, DC_ERR_NOMEM, 0, 0, "%s", dc_err_text(DC_ERR_NOMEM));
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
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
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
