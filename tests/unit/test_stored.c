// The client's core and batches that the broker keeps: submitting until the last receipt, fetching
// as often as connections break.
#include "client/requests.h"
#include "common/bytes.h"
#include "common/jobs_digest.h"
#include "common/program.h"
#include "tests/lib/main.h"
#include "tests/lib/requests_play.h"

// The connection breaks, and the next one is there.
static void reconnect(void)
{
    dc_requests_disconnected(core, now, &out);
    tick_at(now + DC_REQUESTS_RECONNECT_MS_MAX);
}

// --- detached ----------------------------------------------------------------------------------

START_TEST(inputs_are_kept_until_their_receipt)
{
    dcalc_id_t batch = open_detached(NULL);
    ck_assert_int_eq(send_lines(batch, "1\n2\n"), DC_OK);
    ck_assert_int_eq(send_lines(batch, "3\n"), DC_OK);
    expect("OPEN 1 detached\n"
           "CHUNK 1 [0,2) \"1\\n2\\n\"\n"
           "CHUNK 1 [2,3) \"3\\n\"\n");
    hear_opened(batch, 17, NULL, 0);
    hear_receipt(batch, 0, 2, 0);
    expect("found\n"
           "opened 1 b17\n"
           "receipt 1 2/3\n");
    ck_assert_ptr_null(dc_requests_chunk(core, batch, 0));
    ck_assert_ptr_nonnull(dc_requests_chunk(core, batch, 2));
    ck_assert_uint_eq(dc_requests_counts(core).bytes, 2 + DC_CHUNK_COST_BYTES);
    hear_receipt(batch, 0, 2, 0); // twice is fine
    ck_assert_int_eq(ack(batch, 0, 2), DC_ERR_INVALID);
    expect("");
}
END_TEST

START_TEST(it_is_over_when_it_is_closed_on_disk)
{
    dcalc_id_t batch = open_detached(NULL);
    send_lines(batch, "1\n");
    hear_opened(batch, 17, NULL, 0);
    hear_receipt(batch, 0, 1, 0);
    close_batch(batch);
    expect("OPEN 1 detached\n"
           "CHUNK 1 [0,1) \"1\\n\"\n"
           "CLOSE 1 1\n"
           "found\n"
           "opened 1 b17\n"
           "receipt 1 1/1\n");
    ck_assert(!dc_requests_is_idle(core)); // what is only sent may be lost
    hear_receipt(batch, 0, 1, DC_RECEIPT_CLOSED);
    expect("end 1 ok\n");
    ck_assert(dc_requests_is_idle(core));
    ck_assert_uint_eq(dc_requests_counts(core).bytes, 0);
    hear_receipt(batch, 0, 1, DC_RECEIPT_CLOSED);
    expect("");
    ck_assert_uint_eq(dc_requests_counts(core).strays, 1);
}
END_TEST

START_TEST(a_batch_without_jobs_is_stored_too)
{
    dcalc_id_t batch = open_detached(NULL);
    close_batch(batch);
    hear_receipt(batch, 0, 0, DC_RECEIPT_CLOSED);
    expect("OPEN 1 detached\n"
           "CLOSE 1 0\n"
           "found\n"
           "end 1 ok\n");
}
END_TEST

// Also when the broker itself was away: what is on its disk it need not get again.
START_TEST(what_has_no_receipt_is_sent_again)
{
    dcalc_id_t batch = open_detached(NULL);
    send_lines(batch, "1\n");
    send_lines(batch, "2\n");
    send_lines(batch, "3\n");
    close_batch(batch);
    hear_opened(batch, 17, NULL, 0);
    hear_receipt(batch, 0, 1, 0);
    dc_outcome_clear_sends(&out);
    expect("found\nopened 1 b17\nreceipt 1 1/3\n");
    reconnect();
    expect("connect\n"
           "OPEN 1 again detached b17\n"
           "lost\n");
    hear_opened(batch, 17, &(dc_range_t){ 0, 2 }, 1);
    tick_at(now);
    expect("CHUNK 1 [2,3) \"3\\n\"\n"
           "CLOSE 1 3\n"
           "found\n"
           "receipt 1 2/3\n");
    hear_receipt(batch, 0, 3, DC_RECEIPT_CLOSED);
    expect("receipt 1 3/3\nend 1 ok\n");
}
END_TEST

