#include "broker/ledger.h"

#include "broker/allowance.h"
#include "broker/forked.h"
#include "broker/measure.h"
#include "broker/needs.h"
#include "broker/ready.h"
#include "broker/turns.h"
#include "broker/verify.h"

static void count_waiting(dc_core_t *self, dc_chunk_t *chunk, bool is_waiting)
{
    int64_t change = is_waiting ? (int64_t)chunk->count : -(int64_t)chunk->count;
    chunk->batch->waiting_count += (uint64_t)change;
    self->waiting_count += (uint64_t)change;
    self->waiting_chunks += is_waiting ? 1 : UINT64_MAX;
    chunk->is_waiting = is_waiting;
}

// Who takes less than so many times as long as usual is fast.
#define FAST 0.75

static void count_leased(dc_core_t *self, dc_batch_t *batch, int64_t change)
{
    batch->leased_count += (uint64_t)change;
    self->leased_count += (uint64_t)change;
}

static void count_answered(dc_core_t *self, dc_batch_t *batch, int64_t change)
{
    batch->answered_count += (uint64_t)change;
    self->answered_count += (uint64_t)change;
}

// --- room --------------------------------------------------------------------------------------

bool dc_ledger_can_accept(const dc_slot_t *slot)
{
    if (slot->is_draining || slot->is_preempted || slot->is_short) return false;
    return !slot->is_loaded || slot->kind->fit_count == 0;
}

static dc_room_t room_of(const dc_slot_t *slot)
{
    if (!dc_ledger_can_accept(slot)) return DC_ROOM_NONE;
    if (slot->is_plain) return slot->lease_count ? DC_ROOM_NONE : DC_ROOM_PLAIN;
    if (slot->lease_count == 0) return DC_ROOM_IDLE;
    if (slot->lease_count >= DC_SLOT_LEASES_MAX) return DC_ROOM_NONE;
    // A job whose cost is not known may take minutes, and all that waits behind it likewise.
    bool is_short = slot->work_us < DC_SLOT_WORK_US && slot->guess_count == 0;
    bool hides_latency = slot->lease_count < DC_SLOT_LEASES_MIN && slot->work_us < DC_SLOT_LONG_US;
    return is_short || hides_latency ? DC_ROOM_SOME : DC_ROOM_NONE;
}

// Whether work is offered to `slot` before others with as much room.
static bool is_preferred(const dc_slot_t *slot)
{
    return slot->pace < FAST && slot->beat.load < DC_LOAD_LOW;
}

static void count_idle(dc_kind_t *kind, int32_t change)
{
    for (size_t i = 0; i < kind->lane_count; i++) {
        kind->lanes[i]->idle_count += (uint32_t)change;
    }
}

static void see_busy(dc_core_t *self, dc_slot_t *slot)
{
    bool is_in = slot->busy_prev != NULL;
    bool should = slot->lease_count > 0;
    if (is_in == should) return;
    dc_slot_t **list = slot->is_plain ? &self->busy_plain : &self->busy;
    if (should) {
        DL_APPEND2(*list, slot, busy_prev, busy_next);
    } else {
        DL_DELETE2(*list, slot, busy_prev, busy_next);
        slot->busy_prev = NULL;
    }
    if (!slot->is_plain) self->busy_count += should ? 1 : (size_t)-1;
}

static void see_guessing(dc_core_t *self, dc_slot_t *slot)
{
    bool is_in = slot->guess_prev != NULL;
    bool should = !slot->is_plain && slot->guess_count && !slot->is_cut;
    if (should && !is_in) DL_APPEND2(self->guessing, slot, guess_prev, guess_next);
    if (should || !is_in) return;
    DL_DELETE2(self->guessing, slot, guess_prev, guess_next);
    slot->guess_prev = NULL;
}

static void see_list(dc_core_t *self, dc_slot_t *slot)
{
    dc_room_t room = room_of(slot);
    if (room == slot->room) return;
    dc_slot_t **lists = slot->kind->with_room;
    if (slot->room != DC_ROOM_NONE) DL_DELETE2(lists[slot->room], slot, room_prev, room_next);
    if (slot->room == DC_ROOM_IDLE) count_idle(slot->kind, -1);
    slot->room = room;
    if (room == DC_ROOM_NONE) return;
    if (is_preferred(slot)) {
        DL_PREPEND2(lists[room], slot, room_prev, room_next);
    } else {
        DL_APPEND2(lists[room], slot, room_prev, room_next);
    }
    self->is_dispatch_due = true;
    if (room != DC_ROOM_IDLE) return;
    count_idle(slot->kind, 1);
    self->is_steal_due = true;
}

