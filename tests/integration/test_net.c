// Sockets as all programs have them: messages in and out as slices, and what happens at the limits.
#include "common/net.h"
#include "common/net_url.h"
#include "tests/lib/main.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static dc_net_t *net;
static dc_socket_t *router, *dealer;
static char url[DC_NET_URL_MAX];
static dc_diag_t diag;
static dc_message_t message;

static void set_up(void)
{
    net = dc_net_new();
    router = dc_net_socket(net, DC_NET_ROUTER);
    dealer = dc_net_socket(net, DC_NET_DEALER);
    ck_assert_int_eq(dc_socket_bind(router, "tcp://127.0.0.1:*", url, &diag), DC_OK);
    ck_assert_int_eq(dc_socket_connect(dealer, url, &diag), DC_OK);
    dc_message_init(&message);
}

static void tear_down(void)
{
    dc_message_fini(&message);
    dc_socket_close(&dealer, 0);
    dc_socket_close(&router, 0);
    dc_net_destroy(&net);
}

// The next message; waits for it.
static void receive(dc_socket_t *socket)
{
    for (int i = 0; i < 100; i++) {
        dc_net_got_t got = dc_socket_recv(socket, &message);
        if (got == DC_NET_GOT) return;
        ck_assert_int_eq(got, DC_NET_NOTHING);
        dc_poll_t item = { .socket = socket };
        dc_net_poll(&item, 1, 100);
    }
    ck_abort_msg("no message came");
}

static void send_one(dc_socket_t *socket, const dc_slice_t *frames, size_t count)
{
    ck_assert_int_eq(dc_socket_send(socket, frames, count), DC_NET_SENT);
}

START_TEST(frames_arrive_as_they_were_sent)
{
    dc_slice_t frames[] = { { 0 }, { NULL, DC_STR("DC1") }, { NULL, DC_STR("a\0b") } };
    send_one(dealer, frames, 3);

    receive(router);
    ck_assert_uint_eq(message.count, 4);
    ck_assert_uint_eq(message.frame_count, 4);
    ck_assert_uint_eq(message.wire_bytes, 2 + 5 + 5);
    ck_assert_uint_eq(message.frames[1].bytes.len, 0);
    ck_assert(dc_str_eq(message.frames[2].bytes, DC_STR("DC1")));
    ck_assert(dc_str_eq(message.frames[3].bytes, DC_STR("a\0b")));
    ck_assert_int_ge(dc_message_source(&message), 0);

    dc_slice_t back[] = { message.frames[0], { NULL, DC_STR("back") } };
    send_one(router, back, 2);
    receive(dealer);
    ck_assert_uint_eq(message.count, 1);
    ck_assert(dc_str_eq(message.frames[0].bytes, DC_STR("back")));
}
END_TEST

// A large frame can be kept while the next messages come, and passed on without a copy.
START_TEST(large_frames_are_blobs)
{
    static char bytes[100000];
    memset(bytes, 'x', sizeof bytes);
    dc_slice_t small = { NULL, DC_STR("small") };
    dc_slice_t large = { NULL, { bytes, sizeof bytes } };
    dc_slice_t kept;
    send_one(dealer, &large, 1);
    send_one(dealer, &small, 1);

    receive(router);
    ck_assert_ptr_nonnull(message.frames[1].blob);
    ck_assert(dc_slice_keep(&message.frames[1], &kept));
    receive(router);
    ck_assert_ptr_null(message.frames[1].blob);
    ck_assert_uint_eq(kept.bytes.len, sizeof bytes);
    ck_assert_mem_eq(kept.bytes.data, bytes, sizeof bytes);

    dc_slice_t back[] = { message.frames[0], kept };
    send_one(router, back, 2);
    dc_slice_drop(&kept);
    receive(dealer);
    ck_assert_mem_eq(message.frames[0].bytes.data, bytes, sizeof bytes);
}
END_TEST

