#include <stdio.h>

#include "broker/store/store_db_part.h"
#include "common/jobs_digest.h"

// --- what is put -------------------------------------------------------------------------------

static dc_err_t put_batch(dc_store_db_t *self, const dc_store_op_t *op)
{
    char sums[DC_STORE_SUMS_MAX];
    dc_store_head_t head = dc_db_head_of_batch(op);
    dc_db_bind_sums(self, DC_DB_PUT_BATCH, 16, &head, DC_STR(""), sums);
    dc_db_bind(self, DC_DB_PUT_BATCH, 1, op->batch);
    dc_db_bind_bytes(self, DC_DB_PUT_BATCH, 2,
                     dc_str((const char *)op->opened.key.bytes, DC_KEY_BYTES));
    dc_db_bind(self, DC_DB_PUT_BATCH, 3, op->opened.flags);
    dc_db_bind(self, DC_DB_PUT_BATCH, 4, op->opened.retries);
    dc_db_bind(self, DC_DB_PUT_BATCH, 5, op->opened.level);
    dc_db_bind(self, DC_DB_PUT_BATCH, 6, op->opened.is_held);
    dc_db_bind(self, DC_DB_PUT_BATCH, 7, op->opened.timeout_ms);
    dc_db_bind(self, DC_DB_PUT_BATCH, 8, op->opened.steps_max);
    dc_db_bind(self, DC_DB_PUT_BATCH, 9, op->opened.keep_ms);
    dc_db_bind(self, DC_DB_PUT_BATCH, 10, op->opened.opened_date);
    dc_db_bind(self, DC_DB_PUT_BATCH, 11, op->opened.deadline_date);
    dc_db_bind_bytes(self, DC_DB_PUT_BATCH, 12, dc_str_from(op->opened.tag));
    dc_db_bind_bytes(self, DC_DB_PUT_BATCH, 13, op->data.bytes);
    dc_db_bind_bytes(self, DC_DB_PUT_BATCH, 14, op->program.bytes);
    dc_db_bind_bytes(self, DC_DB_PUT_BATCH, 15, op->awaited.bytes);
    return dc_db_run(self, DC_DB_PUT_BATCH);
}

static dc_err_t put_chunk(dc_store_db_t *self, dc_store_op_t *op)
{
    op->chunk.digest = dc_jobs_digest(op->chunk.first, op->data.bytes, op->chunk.width,
                                      op->chunk.flags & DC_CHUNK_RECORD);
    op->chunk.has_digest = true;
    char sums[DC_STORE_SUMS_MAX];
    dc_store_head_t head = dc_db_head_of_chunk(op, op->data.bytes.len);
    dc_db_bind_sums(self, DC_DB_PUT_CHUNK, 9, &head, op->data.bytes, sums);
    dc_db_bind(self, DC_DB_PUT_CHUNK, 1, dc_db_key(op->batch, op->chunk.number));
    dc_db_bind(self, DC_DB_PUT_CHUNK, 2, op->chunk.first);
    dc_db_bind(self, DC_DB_PUT_CHUNK, 3, op->chunk.count);
    dc_db_bind(self, DC_DB_PUT_CHUNK, 4, op->chunk.width);
    dc_db_bind(self, DC_DB_PUT_CHUNK, 5, op->chunk.flags);
    dc_db_bind_bytes(self, DC_DB_PUT_CHUNK, 6, op->data.bytes);
    dc_db_bind_bytes(self, DC_DB_PUT_CHUNK, 7, op->awaited.bytes);
    dc_db_bind(self, DC_DB_PUT_CHUNK, 8, op->batch);
    dc_db_bind(self, DC_DB_PUT_CHUNK, 10, op->chunk.digest);
    return dc_db_run(self, DC_DB_PUT_CHUNK);
}

static dc_err_t put_close(dc_store_db_t *self, const dc_store_op_t *op)
{
    char sums[DC_STORE_SUMS_MAX];
    dc_store_head_t head = dc_db_head_of_close(op);
    dc_db_bind_sums(self, DC_DB_PUT_CLOSE, 3, &head, DC_STR(""), sums);
    dc_db_bind(self, DC_DB_PUT_CLOSE, 1, op->batch);
    dc_db_bind(self, DC_DB_PUT_CLOSE, 2, op->close.jobs);
    return dc_db_run(self, DC_DB_PUT_CLOSE);
}

