// Questions about the cluster: what the broker answers when it has much to tell.
#include <stdio.h>
#include <stdlib.h>

#include "broker/core/report/report.h"
#include "common/json.h"
#include "tests/lib/broker_core.h"
#include "tests/lib/main.h"

static void step(dc_event_type_t type, dc_peer_t peer, const dc_cmd_t *cmd)
{
    dc_actions_clear(&broker_actions);
    broker_core_step(type, peer, cmd);
}

// Slot `peer` of worker number `worker`.
static void add_slot(dc_peer_t peer, unsigned worker)
{
    char json[200];
    int len = snprintf(json, sizeof json,
                       "{\"v\":" DC_WIRE_VERSION_TEXT
                       ",\"session\":\"%032llx\",\"name\":\"worker-%u\",\"host\":"
                       "\"a-host-with-quite-a-long-name.example.org\",\"pid\":%llu}",
                       (unsigned long long)peer, worker, (unsigned long long)peer);
    dc_cmd_t ready = { .type = DC_CMD_READY, .data = { NULL, dc_str(json, (size_t)len) } };
    step(DC_EVENT_WORKER, peer, &ready);
}

// The only answer to a question with this handle.
static const dc_cmd_t *ask(const char *question)
{
    dc_cmd_t query = { .type = DC_CMD_QUERY,
                       .query = { .handle = 7 },
                       .data = { NULL, dc_str_from(question) } };
    step(DC_EVENT_CLIENT, 1, &query);
    ck_assert_uint_eq(broker_actions.len, 1);
    ck_assert_int_eq(broker_actions.list[0].type, DC_ACTION_TO_CLIENT);
    return &broker_actions.list[0].cmd;
}

static void assert_refused(const dc_cmd_t *cmd, dc_err_t error, const char *text)
{
    ck_assert_int_eq(cmd->type, DC_CMD_REFUSED);
    ck_assert_uint_eq(cmd->refused.handle, 7);
    ck_assert_int_eq((int)cmd->refused.error, (int)error);
    ck_assert_msg(dc_str_eq(cmd->data.bytes, dc_str_from(text)), "%.*s", (int)cmd->data.bytes.len,
                  cmd->data.bytes.data);
}

static bool has_words(const dc_cmd_t *reply, const char *words)
{
    ck_assert_int_eq(reply->type, DC_CMD_REPLY);
    return memmem(reply->data.bytes.data, reply->data.bytes.len, words, strlen(words)) != NULL;
}

// Ask for the page behind `after` of what `what` lists in `array`: each row's number must be above
// those before. Returns where the next page begins, and counts the rows.
static uint64_t read_page(const char *what, const char *array, uint64_t after, size_t *count,
                          uint64_t *last)
{
    char question[64];
    snprintf(question, sizeof question, "{\"what\":\"%s\",\"number\":%llu}", what,
             (unsigned long long)after);
    const dc_cmd_t *reply = ask(question);
    ck_assert_int_eq(reply->type, DC_CMD_REPLY);
    // A page holds up nobody for long, nor is it longer than a frame, which would end a connection.
    ck_assert_uint_le(reply->data.bytes.len, (size_t)2 * DC_REPORT_PAGE_BYTES);
    dc_diag_t diag;
    dc_json_t *json =
        dc_json_parse(reply->data.bytes, DC_FRAME_BYTES_MAX, DC_JSON_INTEGERS_EXACT, &diag);
    ck_assert_ptr_nonnull(json);
    const dc_json_t *rows = dc_json_member(json, array);
    for (size_t i = 0; i < dc_json_len(rows); i++) {
        const dc_json_t *row = dc_json_at(rows, i);
        dc_str_t id = { 0 };
        bool is_slot = strcmp(array, "slots") == 0;
        ck_assert(dc_json_read_string(row, is_slot ? "id" : "batch", &id, &diag));
        uint64_t number = strtoull(id.data + 1, NULL, 10);
        ck_assert_uint_gt(number, *last);
        *last = number;
        (*count)++;
    }
    uint64_t next = 0;
    ck_assert(dc_json_read_u64(json, "next", INT64_MAX, &next, &diag));
    ck_assert(next == 0 || next == *last);
    dc_json_destroy(&json);
    return next;
}