START_TEST(of_too_many_frames_the_first_are_kept)
{
    dc_slice_t frames[DC_NET_FRAMES_MAX];
    for (size_t i = 0; i < DC_NET_FRAMES_MAX; i++) {
        frames[i] = (dc_slice_t){ NULL, DC_STR("x") };
    }
    send_one(dealer, frames, DC_NET_FRAMES_MAX);
    send_one(dealer, frames, 1);

    receive(router);
    ck_assert_uint_eq(message.count, DC_NET_FRAMES_MAX);
    ck_assert_uint_eq(message.frame_count, DC_NET_FRAMES_MAX + 1);
    receive(router);
    ck_assert_uint_eq(message.count, 2);
}
END_TEST

START_TEST(a_peer_that_is_not_there_is_unreachable)
{
    dc_slice_t frames[] = { { NULL, DC_STR("nobody") }, { NULL, DC_STR("x") } };

    ck_assert_int_eq(dc_socket_send(router, frames, 2), DC_NET_UNREACHABLE);
}
END_TEST

// Who does not read is not written to, and nobody waits for it.
START_TEST(a_peer_that_does_not_read_is_told_of)
{
    static char bytes[20000];
    dc_slice_t hello = { NULL, DC_STR("x") };
    send_one(dealer, &hello, 1);
    receive(router);
    dc_slice_t frames[] = { message.frames[0], { NULL, { bytes, sizeof bytes } } };
    dc_net_sent_t sent = DC_NET_SENT;
    for (int i = 0; i < 3 * DC_NET_MESSAGES_MAX && sent == DC_NET_SENT; i++) {
        sent = dc_socket_send(router, frames, 2);
    }
    ck_assert_int_eq(sent, DC_NET_AGAIN);
}
END_TEST

START_TEST(a_taken_port_is_named)
{
    dc_socket_t *second = dc_net_socket(net, DC_NET_ROUTER);
    char bound[DC_NET_URL_MAX];
    char expected[DC_NET_URL_MAX + 40];
    snprintf(expected, sizeof expected, "%s is taken by another program", url);

    ck_assert_int_eq(dc_socket_bind(second, url, bound, &diag), DC_ERR_IO);
    ck_assert_str_eq(diag.message, expected);
    dc_socket_close(&second, 0);
}
END_TEST

START_TEST(a_taken_path_stays_with_its_owner)
{
    char path[64], bound[DC_NET_URL_MAX];
    snprintf(path, sizeof path, "ipc:///tmp/dcalc-test-net-%d", getpid());
    dc_socket_t *first = dc_net_socket(net, DC_NET_ROUTER);
    dc_socket_t *second = dc_net_socket(net, DC_NET_ROUTER);

    ck_assert(!dc_net_is_ipc_taken(path));
    ck_assert_int_eq(dc_socket_bind(first, path, bound, &diag), DC_OK);
    ck_assert_str_eq(bound, path);
    ck_assert_int_eq(dc_socket_bind(second, path, bound, &diag), DC_ERR_IO);
    dc_socket_close(&second, 0);
    dc_socket_close(&first, 0);
    (void)unlink(path + strlen("ipc://")); // libzmq may have done so
}
END_TEST

static const char *const no_addresses[] = {
    "",          "5555", "tcp://127.0.0.1:99999", "tcp://127.0.0.1:5x", "tcp://", "tcp://127.0.0.1",
    "http://x:1"
};

START_TEST(what_is_no_address_is_refused)
{
    char bound[DC_NET_URL_MAX];

    ck_assert_int_eq(dc_socket_bind(router, no_addresses[_i], bound, &diag), DC_ERR_INVALID);
}
END_TEST

static const struct {
    const char *url;
    bool is_local;
} places[] = {
    { "tcp://127.0.0.1:5555", true },
    { "tcp://127.1.2.3:*", true },
    { "tcp://[::1]:5555", true },
    { "tcp://[::ffff:127.0.0.1]:5555", true },
    { "tcp://localhost:5555", true },
    { "tcp://lo:5555", true },
    { "ipc:///run/dcalc/front", true },
    { "inproc://front", true },
    { "tcp://*:5555", false },
    { "tcp://0.0.0.0:5555", false },
    { "tcp://[::]:5555", false },
    { "tcp://eth0:5555", false },
    { "tcp://127.0.0.1.example.org:5555", false }, // a name that looks like it
    { "tcp://127.0.0.1;10.0.0.1:5555", false },    // from there to elsewhere
    { "tcp://[::ffff:10.0.0.1]:5555", false },
    { "tcp://", false },
    { "pgm://127.0.0.1:5555", false },
    { "", false },
};