static dc_err_t put_terms(dc_store_db_t *self, const dc_store_op_t *op)
{
    char sums[DC_STORE_SUMS_MAX];
    dc_store_head_t head = dc_db_head_of_terms(op);
    dc_db_bind_sums(self, DC_DB_PUT_TERMS, 6, &head, DC_STR(""), sums);
    dc_db_bind(self, DC_DB_PUT_TERMS, 1, dc_db_key(op->batch, op->terms.number));
    dc_db_bind(self, DC_DB_PUT_TERMS, 2, op->terms.level);
    dc_db_bind(self, DC_DB_PUT_TERMS, 3, op->terms.is_held);
    dc_db_bind(self, DC_DB_PUT_TERMS, 4, op->terms.deadline_date);
    dc_db_bind(self, DC_DB_PUT_TERMS, 5, op->batch);
    return dc_db_run(self, DC_DB_PUT_TERMS);
}

static dc_err_t put_met(dc_store_db_t *self, const dc_store_op_t *op)
{
    char sums[DC_STORE_SUMS_MAX];
    dc_store_head_t head = dc_db_head_of_met(op->batch, op->met.index);
    dc_db_bind_sums(self, DC_DB_PUT_MET, 3, &head, DC_STR(""), sums);
    dc_db_bind(self, DC_DB_PUT_MET, 1, dc_db_key(op->batch, op->met.index));
    dc_db_bind(self, DC_DB_PUT_MET, 2, op->batch);
    return dc_db_run(self, DC_DB_PUT_MET);
}

static dc_err_t put_result(dc_store_db_t *self, const dc_store_op_t *op)
{
    char sums[DC_STORE_SUMS_MAX];
    dc_store_head_t head = dc_db_head_of_result(op, op->data.bytes.len);
    dc_db_bind_sums(self, DC_DB_PUT_RESULT, 6, &head, op->data.bytes, sums);
    dc_db_bind(self, DC_DB_PUT_RESULT, 1, dc_db_key(op->batch, op->result.chunk));
    dc_db_bind(self, DC_DB_PUT_RESULT, 2, op->result.answered);
    dc_db_bind(self, DC_DB_PUT_RESULT, 3, op->result.failed);
    dc_db_bind_bytes(self, DC_DB_PUT_RESULT, 4, op->data.bytes);
    dc_db_bind(self, DC_DB_PUT_RESULT, 5, op->batch);
    return dc_db_run(self, DC_DB_PUT_RESULT);
}

static dc_err_t put_end(dc_store_db_t *self, const dc_store_op_t *op)
{
    char sums[DC_STORE_SUMS_MAX];
    dc_store_head_t head = dc_db_head_of_end(op->batch, op->end.error, op->end.date);
    dc_db_bind_sums(self, DC_DB_PUT_END, 4, &head, DC_STR(""), sums);
    dc_db_bind(self, DC_DB_PUT_END, 1, op->batch);
    dc_db_bind(self, DC_DB_PUT_END, 2, op->end.error);
    dc_db_bind(self, DC_DB_PUT_END, 3, op->end.date);
    return dc_db_run(self, DC_DB_PUT_END);
}

// A batch of which results are lost has not ended.
static dc_err_t forget_result(dc_store_db_t *self, const dc_store_op_t *op)
{
    dc_db_bind(self, DC_DB_DELETE_RESULT, 1, dc_db_key(op->batch, op->spoiled.chunk));
    dc_err_t err = dc_db_run(self, DC_DB_DELETE_RESULT);
    dc_db_bind(self, DC_DB_DELETE_END, 1, op->batch);
    return err == DC_OK ? dc_db_run(self, DC_DB_DELETE_END) : err;
}

static dc_err_t put_numbers(dc_store_db_t *self, uint64_t highest)
{
    self->meta.highest = highest;
    return dc_db_put_meta(self);
}

static dc_err_t put_doomed(dc_store_db_t *self, uint64_t number)
{
    char sums[DC_STORE_SUMS_MAX];
    dc_store_head_t head = dc_db_head_of_doomed(number);
    dc_db_bind_sums(self, DC_DB_DOOM, 2, &head, DC_STR(""), sums);
    dc_db_bind(self, DC_DB_DOOM, 1, number);
    dc_err_t err = dc_db_run(self, DC_DB_DOOM);
    if (err != DC_OK || number <= self->meta.highest) return err;
    return put_numbers(self, number);
}

