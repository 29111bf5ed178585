// A thread that is to be prompt has short turns, as have those that it starts; its share stays. One
// that gives way has long ones.
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/thread.h"
#include "tests/lib/main.h"

// As in linux/sched/types.h, which cannot stand beside sched.h.
typedef struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime_ns, deadline_ns, period_ns;
} attributes_t;

static attributes_t get(void)
{
    attributes_t attributes = { .size = sizeof attributes };
    ck_assert_int_eq(syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0), 0);
    return attributes;
}

static void *get_in_thread(void *attributes)
{
    *(attributes_t *)attributes = get();
    return NULL;
}

START_TEST(turns_get_short_and_nothing_else_changes)
{
    ck_assert_int_eq(setpriority(PRIO_PROCESS, 0, 3), 0);
    attributes_t before = get();
    dc_thread_be_prompt();
    attributes_t after = get();
    ck_assert_int_eq(after.nice, 3);
    ck_assert_uint_eq(after.policy, before.policy);
    ck_assert_uint_eq(after.flags, before.flags);
    // A kernel that knows no turns says 0 of them.
    if (before.runtime_ns) ck_assert_uint_lt(after.runtime_ns, before.runtime_ns);

    attributes_t other;
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, get_in_thread, &other), 0);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(other.runtime_ns, after.runtime_ns);
}
END_TEST

START_TEST(who_has_chosen_another_policy_keeps_it)
{
    struct sched_param none = { 0 };
    ck_assert_int_eq(sched_setscheduler(0, SCHED_BATCH, &none), 0);
    attributes_t before = get();
    dc_thread_be_prompt();
    ck_assert_uint_eq(get().policy, SCHED_BATCH);
    ck_assert_uint_eq(get().runtime_ns, before.runtime_ns);
}
END_TEST

START_TEST(who_gives_way_has_long_turns_and_the_least_share)
{
    attributes_t before = get();
    dc_thread_give_way();
    attributes_t after = get();
    ck_assert_int_eq(after.nice, 19);
    ck_assert_uint_eq(after.policy, before.policy);
    if (before.runtime_ns) ck_assert_uint_gt(after.runtime_ns, before.runtime_ns);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("thread");
    TCase *tcase = tcase_create("thread");
    tcase_add_test(tcase, turns_get_short_and_nothing_else_changes);
    tcase_add_test(tcase, who_has_chosen_another_policy_keeps_it);
    tcase_add_test(tcase, who_gives_way_has_long_turns_and_the_least_share);
    suite_add_tcase(all, tcase);
    return all;
}
