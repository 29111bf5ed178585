// A journal's blocks: what was put in comes out, and nothing that was damaged does.
#include "client/cli/journal/journal_block.h"

#include "tests/lib/main.h"

static const dc_siphash_key_t key = { 1, 2 };
static const dc_siphash_key_t other_key = { 1, 3 };
static dc_buf_t hashes, results, faults, out;

static void set_up(void)
{
    hashes = results = faults = out = (dc_buf_t){ 0 };
}

static void tear_down(void)
{
    dc_buf_fini(&hashes);
    dc_buf_fini(&results);
    dc_buf_fini(&faults);
    dc_buf_fini(&out);
}

static void add_row(const char *input, const char *line)
{
    dc_journal_put_hash(&hashes, dc_siphash(&key, dc_str_from(input)));
    dc_buf_append_text(&results, line);
}

static bool put(uint64_t first, uint32_t rows)
{
    dc_journal_head_t head = { .first = first, .rows = rows, .batch = 17 };
    dc_journal_body_t body = { dc_buf_str(&hashes), dc_buf_str(&results), dc_buf_str(&faults) };
    return dc_journal_put_block(&out, &key, &head, &body);
}

static bool read_block(dc_str_t bytes, dc_journal_head_t *head, dc_journal_body_t *body)
{
    if (!dc_journal_read_head(&key, bytes, head)) return false;
    dc_str_t rest = dc_str_behind(bytes, DC_JOURNAL_HEAD_BYTES);
    if (rest.len < head->size) return false;
    return dc_journal_read_body(&key, head, dc_str(rest.data, head->size), body);
}

// Three rows, of which the second has failed.
static void make_block(void)
{
    dc_diag_t diag;
    add_row("1,2", "3\n");
    add_row("1,0", "error: divide-by-zero\n");
    add_row("", "null\n");
    dc_diag_set(&diag, DC_ERR_DIVIDE_BY_ZERO, 4, 1, "division by zero");
    dc_fault_put(&faults, 1, &diag);
    ck_assert(put(1000, 3));
}

START_TEST(what_was_put_in_comes_out)
{
    dc_journal_head_t head;
    dc_journal_body_t body;
    make_block();
    ck_assert(read_block(dc_buf_str(&out), &head, &body));
    ck_assert_uint_eq(head.first, 1000);
    ck_assert_uint_eq(head.rows, 3);
    ck_assert_uint_eq(head.batch, 17);
    ck_assert_uint_eq(head.size + DC_JOURNAL_HEAD_BYTES, out.len);
    ck_assert(dc_str_eq(body.results, dc_buf_str(&results)));
    ck_assert(dc_str_eq(body.faults, dc_buf_str(&faults)));
    ck_assert(dc_siphash_eq(dc_journal_hash(&body, 2), dc_siphash(&key, DC_STR(""))));
    ck_assert(!dc_siphash_eq(dc_journal_hash(&body, 0), dc_journal_hash(&body, 1)));
}
END_TEST

START_TEST(each_bit_counts)
{
    dc_journal_head_t head;
    dc_journal_body_t body;
    make_block();
    for (size_t i = 0; i < out.len * 8; i++) {
        out.data[i / 8] = (char)(out.data[i / 8] ^ 1 << i % 8);
        ck_assert(!read_block(dc_buf_str(&out), &head, &body));
        out.data[i / 8] = (char)(out.data[i / 8] ^ 1 << i % 8);
    }
    ck_assert(read_block(dc_buf_str(&out), &head, &body));
}
END_TEST

START_TEST(a_block_that_was_cut_off_is_none)
{
    dc_journal_head_t head;
    dc_journal_body_t body;
    make_block();
    for (size_t len = 0; len < out.len; len++) {
        ck_assert(!read_block(dc_str(out.data, len), &head, &body));
    }
}
END_TEST

