// A core whose memory is short, time and again: it refuses what it cannot take, nothing that it
// counts is wrong, and what it has is computed once there is memory again.
#include <stdio.h>
#include <stdlib.h>

#include "broker/core/state.h"
#include "tests/lib/main.h"
#include "tests/lib/xorshift.h"

// A sanitizer has a malloc of its own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#define CLIENT     1
#define SLOTS      3
#define ROUNDS     300
#define LEASES_MAX 4096
#define CHUNK_JOBS 8 // at most, where there are several

// --- memory ------------------------------------------------------------------------------------

// One allocation in so many fails while the core is at work; 0: none.
static uint32_t failure_odds;
static uint32_t allocations_left; // likewise, until one fails; 0: none does for that
static uint64_t failure_count;
static bool is_at_work;
static uint64_t state;

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,readability-inconsistent-declaration-*)
// These are the C library's, under its own names.
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *old, size_t bytes);

static bool should_fail(void)
{
    if (!is_at_work) return false;
    bool is_its_turn = allocations_left && --allocations_left == 0;
    bool is_chance = failure_odds && dc_xorshift_below(&state, failure_odds) == 0;
    failure_count += is_its_turn || is_chance;
    return is_its_turn || is_chance;
}

void *malloc(size_t bytes)
{
    return should_fail() ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    return should_fail() ? NULL : __libc_calloc(count, bytes);
}

void *realloc(void *old, size_t bytes)
{
    return should_fail() ? NULL : __libc_realloc(old, bytes);
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,readability-inconsistent-declaration-*)

// --- the cluster -------------------------------------------------------------------------------

typedef struct given {
    dc_peer_t slot;
    uint64_t id, first;
    uint32_t count;
} given_t;

static dc_core_t *core;
static dc_actions_t actions;
static dc_ms_t now;
static given_t given[LEASES_MAX]; // leases that the slots have, the oldest first
static size_t given_count;
static uint32_t handle; // of the batch that is open, or was last
static bool is_open;
static uint64_t sent, answered; // jobs of it
static uint8_t open_flags;      // of all batches
static uint32_t chunk_jobs_max; // likewise

// What the core wants happens, save that what is lost for lack of memory is lost.
static void carry_out(void)
{
    for (size_t i = 0; i < actions.len; i++) {
        const dc_action_t *action = &actions.list[i];
        const dc_cmd_t *cmd = &action->cmd;
        if (action->type == DC_ACTION_TO_WORKER && cmd->type == DC_CMD_LEASE) {
            ck_assert_uint_lt(given_count, LEASES_MAX);
            given[given_count++] =
                (given_t){ action->peer, cmd->lease.id, cmd->lease.first, cmd->lease.count };
        }
        if (action->type != DC_ACTION_TO_CLIENT) continue;
        if (cmd->type == DC_CMD_PIECE) answered += cmd->piece.count;
        if (cmd->type == DC_CMD_REFUSED) is_open = false;
    }
    actions.failed = false;
    dc_actions_clear(&actions);
    const char *flaw = dc_core_audit(core);
    ck_assert_msg(!flaw, "%s", flaw);
}

static void step(dc_event_type_t type, dc_peer_t peer, const dc_cmd_t *cmd)
{
    const dc_event_t event = { .type = type, .peer = peer, .cmd = cmd };
    is_at_work = true;
    dc_core_step(core, now, &event, &actions);
    is_at_work = false;
    carry_out();
}

static void dispatch(void)
{
    is_at_work = true;
    dc_core_dispatch(core, now, &actions);
    is_at_work = false;
    carry_out();
}

// The slot whose session is `session` is there as `peer`.
static void begin_slot(dc_peer_t peer, unsigned session)
{
    char json[128];
    snprintf(json, sizeof json,
             "{\"v\":" DC_WIRE_VERSION_TEXT ",\"session\":\"%032x\",\"name\":\"w\"}", session);
    dc_cmd_t ready = { .type = DC_CMD_READY, .data = { NULL, dc_str_from(json) } };
    step(DC_EVENT_WORKER, peer, &ready);
}

static void begin_slots(void)
{
    for (unsigned slot = 1; slot <= SLOTS; slot++) {
        begin_slot(slot, slot);
    }
}

static void open_batch(void)
{
    handle++;
    dc_cmd_t open = { .type = DC_CMD_OPEN,
                      .open = { .handle = handle, .retries = 3, .flags = open_flags } };
    memcpy(&open.open.key, &handle, sizeof handle);
    is_open = true;
    sent = answered = 0;
    step(DC_EVENT_CLIENT, CLIENT, &open);
}

static void send_jobs(uint32_t count)
{
    while (count && is_open) {
        uint32_t jobs = count < chunk_jobs_max ? count : chunk_jobs_max;
        dc_str_t text = dc_str("1+1\n1+1\n1+1\n1+1\n1+1\n1+1\n1+1\n1+1\n", (size_t)4 * jobs);
        dc_cmd_t chunk = { .type = DC_CMD_CHUNK,
                           .chunk = { .handle = handle, .first = sent, .count = jobs },
                           .data = { NULL, text } };
        sent += jobs;
        count -= jobs;
        step(DC_EVENT_CLIENT, CLIENT, &chunk);
    }
}

