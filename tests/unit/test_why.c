// Why a batch waits: one sentence, and the one that tells what has to change first.
#include <stdio.h>

#include "broker/core/clients/sessions.h"
#include "broker/core/report/why.h"
#include "tests/lib/main.h"

static dc_core_t *core;
static dc_actions_t actions;
static dc_ms_t now;
static dc_buf_t why;

static void set_up(void)
{
    dc_settings_t settings = dc_settings_default();
    core = dc_core_new(&settings, 1);
    ck_assert_ptr_nonnull(core);
    dc_actions_init(&actions);
    now = 1000000;
}

static void tear_down(void)
{
    dc_actions_fini(&actions);
    dc_core_destroy(&core);
    dc_buf_fini(&why);
}

static void step(dc_event_type_t type, dc_peer_t peer, const dc_cmd_t *cmd)
{
    dc_event_t event = { .type = type, .peer = peer, .cmd = cmd };
    dc_actions_clear(&actions);
    dc_core_step(core, now, &event, &actions);
    dc_core_dispatch(core, now, &actions);
    const char *flaw = dc_core_audit(core);
    ck_assert_msg(!flaw, "%s", flaw);
}

// Time passes in which everybody says that they live.
static void pass(dc_ms_t ms)
{
    dc_cmd_t beat = { .type = DC_CMD_BEAT, .data = { NULL, DC_STR("{}") } };
    dc_cmd_t heartbeat = { .type = DC_CMD_HEARTBEAT };
    for (dc_ms_t end = now + ms; now < end;) {
        now += 100;
        for (dc_peer_t peer = 1; peer < 20; peer++) {
            step(DC_EVENT_CLIENT, peer, &heartbeat);
            step(DC_EVENT_WORKER, 100 + peer, &beat);
        }
        step(DC_EVENT_TICK, 0, NULL);
    }
}

static void add_slot(dc_peer_t peer, const char *tag)
{
    char json[200];
    int len = snprintf(json, sizeof json,
                       "{\"v\":" DC_WIRE_VERSION_TEXT
                       ",\"session\":\"%032llx\",\"name\":\"w\",\"tags\":[%s%s%s]}",
                       (unsigned long long)peer, *tag ? "\"" : "", tag, *tag ? "\"" : "");
    dc_cmd_t ready = { .type = DC_CMD_READY, .data = { NULL, dc_str(json, (size_t)len) } };
    step(DC_EVENT_WORKER, peer, &ready);
}

// Batch number `number` (1, 2, ...), of `client`.
static void open_batch(dc_peer_t client, uint32_t number, int8_t priority, uint8_t flags)
{
    dc_cmd_t open = { .type = DC_CMD_OPEN,
                      .open = { .handle = number,
                                .key = { { (uint8_t)number } },
                                .retries = 3,
                                .priority = (uint8_t)priority,
                                .flags = flags } };
    step(DC_EVENT_CLIENT, client, &open);
}

static void send(dc_peer_t client, uint32_t number)
{
    dc_cmd_t chunk = { .type = DC_CMD_CHUNK,
                       .chunk = { .handle = number, .count = 1 },
                       .data = { NULL, DC_STR("1\n") } };
    step(DC_EVENT_CLIENT, client, &chunk);
}

static void begin(dc_peer_t client, uint32_t number, int8_t priority)
{
    open_batch(client, number, priority, 0);
    send(client, number);
}

static void assert_why(uint64_t number, const char *expected)
{
    dc_survey_t survey = dc_why_survey(core);
    why.len = 0;
    dc_why_put(core, &survey, dc_sessions_by_number(core, number), &why);
    dc_buf_append_char(&why, '\0');
    ck_assert_str_eq(why.data, expected);
}

// A slot that has two leases, so that nothing more is leased to it: its jobs' cost is not known.
static void keep_busy(void)
{
    add_slot(101, "");
    begin(1, 1, 0);
    begin(1, 2, 0);
}

// --- who is missing ----------------------------------------------------------------------------

START_TEST(without_a_worker_there_is_none)
{
    begin(1, 1, 0);
    assert_why(1, "no worker is there");
    dc_cmd_t ready = { .type = DC_CMD_READY };
    step(DC_EVENT_WORKER, 150, &ready);
    assert_why(1, "no worker is there, but 1 plain one, which takes single requests only");
}
END_TEST