START_TEST(what_other_machines_reach_is_not_local)
{
    ck_assert_int_eq(dc_net_is_local(places[_i].url), places[_i].is_local);
}
END_TEST

START_TEST(connections_are_seen_to_come_and_go)
{
    dc_socket_t *watch = dc_socket_watch(router);
    dc_socket_t *other = dc_net_socket(net, DC_NET_DEALER);
    ck_assert_ptr_nonnull(watch);
    ck_assert_int_eq(dc_socket_connect(other, url, &diag), DC_OK);
    dc_slice_t hello = { NULL, DC_STR("x") };
    send_one(other, &hello, 1);
    receive(router);
    int fd = dc_message_source(&message);
    dc_socket_close(&other, 0);

    bool has_gone = false;
    dc_net_event_t event;
    for (int i = 0; i < 100 && !has_gone; i++) {
        dc_poll_t item = { .socket = watch };
        dc_net_poll(&item, 1, 100);
        while (dc_net_next_event(watch, &event)) {
            has_gone = has_gone || (event.type == DC_NET_DISCONNECTED && event.fd == fd);
        }
    }
    ck_assert(has_gone);
    dc_socket_close(&watch, 0);
}
END_TEST

static int tcp_option(int fd, int name)
{
    int value = -1;
    socklen_t size = sizeof value;
    ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, name, &value, &size), 0);
    return value;
}

START_TEST(where_both_send_heartbeats_the_kernel_looks_for_lost_hosts)
{
    dc_socket_t *host = dc_net_socket(net, DC_NET_ROUTER);
    dc_socket_t *guest = dc_net_socket(net, DC_NET_DEALER);
    char bound[DC_NET_URL_MAX];
    dc_socket_rely_on_beats(host);
    ck_assert_int_eq(dc_socket_bind(host, "tcp://127.0.0.1:*", bound, &diag), DC_OK);
    ck_assert_int_eq(dc_socket_connect(guest, bound, &diag), DC_OK);
    dc_slice_t hello = { NULL, DC_STR("x") };
    send_one(guest, &hello, 1);
    receive(host);

    int fd = dc_message_source(&message);
    ck_assert_int_eq(tcp_option(fd, TCP_KEEPIDLE), DC_NET_PING_MS / 1000);
    ck_assert_int_eq(tcp_option(fd, TCP_KEEPINTVL), DC_NET_PING_MS / 1000);
    ck_assert_int_eq(tcp_option(fd, TCP_USER_TIMEOUT), (intmax_t)3 * DC_NET_PING_MS);
    dc_message_fini(&message);
    dc_socket_close(&guest, 0);
    dc_socket_close(&host, 0);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("net");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, frames_arrive_as_they_were_sent);
    tcase_add_test(tests, large_frames_are_blobs);
    tcase_add_test(tests, of_too_many_frames_the_first_are_kept);
    tcase_add_test(tests, a_peer_that_is_not_there_is_unreachable);
    tcase_add_test(tests, a_peer_that_does_not_read_is_told_of);
    tcase_add_test(tests, a_taken_port_is_named);
    tcase_add_test(tests, a_taken_path_stays_with_its_owner);
    tcase_add_loop_test(tests, what_is_no_address_is_refused, 0, DC_ARRAY_LEN(no_addresses));
    tcase_add_loop_test(tests, what_other_machines_reach_is_not_local, 0, DC_ARRAY_LEN(places));
    tcase_add_test(tests, connections_are_seen_to_come_and_go);
    tcase_add_test(tests, where_both_send_heartbeats_the_kernel_looks_for_lost_hosts);
    Suite *all = suite_create("net");
    suite_add_tcase(all, tests);
    return all;
}
