// The link: sessions, heartbeats, silence, leases and draining, in virtual time.
#include <stdio.h>

#include "common/bytes.h"
#include "tests/lib/main.h"
#include "worker/link.h"

static dc_link_t *link_;
static dc_link_actions_t actions;
static char trace[4096]; // what the last steps wanted, in words
static char warned[256]; // the last warning
static int warning_count;

static void say(const char *text)
{
    size_t len = strlen(trace);
    snprintf(trace + len, sizeof trace - len, "%s%s", len ? "; " : "", text);
}

static void say_send(const dc_cmd_t *cmd)
{
    char text[200];
    int len = snprintf(text, sizeof text, "send %s", dc_command_name(cmd->type));
    if (cmd->type == DC_CMD_RESULT) {
        snprintf(text + len, sizeof text - (size_t)len, " %llu [%llu,+%u)%s",
                 (unsigned long long)cmd->result.id, (unsigned long long)cmd->result.first,
                 (unsigned)cmd->result.count, cmd->result.flags & DC_RESULT_LAST ? " last" : "");
    } else if (cmd->type == DC_CMD_GOODBYE) {
        for (size_t at = 0; at < cmd->data.bytes.len; at += 8) {
            len += snprintf(text + len, sizeof text - (size_t)len, " %llu",
                            (unsigned long long)dc_get_u64(cmd->data.bytes.data + at));
        }
        bool is_leaving = cmd->goodbye.flags & DC_GOODBYE_LEAVING;
        if (is_leaving) snprintf(text + len, sizeof text - (size_t)len, " leaving");
    }
    say(text);
}

static void note_log(const dc_link_action_t *action)
{
    if (action->level > DC_LOG_WARN) return;
    warning_count++;
    snprintf(warned, sizeof warned, "%.*s", (int)action->cmd.data.bytes.len,
             action->cmd.data.bytes.data);
}

static void say_action(const dc_link_action_t *action)
{
    char text[100];
    const dc_cmd_t *cmd = &action->cmd;
    switch (action->type) {
    case DC_LINK_CONNECT: say("connect"); break;
    case DC_LINK_CLOSE: say("close"); break;
    case DC_LINK_SEND: say_send(cmd); break;
    case DC_LINK_RUN:
        snprintf(text, sizeof text, "run %llu", (unsigned long long)cmd->lease.id);
        say(text);
        break;
    case DC_LINK_TRIM:
        snprintf(text, sizeof text, "trim %llu %llu", (unsigned long long)cmd->trim.id,
                 (unsigned long long)cmd->trim.end);
        say(text);
        break;
    case DC_LINK_CANCEL:
        snprintf(text, sizeof text, "cancel %llu", (unsigned long long)cmd->trim.id);
        say(text);
        break;
    case DC_LINK_STOP: say("stop"); break;
    case DC_LINK_EXIT: say("exit"); break;
    case DC_LINK_LOG: note_log(action); break;
    }
}

static void step(dc_ms_t now, const dc_link_event_t *event)
{
    dc_link_step(link_, now, event, &actions);
    ck_assert(!actions.failed);
    for (size_t i = 0; i < actions.len; i++)
        say_action(&actions.list[i]);
    dc_link_actions_clear(&actions);
    ck_assert_pstr_eq(dc_link_audit(link_), NULL);
}

static void step_plain(dc_ms_t now, dc_link_event_type_t type)
{
    dc_link_event_t event = { .type = type };
    step(now, &event);
}

static void tell(dc_ms_t now, const dc_cmd_t *cmd)
{
    dc_link_event_t event = { .type = DC_LINK_EVENT_COMMAND, .cmd = cmd };
    step(now, &event);
}

static void tell_plain(dc_ms_t now, dc_command_t type)
{
    tell(now, &(dc_cmd_t){ .type = type });
}

static void lease(dc_ms_t now, uint64_t id, uint64_t first, uint32_t count)
{
    tell(now, &(dc_cmd_t){ .type = DC_CMD_LEASE,
                           .lease = { .id = id, .first = first, .count = count },
                           .data.bytes = DC_STR("1\n2\n3\n") });
}

