// store_db_part — what the files of store_db share: its tables, and the statements on them.
// store_db.c opens and closes it, store_db_tables.c says how its tables look, store_db_put.c writes
// and deletes rows, store_db_read.c reads one, store_db_find.c and store_db_find_chunks.c all of
// them, and store_db_sums.c says which sums they have; store_db_meta.c has what the store says of
// itself. Nobody else includes it.
#ifndef DC_BROKER_STORE_STORE_DB_PART_H
#define DC_BROKER_STORE_STORE_DB_PART_H

#include <sqlite3.h>

#include "broker/store/store_db.h"
#include "broker/store/store_sum.h"

// What SQLite says of an error, in a few words.
#define DC_DB_MESSAGE_MAX 200

typedef enum dc_db_statement {
    DC_DB_BEGIN,
    DC_DB_COMMIT,
    DC_DB_ROLLBACK,
    DC_DB_PUT_BATCH,
    DC_DB_PUT_CHUNK,
    DC_DB_PUT_CLOSE,
    DC_DB_PUT_TERMS,
    DC_DB_PUT_MET,
    DC_DB_PUT_RESULT,
    DC_DB_PUT_END,
    DC_DB_DELETE_RESULT,
    DC_DB_PUT_META,
    DC_DB_DOOM,
    DC_DB_DELETE_BATCH,
    DC_DB_DELETE_CLOSE,
    DC_DB_DELETE_END,
    DC_DB_DELETE_TERMS,
    DC_DB_DELETE_MET,
    DC_DB_FIND_DOOMED,
    DC_DB_SWEEP_INPUT,
    DC_DB_SWEEP_RESULT,
    DC_DB_ABSOLVE,
    DC_DB_FIND_BATCH,
    DC_DB_FIND_NUMBER,
    DC_DB_FIND_END,
    DC_DB_FIND_STRAYS,
    DC_DB_FIND_TERMS,
    DC_DB_FIND_MET,
    DC_DB_FIND_CHUNKS,
    DC_DB_FIND_DATA,
    DC_DB_FIND_RESULT_DATA,
    DC_DB_FIND_INPUT,
    DC_DB_FIND_RESULT,
    DC_DB_STATEMENT_COUNT
} dc_db_statement_t;

// What the store says of itself.
typedef struct dc_db_meta {
    uint64_t epoch;
    uint64_t highest;  // no number up to this one is given to another batch
    uint64_t unsummed; // batches up to this number may have rows without sums
    uint64_t bare;     // ... or at least such rows of the small tables: ended, terms, met, doomed
} dc_db_meta_t;

struct dc_store_db {
    sqlite3 *handle;
    sqlite3_stmt *statements[DC_DB_STATEMENT_COUNT];
    dc_db_meta_t meta, former_meta;  // as it is to be, and as it was before the transaction
    uint64_t epoch, highest;         // when it was opened: others may read these at any time
    char message[DC_DB_MESSAGE_MAX]; // of the last statement that failed; "": none has
    uint64_t swept_past;             // deleted batches up to this one have rows that cannot go
    unsigned meta_count;             // of rows that say the former, how many were sound then
    bool is_meta_spoiled;            // not all of those that were to be
    int log_pages, last_log_pages;   // of the log, as of the last commit; the former 0 once it is
                                     // written back
};

// --- statements, in store_db.c -----------------------------------------------------------------

// What a status of SQLite means to us: nothing but a full disk and a lock is ever tried again.
dc_err_t dc_db_judge(int status);

// Whether SQLite sees that a row is malformed. Of a small row that is as if its sum did not fit.
bool dc_db_is_malformed(int status);

sqlite3_stmt *dc_db_use(const dc_store_db_t *self, dc_db_statement_t statement);

// Run a statement that gives no rows; it is ready for its next use then.
dc_err_t dc_db_run(dc_store_db_t *self, dc_db_statement_t statement);

// Numbers that we count never reach the sign; those that a client may choose come back as they
// were. Bytes are the caller's, and stay until the statement has run.
void dc_db_bind(dc_store_db_t *self, dc_db_statement_t statement, int at, uint64_t value);
void dc_db_bind_bytes(dc_store_db_t *self, dc_db_statement_t statement, int at, dc_str_t bytes);

// Let the statement's parameters 1 and 2 be the keys of all chunks of `batch`.
void dc_db_bind_keys(dc_store_db_t *self, dc_db_statement_t statement, uint64_t batch);

uint64_t dc_db_column(sqlite3_stmt *handle, int at);
dc_str_t dc_db_column_bytes(sqlite3_stmt *handle, int at);

// The key of a row of chunk `chunk`.
uint64_t dc_db_key(uint64_t batch, uint32_t chunk);

