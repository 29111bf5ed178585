#include "tests/lib/store_fixture.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/lib/disk.h"
#include "tests/lib/folder.h"
#include "tests/lib/main.h"

char folder[] = "/tmp/dcalc-test-store-XXXXXX";
dc_store_t *store;
dc_buf_t found; // what was found, a word each

static bool note_found(void *context, const dc_store_op_t *op)
{
    (void)context;
    dc_buf_printf(&found, "%s%s b%llu", found.len ? "; " : "", dc_store_op_name(op->what),
                  (unsigned long long)op->batch);
    if (op->what == DC_STORE_BATCH) {
        dc_buf_printf(&found, " key=%02x name=%.*s program=%.*s level=%u keep=%llu",
                      op->opened.key.bytes[0], (int)op->data.bytes.len, op->data.bytes.data,
                      (int)op->program.bytes.len, op->program.bytes.data, op->opened.level,
                      (unsigned long long)op->opened.keep_ms);
    } else if (op->what == DC_STORE_CHUNK) {
        dc_buf_printf(&found, " %u [%llu,%llu) bytes=%llu data=%.*s", op->chunk.number,
                      (unsigned long long)op->chunk.first,
                      (unsigned long long)op->chunk.first + op->chunk.count,
                      (unsigned long long)op->chunk.bytes, (int)op->data.bytes.len,
                      op->data.bytes.data ? op->data.bytes.data : "");
    } else if (op->what == DC_STORE_CLOSE) {
        dc_buf_printf(&found, " jobs=%llu", (unsigned long long)op->close.jobs);
    } else if (op->what == DC_STORE_TERMS) {
        dc_buf_printf(&found, " %u level=%u held=%d", op->terms.number, op->terms.level,
                      op->terms.is_held);
    } else if (op->what == DC_STORE_RESULT) {
        dc_buf_printf(&found, " %u answered=%llu failed=%llu bytes=%llu", op->result.chunk,
                      (unsigned long long)op->result.answered,
                      (unsigned long long)op->result.failed, (unsigned long long)op->result.bytes);
        if (op->data.bytes.len) {
            dc_buf_printf(&found, " data=%.*s", (int)op->data.bytes.len, op->data.bytes.data);
        }
    } else if (op->what == DC_STORE_MET) {
        dc_buf_printf(&found, " %u", op->met.index);
    } else if (op->what == DC_STORE_END) {
        dc_buf_printf(&found, " %s date=%llu", dc_err_name(op->end.error),
                      (unsigned long long)op->end.date);
    }
    if (op->what == DC_STORE_CHUNK && !op->chunk.has_digest) dc_buf_append_text(&found, " old");
    if (op->what == DC_STORE_CHUNK && op->chunk.is_lost) dc_buf_append_text(&found, " lost");
    if (op->what == DC_STORE_CHUNK && op->chunk.is_spoiled) dc_buf_append_text(&found, " again");
    if (op->error) dc_buf_printf(&found, " %s", dc_err_name(op->error));
    if (op->awaited.bytes.len) {
        dc_buf_printf(&found, " awaited=%.*s", (int)op->awaited.bytes.len, op->awaited.bytes.data);
    }
    return true;
}

dc_err_t open_store(uint64_t bytes_max)
{
    dc_diag_t diag = { 0 };
    dc_buf_fini(&found);
    store = dc_store_open(folder, bytes_max, &diag);
    if (!store) return diag.code;
    dc_err_t err = dc_store_start(store, note_found, NULL);
    ck_assert_int_eq(err, DC_OK);
    return DC_OK;
}

void reopen(void)
{
    dc_store_close(&store);
    ck_assert_int_eq(open_store(0), DC_OK);
}

const char *found_text(void)
{
    dc_buf_append_char(&found, '\0');
    ck_assert(!found.failed);
    found.len--;
    return found.data;
}

