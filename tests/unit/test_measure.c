// What the broker's core measures: how long jobs wait and take, how many fail, and for whom.
#include <stdio.h>

#include "broker/core/core.h"
#include "broker/core/state.h"
#include "common/fault.h"
#include "common/json.h"
#include "tests/lib/main.h"

#define CLIENT 1
#define SLOT   2
#define PLAIN  3

static dc_core_t *core;
static dc_actions_t actions;
static dc_us_t now_us;

static void set_up(void)
{
    dc_settings_t settings = dc_settings_default();
    core = dc_core_new(&settings, 1);
    ck_assert_ptr_nonnull(core);
    dc_actions_init(&actions);
    now_us = UINT64_C(5000000);
}

static void tear_down(void)
{
    dc_actions_fini(&actions);
    dc_core_destroy(&core);
}

static void step(dc_event_type_t type, dc_peer_t peer, const dc_cmd_t *cmd)
{
    dc_event_t event = { .type = type, .peer = peer, .cmd = cmd };
    dc_actions_clear(&actions);
    dc_core_set_us(core, now_us);
    dc_core_step(core, now_us / 1000, &event, &actions);
    dc_core_dispatch(core, now_us / 1000, &actions);
    ck_assert_ptr_null(dc_core_audit(core));
}

static void add_slot(void)
{
    dc_str_t json = DC_STR("{\"v\":" DC_WIRE_VERSION_TEXT
                           ",\"session\":\"00000000000000000000000000000001\",\"name\":\"alpha\"}");
    dc_cmd_t ready = { .type = DC_CMD_READY, .data = { NULL, json } };
    step(DC_EVENT_WORKER, SLOT, &ready);
}

static void open_batch(void)
{
    dc_cmd_t open = { .type = DC_CMD_OPEN, .open = { .handle = 1, .retries = 3 } };
    step(DC_EVENT_CLIENT, CLIENT, &open);
}

static void send_chunk(uint64_t first, uint32_t count)
{
    static const char lines[] = "1\n1\n1\n1\n1\n1\n1\n1\n";
    dc_cmd_t chunk = { .type = DC_CMD_CHUNK,
                       .chunk = { .handle = 1, .first = first, .count = count },
                       .data = { NULL, dc_str(lines, 2 * (size_t)count) } };
    step(DC_EVENT_CLIENT, CLIENT, &chunk);
}

// The id of the lease that was given in the last step.
static uint64_t lease_id(void)
{
    for (size_t i = 0; i < actions.len; i++) {
        const dc_action_t *action = &actions.list[i];
        if (action->type != DC_ACTION_TO_WORKER || action->cmd.type != DC_CMD_LEASE) continue;
        return action->cmd.lease.id;
    }
    ck_abort_msg("nothing was leased");
    return 0;
}

// Jobs [first, first + count) are answered; the first `failed` of them have failed.
static void answer(uint64_t id, uint64_t first, uint32_t count, uint32_t failed)
{
    dc_buf_t data = { 0 };
    dc_diag_t diag;
    dc_diag_set(&diag, DC_ERR_DIVIDE_BY_ZERO, 0, 0, "division by zero");
    for (uint32_t i = 0; i < failed; i++) {
        dc_fault_put(&data, first + i, &diag);
    }
    uint32_t faults_bytes = (uint32_t)data.len;
    for (uint32_t i = 0; i < count; i++) {
        dc_buf_append_text(&data, "1\n");
    }
    dc_cmd_t result = { .type = DC_CMD_RESULT,
                        .result = { .id = id,
                                    .first = first,
                                    .count = count,
                                    .faults_bytes = faults_bytes,
                                    .spent_us = 10 },
                        .data = { NULL, dc_buf_str(&data) } };
    step(DC_EVENT_WORKER, SLOT, &result);
    dc_buf_fini(&data);
}

static dc_batch_t *batch(void)
{
    return core->batches;
}

