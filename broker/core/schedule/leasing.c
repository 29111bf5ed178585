#include "broker/core/schedule/leasing.h"

#include "broker/core/jobs/fork.h"
#include "broker/core/jobs/ledger.h"
#include "broker/core/jobs/needs.h"
#include "broker/core/schedule/allowance.h"
#include "broker/core/schedule/spare.h"
#include "broker/core/schedule/turns.h"

// A new batch's first leases are no smaller than this, whatever the number of idle slots.
#define FIRST_LEASE_JOBS_MIN 32

uint64_t dc_leasing_jobs(const dc_batch_t *batch, const dc_slot_t *slot, double work_us,
                         uint64_t unknown)
{
    double job_us = dc_ledger_cost_us(batch, 1) * slot->pace;
    if (job_us <= 0) return unknown;
    double jobs = work_us / job_us;
    return jobs < 1 ? 1 : jobs > DC_CHUNK_JOBS_MAX ? DC_CHUNK_JOBS_MAX : (uint64_t)jobs;
}

// How many jobs a lease may have. With plenty ready as many as take some milliseconds; with less
// than every idle slot could use a fair share, unless that is too little to be worth a message.
static uint64_t lease_share(const dc_batch_t *batch, const dc_slot_t *slot)
{
    const dc_lane_t *lane = batch->lane;
    uint64_t most = dc_leasing_jobs(batch, slot, DC_LEASE_WORK_US, DC_CHUNK_JOBS_MAX);
    if (lane->idle_count < 2) return most;
    uint64_t least = dc_leasing_jobs(batch, slot, DC_STEAL_US_MIN, FIRST_LEASE_JOBS_MIN);
    if (!dc_ledger_knows_cost(batch)) least = dc_min_u64(least, FIRST_LEASE_JOBS_MIN);
    uint64_t share = (lane->ready_count + lane->idle_count - 1) / lane->idle_count;
    return dc_min_u64(dc_max_u64(share, least), most);
}

static uint8_t flags_of(const dc_chunk_t *chunk)
{
    const dc_batch_t *batch = chunk->batch;
    uint8_t flags = 0;
    if (chunk->flags & DC_CHUNK_RECORD) flags |= DC_LEASE_RECORD;
    if (batch->flags & DC_OPEN_COLUMNS) flags |= DC_LEASE_COLUMNS;
    if (batch->is_plain) flags |= DC_LEASE_TEXT;
    if (chunk->needs) flags |= DC_LEASE_NEEDS;
    if (chunk->part) flags |= dc_part_is_join(chunk->part) ? DC_LEASE_JOIN : DC_LEASE_CHILD;
    return flags;
}

// Put the results that `chunk` needs in front of `inputs`. NULL if memory is short.
static dc_blob_t *join_needs(const dc_chunk_t *chunk, dc_str_t inputs)
{
    dc_buf_t data = { 0 };
    dc_needs_put(chunk, &data);
    dc_buf_append_str(&data, inputs);
    dc_blob_t *blob = data.failed ? NULL : dc_blob_new(dc_buf_str(&data));
    dc_buf_fini(&data);
    return blob;
}

bool dc_leasing_send(const dc_core_t *self, const dc_lease_t *lease, dc_actions_t *actions)
{
    const dc_chunk_t *chunk = lease->chunk;
    dc_slice_t data = dc_chunk_cut(chunk, lease->next, lease->end);
    if (lease->slot->is_plain) {
        data.bytes = dc_without_newline(data.bytes); // an expression, not a line
        dc_cmd_t work = { .type = DC_CMD_WORK, .work = { .id = lease->id }, .data = data };
        dc_actions_to_worker(actions, lease->slot->peer, &work);
        return true;
    }
    const dc_batch_t *batch = chunk->batch;
    dc_cmd_t cmd = {
        .type = DC_CMD_LEASE,
        .lease = { .id = lease->id,
                   .first = lease->next,
                   .count = (uint32_t)(lease->end - lease->next),
                   .width = chunk->width,
                   .flags = flags_of(chunk),
                   .attempt = lease->attempt,
                   .expr_bytes_max = (uint32_t)self->settings.expr_bytes_max },
        .data = data,
        .program = batch->program,
    };
    dc_blob_t *blob = NULL;
    if (chunk->needs) {
        blob = join_needs(chunk, data.bytes);
        if (!blob) return false;
        cmd.data = (dc_slice_t){ blob, dc_str(blob->data, blob->len) };
    }
    dc_actions_to_worker(actions, lease->slot->peer, &cmd);
    dc_blob_release(&blob);
    return true;
}

// False if there was nothing to lease, or no memory for it: then the next turn tries again.
static bool lease_next(dc_core_t *self, dc_slot_t *slot, dc_actions_t *actions)
{
    dc_batch_t *batch = dc_turns_next(slot);
    if (!batch) return false;
    uint64_t share = slot->is_plain ? 1 : lease_share(batch, slot);
    share = dc_min_u64(share, dc_allowance_jobs(self, batch, slot));
    dc_lease_t *lease = dc_ledger_lease(self, slot, batch, share);
    if (!lease) {
        self->is_dispatch_due = true;
        return false;
    }
    if (!dc_leasing_send(self, lease, actions)) {
        dc_ledger_end_lease(self, lease, 0);
        return false;
    }
    // What costs nothing that is known costs something all the same.
    dc_turns_spend(self, batch, slot, lease->cost_us + 1);
    return true;
}

static void lease_to(dc_core_t *self, dc_room_t room, dc_actions_t *actions)
{
    for (const dc_kind_t *kind = self->kinds; kind; kind = kind->next) {
        dc_slot_t *slot = kind->with_room[room];
        while (slot && dc_kind_waiting_levels(kind)) {
            dc_slot_t *following = slot->room_next;
            bool is_leased = lease_next(self, slot, actions);
            // Where nothing is for all alike, there may be something for another.
            if (!is_leased && !self->verified_count) break;
            slot = is_leased ? kind->with_room[room] : following;
        }
    }
}

// Second leases are for slots that nobody needs: what is ready goes before them. The job is not
// doubled again soon.
static void yield_doubles(dc_core_t *self, dc_actions_t *actions)
{
    dc_lease_t *lease, *following;
    DL_FOREACH_SAFE2(self->doubles, lease, following, double_next)
    {
        dc_slot_t *slot = lease->slot;
        if (slot->is_plain || !dc_turns_next(slot)) continue; // a plain worker ends what it has
        lease->twin->again_us = 2 * dc_spare_run_us(self, lease->twin);
        dc_ledger_end_double(self, lease, actions);
        if (slot->room != DC_ROOM_NONE && !lease_next(self, slot, actions)) return;
    }
}

void dc_leasing_run(dc_core_t *self, dc_actions_t *actions)
{
    self->is_dispatch_due = false;
    lease_to(self, DC_ROOM_IDLE, actions);
    if (self->doubles) yield_doubles(self, actions);
    lease_to(self, DC_ROOM_SOME, actions);
    if (self->plain_ready_count) lease_to(self, DC_ROOM_PLAIN, actions);
}