static void trim(dc_ms_t now, uint64_t id, uint64_t end)
{
    tell(now, &(dc_cmd_t){ .type = DC_CMD_TRIM, .trim = { .id = id, .end = end } });
}

static void piece(dc_ms_t now, uint64_t id, uint64_t first, uint32_t count, uint8_t flags)
{
    dc_cmd_t cmd = { .type = DC_CMD_RESULT,
                     .result = { .id = id, .first = first, .count = count, .flags = flags },
                     .data.bytes = DC_STR("1\n") };
    dc_link_event_t event = { .type = DC_LINK_EVENT_PIECE, .cmd = &cmd };
    step(now, &event);
}

static void tick(dc_ms_t now)
{
    dc_link_event_t event = { .type = DC_LINK_EVENT_TICK, .load = DC_STR("{}") };
    step(now, &event);
}

// Ticks as the shell makes them, up to and with `until`.
static void ticks(dc_ms_t from, dc_ms_t until)
{
    for (dc_ms_t now = from + DC_TICK_MS; now <= until; now += DC_TICK_MS)
        tick(now);
}

static void expect(const char *expected)
{
    ck_assert_str_eq(trace, expected);
    trace[0] = '\0';
}

// Who has no lease need not wait to leave.
static void expect_nothing_left(dc_ms_t now)
{
    step_plain(now, DC_LINK_EVENT_DRAIN);
    expect("send GOODBYE leaving; stop; exit");
}

static void make(dc_link_settings_t settings)
{
    settings.ready = DC_STR("{\"v\":1}");
    link_ = dc_link_new(&settings, 1);
    ck_assert_ptr_nonnull(link_);
    dc_link_actions_init(&actions);
    trace[0] = warned[0] = '\0';
    warning_count = 0;
    step_plain(0, DC_LINK_EVENT_START);
}

static void set_up(void)
{
    make(dc_link_settings_default());
}

static void tear_down(void)
{
    dc_link_destroy(&link_);
    dc_link_actions_fini(&actions);
}

// Begin with a broker that has answered, and nothing else.
static void begin_session(void)
{
    tell_plain(0, DC_CMD_BEAT);
    trace[0] = '\0';
}

// A broker that was heard at the beginning is silent, until 6100 ms: then it is lost.
static void lose_silent_broker(void)
{
    ticks(0, 6100);
    ck_assert_ptr_nonnull(strstr(trace, "stop"));
    ck_assert_ptr_null(strstr(trace, "close"));
    trace[0] = '\0';
}

START_TEST(it_connects_and_says_that_it_is_ready)
{
    expect("connect; send READY");
}
END_TEST

START_TEST(ready_carries_the_json_it_was_given)
{
    tear_down();
    dc_link_settings_t settings = dc_link_settings_default();
    settings.ready = DC_STR("{\"v\":1}");
    link_ = dc_link_new(&settings, 1);
    dc_link_event_t event = { .type = DC_LINK_EVENT_START };
    dc_link_step(link_, 0, &event, &actions);
    ck_assert_uint_eq(actions.len, 2);
    ck_assert(dc_str_eq(actions.list[1].cmd.data.bytes, settings.ready));
}
END_TEST

START_TEST(it_beats_once_a_second_whatever_it_does)
{
    begin_session();
    lease(10, 7, 0, 3);
    expect("run 7");
    for (dc_ms_t now = 0; now < 5000; now += 1000) {
        ticks(now, now + 900);
        expect("");
        tell_plain(now + 950, DC_CMD_BEAT);
        tick(now + 1000);
        expect("send BEAT");
    }
}
END_TEST

// What PPP says: three heartbeats missed, wait, open a new connection, be ready again. The broker's
// come every two seconds.
START_TEST(a_silent_broker_is_lost_and_looked_for_again)
{
    begin_session();
    lease(10, 7, 0, 3);
    ticks(0, 5900);
    expect("run 7; send BEAT; send BEAT; send BEAT; send BEAT; send BEAT");
    ticks(5900, 6100);
    expect("send BEAT; stop");
    ck_assert_ptr_nonnull(strstr(warned, "broker lost silent_ms=6"));
    ticks(6100, 7200); // the pause is 500 to 1000 ms
    expect("close; connect; send READY");
    expect_nothing_left(7300);
}
END_TEST

