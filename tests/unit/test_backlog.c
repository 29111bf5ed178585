// Chunks that wait packed: the class, and what a core takes of memory for a job that waits so.

#include "broker/core/jobs/backlog.h"
#include "broker/core/state.h"
#include "tests/lib/main.h"
#include "tests/lib/waiting.h"
#include "tests/lib/xorshift.h"

static dc_backlog_t *backlog;

// Bytes for chunks, of which any two parts differ.
static char letters[DC_RECORD_BYTES_MAX];

static void set_up(void)
{
    for (size_t i = 0; i < sizeof letters; i++) {
        letters[i] = (char)('a' + (i + i / 26) % 26);
    }
    backlog = dc_backlog_new();
    ck_assert_ptr_nonnull(backlog);
}

static void tear_down(void)
{
    dc_backlog_destroy(&backlog);
}

// --- chunks ------------------------------------------------------------------------------------

// Chunk `number` of a series in which some are long, some empty, and some leave gaps before them.
static dc_packed_t make_chunk(uint32_t number)
{
    static const uint32_t sizes[] = {
        24, 0, 7, 8, 9, 100, DC_COPY_BYTES_MAX, 24, DC_COPY_BYTES_MAX + 1, 33, DC_RECORD_BYTES_MAX
    };
    uint32_t bytes = sizes[number % DC_ARRAY_LEN(sizes)];
    size_t start = bytes ? number % 7 : 0;
    return (dc_packed_t){ .first = 10 * (uint64_t)number + number % 3,
                          .count = 1 + number % 8,
                          .width = number % 5,
                          .flags = (uint8_t)(number % 2),
                          .is_paid = number % 4 != 0,
                          .arrived_us = 1000 + number,
                          .data = { NULL, dc_str(letters + start, bytes - start) } };
}

static size_t cost_of(const dc_packed_t *chunk)
{
    return chunk->data.bytes.len + DC_CHUNK_COST_BYTES;
}

static void push(uint32_t number)
{
    dc_packed_t chunk = make_chunk(number);
    ck_assert(dc_backlog_push(backlog, &chunk));
}

static void check_is(const dc_packed_t *chunk, uint32_t number)
{
    dc_packed_t expected = make_chunk(number);
    ck_assert_uint_eq(chunk->first, expected.first);
    ck_assert_uint_eq(chunk->count, expected.count);
    ck_assert_uint_eq(chunk->width, expected.width);
    ck_assert_uint_eq(chunk->flags, expected.flags);
    ck_assert_uint_eq(chunk->arrived_us, expected.arrived_us);
    ck_assert(dc_str_eq(chunk->data.bytes, expected.data.bytes));
}

static void pop(uint32_t number)
{
    dc_packed_t chunk = dc_backlog_first(backlog);
    check_is(&chunk, number);
    dc_backlog_pop(backlog);
}

// What is counted of chunks [first, end), which are all that is in.
static void check_sums(uint32_t first, uint32_t end)
{
    uint64_t job_count = 0;
    size_t cost_bytes = 0;
    for (uint32_t number = first; number < end; number++) {
        dc_packed_t chunk = make_chunk(number);
        job_count += chunk.count;
        if (chunk.is_paid) cost_bytes += cost_of(&chunk);
    }
    ck_assert_uint_eq(backlog->chunk_count, end - first);
    ck_assert_uint_eq(backlog->job_count, job_count);
    ck_assert_uint_eq(backlog->cost_bytes, cost_bytes);
}

// --- the class ---------------------------------------------------------------------------------

START_TEST(chunks_leave_in_order_as_they_came)
{
    size_t empty_bytes = backlog->held_bytes;
    uint64_t state = 1;
    uint32_t first = 0;
    uint32_t end = 0;
    for (unsigned turn = 0; turn < 60; turn++) {
        for (uint32_t some = dc_xorshift_below(&state, 40); some; some--) {
            push(end++);
        }
        check_sums(first, end);
        for (uint32_t some = dc_xorshift_below(&state, 35); some && first < end; some--) {
            pop(first++);
        }
        check_sums(first, end);
    }
    while (first < end) {
        pop(first++);
    }
    ck_assert_uint_eq(backlog->held_bytes, empty_bytes);
}
END_TEST

START_TEST(a_walk_sees_all_of_them)
{
    enum {
        COUNT = 300
    };
    for (uint32_t number = 0; number < COUNT; number++) {
        push(number);
    }
    pop(0);
    dc_packed_t chunk;
    dc_backlog_place_t at = { 0 };
    for (uint32_t number = 1; number < COUNT; number++) {
        ck_assert(dc_backlog_next(backlog, &at, &chunk));
        check_is(&chunk, number);
    }
    ck_assert(!dc_backlog_next(backlog, &at, &chunk));
}
END_TEST

// Whoever sends a chunk again is to hear that it is known, or that it overlaps another.
START_TEST(a_chunk_is_found_by_any_of_its_jobs_and_the_gap_before_it)
{
    enum {
        COUNT = 200
    };
    for (uint32_t number = 0; number < COUNT; number++) {
        push(number);
    }
    dc_range_t jobs;
    uint64_t index = 0;
    for (uint32_t number = 0; number < COUNT; number++) {
        dc_packed_t chunk = make_chunk(number);
        for (; index < chunk.first + chunk.count; index++) {
            ck_assert(dc_backlog_find(backlog, index, &jobs));
            ck_assert_uint_eq(jobs.first, chunk.first);
            ck_assert_uint_eq(jobs.end, chunk.first + chunk.count);
        }
    }
    ck_assert_uint_eq(index, backlog->end);
    ck_assert(!dc_backlog_find(backlog, index, &jobs));
}
END_TEST

