// The client's core, while all goes well and when it does not: batches, credit, answers. Sessions
// that are lost and begun again are in test_renew.c.
#include "client/requests.h"
#include "tests/lib/main.h"
#include "tests/lib/requests_play.h"

START_TEST(one_job_is_one_message_each_way)
{
    dcalc_id_t batch = open_batch();
    ck_assert_int_eq(send_lines(batch, "1+1\n"), DC_OK);
    close_batch(batch);
    tick_at(1000);
    expect("OPEN 1\n"
           "CHUNK 1 [0,1) \"1+1\\n\"\n"
           "CLOSE 1 1\n");
    hear_opened(batch, 17, NULL, 0);
    hear_piece(batch, 0, 1, "2\n");
    expect("found\n"
           "opened 1 b17\n"
           "piece 1 [0,1) \"2\\n\"\n"
           "end 1 ok\n");
    ck_assert_int_eq(ack(batch, 0, 1), DC_OK);
    expect("ACK 1 [0,1)\n");
    ck_assert(dc_requests_is_idle(core));
}
END_TEST

START_TEST(chunks_have_the_jobs_of_their_lines)
{
    dcalc_id_t batch = open_batch();
    ck_assert_int_eq(send_lines(batch, "1\n\n3\n"), DC_OK);
    ck_assert_int_eq(send_lines(batch, "4\n5"), DC_OK); // the last newline may be missing
    expect("OPEN 1\n"
           "CHUNK 1 [0,3) \"1\\n\\n3\\n\"\n"
           "CHUNK 1 [3,5) \"4\\n5\"\n");
}
END_TEST

START_TEST(a_record_is_one_job_and_a_width_makes_many)
{
    dcalc_id_t batch = open_batch();
    dc_slice_t data = { .bytes = DC_STR("abcdef\n8") };
    dcalc_chunk_t chunk = { .size = 8, .record = true, .tag = 7 };
    ck_assert_int_eq(dc_requests_send(core, now, batch, &chunk, &data, &out), DC_OK);
    ck_assert_uint_eq(chunk.jobs, 1);
    chunk = (dcalc_chunk_t){ .size = 8, .width = 4 };
    ck_assert_int_eq(dc_requests_send(core, now, batch, &chunk, &data, &out), DC_OK);
    ck_assert_uint_eq(chunk.first, 1);
    ck_assert_uint_eq(chunk.jobs, 2);
    expect("OPEN 1\n"
           "CHUNK 1 [0,1) record \"abcdef\\n8\"\n"
           "CHUNK 1 [1,3) width=4 \"abcdef\\n8\"\n");
    ck_assert_uint_eq(dc_requests_chunk(core, batch, 0)->tag, 7);
}
END_TEST

START_TEST(what_is_no_chunk_is_not_sent)
{
    dcalc_id_t batch = open_batch();
    static char lines[DC_CHUNK_JOBS_MAX + 1];
    static char long_lines[DC_CHUNK_BYTES_MAX + 1];
    static char long_line[DC_RECORD_BYTES_MAX + 1];
    memset(lines, '\n', sizeof lines);
    memset(long_lines, '1', sizeof long_lines);
    long_lines[10] = '\n';
    memset(long_line, '1', sizeof long_line);
    const dc_str_t wrong[] = {
        { "", 0 },
        { lines, sizeof lines },           // too many jobs
        { long_lines, sizeof long_lines }, // too many bytes
        { long_line, sizeof long_line },   // for one job, too
    };
    expect("OPEN 1\n");
    for (size_t i = 0; i < DC_ARRAY_LEN(wrong); i++) {
        dc_slice_t data = { .bytes = wrong[i] };
        dcalc_chunk_t chunk = { .size = wrong[i].len };
        ck_assert_int_eq(dc_requests_send(core, now, batch, &chunk, &data, &out), DC_ERR_INVALID);
    }
    dc_slice_t data = { .bytes = DC_STR("12345") };
    dcalc_chunk_t uneven = { .size = 5, .width = 2 };
    ck_assert_int_eq(dc_requests_send(core, now, batch, &uneven, &data, &out), DC_ERR_INVALID);
    expect("");
    close_batch(batch);
    ck_assert_int_eq(send_lines(batch, "1\n"), DC_ERR_UNKNOWN_BATCH); // it had no jobs, and is over
    expect("CLOSE 1 0\n"
           "end 1 ok\n");
}
END_TEST