// A broker that hung for a moment need not wait for its slots: what it has leased before is
// forgotten, and what it says of that is left alone.
START_TEST(a_broker_that_was_silent_is_back_when_it_speaks)
{
    begin_session();
    lease(10, 7, 0, 3);
    lose_silent_broker();
    lease(6150, 8, 3, 3);
    expect("send READY");
    lease(6200, 9, 0, 3);
    expect("run 9");
    ticks(6200, 7100);
    expect("");
    tick(7200);
    expect("send BEAT");
    piece(7210, 9, 0, 3, DC_RESULT_LAST);
    expect("send RESULT 9 [0,+3) last");
    expect_nothing_left(7220);
}
END_TEST

// Then nothing can be heard on it.
START_TEST(a_connection_that_fails_in_a_pause_is_closed)
{
    begin_session();
    lose_silent_broker();
    step_plain(6150, DC_LINK_EVENT_BROKEN);
    expect("close");
    tell_plain(6160, DC_CMD_BEAT);
    step_plain(6170, DC_LINK_EVENT_BROKEN);
    expect("");
    ticks(6100, 7200);
    expect("connect; send READY");
}
END_TEST

START_TEST(who_drains_in_a_pause_says_nothing_any_more)
{
    begin_session();
    lose_silent_broker();
    step_plain(6150, DC_LINK_EVENT_DRAIN);
    expect("close; stop; exit");
}
END_TEST

// At a wrong address the link looks for ever: whoever gave it is told so, and not each time.
START_TEST(that_nobody_answers_is_a_warning_now_and_then)
{
    ticks(0, 4000);
    ck_assert_ptr_nonnull(strstr(warned, "no broker answers hint="));
    ck_assert_int_eq(warning_count, 1);
    ticks(4000, DC_NOBODY_WARN_MS);
    ck_assert_int_eq(warning_count, 1);
    ticks(DC_NOBODY_WARN_MS, (dc_ms_t)2 * DC_NOBODY_WARN_MS);
    ck_assert_int_eq(warning_count, 2);
}
END_TEST

// How long the link waits after the broker was lost, to the tick.
static dc_ms_t measure_pause(dc_ms_t *now)
{
    while (!strstr(trace, "stop"))
        tick(*now += DC_TICK_MS);
    dc_ms_t lost = *now;
    while (!strstr(trace, "connect"))
        tick(*now += DC_TICK_MS);
    trace[0] = '\0';
    return *now - lost;
}

START_TEST(pauses_double_up_to_the_longest)
{
    dc_ms_t longest = 1000;
    dc_ms_t now = 0;
    trace[0] = '\0';
    for (int i = 0; i < 8; i++) {
        dc_ms_t pause = measure_pause(&now);
        ck_assert_uint_ge(pause, longest / 2);
        ck_assert_uint_le(pause, longest + DC_TICK_MS);
        longest = dc_min_u64(2 * longest, 32000);
    }
}
END_TEST

START_TEST(a_sign_of_life_sets_the_pause_back)
{
    dc_ms_t now = 0;
    trace[0] = '\0';
    for (int i = 0; i < 6; i++)
        measure_pause(&now);
    tell_plain(now, DC_CMD_BEAT);
    ck_assert_uint_le(measure_pause(&now), 1000 + DC_TICK_MS);
}
END_TEST

// However long the pauses are by then: it answers the READY that has waited for it.
START_TEST(a_broker_that_was_away_for_long_is_back_when_it_answers)
{
    dc_ms_t now = 0;
    trace[0] = '\0';
    for (int i = 0; i < 8; i++)
        measure_pause(&now);
    while (!strstr(trace, "stop"))
        tick(now += DC_TICK_MS);
    trace[0] = '\0';
    lease(now, 7, 0, 3);
    expect("run 7");
    piece(now, 7, 0, 3, DC_RESULT_LAST);
    expect("send RESULT 7 [0,+3) last");
}
END_TEST

