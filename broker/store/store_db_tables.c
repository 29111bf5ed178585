#include <stdio.h>

#include "broker/store/store_db_part.h"
#include "broker/store/store_dir.h"

// What the file says of itself besides whose it is: how its tables look. From version 6 on results
// may name their workers, which earlier brokers would take for results.
#define SCHEMA_VERSION 6

// Rows of a deleted batch that are removed in one transaction.
#define SWEEP_ROWS "256"

// Rows of chunks have one number for a key: their batch's, and below it their own; so have changes
// of terms, and those that a batch has waited for. `doomed` has batches that are deleted, as long
// as there are rows of theirs. `sums` are those of store_sum.h; they stand before what is long, so
// that they are had without it. Only batches up to `unsummed` may have rows without, and those up
// to `bare` rows of the small tables. `meta` has two rows that say the same.
static const char schema[] =
    "CREATE TABLE meta(id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, highest INTEGER NOT NULL,"
    " unsummed INTEGER NOT NULL DEFAULT 0, bare INTEGER NOT NULL DEFAULT 0, sums BLOB);"
    "CREATE TABLE batch(number INTEGER PRIMARY KEY, key BLOB NOT NULL, flags INTEGER NOT NULL,"
    " retries INTEGER NOT NULL, level INTEGER NOT NULL, held INTEGER NOT NULL,"
    " timeout_ms INTEGER NOT NULL, steps_max INTEGER NOT NULL, keep_ms INTEGER NOT NULL,"
    " opened_date INTEGER NOT NULL, deadline_date INTEGER NOT NULL, sums BLOB, tag BLOB NOT NULL,"
    " name BLOB NOT NULL, awaited BLOB NOT NULL, program BLOB NOT NULL);"
    "CREATE TABLE closed(number INTEGER PRIMARY KEY, jobs INTEGER NOT NULL, sums BLOB);"
    "CREATE TABLE ended(number INTEGER PRIMARY KEY, error INTEGER NOT NULL,"
    " date INTEGER NOT NULL, sums BLOB);"
    "CREATE TABLE terms(id INTEGER PRIMARY KEY, level INTEGER NOT NULL, held INTEGER NOT NULL,"
    " deadline_date INTEGER NOT NULL, sums BLOB);"
    "CREATE TABLE input(id INTEGER PRIMARY KEY, first INTEGER NOT NULL, count INTEGER NOT NULL,"
    " width INTEGER NOT NULL, flags INTEGER NOT NULL, digest INTEGER, sums BLOB,"
    " awaited BLOB NOT NULL, data BLOB NOT NULL);"
    "CREATE TABLE result(id INTEGER PRIMARY KEY, answered INTEGER NOT NULL,"
    " failed INTEGER NOT NULL, sums BLOB, data BLOB NOT NULL);"
    "CREATE TABLE doomed(number INTEGER PRIMARY KEY, sums BLOB);"
    "CREATE TABLE met(id INTEGER PRIMARY KEY, sums BLOB);";

// What a store of version 1 lacks: its batches come after no others, and their jobs need none.
static const char additions_2[] = "ALTER TABLE batch ADD COLUMN awaited BLOB NOT NULL DEFAULT x'';"
                                  "ALTER TABLE input ADD COLUMN awaited BLOB NOT NULL DEFAULT x'';"
                                  "CREATE TABLE met(id INTEGER PRIMARY KEY);";

// What one of version 2 lacks. Its rows stay without sums, as they are: to read all of it now would
// say nothing of what became of it before.
static const char additions_3[] =
    "ALTER TABLE meta ADD COLUMN unsummed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE batch ADD COLUMN sums BLOB;"
    "ALTER TABLE closed ADD COLUMN sums BLOB;"
    "ALTER TABLE input ADD COLUMN sums BLOB;"
    "ALTER TABLE result ADD COLUMN sums BLOB;"
    "UPDATE meta SET unsummed = (SELECT ifnull(max(number), 0) FROM batch);";

// What one of version 3 lacks: its small rows stay without sums likewise.
static const char additions_4[] =
    "ALTER TABLE meta ADD COLUMN bare INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE meta ADD COLUMN sums BLOB;"
    "ALTER TABLE ended ADD COLUMN sums BLOB;"
    "ALTER TABLE terms ADD COLUMN sums BLOB;"
    "ALTER TABLE met ADD COLUMN sums BLOB;"
    "ALTER TABLE doomed ADD COLUMN sums BLOB;"
    "UPDATE meta SET bare = max((SELECT ifnull(max(number), 0) FROM batch),"
    " (SELECT ifnull(max(number), 0) FROM doomed));";

