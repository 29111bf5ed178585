#include "broker/core/jobs/forked.h"

#include "broker/core/jobs/ledger.h"
#include "broker/core/schedule/ready.h"
#include "broker/core/schedule/turns.h"

static void count_forked(dc_core_t *self, dc_batch_t *batch, int64_t change)
{
    batch->forked_count += (uint64_t)change;
    self->forked_count += (uint64_t)change;
}

static void count_part(dc_core_t *self, dc_batch_t *batch, int64_t change)
{
    batch->part_count += (uint64_t)change;
    if (batch->turn) batch->turn->part_count += (uint64_t)change;
    self->part_count += (uint64_t)change;
    self->job_count += (uint64_t)change;
}

bool dc_forked_reserve(dc_core_t *self, uint32_t count)
{
    return dc_ready_reserve(self, count);
}

// --- parts -------------------------------------------------------------------------------------

static void open_part(dc_core_t *self, dc_part_t *part)
{
    dc_chunk_t *chunk = part->chunk;
    part->number = ++self->part_number;
    DL_APPEND(chunk->batch->parts, part);
    count_part(self, chunk->batch, 1);
    self->memory_bytes += chunk->held_bytes;
    dc_ready_add(self, chunk, chunk->first, dc_chunk_end(chunk));
}

void dc_forked_close(dc_core_t *self, dc_part_t *part, dc_actions_t *actions)
{
    dc_chunk_t *chunk = part->chunk;
    if (!chunk) return;
    dc_batch_t *batch = chunk->batch;
    dc_ledger_clear_chunk(self, chunk, actions);
    DL_DELETE(batch->parts, part);
    count_part(self, batch, -1);
    dc_chunk_destroy(&part->chunk, &self->pools);
}

// --- forks -------------------------------------------------------------------------------------

void dc_forked_add(dc_core_t *self, dc_fork_t *fork)
{
    DL_APPEND(fork->chunk->forks, fork);
    count_forked(self, fork->chunk->batch, 1);
    self->memory_bytes += fork->held_bytes;
    if (fork->root == fork) {
        // It has run until now.
        fork->since_ms = self->now - dc_min_u64(self->now, fork->spent_us / 1000);
        DL_APPEND2(self->trees, fork, tree_prev, tree_next);
    }
    // What is made ready last is leased first.
    for (uint32_t i = fork->child_count; i-- > 0;) {
        open_part(self, &fork->parts[i]);
    }
    dc_turns_see(self, fork->chunk->batch);
}

static void remove_fork(dc_core_t *self, dc_fork_t *fork, dc_actions_t *actions)
{
    for (uint32_t i = 0; i <= fork->child_count; i++) {
        dc_forked_close(self, &fork->parts[i], actions);
    }
    DL_DELETE(fork->chunk->forks, fork);
    if (fork->root == fork) DL_DELETE2(self->trees, fork, tree_prev, tree_next);
    count_forked(self, fork->chunk->batch, -1);
    self->memory_bytes -= fork->held_bytes;
    dc_fork_destroy(&fork, &self->pools);
}

void dc_forked_take(dc_core_t *self, dc_chunk_t *chunk, uint64_t first, uint64_t end,
                    dc_actions_t *actions)
{
    dc_fork_t *fork, *following;
    DL_FOREACH_SAFE(chunk->forks, fork, following)
    {
        if (first <= fork->index && fork->index < end) remove_fork(self, fork, actions);
    }
}

// --- results -----------------------------------------------------------------------------------

bool dc_forked_keep(dc_core_t *self, dc_part_t *child, const dc_slice_t *result)
{
    dc_fork_t *fork = child->fork;
    self->memory_bytes -= fork->held_bytes;
    bool is_kept = dc_fork_keep(fork, child, result);
    self->memory_bytes += fork->held_bytes;
    return is_kept;
}

bool dc_forked_fail(dc_core_t *self, dc_part_t *child, const dc_slice_t *failure,
                    uint32_t faults_bytes, dc_actions_t *actions)
{
    dc_fork_t *fork = child->fork;
    self->memory_bytes -= fork->held_bytes;
    bool is_kept = dc_fork_fail(fork, child, failure, faults_bytes);
    self->memory_bytes += fork->held_bytes;
    if (!is_kept) return false;
    for (uint32_t i = fork->wanted; i < fork->child_count; i++) {
        dc_forked_close(self, &fork->parts[i], actions);
    }
    return true;
}

bool dc_forked_join(dc_core_t *self, dc_fork_t *fork)
{
    if (!dc_forked_reserve(self, 1)) return false;
    self->memory_bytes -= fork->held_bytes;
    bool is_made = dc_fork_make_join(fork, &self->pools);
    self->memory_bytes += fork->held_bytes;
    if (!is_made) return false;
    open_part(self, &fork->parts[fork->child_count]);
    dc_turns_see(self, fork->chunk->batch);
    return true;
}