static dc_err_t doom(dc_store_db_t *self, const dc_store_op_t *op)
{
    static const dc_db_statement_t of_number[] = { DC_DB_DELETE_BATCH, DC_DB_DELETE_CLOSE,
                                                   DC_DB_DELETE_END };
    dc_err_t err = put_doomed(self, op->batch);
    for (size_t i = 0; i < DC_ARRAY_LEN(of_number) && err == DC_OK; i++) {
        dc_db_bind(self, of_number[i], 1, op->batch);
        err = dc_db_run(self, of_number[i]);
    }
    if (err != DC_OK) return err;
    dc_db_bind_keys(self, DC_DB_DELETE_TERMS, op->batch);
    dc_db_bind_keys(self, DC_DB_DELETE_MET, op->batch);
    err = dc_db_run(self, DC_DB_DELETE_TERMS);
    return err == DC_OK ? dc_db_run(self, DC_DB_DELETE_MET) : err;
}

static dc_err_t apply(dc_store_db_t *self, dc_store_op_t *op)
{
    switch (op->what) {
    case DC_STORE_BATCH: return put_batch(self, op);
    case DC_STORE_CHUNK: return put_chunk(self, op);
    case DC_STORE_CLOSE: return put_close(self, op);
    case DC_STORE_TERMS: return put_terms(self, op);
    case DC_STORE_MET: return put_met(self, op);
    case DC_STORE_RESULT: return put_result(self, op);
    case DC_STORE_SPOILED: return forget_result(self, op);
    case DC_STORE_END: return put_end(self, op);
    case DC_STORE_DELETE: return doom(self, op);
    case DC_STORE_NUMBERS: return put_numbers(self, op->batch);
    case DC_STORE_READ: break; // reads nothing that has to be committed
    }
    return DC_OK;
}

dc_err_t dc_store_db_apply(dc_store_db_t *self, dc_store_op_t *op)
{
    return dc_db_end_by(self, apply(self, op));
}

// --- deleting ----------------------------------------------------------------------------------

// Of a row that is spoiled nobody knows whose rows are to go: they stay.
static bool next_doomed(dc_store_db_t *self, uint64_t *number, dc_err_t *err)
{
    sqlite3_stmt *handle = dc_db_use(self, DC_DB_FIND_DOOMED);
    bool is_found = false;
    int status = SQLITE_DONE;
    while (!is_found && (status = sqlite3_step(handle)) == SQLITE_ROW) {
        *number = dc_db_column(handle, 0);
        dc_store_head_t head = dc_db_head_of_doomed(*number);
        is_found = *number > self->swept_past &&
                   dc_db_is_small(self, *number, dc_db_column_bytes(handle, 1), &head);
    }
    *err = dc_db_is_malformed(status) ? DC_OK : dc_db_judge(status);
    sqlite3_reset(handle);
    return is_found;
}

static dc_err_t sweep_batch(dc_store_db_t *self, uint64_t number)
{
    static const dc_db_statement_t sweeps[] = { DC_DB_SWEEP_INPUT, DC_DB_SWEEP_RESULT };
    int count = 0;
    for (size_t i = 0; i < DC_ARRAY_LEN(sweeps); i++) {
        dc_db_bind_keys(self, sweeps[i], number);
        dc_err_t err = dc_db_run(self, sweeps[i]);
        if (err != DC_OK) return err;
        count += sqlite3_changes(self->handle);
    }
    if (count) return DC_OK;
    dc_db_bind(self, DC_DB_ABSOLVE, 1, number);
    return dc_db_run(self, DC_DB_ABSOLVE);
}

dc_err_t dc_store_db_sweep(dc_store_db_t *self, bool *is_done)
{
    uint64_t number = 0;
    dc_err_t err;
    *is_done = !next_doomed(self, &number, &err);
    if (err != DC_OK || *is_done) return err;
    err = dc_store_db_begin(self);
    if (err == DC_OK) err = dc_db_end_by(self, sweep_batch(self, number));
    if (err == DC_OK) err = dc_store_db_commit(self);
    if (err != DC_ERR_DAMAGED) return err;
    // Its rows stay where they are; those of others can go.
    self->swept_past = number;
    snprintf(self->message, sizeof self->message, "rows of batch b%llu, which is deleted, stay",
             (unsigned long long)number);
    return err;
}