START_TEST(workers_that_leave_take_no_more)
{
    add_slot(101, "");
    dc_cmd_t goodbye = { .type = DC_CMD_GOODBYE };
    step(DC_EVENT_WORKER, 101, &goodbye);
    begin(1, 1, 0);
    assert_why(1, "the only slot is draining");
    add_slot(102, "");
    assert_why(1, ""); // it runs
}
END_TEST

START_TEST(a_client_that_has_gone_may_come_back_for_a_while)
{
    begin(1, 1, 0);
    step(DC_EVENT_CLIENT_GONE, 1, NULL);
    assert_why(1, "its client is gone, and has 30 s to come back");
    pass(4200);
    assert_why(1, "its client is gone, and has 26 s to come back");
}
END_TEST

// It needs a client until all of it has come, and none from then on.
START_TEST(who_sends_a_detached_batch_may_come_back_as_well)
{
    dc_ms_t left_ms;
    core->settings.has_store = true;
    add_slot(101, "");
    open_batch(1, 1, 0, DC_OPEN_DETACHED);
    assert_why(1, "for its client to send more");
    step(DC_EVENT_CLIENT_GONE, 1, NULL);
    assert_why(1, "its client is gone, and has 30 s to come back");
    ck_assert(dc_why_is_left(core, dc_sessions_by_number(core, 1), &left_ms));
    ck_assert_uint_eq(left_ms, DC_ORPHAN_MS);
    open_batch(2, 1, 0, DC_OPEN_DETACHED);
    ck_assert(!dc_why_is_left(core, dc_sessions_by_number(core, 1), &left_ms));
    dc_cmd_t close = { .type = DC_CMD_CLOSE, .close = { .handle = 1 } };
    step(DC_EVENT_CLIENT, 2, &close);
    step(DC_EVENT_CLIENT_GONE, 2, NULL);
    ck_assert(!dc_why_is_left(core, dc_sessions_by_number(core, 1), &left_ms));
}
END_TEST

START_TEST(a_client_that_sends_nothing_is_waited_for)
{
    add_slot(101, "");
    open_batch(1, 1, 0, 0);
    assert_why(1, "for its client to send more");
    pass(5000);
    assert_why(1, "its client has sent nothing for 5 s");
    send(1, 1);
    assert_why(1, "");
}
END_TEST

START_TEST(of_a_batch_that_has_ended_there_is_nothing_to_say)
{
    add_slot(101, "");
    begin(1, 1, 0);
    dc_cmd_t result = {
        .type = DC_CMD_RESULT,
        .result = { .id = core->slots->leases->id, .count = 1, .flags = DC_RESULT_LAST },
        .data = { NULL, DC_STR("1\n") }
    };
    step(DC_EVENT_WORKER, 101, &result);
    assert_why(1, "for its client to send more");
    dc_cmd_t close = { .type = DC_CMD_CLOSE, .close = { .handle = 1, .jobs = 1 } };
    step(DC_EVENT_CLIENT, 1, &close);
    assert_why(1, "");
}
END_TEST

START_TEST(results_that_nobody_reads_hold_it_up)
{
    keep_busy();
    begin(1, 3, 0);
    dc_client_t *client = core->clients;
    client->expected_bytes += DC_RESULTS_BYTES_MAX;
    assert_why(3, "its client has 0.0 MiB of results to read first");
    client->expected_bytes -= DC_RESULTS_BYTES_MAX;
}
END_TEST

START_TEST(memory_that_is_nearly_full_lets_nobody_send)
{
    add_slot(101, "");
    open_batch(1, 1, 0, 0);
    core->memory_bytes += UINT64_C(900) << 20; // of the GiB that it may have
    dc_survey_t survey = dc_why_survey(core);
    dc_why_put(core, &survey, core->batches, &why);
    core->memory_bytes -= UINT64_C(900) << 20;
    dc_buf_append_char(&why, '\0');
    ck_assert_str_eq(why.data, "the broker's memory is nearly full: 900.0 MiB of 1024.0 MiB");
}
END_TEST

