// Results that other jobs need, kept by the client: what is kept, and what a session is given.
#include "client/given.h"
#include "common/fault.h"
#include "common/wire_needs.h"
#include "tests/lib/main.h"

#define HANDLE 7

static dc_given_t given;
static dc_session_t session;
static dc_outcome_t out;

static void set_up(void)
{
    dc_session_settings_t settings = { .heartbeat_ms = 1000, .liveness_beats = 3 };
    given = (dc_given_t){ 0 };
    dc_outcome_init(&out);
    dc_session_init(&session, &settings, 1);
    dc_session_begin(&session, &out);
}

static void tear_down(void)
{
    dc_given_fini(&given);
    dc_outcome_fini(&out);
}

// The sessions before the present one are over.
static void begin_anew(void)
{
    dc_outcome_clear_sends(&out);
    dc_session_begin(&session, &out);
}

// A piece of jobs [first, first + count), of which `fresh` are new; came in the present session.
static void keep(uint64_t first, uint32_t count, const char *results, dc_str_t faults,
                 dcalc_range_t fresh)
{
    dc_news_t news = { .piece = { .first = first,
                                  .count = count,
                                  .results = results,
                                  .results_bytes = strlen(results),
                                  .faults = faults.data,
                                  .faults_bytes = faults.len,
                                  .fresh_count = 1 },
                       .one = fresh };
    ck_assert(dc_given_keep(&given, session.session_count, &news, false));
}

static void keep_all(uint64_t first, uint32_t count, const char *results)
{
    keep(first, count, results, DC_STR(""), (dcalc_range_t){ first, first + count });
}

static void send(const dcalc_range_t *needs, uint32_t count)
{
    dcalc_chunk_t chunk = { .needs = needs, .need_count = count };
    ck_assert(dc_given_send(&given, &session, HANDLE, &chunk, &out));
}

// The next GIVE that was sent is of jobs from `first` on, with these results.
static void assert_given(size_t index, uint64_t first, uint32_t count, const char *const *results)
{
    ck_assert_uint_lt(index, out.send_count);
    const dc_cmd_t *cmd = &out.sends[index];
    dc_str_t data = cmd->data.bytes;
    dc_wire_needs_t needs;
    ck_assert_int_eq((int)cmd->type, DC_CMD_GIVE);
    ck_assert_uint_eq(cmd->give.handle, HANDLE);
    ck_assert_uint_eq(cmd->give.first, first);
    ck_assert_uint_eq(cmd->give.count, count);
    ck_assert_uint_eq(cmd->give.flags, results ? 0 : DC_GIVE_FAILED);
    if (!results) {
        ck_assert_uint_eq(data.len, 0);
        return;
    }
    ck_assert(dc_wire_read_needs(&data, &needs));
    ck_assert_uint_eq(needs.count, count);
    for (uint32_t i = 0; i < count; i++) {
        ck_assert(dc_str_eq(dc_wire_take_need(&needs), dc_str_from(results[i])));
    }
    ck_assert_uint_eq(data.len, 0);
}

START_TEST(the_broker_that_computed_them_is_not_given_them)
{
    keep_all(0, 3, "1\n2\n3\n");
    send(&(dcalc_range_t){ 0, 3 }, 1);
    ck_assert_uint_eq(out.send_count, 0);
}
END_TEST

START_TEST(a_new_session_is_given_what_the_chunk_needs_and_no_more)
{
    keep_all(10, 5, "a\nbb\n\nd\ne\n");
    begin_anew();
    send(&(dcalc_range_t){ 11, 14 }, 1);
    ck_assert_uint_eq(out.send_count, 1);
    assert_given(0, 11, 3, (const char *[]){ "bb", "", "d" });
}
END_TEST

START_TEST(nothing_is_given_twice_to_a_session)
{
    keep_all(0, 4, "a\nb\nc\nd\n");
    begin_anew();
    send(&(dcalc_range_t){ 0, 2 }, 1);
    send(&(dcalc_range_t){ 0, 4 }, 1);
    ck_assert_uint_eq(out.send_count, 2);
    assert_given(1, 2, 2, (const char *[]){ "c", "d" });
    begin_anew();
    send(&(dcalc_range_t){ 0, 1 }, 1);
    ck_assert_uint_eq(out.send_count, 1);
}
END_TEST

