// The forms that messages to the broker have, told apart.
#include "broker/core/peers/incoming.h"
#include "tests/lib/main.h"

static char json[DC_JSON_BYTES_MAX + 1];

#define HEARTBEAT_RECORD "\x51\0\7\0\0\0\0\0"
#define GOODBYE_RECORD   "\x41\0\7\0\0\0\0\0\1"
#define FOREIGN_RECORD   "\x51\0\6\0\0\0\0\0"
static_assert(DC_WIRE_VERSION == 7, "the version stands in records");

static const struct {
    dc_side_t side;
    size_t count;
    dc_str_t frames[4];
    int type; // of its only command; 0 where it is refused
    dc_str_t data;
} messages[] = {
    { DC_SIDE_FRONT, 2, { { "", 0 }, { "1+1", 3 } }, DC_CMD_ASK, { "1+1", 3 } },
    { DC_SIDE_FRONT, 2, { { "", 0 }, { "", 0 } }, DC_CMD_ASK, { "", 0 } },
    { DC_SIDE_FRONT, 1, { { "", 0 } }, 0, { 0 } },
    { DC_SIDE_FRONT, 3, { { "", 0 }, { "1", 1 }, { "2", 1 } }, 0, { 0 } },
    { DC_SIDE_FRONT, 1, { { "1+1", 3 } }, 0, { 0 } },
    { DC_SIDE_FRONT, 2, { { "DC1", 3 }, { HEARTBEAT_RECORD, 8 } }, DC_CMD_HEARTBEAT, { 0 } },
    { DC_SIDE_FRONT, 1, { { "DC1", 3 } }, 0, { 0 } },                          // no table
    { DC_SIDE_FRONT, 2, { { "DC2", 3 }, { HEARTBEAT_RECORD, 8 } }, 0, { 0 } }, // who is that?
    { DC_SIDE_FRONT, 2, { { "DC1", 3 }, { GOODBYE_RECORD, 9 } }, 0, { 0 } },   // a slot's
    { DC_SIDE_BACK, 1, { { "\1", 1 } }, DC_CMD_READY, { 0 } },
    { DC_SIDE_BACK, 2, { { "\1", 1 }, { "{}", 2 } }, DC_CMD_READY, { "{}", 2 } },
    { DC_SIDE_BACK, 3, { { "\1", 1 }, { "{}", 2 }, { "", 0 } }, 0, { 0 } },
    { DC_SIDE_BACK, 2, { { "\1", 1 }, { json, sizeof json } }, 0, { 0 } }, // too long
    { DC_SIDE_BACK, 1, { { "\2", 1 } }, DC_CMD_BEAT, { 0 } },
    { DC_SIDE_BACK, 2, { { "\2", 1 }, { "{}", 2 } }, DC_CMD_BEAT, { "{}", 2 } },
    { DC_SIDE_BACK, 1, { { "\3", 1 } }, 0, { 0 } },
    { DC_SIDE_BACK, 3, { { "12345678", 8 }, { "", 0 }, { "42", 2 } }, DC_CMD_WORKED, { "42", 2 } },
    { DC_SIDE_BACK, 3, { { "1234567", 7 }, { "", 0 }, { "42", 2 } }, 0, { 0 } },
    { DC_SIDE_BACK, 3, { { "12345678", 8 }, { "x", 1 }, { "42", 2 } }, 0, { 0 } },
    { DC_SIDE_BACK, 2, { { "", 0 }, { GOODBYE_RECORD, 9 } }, DC_CMD_GOODBYE, { 0 } },
    { DC_SIDE_BACK, 1, { { "", 0 } }, 0, { 0 } },
    { DC_SIDE_BACK, 2, { { "", 0 }, { HEARTBEAT_RECORD, 8 } }, 0, { 0 } }, // a client's
    { DC_SIDE_BACK, 2, { { "DC1", 3 }, { HEARTBEAT_RECORD, 8 } }, 0, { 0 } },
    { DC_SIDE_BACK, 0, { { 0 } }, 0, { 0 } },
};

START_TEST(each_form_is_what_it_is)
{
    dc_slice_t frames[4] = { 0 };
    for (size_t i = 0; i < messages[_i].count; i++) {
        frames[i].bytes = messages[_i].frames[i];
    }
    dc_incoming_t incoming;
    dc_cmd_t cmd;
    const char *why = NULL;
    dc_err_t err = dc_incoming_read(&incoming, messages[_i].side, frames, messages[_i].count,
                                    messages[_i].count, &why);
    if (messages[_i].type == 0) {
        ck_assert(err == DC_ERR_PROTOCOL || err == DC_ERR_ADDRESS);
        ck_assert_ptr_nonnull(why);
        return;
    }
    ck_assert_int_eq(err, DC_OK);
    ck_assert(dc_incoming_next(&incoming, &cmd));
    ck_assert_int_eq((int)cmd.type, messages[_i].type);
    ck_assert(dc_str_eq(cmd.data.bytes, messages[_i].data));
    ck_assert(!dc_incoming_next(&incoming, &cmd));
}
END_TEST