// Open a detached batch with a template of three bytes, and send all of it; then the broker says
// how many it takes.
static dcalc_id_t send_with_template(uint32_t bytes_max)
{
    dc_key_t key = { .bytes = { 7 } };
    dc_program_t program;
    dc_buf_t frame = { 0 };
    dcalc_id_t batch = 0;
    dc_program_init(&program);
    program.template = DC_STR("x*x");
    dc_program_encode(&program, &frame);
    dcalc_batch_options_t options = { .detached = true,
                                      .program = frame.data,
                                      .program_bytes = frame.len };
    ck_assert_int_eq(dc_requests_open(core, now, &key, &options, &batch, &out), DC_OK);
    dc_outcome_clear_sends(&out);
    send_lines(batch, "1\n");
    close_batch(batch);
    expect("CHUNK 1 [0,1) \"1\\n\"\n");
    hear(&(dc_cmd_t){ .type = DC_CMD_OPENED,
                      .opened = { .handle = batch, .number = 17, .expr_bytes_max = bytes_max } });
    dc_buf_fini(&frame);
    return batch;
}

// What is closed is kept, and of what is refused nothing is to stay.
START_TEST(a_template_is_known_to_be_short_enough_before_it_is_closed)
{
    dcalc_id_t batch = send_with_template(3);
    tick_at(now);
    expect("CLOSE 1 1\nfound\nopened 1 b17\n");
    hear_receipt(batch, 0, 1, DC_RECEIPT_CLOSED);
    expect("receipt 1 1/1\nend 1 ok\n");
}
END_TEST

START_TEST(a_template_that_is_too_long_leaves_nothing)
{
    send_with_template(2);
    tick_at(now);
    expect("CANCEL 1\nfound\nopened 1 b17\nend 1 too-long\n");
    ck_assert(dc_requests_is_idle(core));
}
END_TEST

// Its inputs are gone on both sides.
START_TEST(a_batch_that_the_broker_dropped_cannot_go_on)
{
    dcalc_id_t batch = open_detached(NULL);
    send_lines(batch, "1\n");
    send_lines(batch, "2\n");
    hear_opened(batch, 17, NULL, 0);
    hear_receipt(batch, 0, 1, 0);
    reconnect();
    dc_outcome_clear_sends(&out);
    expect("connect\nfound\nopened 1 b17\nreceipt 1 1/2\nlost\n");
    hear_opened(batch, 18, NULL, 0);
    expect("CANCEL 1\n"
           "found\n"
           "opened 1 b18\n"
           "end 1 unknown-batch\n");
    dc_requests_cancel(core, now, batch, &out);
    expect("");
    ck_assert_uint_eq(dc_requests_counts(core).bytes, 0);
}
END_TEST

// What was committed is not kept here any more, so that asking again could only find it missing.
START_TEST(a_batch_that_is_too_much_for_the_store_half_way_is_told_so)
{
    dcalc_id_t batch = open_detached(NULL);
    ck_assert_int_eq(send_lines(batch, "1\n"), DC_OK);
    hear_opened(batch, 17, NULL, 0);
    hear_receipt(batch, 0, 1, 0);
    ck_assert_int_eq(send_lines(batch, "2\n"), DC_OK);
    dc_outcome_clear_sends(&out);
    expect("found\nopened 1 b17\nreceipt 1 1/1\n");
    hear_refused(batch, DC_ERR_STORE_FULL);
    expect("end 1 store-full\n");
    ck_assert(dc_requests_is_idle(core));
}
END_TEST

START_TEST(results_are_not_for_who_submits)
{
    dcalc_id_t batch = open_detached(NULL);
    send_lines(batch, "1\n");
    dc_outcome_clear_sends(&out);
    hear_piece(batch, 0, 1, "1\n");
    expect("found\n");
    ck_assert_uint_eq(dc_requests_counts(core).violations, 1);
    tick_at(now);
    expect("connect\nOPEN 1 again detached\n");
}
END_TEST

