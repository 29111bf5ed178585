// What a former broker left, told batch by batch.
#include "broker/core/jobs/pieces.h"
#include "broker/store/store_db_part.h"

// --- recovery ----------------------------------------------------------------------------------

typedef struct search {
    dc_store_db_t *db;
    dc_store_found_fn *found;
    void *context;
} search_t;

// Columns of what is found of a batch, behind its own.
enum {
    JOBS = 15,
    BATCH_SUMS,
    CLOSED_SUMS,
    CLOSED
};

static bool tell_close(const search_t *self, sqlite3_stmt *row, uint64_t number)
{
    if (sqlite3_column_type(row, CLOSED) == SQLITE_NULL) return true;
    dc_str_t sums = dc_db_column_bytes(row, CLOSED_SUMS);
    dc_store_op_t op = { .what = DC_STORE_CLOSE,
                         .batch = number,
                         .close = { dc_db_column(row, JOBS), sums.len > 0 } };
    dc_store_head_t head = dc_db_head_of_close(&op);
    if (!dc_db_is_head(self->db, number, sums, &head, 0)) op.error = DC_ERR_DAMAGED;
    return self->found(self->context, &op);
}

static dc_store_op_t end_of(const search_t *self, sqlite3_stmt *row, uint64_t number)
{
    uint64_t error = dc_db_column(row, 0);
    dc_store_op_t op = {
        .what = DC_STORE_END,
        .batch = number,
        .end = { .date = dc_db_column(row, 1) },
    };
    dc_store_head_t head = dc_db_head_of_end(number, error, op.end.date);
    if (!dc_db_is_small(self->db, number, dc_db_column_bytes(row, 2), &head))
        op.error = DC_ERR_DAMAGED;
    if (!dc_err_from_number((uint32_t)error, &op.end.error)) op.end.error = DC_ERR_INTERNAL;
    return op;
}

// The end of batch `number`, if there is one. `*is_ended`: it may be believed. One that is spoiled
// may be another batch's.
static dc_err_t find_end(const search_t *self, uint64_t number, bool *is_ended)
{
    dc_db_bind(self->db, DC_DB_FIND_END, 1, number);
    sqlite3_stmt *row = dc_db_use(self->db, DC_DB_FIND_END);
    int status = sqlite3_step(row);
    dc_store_op_t op = {
        .what = DC_STORE_END, .error = DC_ERR_DAMAGED, .batch = number, .end = { 0 }
    };
    bool is_any = status == SQLITE_ROW || dc_db_is_malformed(status);
    if (status == SQLITE_ROW) op = end_of(self, row, number);
    sqlite3_reset(row);
    *is_ended = is_any && op.error == DC_OK;
    if (!is_any) return dc_db_judge(status);
    return self->found(self->context, &op) ? DC_OK : DC_ERR_NOMEM;
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
    if (!dc_db_is_head(self->db, op.batch, dc_db_column_bytes(row, BATCH_SUMS), &head, 0))
        op.error = DC_ERR_DAMAGED;
    return self->found(self->context, &op);
}

static dc_store_op_t terms_of(sqlite3_stmt *row, uint64_t number)
{
    return (dc_store_op_t){
        .what = DC_STORE_TERMS,
        .batch = number,
        .terms = { .number = (uint32_t)(dc_db_column(row, 0) - dc_db_key(number, 0)),
                   .level = (uint8_t)dc_db_column(row, 1),
                   .is_held = dc_db_column(row, 2) != 0,
                   .deadline_date = dc_db_column(row, 3),
                   .is_known = true },
    };
}

static bool are_terms_sound(const search_t *self, sqlite3_stmt *row, const dc_store_op_t *op)
{
    dc_store_head_t head = dc_db_head_of_terms(op);
    return dc_db_is_small(self->db, op->batch, dc_db_column_bytes(row, 4), &head);
}

// The last terms that are sound; under the number of the last of all, which nobody is to have
// again.
static dc_err_t find_terms(const search_t *self, uint64_t number)
{
    dc_db_bind_keys(self->db, DC_DB_FIND_TERMS, number);
    sqlite3_stmt *row = dc_db_use(self->db, DC_DB_FIND_TERMS);
    dc_store_op_t last = { .what = DC_STORE_TERMS, .batch = number };
    bool is_any = false;
    int status = SQLITE_DONE;
    while (!last.terms.is_known && (status = sqlite3_step(row)) == SQLITE_ROW) {
        dc_store_op_t op = terms_of(row, number);
        uint32_t count = is_any ? last.terms.number : op.terms.number;
        is_any = true;
        if (are_terms_sound(self, row, &op)) {
            last.terms = op.terms;
        } else {
            last.error = DC_ERR_DAMAGED;
        }
        last.terms.number = count;
    }
    if (dc_db_is_malformed(status)) last.error = DC_ERR_DAMAGED;
    dc_err_t err = last.error ? DC_OK : dc_db_judge(status);
    is_any |= last.error != DC_OK;
    if (err == DC_OK && is_any && !self->found(self->context, &last)) err = DC_ERR_NOMEM;
    sqlite3_reset(row);
    return err;
}

