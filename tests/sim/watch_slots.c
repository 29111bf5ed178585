// What the broker says to slots, and these to it.
#include "broker/core/state.h"
#include "common/bytes.h"
#include "common/wire_fork.h"
#include "common/wire_needs.h"
#include "tests/sim/fair.h"
#include "tests/sim/terms.h"
#include "tests/sim/thrift.h"
#include "tests/sim/watch_part.h"

// A result that took as long has the broker think anew of what its batch's jobs take.
#define LONG_US 10000

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
    if (!job_read(text, width, &job) || !watch_find_batch(sim, job.batch)) {
        sim_fail(sim, "the inputs of a lease are not those of a job");
        return;
    }
    terms_leased(sim, watch_find_batch(sim, job.batch));
    peer->leases =
        watch_grow(peer->leases, peer->lease_count, &peer->lease_capacity, sizeof *peer->leases);
    watched_lease_t *lease = &peer->leases[peer->lease_count++];
    *lease = (watched_lease_t){ .id = id,
                                .next = jobs.first,
                                .end = jobs.end,
                                .offset = job.index - jobs.first,
                                .batch = watch_find_batch(sim, job.batch) };
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

void watch_blame(peer_t *peer)
{
    const watched_lease_t *lease = peer->lease_count ? &peer->leases[0] : NULL;
    if (lease && lease->next < lease->end && lease->next + lease->offset < lease->batch->jobs) {
        lease->batch->losses[lease->next + lease->offset]++;
    }
    peer->lease_count = 0;
}

void watch_from_worker(sim_t *sim, peer_t *peer, const dc_cmd_t *cmd)
{
    switch ((int)cmd->type) {
    case DC_CMD_READY:
        peer->lease_count = 0;
        sim->upsets++;
        break;
    case DC_CMD_RESULT: on_result(sim, peer, cmd); break;
    case DC_CMD_WORKED: {
        watched_lease_t *lease = find_lease(peer, cmd->worked.id);
        if (lease) drop_lease(peer, lease);
        break;
    }
    case DC_CMD_GOODBYE: on_goodbye(peer, cmd); break;
    default: break;
    }
}

void watch_goodbye(sim_t *sim, const hub_t *hub, const dc_event_t *event)
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

void watch_to_worker(sim_t *sim, const hub_t *hub, peer_t *peer, const dc_cmd_t *cmd)
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