START_TEST(pauses_differ_between_slots)
{
    dc_ms_t pauses[2];
    for (uint64_t seed = 0; seed < 2; seed++) {
        tear_down();
        dc_link_settings_t settings = dc_link_settings_default();
        settings.reconnect_ms_min = 32000;
        link_ = dc_link_new(&settings, seed);
        trace[0] = '\0';
        step_plain(0, DC_LINK_EVENT_START);
        trace[0] = '\0';
        dc_ms_t now = 0;
        pauses[seed] = measure_pause(&now);
    }
    ck_assert_uint_ne(pauses[0], pauses[1]);
}
END_TEST

// A slot that was stopped, or starved, finds the broker's heartbeats in its socket when it wakes.
START_TEST(what_it_slept_through_is_no_silence)
{
    begin_session();
    ticks(0, 500);
    expect("");
    tick(60000);
    expect("send BEAT");
    tell_plain(60001, DC_CMD_BEAT);
    ticks(60000, 60900);
    expect("");
}
END_TEST

START_TEST(a_lease_runs_and_its_pieces_go_out)
{
    begin_session();
    lease(10, 7, 100, 3);
    expect("run 7");
    piece(20, 7, 100, 2, 0);
    expect("send RESULT 7 [100,+2)");
    piece(30, 7, 102, 1, DC_RESULT_LAST);
    expect("send RESULT 7 [102,+1) last");
    expect_nothing_left(40);
}
END_TEST

START_TEST(a_lease_that_comes_twice_runs_once)
{
    begin_session();
    lease(10, 7, 0, 3);
    lease(11, 7, 0, 3);
    expect("run 7");
    piece(20, 7, 0, 3, DC_RESULT_LAST);
    lease(30, 7, 0, 3); // also when it is over
    expect("send RESULT 7 [0,+3) last");
}
END_TEST

START_TEST(an_empty_or_impossible_lease_ends_at_once)
{
    begin_session();
    lease(10, 7, 5, 0);
    expect("send RESULT 7 [5,+0) last");
    lease(10, 8, UINT64_MAX, 1);
    expect("send RESULT 8 [18446744073709551615,+0) last");
}
END_TEST

START_TEST(pieces_of_unknown_leases_are_dropped)
{
    begin_session();
    piece(20, 9, 0, 1, DC_RESULT_LAST);
    expect("");
}
END_TEST

START_TEST(a_trim_shortens_what_runs)
{
    begin_session();
    lease(10, 7, 0, 100);
    piece(20, 7, 0, 10, 0);
    trace[0] = '\0';
    trim(30, 7, 50);
    expect("trim 7 50");
    trim(31, 7, 50); // the second time it changes nothing
    trim(32, 7, 80); // nor does it grow again
    expect("");
    piece(40, 7, 10, 40, DC_RESULT_LAST);
    expect("send RESULT 7 [10,+40) last");
}
END_TEST

// The runner may be in the middle of a job of an hour: the broker must not wait for it.
START_TEST(a_trim_that_leaves_nothing_is_answered_at_once)
{
    begin_session();
    lease(10, 7, 0, 100);
    piece(20, 7, 0, 10, 0);
    trace[0] = '\0';
    trim(30, 7, 10);
    expect("send RESULT 7 [10,+0) last; cancel 7");
    piece(40, 7, 10, 5, DC_RESULT_LAST);
    expect("");
}
END_TEST

START_TEST(a_trim_of_an_unknown_lease_is_ignored)
{
    begin_session();
    trim(30, 7, 0);
    expect("");
}
END_TEST

START_TEST(who_begins_anew_without_leases)
{
    begin_session();
    lease(10, 7, 0, 3);
    lease(10, 8, 3, 3);
    trace[0] = '\0';
    tell_plain(20, DC_CMD_WHO);
    expect("stop; send READY");
    piece(30, 7, 0, 3, DC_RESULT_LAST);
    expect("");
    lease(40, 9, 0, 3);
    expect("run 9");
    piece(50, 9, 0, 3, DC_RESULT_LAST);
    expect("send RESULT 9 [0,+3) last");
    expect_nothing_left(60);
}
END_TEST

