#include "tests/sim/watch.h"

#include <stdlib.h>

#include "broker/core/state.h"
#include "common/bytes.h"
#include "common/wire_fork.h"
#include "common/wire_needs.h"
#include "tests/sim/fair.h"
#include "tests/sim/kept.h"
#include "tests/sim/terms.h"
#include "tests/sim/thrift.h"

// A result that took as long has the broker think anew of what its batch's jobs take.
#define LONG_US 10000

static batch_t *find_batch(const sim_t *sim, uint64_t number)
{
    return number < sim->batch_count ? sim->batches[number] : NULL;
}

static void *grow(void *list, size_t len, size_t *capacity, size_t item_bytes)
{
    if (len < *capacity) return list;
    *capacity = *capacity ? 2 * *capacity : 4;
    list = realloc(list, *capacity * item_bytes);
    if (!list) abort();
    return list;
}

// --- batches of a session ----------------------------------------------------------------------

static watched_handle_t *find_handle(const peer_t *peer, uint32_t handle)
{
    for (size_t i = 0; i < peer->handle_count; i++) {
        if (peer->handles[i].handle == handle) return &peer->handles[i];
    }
    return NULL;
}

static void drop_handle(peer_t *peer, uint32_t handle)
{
    watched_handle_t *found = find_handle(peer, handle);
    if (found) *found = peer->handles[--peer->handle_count];
}

static void on_open(sim_t *sim, peer_t *peer, const dc_cmd_t *cmd)
{
    batch_t *batch = find_batch(sim, dc_get_u64(cmd->open.key.bytes));
    if (!batch || find_handle(peer, cmd->open.handle)) return;
    peer->is_careless = batch->is_careless;
    batch->upsets++;
    peer->handles =
        grow(peer->handles, peer->handle_count, &peer->handle_capacity, sizeof *peer->handles);
    peer->handles[peer->handle_count++] =
        (watched_handle_t){ .handle = cmd->open.handle, .serial = ++batch->serial, .batch = batch };
}

static void on_attach(sim_t *sim, hub_t *hub, peer_t *peer, const dc_cmd_t *cmd)
{
    const dc_batch_t *kept;
    uint64_t number = cmd->attach.number;
    HASH_FIND(hh_number, hub_core(hub)->batches, &number, sizeof number, kept);
    batch_t *batch = kept ? find_batch(sim, dc_get_u64(kept->key.bytes)) : NULL;
    if (!batch || find_handle(peer, cmd->attach.handle)) return;
    peer->handles =
        grow(peer->handles, peer->handle_count, &peer->handle_capacity, sizeof *peer->handles);
    peer->handles[peer->handle_count++] = (watched_handle_t){
        .handle = cmd->attach.handle, .serial = ++batch->serial, .batch = batch, .is_view = true
    };
}

// A chunk counts once in a session. One for a batch that was refused meanwhile counts as well.
static void on_chunk(sim_t *sim, peer_t *peer, const dc_cmd_t *cmd)
{
    const watched_handle_t *handle = find_handle(peer, cmd->chunk.handle);
    batch_t *batch = handle ? handle->batch : NULL;
    if (batch && cmd->chunk.first < batch->jobs) {
        if (batch->chunk_serial[cmd->chunk.first] == handle->serial) return;
        batch->chunk_serial[cmd->chunk.first] = handle->serial;
    }
    if (!handle) return;
    peer->sent += dc_wire_cost(cmd);
    if (peer->sent > peer->granted && !peer->is_careless) {
        sim_fail(sim, "client c%llu sends more than it has credit for",
                 (unsigned long long)peer->number);
    }
}

static void check_fresh(sim_t *sim, peer_t *peer, const watched_handle_t *handle, dc_range_t range)
{
    batch_t *batch = handle->batch;
    for (uint64_t i = range.first; i < range.end; i++) {
        if (i >= batch->jobs) {
            sim_fail(sim, "a result is delivered for a job that there is not");
            return;
        }
        if (batch->told_serial[i] == handle->serial) {
            sim_fail(sim, "job %llu of batch %u is delivered twice to c%llu", (unsigned long long)i,
                     batch->number, (unsigned long long)peer->number);
            return;
        }
        batch->told_serial[i] = handle->serial;
    }
}

