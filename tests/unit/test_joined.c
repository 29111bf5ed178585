// The client's core: small chunks of short jobs travel as one, and nobody who sent them notices.
#include "client/requests.h"
#include "common/fault.h"
#include "tests/lib/main.h"
#include "tests/lib/requests_play.h"

// A batch whose first job was answered, and took no time.
static dcalc_id_t open_short_batch(void)
{
    dcalc_id_t batch = open_batch();
    send_lines(batch, "1\n");
    hear_opened(batch, 17, NULL, 0);
    hear_piece(batch, 0, 1, "1\n");
    expect("OPEN 1\nCHUNK 1 [0,1) \"1\\n\"\n"
           "found\nopened 1 b17\npiece 1 [0,1) \"1\\n\"\n");
    return batch;
}

static dcalc_id_t send_three(void)
{
    dcalc_id_t batch = open_short_batch();
    ck_assert_int_eq(send_lines(batch, "2\n"), DC_OK);
    ck_assert_int_eq(send_lines(batch, "3"), DC_OK);
    ck_assert_int_eq(send_lines(batch, "4\n5\n"), DC_OK);
    expect("CHUNK 1 [1,5) \"2\\n3\\n4\\n5\\n\"\n");
    return batch;
}

START_TEST(small_chunks_of_a_turn_are_one_and_their_results_are_not)
{
    dcalc_id_t batch = send_three();
    hear_piece(batch, 1, 4, "2\n3\n4\n5\n");
    expect("piece 1 [1,2) \"2\\n\"\n"
           "piece 1 [2,3) \"3\\n\"\n"
           "piece 1 [3,5) \"4\\n5\\n\"\n");
    ck_assert_uint_eq(dc_requests_chunk(core, batch, 2)->first, 2);
    ck_assert_uint_eq(dc_requests_chunk(core, batch, 2)->jobs, 1);
}
END_TEST

START_TEST(nothing_is_joined_before_it_is_known_that_jobs_are_short)
{
    dcalc_id_t batch = open_batch();
    send_lines(batch, "1\n");
    send_lines(batch, "2\n");
    expect("OPEN 1\nCHUNK 1 [0,1) \"1\\n\"\nCHUNK 1 [1,2) \"2\\n\"\n");
    hear(&(dc_cmd_t){
        .type = DC_CMD_PIECE,
        .piece = { .handle = batch, .count = 1, .attempt = 1, .spent_us = DC_GATHER_JOB_US + 1 },
        .data = { .bytes = DC_STR("1\n") } });
    expect("found\npiece 1 [0,1) \"1\\n\"\n");
    send_lines(batch, "3\n");
    send_lines(batch, "4\n");
    expect("CHUNK 1 [2,3) \"3\\n\"\nCHUNK 1 [3,4) \"4\\n\"\n");
}
END_TEST

START_TEST(what_is_no_line_or_too_much_is_a_chunk_of_its_own)
{
    dcalc_id_t batch = open_short_batch();
    dc_slice_t data = { .bytes = DC_STR("abcd") };
    dcalc_chunk_t record = { .size = 4, .record = true };
    dcalc_chunk_t wide = { .size = 4, .width = 2 };
    send_lines(batch, "2\n");
    ck_assert_int_eq(dc_requests_send(core, now, batch, &record, &data, &out), DC_OK);
    ck_assert_int_eq(dc_requests_send(core, now, batch, &wide, &data, &out), DC_OK);
    send_lines(batch, "6\n");
    expect("CHUNK 1 [1,2) \"2\\n\"\n"
           "CHUNK 1 [2,3) record \"abcd\"\n"
           "CHUNK 1 [3,5) width=2 \"abcd\"\n"
           "CHUNK 1 [5,6) \"6\\n\"\n");
    char long_line[DC_GATHER_BYTES_MAX];
    memset(long_line, '1', sizeof long_line - 1);
    long_line[sizeof long_line - 1] = '\0';
    send_lines(batch, "7\n");
    ck_assert_int_eq(send_lines(batch, long_line), DC_OK);
    ck_assert_uint_eq(out.send_count, 2);
    dc_outcome_clear_sends(&out);
    for (int i = 0; i < DC_GATHER_JOBS_MAX + 1; i++) {
        send_lines(batch, "8\n");
    }
    ck_assert_uint_eq(out.send_count, 2);
    ck_assert_uint_eq(out.sends[0].chunk.count, DC_GATHER_JOBS_MAX);
    dc_outcome_clear_sends(&out);
}
END_TEST

