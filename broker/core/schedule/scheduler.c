#include "broker/core/schedule/scheduler.h"

#include "broker/core/jobs/fork.h"
#include "broker/core/jobs/ledger.h"
#include "broker/core/jobs/needs.h"
#include "broker/core/schedule/allowance.h"
#include "broker/core/schedule/room.h"
#include "broker/core/schedule/spare.h"
#include "broker/core/schedule/turns.h"

// A new batch's first leases are no smaller than this, whatever the number of idle slots.
#define FIRST_LEASE_JOBS_MIN 32

// --- leases ------------------------------------------------------------------------------------

// How many jobs of `batch` take `slot` `work_us`; at least one, and at most a chunk's or `unknown`.
static uint64_t jobs_within(const dc_batch_t *batch, const dc_slot_t *slot, double work_us,
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
    uint64_t most = jobs_within(batch, slot, DC_LEASE_WORK_US, DC_CHUNK_JOBS_MAX);
    if (lane->idle_count < 2) return most;
    uint64_t least = jobs_within(batch, slot, DC_STEAL_US_MIN, FIRST_LEASE_JOBS_MIN);
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

// False if memory is short.
static bool send_lease(const dc_lease_t *lease, dc_actions_t *actions)
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
                   .attempt = lease->attempt },
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
    if (!send_lease(lease, actions)) {
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

// Lease what is ready to whom has room: idle slots first.
static void lease_ready(dc_core_t *self, dc_actions_t *actions)
{
    self->is_dispatch_due = false;
    lease_to(self, DC_ROOM_IDLE, actions);
    if (self->doubles) yield_doubles(self, actions);
    lease_to(self, DC_ROOM_SOME, actions);
    if (self->plain_ready_count) lease_to(self, DC_ROOM_PLAIN, actions);
}

// --- taking back -------------------------------------------------------------------------------

void dc_scheduler_take_back(dc_core_t *self, dc_lease_t *lease, uint64_t end, dc_actions_t *actions)
{
    dc_ledger_trim(self, lease, end);
    dc_cmd_t trim = { .type = DC_CMD_TRIM, .trim = { .id = lease->id, .end = lease->end } };
    dc_actions_to_worker(actions, lease->slot->peer, &trim);
}

// Leave `lease` as much as a new one would get, or nothing if it waits behind plenty.
static void shorten(dc_core_t *self, dc_lease_t *lease, dc_actions_t *actions)
{
    const dc_slot_t *slot = lease->slot;
    dc_ledger_price(self, lease);
    if (slot->is_plain) return;
    bool is_surplus = slot->leases != lease && slot->work_us > 2 * DC_SLOT_WORK_US;
    uint64_t count =
        is_surplus ? 0
                   : jobs_within(lease->chunk->batch, slot, DC_LEASE_WORK_US, DC_CHUNK_JOBS_MAX);
    if (count < lease->end - lease->next)
        dc_scheduler_take_back(self, lease, lease->next + count, actions);
}

static void shorten_chunks(dc_core_t *self, const dc_batch_t *batch, dc_actions_t *actions)
{
    for (size_t at = 0; at < dc_batch_chunk_count(batch); at++) {
        dc_lease_t *lease;
        DL_FOREACH2(dc_batch_chunk(batch, at)->leases, lease, chunk_next)
        {
            shorten(self, lease, actions);
        }
    }
}

// Whether `lease` is of jobs that are like those of `batch`: its own, or of a plain client, whose
// requests are all alike as far as anybody knows, any of that client's. Parts of jobs are like
// nothing.
static bool is_alike(const dc_lease_t *lease, const dc_batch_t *batch)
{
    const dc_chunk_t *chunk = lease->chunk;
    if (!chunk || chunk->part) return false;
    return chunk->batch == batch || (batch->is_plain && chunk->batch->client == batch->client);
}

static void shorten_slots(dc_core_t *self, const dc_slot_t *slots, const dc_batch_t *batch,
                          dc_actions_t *actions)
{
    for (const dc_slot_t *slot = slots; slot; slot = slot->busy_next) {
        dc_lease_t *lease;
        DL_FOREACH2(slot->leases, lease, next_in_slot)
        {
            if (is_alike(lease, batch)) shorten(self, lease, actions);
        }
    }
}

// Of a batch with more chunks than there are leases most have none, and so have most requests of a
// plain client: there it is the slots that tell.
void dc_scheduler_reprice(dc_core_t *self, const dc_batch_t *batch, dc_actions_t *actions)
{
    if (!batch->is_plain && dc_batch_chunk_count(batch) <= self->lease_count) {
        shorten_chunks(self, batch, actions);
        return;
    }
    shorten_slots(self, self->busy, batch, actions);
    shorten_slots(self, self->busy_plain, batch, actions);
}

// --- what is more urgent -----------------------------------------------------------------------

// The highest level at which something waits for slots of `kind`, all of which are busy; 0 if there
// is none, or it is the lowest.
static unsigned highest_waiting(const dc_kind_t *kind)
{
    uint32_t levels = 1;
    for (size_t i = 0; i < kind->lane_count; i++) {
        const dc_lane_t *lane = kind->lanes[i];
        if (lane->idle_count < lane->ready_count) levels |= lane->waiting_levels;
    }
    return 31 - (unsigned)__builtin_clz(levels);
}

// Leave `slot` the job that it is at and nothing more, where what it has is less urgent than what
// waits and nobody knows how long that takes: so it has nothing to do when that job ends. (Where it
// is known it is little enough.)
static void preempt(dc_core_t *self, dc_slot_t *slot, dc_actions_t *actions)
{
    unsigned level = highest_waiting(slot->kind);
    dc_lease_t *lease;
    slot->is_cut = true;
    DL_FOREACH2(slot->leases, lease, next_in_slot)
    {
        if (!lease->chunk) continue;
        if (lease->chunk->batch->level >= level) {
            slot->is_cut = false; // what is more urgent still may come
            continue;
        }
        uint64_t end = lease->next + (lease == slot->leases);
        if (end < lease->end) dc_scheduler_take_back(self, lease, end, actions);
        slot->is_preempted = true;
    }
    slot->is_cut &= slot->is_preempted;
    dc_room_see(self, slot);
}

static void preempt_all(dc_core_t *self, dc_actions_t *actions)
{
    self->is_preempt_due = false;
    dc_slot_t *slot, *following;
    DL_FOREACH_SAFE2(self->guessing, slot, following, guess_next)
    {
        preempt(self, slot, actions);
    }
}

// --- who comes ---------------------------------------------------------------------------------

// Whether `lease`, which waits in its slot, is to wait for `batch`, which goes before others.
static bool makes_way(const dc_lease_t *lease, const dc_batch_t *batch)
{
    if (!lease->chunk || lease->next == lease->end) return false;
    const dc_batch_t *own = lease->chunk->batch;
    bool is_ahead = own->turn && own->turn->is_ahead;
    return own->level < batch->level || (own->level == batch->level && !is_ahead);
}

// How much of what waits in `slot` makes way for `batch`.
static double yielded_us(const dc_slot_t *slot, const dc_batch_t *batch)
{
    double us = 0;
    const dc_lease_t *lease = slot->leases->next_in_slot;
    for (; lease; lease = lease->next_in_slot) {
        us += makes_way(lease, batch) ? lease->cost_us : 0;
    }
    return us;
}

// Whether `slot` has no room for who is next there and goes before others, and is to make some.
static bool should_yield(const dc_slot_t *slot)
{
    if (!dc_room_can_accept(slot) || slot->has_yielded || slot->guess_count) return false;
    const dc_batch_t *batch = dc_turns_next(slot);
    return batch && batch->turn->is_ahead && yielded_us(slot, batch) >= DC_YIELD_US_MIN;
}

// Of the slots that should yield the one whose lease has run longest; NULL if there is none.
static dc_slot_t *find_yielding(const dc_core_t *self)
{
    dc_slot_t *best = NULL;
    size_t left = DC_SPARE_SLOTS_MAX;
    for (dc_slot_t *slot = self->busy; slot && left; slot = slot->busy_next, left--) {
        if (best && best->leases->since_ms <= slot->leases->since_ms) continue;
        if (should_yield(slot)) best = slot;
    }
    return best;
}

// Take back what waits in `slot` and makes way. Once for each lease that runs: so what is sent
// twice is at most what is computed.
static void yield(dc_core_t *self, dc_slot_t *slot, dc_actions_t *actions)
{
    const dc_batch_t *batch = dc_turns_next(slot);
    slot->has_yielded = true;
    for (dc_lease_t *lease = slot->leases->next_in_slot; lease; lease = lease->next_in_slot) {
        if (makes_way(lease, batch)) dc_scheduler_take_back(self, lease, lease->next, actions);
    }
    dc_room_see(self, slot);
}

// Who came and went before others is next in slots that have no room, behind what they are at.
static void yield_to_ahead(dc_core_t *self, dc_actions_t *actions)
{
    self->is_yield_due = false;
    bool is_any = dc_turns_are_ahead(&self->common);
    for (const dc_lane_t *lane = self->lanes; lane && !is_any; lane = lane->hh.next) {
        is_any = dc_turns_are_ahead(lane);
    }
    if (!is_any) return;
    dc_slot_t *slot;
    while ((slot = find_yielding(self))) {
        yield(self, slot, actions);
        if (self->is_dispatch_due) lease_ready(self, actions);
    }
}

// --- idle slots --------------------------------------------------------------------------------

// How many slots of those with `room` may be tried one after the other: what one of them may not be
// given of a verified batch, as it has computed it once already, another may.
static size_t count_tries(const dc_core_t *self, const dc_kind_t *kind, dc_room_t room,
                          bool is_thorough)
{
    size_t count = 0;
    if (!self->verified_count || !is_thorough) return 0;
    const dc_slot_t *slot = kind->with_room[room];
    for (; slot && count < DC_SPARE_SLOTS_MAX; slot = slot->room_next) {
        count++;
    }
    return count;
}

// Nothing was found for the first one of those with `room`: let the next one be the first. False if
// that is enough.
static bool try_next(dc_kind_t *kind, dc_room_t room, size_t *tries)
{
    dc_slot_t **list = &kind->with_room[room];
    dc_slot_t *first = *list;
    if (*tries == 0) return false;
    DL_DELETE2(*list, first, room_prev, room_next);
    DL_APPEND2(*list, first, room_prev, room_next);
    return --*tries > 0;
}

// Idle slots of `kind` get the tails of others' leases; nothing that they could be leased is ready.
// Where there are more busy slots than one search looks at, it goes on only once a tick: what is
// done for a message must not grow with the cluster.
static void steal_for(dc_core_t *self, dc_kind_t *kind, bool is_thorough, dc_actions_t *actions)
{
    size_t left = self->busy_count;
    size_t tries = count_tries(self, kind, DC_ROOM_IDLE, is_thorough);
    while (kind->with_room[DC_ROOM_IDLE] && left) {
        uint64_t end;
        dc_lease_t *victim = dc_spare_tail(self, kind->with_room[DC_ROOM_IDLE], &left, &end);
        if (!victim && !is_thorough) return;
        if (!victim && left) continue;
        if (!victim) {
            if (!try_next(kind, DC_ROOM_IDLE, &tries)) return;
            left = self->busy_count;
            continue;
        }
        left = dc_min_size(left + DC_SPARE_SLOTS_MAX, self->busy_count);
        dc_scheduler_take_back(self, victim, end, actions);
        // Nothing is ready if what was trimmed off had its answers already. A small share may leave
        // something for the next one.
        if (self->is_dispatch_due) lease_ready(self, actions);
    }
}

// Slots with nothing to do at all compute what others take too long for.
static void double_for(dc_core_t *self, dc_kind_t *kind, dc_room_t room, bool is_thorough,
                       dc_actions_t *actions)
{
    size_t tries = count_tries(self, kind, room, is_thorough);
    while (kind->with_room[room]) {
        dc_slot_t *idle = kind->with_room[room];
        dc_lease_t *straggler = dc_spare_straggler(self, idle, is_thorough);
        if (!straggler && try_next(kind, room, &tries)) continue;
        if (!straggler) return;
        dc_lease_t *copy = dc_ledger_double(self, idle, straggler);
        if (!copy) return;
        if (!send_lease(copy, actions)) {
            dc_ledger_end_lease(self, copy, 0);
            return;
        }
        dc_turns_spend(self, copy->chunk->batch, copy->slot, copy->cost_us + 1);
    }
}

static void use_idle(dc_core_t *self, dc_actions_t *actions)
{
    bool is_thorough = self->is_search_due;
    self->is_steal_due = self->is_search_due = false;
    self->look_ms = 0;
    for (dc_kind_t *kind = self->kinds; kind && self->lease_count; kind = kind->next) {
        steal_for(self, kind, is_thorough, actions);
        double_for(self, kind, DC_ROOM_IDLE, is_thorough, actions);
        double_for(self, kind, DC_ROOM_PLAIN, is_thorough, actions);
    }
    dc_ms_t wait_ms = dc_spare_wait_ms(self);
    if (wait_ms) self->look_ms = self->now + wait_ms;
}

void dc_scheduler_run(dc_core_t *self, dc_actions_t *actions)
{
    if (self->is_preempt_due) preempt_all(self, actions);
    if (self->is_dispatch_due) lease_ready(self, actions);
    if (self->is_yield_due) yield_to_ahead(self, actions);
    bool is_time = self->look_ms && self->now >= self->look_ms;
    if (self->is_steal_due || is_time) use_idle(self, actions);
}
