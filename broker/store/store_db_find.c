#include <stdlib.h>

#include "broker/store/store_db_part.h"

// --- reading -----------------------------------------------------------------------------------

// What is damaged of a row is the trouble of whoever reads it: all else is stored as before.
static dc_err_t judge_reading(int status)
{
    return (status & 0xff) == SQLITE_CORRUPT ? DC_ERR_IO : dc_db_judge(status);
}

static dc_err_t read_blob(sqlite3_blob *blob, dc_store_op_t *op)
{
    op->read.bytes = (uint64_t)sqlite3_blob_bytes(blob);
    if (op->read.offset >= op->read.bytes) return DC_OK;
    size_t len = (size_t)dc_min_u64(op->read.bytes - op->read.offset, op->read.bytes_max);
    char *bytes = malloc(len);
    if (!bytes) return DC_ERR_NOMEM;
    int status = sqlite3_blob_read(blob, bytes, (int)len, (int)op->read.offset);
    dc_slice_t borrowed = { NULL, dc_str(bytes, len) };
    dc_err_t err = judge_reading(status);
    if (err == DC_OK && !dc_slice_keep(&borrowed, &op->data)) err = DC_ERR_NOMEM;
    free(bytes);
    return err;
}

dc_err_t dc_store_db_read(dc_store_db_t *self, dc_store_op_t *op)
{
    sqlite3_blob *blob = NULL;
    uint64_t key = dc_db_key(op->batch, op->read.chunk);
    const char *table = op->read.is_of_result ? "result" : "input";
    int status =
        sqlite3_blob_open(self->handle, "main", table, "data", (sqlite3_int64)key, 0, &blob);
    // A row that is not there is an error like any other to SQLite, except that it says so.
    if (status == SQLITE_ERROR) return DC_ERR_UNKNOWN_BATCH;
    dc_err_t err = status == SQLITE_OK ? read_blob(blob, op) : judge_reading(status);
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
    dc_store_op_t op = { .what = DC_STORE_CLOSE,
                         .batch = number,
                         .close = { dc_db_column(row, 15) } };
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
    if (!dc_err_from_number((uint32_t)dc_db_column(row, 16), &error)) error = DC_ERR_INTERNAL;
    dc_store_op_t op = {
        .what = DC_STORE_END,
        .batch = number,
        .end = { .error = error, .date = dc_db_column(row, 17) },
    };
    return self->found(self->context, &op);
}

static bool tell_batch(const search_t *self, sqlite3_stmt *row)
{
    dc_store_op_t op = {
        .what = DC_STORE_BATCH,
        .batch = dc_db_column(row, 0),
        .opened = { .flags = (uint8_t)dc_db_column(row, 2),
                    .retries = (uint8_t)dc_db_column(row, 3),
                    .level = (uint8_t)dc_db_column(row, 4),
                    .is_held = dc_db_column(row, 5) != 0,
                    .timeout_ms = (uint32_t)dc_db_column(row, 6),
                    .steps_max = dc_db_column(row, 7),
                    .keep_ms = dc_db_column(row, 8),
                    .opened_date = dc_db_column(row, 9),
                    .deadline_date = dc_db_column(row, 10) },
        .data = { NULL, dc_db_column_bytes(row, 12) },
        .program = { NULL, dc_db_column_bytes(row, 13) },
        .awaited = { NULL, dc_db_column_bytes(row, 14) },
    };
    dc_str_t key = dc_db_column_bytes(row, 1);
    dc_str_t tag = dc_db_column_bytes(row, 11);
    if (tag.len) memcpy(op.opened.tag, tag.data, dc_min_size(tag.len, DC_TAG_BYTES_MAX));
    memcpy(op.opened.key.bytes, key.data ? key.data : "", dc_min_size(key.len, DC_KEY_BYTES));
    return self->found(self->context, &op);
}

static dc_err_t find_terms(const search_t *self, uint64_t number)
{
    dc_db_bind_keys(self->db, DC_DB_FIND_TERMS, number);
    sqlite3_stmt *row = dc_db_use(self->db, DC_DB_FIND_TERMS);
    int status = sqlite3_step(row);
    dc_err_t err = dc_db_judge(status);
    if (status == SQLITE_ROW) {
        dc_store_op_t op = {
            .what = DC_STORE_TERMS,
            .batch = number,
            .terms = { .number = (uint32_t)(dc_db_column(row, 0) - dc_db_key(number, 0)),
                       .level = (uint8_t)dc_db_column(row, 1),
                       .is_held = dc_db_column(row, 2) != 0,
                       .deadline_date = dc_db_column(row, 3) },
        };
        if (!self->found(self->context, &op)) err = DC_ERR_NOMEM;
    }
    sqlite3_reset(row);
    return err;
}

