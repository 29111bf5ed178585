// Any page of the store's file may be lost: that costs what is in it, and never the broker.
#include "broker/store/store.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/main.h"
#include "tests/lib/store_fixture.h"

#define BATCHES 150

static char path[128];
static char *content; // owned: of the file as it was
static size_t bytes;

static void tear_down(void)
{
    free(content);
    content = NULL;
    store_tear_down();
}

static void read_content(void)
{
    snprintf(path, sizeof path, "%s/store.db", folder);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    bytes = (size_t)ftell(file);
    rewind(file);
    content = malloc(bytes);
    ck_assert_ptr_nonnull(content);
    ck_assert_uint_eq(fread(content, 1, bytes, file), bytes);
    fclose(file);
}

// The file as it was, without what is in `page`.
static void lose(size_t page)
{
    static const char none[DC_STORE_PAGE_BYTES];
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(content, 1, bytes, file), bytes);
    ck_assert_int_eq(fseek(file, (long)(page * sizeof none), SEEK_SET), 0);
    ck_assert_uint_eq(fwrite(none, 1, sizeof none, file), sizeof none);
    ck_assert_int_eq(fclose(file), 0);
}

// Whatever belongs to a batch, in rows of some bytes and in such as go over several pages.
static void put_batch(uint64_t number)
{
    static char text[5 * DC_STORE_PAGE_BYTES];
    memset(text, 'x', sizeof text);
    dc_str_t data = dc_str(text, number % 50 ? 100 : sizeof text);
    dc_store_op_t *op = batch_op(number);
    dc_slice_drop(&op->program);
    op->program = keep(data);
    op->also = needed_op(number, 0, data);
    op->also->also = chunk_op(number, 1, data);
    put(op);
    op = make(DC_STORE_CLOSE, number);
    op->close.jobs = 4;
    op->also = make(DC_STORE_TERMS, number);
    op->also->also = met_op(number, 0);
    op->also->also->also = result_op(number, number % 2, data);
    if (number % 3 == 0) op->also->also->also->also = make(DC_STORE_END, number);
    put(op);
    ck_assert_int_eq(wait_for_error(), DC_OK);
    ck_assert_int_eq(wait_for_error(), DC_OK);
}

static void put_batches(void)
{
    for (uint64_t number = 1; number <= BATCHES; number++) {
        put_batch(number);
    }
}

// How many of the batches are told, sound or not.
static unsigned count_told(void)
{
    unsigned count = 0;
    for (uint64_t number = 1; number <= BATCHES; number++) {
        char word[40];
        snprintf(word, sizeof word, "batch b%llu ", (unsigned long long)number);
        count += strstr(found_text(), word) != NULL;
    }
    return count;
}

static bool is_done_or_damaged(dc_store_op_t *op)
{
    dc_err_t err = do_now(op);
    return err == DC_OK || err == DC_ERR_DAMAGED;
}

static void work(void)
{
    ck_assert(is_done_or_damaged(batch_op(BATCHES + 1)));
    ck_assert(is_done_or_damaged(chunk_op(BATCHES + 1, 0, DC_STR("1\n2\n"))));
    ck_assert(is_done_or_damaged(result_op(BATCHES + 1, 0, DC_STR("1\n2\n"))));
    for (uint64_t number = 1; number <= BATCHES; number += 31) {
        dc_store_op_t *op = read_now(number, number % 2, true, 0, 100);
        bool is_told = op->error == DC_OK || op->error == DC_ERR_IO ||
                       op->error == DC_ERR_DAMAGED || op->error == DC_ERR_UNKNOWN_BATCH;
        ck_assert_msg(is_told, "%s", dc_err_name(op->error));
        dc_store_op_destroy(&op);
        ck_assert(is_done_or_damaged(make(DC_STORE_END, number)));
        ck_assert(is_done_or_damaged(make(DC_STORE_DELETE, number)));
    }
}

// The first page says that it is a store at all, and the second how far its numbers were given.
START_TEST(any_page_may_be_lost)
{
    put_batches();
    dc_store_close(&store);
    read_content();
    for (size_t page = 0; page < bytes / DC_STORE_PAGE_BYTES; page++) {
        lose(page);
        dc_err_t err = open_store(0);
        ck_assert_msg((err == DC_OK) == (page >= 2), "page %zu: %s", page + 1, dc_err_name(err));
        if (err) continue;
        bool is_told = count_told() == BATCHES || strstr(found_text(), " input-output");
        ck_assert_msg(is_told, "page %zu: %u batches", page + 1, count_told());
        work();
        dc_store_close(&store);
    }
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("store_pages");
    TCase *tcase = tcase_create("store_pages");
    tcase_set_timeout(tcase, 240);
    tcase_add_checked_fixture(tcase, store_set_up, tear_down);
    tcase_add_test(tcase, any_page_may_be_lost);
    suite_add_tcase(all, tcase);
    return all;
}
