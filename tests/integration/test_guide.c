// Programs of the ZeroMQ guide at the broker's doors: a Paranoid Pirate worker and a client that
// asks, written with CZMQ as chapter 4 has them.
#include <czmq.h>

#include "tests/lib/cluster.h"
#include "tests/lib/main.h"

#define READY        "\001"
#define HEARTBEAT    "\002"
#define HEARTBEAT_MS 500
#define PATIENCE_MS  60000

static dc_cluster_t cluster;

static void begin(void)
{
    dc_cluster_init(&cluster);
    dc_cluster_start_broker(&cluster);
}

static void end(void)
{
    dc_cluster_fini(&cluster);
}

static void say(zsock_t *worker, const char *word)
{
    zframe_t *frame = zframe_new(word, 1);
    ck_assert_int_eq(zframe_send(&frame, worker, 0), 0);
}

// ppworker: beats, and sends a request back with its last frame changed. What is before it,
// address and empty frame, is for the broker to know.
static void answer(zsock_t *worker)
{
    zmsg_t *request = zmsg_recv(worker);
    if (zmsg_size(request) != 3) {
        ck_assert(zframe_streq(zmsg_first(request), HEARTBEAT));
        zmsg_destroy(&request);
        return;
    }
    char *expression = zframe_strdup(zmsg_last(request));
    char *result = zsys_sprintf("what %s is", expression);
    zframe_reset(zmsg_last(request), result, strlen(result));
    ck_assert_int_eq(zmsg_send(&request, worker), 0);
    zstr_free(&expression);
    zstr_free(&result);
}

static void work(zsock_t *pipe, void *url)
{
    zsock_t *worker = zsock_new_dealer(url);
    zpoller_t *poller = zpoller_new(pipe, worker, NULL);
    zsock_signal(pipe, 0);
    say(worker, READY);
    int64_t beat_ms = zclock_mono() + HEARTBEAT_MS;
    void *heard;
    while ((heard = zpoller_wait(poller, HEARTBEAT_MS)) != pipe) {
        if (heard) answer(worker);
        if (zclock_mono() < beat_ms) continue;
        say(worker, HEARTBEAT);
        beat_ms = zclock_mono() + HEARTBEAT_MS;
    }
    zpoller_destroy(&poller);
    zsock_destroy(&worker);
}

// Ask as a client with a REQ socket does; the reply is the caller's.
static char *ask(const char *expressions)
{
    zsock_t *client = zsock_new_req(cluster.front);
    zsock_set_rcvtimeo(client, PATIENCE_MS);
    ck_assert_int_eq(zstr_send(client, expressions), 0);
    char *reply = zstr_recv(client);
    ck_assert_ptr_nonnull(reply);
    zsock_destroy(&client);
    return reply;
}

// Jobs are opaque to the broker, so this one may give any line for a result.
START_TEST(a_paranoid_pirate_worker_has_the_jobs_of_a_client)
{
    zactor_t *worker = zactor_new(work, cluster.back);
    char *reply = ask("1+1\n2+2");
    ck_assert_str_eq(reply, "what 1+1 is\nwhat 2+2 is");
    zstr_free(&reply);
    zactor_destroy(&worker);
}
END_TEST

START_TEST(a_client_is_answered_by_a_worker_of_dcalc)
{
    dc_cluster_start_worker(&cluster, "2");
    char *reply = ask("10 + 2 * 3\n1/0");
    ck_assert_str_eq(reply, "16\nerror: divide-by-zero at 2: division by zero");
    zstr_free(&reply);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("guide");
    TCase *tcase = tcase_create("guide");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, a_paranoid_pirate_worker_has_the_jobs_of_a_client);
    tcase_add_test(tcase, a_client_is_answered_by_a_worker_of_dcalc);
    suite_add_tcase(all, tcase);
    return all;
}