// A broker that was restarted asks once for each message that was under way; only the first one
// asks for something new.
START_TEST(a_burst_of_who_is_answered_once)
{
    begin_session();
    lease(10, 7, 0, 3);
    trace[0] = '\0';
    for (int i = 0; i < 20; i++)
        tell_plain(20, DC_CMD_WHO);
    expect("stop; send READY");
    tell_plain(900, DC_CMD_WHO); // a long way off
    expect("");
}
END_TEST

// Also the first READY of a connection answers what comes at once.
START_TEST(who_that_crosses_the_first_ready_is_answered_already)
{
    trace[0] = '\0';
    tell_plain(5, DC_CMD_WHO);
    expect("");
}
END_TEST

START_TEST(ready_that_was_lost_is_said_again_after_a_heartbeat)
{
    begin_session();
    tell_plain(20, DC_CMD_WHO);
    trace[0] = '\0';
    ticks(0, 1000);
    expect("");
    tick(1020);
    expect("send BEAT");
    tell_plain(1021, DC_CMD_WHO); // the answer to that heartbeat
    expect("stop; send READY");
}
END_TEST

// Whatever it says but WHO, it says to those whom it knows.
START_TEST(a_broker_that_knew_us_and_asks_has_forgotten_us)
{
    begin_session();
    tell_plain(20, DC_CMD_WHO);
    lease(21, 7, 0, 3);
    trace[0] = '\0';
    tell_plain(22, DC_CMD_WHO);
    expect("stop; send READY");
    expect_nothing_left(30);
}
END_TEST

START_TEST(a_broken_connection_ends_the_session)
{
    begin_session();
    lease(10, 7, 0, 3);
    trace[0] = '\0';
    step_plain(20, DC_LINK_EVENT_BROKEN);
    expect("stop; close");
    step_plain(30, DC_LINK_EVENT_BROKEN);
    tell_plain(40, DC_CMD_WHO); // from the connection that is no more
    expect("");
}
END_TEST

START_TEST(draining_hands_back_what_has_not_begun)
{
    begin_session();
    lease(10, 7, 0, 3);
    lease(10, 8, 3, 3);
    lease(10, 9, 6, 3);
    trace[0] = '\0';
    step_plain(20, DC_LINK_EVENT_DRAIN);
    expect("cancel 8; cancel 9; send GOODBYE 8 9");
    piece(30, 7, 0, 1, 0);
    expect("send RESULT 7 [0,+1)");
    piece(40, 7, 1, 2, DC_RESULT_LAST);
    expect("send RESULT 7 [1,+2) last; send GOODBYE leaving; stop; exit");
    tick(50);
    tell_plain(60, DC_CMD_WHO);
    expect("");
}
END_TEST

START_TEST(an_idle_slot_leaves_at_once)
{
    begin_session();
    tell_plain(20, DC_CMD_DRAIN); // the operator's wish, by the broker
    expect("send GOODBYE leaving; stop; exit");
}
END_TEST

static void begin_draining(void)
{
    begin_session();
    lease(10, 7, 0, 3);
    step_plain(20, DC_LINK_EVENT_DRAIN);
    trace[0] = '\0';
}

START_TEST(a_lease_for_a_draining_slot_is_handed_back)
{
    begin_draining();
    lease(30, 8, 3, 3);
    expect("send GOODBYE 8");
}
END_TEST

START_TEST(draining_has_an_end)
{
    begin_draining();
    for (dc_ms_t now = 100; now < 30000; now += DC_TICK_MS) {
        if (now % 1000 == 0) tell_plain(now, DC_CMD_BEAT);
        tick(now);
    }
    ck_assert_ptr_null(strstr(trace, "exit"));
    trace[0] = '\0';
    tick(30020);
    expect("cancel 7; send GOODBYE 7 leaving; stop; exit");
}
END_TEST

START_TEST(who_asks_twice_does_not_wait)
{
    begin_draining();
    step_plain(30, DC_LINK_EVENT_DRAIN);
    expect("cancel 7; send GOODBYE 7 leaving; stop; exit");
}
END_TEST

START_TEST(a_trim_can_end_the_draining)
{
    begin_draining();
    trim(30, 7, 0);
    expect("send RESULT 7 [0,+0) last; cancel 7; send GOODBYE leaving; stop; exit");
}
END_TEST