START_TEST(a_block_of_another_journal_is_none)
{
    dc_journal_head_t head;
    make_block();
    ck_assert(!dc_journal_read_head(&other_key, dc_buf_str(&out), &head));
}
END_TEST

// Whoever has the key, which is in the file, can forge one.
START_TEST(no_row_is_further_than_can_be_counted)
{
    static const uint64_t rows[] = { DC_JOURNAL_ROW_MAX, DC_JOURNAL_ROW_MAX + 1, INT64_MAX,
                                     UINT64_MAX };
    dc_journal_head_t head;
    add_row("a", "1\n");
    for (size_t i = 0; i < DC_ARRAY_LEN(rows); i++) {
        out.len = 0;
        ck_assert(put(rows[i], 1));
        ck_assert(dc_journal_read_head(&key, dc_buf_str(&out), &head) == (i == 0));
    }
}
END_TEST

START_TEST(as_many_lines_as_rows)
{
    dc_journal_head_t head;
    dc_journal_body_t body;
    add_row("a", "1\n");
    add_row("b", "2\n3\n");
    ck_assert(put(0, 2));
    ck_assert(!read_block(dc_buf_str(&out), &head, &body));
}
END_TEST

START_TEST(faults_come_in_order_and_are_of_its_rows)
{
    dc_journal_head_t head;
    dc_journal_body_t body;
    dc_diag_t diag;
    dc_diag_set(&diag, DC_ERR_DOMAIN, 0, 0, "x");
    add_row("a", "1\n");
    add_row("b", "2\n");
    dc_fault_put(&faults, 1, &diag);
    ck_assert(put(0, 2));
    ck_assert(read_block(dc_buf_str(&out), &head, &body));
    dc_fault_put(&faults, _i ? 2 : 0, &diag);
    out.len = 0;
    ck_assert(put(0, 2));
    ck_assert(!read_block(dc_buf_str(&out), &head, &body));
}
END_TEST

START_TEST(a_block_that_is_too_large_is_not_put)
{
    add_row("a", "1\n");
    for (size_t i = 0; i < DC_JOURNAL_BLOCK_BYTES_MAX / 4; i++) {
        dc_buf_append_text(&faults, "    ");
    }
    ck_assert(!put(0, 1));
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

static const struct {
    dc_err_t code;
    bool is_final;
} codes[] = {
    { DC_OK, true },
    { DC_ERR_DIVIDE_BY_ZERO, true },
    { DC_ERR_NO_CONVERGENCE, true },
    { DC_ERR_TOO_LONG, true },
    { DC_ERR_STEPS, true },      // counted the same everywhere
    { DC_ERR_TOO_LARGE, false }, // another worker may have more memory
    { DC_ERR_TIME, false },
    { DC_ERR_CANCELLED, false },
    { DC_ERR_DEADLINE, false },
    { DC_ERR_LOST, false },
    { DC_ERR_DISAGREE, false },
    { DC_ERR_INTERNAL, false },
};

START_TEST(what_may_end_otherwise_is_tried_again)
{
    ck_assert_int_eq(dc_journal_is_final(codes[_i].code), codes[_i].is_final);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("journal_block");
    TCase *tests = tcase_create("journal_block");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, what_was_put_in_comes_out);
    tcase_add_test(tests, each_bit_counts);
    tcase_add_test(tests, a_block_that_was_cut_off_is_none);
    tcase_add_test(tests, a_block_of_another_journal_is_none);
    tcase_add_test(tests, no_row_is_further_than_can_be_counted);
    tcase_add_test(tests, as_many_lines_as_rows);
    tcase_add_loop_test(tests, faults_come_in_order_and_are_of_its_rows, 0, 2);
    tcase_add_test(tests, a_block_that_is_too_large_is_not_put);
    tcase_add_loop_test(tests, what_may_end_otherwise_is_tried_again, 0, (int)DC_ARRAY_LEN(codes));
    suite_add_tcase(all, tests);
    return all;
}