START_TEST(a_receipt_for_what_was_not_sent_costs_the_session)
{
    dcalc_id_t batch = open_detached(NULL);
    send_lines(batch, "1\n");
    hear_receipt(batch, 0, 2, 0);
    ck_assert_uint_eq(dc_requests_counts(core).violations, 1);
    dcalc_id_t other = open_batch();
    hear_receipt(other, 0, 0, DC_RECEIPT_CLOSED);
    ck_assert(!dc_requests_is_idle(core));
}
END_TEST

START_TEST(a_key_or_a_time_to_keep_is_of_what_is_kept)
{
    dc_key_t key = { .bytes = { 9 } };
    dcalc_id_t batch;
    dcalc_batch_options_t options = { .key = "nightly" };
    ck_assert_int_eq(dc_requests_open(core, now, &key, &options, &batch, &out), DC_ERR_INVALID);
    options = (dcalc_batch_options_t){ .keep_ms = 1000 };
    ck_assert_int_eq(dc_requests_open(core, now, &key, &options, &batch, &out), DC_ERR_INVALID);
    options = (dcalc_batch_options_t){ .detached = true, .key = "" };
    ck_assert_int_eq(dc_requests_open(core, now, &key, &options, &batch, &out), DC_ERR_INVALID);
    options = (dcalc_batch_options_t){ .detached = true, .keep_ms = 1000 };
    ck_assert_int_eq(dc_requests_open(core, now, &key, &options, &batch, &out), DC_OK);
    expect("OPEN 1 detached keep=1000\n");
}
END_TEST

// --- under a key -------------------------------------------------------------------------------

// Who has a key may not be the first: until it is known what is there nothing is sent.
START_TEST(with_a_key_nothing_is_sent_before_it_is_known_what_is_there)
{
    dcalc_id_t batch = open_detached("nightly");
    ck_assert_uint_eq(dc_requests_room(core, batch), 0);
    ck_assert_int_eq(send_lines(batch, "1\n"), DC_ERR_FULL);
    expect("OPEN 1 detached\n");
    hear_opened(batch, 17, NULL, 0);
    ck_assert_int_eq(send_lines(batch, "1\n"), DC_OK);
    expect("CHUNK 1 [0,1) \"1\\n\"\nfound\nopened 1 b17\n");
}
END_TEST

static void hear_found(dcalc_id_t batch, uint8_t flags)
{
    dc_buf_t data = { 0 };
    dc_wire_put_range(&data, &(dc_range_t){ 0, 3 });
    hear(&(dc_cmd_t){ .type = DC_CMD_OPENED,
                      .opened = { .handle = batch, .number = 17, .flags = flags },
                      .data = { .bytes = dc_buf_str(&data) } });
    dc_buf_fini(&data);
}

START_TEST(what_was_there_is_told)
{
    hear_found(open_detached("nightly"), DC_OPENED_THERE);
    expect("OPEN 1 detached\nfound\nopened 1 b17 found=1\nreceipt 1 3/3\n");
    hear_found(open_detached("daily"), DC_OPENED_THERE | DC_OPENED_COMPLETE);
    expect("OPEN 2 detached\nopened 2 b17 found=2\nreceipt 2 3/3\n");
    // What this one brought itself may be all that there is.
    hear_found(open_detached("hourly"), DC_OPENED_COMPLETE);
    expect("OPEN 3 detached\nopened 3 b17\nreceipt 3 3/3\n");
}
END_TEST

// So that a person can be told what differs.
START_TEST(whose_key_is_anothers_gets_the_program_of_that)
{
    dcalc_id_t batch = open_detached("nightly");
    hear(&(dc_cmd_t){ .type = DC_CMD_REFUSED,
                      .refused = { .handle = batch, .error = DC_ERR_INVALID },
                      .data = { .bytes = DC_STR("it has another") },
                      .program = { .bytes = DC_STR("theirs") } });
    expect("OPEN 1 detached\nfound\nend 1 invalid \"theirs\"\n");
}
END_TEST