// Count `slot` among those of its kind that are fit, or not. With the first and the last one it changes
// whether those that are loaded have to do.
static void see_fitness(dc_core_t *self, dc_slot_t *slot)
{
    dc_kind_t *kind = slot->kind;
    bool is_fit = !slot->is_plain && !slot->is_draining && !slot->is_loaded && !slot->is_short;
    if (is_fit == slot->is_fit) return;
    slot->is_fit = is_fit;
    uint32_t before = kind->fit_count;
    kind->fit_count = is_fit ? before + 1 : before - 1;
    if (before && kind->fit_count) return;
    for (dc_slot_t *other = self->slots; other; other = other->hh.next) {
        if (other->kind == kind && other->is_loaded) see_list(self, other);
    }
}

void dc_ledger_see_room(dc_core_t *self, dc_slot_t *slot)
{
    slot->is_preempted &= slot->lease_count > 0;
    slot->is_cut &= slot->lease_count > 0;
    see_busy(self, slot);
    see_guessing(self, slot);
    see_list(self, slot);
    see_fitness(self, slot);
}

// --- chunks ------------------------------------------------------------------------------------

bool dc_ledger_add_chunk(dc_core_t *self, dc_chunk_t *chunk)
{
    dc_batch_t *batch = chunk->batch;
    if (!dc_ready_reserve(self, 1) || !dc_batch_insert(batch, chunk)) return false;
    chunk->arrived_us = self->now_us;
    batch->fed_ms = self->now;
    self->job_count += chunk->count;
    if (batch->client) batch->client->job_count += chunk->count;
    self->memory_bytes += chunk->held_bytes;
    if (chunk->is_waiting) {
        count_waiting(self, chunk, true); // with the node that was reserved
    } else {
        dc_ready_add(self, chunk, chunk->first, dc_chunk_end(chunk));
    }
    return true;
}

void dc_ledger_release(dc_core_t *self, dc_chunk_t *chunk)
{
    assert(chunk->is_waiting);
    count_waiting(self, chunk, false);
    chunk->arrived_us = self->now_us; // it has waited for others until now, and not for a slot
    dc_ready_add(self, chunk, chunk->first, dc_chunk_end(chunk));
}

bool dc_ledger_join(dc_core_t *self, dc_chunk_t *chunk, dc_str_t line)
{
    assert(dc_chunk_is_fresh(chunk));
    self->memory_bytes -= chunk->held_bytes;
    bool is_joined = dc_chunk_join(chunk, line);
    self->memory_bytes += chunk->held_bytes;
    if (!is_joined) return false;
    if (chunk->arrived_us < self->now_us) {
        chunk->arrived_us += (self->now_us - chunk->arrived_us) / chunk->count;
    }
    self->job_count++;
    chunk->batch->client->job_count++;
    dc_ready_extend(self, chunk);
    return true;
}

// What the lease has is its twin's alone from now on. False if it has none.
static bool leave_to_twin(dc_core_t *self, dc_lease_t *lease)
{
    dc_lease_t *twin = lease->twin;
    if (!twin) return false;
    dc_lease_t *copy = lease->is_double ? lease : twin;
    DL_DELETE2(self->doubles, copy, double_prev, double_next);
    lease->twin = twin->twin = NULL;
    lease->is_double = twin->is_double = false;
    lease->open = 0;
    return true;
}

void dc_ledger_void_lease(dc_core_t *self, dc_lease_t *lease)
{
    dc_chunk_t *chunk = lease->chunk;
    if (!leave_to_twin(self, lease)) count_leased(self, chunk->batch, -(int64_t)lease->open);
    if (chunk->batch->client) chunk->batch->client->expected_bytes -= lease->expected_bytes;
    DL_DELETE2(chunk->leases, lease, chunk_prev, chunk_next);
    lease->chunk = NULL;
    lease->open = 0;
    lease->end = lease->next;
}

