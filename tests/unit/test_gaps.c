// A client that leaves gaps between the jobs that it sends makes the broker remember each of them.
#include <stdio.h>

#include "broker/core/state.h"
#include "tests/lib/broker_core.h"
#include "tests/lib/main.h"

static void step(dc_cmd_t cmd)
{
    broker_core_step(DC_EVENT_CLIENT, 1, &cmd);
}

static void send_job(uint64_t index)
{
    step((dc_cmd_t){ .type = DC_CMD_CHUNK,
                     .chunk = { .handle = 1, .count = 1, .first = index },
                     .data = { NULL, DC_STR("1\n") } });
}

// Send and acknowledge every second job, from number `first` of these. What the broker sends is
// left in `broker_actions`.
static void use_second_jobs(uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++) {
        dc_actions_clear(&broker_actions);
        send_job(2 * i);
        step((dc_cmd_t){ .type = DC_CMD_ACK, .ack = { 1, 2 * i, 2 * i + 1 } });
    }
}

START_TEST(gaps_are_accounted_for_and_bounded)
{
    step((dc_cmd_t){ .type = DC_CMD_OPEN, .open = { .handle = 1, .key = { { 1 } } } });
    size_t empty_bytes = broker_core->memory_bytes;
    use_second_jobs(0, 1000);
    ck_assert_uint_ge(broker_core->memory_bytes, empty_bytes + 1000 * sizeof(dc_range_t));
    ck_assert_ptr_null(dc_core_audit(broker_core));
    use_second_jobs(1000, 65536 - 1000);
    ck_assert_uint_eq(HASH_CNT(hh_number, broker_core->batches), 1);
    ck_assert_ptr_null(dc_core_audit(broker_core));
    use_second_jobs(65536, 1);
    ck_assert_int_eq(broker_actions.list[0].cmd.type, DC_CMD_REFUSED);
    ck_assert_int_eq((int)broker_actions.list[0].cmd.refused.error, DC_ERR_PROTOCOL);
    ck_assert_uint_eq(broker_core->memory_bytes, 0);
    ck_assert_ptr_null(dc_core_audit(broker_core));
}
END_TEST

// Slots enough that a client may send more than DC_CREDIT_BYTES.
static void add_slots(unsigned count)
{
    for (unsigned i = 1; i <= count; i++) {
        char json[100];
        int len = snprintf(json, sizeof json,
                           "{\"v\":" DC_WIRE_VERSION_TEXT ",\"session\":\"%032x\"}", i);
        dc_cmd_t ready = { .type = DC_CMD_READY, .data = { NULL, dc_str(json, (size_t)len) } };
        broker_core_step(DC_EVENT_WORKER, i, &ready);
    }
}

// What does not fit into a frame is not said to be here: the client sends it again.
START_TEST(what_opened_says_fits_into_a_frame)
{
    add_slots(400);
    step((dc_cmd_t){ .type = DC_CMD_OPEN, .open = { .handle = 1, .key = { { 1 } } } });
    for (uint64_t i = 0; i < 70000; i++) {
        dc_actions_clear(&broker_actions);
        send_job(2 * i);
        ck_assert_uint_eq(broker_actions.len, 0);
    }
    char lacks[DC_WIRE_RANGE_BYTES];
    dc_buf_t data = { 0 };
    dc_wire_put_range(&data, &(dc_range_t){ 0, 140000 });
    memcpy(lacks, data.data, sizeof lacks);
    dc_buf_fini(&data);
    dc_cmd_t again = { .type = DC_CMD_OPEN,
                       .open = { .handle = 1, .key = { { 1 } }, .lack_count = 1, .session = 2 },
                       .data = { NULL, dc_str(lacks, sizeof lacks) } };
    broker_core_step(DC_EVENT_CLIENT, 2, &again);
    ck_assert_uint_ge(broker_actions.len, 2);
    const dc_cmd_t *opened = &broker_actions.list[1].cmd; // behind the former session's REFUSED
    ck_assert_int_eq(opened->type, DC_CMD_OPENED);
    ck_assert_uint_eq(opened->data.bytes.len, DC_FRAME_BYTES_MAX);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("gaps");
    TCase *tcase = tcase_create("gaps");
    tcase_add_checked_fixture(tcase, broker_core_set_up, broker_core_tear_down);
    tcase_add_test(tcase, gaps_are_accounted_for_and_bounded);
    tcase_add_test(tcase, what_opened_says_fits_into_a_frame);
    suite_add_tcase(all, tcase);
    return all;
}