// What was paid for by a session that is gone is owed to nobody; what comes later is.
START_TEST(credit_is_forgotten_with_its_session)
{
    for (uint32_t number = 0; number < 50; number++) {
        push(number);
    }
    dc_backlog_forget_paid(backlog);
    ck_assert_uint_eq(backlog->cost_bytes, 0);
    push(50); // paid for
    dc_packed_t last = make_chunk(50);
    ck_assert(last.is_paid);
    ck_assert_uint_eq(backlog->cost_bytes, cost_of(&last));
    for (uint32_t number = 0; number < 50; number++) {
        ck_assert(!dc_backlog_first(backlog).is_paid);
        pop(number);
    }
    ck_assert(dc_backlog_first(backlog).is_paid);
    pop(50);
    ck_assert_uint_eq(backlog->cost_bytes, 0);
}
END_TEST

// A frame that many bytes came in is not copied, and freed with the last chunk that lies in it.
START_TEST(many_bytes_are_shared_and_few_are_copied)
{
    dc_blob_t *frame = dc_blob_new(dc_str(letters, DC_RECORD_BYTES_MAX));
    dc_packed_t few = { .first = 0, .count = 1, .data = { frame, dc_str(frame->data, 24) } };
    dc_packed_t many = { .first = 1, .count = 1, .data = { frame, dc_str(frame->data, 5000) } };
    dc_packed_t more = { .first = 2, .count = 1, .data = { frame, dc_str(frame->data, 9000) } };
    ck_assert(dc_backlog_push(backlog, &few));
    ck_assert_uint_eq(atomic_load(&frame->refs), 1);
    ck_assert(dc_backlog_push(backlog, &many));
    ck_assert(dc_backlog_push(backlog, &more));
    ck_assert_uint_eq(atomic_load(&frame->refs), 3);
    dc_backlog_pop(backlog);
    ck_assert_ptr_eq(dc_backlog_first(backlog).data.bytes.data, frame->data);
    dc_backlog_pop(backlog);
    ck_assert_uint_eq(atomic_load(&frame->refs), 2);
    dc_backlog_destroy(&backlog);
    ck_assert_uint_eq(atomic_load(&frame->refs), 1);
    dc_blob_release(&frame);
}
END_TEST

// How long it waited for a slot is counted from when it waited for nothing else.
START_TEST(what_waited_for_others_comes_when_it_does_no_more)
{
    push(0);
    dc_backlog_release(backlog, 5000);
    ck_assert_uint_eq(dc_backlog_first(backlog).arrived_us, 5000);
    dc_packed_t later = { .first = 20, .count = 1, .arrived_us = 6000 };
    ck_assert(dc_backlog_push(backlog, &later));
    dc_backlog_pop(backlog);
    ck_assert_uint_eq(dc_backlog_first(backlog).arrived_us, 6000);
}
END_TEST

// There may be a batch for each of many clients.
START_TEST(a_short_backlog_takes_little)
{
    push(0);
    ck_assert_uint_le(backlog->held_bytes, 1200);
}
END_TEST

// --- the core ----------------------------------------------------------------------------------

// What a broker may remember of a job that waits, sent as a chunk of its own, beyond its text.
#define WAITING_BYTES_MAX 128

// One for each kind of waiting.
START_TEST(a_job_that_waits_takes_few_bytes)
{
    const uint64_t jobs = 100000;
    waiting_kind_t kind = (waiting_kind_t)_i;
    waiting_t waiting;
    waiting_begin(&waiting, kind);
    size_t heap_bytes = waiting_heap_bytes();
    size_t memory_bytes = waiting.core->memory_bytes;
    waiting_send(&waiting, jobs);
    waiting_commit(&waiting);
    heap_bytes = waiting_heap_bytes() - heap_bytes;
    memory_bytes = waiting.core->memory_bytes - memory_bytes;
    ck_assert_uint_eq(waiting.core->ready_count, kind == WAITING_AFTER ? 0 : jobs);
    ck_assert_uint_eq(waiting.core->waiting_count, kind == WAITING_AFTER ? jobs : 0);
    ck_assert_uint_le(heap_bytes, jobs * (WAITING_TEXT_BYTES + WAITING_BYTES_MAX));
    ck_assert_uint_le(memory_bytes, jobs * (WAITING_TEXT_BYTES + WAITING_BYTES_MAX));
    // It is true what the core says of itself, where malloc can be asked.
    if (heap_bytes) ck_assert_uint_ge(memory_bytes, heap_bytes / 10 * 9);
    ck_assert_ptr_null(dc_core_audit(waiting.core));
    waiting_end(&waiting);
}
END_TEST

Suite *suite(void)
{
    Suite *result = suite_create("backlog");
    TCase *tcase = tcase_create("class");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, chunks_leave_in_order_as_they_came);
    tcase_add_test(tcase, a_walk_sees_all_of_them);
    tcase_add_test(tcase, a_chunk_is_found_by_any_of_its_jobs_and_the_gap_before_it);
    tcase_add_test(tcase, credit_is_forgotten_with_its_session);
    tcase_add_test(tcase, many_bytes_are_shared_and_few_are_copied);
    tcase_add_test(tcase, what_waited_for_others_comes_when_it_does_no_more);
    tcase_add_test(tcase, a_short_backlog_takes_little);
    suite_add_tcase(result, tcase);
    tcase = tcase_create("core");
    tcase_add_loop_test(tcase, a_job_that_waits_takes_few_bytes, 0, WAITING_KINDS);
    suite_add_tcase(result, tcase);
    return result;
}
