// The client's core when sessions are lost: breaks, silence, restarts, refusals, sleep.
#include "client/requests.h"
#include "tests/lib/main.h"
#include "tests/lib/requests_play.h"

// A batch of two chunks, [0,3) and [3,5), of which the broker knows.
static dcalc_id_t begin_batch(void)
{
    dcalc_id_t batch = open_batch();
    send_lines(batch, "1\n2\n3\n");
    send_lines(batch, "4\n5\n");
    hear_opened(batch, 17, NULL, 0);
    expect("OPEN 1\nCHUNK 1 [0,3) \"1\\n2\\n3\\n\"\nCHUNK 1 [3,5) \"4\\n5\\n\"\n"
           "found\nopened 1 b17\n");
    return batch;
}

// Break the connection, and wait until there is a new one.
static void lose_connection(void)
{
    dc_requests_disconnected(core, now, &out);
    tick_at(now + DC_REQUESTS_RECONNECT_MS_MIN);
}

// --- looking for a broker ----------------------------------------------------------------------

START_TEST(nothing_is_expected_before_the_first_word)
{
    tick_at(60000);
    expect("");
    ck_assert_uint_eq(dc_requests_deadline(core), UINT64_MAX);
    ck_assert_uint_eq(dc_requests_waiting_ms(core, now), 0);
    open_batch();
    expect("OPEN 1\n");
    tick_at(60999);
    ck_assert_uint_eq(dc_requests_waiting_ms(core, now), 999);
    expect("");
}
END_TEST

START_TEST(a_broker_that_is_not_there_is_looked_for_ever_more_slowly)
{
    open_batch();
    expect("OPEN 1\n");
    dc_ms_t delay_ms = DC_REQUESTS_RECONNECT_MS_MIN;
    for (size_t i = 0; i < 20; i++) {
        dc_requests_disconnected(core, now, &out);
        dc_requests_disconnected(core, now, &out); // twice is once
        dc_ms_t due = dc_requests_deadline(core);
        ck_assert_uint_ge(due, now + delay_ms / 2);
        ck_assert_uint_le(due, now + delay_ms);
        tick_at(due - 1);
        expect("");
        tick_at(due);
        expect("connect\nOPEN 1 again\n");
        delay_ms = dc_min_u64(delay_ms * 2, DC_REQUESTS_RECONNECT_MS_MAX);
    }
    ck_assert(!dc_requests_is_connected(core));
    ck_assert_uint_eq(dc_requests_waiting_ms(core, now), now - 1000);
    hear_bare(DC_CMD_HEARTBEAT);
    expect("found\n");
    dc_requests_disconnected(core, now, &out);
    ck_assert_uint_le(dc_requests_deadline(core), now + DC_REQUESTS_RECONNECT_MS_MIN);
    expect("lost\n");
}
END_TEST

START_TEST(without_connection_there_is_no_room)
{
    dcalc_id_t batch = begin_batch();
    dc_requests_disconnected(core, now, &out);
    ck_assert_uint_eq(dc_requests_room(core, batch), 0);
    ck_assert_int_eq(send_lines(batch, "6\n"), DC_ERR_FULL);
    dcalc_id_t other = open_batch(); // is opened as soon as there is one
    expect("lost\n");
    tick_at(now + DC_REQUESTS_RECONNECT_MS_MIN);
    expect("connect\nOPEN 1 again b17 lacks=[0,3)[3,5)\nOPEN 2\n");
    ck_assert_uint_gt(dc_requests_room(core, other), 0);
    ck_assert_uint_eq(dc_requests_room(core, batch), 0); // others first, since it knows not what
}
END_TEST

// --- liveness ----------------------------------------------------------------------------------

START_TEST(both_sides_say_that_they_live)
{
    open_batch();
    expect("OPEN 1\n");
    ck_assert_uint_eq(dc_requests_deadline(core), 2000);
    tick_at(1999);
    expect("");
    tick_at(2000);
    expect("HEARTBEAT\n");
    hear_bare(DC_CMD_HEARTBEAT);
    expect("found\n");
    tick_at(3000);
    tick_at(4000);
    expect("HEARTBEAT\nHEARTBEAT\n");
    tick_at(4999);
    expect("");
    tick_at(5000); // 3 s of silence
    expect("connect\nOPEN 1 again\nlost\n");
}
END_TEST