static void tell_trim(const dc_lease_t *lease, dc_actions_t *actions)
{
    dc_cmd_t trim = { .type = DC_CMD_TRIM, .trim = { .id = lease->id, .end = lease->end } };
    dc_actions_to_worker(actions, lease->slot->peer, &trim);
}

static void void_and_trim(dc_core_t *self, dc_lease_t *lease, dc_actions_t *actions)
{
    bool is_told = lease->slot->is_plain || lease->next == lease->end;
    dc_ledger_void_lease(self, lease);
    if (!is_told) tell_trim(lease, actions);
}

void dc_ledger_clear_chunk(dc_core_t *self, dc_chunk_t *chunk, dc_actions_t *actions)
{
    while (chunk->leases) {
        void_and_trim(self, chunk->leases, actions);
    }
    if (chunk->is_waiting) count_waiting(self, chunk, false);
    dc_needs_leave(self, chunk);
    dc_ready_drop(self, chunk);
    dc_forked_take(self, chunk, chunk->first, dc_chunk_end(chunk), actions);
    count_answered(self, chunk->batch, -(int64_t)chunk->answered.count);
    self->memory_bytes -= chunk->held_bytes;
}

void dc_ledger_drop_chunk(dc_core_t *self, dc_batch_t *batch, size_t at, dc_actions_t *actions)
{
    dc_chunk_t *chunk = dc_batch_chunk(batch, at);
    dc_ledger_clear_chunk(self, chunk, actions);
    self->job_count -= chunk->count;
    batch->failed_count -= chunk->failed_count;
    dc_client_t *client = batch->client;
    if (client) {
        client->unacked_bytes -= chunk->result_bytes;
        client->job_count -= chunk->count;
        if (client->peer == chunk->payer) client->freed_bytes += chunk->cost_bytes;
        self->is_dispatch_due = true;
    }
    dc_batch_remove(batch, at);
    dc_chunk_destroy(&chunk, &self->pools);
}

// --- leases ------------------------------------------------------------------------------------

double dc_ledger_cost_us(const dc_batch_t *batch, uint64_t count)
{
    double job_us = batch->job_us > 0 ? batch->job_us : batch->client ? batch->client->job_us : 0;
    return job_us * (double)count;
}

static double usual_cost(const dc_chunk_t *chunk, uint64_t count)
{
    if (chunk->part) return chunk->batch->part_us * (double)count;
    return dc_ledger_cost_us(chunk->batch, count);
}

static double cost_of(const dc_slot_t *slot, const dc_chunk_t *chunk, uint64_t count)
{
    return usual_cost(chunk, count) * slot->pace;
}

// How many bytes of results the client is to expect of `count` jobs. Those of parts stay here.
static double results_of(const dc_chunk_t *chunk, uint64_t count)
{
    double mean = chunk->batch->result_bytes > 0 ? chunk->batch->result_bytes : 16;
    return chunk->part ? 0 : mean * (double)count;
}

static uint64_t draw_id(dc_core_t *self)
{
    uint64_t id = dc_rng_u64(&self->rng);
    return id ? id : 1;
}

// Where a lease of at most `count_max` jobs ends that begins with `node`.
static uint64_t lease_end(const dc_ready_t *node, uint64_t count_max)
{
    uint64_t end = dc_chunk_lease_end(node->chunk, node->first, node->end);
    return end - node->first > count_max ? node->first + count_max : end;
}

static uint8_t count_attempt(const dc_chunk_t *chunk, uint64_t first, uint64_t count)
{
    const dc_suspect_t *suspect = count == 1 ? dc_chunk_suspect(chunk, first) : NULL;
    uint64_t attempts = suspect ? UINT64_C(1) + suspect->crashes + suspect->losses : 1;
    return (uint8_t)dc_min_u64(attempts, UINT8_MAX);
}

static dc_lease_t *allocate_lease(dc_core_t *self)
{
    dc_lease_t *lease = dc_pool_take(&self->pools.leases);
    if (lease && dc_ready_reserve(self, DC_READY_PER_LEASE * (self->lease_count + 1))) return lease;
    dc_pool_give(&self->pools.leases, lease);
    return NULL;
}