START_TEST(slots_are_listed_in_pages)
{
    for (unsigned i = 1; i <= 4000; i++) {
        add_slot(i, i / 4);
    }
    size_t count = 0;
    unsigned pages = 0;
    uint64_t last = 0;
    for (uint64_t next = 0; pages == 0 || next; pages++) {
        next = read_page("workers", "slots", next, &count, &last);
        // The one that the page ended with leaves, and one comes.
        if (pages == 0) step(DC_EVENT_WORKER_GONE, next, NULL);
        if (pages == 0) add_slot(4001, 1);
    }
    ck_assert_uint_eq(count, 4001);
    ck_assert_uint_gt(pages, 5);
}
END_TEST

static void open_batch(uint32_t handle)
{
    dc_cmd_t open = { .type = DC_CMD_OPEN, .open = { .handle = handle } };
    memcpy(open.open.key.bytes, &handle, sizeof handle);
    step(DC_EVENT_CLIENT, 1, &open);
}

START_TEST(batches_are_listed_in_pages)
{
    for (uint32_t handle = 1; handle <= 1500; handle++) {
        open_batch(handle);
    }
    size_t count = 0;
    unsigned pages = 0;
    uint64_t last = 0;
    for (uint64_t next = 0; pages == 0 || next; pages++) {
        next = read_page("list", "batches", next, &count, &last);
        dc_cmd_t cancel = { .type = DC_CMD_CANCEL, .cancel = { .handle = (uint32_t)next } };
        if (pages == 0) step(DC_EVENT_CLIENT, 1, &cancel);
    }
    ck_assert_uint_eq(count, 1500);
    ck_assert_uint_gt(pages, 2);
}
END_TEST

START_TEST(ping_counts_workers_and_slots_as_they_come_and_go)
{
    dc_cmd_t ready = { .type = DC_CMD_READY };
    step(DC_EVENT_WORKER, 100, &ready);
    add_slot(1, 1);
    add_slot(2, 2);
    add_slot(3, 1);
    ck_assert(has_words(ask("{\"what\":\"ping\"}"), "\"workers\":2,\"slots\":3,\"plain\":1"));
    add_slot(2, 1); // begins anew, as one of another worker's
    ck_assert(has_words(ask("{\"what\":\"ping\"}"), "\"workers\":1,\"slots\":3,\"plain\":1"));
    step(DC_EVENT_WORKER_GONE, 1, NULL);
    step(DC_EVENT_WORKER_GONE, 100, NULL);
    ck_assert(has_words(ask("{\"what\":\"ping\"}"), "\"workers\":1,\"slots\":2,\"plain\":0"));
    step(DC_EVENT_WORKER_GONE, 2, NULL);
    step(DC_EVENT_WORKER_GONE, 3, NULL);
    ck_assert(has_words(ask("{\"what\":\"ping\"}"), "\"workers\":0,\"slots\":0,\"plain\":0"));
}
END_TEST

// What is wrong with JSON is no fault of an expression.
START_TEST(what_is_no_question_breaks_the_protocol)
{
    const char *const questions[] = {
        "", "{", "[1", "7", "{\"what\":1}", "{\"what\":\"?\"}", "\xff"
    };
    for (size_t i = 0; i < DC_ARRAY_LEN(questions); i++) {
        const dc_cmd_t *cmd = ask(questions[i]);
        ck_assert_int_eq(cmd->type, DC_CMD_REFUSED);
        ck_assert_msg(cmd->refused.error == DC_ERR_PROTOCOL, "%s: %s", questions[i],
                      dc_err_name((dc_err_t)cmd->refused.error));
    }
    assert_refused(ask("{\"what\":\"status\",\"number\":3}"), DC_ERR_UNKNOWN_BATCH,
                   "there is no batch b3");
}
END_TEST

// Between two ticks a batch may be there whose time is over.
START_TEST(a_deadline_that_has_passed_is_none_in_ages)
{
    dc_cmd_t open = { .type = DC_CMD_OPEN, .open = { .handle = 1, .deadline_ms = 50 } };
    step(DC_EVENT_CLIENT, 1, &open);
    ck_assert(has_words(ask("{\"what\":\"list\"}"), "\"deadline_ms\":50,"));
    broker_core_pass(60);
    ck_assert(has_words(ask("{\"what\":\"list\"}"), "\"deadline_ms\":0,"));
}
END_TEST