START_TEST(options_travel_with_the_batch)
{
    dc_key_t key = { .bytes = { 9 } };
    dcalc_id_t batch;
    dcalc_batch_options_t options = {
        .program = "{p}", .program_bytes = 3, .name = "nightly", .tag = "gpu", .columns = true
    };
    ck_assert_int_eq(dc_requests_open(core, now, &key, &options, &batch, &out), DC_OK);
    expect("OPEN 1 columns \"nightly\" tag=gpu \"{p}\"\n");
    options.tag = "two words";
    ck_assert_int_eq(dc_requests_open(core, now, &key, &options, &batch, &out), DC_ERR_INVALID);
    options.tag = NULL;
    options.priority = 11;
    ck_assert_int_eq(dc_requests_open(core, now, &key, &options, &batch, &out), DC_ERR_INVALID);
    expect("");
}
END_TEST

// What a program allows a job, and what the OPEN says of it; a program that is none says nothing.
static const struct {
    const char *program;
    uint64_t steps_max;
    uint32_t timeout_ms;
} limits[] = {
    { "", DC_STEPS_MAX, DC_JOB_TIMEOUT_MS },
    { "{\"v\":1,\"steps_max\":5000,\"timeout_ms\":70}", 5000, 70 },
    { "{\"v\":1,\"timeout_ms\":0}", DC_STEPS_MAX, UINT32_MAX }, // no limit
    { "{\"v\":1,\"timeout_ms\":5000000000}", DC_STEPS_MAX, UINT32_MAX },
    { "{p}", 0, 0 },
};

START_TEST(the_limits_of_a_program_travel_beside_it)
{
    dc_key_t key = { .bytes = { 9 } };
    dcalc_id_t batch;
    dc_str_t program = dc_str_from(limits[_i].program);
    dcalc_batch_options_t options = { .program = program.data, .program_bytes = program.len };

    ck_assert_int_eq(dc_requests_open(core, now, &key, &options, &batch, &out), DC_OK);

    ck_assert_uint_eq(out.send_count, 1);
    ck_assert_uint_eq(out.sends[0].open.steps_max, limits[_i].steps_max);
    ck_assert_uint_eq(out.sends[0].open.timeout_ms, limits[_i].timeout_ms);
}
END_TEST

static void hear_progress(dcalc_id_t batch, uint64_t job, uint64_t done, uint64_t total)
{
    hear(
        &(dc_cmd_t){ .type = DC_CMD_PROGRESS,
                     .progress = { .handle = batch, .first = job, .done = done, .total = total } });
}

// Of a job that is answered, or was never sent, it is of no use.
START_TEST(progress_is_told_of_open_jobs)
{
    dcalc_id_t batch = open_batch();
    ck_assert_int_eq(send_lines(batch, "1\n2\n"), DC_OK);
    hear_opened(batch, 17, NULL, 0);
    hear_piece(batch, 0, 1, "1\n");
    expect("OPEN 1\n"
           "CHUNK 1 [0,2) \"1\\n2\\n\"\n"
           "found\n"
           "opened 1 b17\n"
           "piece 1 [0,1) \"1\\n\"\n");
    hear_progress(batch, 1, 30, 100);
    expect("progress 1 job=1 30/100\n");
    hear_progress(batch, 0, 30, 100);
    hear_progress(batch, 2, 30, 100);
    hear_progress(batch + 1, 1, 30, 100);
    expect("");
    ck_assert_uint_eq(dc_requests_counts(core).strays, 3);
}
END_TEST

// --- credit ------------------------------------------------------------------------------------