static void assert_mean(const dc_histogram_t *histogram, uint64_t count, double mean_us)
{
    ck_assert_uint_eq(histogram->count, count);
    ck_assert_double_eq_tol(dc_histogram_mean(histogram), mean_us, 1e-6);
}

// --- times -------------------------------------------------------------------------------------

START_TEST(jobs_wait_until_they_are_leased_and_take_until_they_are_answered)
{
    open_batch();
    send_chunk(0, 4);
    now_us += 1500;
    add_slot();
    uint64_t id = lease_id();
    now_us += 250;
    answer(id, 0, 3, 0);
    now_us += 50;
    answer(id, 3, 1, 0);
    const dc_stats_t *all[] = { &core->stats, batch()->stats, core->clients->stats };
    for (size_t i = 0; i < DC_ARRAY_LEN(all); i++) {
        assert_mean(&all[i]->wait, 4, 1500);
        assert_mean(&all[i]->lease, 4, (3 * 250 + 300) / 4.0);
        assert_mean(&all[i]->answer, 4, (3 * 1750 + 1800) / 4.0);
    }
    assert_mean(&core->workers->stats->lease, 4, (3 * 250 + 300) / 4.0);
    assert_mean(&core->workers->stats->wait, 0, 0);
    ck_assert_double_eq(dc_rate_per_second(&batch()->stats->rate, now_us / 1000 + 1000), 4);
}
END_TEST

// The second worker has nothing to do with how long the jobs waited for the first.
START_TEST(jobs_that_are_leased_again_have_waited_once)
{
    open_batch();
    add_slot();
    send_chunk(0, 4);
    now_us += 700;
    step(DC_EVENT_WORKER_GONE, SLOT, NULL);
    now_us += 700;
    add_slot();
    answer(lease_id(), 0, 2, 0);
    assert_mean(&core->stats.wait, 4, 0);
    assert_mean(&core->stats.lease, 2, 0);
    assert_mean(&core->stats.answer, 2, 1400);
}
END_TEST

START_TEST(plain_requests_count_for_their_client_and_for_all)
{
    dc_cmd_t ask = { .type = DC_CMD_ASK, .data = { NULL, DC_STR("1+1") } };
    step(DC_EVENT_CLIENT, PLAIN, &ask);
    now_us += 90;
    add_slot();
    now_us += 10;
    answer(lease_id(), 0, 1, 0);
    assert_mean(&core->stats.answer, 1, 100);
    assert_mean(&core->clients->stats->answer, 1, 100);
    assert_mean(&core->recent[0], 1, 100);
}
END_TEST

START_TEST(what_is_recent_is_forgotten_after_a_while)
{
    add_slot();
    open_batch();
    send_chunk(0, 1);
    answer(lease_id(), 0, 1, 0);
    ck_assert_uint_eq(core->recent[0].count + core->recent[1].count, 1);
    for (int tick = 0; tick < 2; tick++) {
        now_us += 16000000;
        step(DC_EVENT_TICK, 0, NULL);
    }
    ck_assert_uint_eq(core->recent[0].count + core->recent[1].count, 0);
    ck_assert_uint_eq(core->stats.answer.count, 1);
}
END_TEST

// --- failures ----------------------------------------------------------------------------------

START_TEST(failed_jobs_are_counted_also_when_their_client_is_done_with_them)
{
    open_batch();
    add_slot();
    send_chunk(0, 4);
    answer(lease_id(), 0, 4, 3);
    ck_assert_uint_eq(batch()->failed_count, 3);
    ck_assert_uint_eq(core->failed_count, 3);
    dc_cmd_t ack = { .type = DC_CMD_ACK, .ack = { .handle = 1, .first = 0, .end = 4 } };
    step(DC_EVENT_CLIENT, CLIENT, &ack);
    ck_assert_uint_eq(batch()->failed_count, 3);
}
END_TEST