static dc_err_t find_met(const search_t *self, uint64_t number)
{
    dc_db_bind_keys(self->db, DC_DB_FIND_MET, number);
    sqlite3_stmt *row = dc_db_use(self->db, DC_DB_FIND_MET);
    int status;
    bool goes_on = true;
    while (goes_on && (status = sqlite3_step(row)) == SQLITE_ROW) {
        dc_store_op_t op = { .what = DC_STORE_MET,
                             .batch = number,
                             .met = { (uint32_t)(dc_db_column(row, 0) - dc_db_key(number, 0)) } };
        goes_on = self->found(self->context, &op);
    }
    dc_err_t err = goes_on ? dc_db_judge(status) : DC_ERR_NOMEM;
    sqlite3_reset(row);
    return err;
}

static bool tell_chunk(const search_t *self, sqlite3_stmt *row, uint64_t batch)
{
    uint32_t number = (uint32_t)(dc_db_column(row, 0) - dc_db_key(batch, 0));
    dc_store_op_t chunk = {
        .what = DC_STORE_CHUNK,
        .batch = batch,
        .chunk = { .number = number,
                   .first = dc_db_column(row, 1),
                   .count = (uint32_t)dc_db_column(row, 2),
                   .width = (uint32_t)dc_db_column(row, 3),
                   .flags = (uint8_t)dc_db_column(row, 4),
                   .bytes = dc_db_column(row, 5),
                   .has_result = sqlite3_column_type(row, 8) != SQLITE_NULL },
        .data = { NULL, dc_db_column_bytes(row, 6) },
        .awaited = { NULL, dc_db_column_bytes(row, 7) },
    };
    if (!self->found(self->context, &chunk)) return false;
    if (!chunk.chunk.has_result) return true;
    dc_store_op_t result = {
        .what = DC_STORE_RESULT,
        .batch = batch,
        .result = { .chunk = number,
                    .first = chunk.chunk.first,
                    .answered = dc_db_column(row, 8),
                    .failed = dc_db_column(row, 9),
                    .bytes = dc_db_column(row, 10) },
        .data = { NULL, dc_db_column_bytes(row, 11) },
    };
    return self->found(self->context, &result);
}

// Nobody needs results of a batch that has ended.
static dc_err_t find_chunks(const search_t *self, uint64_t number, bool is_ended)
{
    dc_db_bind_keys(self->db, DC_DB_FIND_CHUNKS, number);
    dc_db_bind(self->db, DC_DB_FIND_CHUNKS, 3, is_ended ? 0 : DC_CHUNK_NEEDED);
    sqlite3_stmt *row = dc_db_use(self->db, DC_DB_FIND_CHUNKS);
    int status;
    bool goes_on = true;
    while (goes_on && (status = sqlite3_step(row)) == SQLITE_ROW) {
        goes_on = tell_chunk(self, row, number);
    }
    dc_err_t err = goes_on ? dc_db_judge(status) : DC_ERR_NOMEM;
    sqlite3_reset(row);
    return err;
}

static dc_err_t find_batch(const search_t *self, sqlite3_stmt *row)
{
    uint64_t number = dc_db_column(row, 0);
    if (!tell_batch(self, row) || !tell_close(self, row, number)) return DC_ERR_NOMEM;
    dc_err_t err = find_terms(self, number);
    if (err == DC_OK) err = find_met(self, number);
    if (err == DC_OK && !tell_end(self, row, number)) err = DC_ERR_NOMEM;
    return err == DC_OK ? find_chunks(self, number, has_ended(row)) : err;
}

dc_err_t dc_store_db_recover(dc_store_db_t *self, dc_store_found_fn *found, void *context)
{
    search_t search = { self, found, context };
    sqlite3_stmt *row = dc_db_use(self, DC_DB_FIND_BATCHES);
    dc_err_t err = DC_OK;
    int status;
    while (err == DC_OK && (status = sqlite3_step(row)) == SQLITE_ROW) {
        err = find_batch(&search, row);
    }
    if (err == DC_OK) err = dc_db_judge(status);
    sqlite3_reset(row);
    return err;
}