// Count a new lease and put it where it belongs; its jobs are not ready any more.
static void enter_lease(dc_core_t *self, dc_lease_t *lease)
{
    dc_chunk_t *chunk = lease->chunk;
    dc_slot_t *slot = lease->slot;
    if (!lease->is_double) count_leased(self, chunk->batch, (int64_t)lease->open);
    if (chunk->batch->client) chunk->batch->client->expected_bytes += lease->expected_bytes;
    DL_APPEND2(chunk->leases, lease, chunk_prev, chunk_next);
    DL_APPEND2(slot->leases, lease, prev, next_in_slot);
    slot->lease_count++;
    slot->guess_count += lease->is_guess;
    slot->work_us += lease->cost_us;
    self->lease_count++;
    dc_ledger_see_room(self, slot);
}

// How many jobs of the lease, which is new, were never leased before: each begins once. Parts of a
// job are none.
static uint64_t begin_jobs(const dc_lease_t *lease)
{
    dc_chunk_t *chunk = lease->chunk;
    uint64_t first = dc_max_u64(chunk->begun, lease->next);
    if (chunk->part || first >= lease->end) return 0;
    chunk->begun = lease->end;
    return lease->end - first;
}

dc_lease_t *dc_ledger_lease(dc_core_t *self, dc_slot_t *slot, dc_batch_t *batch, uint64_t count_max)
{
    dc_lease_t *lease = allocate_lease(self);
    if (!lease) return NULL;
    dc_ready_t *node = slot->is_plain          ? batch->ready
                       : dc_is_verified(batch) ? dc_verify_next(batch, slot)
                                               : dc_batch_next_ready(batch);
    uint64_t end = lease_end(node, count_max);
    uint64_t count = end - node->first;
    *lease = (dc_lease_t){
        .id = draw_id(self),
        .slot = slot,
        .chunk = node->chunk,
        .next = node->first,
        .end = end,
        .offered_end = end,
        .open = count,
        .cost_us = cost_of(slot, node->chunk, count),
        .is_guess = cost_of(slot, node->chunk, count) <= 0,
        .expected_bytes = results_of(node->chunk, count),
        .since_ms = self->now,
        .given_us = self->now_us,
        .attempt = count_attempt(node->chunk, node->first, count),
    };
    dc_ready_carve(self, node, node->first, end);
    dc_turns_see(self, batch);
    enter_lease(self, lease);
    uint64_t begun = begin_jobs(lease);
    dc_measure_begun(self, lease->chunk, begun);
    dc_allowance_spend(self, batch->client, begun);
    return lease;
}

dc_lease_t *dc_ledger_double(dc_core_t *self, dc_slot_t *slot, dc_lease_t *lease)
{
    assert(!lease->twin && lease->open == 1 && lease->end == lease->next + 1);
    dc_lease_t *copy = allocate_lease(self);
    if (!copy) return NULL;
    *copy = (dc_lease_t){
        .id = draw_id(self),
        .slot = slot,
        .chunk = lease->chunk,
        .next = lease->next,
        .end = lease->end,
        .offered_end = lease->end,
        .open = 1,
        .cost_us = cost_of(slot, lease->chunk, 1),
        .is_guess = cost_of(slot, lease->chunk, 1) <= 0,
        .expected_bytes = results_of(lease->chunk, 1),
        .since_ms = self->now,
        .given_us = self->now_us,
        .attempt = lease->attempt,
        .is_double = true,
        .twin = lease,
    };
    lease->twin = copy;
    DL_APPEND2(self->doubles, copy, double_prev, double_next);
    self->doubled_count++;
    enter_lease(self, copy);
    return copy;
}

// What is left of the lease should take `cost_us`; its client pays, or gets back, the difference.
static void set_cost(dc_core_t *self, dc_lease_t *lease, double cost_us)
{
    double more_us = cost_us - lease->cost_us;
    lease->cost_us = cost_us;
    lease->slot->work_us += more_us;
    dc_turns_spend(self, lease->chunk->batch, lease->slot, more_us);
}

