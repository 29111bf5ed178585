// What the service manager is told, by a socket of its kind.
#include "common/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/limits.h"
#include "common/str.h"
#include "tests/lib/main.h"

static char folder[] = "/tmp/dcalc-notify-XXXXXX";
static char path[64];
static int manager; // its socket
static dc_notify_t notify;

static void listen_at(const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t len = strlen(name);
    memcpy(address.sun_path, name, len);
    if (*name == '@') address.sun_path[0] = '\0';
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(manager, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    ck_assert_int_eq(bind(manager, (struct sockaddr *)&address, size), 0);
    setenv("NOTIFY_SOCKET", name, 1);
}

static void begin(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/notify", folder);
    listen_at(path);
}

static void end(void)
{
    dc_notify_fini(&notify);
    close(manager);
    unlink(path);
    rmdir(folder);
}

// The next thing that the manager was told; "" if there is nothing.
static const char *told(void)
{
    static char text[512];
    ssize_t len = recv(manager, text, sizeof text - 1, 0);
    text[len > 0 ? len : 0] = '\0';
    return text;
}

START_TEST(it_is_told_when_service_begins_and_ends)
{
    dc_notify_init(&notify);
    ck_assert_str_eq(told(), "");
    dc_notify_ready(&notify);
    ck_assert_str_eq(told(), "READY=1");
    dc_notify_stopping(&notify);
    ck_assert_str_eq(told(), "STOPPING=1");
}
END_TEST

START_TEST(a_socket_in_the_kernels_list_of_names_is_found)
{
    char name[64];
    close(manager);
    snprintf(name, sizeof name, "@dcalc-notify-%d", (int)getpid());
    listen_at(name);
    dc_notify_init(&notify);
    dc_notify_ready(&notify);
    ck_assert_str_eq(told(), "READY=1");
}
END_TEST

// What is started by the program is not what the manager has started.
START_TEST(children_do_not_inherit_it)
{
    setenv("WATCHDOG_USEC", "4000000", 1);
    setenv("WATCHDOG_PID", "1", 1);
    dc_notify_init(&notify);
    ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
    ck_assert_ptr_null(getenv("WATCHDOG_USEC"));
    ck_assert_ptr_null(getenv("WATCHDOG_PID"));
}
END_TEST

START_TEST(a_status_is_due_every_few_seconds)
{
    dc_notify_init(&notify);
    ck_assert(dc_notify_wants_status(&notify, 1000));
    dc_notify_status(&notify, 1000, DC_STR("2 workers"));
    ck_assert_str_eq(told(), "STATUS=2 workers");
    ck_assert(!dc_notify_wants_status(&notify, 1000 + DC_NOTIFY_STATUS_MS - 1));
    ck_assert(dc_notify_wants_status(&notify, 1000 + DC_NOTIFY_STATUS_MS));
}
END_TEST

START_TEST(a_long_status_is_cut)
{
    char text[1000];
    memset(text, 'a', sizeof text);
    dc_notify_init(&notify);
    dc_notify_status(&notify, 0, dc_str(text, sizeof text));
    ck_assert_uint_eq(strlen(told()), strlen("STATUS=") + 200);
}
END_TEST

START_TEST(a_manager_that_watches_hears_twice_in_its_time)
{
    char pid[16];
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("WATCHDOG_PID", pid, 1);
    setenv("WATCHDOG_USEC", "4000000", 1);
    dc_notify_init(&notify);
    size_t count = 0;
    for (dc_ms_t now = 1000; now <= 11000; now += 100) {
        dc_notify_turn(&notify, now);
        const char *text = told();
        if (!*text) continue;
        ck_assert_str_eq(text, "WATCHDOG=1");
        count++;
    }
    ck_assert_uint_eq(count, 6);
}
END_TEST

static const struct {
    const char *us, *pid; // NULL: not set
} unwatched[] = {
    { NULL, NULL },     // nobody watches
    { "4000000", "1" }, // another process is meant
    { "0", NULL },      { "soon", NULL }, { "99999999999999999999", NULL },
};

START_TEST(who_is_not_watched_says_nothing)
{
    if (unwatched[_i].us) setenv("WATCHDOG_USEC", unwatched[_i].us, 1);
    if (unwatched[_i].pid) setenv("WATCHDOG_PID", unwatched[_i].pid, 1);
    dc_notify_init(&notify);
    dc_notify_turn(&notify, 1000);
    dc_notify_turn(&notify, 1000000);
    ck_assert_str_eq(told(), "");
}
END_TEST

#define TEN "/ten/bytes"

static const char *const nobody[] = {
    "", "relative", "vsock:2:1234", "/", TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN,
};

START_TEST(without_a_manager_nothing_happens)
{
    setenv("NOTIFY_SOCKET", nobody[_i], 1);
    dc_notify_init(&notify);
    dc_notify_ready(&notify);
    dc_notify_turn(&notify, 1000);
    ck_assert(!dc_notify_wants_status(&notify, 1000));
    dc_notify_status(&notify, 1000, DC_STR("2 workers"));
    dc_notify_stopping(&notify);
    ck_assert_str_eq(told(), "");
}
END_TEST

// A manager that reads nothing, or is gone, costs a datagram and nothing else.
START_TEST(a_manager_that_does_not_listen_holds_up_nobody)
{
    dc_notify_init(&notify);
    for (int i = 0; i < 10000; i++) {
        dc_notify_ready(&notify);
    }
    ck_assert_str_eq(told(), "READY=1");
    close(manager);
    dc_notify_ready(&notify);
    unlink(path);
    listen_at(path);
    dc_notify_stopping(&notify);
    ck_assert_str_eq(told(), "STOPPING=1");
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("notify");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, it_is_told_when_service_begins_and_ends);
    tcase_add_test(tests, a_socket_in_the_kernels_list_of_names_is_found);
    tcase_add_test(tests, children_do_not_inherit_it);
    tcase_add_test(tests, a_status_is_due_every_few_seconds);
    tcase_add_test(tests, a_long_status_is_cut);
    tcase_add_test(tests, a_manager_that_watches_hears_twice_in_its_time);
    tcase_add_loop_test(tests, who_is_not_watched_says_nothing, 0, DC_ARRAY_LEN(unwatched));
    tcase_add_loop_test(tests, without_a_manager_nothing_happens, 0, DC_ARRAY_LEN(nobody));
    tcase_add_test(tests, a_manager_that_does_not_listen_holds_up_nobody);
    Suite *all = suite_create("notify");
    suite_add_tcase(all, tests);
    return all;
}
