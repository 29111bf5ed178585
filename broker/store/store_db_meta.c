// What the store says of itself: it stands there twice, so that a spoiled row of it costs nothing.
#include <stdio.h>

#include "broker/store/store_db_part.h"

#define COPIES 2

// Columns of one of them.
enum {
    ID,
    EPOCH,
    HIGHEST,
    UNSUMMED,
    BARE,
    SUMS
};

static const char select_copy[] =
    "SELECT id, epoch, highest, unsummed, bare, sums FROM meta WHERE id = ?";

// --- reading -----------------------------------------------------------------------------------

static dc_db_meta_t larger_of(const dc_db_meta_t *one, const dc_db_meta_t *other)
{
    return (dc_db_meta_t){ dc_max_u64(one->epoch, other->epoch),
                           dc_max_u64(one->highest, other->highest),
                           dc_max_u64(one->unsummed, other->unsummed),
                           dc_max_u64(one->bare, other->bare) };
}

// What no store has counted to is not believed of a row that is spoiled.
static uint64_t likely(uint64_t number)
{
    return number <= DC_BATCH_NUMBER_MAX ? number : 0;
}

static dc_db_meta_t likely_of(const dc_db_meta_t *meta)
{
    return (dc_db_meta_t){ likely(meta->epoch), likely(meta->highest), likely(meta->unsummed),
                           likely(meta->bare) };
}

static bool is_sound(sqlite3_stmt *row, const dc_db_meta_t *meta)
{
    dc_store_head_t head = dc_db_head_of_meta(dc_db_column(row, ID), meta);
    return dc_store_sums_fit(dc_db_column_bytes(row, SUMS), &head, 0);
}

// Add a row to what is known of those that are sound, or to what is `spoiled`.
static int read_row(dc_store_db_t *self, sqlite3_stmt *row, dc_db_meta_t *spoiled)
{
    int status = sqlite3_step(row);
    if (status == SQLITE_ROW) {
        dc_db_meta_t meta = { dc_db_column(row, EPOCH), dc_db_column(row, HIGHEST),
                              dc_db_column(row, UNSUMMED), dc_db_column(row, BARE) };
        bool counts = is_sound(row, &meta);
        if (!counts) meta = likely_of(&meta);
        dc_db_meta_t *sum = counts ? &self->meta : spoiled;
        *sum = larger_of(sum, &meta);
        self->meta_count += counts;
    }
    sqlite3_reset(row);
    bool is_read = status == SQLITE_ROW || status == SQLITE_DONE || dc_db_is_malformed(status);
    return is_read ? SQLITE_OK : status;
}

// Each is looked for by itself, so that one which is malformed does not hide the other.
int dc_db_read_meta(dc_store_db_t *self)
{
    sqlite3_stmt *row = NULL;
    dc_db_meta_t spoiled = { 0 };
    int status = sqlite3_prepare_v2(self->handle, select_copy, -1, &row, NULL);
    self->meta_count = 0;
    for (int id = 1; id <= COPIES && status == SQLITE_OK; id++) {
        sqlite3_bind_int(row, 1, id);
        status = read_row(self, row, &spoiled);
    }
    sqlite3_finalize(row);
    if (self->meta_count == 0) self->meta = spoiled;
    return status;
}

// A number of which any row is left is not given again, whatever has become of the others. What is
// beyond all numbers was spoiled.
uint64_t dc_db_highest_row(const dc_store_db_t *self)
{
    static const char *const numbers[] = { "batch", "closed", "ended", "doomed" };
    static const char *const keys[] = { "input", "result", "terms", "met" };
    char text[128];
    uint64_t highest = 0;
    for (size_t i = 0; i < DC_ARRAY_LEN(numbers); i++) {
        snprintf(text, sizeof text, "SELECT ifnull(max(number), 0) FROM %s WHERE number <= %llu",
                 numbers[i], (unsigned long long)DC_BATCH_NUMBER_MAX);
        highest = dc_max_u64(highest, likely((uint64_t)dc_db_read_number(self, text)));
    }
    for (size_t i = 0; i < DC_ARRAY_LEN(keys); i++) {
        snprintf(text, sizeof text, "SELECT ifnull(max(id), 0) >> %d FROM %s WHERE id < %llu",
                 DC_STORE_CHUNK_BITS, keys[i],
                 (unsigned long long)dc_db_key(DC_BATCH_NUMBER_MAX + 1, 0));
        highest = dc_max_u64(highest, likely((uint64_t)dc_db_read_number(self, text)));
    }
    return highest;
}

int dc_db_begin_epoch(dc_store_db_t *self, bool has_sums, uint64_t highest_row)
{
    self->is_meta_spoiled = has_sums && self->meta_count < COPIES;
    self->epoch = ++self->meta.epoch;
    self->highest = self->meta.highest = dc_max_u64(self->meta.highest, highest_row);
    // Where nothing says how far a former broker has counted, numbers that it had only reserved
    // are left out, as far as they can be told.
    if (has_sums && self->meta_count == 0) self->highest += DC_STORE_NUMBERS_STEP;
    self->meta.highest = self->highest + DC_STORE_NUMBERS_STEP;
    int status = dc_db_run_text(self, "DELETE FROM meta");
    return status == SQLITE_OK && dc_db_put_meta(self) != DC_OK ? sqlite3_errcode(self->handle)
                                                                : status;
}

// --- writing -----------------------------------------------------------------------------------

dc_err_t dc_db_put_meta(dc_store_db_t *self)
{
    dc_err_t err = DC_OK;
    for (uint64_t id = 1; id <= COPIES && err == DC_OK; id++) {
        char sums[DC_STORE_SUMS_MAX];
        dc_store_head_t head = dc_db_head_of_meta(id, &self->meta);
        dc_db_bind_sums(self, DC_DB_PUT_META, 6, &head, DC_STR(""), sums);
        dc_db_bind(self, DC_DB_PUT_META, 1, id);
        dc_db_bind(self, DC_DB_PUT_META, 2, self->meta.epoch);
        dc_db_bind(self, DC_DB_PUT_META, 3, self->meta.highest);
        dc_db_bind(self, DC_DB_PUT_META, 4, self->meta.unsummed);
        dc_db_bind(self, DC_DB_PUT_META, 5, self->meta.bare);
        err = dc_db_run(self, DC_DB_PUT_META);
    }
    return err;
}