// The client says that it lacks them all: they will be counted when they fail again.
START_TEST(failed_jobs_that_are_computed_again_are_not_counted_twice)
{
    open_batch();
    add_slot();
    send_chunk(0, 4);
    answer(lease_id(), 0, 2, 2);
    dc_buf_t lacks = { 0 };
    dc_wire_put_range(&lacks, &(dc_range_t){ 0, 4 });
    dc_cmd_t open = { .type = DC_CMD_OPEN,
                      .open = { .handle = 1,
                                .retries = 3,
                                .session = 1,
                                .lack_count = 1,
                                .flags = DC_OPEN_AGAIN },
                      .data = { NULL, dc_buf_str(&lacks) } };
    step(DC_EVENT_CLIENT, CLIENT + 10, &open);
    ck_assert_uint_eq(batch()->failed_count, 0);
    dc_buf_fini(&lacks);
}
END_TEST

// --- what is said of it ------------------------------------------------------------------------

static dc_json_t *ask(dc_str_t question)
{
    dc_diag_t diag;
    dc_cmd_t query = { .type = DC_CMD_QUERY, .query = { .handle = 7 }, .data = { NULL, question } };
    step(DC_EVENT_CLIENT, CLIENT, &query);
    ck_assert_uint_eq(actions.len, 1);
    ck_assert_int_eq(actions.list[0].cmd.type, DC_CMD_REPLY);
    dc_str_t text = actions.list[0].cmd.data.bytes;
    dc_json_t *json = dc_json_parse(text, DC_FRAME_BYTES_MAX, DC_JSON_INTEGERS_EXACT, &diag);
    ck_assert_ptr_nonnull(json);
    return json;
}

static double number(const dc_json_t *object, const char *name)
{
    double value = -1;
    dc_diag_t diag;
    ck_assert(dc_json_read_number(object, name, &value, &diag));
    return value;
}

START_TEST(stats_tell_of_all_and_of_each)
{
    open_batch();
    send_chunk(0, 4);
    now_us += 2000;
    add_slot();
    now_us += 1000;
    answer(lease_id(), 0, 3, 1);
    dc_json_t *json = ask(DC_STR("{\"what\":\"stats\"}"));
    ck_assert_double_eq(number(json, "answered"), 3);
    ck_assert_double_eq(number(json, "failed"), 1);
    ck_assert_double_eq(number(json, "running"), 1);
    ck_assert_double_eq(number(json, "rate"), 15); // 3 in the shortest time that counts
    ck_assert_double_eq(number(json, "uptime_ms"), 3);
    ck_assert_uint_eq(dc_json_len(dc_json_member(json, "rates")), DC_RATE_SECONDS - 1);
    const dc_json_t *latency = dc_json_member(json, "latency");
    ck_assert_double_eq(number(dc_json_member(latency, "wait"), "count"), 4);
    ck_assert_double_eq_tol(number(dc_json_member(latency, "wait"), "p50_ms"), 2, 0.25);
    ck_assert_double_eq(number(dc_json_member(latency, "answer"), "max_ms"), 3);
    ck_assert_double_eq(number(dc_json_member(json, "recent"), "count"), 3);
    const dc_json_t *worker = dc_json_at(dc_json_member(json, "by_worker"), 0);
    ck_assert_double_eq(number(worker, "busy"), 1);
    ck_assert_double_eq(number(worker, "jobs"), 3);
    ck_assert_uint_eq(dc_json_len(dc_json_member(worker, "running")), 1);
    const dc_json_t *client = dc_json_at(dc_json_member(json, "by_client"), 0);
    ck_assert_double_eq(number(client, "answered"), 3);
    const dc_json_t *row = dc_json_at(dc_json_member(json, "by_batch"), 0);
    ck_assert_double_eq(number(row, "failed"), 1);
    ck_assert_double_eq(number(row, "rate"), 15);
    dc_json_destroy(&json);
    json = ask(DC_STR("{\"what\":\"status\",\"number\":1}"));
    ck_assert_double_eq(number(dc_json_member(dc_json_member(json, "latency"), "lease"), "mean_ms"),
                        1);
    dc_json_destroy(&json);
}
END_TEST