static void on_piece(sim_t *sim, peer_t *peer, const dc_cmd_t *cmd)
{
    const watched_handle_t *handle = find_handle(peer, cmd->piece.handle);
    if (!handle) {
        sim_fail(sim, "results are sent to a session that has no such batch");
        return;
    }
    // Any number of sessions may be attached.
    if (handle->serial != handle->batch->serial && !handle->is_view) {
        sim_fail(sim, "results are sent to a session that was taken over");
        return;
    }
    dc_range_t all = { cmd->piece.first, cmd->piece.first + cmd->piece.count };
    if (cmd->piece.range_count == 0) check_fresh(sim, peer, handle, all);
    for (size_t i = 0; i < cmd->piece.range_count; i++) {
        check_fresh(sim, peer, handle, dc_wire_get_range(cmd->data.bytes, i));
    }
}

// --- leases ------------------------------------------------------------------------------------

static watched_lease_t *find_lease(const peer_t *peer, uint64_t id)
{
    for (size_t i = 0; i < peer->lease_count; i++) {
        if (peer->leases[i].id == id) return &peer->leases[i];
    }
    return NULL;
}

static void drop_lease(peer_t *peer, watched_lease_t *lease)
{
    size_t at = (size_t)(lease - peer->leases);
    memmove(lease, lease + 1, (peer->lease_count - at - 1) * sizeof *lease);
    peer->lease_count--;
}

static void add_lease(sim_t *sim, const hub_t *hub, peer_t *peer, uint64_t id, dc_str_t text,
                      uint32_t width, dc_range_t jobs)
{
    job_t job;
    if (!job_read(text, width, &job) || !find_batch(sim, job.batch)) {
        sim_fail(sim, "the inputs of a lease are not those of a job");
        return;
    }
    terms_leased(sim, find_batch(sim, job.batch));
    peer->leases =
        grow(peer->leases, peer->lease_count, &peer->lease_capacity, sizeof *peer->leases);
    watched_lease_t *lease = &peer->leases[peer->lease_count++];
    *lease = (watched_lease_t){ .id = id,
                                .next = jobs.first,
                                .end = jobs.end,
                                .offset = job.index - jobs.first,
                                .batch = find_batch(sim, job.batch) };
    fair_leased(sim, hub, peer, lease);
    thrift_leased(sim, hub, peer, lease);
}

static void on_result(sim_t *sim, peer_t *peer, const dc_cmd_t *cmd)
{
    watched_lease_t *lease = find_lease(peer, cmd->result.id);
    if (!lease || cmd->result.first != lease->next) return;
    fair_spent(sim, lease, cmd->result.spent_us);
    bool is_long = cmd->result.spent_us >= LONG_US;
    lease->batch->upsets += is_long || cmd->result.flags & DC_RESULT_FORK;
    uint64_t *forked_us = &lease->batch->forked_us[lease->next + lease->offset];
    if (cmd->result.flags & DC_RESULT_FORK && !*forked_us) *forked_us = sim->now_us;
    lease->next += cmd->result.count;
    if (cmd->result.flags & DC_RESULT_LAST) drop_lease(peer, lease);
}

static void on_goodbye(peer_t *peer, const dc_cmd_t *cmd)
{
    for (size_t i = 0; i < cmd->data.bytes.len / 8; i++) {
        watched_lease_t *lease = find_lease(peer, dc_get_u64(cmd->data.bytes.data + 8 * i));
        if (lease) drop_lease(peer, lease);
    }
}

// The slot is lost: the job that it may have been at is the first that it has not answered.
static void blame(peer_t *peer)
{
    const watched_lease_t *lease = peer->lease_count ? &peer->leases[0] : NULL;
    if (lease && lease->next < lease->end && lease->next + lease->offset < lease->batch->jobs) {
        lease->batch->losses[lease->next + lease->offset]++;
    }
    peer->lease_count = 0;
}

// --- events and actions ------------------------------------------------------------------------

static bool may_begin(dc_command_t type)
{
    return type == DC_CMD_OPEN || type == DC_CMD_QUERY || type == DC_CMD_CANCEL ||
           type == DC_CMD_ATTACH || type == DC_CMD_SET || type == DC_CMD_ASK ||
           type == DC_CMD_DELETE || type == DC_CMD_READY;
}

