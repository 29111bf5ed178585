#include "broker/core/jobs/answered.h"

#include "broker/core/jobs/forked.h"
#include "broker/core/jobs/ledger.h"
#include "broker/core/jobs/needs.h"
#include "broker/core/report/measure.h"
#include "broker/core/schedule/ready.h"
#include "broker/core/schedule/turns.h"

static void count_answered(dc_core_t *self, dc_batch_t *batch, int64_t change)
{
    batch->answered_count += (uint64_t)change;
    self->answered_count += (uint64_t)change;
}

// --- with results ------------------------------------------------------------------------------

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

// Take [first, end), of which nothing was answered, from whoever has it. A spare node is needed,
// since one range may have all of it inside.
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
        if (lease->next < first && end < lease->end) dc_ledger_keep_nodes(self, lease, 1);
        dc_ledger_count_open(self, lease, -(int64_t)(high - low));
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

bool dc_answered_add(dc_core_t *self, dc_chunk_t *chunk, uint64_t first, uint64_t end,
                     dc_ranges_t *fresh, dc_actions_t *actions)
{
    bool is_whole = true;
    dc_range_t gap = { .end = first };
    while (is_whole && dc_ranges_next_gap(&chunk->answered, gap.end, end, &gap)) {
        is_whole = answer_gap(self, chunk, gap, fresh, actions);
    }
    dc_turns_see(self, chunk->batch);
    if (dc_chunk_is_answered(chunk)) drop_data(self, chunk);
    return is_whole;
}

void dc_answered_forget(dc_core_t *self, dc_chunk_t *chunk)
{
    count_answered(self, chunk->batch, -(int64_t)chunk->answered.count);
}

// --- without after all -------------------------------------------------------------------------

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
            size_t node_count = dc_ready_divide(chunk, run.first, until);
            dc_ledger_keep_nodes(self, holder, (uint32_t)node_count);
            dc_ledger_count_open(self, holder, (int64_t)(until - run.first));
        } else {
            dc_ready_add(self, chunk, run.first, until);
        }
        run.first = until;
    }
    dc_turns_see(self, chunk->batch);
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

bool dc_answered_reopen(dc_core_t *self, dc_chunk_t *chunk, uint64_t first, uint64_t end)
{
    dc_range_t run = { .end = first };
    while (dc_ranges_next_run(&chunk->answered, run.end, end, &run)) {
        // Leases divide it as well as votes do.
        size_t node_count = dc_ready_divide(chunk, run.first, run.end);
        if (!dc_ready_reserve(self, node_count + 2 * count_leases(chunk))) return false;
        if (!dc_ranges_remove(&chunk->answered, run.first, run.end)) return false;
        count_answered(self, chunk->batch, -(int64_t)(run.end - run.first));
        dc_measure_reopened(chunk);
        reopen_run(self, chunk, run);
    }
    return true;
}