START_TEST(a_worker_that_misses_heartbeats_is_late)
{
    add_slot();
    dc_json_t *json = ask(DC_STR("{\"what\":\"stats\"}"));
    bool is_late = true;
    dc_diag_t diag;
    const dc_json_t *worker = dc_json_at(dc_json_member(json, "by_worker"), 0);
    ck_assert(dc_json_read_bool(worker, "late", &is_late, &diag) && !is_late);
    dc_json_destroy(&json);
    for (int tick = 0; tick < 25; tick++) {
        now_us += 100000;
        step(DC_EVENT_TICK, 0, NULL);
    }
    json = ask(DC_STR("{\"what\":\"stats\"}"));
    worker = dc_json_at(dc_json_member(json, "by_worker"), 0);
    ck_assert(dc_json_read_bool(worker, "late", &is_late, &diag) && is_late);
    ck_assert_double_eq(number(worker, "silent_ms"), 2500);
    dc_json_destroy(&json);
}
END_TEST

static double rate_of_batch(void)
{
    dc_json_t *json = ask(DC_STR("{\"what\":\"status\",\"number\":1}"));
    double rate = number(json, "rate");
    dc_json_destroy(&json);
    return rate;
}

// Nobody is to reckon from what was how long it will take.
START_TEST(a_batch_whose_last_slot_has_gone_has_no_rate)
{
    add_slot();
    open_batch();
    send_chunk(0, 4);
    answer(lease_id(), 0, 2, 0);
    now_us += 500000;
    ck_assert_double_gt(rate_of_batch(), 0);
    step(DC_EVENT_WORKER_GONE, SLOT, NULL);
    ck_assert_double_eq(rate_of_batch(), 0);
    add_slot();
    ck_assert_double_gt(rate_of_batch(), 0);
}
END_TEST

// However large the cluster is, the answer fits a message.
START_TEST(of_many_the_first_are_told_each)
{
    for (unsigned i = 1; i <= 300; i++) {
        char json[160];
        int len = snprintf(
            json, sizeof json,
            "{\"v\":" DC_WIRE_VERSION_TEXT ",\"session\":\"%032x\",\"name\":\"worker-%u\"}", i, i);
        dc_cmd_t ready = { .type = DC_CMD_READY, .data = { NULL, dc_str(json, (size_t)len) } };
        step(DC_EVENT_WORKER, 1000 + i, &ready);
    }
    dc_json_t *json = ask(DC_STR("{\"what\":\"stats\"}"));
    ck_assert_double_eq(number(json, "workers"), 300);
    ck_assert_uint_eq(dc_json_len(dc_json_member(json, "by_worker")), 100);
    dc_json_destroy(&json);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("measure");
    TCase *tcase = tcase_create("measure");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, jobs_wait_until_they_are_leased_and_take_until_they_are_answered);
    tcase_add_test(tcase, jobs_that_are_leased_again_have_waited_once);
    tcase_add_test(tcase, plain_requests_count_for_their_client_and_for_all);
    tcase_add_test(tcase, what_is_recent_is_forgotten_after_a_while);
    tcase_add_test(tcase, failed_jobs_are_counted_also_when_their_client_is_done_with_them);
    tcase_add_test(tcase, failed_jobs_that_are_computed_again_are_not_counted_twice);
    tcase_add_test(tcase, stats_tell_of_all_and_of_each);
    tcase_add_test(tcase, a_worker_that_misses_heartbeats_is_late);
    tcase_add_test(tcase, a_batch_whose_last_slot_has_gone_has_no_rate);
    tcase_add_test(tcase, of_many_the_first_are_told_each);
    suite_add_tcase(all, tcase);
    return all;
}
