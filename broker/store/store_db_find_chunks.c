// The chunks that a former broker left of a batch, with their results.
#include "broker/core/jobs/pieces.h"
#include "broker/store/store_db_part.h"

// Columns of what is found of a chunk.
enum {
    ID,
    FIRST,
    COUNT,
    WIDTH,
    FLAGS,
    BYTES,
    AWAITED,
    ANSWERED,
    FAILED,
    RESULT_BYTES,
    SUMS,
    RESULT_SUMS,
    RESULT_ID,
    DIGEST
};

// The chunk of `row`, and in `*head` what its sums are of.
static dc_store_op_t chunk_of(const dc_db_search_t *self, sqlite3_stmt *row, uint64_t batch,
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
        .awaited = { NULL, dc_db_column_bytes(row, AWAITED) },
    };
    *head = dc_db_head_of_chunk(&op, op.chunk.bytes);
    bool is_sound =
        dc_db_is_head(self->db, batch, dc_db_column_bytes(row, SUMS), head, op.chunk.bytes);
    if (!is_sound) op.error = DC_ERR_DAMAGED;
    return op;
}

// Its results, without their data, and in `*head` what their sums are of.
static dc_store_op_t result_of(const dc_db_search_t *self, sqlite3_stmt *row,
                               const dc_store_op_t *chunk, dc_store_head_t *head)
{
    dc_store_op_t op = {
        .what = DC_STORE_RESULT,
        .batch = chunk->batch,
        .result = { .chunk = chunk->chunk.number,
                    .first = chunk->chunk.first,
                    .answered = dc_db_column(row, ANSWERED),
                    .failed = dc_db_column(row, FAILED),
                    .bytes = dc_db_column(row, RESULT_BYTES) },
    };
    *head = dc_db_head_of_result(&op, op.result.bytes);
    dc_str_t sums = dc_db_column_bytes(row, RESULT_SUMS);
    if (!dc_db_is_head(self->db, chunk->batch, sums, head, op.result.bytes))
        op.error = DC_ERR_DAMAGED;
    return op;
}

// The data of the row of `chunk`, of which a page may be lost: DC_ERR_DAMAGED. They are there until
// the statement is reset.
static dc_err_t find_data(const dc_db_search_t *self, dc_db_statement_t statement,
                          const dc_store_op_t *chunk, dc_str_t *data)
{
    dc_db_bind(self->db, statement, 1, dc_db_key(chunk->batch, chunk->chunk.number));
    sqlite3_stmt *row = dc_db_use(self->db, statement);
    dc_err_t err = dc_db_judge(sqlite3_step(row));
    if (err == DC_OK) *data = dc_db_column_bytes(row, 0);
    return err;
}

// Tell a chunk that is to be computed, with its inputs if these are what was written. Of a batch
// that has ended nobody needs them now; they must be there.
static dc_err_t tell_open(const dc_db_search_t *self, sqlite3_stmt *row, dc_store_op_t *chunk,
                          const dc_store_head_t *head, bool is_ended)
{
    dc_err_t err = find_data(self, DC_DB_FIND_DATA, chunk, &chunk->data.bytes);
    bool is_lost = err == DC_ERR_DAMAGED;
    if (err == DC_OK && !is_ended)
        is_lost = !dc_db_is_data(dc_db_column_bytes(row, SUMS), head, chunk->data.bytes);
    if (is_lost) {
        chunk->chunk.is_lost = !is_ended;
        if (is_ended) chunk->error = DC_ERR_DAMAGED;
        chunk->data = (dc_slice_t){ 0 };
        err = DC_OK;
    }
    if (err == DC_OK && !self->found(self->context, chunk)) err = DC_ERR_NOMEM;
    sqlite3_reset(dc_db_use(self->db, DC_DB_FIND_DATA));
    return err;
}