static peer_t *peer_of(hub_t *hub, const dc_event_t *event)
{
    bool is_client = event->type == DC_EVENT_CLIENT || event->type == DC_EVENT_CLIENT_GONE;
    return hub_peer(hub, is_client, event->peer);
}

void watch_before(sim_t *sim, hub_t *hub, const dc_event_t *event)
{
    if (!event->cmd) return;
    peer_t *peer = peer_of(hub, event);
    switch ((int)event->cmd->type) {
    case DC_CMD_CHUNK: on_chunk(sim, peer, event->cmd); break;
    case DC_CMD_CANCEL:
        if (event->cmd->cancel.number == 0) drop_handle(peer, event->cmd->cancel.handle);
        break;
    case DC_CMD_READY:
        peer->lease_count = 0;
        sim->upsets++;
        break;
    case DC_CMD_RESULT: on_result(sim, peer, event->cmd); break;
    case DC_CMD_WORKED: {
        watched_lease_t *lease = find_lease(peer, event->cmd->worked.id);
        if (lease) drop_lease(peer, lease);
        break;
    }
    case DC_CMD_GOODBYE: on_goodbye(peer, event->cmd); break;
    default: break;
    }
}

static bool has_action(const dc_actions_t *actions, const peer_t *peer, dc_command_t type)
{
    dc_action_type_t to = peer->is_client ? DC_ACTION_TO_CLIENT : DC_ACTION_TO_WORKER;
    for (size_t i = 0; i < actions->len; i++) {
        const dc_action_t *action = &actions->list[i];
        if (action->type == to && action->peer == peer->number && action->cmd.type == type) {
            return true;
        }
    }
    return false;
}

// What a slot hands back it has no more.
static void check_goodbye(sim_t *sim, const hub_t *hub, const dc_event_t *event)
{
    const dc_slot_t *slot;
    dc_str_t ids = event->cmd->data.bytes;
    HASH_FIND(hh, hub_core(hub)->slots, &event->peer, sizeof event->peer, slot);
    if (!slot) return;
    for (const dc_lease_t *lease = slot->leases; lease; lease = lease->next_in_slot) {
        for (size_t i = 0; i < ids.len / 8; i++) {
            if (lease->id != dc_get_u64(ids.data + 8 * i)) continue;
            sim_fail(sim, "a slot still has what it has handed back");
        }
    }
}

// A plain worker knows no WHO, and a supervisor needs no introduction.
static bool must_be_asked(const peer_t *peer, const dc_cmd_t *cmd)
{
    bool is_plain =
        cmd->type == DC_CMD_WORKED || (cmd->type == DC_CMD_BEAT && cmd->data.bytes.len == 0);
    return !peer->has_begun && !is_plain && cmd->type != DC_CMD_OBITUARY;
}

// Whether the CHUNK `cmd`, which `peer` has just sent, is in its batch's backlog.
static bool is_packed(const hub_t *hub, const peer_t *peer, const dc_cmd_t *cmd)
{
    const dc_client_t *client;
    const dc_batch_t *batch = NULL;
    HASH_FIND(hh, hub_core(hub)->clients, &peer->number, sizeof peer->number, client);
    if (client) {
        uint32_t handle = cmd->chunk.handle;
        HASH_FIND(hh_handle, client->by_handle, &handle, sizeof handle, batch);
    }
    return batch && batch->backlog && batch->backlog->end == cmd->chunk.first + cmd->chunk.count;
}