START_TEST(a_client_over_its_rate_goes_on_when_time_has_passed)
{
    core->settings.rate_max = 10;
    core->settings.burst = 1;
    add_slot(101, "");
    open_batch(1, 1, 0, 0);
    core->clients->bucket = (dc_bucket_t){ .since_ms = now };
    core->clients->is_over_rate = true;
    send(1, 1);
    assert_why(1, "over its client's 10 jobs/s; it goes on in 0.1 s");
    pass(200);
    assert_why(1, ""); // it runs
}
END_TEST

START_TEST(a_client_over_its_rate_in_bytes_is_told_so)
{
    core->settings.rate_max = 3000;
    core->settings.rate_bytes_max = 64 << 10;
    add_slot(101, "");
    open_batch(1, 1, 0, 0);
    core->clients->bucket = (dc_bucket_t){ .tokens = 1, .since_ms = now };
    core->clients->bytes_bucket = (dc_bucket_t){ .tokens = -(2 << 16), .since_ms = now };
    core->clients->is_over_rate = true;
    send(1, 1);
    assert_why(1, "over its client's 64k bytes/s; it goes on in 2.1 s");
    core->clients->bytes_bucket.tokens = 1;
    core->clients->bucket.tokens = 0;
    assert_why(1, "over its client's 3,000 jobs/s; it goes on in 0.1 s");
}
END_TEST

// --- who goes first ----------------------------------------------------------------------------

START_TEST(what_is_held_says_so_before_anything_else)
{
    open_batch(1, 1, 0, DC_OPEN_HELD);
    send(1, 1);
    assert_why(1, "it is held");
}
END_TEST

START_TEST(higher_priorities_go_first)
{
    keep_busy();
    begin(1, 3, 0);
    begin(2, 4, 1);
    assert_why(3, "behind 1 batch of higher priority");
    begin(2, 5, 9);
    assert_why(3, "behind 2 batches of higher priority");
    assert_why(4, "behind 1 batch of higher priority");
}
END_TEST

START_TEST(older_batches_of_the_same_client_go_first)
{
    keep_busy();
    begin(1, 3, 0);
    begin(1, 4, 0);
    begin(1, 5, 0);
    assert_why(4, "behind 1 older batch of its client");
    assert_why(5, "behind 2 older batches of its client");
}
END_TEST

START_TEST(older_batches_that_are_detached_go_first)
{
    core->settings.has_store = true;
    keep_busy();
    for (uint32_t number = 3; number <= 5; number++) {
        open_batch(number, number, 0, DC_OPEN_DETACHED);
        send(number, number);
    }
    assert_why(4, "behind 1 older detached batch");
    assert_why(5, "behind 2 older detached batches");
}
END_TEST

START_TEST(clients_take_turns)
{
    keep_busy();
    begin(2, 3, 0);
    begin(3, 4, 0);
    begin(3, 5, 0);
    assert_why(3, "its turn comes: 2 clients take turns, with 3 batches");
}
END_TEST

START_TEST(slots_that_are_busy_for_long_say_with_what)
{
    keep_busy();
    begin(2, 3, 0);
    assert_why(3, "the only slot is busy");
    pass(12000);
    assert_why(3, "the only slot is busy; one is at a job of b1 for 12 s");
}
END_TEST

// --- tags --------------------------------------------------------------------------------------

static void open_with_tag(dc_peer_t client, uint32_t number, const char *tag)
{
    dc_buf_t data = { 0 };
    dc_buf_append_text(&data, tag);
    dc_cmd_t open = { .type = DC_CMD_OPEN,
                      .open = { .handle = number,
                                .key = { { (uint8_t)number } },
                                .retries = 3,
                                .tag_bytes = (uint8_t)data.len },
                      .data = { NULL, dc_buf_str(&data) } };
    step(DC_EVENT_CLIENT, client, &open);
    dc_buf_fini(&data);
    send(client, number);
}

START_TEST(a_tag_that_nobody_carries_is_named)
{
    add_slot(101, "");
    open_with_tag(1, 1, "gpu");
    assert_why(1, "the one worker that is there does not have tag 'gpu'");
}
END_TEST

START_TEST(slots_with_a_tag_that_are_busy_are_counted_by_it)
{
    add_slot(101, "gpu");
    add_slot(102, "");
    open_with_tag(1, 1, "gpu");
    open_with_tag(1, 2, "gpu");
    open_with_tag(2, 3, "gpu");
    assert_why(3, "the only slot with tag 'gpu' is busy");
}
END_TEST

