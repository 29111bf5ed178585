// The small rows of a store, of which each bit is flipped on the disk in turn: a broker that starts
// then deletes nothing, believes nothing that is not so, and says what it saw.
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "broker/core/core.h"
#include "broker/core/trace.h"
#include "broker/store/store_db.h"
#include "tests/lib/disk.h"
#include "tests/lib/folder.h"
#include "tests/lib/main.h"

#define PAGES_MAX   64
#define DATE        UINT64_C(1700000000000) // when the broker starts
#define KEEP_MS     86400000
#define STOPPED_MAX 4
#define INPUT       "1+1\n2+2\n"
#define RESULT      "any bytes that have a sum"

// A place in the file, of a row.
typedef struct place {
    size_t at, len;
} place_t;

static char folder[] = "/tmp/dcalc-test-bits-XXXXXX";
static char file[64];
static char image[PAGES_MAX * DC_STORE_PAGE_BYTES]; // the file, as it was written
static size_t image_len;
static dc_store_db_t *db;
static uint64_t given; // the highest number that a batch may have been given
static dc_buf_t told;  // what the store told of itself
static dc_core_t *core;
static dc_actions_t actions;

// --- a store -----------------------------------------------------------------------------------

static void open_db(void)
{
    dc_diag_t diag = { 0 };
    db = dc_store_db_open(file, &diag);
    ck_assert_msg(db, "%s", diag.message);
}

static dc_err_t try_to_apply(dc_store_op_t *op)
{
    dc_err_t err = dc_store_db_begin(db);
    if (err == DC_OK) err = dc_store_db_apply(db, op);
    return err == DC_OK ? dc_store_db_commit(db) : err;
}

static void apply(dc_store_op_t op)
{
    ck_assert_int_eq(try_to_apply(&op), DC_OK);
}

static void put_batch(uint64_t number, dc_str_t awaited)
{
    dc_store_op_t op = { .what = DC_STORE_BATCH, .batch = number };
    op.opened.key.bytes[0] = (uint8_t)number;
    op.opened.flags = DC_OPEN_DETACHED;
    op.opened.level = 10;
    op.opened.keep_ms = KEEP_MS;
    op.opened.opened_date = DATE - 5000;
    op.data.bytes = DC_STR("name");
    op.program.bytes = DC_STR("{}");
    op.awaited.bytes = awaited;
    apply(op);
    for (uint32_t chunk = 0; chunk < 2; chunk++) {
        apply((dc_store_op_t){
            .what = DC_STORE_CHUNK,
            .batch = number,
            .chunk = { .number = chunk, .first = (uint64_t)2 * chunk, .count = 2 },
            .data = { NULL, DC_STR(INPUT) },
        });
    }
    apply((dc_store_op_t){ .what = DC_STORE_CLOSE, .batch = number, .close = { .jobs = 4 } });
}

static void put_results(uint64_t number)
{
    for (uint32_t chunk = 0; chunk < 2; chunk++) {
        apply((dc_store_op_t){ .what = DC_STORE_RESULT,
                               .batch = number,
                               .result = { .chunk = chunk, .answered = 2 },
                               .data = { NULL, DC_STR(RESULT) } });
    }
}

// One that has ended, one that came after it and waits no longer, and one that is being deleted.
static void fill(void)
{
    open_db();
    put_batch(1, dc_str(NULL, 0));
    put_results(1);
    apply((dc_store_op_t){ .what = DC_STORE_END, .batch = 1, .end = { .date = DATE - 1000 } });
    put_batch(2, dc_str("\1\0\0\0\0\0\0\0", 8));
    apply((dc_store_op_t){ .what = DC_STORE_MET, .batch = 2 });
    for (uint32_t number = 0; number < 2; number++) {
        apply((dc_store_op_t){ .what = DC_STORE_TERMS,
                               .batch = 2,
                               .terms = { .number = number,
                                          .level = (uint8_t)(11 + number),
                                          .deadline_date = DATE + 600000 } });
    }
    put_batch(3, dc_str(NULL, 0));
    put_results(3);
    apply((dc_store_op_t){ .what = DC_STORE_DELETE, .batch = 3 });
    given = dc_store_db_highest(db) + DC_STORE_NUMBERS_STEP;
    ck_assert_int_eq(dc_store_db_finish(db), DC_OK);
    dc_store_db_close(&db);
}