void watch_after(sim_t *sim, hub_t *hub, const dc_event_t *event, const dc_actions_t *actions)
{
    if (!event->cmd) return;
    peer_t *peer = peer_of(hub, event);
    if (may_begin(event->cmd->type)) peer->has_begun = true;
    if (event->cmd->type == DC_CMD_OPEN && has_action(actions, peer, DC_CMD_OPENED)) {
        on_open(sim, peer, event->cmd);
    }
    if (event->cmd->type == DC_CMD_GOODBYE) check_goodbye(sim, hub, event);
    if (event->cmd->type == DC_CMD_ATTACH && has_action(actions, peer, DC_CMD_OPENED)) {
        on_attach(sim, hub, peer, event->cmd);
    }
    if (must_be_asked(peer, event->cmd) && !has_action(actions, peer, DC_CMD_WHO)) {
        sim_fail(sim, "a stranger speaks and is not asked who it is");
    }
    if (event->cmd->type != DC_CMD_CHUNK) return;
    sim->chunks_packed += is_packed(hub, peer, event->cmd);
    if (peer->sent <= peer->granted) return;
    bool is_known = find_handle(peer, event->cmd->chunk.handle) != NULL;
    if (is_known && !has_action(actions, peer, DC_CMD_REFUSED)) {
        sim_fail(sim, "a client that sends more than it has credit for is not refused");
    }
}

static void on_refused(sim_t *sim, peer_t *peer, const dc_cmd_t *cmd)
{
    if (cmd->refused.error == DC_ERR_PROTOCOL && !peer->is_careless) {
        sim_fail(sim, "a client that keeps to the protocol is refused: %.*s",
                 (int)cmd->data.bytes.len, cmd->data.bytes.data);
    }
    drop_handle(peer, cmd->refused.handle);
}

static void on_done(sim_t *sim, const hub_t *hub, peer_t *peer, const dc_cmd_t *cmd)
{
    const watched_handle_t *handle = find_handle(peer, cmd->done.handle);
    if (handle && cmd->done.error == DC_ERR_DEADLINE) terms_met(sim, hub, handle->batch);
    if (cmd->done.error || (handle && handle->is_view)) drop_handle(peer, cmd->done.handle);
}

static void on_opened(sim_t *sim, const peer_t *peer, const dc_cmd_t *cmd)
{
    const watched_handle_t *handle = find_handle(peer, cmd->opened.handle);
    if (handle) kept_on_opened(sim, handle->batch, cmd);
}

static void on_receipt(sim_t *sim, peer_t *peer, const dc_cmd_t *cmd)
{
    const watched_handle_t *handle = find_handle(peer, cmd->receipt.handle);
    if (!handle) {
        sim_fail(sim, "a receipt is sent to a session that has no such batch");
        return;
    }
    kept_on_receipt(sim, handle->batch, cmd);
    if (cmd->receipt.flags & DC_RECEIPT_CLOSED) drop_handle(peer, cmd->receipt.handle);
}

static void to_client(sim_t *sim, const hub_t *hub, peer_t *peer, const dc_cmd_t *cmd)
{
    switch ((int)cmd->type) {
    case DC_CMD_CREDIT:
        if (cmd->credit.sent_max < peer->granted) sim_fail(sim, "credit shrinks");
        peer->granted = cmd->credit.sent_max;
        break;
    case DC_CMD_OPENED: on_opened(sim, peer, cmd); break;
    case DC_CMD_PIECE: on_piece(sim, peer, cmd); break;
    case DC_CMD_REFUSED: on_refused(sim, peer, cmd); break;
    case DC_CMD_DONE: on_done(sim, hub, peer, cmd); break;
    case DC_CMD_RECEIPT: on_receipt(sim, peer, cmd); break;
    default: break;
    }
}

static void to_worker(sim_t *sim, const hub_t *hub, peer_t *peer, const dc_cmd_t *cmd)
{
    switch ((int)cmd->type) {
    case DC_CMD_LEASE: {
        uint32_t width = cmd->lease.width;
        dc_str_t text = cmd->data.bytes;
        dc_wire_needs_t needs;
        if (cmd->lease.flags & DC_LEASE_NEEDS && !dc_wire_read_needs(&text, &needs)) text.len = 0;
        if (width && text.len > width) text.len = width;
        dc_wire_join_t join;
        if (cmd->lease.flags & DC_LEASE_JOIN && dc_wire_read_join(text, &join)) text = join.join;
        dc_range_t jobs = { cmd->lease.first, cmd->lease.first + cmd->lease.count };
        add_lease(sim, hub, peer, cmd->lease.id, text, width, jobs);
        break;
    }
    case DC_CMD_WORK:
        add_lease(sim, hub, peer, cmd->work.id, cmd->data.bytes, 0, (dc_range_t){ 0, 1 });
        break;
    case DC_CMD_TRIM: {
        watched_lease_t *lease = find_lease(peer, cmd->trim.id);
        if (!lease) break;
        lease->end = dc_min_u64(lease->end, cmd->trim.end);
        thrift_trimmed(hub, peer, lease);
        break;
    }
    default: break;
    }
}

