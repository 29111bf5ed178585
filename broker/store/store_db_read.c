// A row is read for whoever asked for it, if it is what was written.
#include <stdlib.h>

#include "broker/store/store_db_part.h"

// What is damaged of a row is the trouble of whoever reads it: all else is stored as before.
static dc_err_t judge_reading(int status)
{
    return dc_db_is_malformed(status) ? DC_ERR_IO : dc_db_judge(status);
}

// What is known of a row without its data.
typedef struct row {
    dc_store_head_t head;
    uint64_t bytes;
    size_t sums_bytes; // 0: it has none
    char sums[DC_STORE_SUMS_MAX];
} row_t;

// Keep the sums of a row that says of itself what `self` has. DC_ERR_DAMAGED: these are not its.
static dc_err_t take_sums(row_t *self, const dc_store_db_t *db, uint64_t batch, dc_str_t sums)
{
    if (!dc_db_is_head(db, batch, sums, &self->head, self->bytes)) return DC_ERR_DAMAGED;
    if (sums.len > sizeof self->sums) return DC_ERR_DAMAGED;
    self->sums_bytes = sums.len;
    if (sums.len) memcpy(self->sums, sums.data, sums.len);
    return DC_OK;
}

static dc_err_t take_input(row_t *self, const dc_store_db_t *db, sqlite3_stmt *found,
                           const dc_store_op_t *op)
{
    dc_store_op_t chunk = { .batch = op->batch,
                            .chunk = { .number = op->read.chunk,
                                       .first = dc_db_column(found, 0),
                                       .count = (uint32_t)dc_db_column(found, 1),
                                       .width = (uint32_t)dc_db_column(found, 2),
                                       .flags = (uint8_t)dc_db_column(found, 3),
                                       .has_digest = sqlite3_column_type(found, 7) != SQLITE_NULL,
                                       .digest = dc_db_column(found, 7) },
                            .awaited = { NULL, dc_db_column_bytes(found, 5) } };
    self->bytes = dc_db_column(found, 4);
    self->head = dc_db_head_of_chunk(&chunk, self->bytes);
    return take_sums(self, db, op->batch, dc_db_column_bytes(found, 6));
}

static dc_err_t take_result(row_t *self, const dc_store_db_t *db, sqlite3_stmt *found,
                            const dc_store_op_t *op)
{
    dc_store_op_t result = { .batch = op->batch,
                             .result = { .chunk = op->read.chunk,
                                         .answered = dc_db_column(found, 0),
                                         .failed = dc_db_column(found, 1) } };
    self->bytes = dc_db_column(found, 2);
    self->head = dc_db_head_of_result(&result, self->bytes);
    return take_sums(self, db, op->batch, dc_db_column_bytes(found, 3));
}

static dc_err_t find_row(dc_store_db_t *db, const dc_store_op_t *op, row_t *row)
{
    dc_db_statement_t which = op->read.is_of_result ? DC_DB_FIND_RESULT : DC_DB_FIND_INPUT;
    dc_db_bind(db, which, 1, dc_db_key(op->batch, op->read.chunk));
    sqlite3_stmt *found = dc_db_use(db, which);
    int status = sqlite3_step(found);
    dc_err_t err = judge_reading(status);
    if (status == SQLITE_DONE) {
        err = DC_ERR_UNKNOWN_BATCH;
    } else if (status == SQLITE_ROW) {
        err = op->read.is_of_result ? take_result(row, db, found, op)
                                    : take_input(row, db, found, op);
    }
    sqlite3_reset(found);
    return err;
}

// The part of a row that has all that `op` asks for and can be checked.
static dc_range_t part_of(const dc_store_op_t *op, uint64_t bytes)
{
    uint64_t end = op->read.offset + dc_min_u64(bytes - op->read.offset, op->read.bytes_max);
    uint64_t behind = end % DC_STORE_SUM_BYTES;
    if (behind) end = dc_min_u64(end + DC_STORE_SUM_BYTES - behind, bytes);
    return (dc_range_t){ op->read.offset - op->read.offset % DC_STORE_SUM_BYTES, end };
}

static dc_err_t read_part(sqlite3_blob *blob, const row_t *row, dc_store_op_t *op)
{
    dc_range_t part = part_of(op, row->bytes);
    size_t len = (size_t)(part.end - part.first);
    char *bytes = malloc(len);
    if (!bytes) return DC_ERR_NOMEM;
    dc_err_t err = judge_reading(sqlite3_blob_read(blob, bytes, (int)len, (int)part.first));
    bool is_sound = err != DC_OK || row->sums_bytes == 0 ||
                    dc_store_sums_check(dc_str(row->sums, row->sums_bytes), &row->head, part.first,
                                        dc_str(bytes, len));
    if (!is_sound) err = DC_ERR_DAMAGED;
    dc_slice_t wanted = { NULL, dc_str_behind(dc_str(bytes, len),
                                              (size_t)(op->read.offset - part.first)) };
    wanted.bytes.len = dc_min_size(wanted.bytes.len, (size_t)op->read.bytes_max);
    if (err == DC_OK && !dc_slice_keep(&wanted, &op->data)) err = DC_ERR_NOMEM;
    free(bytes);
    return err;
}

static dc_err_t read_row(const dc_store_db_t *self, const row_t *row, dc_store_op_t *op)
{
    sqlite3_blob *blob = NULL;
    sqlite3_int64 key = (sqlite3_int64)dc_db_key(op->batch, op->read.chunk);
    const char *table = op->read.is_of_result ? "result" : "input";
    int status = sqlite3_blob_open(self->handle, "main", table, "data", key, 0, &blob);
    dc_err_t err = judge_reading(status);
    bool is_as_said = err == DC_OK && (uint64_t)sqlite3_blob_bytes(blob) == row->bytes;
    if (err == DC_OK) err = is_as_said ? read_part(blob, row, op) : DC_ERR_DAMAGED;
    sqlite3_blob_close(blob);
    return err;
}

dc_err_t dc_store_db_read(dc_store_db_t *self, dc_store_op_t *op)
{
    row_t row = { 0 };
    dc_err_t err = find_row(self, op, &row);
    op->read.bytes = row.bytes;
    if (err != DC_OK || op->read.offset >= row.bytes) return err;
    return read_row(self, &row, op);
}
