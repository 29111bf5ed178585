// What is to be sent to one peer: packed, in order, kept until it is out.
#include "broker/core/peers/outbox.h"
#include "common/bytes.h"
#include "tests/lib/main.h"

static dc_outbox_t outbox;
static dc_wire_writer_t writer;
static dc_slice_t frames[DC_OUTBOX_FRAMES_MAX];

static void set_up(void)
{
    outbox = (dc_outbox_t){ 0 };
    dc_wire_writer_init(&writer);
}

static void tear_down(void)
{
    dc_wire_writer_fini(&writer);
    dc_outbox_fini(&outbox);
}

static void push(dc_cmd_t cmd)
{
    dc_slice_t borrowed = cmd.data;
    ck_assert(dc_slice_keep(&borrowed, &cmd.data));
    ck_assert(dc_outbox_push(&outbox, &cmd));
    ck_assert_ptr_null(cmd.data.blob);
}

static dc_cmd_t credit(uint64_t sent_max)
{
    return (dc_cmd_t){ .type = DC_CMD_CREDIT, .credit = { .sent_max = sent_max } };
}

static dc_cmd_t with_data(dc_command_t type, size_t bytes)
{
    static const char data[2 * DC_MESSAGE_DATA_BYTES_MAX];
    ck_assert_uint_le(bytes, sizeof data);
    return (dc_cmd_t){ .type = type, .data = { NULL, dc_str(data, bytes) } };
}

// The next message as its commands; `count` of them are expected.
static void assert_next(size_t count, const uint64_t *sent_max)
{
    dc_wire_reader_t reader;
    const char *why;
    dc_cmd_t cmd;
    size_t frame_count = dc_outbox_peek(&outbox, DC_SIDE_FRONT, &writer, frames);
    ck_assert_uint_ge(frame_count, 2);
    ck_assert(dc_str_eq(frames[0].bytes, DC_STR("DC1")));
    ck_assert_int_eq(
        dc_wire_read(&reader, DC_FROM_BROKER_TO_CLIENT, frames + 1, frame_count - 1, &why), DC_OK);
    for (size_t i = 0; i < count; i++) {
        ck_assert(dc_wire_next(&reader, &cmd));
        if (sent_max) ck_assert_uint_eq(cmd.credit.sent_max, sent_max[i]);
    }
    ck_assert(!dc_wire_next(&reader, &cmd));
}

START_TEST(an_empty_outbox_has_no_message)
{
    ck_assert(dc_outbox_is_empty(&outbox));
    ck_assert_uint_eq(dc_outbox_peek(&outbox, DC_SIDE_FRONT, &writer, frames), 0);
}
END_TEST

START_TEST(what_waits_becomes_one_message)
{
    push(credit(1));
    push(credit(2));
    push(credit(3));

    assert_next(3, (uint64_t[]){ 1, 2, 3 });
    dc_outbox_pop(&outbox);
    ck_assert(dc_outbox_is_empty(&outbox));
    ck_assert_uint_eq(outbox.bytes, 0);
}
END_TEST

// There was no room to send: nothing is lost, and what comes meanwhile is behind it.
START_TEST(a_message_can_be_tried_again)
{
    push(credit(1));
    assert_next(1, (uint64_t[]){ 1 });
    push(credit(2));
    assert_next(2, (uint64_t[]){ 1, 2 });
    dc_outbox_pop(&outbox);
    ck_assert(dc_outbox_is_empty(&outbox));
}
END_TEST

START_TEST(a_message_that_is_full_is_followed_by_another)
{
    for (int i = 0; i < 50; i++) {
        push(with_data(DC_CMD_REPLY, DC_COPY_BYTES_MAX));
    }
    size_t per_message = DC_MESSAGE_DATA_BYTES_MAX / DC_COPY_BYTES_MAX;

    assert_next(per_message, NULL);
    dc_outbox_pop(&outbox);
    assert_next(50 - per_message, NULL);
    dc_outbox_pop(&outbox);
    ck_assert(dc_outbox_is_empty(&outbox));
}
END_TEST

// Its data fill the data frame; what has none fits beside it.
START_TEST(a_big_command_leaves_room_only_for_those_without_data)
{
    push(with_data(DC_CMD_REPLY, 1));
    push(with_data(DC_CMD_REPLY, DC_CHUNK_BYTES_MAX));
    push(credit(2));
    push(with_data(DC_CMD_REPLY, 1));

    assert_next(1, NULL);
    dc_outbox_pop(&outbox);
    assert_next(2, NULL);
    dc_outbox_pop(&outbox);
    assert_next(1, NULL);
    dc_outbox_pop(&outbox);
    ck_assert(dc_outbox_is_empty(&outbox));
}
END_TEST