// Run texts of SQL; the only number of a row, or -1.
int dc_db_run_text(const dc_store_db_t *self, const char *text);
int64_t dc_db_read_number(const dc_store_db_t *self, const char *text);

// `err` ends the transaction. Returns it.
dc_err_t dc_db_end_by(dc_store_db_t *self, dc_err_t err);

// --- sums, in store_db_sums.c ------------------------------------------------------------------

// The heads of the rows that operations are. Of an input, `bytes` is how many its data have; of a
// batch all is of its head, and it has no data.
dc_store_head_t dc_db_head_of_batch(const dc_store_op_t *op);
dc_store_head_t dc_db_head_of_close(const dc_store_op_t *op);
dc_store_head_t dc_db_head_of_chunk(const dc_store_op_t *op, uint64_t bytes);
dc_store_head_t dc_db_head_of_result(const dc_store_op_t *op, uint64_t bytes);

// ... and of small ones, which have no data. One of `meta` is the copy `id`.
dc_store_head_t dc_db_head_of_end(uint64_t batch, uint64_t error, uint64_t date);
dc_store_head_t dc_db_head_of_terms(const dc_store_op_t *op);
dc_store_head_t dc_db_head_of_met(uint64_t batch, uint32_t index);
dc_store_head_t dc_db_head_of_doomed(uint64_t batch);
dc_store_head_t dc_db_head_of_meta(uint64_t id, const dc_db_meta_t *meta);

// Let parameter `at` be the sums of the row that is put; they are in `sums`, which has room for
// DC_STORE_SUMS_MAX, until it has run.
void dc_db_bind_sums(dc_store_db_t *self, dc_db_statement_t statement, int at,
                     const dc_store_head_t *head, dc_str_t data, char *sums);

// Whether a small row of `batch` has these sums, or none where it may be of a former version.
bool dc_db_is_small(const dc_store_db_t *self, uint64_t batch, dc_str_t sums,
                    const dc_store_head_t *head);

// Whether a row of `batch` has these sums: a head that fits, and `bytes` of data, or none at all
// where it may be of a former version. Then its data cannot be checked: `sums` are empty.
bool dc_db_is_head(const dc_store_db_t *self, uint64_t batch, dc_str_t sums,
                   const dc_store_head_t *head, uint64_t bytes);

// Whether `data`, all of them, are those that were written to a row whose head fits.
bool dc_db_is_data(dc_str_t sums, const dc_store_head_t *head, dc_str_t data);

// --- tables, in store_db_tables.c --------------------------------------------------------------

// Make the tables of a new file; or bring those that a former version of dcalc made to the present
// form, where they need it. In a transaction. Returns a status of SQLite.
int dc_db_make_tables(const dc_store_db_t *self);
int dc_db_renew_tables(const dc_store_db_t *self);

// Whether its small tables have sums: those that this version makes have.
bool dc_db_has_small_sums(const dc_store_db_t *self);

// What is wrong with a file that SQLite can read; NULL if nothing is.
const char *dc_db_flaw_of_file(const dc_store_db_t *self);

// Prepare all statements. Returns a status of SQLite.
int dc_db_prepare(dc_store_db_t *self);

// --- what is found, in store_db_find.c and store_db_find_chunks.c -------------------------------

// Who is told of what is found.
typedef struct dc_db_search {
    dc_store_db_t *db;
    dc_store_found_fn *found;
    void *context;
} dc_db_search_t;

// Tell what is damaged, of which nothing more is known. DC_ERR_NOMEM.
dc_err_t dc_db_tell_flaw(const dc_db_search_t *self, dc_store_what_t what, dc_err_t error,
                         uint64_t number);

// Tell all chunks of a batch. Where a page has been lost nobody knows which there are: a CHUNK of
// it is told to be damaged.
dc_err_t dc_db_find_chunks(const dc_db_search_t *self, uint64_t number, bool is_ended);

// --- what it says of itself, in store_db_meta.c ------------------------------------------------

// Read what a former broker has written: of rows that are sound the largest numbers; if none is, of
// those that there are. Returns a status of SQLite.
int dc_db_read_meta(dc_store_db_t *self);

// The highest number of a batch of which there is a row, so far as they can be read.
uint64_t dc_db_highest_row(const dc_store_db_t *self);

// Count the epoch, and reserve the first numbers of it, behind `highest_row`; `has_sums`: what is
// there of `meta` should have its sums. In the transaction that prepares the file, and after
// dc_db_read_meta. Returns a status of SQLite.
int dc_db_begin_epoch(dc_store_db_t *self, bool has_sums, uint64_t highest_row);

// Write `meta` down.
dc_err_t dc_db_put_meta(dc_store_db_t *self);

#endif