START_TEST(who_slept_is_forgotten_and_begins_anew)
{
    dcalc_id_t batch = begin_batch();
    tick_at(1500);
    expect("");
    now = 60000; // the process was stopped; what it does first must not go to the old session
    send_lines(batch, "6\n");
    tick_at(60000);
    expect("connect\nOPEN 1 again b17 lacks=[0,3)[3,5)[5,6)\n");
    ck_assert(dc_requests_is_connected(core)); // the broker is not to blame
}
END_TEST

// --- opening again -----------------------------------------------------------------------------

START_TEST(a_broker_that_has_everything_gets_nothing_again)
{
    dcalc_id_t batch = begin_batch();
    hear_piece(batch, 0, 1, "1\n");
    lose_connection();
    expect("connect\nOPEN 1 again b17 lacks=[1,3)[3,5)\n"
           "piece 1 [0,1) \"1\\n\"\nlost\n");
    hear_opened(batch, 17, (dc_range_t[]){ { 0, 5 } }, 1);
    tick_at(now);
    expect("found\n");
    close_batch(batch);
    expect("CLOSE 1 5\n");
}
END_TEST

START_TEST(chunks_that_were_lost_on_the_way_are_sent_again)
{
    dcalc_id_t batch = begin_batch();
    close_batch(batch);
    lose_connection();
    expect("connect\nOPEN 1 again b17 lacks=[0,3)[3,5)\nlost\n");
    hear_opened(batch, 17, (dc_range_t[]){ { 0, 3 } }, 1);
    tick_at(now);
    expect("CHUNK 1 [3,5) \"4\\n5\\n\"\nCLOSE 1 5\n"
           "found\n");
}
END_TEST

START_TEST(a_restarted_broker_gets_what_is_unanswered)
{
    dcalc_id_t batch = begin_batch();
    close_batch(batch);
    hear_piece(batch, 1, 1, "2\n");
    hear_piece(batch, 3, 1, "4\n");
    expect("CLOSE 1 5\npiece 1 [1,2) \"2\\n\"\npiece 1 [3,4) \"4\\n\"\n");
    lose_connection();
    expect("connect\nOPEN 1 again b17 lacks=[0,1)[2,3)[4,5)\nlost\n");
    hear_opened(batch, 17, NULL, 0);
    tick_at(now);
    expect("CHUNK 1 [0,1) \"1\\n\"\nCHUNK 1 [2,3) \"3\\n\"\nCHUNK 1 [4,5) \"5\\n\"\nCLOSE 1 5\n"
           "found\n");
    hear_piece(batch, 0, 1, "1\n");
    hear_piece(batch, 2, 1, "3\n");
    hear_piece(batch, 4, 1, "5\n");
    expect("piece 1 [0,1) \"1\\n\"\npiece 1 [2,3) \"3\\n\"\npiece 1 [4,5) \"5\\n\"\nend 1 ok\n");
    ck_assert_int_eq(ack(batch, 0, 5), DC_OK);
    // All of it: the new broker never knew that [1,2) and [3,4) are done with.
    expect("ACK 1 [0,5)\n");
}
END_TEST

START_TEST(answers_that_come_late_need_not_be_computed_again)
{
    dcalc_id_t batch = begin_batch();
    lose_connection();
    hear_piece(batch, 0, 3, "1\n2\n3\n"); // before OPENED
    hear_opened(batch, 17, NULL, 0);
    tick_at(now);
    expect("connect\nOPEN 1 again b17 lacks=[0,3)[3,5)\nCHUNK 1 [3,5) \"4\\n5\\n\"\n"
           "lost\nfound\npiece 1 [0,3) \"1\\n2\\n3\\n\"\n");
}
END_TEST