// The one before cut its chunks elsewhere, and was killed.
START_TEST(what_an_earlier_process_sent_is_not_sent_again)
{
    dcalc_id_t batch = open_detached("nightly");
    hear_opened(batch, 17, &(dc_range_t){ 0, 3 }, 1);
    expect("OPEN 1 detached\nfound\nopened 1 b17\nreceipt 1 3/3\n");
    send_lines(batch, "1\n2\n");
    ck_assert_uint_eq(dc_requests_counts(core).bytes, 0);
    expect("");
    send_lines(batch, "3\n4\n5\n");
    expect("CHUNK 1 [3,5) \"4\\n5\\n\"\n");
    reconnect(); // and once more
    hear_opened(batch, 17, &(dc_range_t){ 0, 3 }, 1);
    close_batch(batch);
    tick_at(now);
    expect("connect\n"
           "OPEN 1 again detached b17\n"
           "CHUNK 1 [3,5) \"4\\n5\\n\"\n"
           "CLOSE 1 5\n"
           "lost\nfound\n");
    hear_receipt(batch, 3, 5, DC_RECEIPT_CLOSED);
    expect("receipt 1 5/5\nend 1 ok\n");
}
END_TEST

// The earlier process sent three jobs, which add up to this.
static void hear_digest(dcalc_id_t batch, uint8_t flags, const char *theirs)
{
    dc_buf_t data = { 0 };
    char digest[8];
    dc_wire_put_range(&data, &(dc_range_t){ 0, 3 });
    dc_put_u64(digest, dc_jobs_digest(0, dc_str_from(theirs), 0, false));
    dc_buf_append(&data, digest, sizeof digest);
    hear(&(dc_cmd_t){ .type = DC_CMD_OPENED,
                      .opened = { .handle = batch,
                                  .number = 17,
                                  .flags = flags | DC_OPENED_DIGEST | DC_OPENED_THERE },
                      .data = { .bytes = dc_buf_str(&data) } });
    dc_buf_fini(&data);
}

START_TEST(who_goes_on_with_the_same_jobs_goes_on)
{
    dcalc_id_t batch = open_detached("nightly");
    hear_digest(batch, 0, "1\n2\n3\n");
    expect("OPEN 1 detached\nfound\nopened 1 b17 found=1\nreceipt 1 3/3\n");
    ck_assert_int_eq(send_lines(batch, "1\n"), DC_OK);
    ck_assert_int_eq(send_lines(batch, "2\n3\n4\n"), DC_OK);
    expect("CHUNK 1 [3,4) \"4\\n\"\n");
}
END_TEST

// Nothing of these reaches the broker, and the batch stays what it was.
START_TEST(who_goes_on_with_other_jobs_is_told)
{
    dcalc_id_t batch = open_detached("nightly");
    hear_digest(batch, 0, "1\n2\n3\n");
    ck_assert_int_eq(send_lines(batch, "1\n22\n"), DC_OK);
    ck_assert_int_eq(send_lines(batch, "3\n4\n5\n"), DC_OK);
    expect("OPEN 1 detached\nfound\nopened 1 b17 found=1\nreceipt 1 3/3\nend 1 invalid\n");
    ck_assert_int_eq(send_lines(batch, "6\n"), DC_ERR_UNKNOWN_BATCH);
    dc_requests_leave(core, now, &out);
    expect("");
}
END_TEST

// What the connection is lost for meanwhile is compared all the same, and what this one has sent
// itself is not.
START_TEST(what_was_there_is_compared_once)
{
    dcalc_id_t batch = open_detached("nightly");
    hear_digest(batch, 0, "1\n2\n3\n");
    ck_assert_int_eq(send_lines(batch, "1\n22\n"), DC_OK);
    dc_outcome_clear_sends(&out);
    reconnect();
    expect("connect\nOPEN 1 again detached b17\n"
           "found\nopened 1 b17 found=1\nreceipt 1 3/3\nlost\n");
    hear_opened(batch, 17, &(dc_range_t){ 0, 3 }, 1);
    ck_assert_int_eq(send_lines(batch, "3\n"), DC_OK);
    expect("found\nend 1 invalid\n");
}
END_TEST