static size_t fill_room(dcalc_id_t batch)
{
    static char line[DC_CHUNK_BYTES_MAX];
    memset(line, '1', sizeof line);
    line[sizeof line - 1] = '\n';
    dc_slice_t data = { .bytes = dc_str(line, sizeof line) };
    size_t count = 0;
    for (;; count++) {
        dcalc_chunk_t chunk = { .size = sizeof line };
        dc_err_t err = dc_requests_send(core, now, batch, &chunk, &data, &out);
        if (err == DC_OK) continue;
        ck_assert_int_eq(err, DC_ERR_FULL);
        return count;
    }
}

START_TEST(no_more_is_sent_than_credit_allows)
{
    dcalc_id_t batch = open_batch();
    // 8 chunks of 64 KiB are just the initial credit, but each costs more than its bytes.
    ck_assert_uint_eq(fill_room(batch), 7);
    size_t room = dc_requests_room(core, batch);
    ck_assert_uint_eq(room, DC_CREDIT_INITIAL_BYTES -
                                7 * (DC_CHUNK_BYTES_MAX + DC_CHUNK_COST_BYTES) -
                                DC_CHUNK_COST_BYTES);
    hear_credit(DC_CREDIT_INITIAL_BYTES + DC_CHUNK_BYTES_MAX);
    ck_assert_uint_eq(fill_room(batch), 1);
    hear_credit(0); // it never shrinks
    hear_credit(UINT64_MAX);
    ck_assert_uint_eq(out.send_count, 9);
    // However much the broker allows, the client keeps no more than it was told.
    size_t count = 8 + fill_room(batch);
    ck_assert_uint_eq(count,
                      DC_REQUESTS_INPUTS_BYTES_MAX / (DC_CHUNK_BYTES_MAX + DC_CHUNK_COST_BYTES));
    dc_outcome_clear_sends(&out);
    ck_assert_uint_eq(dc_requests_counts(core).bytes,
                      count * (DC_CHUNK_BYTES_MAX + DC_CHUNK_COST_BYTES));
}
END_TEST

START_TEST(an_acknowledged_chunk_is_freed)
{
    dcalc_id_t batch = open_batch();
    send_lines(batch, "1\n2\n");
    send_lines(batch, "3\n");
    hear_piece(batch, 0, 2, "1\n2\n");
    hear_piece(batch, 2, 1, "3\n");
    expect("OPEN 1\n"
           "CHUNK 1 [0,2) \"1\\n2\\n\"\n"
           "CHUNK 1 [2,3) \"3\\n\"\n"
           "found\n"
           "piece 1 [0,2) \"1\\n2\\n\"\n"
           "piece 1 [2,3) \"3\\n\"\n");
    ck_assert_int_eq(ack(batch, 1, 2), DC_OK); // a part: not said yet
    tick_at(1001);
    expect("");
    ck_assert_int_eq(ack(batch, 0, 1), DC_OK);
    ck_assert_ptr_null(dc_requests_chunk(core, batch, 0));
    ck_assert_int_eq(ack(batch, 0, 3), DC_OK); // twice is fine
    ck_assert_uint_eq(dc_requests_counts(core).bytes, 0);
    tick_at(1002);
    expect("ACK 1 [0,3)\n"); // neighbours together
}
END_TEST

START_TEST(only_what_is_answered_can_be_acknowledged)
{
    dcalc_id_t batch = open_batch();
    send_lines(batch, "1\n2\n3\n");
    hear_piece(batch, 0, 2, "1\n2\n");
    ck_assert_int_eq(ack(batch, 0, 3), DC_ERR_INVALID);
    ck_assert_int_eq(ack(batch, 0, 4), DC_ERR_INVALID);
    ck_assert_int_eq(ack(batch, 2, 1), DC_ERR_INVALID);
    ck_assert_int_eq(ack(batch + 1, 0, 1), DC_ERR_UNKNOWN_BATCH);
    ck_assert_int_eq(ack(batch, 0, 2), DC_OK);
}
END_TEST

// --- answers -----------------------------------------------------------------------------------