// The results of a chunk are damaged: they are as good as none. That they are not there later is
// for whoever puts those that are computed again; if they stay, they are found so again.
static dc_err_t tell_spoiled(const dc_db_search_t *self, sqlite3_stmt *row, dc_store_op_t *chunk,
                             const dc_store_head_t *head)
{
    chunk->chunk.has_result = false;
    chunk->chunk.is_spoiled = true;
    dc_err_t err = tell_open(self, row, chunk, head, false);
    dc_db_bind(self->db, DC_DB_DELETE_RESULT, 1, dc_db_key(chunk->batch, chunk->chunk.number));
    dc_err_t deleted = dc_db_run(self->db, DC_DB_DELETE_RESULT);
    return err == DC_OK && deleted == DC_ERR_STORE_FAILED ? deleted : err;
}

// Give `result` its data, if they are what was written; without a sum they must at least be
// results, since others use them as values.
static dc_err_t take_results(const dc_db_search_t *self, sqlite3_stmt *row,
                             const dc_store_op_t *chunk, const dc_store_head_t *head,
                             dc_store_op_t *result)
{
    dc_str_t sums = dc_db_column_bytes(row, RESULT_SUMS);
    dc_str_t *data = &result->data.bytes;
    dc_err_t err = find_data(self, DC_DB_FIND_RESULT_DATA, chunk, data);
    bool are_sound = err == DC_OK;
    if (are_sound && sums.len) are_sound = dc_db_is_data(sums, head, *data);
    if (are_sound && !sums.len) {
        are_sound = dc_pieces_are_of(*data, chunk->chunk.first, chunk->chunk.count,
                                     result->result.answered);
    }
    if (!are_sound) result->error = DC_ERR_DAMAGED;
    return err == DC_ERR_DAMAGED ? DC_OK : err;
}

// Tell a chunk that has results. Those that others need come along, unless the batch has ended.
static dc_err_t tell_answered(const dc_db_search_t *self, sqlite3_stmt *row, dc_store_op_t *chunk,
                              const dc_store_head_t *head, bool is_ended)
{
    dc_store_head_t result_head;
    dc_store_op_t result = result_of(self, row, chunk, &result_head);
    bool is_needed = !is_ended && chunk->chunk.flags & DC_CHUNK_NEEDED;
    dc_err_t err = DC_OK;
    if (is_needed && result.error == DC_OK)
        err = take_results(self, row, chunk, &result_head, &result);
    if (err == DC_OK && result.error != DC_OK && !is_ended) {
        err = tell_spoiled(self, row, chunk, head);
    } else if (err == DC_OK) {
        bool is_told = self->found(self->context, chunk) && self->found(self->context, &result);
        if (!is_told) err = DC_ERR_NOMEM;
    }
    sqlite3_reset(dc_db_use(self->db, DC_DB_FIND_RESULT_DATA));
    return err;
}

static dc_err_t tell_chunk(const dc_db_search_t *self, sqlite3_stmt *row, uint64_t batch,
                           bool is_ended)
{
    dc_store_head_t head;
    dc_store_op_t chunk = chunk_of(self, row, batch, &head);
    if (chunk.error != DC_OK) return self->found(self->context, &chunk) ? DC_OK : DC_ERR_NOMEM;
    return chunk.chunk.has_result ? tell_answered(self, row, &chunk, &head, is_ended)
                                  : tell_open(self, row, &chunk, &head, is_ended);
}

dc_err_t dc_db_find_chunks(const dc_db_search_t *self, uint64_t number, bool is_ended)
{
    dc_db_bind_keys(self->db, DC_DB_FIND_CHUNKS, number);
    sqlite3_stmt *row = dc_db_use(self->db, DC_DB_FIND_CHUNKS);
    int status = SQLITE_OK;
    dc_err_t err = DC_OK;
    while (err == DC_OK && (status = sqlite3_step(row)) == SQLITE_ROW) {
        err = tell_chunk(self, row, number, is_ended);
    }
    if (err == DC_OK && dc_db_is_malformed(status)) {
        err = dc_db_tell_flaw(self, DC_STORE_CHUNK, DC_ERR_DAMAGED, number);
    } else if (err == DC_OK) {
        err = dc_db_judge(status);
    }
    sqlite3_reset(row);
    return err;
}