void store_set_up(void)
{
    snprintf(folder + strlen(folder) - 6, 7, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    dc_disk_install();
    ck_assert_int_eq(open_store(0), DC_OK);
}

void store_tear_down(void)
{
    dc_store_close(&store);
    dc_buf_fini(&found);
    folder_remove(folder);
}

dc_slice_t keep(dc_str_t bytes)
{
    dc_slice_t borrowed = { NULL, bytes };
    dc_slice_t kept;
    ck_assert(dc_slice_keep(&borrowed, &kept));
    return kept;
}

dc_store_op_t *make(dc_store_what_t what, uint64_t batch)
{
    dc_store_op_t *op = dc_store_op_new(what, batch);
    ck_assert_ptr_nonnull(op);
    return op;
}

dc_store_op_t *batch_op(uint64_t number)
{
    dc_store_op_t *op = make(DC_STORE_BATCH, number);
    op->opened.key.bytes[0] = (uint8_t)number;
    op->opened.level = 10;
    op->opened.keep_ms = 5;
    op->data = keep(DC_STR("name"));
    op->program = keep(DC_STR("{}"));
    return op;
}

dc_store_op_t *chunk_op(uint64_t batch, uint32_t number, dc_str_t data)
{
    dc_store_op_t *op = make(DC_STORE_CHUNK, batch);
    op->chunk.number = number;
    op->chunk.first = (uint64_t)2 * number;
    op->chunk.count = 2;
    op->data = keep(data);
    return op;
}

dc_store_op_t *result_op(uint64_t batch, uint32_t chunk, dc_str_t data)
{
    dc_store_op_t *op = make(DC_STORE_RESULT, batch);
    op->result.chunk = chunk;
    op->result.answered = 2;
    op->result.failed = 1;
    op->data = keep(data);
    return op;
}

void put(dc_store_op_t *op)
{
    dc_store_queue_t groups;
    dc_store_queue_init(&groups);
    dc_store_queue_push(&groups, op);
    dc_store_put(store, &groups);
    ck_assert_ptr_null(groups.first);
}

dc_store_op_t *wait_for_one(void)
{
    dc_store_op_t *op;
    while (!(op = dc_store_poll(store))) {
        struct pollfd item = { .fd = dc_store_fd(store), .events = POLLIN };
        ck_assert_int_gt(poll(&item, 1, 60000), 0);
    }
    return op;
}

dc_err_t wait_for_error(void)
{
    dc_store_op_t *op = wait_for_one();
    dc_err_t err = op->error;
    dc_store_op_destroy(&op);
    return err;
}

dc_err_t do_now(dc_store_op_t *op)
{
    put(op);
    return wait_for_error();
}

dc_str_t large_data(void)
{
    static char data[8000];
    memset(data, '7', sizeof data);
    return dc_str(data, sizeof data);
}

dc_store_op_t *read_now(uint64_t batch, uint32_t chunk, bool is_of_result, uint64_t offset,
                        uint64_t bytes_max)
{
    dc_store_op_t *op = make(DC_STORE_READ, batch);
    op->read.chunk = chunk;
    op->read.is_of_result = is_of_result;
    op->read.offset = offset;
    op->read.bytes_max = bytes_max;
    put(op);
    return wait_for_one();
}

dc_store_op_t *needed_op(uint64_t batch, uint32_t number, dc_str_t awaited)
{
    dc_store_op_t *op = chunk_op(batch, number, DC_STR("1\n2\n"));
    op->chunk.flags = DC_CHUNK_NEEDED;
    if (awaited.len) op->awaited = keep(awaited);
    return op;
}

dc_store_op_t *met_op(uint64_t batch, uint32_t index)
{
    dc_store_op_t *op = make(DC_STORE_MET, batch);
    op->met.index = index;
    return op;
}

void with_database(void (*change)(sqlite3 *database))
{
    sqlite3 *database;
    char path[128];
    snprintf(path, sizeof path, "%s/store.db", folder);
    ck_assert_int_eq(sqlite3_open(path, &database), SQLITE_OK);
    change(database);
    ck_assert_int_eq(sqlite3_close(database), SQLITE_OK);
}

void run_text(sqlite3 *database, const char *text)
{
    ck_assert_int_eq(sqlite3_exec(database, text, NULL, NULL, NULL), SQLITE_OK);
}
