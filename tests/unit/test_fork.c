// A fork: what is known of a job that was split, apart from who computes its parts.
#include "broker/core/jobs/batch.h"
#include "broker/core/jobs/fork.h"
#include "common/wire_fork.h"
#include "tests/lib/main.h"

static dc_pools_t pools;
static dc_batch_t *batch;
static dc_chunk_t *chunk; // a client's
static dc_fork_t *fork_;  // of its job 7, into a (weight 6), b (3), c (1) and a join

static void set_up(void)
{
    dc_slice_t nothing = { 0 };
    dc_slice_t data = { NULL, DC_STR("job\n") };
    dc_pool_init(&pools.batches, sizeof(dc_batch_t));
    dc_pool_init(&pools.chunks, sizeof(dc_chunk_t));
    batch = dc_batch_new(&pools, &nothing);
    chunk = dc_chunk_new(&pools, batch, 7, 1, 0, 0, &data);
    ck_assert_ptr_nonnull(chunk);
}

static void tear_down(void)
{
    dc_fork_destroy(&fork_, &pools);
    dc_chunk_destroy(&chunk, &pools);
    dc_batch_destroy(&batch);
    dc_pool_fini(&pools.chunks);
    dc_pool_fini(&pools.batches);
}

static dc_fork_t *make(dc_chunk_t *of)
{
    dc_wire_child_t children[] = { { 6, DC_STR("a") }, { 3, DC_STR("b") }, { 1, DC_STR("") } };
    dc_buf_t data = { 0 };
    dc_wire_put_fork(&data, children, 3, DC_STR("join"));
    dc_slice_t slice = { NULL, dc_buf_str(&data) };
    dc_fork_t *made = dc_fork_new(&pools, of, 7, &slice);
    ck_assert_ptr_nonnull(made);
    dc_buf_fini(&data);
    return made;
}

static void keep(unsigned place, dc_str_t result)
{
    dc_slice_t slice = { NULL, result };
    dc_chunk_destroy(&fork_->parts[place].chunk, &pools);
    ck_assert(dc_fork_keep(fork_, &fork_->parts[place], &slice));
}

static void end_badly(unsigned place, dc_str_t failure)
{
    dc_slice_t slice = { NULL, failure };
    dc_chunk_destroy(&fork_->parts[place].chunk, &pools);
    ck_assert(dc_fork_fail(fork_, &fork_->parts[place], &slice, 0));
}

START_TEST(each_child_has_a_chunk_of_one_job)
{
    static const char *const bytes[] = { "a", "b", "" };
    fork_ = make(chunk);

    ck_assert_uint_eq(fork_->child_count, 3);
    ck_assert_uint_eq(fork_->weight, 10);
    for (unsigned i = 0; i < 3; i++) {
        const dc_part_t *child = &fork_->parts[i];
        ck_assert_uint_eq(child->chunk->first, 7);
        ck_assert_uint_eq(child->chunk->count, 1);
        ck_assert_ptr_eq(child->chunk->part, child);
        ck_assert(dc_str_eq(child->chunk->data.bytes, dc_str_from(bytes[i])));
        ck_assert(!dc_part_is_join(child));
    }
    ck_assert_ptr_null(fork_->parts[3].chunk);
    ck_assert(dc_part_is_join(&fork_->parts[3]));
}
END_TEST

START_TEST(the_join_gets_all_results_in_order)
{
    static const char *const results[] = { "A", "BB", "" };
    dc_wire_join_t join;
    fork_ = make(chunk);
    size_t held_bytes = fork_->held_bytes;
    keep(2, DC_STR(""));
    keep(1, DC_STR("BB"));
    ck_assert_uint_eq(fork_->missing, 1);
    keep(0, DC_STR("A"));
    ck_assert_uint_eq(fork_->missing, 0);
    ck_assert_uint_eq(fork_->held_bytes, held_bytes + 3);
    size_t join_bytes = dc_fork_join_bytes(fork_);

    ck_assert(dc_fork_make_join(fork_, &pools));

    dc_str_t data = fork_->parts[3].chunk->data.bytes;
    ck_assert_uint_eq(data.len, join_bytes);
    ck_assert(dc_wire_read_join(data, &join));
    ck_assert_uint_eq(join.count, 3);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert(dc_str_eq(dc_wire_take_result(&join), dc_str_from(results[i])));
    }
    ck_assert(dc_str_eq(join.join, DC_STR("join")));
    ck_assert_uint_eq(fork_->held_bytes, held_bytes); // the results are the join's now
}
END_TEST