// The one before is dead, and the broker may not know it yet; one that comes later wins.
START_TEST(who_is_early_with_a_key_asks_again)
{
    dcalc_id_t batch = open_detached("nightly");
    hear_refused(batch, DC_ERR_TAKEN_OVER);
    expect("OPEN 1 detached\nfound\nbusy 1 taken-over waiting=0\n");
    tick_at(now + DC_REQUESTS_BUSY_MS_MIN);
    hear_opened(batch, 17, NULL, 0);
    expect("OPEN 1 again detached\nopened 1 b17\n");
    hear_refused(batch, DC_ERR_TAKEN_OVER);
    expect("end 1 taken-over\n");
}
END_TEST

// A store may have room for the batch alone, time and again: who waits has to know for how long.
START_TEST(it_is_refused_until_some_of_it_is_stored)
{
    dcalc_id_t batch = open_detached(NULL);
    send_lines(batch, "1\n");
    hear_opened(batch, 17, NULL, 0);
    hear_refused_for_now(batch, DC_ERR_STORE_FULL, 100);
    expect("OPEN 1 detached\nCHUNK 1 [0,1) \"1\\n\"\n"
           "found\nopened 1 b17\nbusy 1 store-full waiting=0\n");
    dc_ms_t refused_ms = now;
    tick_at(refused_ms + 500);
    hear_opened(batch, 18, NULL, 0);
    tick_at(now);
    hear_refused_for_now(batch, DC_ERR_STORE_FULL, 100);
    expect("OPEN 1 again detached b17\nCHUNK 1 [0,1) \"1\\n\"\n"
           "opened 1 b18\nbusy 1 store-full waiting=500\n");
    tick_at(refused_ms + 1000);
    hear_opened(batch, 19, NULL, 0);
    hear_receipt(batch, 0, 1, 0);
    reconnect();
    hear_refused_for_now(batch, DC_ERR_BUSY, 100);
    expect("connect\nOPEN 1 again detached b19\n"
           "opened 1 b19\nreceipt 1 1/1\nlost\nfound\nbusy 1 busy waiting=0\n");
}
END_TEST

START_TEST(what_was_whole_before_ends_at_once)
{
    dcalc_id_t batch = open_detached("nightly");
    hear_opened(batch, 17, &(dc_range_t){ 0, 3 }, 1);
    hear_receipt(batch, 0, 3, DC_RECEIPT_CLOSED);
    expect("OPEN 1 detached\nfound\nopened 1 b17\nreceipt 1 3/3\nend 1 ok\n");
    ck_assert(dc_requests_is_idle(core));
    ck_assert_int_eq(send_lines(batch, "1\n"), DC_ERR_UNKNOWN_BATCH);
}
END_TEST

START_TEST(who_leaves_can_come_back_with_the_key)
{
    open_detached(NULL);
    open_detached("nightly");
    expect("OPEN 1 detached\nOPEN 2 detached\n");
    dc_requests_leave(core, now, &out);
    expect("CANCEL 1\n");
}
END_TEST

// --- attached ----------------------------------------------------------------------------------

START_TEST(a_stored_batch_comes_as_if_it_had_been_sent)
{
    dcalc_id_t batch = attach(17, 0);
    expect("ATTACH 1 b17 from=0 inputs\n");
    hear_attached(batch, 17, "{p}");
    hear_input(batch, 0, 2, "1\n2\n");
    hear_piece(batch, 0, 2, "1\n2\n");
    hear_input(batch, 2, 1, "3\n");
    hear_piece(batch, 2, 1, "3\n");
    expect("found\n"
           "opened 1 b17 \"{p}\"\n"
           "piece 1 [0,2) \"1\\n2\\n\"\n"
           "piece 1 [2,3) \"3\\n\"\n");
    ck_assert_int_eq(dc_requests_chunk(core, batch, 1)->jobs, 2);
    ck_assert_int_eq(ack(batch, 0, 2), DC_OK);
    tick_at(now);
    expect("ACK 1 [0,2)\n");
    hear_done(batch, DC_OK);
    expect("end 1 ok\n");
    ck_assert_int_eq(ack(batch, 2, 3), DC_OK);
    tick_at(now);
    expect(""); // the broker has nothing to wait for
    ck_assert(dc_requests_is_idle(core));
    ck_assert_uint_eq(dc_requests_counts(core).bytes, 0);
}
END_TEST