START_TEST(gaps_part_what_is_given)
{
    keep_all(0, 2, "a\nb\n");
    keep_all(5, 1, "f\n");
    begin_anew();
    // Of the jobs between nothing is known: they are sent again, and computed.
    send((dcalc_range_t[]){ { 0, 1 }, { 1, 4 }, { 5, 6 } }, 3);
    ck_assert_uint_eq(out.send_count, 2);
    assert_given(0, 0, 2, (const char *[]){ "a", "b" });
    assert_given(1, 5, 1, (const char *[]){ "f" });
}
END_TEST

START_TEST(failed_jobs_are_given_as_such_and_apart)
{
    dc_buf_t faults = { 0 };
    dc_diag_t diag;
    dc_diag_set(&diag, DC_ERR_DOMAIN, 0, 0, "no");
    dc_fault_put(&faults, 1, &diag);
    dc_fault_put(&faults, 2, &diag);
    keep(0, 4, "a\nerror: domain\nerror: domain\nd\n", dc_buf_str(&faults),
         (dcalc_range_t){ 0, 4 });
    dc_buf_fini(&faults);
    begin_anew();
    send(&(dcalc_range_t){ 0, 4 }, 1);
    ck_assert_uint_eq(out.send_count, 3);
    assert_given(0, 0, 1, (const char *[]){ "a" });
    assert_given(1, 1, 2, NULL);
    assert_given(2, 3, 1, (const char *[]){ "d" });
}
END_TEST

START_TEST(the_first_answer_is_the_one_that_is_kept)
{
    keep_all(0, 2, "a\nb\n");
    keep(0, 3, "x\ny\nc\n", DC_STR(""), (dcalc_range_t){ 2, 3 });
    begin_anew();
    send(&(dcalc_range_t){ 0, 3 }, 1);
    assert_given(0, 0, 3, (const char *[]){ "a", "b", "c" });
}
END_TEST

START_TEST(columns_are_eight_bytes_each)
{
    double numbers[] = { 1.5, -0.0 };
    dc_news_t news = { .piece = { .first = 4,
                                  .count = 2,
                                  .results = (const char *)numbers,
                                  .results_bytes = sizeof numbers,
                                  .fresh_count = 1 },
                       .one = { 4, 6 } };
    ck_assert(dc_given_keep(&given, session.session_count, &news, true));
    begin_anew();
    send(&(dcalc_range_t){ 5, 6 }, 1);
    dc_str_t data = out.sends[0].data.bytes;
    dc_wire_needs_t needs;
    ck_assert(dc_wire_read_needs(&data, &needs));
    ck_assert(dc_str_eq(dc_wire_take_need(&needs), dc_str((const char *)&numbers[1], 8)));
}
END_TEST

START_TEST(what_is_long_is_given_in_pieces)
{
    static char line[DC_CHUNK_BYTES_MAX / 2 + 2];
    memset(line, '7', sizeof line - 2);
    line[sizeof line - 2] = '\n';
    for (uint64_t i = 0; i < 3; i++) {
        keep_all(i, 1, line);
    }
    begin_anew();
    send(&(dcalc_range_t){ 0, 3 }, 1);
    ck_assert_uint_eq(out.send_count, 2);
    ck_assert_uint_eq(out.sends[0].give.count, 2);
    ck_assert_uint_eq(out.sends[1].give.first, 2);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("given");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, the_broker_that_computed_them_is_not_given_them);
    tcase_add_test(tests, a_new_session_is_given_what_the_chunk_needs_and_no_more);
    tcase_add_test(tests, nothing_is_given_twice_to_a_session);
    tcase_add_test(tests, gaps_part_what_is_given);
    tcase_add_test(tests, failed_jobs_are_given_as_such_and_apart);
    tcase_add_test(tests, the_first_answer_is_the_one_that_is_kept);
    tcase_add_test(tests, columns_are_eight_bytes_each);
    tcase_add_test(tests, what_is_long_is_given_in_pieces);
    Suite *all = suite_create("given");
    suite_add_tcase(all, tests);
    return all;
}