void dc_ledger_give_back(dc_core_t *self, dc_lease_t *lease, uint64_t first, uint64_t end)
{
    dc_range_t gap = { .end = first };
    while (dc_ranges_next_gap(&lease->chunk->answered, gap.end, end, &gap)) {
        uint64_t count = gap.end - gap.first;
        lease->open -= count;
        count_leased(self, lease->chunk->batch, -(int64_t)count);
        dc_ready_add(self, lease->chunk, gap.first, gap.end);
    }
}

void dc_ledger_trim(dc_core_t *self, dc_lease_t *lease, uint64_t end)
{
    assert(lease->next <= end && end <= lease->end);
    uint64_t old_end = lease->end;
    dc_range_t gap = { .end = end < old_end && leave_to_twin(self, lease) ? old_end : end };
    lease->end = end;
    if (gap.end < old_end) dc_ledger_give_back(self, lease, gap.end, old_end);
    double cost_us = cost_of(lease->slot, lease->chunk, end - lease->next);
    if (cost_us < lease->cost_us) set_cost(self, lease, cost_us);
}

void dc_ledger_end_double(dc_core_t *self, dc_lease_t *lease, dc_actions_t *actions)
{
    assert(lease->twin);
    dc_ledger_trim(self, lease, lease->next);
    if (!lease->slot->is_plain) tell_trim(lease, actions);
    dc_ledger_see_room(self, lease->slot);
}

void dc_ledger_price(dc_core_t *self, dc_lease_t *lease)
{
    set_cost(self, lease, cost_of(lease->slot, lease->chunk, lease->end - lease->next));
    lease->slot->guess_count -= lease->is_guess;
    lease->is_guess = false;
    dc_ledger_see_room(self, lease->slot);
}

void dc_ledger_end_lease(dc_core_t *self, dc_lease_t *lease, uint64_t cut)
{
    dc_slot_t *slot = lease->slot;
    dc_chunk_t *chunk = lease->chunk;
    bool was_running = slot->leases == lease;
    if (chunk) {
        if (lease->next < cut && cut < lease->end) dc_ledger_trim(self, lease, cut);
        dc_ledger_trim(self, lease, lease->next);
        if (chunk->batch->client) chunk->batch->client->expected_bytes -= lease->expected_bytes;
        DL_DELETE2(chunk->leases, lease, chunk_prev, chunk_next);
    }
    DL_DELETE2(slot->leases, lease, prev, next_in_slot);
    slot->lease_count--;
    slot->guess_count -= lease->is_guess;
    slot->work_us = slot->lease_count ? slot->work_us - lease->cost_us : 0;
    if (was_running) slot->has_yielded = false;
    if (was_running && slot->leases) slot->leases->since_ms = self->now;
    self->lease_count--;
    dc_pool_give(&self->pools.leases, lease);
    self->is_dispatch_due = true;
    dc_ledger_see_room(self, slot);
}

// --- answers -----------------------------------------------------------------------------------

// Nobody else goes on with the jobs [first, end), which some slot has answered.
static void end_doubles(dc_core_t *self, const dc_chunk_t *chunk, uint64_t first, uint64_t end,
                        dc_actions_t *actions)
{
    dc_lease_t *lease;
    DL_FOREACH2(chunk->leases, lease, chunk_next)
    {
        bool is_answered = first <= lease->next && lease->next < end;
        if (lease->is_double && is_answered) dc_ledger_end_double(self, lease, actions);
    }
}

// Take [first, end), of which nothing was answered, from whoever has it. One spare node is needed.
static void take_from_holders(dc_core_t *self, dc_chunk_t *chunk, uint64_t first, uint64_t end,
                              dc_actions_t *actions)
{
    dc_ready_take(self, chunk, first, end);
    dc_forked_take(self, chunk, first, end, actions);
    if (self->doubles) end_doubles(self, chunk, first, end, actions);
    dc_lease_t *lease;
    DL_FOREACH2(chunk->leases, lease, chunk_next)
    {
        uint64_t low = dc_max_u64(first, lease->next);
        uint64_t high = dc_min_u64(end, lease->end);
        if (low >= high) continue;
        lease->open -= high - low;
        count_leased(self, chunk->batch, -(int64_t)(high - low));
    }
}