START_TEST(nothing_can_be_sent_to_it)
{
    dcalc_id_t batch = attach(17, 0);
    hear_attached(batch, 17, "");
    ck_assert_uint_eq(dc_requests_room(core, batch), 0);
    ck_assert_int_eq(send_lines(batch, "1\n"), DC_ERR_INVALID);
    close_batch(batch);
    tick_at(now);
    expect("ATTACH 1 b17 from=0 inputs\nfound\nopened 1 b17\n");
    ck_assert_int_eq(dc_requests_attach(core, now, 0, 0, &batch, &out), DC_ERR_INVALID);
}
END_TEST

START_TEST(its_first_chunk_is_the_one_that_holds_the_first_job)
{
    dcalc_id_t batch = attach(17, 12);
    hear_attached(batch, 17, "");
    hear_input(batch, 10, 4, "a\nb\nc\nd\n");
    hear_piece(batch, 10, 4, "1\n2\n3\n4\n");
    hear_done(batch, DC_OK);
    expect("ATTACH 1 b17 from=12 inputs\n"
           "found\n"
           "opened 1 b17\n"
           "piece 1 [10,14) \"1\\n2\\n3\\n4\\n\"\n"
           "end 1 ok\n");
}
END_TEST

START_TEST(after_a_lost_connection_it_comes_from_the_first_job_without_result)
{
    dcalc_id_t batch = attach(17, 0);
    hear_attached(batch, 17, "{p}");
    hear_input(batch, 0, 2, "1\n2\n");
    hear_piece(batch, 0, 2, "1\n2\n");
    hear_input(batch, 2, 3, "3\n4\n5\n");
    hear_piece(batch, 2, 1, "3\n");
    reconnect();
    expect("connect\n"
           "ATTACH 1 b17 from=3 inputs\n"
           "found\n"
           "opened 1 b17 \"{p}\"\n"
           "piece 1 [0,2) \"1\\n2\\n\"\n"
           "piece 1 [2,3) \"3\\n\"\n"
           "lost\n");
    hear_attached(batch, 17, "{p}");
    hear_input(batch, 2, 3, "3\n4\n5\n"); // known, and still in use
    hear_piece(batch, 2, 3, "3\n4\n5\n");
    hear_input(batch, 5, 1, "6\n");
    hear_piece(batch, 5, 1, "6\n");
    expect("found\n"
           "piece 1 [2,5) fresh=[3,5) \"3\\n4\\n5\\n\"\n"
           "piece 1 [5,6) \"6\\n\"\n");
    reconnect(); // the end was under way
    expect("connect\nATTACH 1 b17 from=6 inputs\nlost\n");
    hear_attached(batch, 17, "{p}");
    hear_done(batch, DC_OK);
    expect("found\nend 1 ok\n");
}
END_TEST

START_TEST(what_a_cancelled_batch_has_no_results_of_is_known)
{
    dcalc_id_t batch = attach(17, 0);
    hear_attached(batch, 17, "");
    hear_input(batch, 0, 3, "1\n2\n3\n");
    hear_piece_of(batch, 0, 3, &(dc_range_t){ 1, 2 }, 1, "\n2\n\n");
    hear_done(batch, DC_ERR_CANCELLED);
    expect("ATTACH 1 b17 from=0 inputs\n"
           "found\n"
           "opened 1 b17\n"
           "piece 1 [0,3) fresh=[1,2) \"\\n2\\n\\n\"\n"
           "end 1 cancelled\n");
    dc_range_t jobs;
    ck_assert_ptr_nonnull(dc_requests_unanswered(core, batch, 0, &jobs));
    ck_assert_uint_eq(jobs.first, 0);
    ck_assert_uint_eq(jobs.end, 1);
    dc_requests_cancel(core, now, batch, &out);
    expect(""); // it has ended, here and there
}
END_TEST