static dc_err_t find_met(const search_t *self, uint64_t number)
{
    dc_db_bind_keys(self->db, DC_DB_FIND_MET, number);
    sqlite3_stmt *row = dc_db_use(self->db, DC_DB_FIND_MET);
    int status = SQLITE_ROW;
    bool goes_on = true;
    while (goes_on && status == SQLITE_ROW) {
        status = sqlite3_step(row);
        dc_store_op_t op = { .what = DC_STORE_MET, .batch = number };
        bool is_sound = false;
        if (status == SQLITE_ROW) {
            op.met.index = (uint32_t)(dc_db_column(row, 0) - dc_db_key(number, 0));
            dc_store_head_t head = dc_db_head_of_met(number, op.met.index);
            is_sound = dc_db_is_small(self->db, number, dc_db_column_bytes(row, 1), &head);
        }
        if (!is_sound) op.error = DC_ERR_DAMAGED;
        bool is_any = status == SQLITE_ROW || dc_db_is_malformed(status);
        goes_on = !is_any || self->found(self->context, &op);
    }
    dc_err_t err = dc_db_is_malformed(status) ? DC_OK : dc_db_judge(status);
    sqlite3_reset(row);
    return goes_on ? err : DC_ERR_NOMEM;
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
    RESULT_ID,
    DIGEST
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
                   .has_digest = sqlite3_column_type(row, DIGEST) != SQLITE_NULL,
                   .digest = dc_db_column(row, DIGEST),
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

// Whether the data of `result` are what was written; without a sum they must at least be results,
// since others use them as values.
static bool are_results(const dc_store_op_t *result, const dc_store_op_t *chunk, dc_str_t sums,
                        const dc_store_head_t *head)
{
    if (sums.len) return dc_db_is_data(sums, head, result->data.bytes);
    return dc_pieces_are_of(result->data.bytes, chunk->chunk.first, chunk->chunk.count,
                            result->result.answered);
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
    if (is_sound && is_given) is_sound = are_results(&op, chunk, sums, &head);
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
    bool is_ended = false;
    if (!tell_batch(self, row) || !tell_close(self, row, number)) return DC_ERR_NOMEM;
    dc_err_t err = find_terms(self, number);
    if (err == DC_OK) err = find_met(self, number);
    if (err == DC_OK) err = find_end(self, number, &is_ended);
    return err == DC_OK ? find_chunks(self, number, is_ended) : err;
}

// --- what is of no batch -----------------------------------------------------------------------

static bool tell_flaw(const search_t *self, dc_store_what_t what, uint64_t number)
{
    dc_store_op_t op = { .what = what, .error = DC_ERR_DAMAGED, .batch = number };
    return self->found(self->context, &op);
}

static dc_err_t find_spoiled_doomed(const search_t *self)
{
    sqlite3_stmt *row = dc_db_use(self->db, DC_DB_FIND_DOOMED);
    int status = SQLITE_DONE;
    bool goes_on = true;
    while (goes_on && (status = sqlite3_step(row)) == SQLITE_ROW) {
        uint64_t number = dc_db_column(row, 0);
        dc_store_head_t head = dc_db_head_of_doomed(number);
        bool is_sound = dc_db_is_small(self->db, number, dc_db_column_bytes(row, 1), &head);
        goes_on = is_sound || tell_flaw(self, DC_STORE_DELETE, number);
    }
    bool is_malformed = dc_db_is_malformed(status);
    sqlite3_reset(row);
    if (goes_on && is_malformed) goes_on = tell_flaw(self, DC_STORE_DELETE, 0);
    if (!goes_on) return DC_ERR_NOMEM;
    return is_malformed ? DC_OK : dc_db_judge(status);
}

// Small rows of batches that are not there: each of them is another's.
static dc_err_t find_strays(const search_t *self)
{
    dc_db_bind(self->db, DC_DB_FIND_STRAYS, 1, DC_STORE_CHUNK_BITS);
    sqlite3_stmt *row = dc_db_use(self->db, DC_DB_FIND_STRAYS);
    int status = SQLITE_DONE;
    bool goes_on = true;
    while (goes_on && (status = sqlite3_step(row)) == SQLITE_ROW) {
        goes_on = tell_flaw(self, DC_STORE_END, dc_db_column(row, 0));
    }
    // What is malformed is told with its batch.
    dc_err_t err = dc_db_is_malformed(status) ? DC_OK : dc_db_judge(status);
    sqlite3_reset(row);
    return goes_on ? err : DC_ERR_NOMEM;
}

static dc_err_t find_flaws(const search_t *self)
{
    bool is_told =
        !self->db->is_meta_spoiled || tell_flaw(self, DC_STORE_NUMBERS, self->db->highest);
    if (!is_told) return DC_ERR_NOMEM;
    dc_err_t err = find_spoiled_doomed(self);
    return err == DC_OK ? find_strays(self) : err;
}

dc_err_t dc_store_db_recover(dc_store_db_t *self, dc_store_found_fn *found, void *context)
{
    search_t search = { self, found, context };
    sqlite3_stmt *row = dc_db_use(self, DC_DB_FIND_BATCHES);
    dc_err_t err = find_flaws(&search);
    int status = SQLITE_DONE;
    while (err == DC_OK && (status = sqlite3_step(row)) == SQLITE_ROW) {
        err = find_batch(&search, row);
    }
    if (err == DC_OK) err = dc_db_judge(status);
    sqlite3_reset(row);
    return err;
}