START_TEST(what_is_sent_again_keeps_within_credit)
{
    static char line[DC_CHUNK_BYTES_MAX];
    memset(line, '1', sizeof line);
    dc_slice_t data = { .bytes = dc_str(line, sizeof line) };
    dcalc_id_t batch = open_batch();
    hear_credit(UINT64_MAX);
    for (size_t i = 0; i < 10; i++) {
        dcalc_chunk_t chunk = { .size = sizeof line, .record = true };
        ck_assert_int_eq(dc_requests_send(core, now, batch, &chunk, &data, &out), DC_OK);
    }
    lose_connection();
    ck_assert_uint_eq(out.send_count, 1); // the session of before is gone, and so its credit
    hear_opened(batch, 17, NULL, 0);
    tick_at(now);
    ck_assert_uint_eq(out.send_count, 1 + 7);
    ck_assert_uint_eq(dc_requests_room(core, batch), 0);
    tick_at(now + 1);
    ck_assert_uint_eq(out.send_count, 1 + 7);
    ck_assert_uint_gt(dc_requests_deadline(core), now); // and no turns are spent on it
    hear_credit(UINT64_MAX);
    tick_at(now + 1);
    ck_assert_uint_eq(out.send_count, 1 + 10);
    ck_assert_uint_gt(dc_requests_room(core, batch), 0);
    ck_assert_pstr_eq(dc_requests_audit(core), NULL);
}
END_TEST

START_TEST(a_batch_that_is_over_is_not_opened_again)
{
    dcalc_id_t batch = begin_batch();
    close_batch(batch);
    hear_piece(batch, 0, 3, "1\n2\n3\n");
    hear_piece(batch, 3, 2, "4\n5\n");
    expect("CLOSE 1 5\npiece 1 [0,3) \"1\\n2\\n3\\n\"\npiece 1 [3,5) \"4\\n5\\n\"\nend 1 ok\n");
    lose_connection();
    expect("connect\nlost\n");
    ck_assert_int_eq(ack(batch, 0, 5), DC_OK);
    tick_at(now + 1);
    expect("");
    ck_assert_uint_eq(dc_requests_counts(core).bytes, 0);
}
END_TEST

START_TEST(questions_are_asked_again)
{
    dcalc_id_t question;
    ck_assert_int_eq(dc_requests_ask(core, now, DC_STR("{ping}"), &question, &out), DC_OK);
    lose_connection();
    expect("connect\nQUERY 1 \"{ping}\"\n");
}
END_TEST

START_TEST(very_many_gaps_are_said_as_one)
{
    dcalc_id_t batch = open_batch();
    hear_credit(UINT64_MAX);
    for (size_t i = 0; i < (size_t)2 * DC_REQUESTS_LACKS_MAX; i++) {
        ck_assert_int_eq(send_lines(batch, "1\n2\n"), DC_OK);
        hear_piece(batch, 2 * i, 1, "1\n");
        tick_at(now);
        dc_outcome_clear_sends(&out);
    }
    dc_requests_disconnected(core, now, &out);
    tick_at(now + 100);
    ck_assert_uint_eq(out.send_count, 1);
    const dc_cmd_t *open = &out.sends[0];
    ck_assert_uint_eq(open->open.lack_count, DC_REQUESTS_LACKS_MAX);
    dc_range_t last = dc_wire_get_range(open->data.bytes, DC_REQUESTS_LACKS_MAX - 1);
    ck_assert_uint_eq(last.first, (size_t)2 * DC_REQUESTS_LACKS_MAX - 1);
    ck_assert_uint_eq(last.end, (size_t)4 * DC_REQUESTS_LACKS_MAX);
}
END_TEST

// --- WHO ---------------------------------------------------------------------------------------

START_TEST(who_is_asked_begins_anew_on_another_connection)
{
    dcalc_id_t batch = begin_batch();
    tick_at(1900);
    hear_bare(DC_CMD_WHO);
    hear_bare(DC_CMD_WHO); // each message that was under way is answered with one
    tick_at(1900);
    expect("connect\nOPEN 1 again b17 lacks=[0,3)[3,5)\n");
    hear_opened(batch, 18, NULL, 0);
    tick_at(1901);
    expect("CHUNK 1 [0,3) \"1\\n2\\n3\\n\"\nCHUNK 1 [3,5) \"4\\n5\\n\"\nopened 1 b18\n");
    hear_bare(DC_CMD_WHO); // behind OPENED it is news
    tick_at(1901);
    expect("connect\nOPEN 1 again b18 lacks=[0,3)[3,5)\n");
}
END_TEST

