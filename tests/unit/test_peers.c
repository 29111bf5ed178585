// Routing ids and numbers: each connection has one entry, each acquaintance a number of its own.
#include "broker/core/peers/peers.h"
#include "tests/lib/main.h"

static dc_peers_t peers;
static bool is_new;

static void set_up(void)
{
    dc_peers_init(&peers);
}

static void tear_down(void)
{
    dc_peers_fini(&peers);
}

START_TEST(the_same_id_is_the_same_peer)
{
    dc_peer_entry_t *entry = dc_peers_meet(&peers, DC_STR("\0\1\2\3\4"), &is_new);
    ck_assert(is_new);
    ck_assert_uint_eq(entry->number, 1);
    ck_assert_ptr_eq(dc_peers_meet(&peers, DC_STR("\0\1\2\3\4"), &is_new), entry);
    ck_assert(!is_new);
    ck_assert_ptr_eq(dc_peers_find(&peers, 1), entry);
    ck_assert(dc_str_eq(dc_str(entry->id, entry->id_len), DC_STR("\0\1\2\3\4")));
}
END_TEST

START_TEST(ids_that_begin_alike_are_others)
{
    dc_peer_entry_t *entry = dc_peers_meet(&peers, DC_STR("ab"), &is_new);

    ck_assert_ptr_ne(dc_peers_meet(&peers, DC_STR("abc"), &is_new), entry);
    ck_assert_ptr_ne(dc_peers_meet(&peers, DC_STR("ab\0"), &is_new), entry);
    ck_assert_uint_eq(peers.last, 3);
}
END_TEST

// The core would take a number that is used again for somebody it knows.
START_TEST(who_was_forgotten_has_a_new_number)
{
    dc_peer_entry_t *entry = dc_peers_meet(&peers, DC_STR("ab"), &is_new);
    dc_peers_forget(&peers, entry);
    ck_assert_ptr_null(dc_peers_find(&peers, 1));
    dc_peers_forget(&peers, entry);

    ck_assert_ptr_eq(dc_peers_meet(&peers, DC_STR("ab"), &is_new), entry);
    ck_assert(!is_new);
    ck_assert_uint_eq(entry->number, 2);
    ck_assert_ptr_eq(dc_peers_find(&peers, 2), entry);
}
END_TEST

START_TEST(who_was_removed_is_new)
{
    dc_peer_entry_t *entry = dc_peers_meet(&peers, DC_STR("ab"), &is_new);
    dc_cmd_t cmd = { .type = DC_CMD_WHO };
    ck_assert(dc_outbox_push(&entry->outbox, &cmd));
    dc_peers_remove(&peers, entry);
    ck_assert_ptr_null(dc_peers_find(&peers, 1));

    entry = dc_peers_meet(&peers, DC_STR("ab"), &is_new);
    ck_assert(is_new);
    ck_assert_uint_eq(entry->number, 2);
    ck_assert(dc_outbox_is_empty(&entry->outbox));
}
END_TEST

START_TEST(many_are_found)
{
    for (uint32_t i = 0; i < 5000; i++) {
        dc_peer_entry_t *entry = dc_peers_meet(&peers, dc_str((const char *)&i, sizeof i), &is_new);
        ck_assert(is_new);
        if (i % 3 == 0) dc_peers_remove(&peers, entry);
    }
    for (uint32_t i = 0; i < 5000; i++) {
        dc_peer_entry_t *entry = dc_peers_find(&peers, i + 1);
        ck_assert((entry != NULL) == (i % 3 != 0));
        if (entry) ck_assert_mem_eq(entry->id, &i, sizeof i);
    }
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("peers");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, the_same_id_is_the_same_peer);
    tcase_add_test(tests, ids_that_begin_alike_are_others);
    tcase_add_test(tests, who_was_forgotten_has_a_new_number);
    tcase_add_test(tests, who_was_removed_is_new);
    tcase_add_test(tests, many_are_found);
    Suite *all = suite_create("peers");
    suite_add_tcase(all, tests);
    return all;
}
