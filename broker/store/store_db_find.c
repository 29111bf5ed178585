// What a former broker left, told batch by batch.
#include "broker/store/store_db_part.h"

// --- recovery ----------------------------------------------------------------------------------

typedef struct search {
    dc_store_db_t *db;
    dc_store_found_fn *found;
    void *context;
} search_t;

static bool tell_close(const search_t *self, sqlite3_stmt *row, uint64_t number)
{
    if (sqlite3_column_type(row, 15) == SQLITE_NULL) return true;
    dc_str_t sums = dc_db_column_bytes(row, 19);
    dc_store_op_t op = { .what = DC_STORE_CLOSE,
                         .batch = number,
                         .close = { dc_db_column(row, 15), sums.len > 0 } };
    dc_store_head_t head = dc_db_head_of_close(&op);
    if (!dc_db_is_head(self->db, number, sums, &head, 0)) op.error = DC_ERR_DAMAGED;
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
    dc_store_head_t head = dc_db_head_of_batch(&op);
    if (!dc_db_is_head(self->db, op.batch, dc_db_column_bytes(row, 18), &head, 0))
        op.error = DC_ERR_DAMAGED;
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

// Columns of what is found of a chunk.
enum {
    ID,
    FIRST,
    COUNT,
    WIDTH,
    FLAGS,
    BYTES,
    DATA,
    AWAITED,
    ANSWERED,
    FAILED,
    RESULT_BYTES,
    RESULT_DATA,
    SUMS,
    RESULT_SUMS,
    RESULT_ID
};

// The chunk of `row`, and in `*head` what its sums are of.
static dc_store_op_t chunk_of(const search_t *self, sqlite3_stmt *row, uint64_t batch,
                              dc_store_head_t *head)
{
    dc_store_op_t op = {
        .what = DC_STORE_CHUNK,
        .batch = batch,
        .chunk = { .number = (uint32_t)(dc_db_column(row, ID) - dc_db_key(batch, 0)),
                   .first = dc_db_column(row, FIRST),
                   .count = (uint32_t)dc_db_column(row, COUNT),
                   .width = (uint32_t)dc_db_column(row, WIDTH),
                   .flags = (uint8_t)dc_db_column(row, FLAGS),
                   .bytes = dc_db_column(row, BYTES),
                   .has_result = sqlite3_column_type(row, RESULT_ID) != SQLITE_NULL },
        .data = { NULL, dc_db_column_bytes(row, DATA) },
        .awaited = { NULL, dc_db_column_bytes(row, AWAITED) },
    };
    *head = dc_db_head_of_chunk(&op, op.chunk.bytes);
    bool is_sound =
        dc_db_is_head(self->db, batch, dc_db_column_bytes(row, SUMS), head, op.chunk.bytes);
    if (!is_sound) op.error = DC_ERR_DAMAGED;
    return op;
}

// Its results.
static dc_store_op_t result_of(const search_t *self, sqlite3_stmt *row, const dc_store_op_t *chunk)
{
    dc_store_op_t op = {
        .what = DC_STORE_RESULT,
        .batch = chunk->batch,
        .result = { .chunk = chunk->chunk.number,
                    .first = chunk->chunk.first,
                    .answered = dc_db_column(row, ANSWERED),
                    .failed = dc_db_column(row, FAILED),
                    .bytes = dc_db_column(row, RESULT_BYTES) },
        .data = { NULL, dc_db_column_bytes(row, RESULT_DATA) },
    };
    dc_str_t sums = dc_db_column_bytes(row, RESULT_SUMS);
    dc_store_head_t head = dc_db_head_of_result(&op, op.result.bytes);
    bool is_sound = dc_db_is_head(self->db, chunk->batch, sums, &head, op.result.bytes);
    bool is_given = sqlite3_column_type(row, RESULT_DATA) != SQLITE_NULL;
    if (is_sound && is_given) is_sound = dc_db_is_data(sums, &head, op.data.bytes);
    if (!is_sound) op.error = DC_ERR_DAMAGED;
    return op;
}

// Tell a chunk that is to be computed, whose inputs are in its `data` as they were found.
static bool tell_open(const search_t *self, dc_store_op_t *chunk, const dc_store_head_t *head,
                      dc_str_t sums)
{
    if (chunk->error == DC_OK && !dc_db_is_data(sums, head, chunk->data.bytes)) {
        chunk->chunk.is_lost = true;
        chunk->data = (dc_slice_t){ 0 };
    }
    return self->found(self->context, chunk);
}

// The results of a chunk are damaged: they are as good as none. That they are not there later is
// for whoever puts those that are computed again; if they stay, they are found so again.
static dc_err_t tell_spoiled(const search_t *self, sqlite3_stmt *row, dc_store_op_t *chunk,
                             const dc_store_head_t *head)
{
    uint64_t key = dc_db_key(chunk->batch, chunk->chunk.number);
    dc_db_bind(self->db, DC_DB_FIND_DATA, 1, key);
    sqlite3_stmt *input = dc_db_use(self->db, DC_DB_FIND_DATA);
    dc_err_t err = dc_db_judge(sqlite3_step(input));
    if (err == DC_OK) {
        chunk->chunk.has_result = false;
        chunk->chunk.is_spoiled = true;
        chunk->data.bytes = dc_db_column_bytes(input, 0);
        bool is_told = tell_open(self, chunk, head, dc_db_column_bytes(row, SUMS));
        if (!is_told) err = DC_ERR_NOMEM;
    }
    sqlite3_reset(input);
    dc_db_bind(self->db, DC_DB_DELETE_RESULT, 1, key);
    dc_err_t deleted = dc_db_run(self->db, DC_DB_DELETE_RESULT);
    return err == DC_OK && deleted != DC_ERR_STORE_FULL ? deleted : err;
}

static dc_err_t tell_chunk(const search_t *self, sqlite3_stmt *row, uint64_t batch, bool is_ended)
{
    dc_store_head_t head;
    dc_store_op_t chunk = chunk_of(self, row, batch, &head);
    bool is_told;
    if (chunk.error == DC_OK && !chunk.chunk.has_result) {
        is_told = is_ended ? self->found(self->context, &chunk)
                           : tell_open(self, &chunk, &head, dc_db_column_bytes(row, SUMS));
        return is_told ? DC_OK : DC_ERR_NOMEM;
    }
    dc_store_op_t result = result_of(self, row, &chunk);
    if (chunk.error == DC_OK && result.error != DC_OK && !is_ended)
        return tell_spoiled(self, row, &chunk, &head);
    is_told = self->found(self->context, &chunk) &&
              (chunk.error != DC_OK || self->found(self->context, &result));
    return is_told ? DC_OK : DC_ERR_NOMEM;
}

// Nobody needs results of a batch that has ended.
static dc_err_t find_chunks(const search_t *self, uint64_t number, bool is_ended)
{
    dc_db_bind_keys(self->db, DC_DB_FIND_CHUNKS, number);
    dc_db_bind(self->db, DC_DB_FIND_CHUNKS, 3, is_ended ? 0 : DC_CHUNK_NEEDED);
    sqlite3_stmt *row = dc_db_use(self->db, DC_DB_FIND_CHUNKS);
    int status = SQLITE_OK;
    dc_err_t err = DC_OK;
    while (err == DC_OK && (status = sqlite3_step(row)) == SQLITE_ROW) {
        err = tell_chunk(self, row, number, is_ended);
    }
    if (err == DC_OK) err = dc_db_judge(status);
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