START_TEST(results_in_columns_are_known_by_the_batch)
{
    dcalc_id_t batch = attach(17, 0);
    hear(&(dc_cmd_t){
        .type = DC_CMD_OPENED,
        .opened = { .handle = batch, .number = 17, .flags = DC_OPEN_DETACHED | DC_OPEN_COLUMNS } });
    hear_input(batch, 0, 2, "1\n2\n");
    hear_piece(batch, 0, 2, "8 bytes.8 bytes.");
    expect("ATTACH 1 b17 from=0 inputs\n"
           "found\n"
           "opened 1 b17\n"
           "piece 1 [0,2) \"8 bytes.8 bytes.\"\n");
}
END_TEST

START_TEST(to_cancel_the_fetching_says_so_once)
{
    dcalc_id_t batch = attach(17, 0);
    hear_attached(batch, 17, "");
    dc_requests_cancel(core, now, batch, &out);
    expect("ATTACH 1 b17 from=0 inputs\nCANCEL 1\nfound\nopened 1 b17\nend 1 cancelled\n");
    hear_input(batch, 0, 1, "1\n"); // it was under way
    expect("");
    ck_assert_uint_eq(dc_requests_counts(core).violations, 0);
}
END_TEST

static const dc_err_t refusals[] = { DC_ERR_UNKNOWN_BATCH, DC_ERR_NOT_STORED, DC_ERR_LOST };

START_TEST(what_is_not_there_is_not_asked_for_again)
{
    dcalc_id_t batch = attach(17, 0);
    hear_refused(batch, refusals[_i]);
    dc_buf_t words = { 0 };
    dc_buf_printf(&words, "ATTACH 1 b17 from=0 inputs\nfound\nend 1 %s\n",
                  dc_err_name(refusals[_i]));
    dc_buf_append_char(&words, '\0');
    expect(words.data);
    dc_buf_fini(&words);
    ck_assert(dc_requests_is_idle(core));
}
END_TEST

START_TEST(who_is_refused_for_want_of_room_asks_again)
{
    dcalc_id_t batch = attach(17, 0);
    hear_refused(batch, DC_ERR_BUSY);
    expect("ATTACH 1 b17 from=0 inputs\nfound\nbusy 1 busy waiting=0\n");
    tick_at(now + DC_REQUESTS_BUSY_MS_MIN);
    expect("ATTACH 1 b17 from=0 inputs\n");
}
END_TEST

// What contradicts an attached batch with the inputs [0, 2), which are answered.
static const struct {
    uint64_t first;
    uint32_t count;
    const char *lines;
} unfit[] = {
    { 1, 2, "2\n3\n" },                  // overlaps what came
    { 2, 2, "3\n" },                     // has fewer lines than it says
    { 2, 0, "" },                        // nothing at all
    { UINT64_MAX, 2, "1\n2\n" },         // ends behind all numbers
    { 2, DC_CHUNK_JOBS_MAX + 1, "3\n" }, // more than a chunk has
};

START_TEST(inputs_that_do_not_fit_cost_the_session)
{
    dcalc_id_t batch = attach(17, 0);
    hear_attached(batch, 17, "");
    hear_input(batch, 0, 2, "1\n2\n");
    hear_piece(batch, 0, 2, "1\n2\n");
    hear_input(batch, unfit[_i].first, unfit[_i].count, unfit[_i].lines);
    ck_assert_uint_eq(dc_requests_counts(core).violations, 1);
    dc_outcome_clear_sends(&out);
    tick_at(now);
    expect("connect\n"
           "ATTACH 1 b17 from=2 inputs\n"
           "found\n"
           "opened 1 b17\n"
           "piece 1 [0,2) \"1\\n2\\n\"\n");
}
END_TEST

START_TEST(an_end_before_the_last_result_costs_the_session)
{
    dcalc_id_t batch = attach(17, 0);
    hear_attached(batch, 17, "");
    hear_input(batch, 0, 1, "1\n");
    hear_done(batch, DC_OK);
    ck_assert_uint_eq(dc_requests_counts(core).violations, 1);
}
END_TEST