START_TEST(chunks_of_two_batches_stay_apart)
{
    dcalc_id_t batch = open_short_batch();
    dcalc_id_t other = open_batch();
    send_lines(batch, "2\n");
    send_lines(other, "x\n");
    send_lines(batch, "3\n");
    expect("OPEN 2\nCHUNK 1 [1,2) \"2\\n\"\nCHUNK 2 [0,1) \"x\\n\"\nCHUNK 1 [2,3) \"3\\n\"\n");
}
END_TEST

// The broker counts what it got, and may have the chunk as a whole only.
START_TEST(they_cost_what_one_chunk_costs)
{
    dcalc_id_t batch = open_short_batch();
    size_t before = dc_requests_room(core, batch);
    send_lines(batch, "2");
    send_lines(batch, "3");
    send_lines(batch, "4");
    ck_assert_uint_eq(before - dc_requests_room(core, batch),
                      DC_CHUNK_COST_BYTES + strlen("2\n3\n4\n"));
}
END_TEST

START_TEST(a_fault_comes_with_its_own_job)
{
    dcalc_id_t batch = send_three();
    dc_buf_t data = { 0 };
    dc_diag_t diag;
    dc_diag_set(&diag, DC_ERR_DIVIDE_BY_ZERO, 1, 1, "by zero");
    dc_fault_put(&data, 2, &diag);
    dc_fault_put(&data, 4, &diag);
    uint32_t faults_bytes = (uint32_t)data.len;
    dc_buf_append_text(&data, "2\nerror: x\n4\nerror: y\n");
    hear(&(dc_cmd_t){ .type = DC_CMD_PIECE,
                      .piece = { .handle = batch,
                                 .count = 4,
                                 .first = 1,
                                 .faults_bytes = faults_bytes,
                                 .spent_us = 11,
                                 .attempt = 1 },
                      .data = { .bytes = dc_buf_str(&data) } });
    dc_buf_fini(&data);
    static const struct {
        uint64_t first, fault; // 0: none
        uint32_t spent_us;
    } expected[] = { { 1, 0, 2 }, { 2, 2, 3 }, { 3, 4, 6 } };
    dc_news_t news;
    for (size_t i = 0; i < 3; i++) {
        ck_assert(dc_outcome_take(&out, &news));
        ck_assert_uint_eq(news.piece.first, expected[i].first);
        ck_assert_uint_eq(news.piece.spent_us, expected[i].spent_us);
        dc_str_t faults = dc_str(news.piece.faults, news.piece.faults_bytes);
        dc_fault_t fault = { 0 };
        ck_assert(dc_fault_take(&faults, &fault) == (expected[i].fault != 0));
        ck_assert_uint_eq(fault.index, expected[i].fault);
        ck_assert_uint_eq(faults.len, 0);
        dc_news_fini(&news);
    }
    ck_assert(!dc_outcome_has_news(&out));
}
END_TEST

