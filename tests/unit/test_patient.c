// What the broker's core lets its store do later, with others: results that nobody waits for.
#include "broker/core/state.h"
#include "common/bytes.h"
#include "tests/lib/broker_core.h"
#include "tests/lib/main.h"

#define CLIENT 1
#define VIEWER 2
#define SLOT   101

static void set_up(void)
{
    broker_core_set_up();
    broker_core->settings.has_store = true;
    dc_cmd_t ready = { .type = DC_CMD_READY,
                       .data = { NULL, DC_STR("{\"v\":" DC_WIRE_VERSION_TEXT
                                              ",\"session\":\"00000000000000000000000000000001\","
                                              "\"name\":\"w\"}") } };
    broker_core_step(DC_EVENT_WORKER, SLOT, &ready);
}

// --- the store ---------------------------------------------------------------------------------

// What the core puts next comes back as done. Of the operation that is of `what` it is said whether
// it was patient; there must be one.
static bool commit(dc_store_what_t what)
{
    dc_store_queue_t ops;
    dc_store_queue_init(&ops);
    for (size_t i = 0; i < broker_actions.len; i++) {
        if (broker_actions.list[i].type != DC_ACTION_STORE) continue;
        dc_store_queue_push(&ops, broker_actions.list[i].op);
        broker_actions.list[i].op = NULL;
    }
    dc_actions_clear(&broker_actions);
    bool is_found = false;
    bool is_patient = false;
    dc_store_op_t *op;
    while ((op = dc_store_queue_pop(&ops))) {
        is_found |= op->what == what;
        is_patient |= op->what == what && op->patience_ms;
        dc_event_t event = { .type = DC_EVENT_STORED, .op = &op };
        dc_core_step(broker_core, 1000000, &event, &broker_actions);
        dc_store_op_destroy(&op);
    }
    ck_assert(is_found);
    broker_core_dispatch();
    return is_patient;
}

// --- a batch -----------------------------------------------------------------------------------

// A detached batch of one job, number `number` (1, 2, ...); after batch `after`, if that is not 0.
static void submit(uint32_t number, uint64_t after)
{
    char awaited[8];
    dc_put_u64(awaited, after);
    dc_cmd_t open = { .type = DC_CMD_OPEN,
                      .open = { .handle = number,
                                .key = { { (uint8_t)number } },
                                .retries = 3,
                                .flags = DC_OPEN_DETACHED,
                                .after_count = after ? 1 : 0 } };
    if (after) open.data.bytes = dc_str(awaited, sizeof awaited);
    dc_cmd_t chunk = { .type = DC_CMD_CHUNK,
                       .chunk = { .handle = number, .count = 1 },
                       .data = { NULL, DC_STR("1\n") } };
    dc_cmd_t close = { .type = DC_CMD_CLOSE, .close = { .handle = number, .jobs = 1 } };
    broker_core_step(DC_EVENT_CLIENT, CLIENT, &open);
    broker_core_step(DC_EVENT_CLIENT, CLIENT, &chunk);
    broker_core_step(DC_EVENT_CLIENT, CLIENT, &close);
}

// The result of the job that was leased, which takes `bytes`.
static void answer(size_t bytes)
{
    static char line[2 * DC_STORE_PATIENT_BYTES];
    memset(line, '1', bytes);
    line[bytes - 1] = '\n';
    dc_cmd_t result = { .type = DC_CMD_RESULT,
                        .result = { .count = 1, .flags = DC_RESULT_LAST },
                        .data = { NULL, dc_str(line, bytes) } };
    for (size_t i = 0; i < broker_actions.len; i++) {
        const dc_action_t *action = &broker_actions.list[i];
        if (action->cmd.type == DC_CMD_LEASE) result.result.id = action->cmd.lease.id;
    }
    ck_assert_uint_ne(result.result.id, 0);
    broker_core_step(DC_EVENT_WORKER, SLOT, &result);
}

static void attach(uint64_t number)
{
    dc_cmd_t cmd = { .type = DC_CMD_ATTACH, .attach = { .handle = 1, .number = number } };
    broker_core_step(DC_EVENT_CLIENT, VIEWER, &cmd);
}

START_TEST(what_a_client_waits_for_is_not_patient)
{
    submit(1, 0);
    ck_assert(!commit(DC_STORE_CHUNK));
}
END_TEST