START_TEST(another_batch_than_was_asked_for_costs_the_session)
{
    dcalc_id_t batch = attach(17, 0);
    hear_attached(batch, 18, "");
    ck_assert_uint_eq(dc_requests_counts(core).violations, 1);
}
END_TEST

START_TEST(to_delete_is_a_question)
{
    dcalc_id_t question;
    ck_assert_int_eq(dc_requests_delete(core, now, 17, &question, &out), DC_OK);
    expect("DELETE 1 b17\n");
    hear_refused(question, DC_ERR_BUSY);
    expect("found\nanswer 1 busy \"the broker has no room for more, try again later\"\n");
    ck_assert(dc_requests_is_idle(core));
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("stored");
    TCase *tcase = tcase_create("stored");
    tcase_add_checked_fixture(tcase, begin_play, end_play);
    tcase_add_test(tcase, inputs_are_kept_until_their_receipt);
    tcase_add_test(tcase, it_is_over_when_it_is_closed_on_disk);
    tcase_add_test(tcase, a_batch_without_jobs_is_stored_too);
    tcase_add_test(tcase, what_has_no_receipt_is_sent_again);
    tcase_add_test(tcase, a_template_is_known_to_be_short_enough_before_it_is_closed);
    tcase_add_test(tcase, a_template_that_is_too_long_leaves_nothing);
    tcase_add_test(tcase, a_batch_that_the_broker_dropped_cannot_go_on);
    tcase_add_test(tcase, a_batch_that_is_too_much_for_the_store_half_way_is_told_so);
    tcase_add_test(tcase, results_are_not_for_who_submits);
    tcase_add_test(tcase, a_receipt_for_what_was_not_sent_costs_the_session);
    tcase_add_test(tcase, a_key_or_a_time_to_keep_is_of_what_is_kept);
    tcase_add_test(tcase, with_a_key_nothing_is_sent_before_it_is_known_what_is_there);
    tcase_add_test(tcase, what_was_there_is_told);
    tcase_add_test(tcase, whose_key_is_anothers_gets_the_program_of_that);
    tcase_add_test(tcase, what_an_earlier_process_sent_is_not_sent_again);
    tcase_add_test(tcase, who_goes_on_with_the_same_jobs_goes_on);
    tcase_add_test(tcase, who_goes_on_with_other_jobs_is_told);
    tcase_add_test(tcase, what_was_there_is_compared_once);
    tcase_add_test(tcase, who_is_early_with_a_key_asks_again);
    tcase_add_test(tcase, it_is_refused_until_some_of_it_is_stored);
    tcase_add_test(tcase, what_was_whole_before_ends_at_once);
    tcase_add_test(tcase, who_leaves_can_come_back_with_the_key);
    tcase_add_test(tcase, a_stored_batch_comes_as_if_it_had_been_sent);
    tcase_add_test(tcase, nothing_can_be_sent_to_it);
    tcase_add_test(tcase, its_first_chunk_is_the_one_that_holds_the_first_job);
    tcase_add_test(tcase, after_a_lost_connection_it_comes_from_the_first_job_without_result);
    tcase_add_test(tcase, what_a_cancelled_batch_has_no_results_of_is_known);
    tcase_add_test(tcase, results_in_columns_are_known_by_the_batch);
    tcase_add_test(tcase, to_cancel_the_fetching_says_so_once);
    tcase_add_loop_test(tcase, what_is_not_there_is_not_asked_for_again, 0,
                        (int)DC_ARRAY_LEN(refusals));
    tcase_add_test(tcase, who_is_refused_for_want_of_room_asks_again);
    tcase_add_loop_test(tcase, inputs_that_do_not_fit_cost_the_session, 0,
                        (int)DC_ARRAY_LEN(unfit));
    tcase_add_test(tcase, an_end_before_the_last_result_costs_the_session);
    tcase_add_test(tcase, another_batch_than_was_asked_for_costs_the_session);
    tcase_add_test(tcase, to_delete_is_a_question);
    suite_add_tcase(all, tcase);
    return all;
}