// The next jobs of `lease` are answered: one, or so many as there are in a lease of several. A job
// alone takes long, so that no slot has many such leases.
static void answer_next(given_t *lease)
{
    uint32_t jobs = 1 + dc_xorshift_below(&state, lease->count);
    bool is_last = jobs == lease->count;
    dc_cmd_t result = { .type = DC_CMD_RESULT,
                        .result = { .id = lease->id,
                                    .first = lease->first,
                                    .count = jobs,
                                    .spent_us = chunk_jobs_max == 1 ? 100000 : 100 * jobs,
                                    .flags = is_last ? DC_RESULT_LAST : 0 },
                        .data = { NULL, dc_str("2\n2\n2\n2\n2\n2\n2\n2\n", (size_t)2 * jobs) } };
    dc_peer_t slot = lease->slot;
    lease->first += jobs;
    lease->count -= jobs;
    if (is_last) {
        given_count--;
        memmove(lease, lease + 1, (size_t)(given + given_count - lease) * sizeof *lease);
    }
    step(DC_EVENT_WORKER, slot, &result);
}

static void answer(uint32_t count)
{
    for (; count && given_count; count--) {
        size_t at = chunk_jobs_max == 1 ? 0 : dc_xorshift_below(&state, (uint32_t)given_count);
        answer_next(&given[at]);
    }
}

// The process of a slot dies, and another is there.
static void lose_slot(dc_peer_t slot)
{
    size_t kept = 0;
    for (size_t i = 0; i < given_count; i++) {
        if (given[i].slot != slot) given[kept++] = given[i];
    }
    given_count = kept;
    step(DC_EVENT_WORKER_GONE, slot, NULL);
    uint32_t odds = failure_odds;
    failure_odds = 0;
    begin_slot(slot, (unsigned)slot);
    failure_odds = odds;
}

// Everybody says that he is there, and some time passes.
static void pass_time(void)
{
    now += 10;
    dc_cmd_t heartbeat = { .type = DC_CMD_HEARTBEAT };
    step(DC_EVENT_CLIENT, CLIENT, &heartbeat);
    dc_cmd_t beat = { .type = DC_CMD_BEAT, .data = { NULL, DC_STR("{}") } };
    for (unsigned slot = 1; slot <= SLOTS; slot++) {
        step(DC_EVENT_WORKER, slot, &beat);
    }
    step(DC_EVENT_TICK, 0, NULL);
    dispatch();
}

static void acknowledge(void)
{
    dc_cmd_t ack = { .type = DC_CMD_ACK, .ack = { .handle = handle, .end = sent / 3 } };
    if (is_open) step(DC_EVENT_CLIENT, CLIENT, &ack);
}

static void set_up(void)
{
    dc_settings_t settings = dc_settings_default();
    core = dc_core_new(&settings, 1);
    ck_assert_ptr_nonnull(core);
    dc_actions_init(&actions);
    now = 1000000;
    open_flags = 0;
    chunk_jobs_max = 1;
    begin_slots();
}

static void tear_down(void)
{
    dc_actions_fini(&actions);
    dc_core_destroy(&core);
}

// --- tests -------------------------------------------------------------------------------------

// Rows: seeds; every other batch is verified, and of every four rows two have several jobs a chunk.
START_TEST(a_core_goes_on_when_memory_was_short)
{
    state = (uint64_t)_i + 1;
    open_flags = _i % 2 ? DC_OPEN_VERIFY : 0;
    chunk_jobs_max = _i % 4 < 2 ? 1 : CHUNK_JOBS;
    for (unsigned round = 0; round < ROUNDS; round++) {
        failure_odds = 0; // nobody waits for what he was not told
        if (!is_open) open_batch();
        failure_odds = 30;
        send_jobs(dc_xorshift_below(&state, 30));
        pass_time();
        failure_odds = 300; // results that are lost come again with nobody
        answer(dc_xorshift_below(&state, 25));
        if (round % 7 == 0) acknowledge();
        failure_odds = 3; // what it had goes to others, whatever there is
        if (round % 5 == 0) lose_slot(1 + dc_xorshift_below(&state, SLOTS));
    }
    ck_assert_uint_gt(failure_count, 0);
}
END_TEST

// What could not be opened is, by the next tick.
START_TEST(what_was_packed_is_computed_when_there_is_memory)
{
    state = 1;
    open_batch();
    send_jobs(1000);
    pass_time();
    ck_assert_ptr_nonnull(core->batches->backlog);
    while (!core->is_opening_due) {
        failure_odds = 0;
        answer(1);
        ck_assert_uint_lt(answered, sent / 2);
        failure_odds = 1;
        dispatch();
    }
    failure_odds = 0;
    ck_assert_ptr_null(core->batches->ready);
    while (given_count || core->ready_count) {
        pass_time();
        answer(10);
    }
    ck_assert_uint_eq(core->batches->answered_count, sent);
}
END_TEST

// Whichever allocation fails, the slot is not there then, and the connection that its process had
// before is as good as it was: only when it is there that one is over.
START_TEST(a_slot_that_is_not_taken_leaves_its_former_connection)
{
    for (dc_peer_t peer = 2; peer <= SLOTS; peer++) {
        step(DC_EVENT_WORKER_GONE, peer, NULL);
    }
    ck_assert_uint_eq(core->slot_count, 1);
    dc_peer_t peer = SLOTS;
    uint32_t nth = 0;
    while (core->by_session->peer == 1) {
        allocations_left = ++nth;
        begin_slot(++peer, 1);
        allocations_left = 0;
        ck_assert_uint_eq(core->slot_count, 1);
    }
    ck_assert_uint_gt(nth, 3);
    ck_assert_uint_eq(core->by_session->peer, peer);
}
END_TEST

#endif

Suite *suite(void)
{
    Suite *result = suite_create("short");
    TCase *tcase = tcase_create("core");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, a_core_goes_on_when_memory_was_short, 0, 16);
    tcase_add_test(tcase, what_was_packed_is_computed_when_there_is_memory);
    tcase_add_test(tcase, a_slot_that_is_not_taken_leaves_its_former_connection);
#endif
    suite_add_tcase(result, tcase);
    return result;
}