START_TEST(the_first_answer_for_a_job_wins)
{
    dcalc_id_t batch = open_batch();
    send_lines(batch, "1\n2\n3\n4\n");
    tick_at(1000);
    expect("OPEN 1\nCHUNK 1 [0,4) \"1\\n2\\n3\\n4\\n\"\n");
    hear_piece(batch, 1, 1, "b\n");
    hear_piece(batch, 0, 4, "A\nB\nC\nD\n"); // the new ones stand around the old one
    hear_piece(batch, 0, 4, "w\nx\ny\nz\n"); // nothing is new
    expect("found\n"
           "piece 1 [1,2) \"b\\n\"\n"
           "piece 1 [0,4) fresh=[0,1)[2,4) \"A\\nB\\nC\\nD\\n\"\n");
    ck_assert_uint_eq(dc_requests_counts(core).duplicates, 1);
    close_batch(batch);
    expect("CLOSE 1 4\n"
           "end 1 ok\n");
}
END_TEST

START_TEST(only_jobs_that_count_are_answered)
{
    dcalc_id_t batch = open_batch();
    send_lines(batch, "1\n2\n3\n4\n");
    expect("OPEN 1\nCHUNK 1 [0,4) \"1\\n2\\n3\\n4\\n\"\n");
    hear_piece_of(batch, 0, 4, (dc_range_t[]){ { 0, 1 }, { 2, 3 } }, 2, "A\nB\nC\nD\n");
    hear_piece_of(batch, 0, 4, (dc_range_t[]){ { 0, 2 } }, 1, "a\nb\nc\nd\n");
    expect("found\n"
           "piece 1 [0,4) fresh=[0,1)[2,3) \"A\\nB\\nC\\nD\\n\"\n"
           "piece 1 [0,4) fresh=[1,2) \"a\\nb\\nc\\nd\\n\"\n");
}
END_TEST

// One that has the results of two chunks is taken as two, and the name is copied with each.
START_TEST(a_piece_names_its_worker)
{
    dcalc_id_t batch = open_batch();
    send_lines(batch, "1\n2\n");
    send_lines(batch, "3\n");
    expect("OPEN 1\nCHUNK 1 [0,2) \"1\\n2\\n\"\nCHUNK 1 [2,3) \"3\\n\"\n");
    char data[] = "alphaA\nB\nC\n";
    hear(&(dc_cmd_t){ .type = DC_CMD_PIECE,
                      .piece = { .handle = batch, .count = 3, .attempt = 1, .worker_bytes = 5 },
                      .data = { .bytes = dc_str_from(data) } });
    memset(data, '?', sizeof data - 1); // it was borrowed
    expect("found\n"
           "piece 1 [0,2) by alpha \"A\\nB\\n\"\n"
           "piece 1 [2,3) by alpha \"C\\n\"\n");
}
END_TEST

START_TEST(columns_are_counted_by_their_bytes)
{
    dc_key_t key = { .bytes = { 9 } };
    dcalc_batch_options_t options = { .columns = true };
    dcalc_id_t batch;
    ck_assert_int_eq(dc_requests_open(core, now, &key, &options, &batch, &out), DC_OK);
    send_lines(batch, "1\n2\n");
    hear_piece(batch, 0, 2, "8 bytes.8 \nytes.");
    ck_assert_uint_eq(dc_requests_counts(core).violations, 0);
    hear_piece(batch, 0, 2, "two\nlines\n");
    ck_assert_uint_eq(dc_requests_counts(core).violations, 1);
}
END_TEST

START_TEST(an_acknowledged_job_is_not_answered_again)
{
    dcalc_id_t batch = open_batch();
    send_lines(batch, "1\n");
    hear_piece(batch, 0, 1, "1\n");
    ck_assert_int_eq(ack(batch, 0, 1), DC_OK);
    hear_piece(batch, 0, 1, "1\n");
    expect("OPEN 1\nCHUNK 1 [0,1) \"1\\n\"\n"
           "found\n"
           "piece 1 [0,1) \"1\\n\"\n");
    ck_assert_uint_eq(dc_requests_counts(core).duplicates, 1);
}
END_TEST