static bool answer_gap(dc_core_t *self, dc_chunk_t *chunk, dc_range_t gap, dc_ranges_t *fresh,
                       dc_actions_t *actions)
{
    if (!dc_ready_reserve(self, 1) || !dc_ranges_add(fresh, gap.first, gap.end)) return false;
    if (!dc_ranges_add(&chunk->answered, gap.first, gap.end)) {
        // Cutting off the end needs no memory.
        bool is_removed = dc_ranges_remove(fresh, gap.first, gap.end);
        assert(is_removed);
        (void)is_removed;
        return false;
    }
    take_from_holders(self, chunk, gap.first, gap.end, actions);
    count_answered(self, chunk->batch, (int64_t)(gap.end - gap.first));
    self->done_count += gap.end - gap.first;
    return true;
}

// Its inputs are of no more use.
static void drop_data(dc_core_t *self, dc_chunk_t *chunk)
{
    dc_needs_leave(self, chunk);
    size_t bytes = chunk->data_bytes;
    chunk->data_bytes = 0;
    dc_slice_drop(&chunk->data);
    chunk->held_bytes -= bytes;
    self->memory_bytes -= bytes;
}

bool dc_ledger_answer(dc_core_t *self, dc_chunk_t *chunk, uint64_t first, uint64_t end,
                      dc_ranges_t *fresh, dc_actions_t *actions)
{
    bool is_whole = true;
    dc_range_t gap = { .end = first };
    while (is_whole && dc_ranges_next_gap(&chunk->answered, gap.end, end, &gap)) {
        is_whole = answer_gap(self, chunk, gap, fresh, actions);
    }
    dc_turns_see(self, chunk->batch);
    if (dc_chunk_is_answered(chunk)) {
        drop_data(self, chunk);
        // What comes behind it is what its client waits for now, and may be leased for that.
        self->is_dispatch_due = true;
    }
    return is_whole;
}

void dc_ledger_fork(dc_core_t *self, dc_lease_t *lease, struct dc_fork *fork)
{
    assert(lease->chunk == fork->chunk && lease->next == fork->index && lease->open);
    lease->open--;
    lease->next++;
    count_leased(self, lease->chunk->batch, -1);
    dc_forked_add(self, fork);
}

// Who holds job `index`; NULL if it is in no lease. `*until` is how far that holds, at most.
static dc_lease_t *holder_of(const dc_chunk_t *chunk, uint64_t index, uint64_t *until)
{
    dc_lease_t *lease;
    dc_lease_t *holder = NULL;
    DL_FOREACH2(chunk->leases, lease, chunk_next)
    {
        if (index >= lease->end || lease->next == lease->end) continue;
        if (lease->next <= index) holder = lease;
        *until = dc_min_u64(*until, lease->next <= index ? lease->end : lease->next);
    }
    return holder;
}

// Jobs of `run` were answered and are not any more. A lease that still covers some of them will
// answer them again; the others are ready. Nodes have been reserved.
static void reopen_run(dc_core_t *self, dc_chunk_t *chunk, dc_range_t run)
{
    while (run.first < run.end) {
        uint64_t until = run.end;
        dc_lease_t *holder = holder_of(chunk, run.first, &until);
        if (holder) {
            holder->open += until - run.first;
            count_leased(self, chunk->batch, (int64_t)(until - run.first));
        } else {
            dc_ready_add(self, chunk, run.first, until);
        }
        run.first = until;
    }
}

static size_t count_leases(const dc_chunk_t *chunk)
{
    size_t count = 0;
    const dc_lease_t *lease;
    DL_FOREACH2(chunk->leases, lease, chunk_next)
    {
        count++;
    }
    return count;
}

bool dc_ledger_reopen(dc_core_t *self, dc_chunk_t *chunk, uint64_t first, uint64_t end)
{
    dc_range_t run = { .end = first };
    while (dc_ranges_next_run(&chunk->answered, run.end, end, &run)) {
        if (!dc_ready_reserve(self, 1 + count_leases(chunk))) return false;
        if (!dc_ranges_remove(&chunk->answered, run.first, run.end)) return false;
        count_answered(self, chunk->batch, -(int64_t)(run.end - run.first));
        dc_measure_reopened(chunk);
        reopen_run(self, chunk, run);
    }
    return true;
}
