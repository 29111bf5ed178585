// Questions about the cluster: what the broker answers when it has much to tell.
#include <stdio.h>

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

// A frame that is too long for the client would end its connection, and one that is dropped would
// leave it waiting.
START_TEST(an_answer_longer_than_a_frame_is_refused)
{
    for (unsigned i = 1; i <= 4000; i++) {
        add_slot(i, i / 4);
    }
    ck_assert_uint_le(ask("{\"what\":\"workers\"}")->data.bytes.len, DC_FRAME_BYTES_MAX);
    for (unsigned i = 4001; i <= 8000; i++) {
        add_slot(i, i / 4);
    }
    assert_refused(ask("{\"what\":\"workers\"}"), DC_ERR_TOO_LARGE,
                   "the answer does not fit into a message: it has more than 1048576 bytes");
    ck_assert(has_words(ask("{\"what\":\"ping\"}"), "\"slots\":8000"));
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

Suite *suite(void)
{
    Suite *all = suite_create("report");
    TCase *tcase = tcase_create("report");
    tcase_add_checked_fixture(tcase, broker_core_set_up, broker_core_tear_down);
    tcase_add_test(tcase, an_answer_longer_than_a_frame_is_refused);
    tcase_add_test(tcase, ping_counts_workers_and_slots_as_they_come_and_go);
    tcase_add_test(tcase, what_is_no_question_breaks_the_protocol);
    tcase_add_test(tcase, a_deadline_that_has_passed_is_none_in_ages);
    tcase_add_test(tcase, jobs_that_wait_for_others_are_counted);
    suite_add_tcase(all, tcase);
    return all;
}