// Two chunks of three jobs and one batch, b1: what does not fit them.
static const struct {
    dc_cmd_t cmd;
    const char *data;
    const dc_range_t ranges[2];
} contradictions[] = {
    { { .type = DC_CMD_PIECE, .piece = { .handle = 1, .count = 0 } }, "", { { 0, 0 } } },
    { { .type = DC_CMD_PIECE, .piece = { .handle = 1, .count = 2 } }, "1\n", { { 0, 0 } } },
    { { .type = DC_CMD_PIECE, .piece = { .handle = 1, .count = 2 } }, "1\n2\n3\n", { { 0, 0 } } },
    { { .type = DC_CMD_PIECE, .piece = { .handle = 1, .count = 2 } }, "1\n2", { { 0, 0 } } },
    { { .type = DC_CMD_PIECE, .piece = { .handle = 1, .count = 1 } }, "", { { 0, 0 } } },
    { { .type = DC_CMD_PIECE, .piece = { .handle = 1, .count = 1, .first = 6 } }, // not sent
      "1\n",
      { { 0, 0 } } },
    { { .type = DC_CMD_PIECE, .piece = { .handle = 1, .count = 3, .first = UINT64_MAX - 1 } },
      "1\n2\n3\n",
      { { 0, 0 } } },
    { { .type = DC_CMD_PIECE, .piece = { .handle = 1, .count = 1, .faults_bytes = 3 } },
      "1\n",
      { { 0, 0 } } },
    { { .type = DC_CMD_PIECE, .piece = { .handle = 1, .count = 1, .worker_bytes = 3 } },
      "1\n",
      { { 0, 0 } } },
    { { .type = DC_CMD_PIECE, .piece = { .handle = 1, .count = 1, .range_count = 9 } },
      "1\n",
      { { 0, 0 } } },
    { { .type = DC_CMD_PIECE, .piece = { .handle = 1, .count = 2, .range_count = 1 } },
      "1\n2\n",
      { { 1, 3 } } }, // outside
    { { .type = DC_CMD_PIECE, .piece = { .handle = 1, .count = 2, .range_count = 2 } },
      "1\n2\n",
      { { 1, 2 }, { 0, 1 } } }, // not in order
    { { .type = DC_CMD_PIECE, .piece = { .handle = 1, .count = 2, .range_count = 1 } },
      "1\n2\n",
      { { 1, 1 } } },                                                       // empty
    { { .type = DC_CMD_DONE, .done = { .handle = 1 } }, "", { { 0, 0 } } }, // before the answers
    { { .type = DC_CMD_REFUSED, .refused = { .error = DC_ERR_PROTOCOL } }, "", { { 0, 0 } } },
};

START_TEST(a_contradiction_costs_the_session)
{
    dcalc_id_t batch = open_batch();
    send_lines(batch, "1\n2\n3\n");
    send_lines(batch, "4\n5\n6\n");
    hear_bare(DC_CMD_HEARTBEAT);
    expect("OPEN 1\nCHUNK 1 [0,3) \"1\\n2\\n3\\n\"\nCHUNK 1 [3,6) \"4\\n5\\n6\\n\"\n"
           "found\n");
    dc_buf_t data = { 0 };
    dc_cmd_t cmd = contradictions[_i].cmd;
    for (size_t i = 0; cmd.type == DC_CMD_PIECE && i < 2 && i < cmd.piece.range_count; i++) {
        dc_wire_put_range(&data, &contradictions[_i].ranges[i]);
    }
    dc_buf_append_text(&data, contradictions[_i].data);
    cmd.data.bytes = dc_buf_str(&data);
    for (size_t i = 1; i <= DC_REQUESTS_VIOLATIONS_MAX; i++) {
        hear(&cmd);
        hear(&cmd); // the connection is given up: nothing more of it counts
        ck_assert_uint_eq(dc_requests_counts(core).violations, i);
        if (i == DC_REQUESTS_VIOLATIONS_MAX) break;
        expect("");
        tick_at(now + 1);
        expect("connect\n"
               "OPEN 1 again lacks=[0,3)[3,6)\n");
    }
    dc_buf_fini(&data);
    expect("end 1 protocol\n"); // it goes on and on
    tick_at(now + 1);
    expect("connect\n");
    dc_requests_cancel(core, now, batch, &out);
    expect("");
}
END_TEST