START_TEST(plain_forms_are_messages_of_their_own_in_their_place)
{
    dc_cmd_t work = with_data(DC_CMD_WORK, 5);
    work.work.id = 0x0102030405060708;
    push((dc_cmd_t){ .type = DC_CMD_TRIM });
    push((dc_cmd_t){ .type = DC_CMD_BEAT });
    push(work);

    ck_assert_uint_eq(dc_outbox_peek(&outbox, DC_SIDE_BACK, &writer, frames), 2);
    ck_assert_uint_eq(frames[0].bytes.len, 0);
    dc_outbox_pop(&outbox);
    ck_assert_uint_eq(dc_outbox_peek(&outbox, DC_SIDE_BACK, &writer, frames), 1);
    ck_assert(dc_str_eq(frames[0].bytes, DC_STR("\x02")));
    dc_outbox_pop(&outbox);
    ck_assert_uint_eq(dc_outbox_peek(&outbox, DC_SIDE_BACK, &writer, frames), 3);
    ck_assert_uint_eq(dc_get_u64(frames[0].bytes.data), 0x0102030405060708);
    ck_assert_uint_eq(frames[1].bytes.len, 0);
    ck_assert_uint_eq(frames[2].bytes.len, 5);
    dc_outbox_pop(&outbox);
    ck_assert(dc_outbox_is_empty(&outbox));
}
END_TEST

START_TEST(answers_go_to_plain_clients_one_by_one)
{
    push(with_data(DC_CMD_ANSWER, 1));
    push(with_data(DC_CMD_ANSWER, 2));

    for (size_t bytes = 1; bytes <= 2; bytes++) {
        ck_assert_uint_eq(dc_outbox_peek(&outbox, DC_SIDE_FRONT, &writer, frames), 2);
        ck_assert_uint_eq(frames[0].bytes.len, 0);
        ck_assert_uint_eq(frames[1].bytes.len, bytes);
        dc_outbox_pop(&outbox);
    }
}
END_TEST

// No message may be longer than a frame; what cannot be sent can be dropped.
START_TEST(an_oversized_command_is_no_message)
{
    static char data[DC_FRAME_BYTES_MAX + 1];
    push((dc_cmd_t){ .type = DC_CMD_REPLY, .data = { NULL, dc_str(data, sizeof data) } });
    push(credit(1));

    ck_assert_uint_eq(dc_outbox_peek(&outbox, DC_SIDE_FRONT, &writer, frames), 0);
    ck_assert(!dc_outbox_is_empty(&outbox));
    dc_outbox_pop(&outbox);
    assert_next(1, (uint64_t[]){ 1 });
}
END_TEST

START_TEST(order_survives_any_interleaving)
{
    uint64_t pushed = 0;
    uint64_t popped = 0;
    for (int round = 0; round < 500; round++) {
        for (int i = 0; i < round % 7; i++) {
            push(with_data(DC_CMD_WORK, 1));
            outbox.list[outbox.end - 1].work.id = pushed++;
        }
        for (int i = 0; i < round % 6 && !dc_outbox_is_empty(&outbox); i++) {
            ck_assert_uint_eq(dc_outbox_peek(&outbox, DC_SIDE_BACK, &writer, frames), 3);
            ck_assert_uint_eq(dc_get_u64(frames[0].bytes.data), popped++);
            dc_outbox_pop(&outbox);
        }
    }
    ck_assert_uint_gt(popped, 1000);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("outbox");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, an_empty_outbox_has_no_message);
    tcase_add_test(tests, what_waits_becomes_one_message);
    tcase_add_test(tests, a_message_can_be_tried_again);
    tcase_add_test(tests, a_message_that_is_full_is_followed_by_another);
    tcase_add_test(tests, a_big_command_leaves_room_only_for_those_without_data);
    tcase_add_test(tests, plain_forms_are_messages_of_their_own_in_their_place);
    tcase_add_test(tests, answers_go_to_plain_clients_one_by_one);
    tcase_add_test(tests, an_oversized_command_is_no_message);
    tcase_add_test(tests, order_survives_any_interleaving);
    Suite *all = suite_create("outbox");
    suite_add_tcase(all, tests);
    return all;
}