static void read_image(void)
{
    FILE *in = fopen(file, "r");
    ck_assert_ptr_nonnull(in);
    image_len = fread(image, 1, sizeof image, in);
    ck_assert_uint_lt(image_len, sizeof image);
    fclose(in);
}

// Let the file be as it was written; its log is empty.
static void write_image(void)
{
    char path[80];
    snprintf(path, sizeof path, "%s-wal", file);
    unlink(path);
    int out = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(out, 0);
    ck_assert_int_eq(write(out, image, image_len), (ssize_t)image_len);
    close(out);
}

static void flip(size_t at, unsigned bit)
{
    image[at] = (char)(image[at] ^ 1 << bit);
}

static void set_up(void)
{
    snprintf(folder + strlen(folder) - 6, 7, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/store.db", folder);
    dc_disk_install();
    fill();
    read_image();
}

static void tear_down(void)
{
    folder_remove(folder);
    dc_buf_fini(&told);
}

// --- where its rows are ------------------------------------------------------------------------

static size_t root_of(const char *table)
{
    sqlite3 *database;
    sqlite3_stmt *row;
    char text[96];
    snprintf(text, sizeof text, "SELECT rootpage FROM sqlite_schema WHERE name = '%s'", table);
    ck_assert_int_eq(sqlite3_open(file, &database), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(database, text, -1, &row, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(row), SQLITE_ROW);
    size_t page = (size_t)sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(database);
    return (page - 1) * DC_STORE_PAGE_BYTES;
}

static unsigned get_u16(size_t at)
{
    return (unsigned)(uint8_t)image[at] << 8 | (uint8_t)image[at + 1];
}

// The bytes of all rows of a table that has one page: as SQLite's "Database File Format" says, in
// 1.6, cells are at its end, from where the number at 5 says.
static place_t rows_of(const char *table, unsigned count)
{
    size_t page = root_of(table);
    ck_assert_int_eq(image[page], 0x0d);
    ck_assert_uint_eq(get_u16(page + 3), count);
    size_t first = get_u16(page + 5);
    return (place_t){ page + first, DC_STORE_PAGE_BYTES - first };
}

// --- a broker that starts ----------------------------------------------------------------------

static bool take_found(void *context, const dc_store_op_t *op)
{
    (void)context;
    dc_event_t event = { .type = DC_EVENT_FOUND, .found = op };
    dc_core_step(core, 0, &event, &actions);
    if (!op) return true;
    dc_trace_event(&event, &told);
    if (op->what == DC_STORE_END)
        dc_buf_printf(&told, " date=%llu", (unsigned long long)op->end.date);
    dc_buf_append_char(&told, '\n');
    return true;
}

static bool tells_of_damage(dc_str_t line)
{
    static const char words[] = "store damaged ";
    return line.len >= sizeof words - 1 && memcmp(line.data, words, sizeof words - 1) == 0;
}

// Nothing is deleted now, nor while somebody could still want it. Whether all else that is to be
// stored can be; `*is_told`: something is said to be damaged.
static bool check_actions(bool *is_told)
{
    dc_err_t err = DC_OK;
    *is_told = false;
    for (size_t i = 0; i < actions.len && err == DC_OK; i++) {
        const dc_action_t *action = &actions.list[i];
        if (action->type == DC_ACTION_LOG) {
            *is_told |= tells_of_damage(action->cmd.data.bytes);
        } else {
            ck_assert_int_eq(action->type, DC_ACTION_STORE);
            ck_assert_int_ne(action->op->what, DC_STORE_DELETE);
            err = try_to_apply(action->op);
        }
    }
    return err == DC_OK;
}

// Whether a broker starts and goes on; `*is_told`: it says that something is damaged.
static bool start(bool *is_told)
{
    dc_settings_t settings = dc_settings_default();
    settings.has_store = true;
    settings.date_ms = DATE;
    settings.batch_number = dc_store_db_highest(db);
    settings.number_end = settings.batch_number + DC_STORE_NUMBERS_STEP;
    core = dc_core_new(&settings, 1);
    ck_assert_ptr_nonnull(core);
    dc_actions_init(&actions);
    dc_buf_fini(&told);
    dc_err_t err = dc_store_db_recover(db, take_found, NULL);
    if (err == DC_OK) {
        take_found(NULL, NULL);
        ck_assert_ptr_null(dc_core_audit(core));
        dc_event_t tick = { .type = DC_EVENT_TICK };
        for (dc_ms_t now = 0; now < 590000; now += 10000) {
            dc_core_step(core, now, &tick, &actions);
        }
        if (!check_actions(is_told)) err = DC_ERR_STORE_FAILED;
    }
    dc_core_destroy(&core);
    dc_actions_fini(&actions);
    dc_buf_append_char(&told, '\0');
    return err == DC_OK;
}

static void check_row(uint64_t batch, uint32_t chunk, bool is_of_result, dc_str_t expected)
{
    dc_store_op_t op = { .what = DC_STORE_READ,
                         .batch = batch,
                         .read = {
                             .chunk = chunk, .is_of_result = is_of_result, .bytes_max = 100 } };
    ck_assert_int_eq(dc_store_db_read(db, &op), DC_OK);
    ck_assert(dc_str_eq(op.data.bytes, expected));
    dc_slice_drop(&op.data);
}

// All that was not deleted is there, whatever is swept.
static void check_rows(void)
{
    bool is_done = false;
    while (!is_done) {
        ck_assert_int_eq(dc_store_db_sweep(db, &is_done), DC_OK);
    }
    for (uint32_t chunk = 0; chunk < 2; chunk++) {
        check_row(1, chunk, false, DC_STR(INPUT));
        check_row(1, chunk, true, DC_STR(RESULT));
        check_row(2, chunk, false, DC_STR(INPUT));
    }
}

// --- the rows ----------------------------------------------------------------------------------

static const struct {
    const char *table;
    unsigned rows;
} tables[] = { { "ended", 1 }, { "meta", 2 }, { "terms", 2 }, { "met", 1 }, { "doomed", 1 } };

// One bit of it all has changed: whether a broker starts. Else it says why not.
static bool starts_with(size_t at, unsigned bit, const char *sound)
{
    dc_diag_t diag = { 0 };
    bool is_told = false;
    flip(at, bit);
    write_image();
    flip(at, bit);
    db = dc_store_db_open(file, &diag);
    if (!db) {
        ck_assert_uint_ne(strlen(diag.message), 0);
        return false;
    }
    bool is_started = start(&is_told);
    if (is_started) {
        ck_assert_msg(is_told || strcmp(told.data, sound) == 0, "bit %u of byte %zu: %s", bit, at,
                      told.data);
        check_rows();
    }
    // No number is given twice, and there are enough of them.
    ck_assert_uint_ge(dc_store_db_highest(db), given);
    ck_assert_uint_lt(dc_store_db_highest(db), given + DC_BATCH_NUMBER_MAX);
    dc_store_db_close(&db);
    return is_started;
}

START_TEST(no_bit_of_a_small_row_costs_results)
{
    bool is_told = true;
    open_db();
    ck_assert(start(&is_told));
    ck_assert(!is_told);
    dc_store_db_close(&db);
    char *sound = strdup(told.data);
    place_t rows = rows_of(tables[_i].table, tables[_i].rows);
    size_t started = 0;
    for (size_t i = 0; i < 8 * rows.len; i++) {
        started += starts_with(rows.at + i / 8, i % 8, sound);
    }
    // The others are those that are longer than their page, as it seems: SQLite cannot replace
    // them.
    ck_assert_uint_ge(started, 8 * rows.len - STOPPED_MAX);
    free(sound);
}
END_TEST

// A store that can be read half way only: what was found until then is given back.
START_TEST(a_broker_that_does_not_start_ends)
{
    dc_settings_t settings = dc_settings_default();
    core = dc_core_new(&settings, 1);
    ck_assert_ptr_nonnull(core);
    dc_actions_init(&actions);
    dc_store_op_t op = { .what = DC_STORE_BATCH,
                         .batch = 2,
                         .program = { NULL, DC_STR("{}") },
                         .awaited = { NULL, dc_str("\1\0\0\0\0\0\0\0", 8) } };
    dc_event_t event = { .type = DC_EVENT_FOUND, .found = &op };
    dc_core_step(core, 0, &event, &actions);
    dc_core_destroy(&core);
    dc_actions_fini(&actions);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("store_bits");
    TCase *tcase = tcase_create("store_bits");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, no_bit_of_a_small_row_costs_results, 0, (int)DC_ARRAY_LEN(tables));
    tcase_add_test(tcase, a_broker_that_does_not_start_ends);
    suite_add_tcase(all, tcase);
    return all;
}