// What one of version 4 lacks: of its inputs it is not known what they add up to.
static const char additions_5[] = "ALTER TABLE input ADD COLUMN digest INTEGER;";

// Of a batch that did not fit nothing is taken, since that would be another's of the same number.
#define OF_BATCH(number) "WHERE EXISTS (SELECT 1 FROM batch WHERE number = " number ")"

// Of what is there as soon as its batch is, a row that is put may be there already: it says the
// same, or is spoiled, and makes way.
static const char *const texts[] = {
    [DC_DB_BEGIN] = "BEGIN IMMEDIATE",
    [DC_DB_COMMIT] = "COMMIT",
    [DC_DB_ROLLBACK] = "ROLLBACK",
    [DC_DB_PUT_BATCH] = "INSERT OR IGNORE INTO batch(number, key, flags, retries, level, held,"
                        " timeout_ms, steps_max, keep_ms, opened_date, deadline_date, tag, name,"
                        " program, awaited, sums) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [DC_DB_PUT_CHUNK] = "INSERT OR IGNORE INTO input(id, first, count, width, flags, data, awaited,"
                        " sums, digest) SELECT ?1,?2,?3,?4,?5,?6,?7,?9,?10 " OF_BATCH("?8"),
    [DC_DB_PUT_CLOSE] =
        "INSERT OR IGNORE INTO closed(number, jobs, sums) SELECT ?1,?2,?3 " OF_BATCH("?1"),
    [DC_DB_PUT_TERMS] = "INSERT OR IGNORE INTO terms(id, level, held, deadline_date, sums)"
                        " SELECT ?1,?2,?3,?4,?6 " OF_BATCH("?5"),
    [DC_DB_PUT_MET] = "INSERT OR REPLACE INTO met(id, sums) SELECT ?1,?3 " OF_BATCH("?2"),
    [DC_DB_PUT_RESULT] = "INSERT OR IGNORE INTO result(id, answered, failed, data, sums)"
                         " SELECT ?1,?2,?3,?4,?6 " OF_BATCH("?5"),
    [DC_DB_DELETE_RESULT] = "DELETE FROM result WHERE id = ?",
    [DC_DB_PUT_END] = "INSERT OR REPLACE INTO ended(number, error, date, sums)"
                      " SELECT ?1,?2,?3,?4 " OF_BATCH("?1"),
    [DC_DB_PUT_META] = "INSERT OR REPLACE INTO meta(id, epoch, highest, unsummed, bare, sums)"
                       " VALUES(?,?,?,?,?,?)",
    [DC_DB_DOOM] = "INSERT OR REPLACE INTO doomed(number, sums) VALUES(?,?)",
    [DC_DB_DELETE_BATCH] = "DELETE FROM batch WHERE number = ?",
    [DC_DB_DELETE_CLOSE] = "DELETE FROM closed WHERE number = ?",
    [DC_DB_DELETE_END] = "DELETE FROM ended WHERE number = ?",
    [DC_DB_DELETE_TERMS] = "DELETE FROM terms WHERE id >= ? AND id < ?",
    [DC_DB_DELETE_MET] = "DELETE FROM met WHERE id >= ? AND id < ?",
    // Rows of a batch that is there are swept for no other's sake.
    [DC_DB_FIND_DOOMED] = "SELECT number, sums FROM doomed"
                          " WHERE number NOT IN (SELECT number FROM batch)",
    [DC_DB_SWEEP_INPUT] =
        "DELETE FROM input WHERE id IN (SELECT id FROM input WHERE id >= ? AND id < ?"
        " LIMIT " SWEEP_ROWS ")",
    [DC_DB_SWEEP_RESULT] = "DELETE FROM result WHERE id IN (SELECT id FROM result WHERE id >= ? AND"
                           " id < ? LIMIT " SWEEP_ROWS ")",
    [DC_DB_ABSOLVE] = "DELETE FROM doomed WHERE number = ?",
    [DC_DB_FIND_BATCH] =
        "SELECT batch.number, key, flags, retries, level, held, timeout_ms, steps_max,"
        " keep_ms, opened_date, deadline_date, tag, name, program, awaited,"
        " jobs, batch.sums, closed.sums, closed.number FROM batch"
        " LEFT JOIN closed USING (number) WHERE batch.number >= ?"
        " ORDER BY batch.number LIMIT 1",
    [DC_DB_FIND_NUMBER] = "SELECT number FROM batch WHERE number >= ? ORDER BY number LIMIT 1",
    [DC_DB_FIND_END] = "SELECT error, date, sums FROM ended WHERE number = ?",
    [DC_DB_FIND_STRAYS] =
        "SELECT number FROM ended WHERE number NOT IN (SELECT number FROM batch) UNION"
        " SELECT id >> ?1 FROM terms WHERE id >> ?1 NOT IN (SELECT number FROM batch) UNION"
        " SELECT id >> ?1 FROM met WHERE id >> ?1 NOT IN (SELECT number FROM batch)",
    [DC_DB_FIND_TERMS] = "SELECT id, level, held, deadline_date, sums FROM terms"
                         " WHERE id >= ? AND id < ? ORDER BY id DESC",
    [DC_DB_FIND_MET] = "SELECT id, sums FROM met WHERE id >= ? AND id < ?",
    // What is computed already need not be read: that is most of what there is.
    [DC_DB_FIND_CHUNKS] =
        "SELECT input.id, first, count, width, flags, length(input.data), awaited,"
        " answered, failed, length(result.data), input.sums, result.sums,"
        " result.id, digest FROM input LEFT JOIN result USING (id)"
        " WHERE input.id >= ?1 AND input.id < ?2 ORDER BY input.id",
    [DC_DB_FIND_DATA] = "SELECT data FROM input WHERE id = ?",
    [DC_DB_FIND_RESULT_DATA] = "SELECT data FROM result WHERE id = ?",
    [DC_DB_FIND_INPUT] = "SELECT first, count, width, flags, length(data), awaited, sums, digest"
                         " FROM input WHERE id = ?",
    [DC_DB_FIND_RESULT] = "SELECT answered, failed, length(data), sums FROM result WHERE id = ?",
};
static_assert(DC_ARRAY_LEN(texts) == DC_DB_STATEMENT_COUNT, "each statement has its text");

static int64_t version_of(const dc_store_db_t *self)
{
    return dc_db_read_number(self, "PRAGMA user_version");
}

// Say of the file that its tables have the present form. Returns a status of SQLite.
static int put_version(const dc_store_db_t *self)
{
    char text[96];
    snprintf(text, sizeof text, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             DC_STORE_APPLICATION, SCHEMA_VERSION);
    return dc_db_run_text(self, text);
}

int dc_db_make_tables(const dc_store_db_t *self)
{
    int status = dc_db_run_text(self, schema);
    return status == SQLITE_OK ? put_version(self) : status;
}

int dc_db_renew_tables(const dc_store_db_t *self)
{
    int64_t version = version_of(self);
    int status = SQLITE_OK;
    if (version < 2) status = dc_db_run_text(self, additions_2);
    if (status == SQLITE_OK && version < 3) status = dc_db_run_text(self, additions_3);
    if (status == SQLITE_OK && version < 4) status = dc_db_run_text(self, additions_4);
    if (status == SQLITE_OK && version < 5) status = dc_db_run_text(self, additions_5);
    return status == SQLITE_OK ? put_version(self) : status;
}

bool dc_db_has_small_sums(const dc_store_db_t *self)
{
    return version_of(self) >= 4;
}

const char *dc_db_flaw_of_file(const dc_store_db_t *self)
{
    if (dc_db_read_number(self, "PRAGMA application_id") != DC_STORE_APPLICATION)
        return "it is no store of dcalc";
    if (version_of(self) < 1) return "it is no store of dcalc";
    return version_of(self) > SCHEMA_VERSION ? "a later version of dcalc made it" : NULL;
}

int dc_db_prepare(dc_store_db_t *self)
{
    int status = SQLITE_OK;
    for (size_t i = 0; i < DC_DB_STATEMENT_COUNT && status == SQLITE_OK; i++) {
        status = sqlite3_prepare_v3(self->handle, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                    &self->statements[i], NULL);
    }
    return status;
}
