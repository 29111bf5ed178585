// A door of the broker: what comes in is read message by message, whatever it means.
#include "broker/shell/door.h"
#include "tests/lib/main.h"

// More than a turn of the shell reads.
#define MESSAGE_COUNT ((size_t)3 * DC_TURN_MESSAGES_MAX)

static dc_net_t *net;
static dc_door_t *door;
static dc_socket_t *dealer;

static void set_up(void)
{
    dc_diag_t diag;
    net = dc_net_new();
    door = dc_door_new(net, DC_SIDE_BACK, "tcp://127.0.0.1:*", 10, &diag);
    ck_assert_ptr_nonnull(door);
    dealer = dc_net_socket(net, DC_NET_DEALER);
    ck_assert_int_eq(dc_socket_connect(dealer, dc_door_url(door), &diag), DC_OK);
}

static void tear_down(void)
{
    dc_socket_close(&dealer, 0);
    dc_door_destroy(&door, 0);
    dc_net_destroy(&net);
}

// Receive the next message, for which it waits. Returns how many commands it has.
static size_t receive(void)
{
    dc_peer_t peer;
    dc_incoming_t incoming;
    for (int i = 0; i < 100; i++) {
        if (dc_door_receive(door, 1, &peer, &incoming)) {
            size_t count = 0;
            dc_cmd_t cmd;
            while (dc_incoming_next(&incoming, &cmd)) {
                count++;
            }
            return count;
        }
        dc_poll_t items[2];
        dc_door_poll_items(door, false, items);
        dc_net_poll(items, 2, 100);
    }
    ck_abort_msg("no message came");
}

// Who sends nothing but garbage, faster than it is read, must not keep the loop from everybody
// else: so what means nothing is a message as well to whoever counts them.
START_TEST(what_means_nothing_is_received_one_by_one)
{
    dc_slice_t garbage = { NULL, DC_STR("x") };
    dc_slice_t sign = { NULL, DC_STR("\2") };
    for (size_t i = 0; i < MESSAGE_COUNT; i++) {
        ck_assert_int_eq(dc_socket_send(dealer, &garbage, 1), DC_NET_SENT);
    }
    ck_assert_int_eq(dc_socket_send(dealer, &sign, 1), DC_NET_SENT);
    for (size_t i = 0; i < MESSAGE_COUNT; i++) {
        ck_assert_uint_eq(receive(), 0);
    }
    ck_assert_uint_eq(receive(), 1);
    ck_assert_uint_eq(dc_door_state(door).broken, MESSAGE_COUNT);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("door");
    TCase *tcase = tcase_create("door");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, what_means_nothing_is_received_one_by_one);
    suite_add_tcase(all, tcase);
    return all;
}