static const struct {
    dc_side_t side;
    size_t count;
    dc_str_t frames[3];
    dc_err_t error;
    dc_told_t told;
} strays[] = {
    // clients among workers
    { DC_SIDE_BACK, 2, { { "DC1", 3 }, { HEARTBEAT_RECORD, 8 } }, DC_ERR_ADDRESS, DC_TOLD_DC1 },
    { DC_SIDE_BACK, 2, { { "", 0 }, { "1+1", 3 } }, DC_ERR_ADDRESS, DC_TOLD_A_LINE },
    { DC_SIDE_BACK, 2, { { "", 0 }, { "7", 1 } }, DC_ERR_ADDRESS, DC_TOLD_A_LINE },
    { DC_SIDE_BACK, 1, { { "1+1", 3 } }, DC_ERR_ADDRESS, DC_TOLD_A_LINE },
    // what may be a worker's, of another broker's or another version
    { DC_SIDE_BACK, 1, { { "\3", 1 } }, DC_ERR_PROTOCOL, DC_TOLD_NOT },
    { DC_SIDE_BACK, 2, { { "", 0 }, { "\x41\0\0\0", 4 } }, DC_ERR_PROTOCOL, DC_TOLD_NOT },
    { DC_SIDE_BACK, 3, { { "1234567", 7 }, { "", 0 }, { "42", 2 } }, DC_ERR_PROTOCOL, DC_TOLD_NOT },
    { DC_SIDE_BACK, 3, { { "", 0 }, { "1", 1 }, { "2", 1 } }, DC_ERR_PROTOCOL, DC_TOLD_NOT },
    { DC_SIDE_BACK, 2, { { "", 0 }, { FOREIGN_RECORD, 8 } }, DC_ERR_VERSION, DC_TOLD_NOT },
    { DC_SIDE_FRONT, 2, { { "DC1", 3 }, { FOREIGN_RECORD, 8 } }, DC_ERR_VERSION, DC_TOLD_DC1 },
    // workers among clients
    { DC_SIDE_FRONT, 1, { { "\1", 1 } }, DC_ERR_ADDRESS, DC_TOLD_A_LINE },
    { DC_SIDE_FRONT, 2, { { "\1", 1 }, { "{}", 2 } }, DC_ERR_ADDRESS, DC_TOLD_A_LINE },
    { DC_SIDE_FRONT, 1, { { "\2", 1 } }, DC_ERR_ADDRESS, DC_TOLD_A_LINE },
    { DC_SIDE_FRONT, 1, { { "1+1", 3 } }, DC_ERR_PROTOCOL, DC_TOLD_A_LINE },
};

START_TEST(who_is_at_the_wrong_door_is_known)
{
    dc_slice_t frames[3] = { 0 };
    for (size_t i = 0; i < strays[_i].count; i++) {
        frames[i].bytes = strays[_i].frames[i];
    }
    dc_incoming_t incoming;
    const char *why = NULL;
    ck_assert_int_eq(dc_incoming_read(&incoming, strays[_i].side, frames, strays[_i].count,
                                      strays[_i].count, &why),
                     strays[_i].error);
    ck_assert_int_eq(incoming.told, strays[_i].told);
    ck_assert_ptr_nonnull(why);
}
END_TEST

START_TEST(an_address_comes_back_as_it_was)
{
    dc_slice_t frames[3] = { { NULL, DC_STR("\1\2\3\4\5\6\7\x08") }, { 0 }, { NULL, DC_STR("1") } };
    dc_incoming_t incoming;
    dc_cmd_t cmd;
    const char *why;

    ck_assert_int_eq(dc_incoming_read(&incoming, DC_SIDE_BACK, frames, 3, 3, &why), DC_OK);
    ck_assert(dc_incoming_next(&incoming, &cmd));
    ck_assert_uint_eq(cmd.worked.id, 0x0807060504030201);
}
END_TEST

START_TEST(too_many_frames_are_refused_in_the_language_of_the_sender)
{
    dc_slice_t frames[2] = { { NULL, DC_STR("DC1") }, { NULL, DC_STR(HEARTBEAT_RECORD) } };
    dc_incoming_t incoming;
    const char *why;

    ck_assert_int_eq(dc_incoming_read(&incoming, DC_SIDE_FRONT, frames, 2, 3, &why),
                     DC_ERR_PROTOCOL);
    ck_assert_int_eq(incoming.told, DC_TOLD_DC1);
    frames[0] = (dc_slice_t){ 0 };
    ck_assert_int_eq(dc_incoming_read(&incoming, DC_SIDE_FRONT, frames, 2, 3, &why),
                     DC_ERR_PROTOCOL);
    ck_assert_int_eq(incoming.told, DC_TOLD_A_LINE);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("incoming");
    tcase_add_loop_test(tests, each_form_is_what_it_is, 0, DC_ARRAY_LEN(messages));
    tcase_add_loop_test(tests, who_is_at_the_wrong_door_is_known, 0, DC_ARRAY_LEN(strays));
    tcase_add_test(tests, an_address_comes_back_as_it_was);
    tcase_add_test(tests, too_many_frames_are_refused_in_the_language_of_the_sender);
    Suite *all = suite_create("incoming");
    suite_add_tcase(all, tests);
    return all;
}