START_TEST(who_over_and_over_is_answered_once_a_heartbeat)
{
    open_batch();
    expect("OPEN 1\n");
    hear_bare(DC_CMD_HEARTBEAT);
    expect("found\n");
    for (dc_ms_t at = 1000; at < 6000; at += 10) {
        tick_at(at);
        hear_bare(DC_CMD_WHO);
    }
    ck_assert_uint_le(dc_requests_counts(core).sessions, 6);
}
END_TEST

START_TEST(what_was_not_out_yet_is_not_sent_to_the_new_session)
{
    dcalc_id_t batch = begin_batch();
    tick_at(2100);
    expect("HEARTBEAT\n");
    send_lines(batch, "6\n");
    hear_bare(DC_CMD_WHO);
    tick_at(2100);
    expect("connect\nOPEN 1 again b17 lacks=[0,3)[3,5)[5,6)\n");
}
END_TEST

// --- refusals ----------------------------------------------------------------------------------

START_TEST(a_busy_broker_is_asked_again_ever_more_slowly)
{
    dcalc_id_t batch = open_batch();
    send_lines(batch, "1\n");
    hear_refused(batch, DC_ERR_BUSY);
    hear_refused(batch, DC_ERR_UNKNOWN_BATCH); // the chunk behind the OPEN
    expect("OPEN 1\nCHUNK 1 [0,1) \"1\\n\"\nfound\nbusy 1 busy waiting=0\n");
    ck_assert_uint_eq(dc_requests_room(core, batch), 0);
    tick_at(1049);
    expect("");
    tick_at(1100);
    expect("OPEN 1 again lacks=[0,1)\n");
    hear_refused(batch, DC_ERR_BUSY);
    expect("busy 1 busy waiting=100\n");
    ck_assert_uint_ge(dc_requests_deadline(core), 1200);
    tick_at(1300);
    hear_opened(batch, 3, NULL, 0);
    tick_at(1301);
    expect("OPEN 1 again lacks=[0,1)\nCHUNK 1 [0,1) \"1\\n\"\nopened 1 b3\n");
}
END_TEST

START_TEST(a_busy_broker_is_asked_again_when_it_said)
{
    dcalc_id_t batch = open_batch();
    hear_refused_for_now(batch, DC_ERR_BUSY, 2000);
    expect("OPEN 1\nfound\nbusy 1 busy waiting=0\n");
    ck_assert_uint_ge(dc_requests_deadline(core), now + DC_HEARTBEAT_MS);
    dc_ms_t refused = now;
    while (now < refused + 1990) {
        tick_at(now + 10);
        hear_bare(DC_CMD_HEARTBEAT);
    }
    expect("HEARTBEAT\n");
    tick_at(refused + 2501); // not all that are told the same come at once
    expect("OPEN 1 again\n");
    // As often as it is told so: it does not become more patient than it need be.
    hear_refused_for_now(batch, DC_ERR_BUSY, 100);
    expect("busy 1 busy waiting=2501\n");
    tick_at(now + 126);
    expect("OPEN 1 again\n");
}
END_TEST

START_TEST(a_broker_that_says_never_is_asked_again_all_the_same)
{
    dcalc_id_t batch = open_batch();
    hear_refused_for_now(batch, DC_ERR_BUSY, UINT32_MAX);
    expect("OPEN 1\nfound\nbusy 1 busy waiting=0\n");
    dc_ms_t refused = now;
    while (now < refused + 75000) {
        tick_at(now + 100);
        hear_bare(DC_CMD_HEARTBEAT);
    }
    size_t opened = 0;
    for (size_t i = 0; i < out.send_count; i++) {
        opened += out.sends[i].type == DC_CMD_OPEN;
    }
    ck_assert_uint_eq(opened, 1);
}
END_TEST

