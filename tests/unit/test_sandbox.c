// The sandbox: what a slot may still do when it is locked down, and what ends it.
#include "worker/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/main.h"

// Under sanitizers calls and memory are not limited.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_FULL false
#else
#define IS_FULL true
#endif

// Run `what` in a process of its own that is locked down. Returns how it ended.
static int run_locked(int (*what)(void))
{
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        dc_diag_t diag;
        if (dc_sandbox_limit(UINT64_C(256) << 20, &diag) || dc_sandbox_lock(&diag)) _exit(99);
        _exit(what());
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

static void expect_success(int (*what)(void))
{
    int status = run_locked(what);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}

static void expect_death(int (*what)(void), int signal)
{
    if (!IS_FULL) return;
    int status = run_locked(what);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), signal);
}

static int reconnect(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0) return 1;
    struct sockaddr address = { .sa_family = AF_UNSPEC };
    int connected = connect(fd, &address, sizeof address);
    return close(fd) | (connected && errno == EACCES);
}

START_TEST(it_may_open_a_connection)
{
    expect_success(reconnect);
}
END_TEST

static int use_memory(void)
{
    char *bytes = malloc(64 << 20);
    if (!bytes) return 1;
    memset(bytes, 1, 64 << 20);
    free(bytes);
    return 0;
}

START_TEST(it_may_use_the_memory_it_was_given)
{
    expect_success(use_memory);
}
END_TEST

static int use_too_much_memory(void)
{
    void *volatile bytes = malloc((size_t)512 << 20);
    bool is_there = bytes != NULL;
    free(bytes);
    return is_there ? 1 : 0;
}

START_TEST(memory_beyond_that_is_short)
{
    if (IS_FULL) expect_success(use_too_much_memory);
}
END_TEST

static int open_file(void)
{
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    return fd < 0 && errno == EACCES ? 0 : 1;
}

START_TEST(it_can_open_no_file)
{
    if (IS_FULL) expect_success(open_file);
}
END_TEST

static int open_netlink(void)
{
    return socket(AF_NETLINK, SOCK_RAW, 0) < 0 ? 0 : 1;
}

START_TEST(it_can_open_no_other_socket)
{
    expect_death(open_netlink, SIGSYS);
}
END_TEST

static int start_program(void)
{
    char name[] = "/bin/true";
    char *argv[] = { name, NULL };
    execv(name, argv);
    return 1;
}

START_TEST(it_can_start_no_program)
{
    expect_death(start_program, SIGSYS);
}
END_TEST

static int start_process(void)
{
    return fork() < 0 ? 0 : 1;
}

START_TEST(it_can_start_no_process)
{
    expect_death(start_process, SIGSYS);
}
END_TEST

static int map_code(void)
{
    int all = PROT_READ | PROT_WRITE | PROT_EXEC;
    return mmap(NULL, 4096, all, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? 1 : 2;
}

START_TEST(it_can_make_no_code)
{
    expect_death(map_code, SIGSYS);
}
END_TEST

static int kill_parent(void)
{
    kill(getppid(), SIGTERM);
    return 1;
}

START_TEST(it_can_signal_nobody)
{
    expect_death(kill_parent, SIGSYS);
}
END_TEST

static int limit_parent(void)
{
    struct rlimit limit = { 1, 1 };
    prlimit(getppid(), RLIMIT_CPU, &limit, NULL);
    return 1;
}

START_TEST(it_can_limit_nobody_else)
{
    expect_death(limit_parent, SIGSYS);
}
END_TEST

static int give_up(void)
{
    abort();
}

START_TEST(it_can_abort)
{
    expect_death(give_up, SIGABRT);
}
END_TEST

static void *fork_in_thread(void *go)
{
    while (!*(volatile bool *)go)
        usleep(1000);
    if (fork() < 0) return NULL;
    _exit(97);
}

// libzmq's threads are there before the slot is locked down.
START_TEST(threads_that_are_there_already_are_locked_too)
{
    if (!IS_FULL) return;
    pid_t pid = fork();
    if (pid == 0) {
        static atomic_bool go;
        pthread_t thread;
        dc_diag_t diag;
        if (pthread_create(&thread, NULL, fork_in_thread, &go) != 0) _exit(98);
        if (dc_sandbox_lock(&diag)) _exit(99);
        atomic_store(&go, true);
        pthread_join(thread, NULL);
        _exit(1);
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGSYS);
}
END_TEST

static int burn(void)
{
    dc_sandbox_allow_cpu(0);
    volatile uint64_t count = 0;
    while (count < UINT64_MAX)
        count = count + 1;
    return 1;
}

START_TEST(processor_time_has_an_end)
{
    int status = run_locked(burn);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGXCPU);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("sandbox");
    tcase_set_timeout(tests, 20);
    tcase_add_test(tests, it_may_open_a_connection);
    tcase_add_test(tests, it_may_use_the_memory_it_was_given);
    tcase_add_test(tests, memory_beyond_that_is_short);
    tcase_add_test(tests, it_can_open_no_file);
    tcase_add_test(tests, it_can_open_no_other_socket);
    tcase_add_test(tests, it_can_start_no_program);
    tcase_add_test(tests, it_can_start_no_process);
    tcase_add_test(tests, it_can_make_no_code);
    tcase_add_test(tests, it_can_signal_nobody);
    tcase_add_test(tests, it_can_limit_nobody_else);
    tcase_add_test(tests, it_can_abort);
    tcase_add_test(tests, threads_that_are_there_already_are_locked_too);
    tcase_add_test(tests, processor_time_has_an_end);
    Suite *all = suite_create("sandbox");
    suite_add_tcase(all, tests);
    return all;
}
