// What a former broker left, told batch by batch; store_db_find_chunks.c tells their chunks.
#include "broker/store/store_db_part.h"

// --- recovery ----------------------------------------------------------------------------------

dc_err_t dc_db_tell_flaw(const dc_db_search_t *self, dc_store_what_t what, dc_err_t error,
                         uint64_t number)
{
    dc_store_op_t op = { .what = what, .error = error, .batch = number };
    return self->found(self->context, &op) ? DC_OK : DC_ERR_NOMEM;
}

// Columns of what is found of a batch, behind its own.
enum {
    JOBS = 15,
    BATCH_SUMS,
    CLOSED_SUMS,
    CLOSED
};

static bool tell_close(const dc_db_search_t *self, sqlite3_stmt *row, uint64_t number)
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

static dc_store_op_t end_of(const dc_db_search_t *self, sqlite3_stmt *row, uint64_t number)
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
static dc_err_t find_end(const dc_db_search_t *self, uint64_t number, bool *is_ended)
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

static bool tell_batch(const dc_db_search_t *self, sqlite3_stmt *row)
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

static bool are_terms_sound(const dc_db_search_t *self, sqlite3_stmt *row, const dc_store_op_t *op)
{
    dc_store_head_t head = dc_db_head_of_terms(op);
    return dc_db_is_small(self->db, op->batch, dc_db_column_bytes(row, 4), &head);
}

// The last terms that are sound; under the number of the last of all, which nobody is to have
// again.
static dc_err_t find_terms(const dc_db_search_t *self, uint64_t number)
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

static dc_err_t find_met(const dc_db_search_t *self, uint64_t number)
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

static dc_err_t find_batch(const dc_db_search_t *self, sqlite3_stmt *row)
{
    uint64_t number = dc_db_column(row, 0);
    bool is_ended = false;
    if (!tell_batch(self, row) || !tell_close(self, row, number)) return DC_ERR_NOMEM;
    dc_err_t err = find_terms(self, number);
    if (err == DC_OK) err = find_met(self, number);
    if (err == DC_OK) err = find_end(self, number, &is_ended);
    return err == DC_OK ? dc_db_find_chunks(self, number, is_ended) : err;
}

// --- pages that are lost -----------------------------------------------------------------------

// The number of the first batch from `*number` on. Returns a status of SQLite.
static int find_number(const dc_db_search_t *self, uint64_t *number)
{
    dc_db_bind(self->db, DC_DB_FIND_NUMBER, 1, *number);
    sqlite3_stmt *row = dc_db_use(self->db, DC_DB_FIND_NUMBER);
    int status = sqlite3_step(row);
    if (status == SQLITE_ROW) *number = dc_db_column(row, 0);
    sqlite3_reset(row);
    return status;
}

static bool is_lost_at(const dc_db_search_t *self, uint64_t number)
{
    return dc_db_is_malformed(find_number(self, &number));
}

// From where on batches can be read again, if those from `number` on cannot.
static uint64_t end_of_hole(const dc_db_search_t *self, uint64_t number)
{
    uint64_t reach = 1;
    while (number + reach <= DC_BATCH_NUMBER_MAX && is_lost_at(self, number + reach)) {
        reach *= 2;
    }
    uint64_t lost = number + reach / 2;
    uint64_t end = number + reach;
    while (end - lost > 1) {
        uint64_t middle = lost + (end - lost) / 2;
        *(is_lost_at(self, middle) ? &lost : &end) = middle;
    }
    return end;
}

// The first batch from `*next` on cannot be read: a page of its row is lost, or one of the tree,
// which may have others too. Tell it, and go on behind.
static dc_err_t pass_lost(const dc_db_search_t *self, uint64_t *next)
{
    uint64_t number = *next;
    bool is_row = !dc_db_is_malformed(find_number(self, &number));
    *next = is_row ? number + 1 : end_of_hole(self, number);
    return dc_db_tell_flaw(self, DC_STORE_BATCH, is_row ? DC_ERR_DAMAGED : DC_ERR_IO, number);
}

static dc_err_t find_next(const dc_db_search_t *self, uint64_t *next)
{
    dc_db_bind(self->db, DC_DB_FIND_BATCH, 1, *next);
    sqlite3_stmt *row = dc_db_use(self->db, DC_DB_FIND_BATCH);
    int status = sqlite3_step(row);
    dc_err_t err = dc_db_judge(status);
    if (status == SQLITE_ROW) {
        *next = dc_db_column(row, 0) + 1;
        err = find_batch(self, row);
    } else if (err == DC_ERR_DAMAGED) {
        err = pass_lost(self, next);
    } else {
        *next = UINT64_MAX;
    }
    sqlite3_reset(row);
    return err;
}

// --- what is of no batch -----------------------------------------------------------------------

static dc_err_t find_spoiled_doomed(const dc_db_search_t *self)
{
    sqlite3_stmt *row = dc_db_use(self->db, DC_DB_FIND_DOOMED);
    int status = SQLITE_DONE;
    dc_err_t err = DC_OK;
    while (err == DC_OK && (status = sqlite3_step(row)) == SQLITE_ROW) {
        uint64_t number = dc_db_column(row, 0);
        dc_store_head_t head = dc_db_head_of_doomed(number);
        bool is_sound = dc_db_is_small(self->db, number, dc_db_column_bytes(row, 1), &head);
        if (!is_sound) err = dc_db_tell_flaw(self, DC_STORE_DELETE, DC_ERR_DAMAGED, number);
    }
    sqlite3_reset(row);
    if (err == DC_OK) err = dc_db_judge(status);
    return err == DC_ERR_DAMAGED ? dc_db_tell_flaw(self, DC_STORE_DELETE, DC_ERR_DAMAGED, 0) : err;
}

// Small rows of batches that are not there: each of them is another's.
static dc_err_t find_strays(const dc_db_search_t *self)
{
    dc_db_bind(self->db, DC_DB_FIND_STRAYS, 1, DC_STORE_CHUNK_BITS);
    sqlite3_stmt *row = dc_db_use(self->db, DC_DB_FIND_STRAYS);
    int status = SQLITE_DONE;
    dc_err_t err = DC_OK;
    while (err == DC_OK && (status = sqlite3_step(row)) == SQLITE_ROW) {
        err = dc_db_tell_flaw(self, DC_STORE_END, DC_ERR_DAMAGED, dc_db_column(row, 0));
    }
    sqlite3_reset(row);
    if (err == DC_OK) err = dc_db_judge(status);
    // What is malformed is told with its batch.
    return err == DC_ERR_DAMAGED ? DC_OK : err;
}

static dc_err_t find_flaws(const dc_db_search_t *self)
{
    dc_err_t err = DC_OK;
    if (self->db->is_meta_spoiled)
        err = dc_db_tell_flaw(self, DC_STORE_NUMBERS, DC_ERR_DAMAGED, self->db->highest);
    if (err == DC_OK) err = find_spoiled_doomed(self);
    return err == DC_OK ? find_strays(self) : err;
}

dc_err_t dc_store_db_recover(dc_store_db_t *self, dc_store_found_fn *found, void *context)
{
    dc_db_search_t search = { self, found, context };
    uint64_t next = 0;
    dc_err_t err = find_flaws(&search);
    while (err == DC_OK && next <= DC_BATCH_NUMBER_MAX) {
        err = find_next(&search, &next);
    }
    return err;
}