// A batch that waits for a tag which nobody carries is in nobody's way.
// What the core has put into its store comes back, with `error`.
static void commit(dc_err_t error)
{
    dc_store_queue_t ops;
    dc_store_queue_init(&ops);
    for (size_t i = 0; i < actions.len; i++) {
        if (actions.list[i].type != DC_ACTION_STORE) continue;
        dc_store_queue_push(&ops, actions.list[i].op);
        actions.list[i].op = NULL;
    }
    dc_store_op_t *op;
    while ((op = dc_store_queue_pop(&ops))) {
        op->error = error;
        dc_event_t event = { .type = DC_EVENT_STORED, .op = &op };
        dc_core_step(core, now, &event, &actions);
        if (op) dc_store_op_destroy(&op);
    }
    dc_store_queue_fini(&ops);
    dc_core_dispatch(core, now, &actions);
}

START_TEST(results_that_are_not_on_the_disk_yet_are_awaited)
{
    core->settings.has_store = true;
    add_slot(101, "");
    open_batch(1, 1, 0, DC_OPEN_DETACHED);
    send(1, 1);
    commit(DC_OK);
    dc_cmd_t result = { .type = DC_CMD_RESULT,
                        .result = { .count = 1, .flags = DC_RESULT_LAST },
                        .data = { NULL, DC_STR("1\n") } };
    for (size_t i = 0; i < actions.len; i++) {
        if (actions.list[i].cmd.type == DC_CMD_LEASE)
            result.result.id = actions.list[i].cmd.lease.id;
    }
    ck_assert_uint_ne(result.result.id, 0);
    dc_cmd_t close = { .type = DC_CMD_CLOSE, .close = { .handle = 1, .jobs = 1 } };
    step(DC_EVENT_CLIENT, 1, &close);
    commit(DC_OK);
    assert_why(1, ""); // it runs
    step(DC_EVENT_WORKER, 101, &result);
    assert_why(1, "its results have to be written to the disk first");
    commit(DC_ERR_STORE_FULL);
    assert_why(1, "the disk of the broker's store is full: make room on it");
    now += DC_STORE_RETRY_MS;
    step(DC_EVENT_TICK, 0, NULL); // it is tried again
    assert_why(1, "its results have to be written to the disk first");
    commit(DC_OK);
    assert_why(1, "");
}
END_TEST

START_TEST(what_nobody_can_compute_is_in_nobodys_way)
{
    keep_busy();
    open_with_tag(1, 3, "gpu");
    begin(2, 4, 0);
    assert_why(4, "the only slot is busy");
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("why");
    TCase *tcase = tcase_create("why");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, without_a_worker_there_is_none);
    tcase_add_test(tcase, workers_that_leave_take_no_more);
    tcase_add_test(tcase, a_client_that_has_gone_may_come_back_for_a_while);
    tcase_add_test(tcase, who_sends_a_detached_batch_may_come_back_as_well);
    tcase_add_test(tcase, a_client_that_sends_nothing_is_waited_for);
    tcase_add_test(tcase, of_a_batch_that_has_ended_there_is_nothing_to_say);
    tcase_add_test(tcase, results_that_nobody_reads_hold_it_up);
    tcase_add_test(tcase, memory_that_is_nearly_full_lets_nobody_send);
    tcase_add_test(tcase, a_client_over_its_rate_goes_on_when_time_has_passed);
    tcase_add_test(tcase, a_client_over_its_rate_in_bytes_is_told_so);
    tcase_add_test(tcase, what_is_held_says_so_before_anything_else);
    tcase_add_test(tcase, higher_priorities_go_first);
    tcase_add_test(tcase, older_batches_of_the_same_client_go_first);
    tcase_add_test(tcase, older_batches_that_are_detached_go_first);
    tcase_add_test(tcase, clients_take_turns);
    tcase_add_test(tcase, slots_that_are_busy_for_long_say_with_what);
    tcase_add_test(tcase, a_tag_that_nobody_carries_is_named);
    tcase_add_test(tcase, slots_with_a_tag_that_are_busy_are_counted_by_it);
    tcase_add_test(tcase, results_that_are_not_on_the_disk_yet_are_awaited);
    tcase_add_test(tcase, what_nobody_can_compute_is_in_nobodys_way);
    suite_add_tcase(all, tcase);
    return all;
}