START_TEST(jobs_that_count_are_those_of_each_chunk)
{
    dcalc_id_t batch = send_three();
    hear_piece(batch, 2, 1, "3\n");
    ck_assert_int_eq(ack(batch, 2, 3), DC_OK); // and is gone
    hear_piece_of(batch, 1, 4, (dc_range_t[]){ { 2, 4 } }, 1, "a\nb\nc\nd\n");
    expect("piece 1 [2,3) \"3\\n\"\n"
           "piece 1 [3,5) fresh=[3,4) \"c\\nd\\n\"\n");
    ck_assert_uint_eq(dc_requests_counts(core).duplicates, 0);
    hear_piece(batch, 1, 4, "2\n3\n4\n5\n");
    expect("piece 1 [1,2) \"2\\n\"\n"
           "piece 1 [3,5) fresh=[4,5) \"4\\n5\\n\"\n");
    hear_piece(batch, 1, 4, "2\n3\n4\n5\n");
    expect("");
    ck_assert_uint_eq(dc_requests_counts(core).duplicates, 1);
}
END_TEST

// The broker drops a chunk when one acknowledgement covers it.
START_TEST(the_last_acknowledgement_covers_what_was_joined)
{
    dcalc_id_t batch = send_three();
    hear_piece(batch, 1, 4, "2\n3\n4\n5\n");
    ck_assert_int_eq(ack(batch, 1, 2), DC_OK);
    tick_at(1001);
    ck_assert_int_eq(ack(batch, 3, 4), DC_OK);
    tick_at(1002);
    ck_assert_int_eq(ack(batch, 4, 5), DC_OK);
    tick_at(1003);
    ck_assert_int_eq(ack(batch, 2, 3), DC_OK);
    tick_at(1004);
    expect("ACK 1 [1,2)\n"
           "ACK 1 [3,5)\n"
           "ACK 1 [1,5)\n"
           "piece 1 [1,2) \"2\\n\"\n"
           "piece 1 [2,3) \"3\\n\"\n"
           "piece 1 [3,5) \"4\\n5\\n\"\n");
    ck_assert_int_eq(ack(batch, 0, 1), DC_OK);
    tick_at(1005);
    expect("ACK 1 [0,5)\n");
}
END_TEST

START_TEST(what_was_joined_is_sent_again_as_far_as_it_lacks)
{
    dcalc_id_t batch = send_three();
    hear_piece_of(batch, 1, 4, (dc_range_t[]){ { 2, 3 } }, 1, "2\n3\n4\n5\n");
    expect("piece 1 [2,3) \"3\\n\"\n");
    dc_requests_disconnected(core, now, &out);
    tick_at(now + DC_REQUESTS_RECONNECT_MS_MAX);
    expect("connect\nOPEN 1 again b17 lacks=[1,2)[3,5)\nlost\n");
    hear_opened(batch, 17, NULL, 0);
    tick_at(now + 1);
    expect("CHUNK 1 [1,2) \"2\\n\"\n"
           "CHUNK 1 [3,5) \"4\\n5\\n\"\n"
           "found\n");
    hear_piece(batch, 1, 1, "2\n");
    hear_piece(batch, 3, 2, "4\n5\n");
    expect("piece 1 [1,2) \"2\\n\"\n"
           "piece 1 [3,5) \"4\\n5\\n\"\n");
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("joined");
    TCase *tcase = tcase_create("joined");
    tcase_add_checked_fixture(tcase, begin_play, end_play);
    tcase_add_test(tcase, small_chunks_of_a_turn_are_one_and_their_results_are_not);
    tcase_add_test(tcase, nothing_is_joined_before_it_is_known_that_jobs_are_short);
    tcase_add_test(tcase, what_is_no_line_or_too_much_is_a_chunk_of_its_own);
    tcase_add_test(tcase, chunks_of_two_batches_stay_apart);
    tcase_add_test(tcase, they_cost_what_one_chunk_costs);
    tcase_add_test(tcase, a_fault_comes_with_its_own_job);
    tcase_add_test(tcase, jobs_that_count_are_those_of_each_chunk);
    tcase_add_test(tcase, the_last_acknowledgement_covers_what_was_joined);
    tcase_add_test(tcase, what_was_joined_is_sent_again_as_far_as_it_lacks);
    suite_add_tcase(suite, tcase);
    return suite;
}