START_TEST(strangers_are_counted_and_dropped)
{
    dcalc_id_t batch = open_batch();
    send_lines(batch, "1\n");
    expect("OPEN 1\nCHUNK 1 [0,1) \"1\\n\"\n");
    hear_piece(99, 0, 1, "1\n");
    hear_piece(0, 0, 1, "1\n");
    hear_opened(99, 1, NULL, 0);
    hear_done(99, DC_OK);
    hear_refused(99, DC_ERR_BUSY);
    hear(&(dc_cmd_t){ .type = DC_CMD_REPLY, .reply = { .handle = 99 } });
    hear(&(dc_cmd_t){ .type = DC_CMD_INPUT, .input = { .handle = 99 } });
    hear(&(dc_cmd_t){ .type = DC_CMD_RECEIPT, .receipt = { .handle = 99 } });
    ck_assert_uint_eq(dc_requests_counts(core).strays, 8);
    tick_at(1000);
    expect("found\n");
}
END_TEST

// --- ends --------------------------------------------------------------------------------------

START_TEST(an_error_ends_the_batch)
{
    dcalc_id_t batch = open_batch();
    send_lines(batch, "1\n");
    send_lines(batch, "2\n");
    hear_piece(batch, 0, 1, "1\n");
    hear_done(batch, DC_ERR_CANCELLED);
    hear_piece(batch, 1, 1, "2\n");
    hear_done(batch, DC_ERR_CANCELLED);
    expect("OPEN 1\nCHUNK 1 [0,1) \"1\\n\"\nCHUNK 1 [1,2) \"2\\n\"\n"
           "found\n"
           "piece 1 [0,1) \"1\\n\"\n"
           "end 1 cancelled\n");
    ck_assert_int_eq(send_lines(batch, "3\n"), DC_ERR_UNKNOWN_BATCH);
    // What came may still be looked at and acknowledged.
    ck_assert_ptr_nonnull(dc_requests_chunk(core, batch, 0));
    ck_assert_int_eq(ack(batch, 0, 1), DC_OK);
    dc_requests_cancel(core, now, batch, &out);
    ck_assert_uint_eq(dc_requests_counts(core).bytes, 0);
    expect("");
}
END_TEST

static void expect_unanswered(dcalc_id_t batch, uint64_t from, uint64_t first, uint64_t end)
{
    dc_range_t jobs;
    const dcalc_chunk_t *chunk = dc_requests_unanswered(core, batch, from, &jobs);
    ck_assert_ptr_nonnull(chunk);
    ck_assert_uint_eq(jobs.first, first);
    ck_assert_uint_eq(jobs.end, end);
    ck_assert_uint_le(chunk->first, first);
    ck_assert_uint_le(end, chunk->first + chunk->jobs);
}

START_TEST(what_has_no_result_is_known_when_the_batch_has_ended)
{
    dc_range_t jobs;
    dcalc_id_t batch = open_batch();
    send_lines(batch, "1\n2\n3\n4\n");
    send_lines(batch, "5\n6\n");
    send_lines(batch, "7\n");
    hear_piece(batch, 1, 2, "2\n3\n");
    hear_piece(batch, 4, 2, "5\n6\n");
    hear_done(batch, DC_ERR_DEADLINE);
    ck_assert_int_eq(ack(batch, 4, 6), DC_OK);
    expect_unanswered(batch, 0, 0, 1);
    expect_unanswered(batch, 1, 3, 4);
    expect_unanswered(batch, 4, 6, 7);
    ck_assert_ptr_null(dc_requests_unanswered(core, batch, 7, &jobs));
    dc_requests_cancel(core, now, batch, &out);
    ck_assert_ptr_null(dc_requests_unanswered(core, batch, 0, &jobs));
}
END_TEST

START_TEST(a_cancelled_batch_is_gone)
{
    dcalc_id_t batch = open_batch();
    send_lines(batch, "1\n");
    dc_requests_cancel(core, now, batch, &out);
    hear_piece(batch, 0, 1, "1\n");
    expect("OPEN 1\nCHUNK 1 [0,1) \"1\\n\"\nCANCEL 1\n"
           "end 1 cancelled\n"
           "found\n");
    ck_assert_uint_eq(dc_requests_room(core, batch), 0);
    ck_assert_ptr_null(dc_requests_chunk(core, batch, 0));
}
END_TEST