START_TEST(other_batches_go_on_while_one_is_refused)
{
    dcalc_id_t refused = open_batch();
    dcalc_id_t other = open_batch();
    hear_refused(refused, DC_ERR_BUSY);
    ck_assert_int_eq(send_lines(other, "1\n"), DC_OK);
    expect("OPEN 1\nOPEN 2\nCHUNK 2 [0,1) \"1\\n\"\nfound\nbusy 1 busy waiting=0\n");
}
END_TEST

START_TEST(a_batch_that_was_taken_over_is_not_opened_again)
{
    dcalc_id_t batch = begin_batch();
    hear_refused(batch, DC_ERR_TAKEN_OVER);
    expect("end 1 taken-over\n");
    lose_connection();
    tick_at(now + 1);
    hear_bare(DC_CMD_WHO);
    tick_at(now + 2000);
    hear_bare(DC_CMD_WHO);
    expect("connect\nlost\nfound\n");
    dc_requests_cancel(core, now, batch, &out);
    expect("");
}
END_TEST

START_TEST(a_broker_that_leaves_is_looked_for)
{
    begin_batch();
    hear_refused(0, DC_ERR_NO_BROKER);
    expect("lost \"no broker answers\"\n");
    tick_at(1100);
    expect("connect\nOPEN 1 again b17 lacks=[0,3)[3,5)\n");
}
END_TEST

START_TEST(another_version_ends_everything)
{
    begin_batch();
    dcalc_id_t question;
    ck_assert_int_eq(dc_requests_ask(core, now, DC_STR("{ping}"), &question, &out), DC_OK);
    hear_refused(0, DC_ERR_VERSION);
    expect("QUERY 2 \"{ping}\"\n"
           "end 1 version\n"
           "answer 2 version \"the other side speaks another version of the protocol\"\n");
    ck_assert(dc_requests_is_idle(core));
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("renew");
    TCase *tcase = tcase_create("sessions");
    tcase_add_checked_fixture(tcase, begin_play, end_play);
    tcase_add_test(tcase, nothing_is_expected_before_the_first_word);
    tcase_add_test(tcase, a_broker_that_is_not_there_is_looked_for_ever_more_slowly);
    tcase_add_test(tcase, without_connection_there_is_no_room);
    tcase_add_test(tcase, both_sides_say_that_they_live);
    tcase_add_test(tcase, who_slept_is_forgotten_and_begins_anew);
    tcase_add_test(tcase, a_broker_that_has_everything_gets_nothing_again);
    tcase_add_test(tcase, chunks_that_were_lost_on_the_way_are_sent_again);
    tcase_add_test(tcase, a_restarted_broker_gets_what_is_unanswered);
    tcase_add_test(tcase, answers_that_come_late_need_not_be_computed_again);
    tcase_add_test(tcase, what_is_sent_again_keeps_within_credit);
    tcase_add_test(tcase, a_batch_that_is_over_is_not_opened_again);
    tcase_add_test(tcase, questions_are_asked_again);
    tcase_add_test(tcase, very_many_gaps_are_said_as_one);
    tcase_add_test(tcase, who_is_asked_begins_anew_on_another_connection);
    tcase_add_test(tcase, who_over_and_over_is_answered_once_a_heartbeat);
    tcase_add_test(tcase, what_was_not_out_yet_is_not_sent_to_the_new_session);
    tcase_add_test(tcase, a_busy_broker_is_asked_again_ever_more_slowly);
    tcase_add_test(tcase, a_busy_broker_is_asked_again_when_it_said);
    tcase_add_test(tcase, a_broker_that_says_never_is_asked_again_all_the_same);
    tcase_add_test(tcase, other_batches_go_on_while_one_is_refused);
    tcase_add_test(tcase, a_batch_that_was_taken_over_is_not_opened_again);
    tcase_add_test(tcase, a_broker_that_leaves_is_looked_for);
    tcase_add_test(tcase, another_version_ends_everything);
    suite_add_tcase(suite, tcase);
    return suite;
}