// What waits for other jobs or batches waits as well, for the whole as for its batch.
START_TEST(jobs_that_wait_for_others_are_counted)
{
    static const char first_number[8] = { 1 };
    dc_cmd_t first = { .type = DC_CMD_OPEN, .open = { .handle = 1 } };
    dc_cmd_t second = { .type = DC_CMD_OPEN,
                        .open = { .handle = 2, .key = { { 2 } }, .after_count = 1 },
                        .data = { NULL, dc_str(first_number, sizeof first_number) } };
    step(DC_EVENT_CLIENT, 1, &first);
    step(DC_EVENT_CLIENT, 1, &second);
    for (uint32_t handle = 1; handle <= 2; handle++) {
        dc_cmd_t chunk = { .type = DC_CMD_CHUNK,
                           .chunk = { .handle = handle, .count = 2 },
                           .data = { NULL, DC_STR("1\n2\n") } };
        step(DC_EVENT_CLIENT, 1, &chunk);
    }
    ck_assert(has_words(ask("{\"what\":\"status\",\"number\":2}"), "\"waiting\":2,"));
    ck_assert(has_words(ask("{\"what\":\"stats\"}"), "\"waiting\":4,\"running\":0,"));
}
END_TEST

// A batch of one job, all of which is sent.
static void send_batch(uint32_t number, uint8_t flags)
{
    dc_cmd_t open = { .type = DC_CMD_OPEN,
                      .open = {
                          .handle = number, .key = { { (uint8_t)number } }, .flags = flags } };
    dc_cmd_t chunk = { .type = DC_CMD_CHUNK,
                       .chunk = { .handle = number, .count = 1 },
                       .data = { NULL, DC_STR("1\n") } };
    dc_cmd_t close = { .type = DC_CMD_CLOSE, .close = { .handle = number, .jobs = 1 } };
    step(DC_EVENT_CLIENT, 1, &open);
    step(DC_EVENT_CLIENT, 1, &chunk);
    step(DC_EVENT_CLIENT, 1, &close);
}

// Slot 1 gets one more lease, and computes it. False if it gets none.
static bool compute_one(void)
{
    dc_actions_clear(&broker_actions);
    broker_core_dispatch();
    dc_cmd_t result = { .type = DC_CMD_RESULT,
                        .result = { .count = 1, .spent_us = 1000, .flags = DC_RESULT_LAST },
                        .data = { NULL, DC_STR("1\n") } };
    bool is_leased = false;
    for (size_t i = 0; i < broker_actions.len; i++) {
        const dc_action_t *action = &broker_actions.list[i];
        if (action->type != DC_ACTION_TO_WORKER || action->cmd.type != DC_CMD_LEASE) continue;
        result.result.id = action->cmd.lease.id;
        broker_core_step(DC_EVENT_WORKER, 1, &result);
        is_leased = true;
    }
    return is_leased;
}

// What has ended is there until its client has read all of it, or is kept; people look for the
// rest.
START_TEST(a_live_view_has_the_batches_that_go_on)
{
    add_slot(1, 1);
    for (uint32_t number = 1; number <= 2 * DC_REPORT_ROWS_MAX; number++) {
        send_batch(number, number == 1 ? DC_OPEN_HELD : 0);
    }
    while (compute_one()) {
    }
    const dc_cmd_t *stats = ask("{\"what\":\"stats\"}");
    ck_assert(has_words(stats, "\"by_batch\":[{\"batch\":\"b1\",\"number\":1,"));
    ck_assert(has_words(stats, "},{\"batch\":\"b102\",\"number\":102,"));
    ck_assert(has_words(stats, "},{\"batch\":\"b200\",\"number\":200,"));
    ck_assert(!has_words(stats, "\"b101\""));
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("report");
    TCase *tcase = tcase_create("report");
    tcase_add_checked_fixture(tcase, broker_core_set_up, broker_core_tear_down);
    tcase_add_test(tcase, slots_are_listed_in_pages);
    tcase_add_test(tcase, batches_are_listed_in_pages);
    tcase_add_test(tcase, ping_counts_workers_and_slots_as_they_come_and_go);
    tcase_add_test(tcase, what_is_no_question_breaks_the_protocol);
    tcase_add_test(tcase, a_deadline_that_has_passed_is_none_in_ages);
    tcase_add_test(tcase, jobs_that_wait_for_others_are_counted);
    tcase_add_test(tcase, a_live_view_has_the_batches_that_go_on);
    suite_add_tcase(all, tcase);
    return all;
}