START_TEST(the_failure_of_the_lowest_index_counts)
{
    fork_ = make(chunk);
    size_t held_bytes = fork_->held_bytes;
    keep(0, DC_STR("A"));
    end_badly(2, DC_STR("third"));
    ck_assert_uint_eq(fork_->wanted, 2);
    ck_assert_uint_eq(fork_->missing, 1);
    end_badly(1, DC_STR("second"));

    ck_assert_uint_eq(fork_->wanted, 1);
    ck_assert_uint_eq(fork_->missing, 0);
    ck_assert(dc_str_eq(fork_->failure.bytes, DC_STR("second")));
    ck_assert_uint_eq(fork_->held_bytes, held_bytes + 1 + 6);
}
END_TEST

START_TEST(results_behind_a_failure_are_forgotten)
{
    fork_ = make(chunk);
    size_t held_bytes = fork_->held_bytes;
    keep(2, DC_STR("a result of some length"));
    end_badly(1, DC_STR("no"));

    ck_assert_uint_eq(fork_->results_bytes, 0);
    ck_assert_uint_eq(fork_->held_bytes, held_bytes + 2);
}
END_TEST

START_TEST(what_is_done_is_counted_in_weights)
{
    fork_ = make(chunk);
    ck_assert_uint_eq(dc_fork_done(fork_), 0);
    keep(2, DC_STR("C"));
    ck_assert_uint_eq(dc_fork_done(fork_), 1);

    // Nine tenths of b, which weighs 3, are less than 3 of 10.
    dc_chunk_t *b = fork_->parts[1].chunk;
    dc_fork_t *nested = make(b);
    b->forks = nested;
    nested->parts[0].has_result = nested->parts[1].has_result = true;
    ck_assert_uint_eq(dc_fork_done(fork_), 1 + 2);
    b->forks = NULL;
    dc_fork_destroy(&nested, &pools);

    keep(1, DC_STR("B"));
    keep(0, DC_STR("A"));
    ck_assert_uint_eq(dc_fork_done(fork_), 10);
}
END_TEST

START_TEST(levels_are_counted_and_joins_of_joins_are_final)
{
    fork_ = make(chunk);
    ck_assert_uint_eq(fork_->level, 1);
    ck_assert_ptr_eq(fork_->root, fork_);
    dc_fork_t *of_child = make(fork_->parts[0].chunk);
    ck_assert_uint_eq(of_child->level, 2);
    ck_assert_ptr_eq(of_child->root, fork_);
    ck_assert(!dc_part_is_final(&fork_->parts[0]));
    ck_assert(!dc_part_is_final(&of_child->parts[3]));

    ck_assert(dc_part_is_final(&fork_->parts[3]));
    ck_assert(dc_fork_make_join(fork_, &pools));
    dc_fork_t *of_join = make(fork_->parts[3].chunk);
    ck_assert(dc_part_is_final(&of_join->parts[3]));
    ck_assert(!dc_part_is_final(&of_join->parts[0]));
    dc_fork_destroy(&of_child, &pools);
    dc_fork_destroy(&of_join, &pools);
}
END_TEST

// A message of many results would stay in memory for the sake of one.
START_TEST(a_small_part_of_a_message_is_copied)
{
    static char bytes[1000];
    dc_blob_t *message = dc_blob_new(dc_str(bytes, sizeof bytes));
    dc_slice_t result = { message, dc_str(message->data, 10) };
    fork_ = make(chunk);

    ck_assert(dc_fork_keep(fork_, &fork_->parts[0], &result));

    ck_assert_ptr_ne(fork_->parts[0].result.blob, message);
    dc_blob_release(&message);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("fork");
    TCase *forks = tcase_create("forks");
    tcase_add_checked_fixture(forks, set_up, tear_down);
    tcase_add_test(forks, each_child_has_a_chunk_of_one_job);
    tcase_add_test(forks, the_join_gets_all_results_in_order);
    tcase_add_test(forks, the_failure_of_the_lowest_index_counts);
    tcase_add_test(forks, results_behind_a_failure_are_forgotten);
    tcase_add_test(forks, what_is_done_is_counted_in_weights);
    tcase_add_test(forks, levels_are_counted_and_joins_of_joins_are_final);
    tcase_add_test(forks, a_small_part_of_a_message_is_copied);
    suite_add_tcase(all, forks);
    return all;
}