// What the disk has spoiled the broker complains of.
static bool is_of_spoiled(const sim_t *sim, dc_str_t line)
{
    static const char word[] = "store damaged ";
    return sim->plan.spoil_per_mille && line.len > sizeof word &&
           memcmp(line.data, word, sizeof word - 1) == 0;
}

void watch_action(sim_t *sim, hub_t *hub, const dc_action_t *action)
{
    bool is_client = action->type == DC_ACTION_TO_CLIENT || action->type == DC_ACTION_FORGET_CLIENT;
    peer_t *peer = hub_peer(hub, is_client, action->peer);
    switch (action->type) {
    case DC_ACTION_TO_CLIENT:
        if (peer) to_client(sim, hub, peer, &action->cmd);
        break;
    case DC_ACTION_TO_WORKER:
        if (peer) to_worker(sim, hub, peer, &action->cmd);
        break;
    case DC_ACTION_FORGET_CLIENT: break;
    case DC_ACTION_FORGET_WORKER:
        sim->upsets++;
        if (peer) blame(peer);
        break;
    case DC_ACTION_STORE: break;
    case DC_ACTION_LOG:
        if (action->level == DC_LOG_ERROR && !is_of_spoiled(sim, action->cmd.data.bytes)) {
            sim_fail(sim, "the broker complains: %.*s", (int)action->cmd.data.bytes.len,
                     action->cmd.data.bytes.data);
        }
        break;
    }
}

// --- sums --------------------------------------------------------------------------------------

// The slots' leases, as they were told of them.
void watch_told(sim_t *sim, hub_t *hub)
{
    for (const dc_slot_t *slot = hub_core(hub)->slots; slot; slot = slot->hh.next) {
        const peer_t *peer = hub_peer(hub, false, slot->peer);
        for (const dc_lease_t *lease = slot->leases; lease; lease = lease->next_in_slot) {
            const watched_lease_t *watched = find_lease(peer, lease->id);
            if (slot->is_plain ||
                (watched && dc_max_u64(watched->next, watched->end) == lease->end)) {
                continue;
            }
            sim_fail(sim, "slot s%llu does not know where its lease ends",
                     (unsigned long long)slot->number);
            return;
        }
    }
}

void watch_death(sim_t *sim, const hub_t *hub)
{
    sim->jobs_doubled += hub_core(hub)->doubled_count;
    sim->upsets++;
}

void watch_dispatched(sim_t *sim, hub_t *hub)
{
    const dc_core_t *core = hub_core(hub);
    // Whoever was let in may fill his credit, once memory is short as well, and leave it behind.
    // What the operator says later is no more than what the plan says, and takes nothing back.
    uint64_t bound = sim->plan.settings.memory_bytes_max;
    bound += (HASH_COUNT(core->clients) + HASH_CNT(hh_number, core->batches)) * UINT64_C(2) *
             DC_CREDIT_BYTES;
    if (core->memory_bytes > bound) {
        sim_fail(sim, "the broker holds %zu bytes, more than the %llu that it may",
                 core->memory_bytes, (unsigned long long)bound);
    }
}

// Whether a request of somebody who has left may be at a worker that is stuck: that the client has
// gone is only seen when it is answered.
static bool is_stuck(const sim_t *sim, const dc_core_t *core)
{
    bool has_plain = false;
    for (const dc_client_t *client = core->clients; client; client = client->hh.next) {
        has_plain |= client->is_plain && client->batches;
    }
    return has_plain && sim->plan.stuck_per_mille;
}

void watch_end(sim_t *sim)
{
    const dc_core_t *core = hub_core(sim->hub);
    sim_check(sim, "broker", dc_core_audit(core));
    if (core->batches) sim_fail(sim, "a batch is left when all clients have gone");
    if (core->memory_bytes && !is_stuck(sim, core)) {
        sim_fail(sim, "memory is accounted for when nothing is left");
    }
}