START_TEST(who_leaves_says_what_is_not_wanted_any_more)
{
    dcalc_id_t done = open_batch();
    dcalc_id_t open = open_batch();
    send_lines(done, "1\n");
    send_lines(open, "1\n");
    close_batch(done);
    hear_piece(done, 0, 1, "1\n");
    expect("OPEN 1\nOPEN 2\nCHUNK 1 [0,1) \"1\\n\"\nCHUNK 2 [0,1) \"1\\n\"\nCLOSE 1 1\n"
           "found\npiece 1 [0,1) \"1\\n\"\nend 1 ok\n");
    dc_requests_leave(core, now, &out);
    expect("ACK 1 [0,1)\nCANCEL 2\n");
}
END_TEST

// --- questions ---------------------------------------------------------------------------------

START_TEST(questions_are_answered_or_refused)
{
    dcalc_id_t ping, cancel, forgotten;
    ck_assert_int_eq(dc_requests_ask(core, now, DC_STR("{ping}"), &ping, &out), DC_OK);
    ck_assert_int_eq(dc_requests_cancel_number(core, now, 17, &cancel, &out), DC_OK);
    ck_assert_int_eq(dc_requests_ask(core, now, DC_STR("{list}"), &forgotten, &out), DC_OK);
    expect("QUERY 1 \"{ping}\"\nCANCEL 2 b17\nQUERY 3 \"{list}\"\n");
    dc_requests_forget(core, forgotten);
    dc_cmd_t reply = { .type = DC_CMD_REPLY,
                       .reply = { .handle = ping },
                       .data = { .bytes = DC_STR("{\"slots\":4}") } };
    hear(&reply);
    hear(&reply);
    hear_refused(cancel, DC_ERR_UNKNOWN_BATCH);
    reply.reply.handle = forgotten;
    hear(&reply);
    expect("found\n"
           "answer 1 ok \"{\"slots\":4}\"\n"
           "answer 2 unknown-batch \"there is no such batch\"\n");
    ck_assert(dc_requests_is_idle(core));
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("requests");
    TCase *tcase = tcase_create("batches");
    tcase_add_checked_fixture(tcase, begin_play, end_play);
    tcase_add_test(tcase, one_job_is_one_message_each_way);
    tcase_add_test(tcase, chunks_have_the_jobs_of_their_lines);
    tcase_add_test(tcase, a_record_is_one_job_and_a_width_makes_many);
    tcase_add_test(tcase, what_is_no_chunk_is_not_sent);
    tcase_add_test(tcase, options_travel_with_the_batch);
    tcase_add_loop_test(tcase, the_limits_of_a_program_travel_beside_it, 0,
                        (int)DC_ARRAY_LEN(limits));
    tcase_add_test(tcase, progress_is_told_of_open_jobs);
    tcase_add_test(tcase, no_more_is_sent_than_credit_allows);
    tcase_add_test(tcase, an_acknowledged_chunk_is_freed);
    tcase_add_test(tcase, only_what_is_answered_can_be_acknowledged);
    tcase_add_test(tcase, the_first_answer_for_a_job_wins);
    tcase_add_test(tcase, only_jobs_that_count_are_answered);
    tcase_add_test(tcase, a_piece_names_its_worker);
    tcase_add_test(tcase, columns_are_counted_by_their_bytes);
    tcase_add_test(tcase, an_acknowledged_job_is_not_answered_again);
    tcase_add_loop_test(tcase, a_contradiction_costs_the_session, 0,
                        (int)DC_ARRAY_LEN(contradictions));
    tcase_add_test(tcase, strangers_are_counted_and_dropped);
    tcase_add_test(tcase, an_error_ends_the_batch);
    tcase_add_test(tcase, what_has_no_result_is_known_when_the_batch_has_ended);
    tcase_add_test(tcase, a_cancelled_batch_is_gone);
    tcase_add_test(tcase, who_leaves_says_what_is_not_wanted_any_more);
    tcase_add_test(tcase, questions_are_answered_or_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