// A job whose client waits for its answer.
static void ask(void)
{
    dc_cmd_t open = { .type = DC_CMD_OPEN, .open = { .handle = 9, .retries = 3 } };
    dc_cmd_t chunk = { .type = DC_CMD_CHUNK,
                       .chunk = { .handle = 9, .count = 1 },
                       .data = { NULL, DC_STR("1\n") } };
    broker_core_step(DC_EVENT_CLIENT, VIEWER, &open);
    broker_core_step(DC_EVENT_CLIENT, VIEWER, &chunk);
    broker_core_dispatch();
    dc_actions_clear(&broker_actions);
}

START_TEST(it_is_while_others_wait_for_answers)
{
    ask();
    submit(1, 0);
    ck_assert(commit(DC_STORE_CHUNK));
}
END_TEST

START_TEST(and_not_when_they_did_long_ago)
{
    ask();
    broker_core_pass(DC_STORE_ASKED_MS);
    submit(1, 0);
    ck_assert(!commit(DC_STORE_CHUNK));
}
END_TEST

START_TEST(what_is_read_never_waits)
{
    submit(1, 0);
    commit(DC_STORE_CHUNK);
    answer(2);
    commit(DC_STORE_RESULT);
    commit(DC_STORE_END);
    ask();
    attach(1);
    broker_core_dispatch();
    ck_assert(!commit(DC_STORE_READ));
}
END_TEST

START_TEST(results_that_nobody_waits_for_are_patient)
{
    submit(1, 0);
    commit(DC_STORE_CHUNK);
    answer(2);
    ck_assert(commit(DC_STORE_RESULT));
    ck_assert(commit(DC_STORE_END));
}
END_TEST

START_TEST(those_that_somebody_looks_at_are_not)
{
    submit(1, 0);
    commit(DC_STORE_CHUNK);
    attach(1);
    broker_core_dispatch();
    answer(2);
    ck_assert(!commit(DC_STORE_RESULT));
    ck_assert(!commit(DC_STORE_END));
}
END_TEST

START_TEST(those_that_another_batch_comes_after_are_not)
{
    submit(1, 0);
    submit(2, 1);
    commit(DC_STORE_CHUNK);
    answer(2);
    ck_assert(!commit(DC_STORE_RESULT));
    ck_assert(!commit(DC_STORE_END));
}
END_TEST

START_TEST(large_ones_are_not)
{
    ask();
    submit(1, 0);
    commit(DC_STORE_CHUNK);
    answer((size_t)2 * DC_STORE_PATIENT_BYTES);
    ck_assert(!commit(DC_STORE_RESULT));
}
END_TEST

START_TEST(an_end_that_somebody_asked_for_is_not)
{
    submit(1, 0);
    commit(DC_STORE_CHUNK);
    dc_cmd_t cancel = { .type = DC_CMD_CANCEL, .cancel = { .handle = 7, .number = 1 } };
    broker_core_step(DC_EVENT_CLIENT, VIEWER, &cancel);
    ck_assert(!commit(DC_STORE_END));
}
END_TEST

START_TEST(an_end_that_is_on_its_way_to_the_disk_can_be_deleted)
{
    submit(1, 0);
    commit(DC_STORE_CHUNK);
    answer(2);
    commit(DC_STORE_RESULT);
    dc_cmd_t delete = { .type = DC_CMD_DELETE, .delete = { .handle = 7, .number = 1 } };
    broker_core_step(DC_EVENT_CLIENT, VIEWER, &delete);
    commit(DC_STORE_DELETE);
    const dc_action_t *last = &broker_actions.list[broker_actions.len - 1];
    ck_assert_int_eq(last->cmd.type, DC_CMD_REPLY);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("patient");
    TCase *tcase = tcase_create("patient");
    tcase_add_checked_fixture(tcase, set_up, broker_core_tear_down);
    tcase_add_test(tcase, what_a_client_waits_for_is_not_patient);
    tcase_add_test(tcase, it_is_while_others_wait_for_answers);
    tcase_add_test(tcase, and_not_when_they_did_long_ago);
    tcase_add_test(tcase, what_is_read_never_waits);
    tcase_add_test(tcase, results_that_nobody_waits_for_are_patient);
    tcase_add_test(tcase, those_that_somebody_looks_at_are_not);
    tcase_add_test(tcase, those_that_another_batch_comes_after_are_not);
    tcase_add_test(tcase, large_ones_are_not);
    tcase_add_test(tcase, an_end_that_somebody_asked_for_is_not);
    tcase_add_test(tcase, an_end_that_is_on_its_way_to_the_disk_can_be_deleted);
    suite_add_tcase(all, tcase);
    return all;
}