START_TEST(without_a_broker_there_is_nothing_to_drain)
{
    begin_session();
    lease(10, 7, 0, 3);
    step_plain(20, DC_LINK_EVENT_BROKEN);
    trace[0] = '\0';
    step_plain(30, DC_LINK_EVENT_DRAIN);
    expect("stop; exit");
}
END_TEST

START_TEST(a_broker_that_forgot_a_draining_slot_gets_nothing_more)
{
    begin_draining();
    tell_plain(30, DC_CMD_WHO);
    expect("stop; stop; exit");
}
END_TEST

START_TEST(an_idle_slot_leaves_after_the_time_it_was_given)
{
    tear_down();
    dc_link_settings_t settings = dc_link_settings_default();
    settings.idle_exit_ms = 2000;
    make(settings);
    trace[0] = '\0';
    ticks(0, 1000);
    lease(1000, 7, 0, 3);
    ticks(1000, 2000);
    piece(2000, 7, 0, 3, DC_RESULT_LAST);
    ticks(2000, 3900);
    ck_assert_ptr_null(strstr(trace, "exit"));
    ticks(3900, 4000);
    ck_assert_ptr_nonnull(strstr(trace, "send GOODBYE leaving; stop; exit"));
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("link");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, it_connects_and_says_that_it_is_ready);
    tcase_add_test(tests, ready_carries_the_json_it_was_given);
    tcase_add_test(tests, it_beats_once_a_second_whatever_it_does);
    tcase_add_test(tests, a_silent_broker_is_lost_and_looked_for_again);
    tcase_add_test(tests, a_broker_that_was_silent_is_back_when_it_speaks);
    tcase_add_test(tests, a_connection_that_fails_in_a_pause_is_closed);
    tcase_add_test(tests, who_drains_in_a_pause_says_nothing_any_more);
    tcase_add_test(tests, that_nobody_answers_is_a_warning_now_and_then);
    tcase_add_test(tests, pauses_double_up_to_the_longest);
    tcase_add_test(tests, a_sign_of_life_sets_the_pause_back);
    tcase_add_test(tests, a_broker_that_was_away_for_long_is_back_when_it_answers);
    tcase_add_test(tests, pauses_differ_between_slots);
    tcase_add_test(tests, what_it_slept_through_is_no_silence);
    tcase_add_test(tests, a_lease_runs_and_its_pieces_go_out);
    tcase_add_test(tests, a_lease_that_comes_twice_runs_once);
    tcase_add_test(tests, an_empty_or_impossible_lease_ends_at_once);
    tcase_add_test(tests, pieces_of_unknown_leases_are_dropped);
    tcase_add_test(tests, a_trim_shortens_what_runs);
    tcase_add_test(tests, a_trim_that_leaves_nothing_is_answered_at_once);
    tcase_add_test(tests, a_trim_of_an_unknown_lease_is_ignored);
    tcase_add_test(tests, who_begins_anew_without_leases);
    tcase_add_test(tests, a_burst_of_who_is_answered_once);
    tcase_add_test(tests, who_that_crosses_the_first_ready_is_answered_already);
    tcase_add_test(tests, ready_that_was_lost_is_said_again_after_a_heartbeat);
    tcase_add_test(tests, a_broker_that_knew_us_and_asks_has_forgotten_us);
    tcase_add_test(tests, a_broken_connection_ends_the_session);
    tcase_add_test(tests, draining_hands_back_what_has_not_begun);
    tcase_add_test(tests, an_idle_slot_leaves_at_once);
    tcase_add_test(tests, a_lease_for_a_draining_slot_is_handed_back);
    tcase_add_test(tests, draining_has_an_end);
    tcase_add_test(tests, who_asks_twice_does_not_wait);
    tcase_add_test(tests, a_trim_can_end_the_draining);
    tcase_add_test(tests, without_a_broker_there_is_nothing_to_drain);
    tcase_add_test(tests, a_broker_that_forgot_a_draining_slot_gets_nothing_more);
    tcase_add_test(tests, an_idle_slot_leaves_after_the_time_it_was_given);
    Suite *all = suite_create("link");
    suite_add_tcase(all, tests);
    return all;
}
