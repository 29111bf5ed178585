#include "broker/core/slots/loss.h"

#include "broker/core/clients/deliver.h"
#include "broker/core/clients/sessions.h"
#include "broker/core/jobs/fork.h"
#include "broker/core/jobs/ledger.h"
#include "broker/core/jobs/packed.h"
#include "broker/core/jobs/tree.h"
#include "broker/core/slots/registry.h"

// A job that was named in this many obituaries fails: in a block first, then alone.
#define CRASHES_MAX 2

// When a plain worker's job is given to others. A slot of ours ends its jobs itself, and nobody
// does so for a plain worker: it has as long, and some seconds more for whatever else it has to do.
#define OVERDUE_MS (DC_JOB_TIMEOUT_MS + 5000)

// It may end the batch: `chunk` may be gone afterwards.
static void fail_lost(dc_core_t *self, dc_chunk_t *chunk, uint64_t index, dc_actions_t *actions)
{
    dc_actions_log(actions, DC_LOG_WARN, "job failed batch=b%llu job=%llu error=worker-lost",
                   (unsigned long long)chunk->batch->number, (unsigned long long)index);
    dc_diag_t diag;
    dc_batch_t *batch = chunk->batch;
    dc_diag_set(&diag, DC_ERR_LOST, 0, 0, "%s", dc_err_text(DC_ERR_LOST));
    dc_tree_fail(self, chunk, index, &diag, actions);
    dc_deliver_end(self, batch, actions);
}

// Job `index`, alone in its lease, was lost, nobody knows why. That is counted, and it fails when
// that was once too often, which may end the batch.
static void count_loss(dc_core_t *self, dc_chunk_t *chunk, uint64_t index, dc_actions_t *actions)
{
    dc_suspect_t *suspect = dc_chunk_make_suspect(chunk, index);
    if (!suspect) return;
    suspect->losses++;
    if (suspect->losses > chunk->batch->retries) fail_lost(self, chunk, index, actions);
}

// The lease was running when its slot was lost, nobody knows why.
static void blame_lease(dc_core_t *self, dc_lease_t *lease, dc_actions_t *actions)
{
    dc_chunk_t *chunk = lease->chunk;
    uint64_t index = lease->next;
    uint64_t count = lease->end - lease->next;
    dc_ledger_end_lease(self, lease, index + count / 2);
    if (count == 1 && !dc_ranges_has(&chunk->answered, index)) {
        count_loss(self, chunk, index, actions);
    }
}

// Give the work of `slot` to others and forget it; the shell is not told.
static void lose(dc_core_t *self, dc_slot_t *slot, dc_blame_t blame, const char *why,
                 dc_actions_t *actions)
{
    dc_log_level_t level = blame == DC_BLAME_NOBODY ? DC_LOG_INFO : DC_LOG_WARN;
    dc_actions_log(actions, level, "slot lost id=s%llu worker=%s why=%s silent_ms=%llu leases=%u",
                   (unsigned long long)slot->number, slot->name, why,
                   (unsigned long long)(self->now - slot->heard_ms), slot->lease_count);
    self->lost_count++;
    dc_registry_bury(self, slot);
    slot->is_draining = true; // it gets nothing back
    while (slot->leases) {
        dc_lease_t *lease = slot->leases->prev; // the newest
        bool is_running = lease == slot->leases && lease->chunk && lease->open;
        if (is_running && blame == DC_BLAME_RUNNING) {
            blame_lease(self, lease, actions);
        } else {
            dc_ledger_end_lease(self, lease, 0);
        }
    }
    dc_registry_remove(self, slot);
}

void dc_loss_of_slot(dc_core_t *self, dc_slot_t *slot, dc_blame_t blame, const char *why,
                     dc_actions_t *actions)
{
    dc_peer_t peer = slot->peer;
    lose(self, slot, blame, why, actions);
    dc_actions_forget_worker(actions, peer);
}

void dc_loss_of_session(dc_core_t *self, dc_slot_t *slot, const char *why, dc_actions_t *actions)
{
    lose(self, slot, DC_BLAME_NOBODY, why, actions);
}

// --- jobs that are overdue ---------------------------------------------------------------------

static bool is_overdue(const dc_core_t *self, const dc_lease_t *lease)
{
    return lease->open && self->now - lease->since_ms > OVERDUE_MS;
}

// The slot keeps its lease, of which nothing is left: so it has no room, and what it answers at
// last is a result like any other.
static void share_overdue(dc_core_t *self, dc_lease_t *lease, dc_actions_t *actions)
{
    dc_actions_log(actions, DC_LOG_WARN, "job overdue slot=s%llu worker=%s ms=%llu",
                   (unsigned long long)lease->slot->number, lease->slot->name,
                   (unsigned long long)(self->now - lease->since_ms));
    dc_ledger_trim(self, lease, lease->next);
    count_loss(self, lease->chunk, lease->next, actions);
}

void dc_loss_of_overdue(dc_core_t *self, dc_actions_t *actions)
{
    dc_slot_t *slot;
    DL_FOREACH2(self->busy_plain, slot, busy_next)
    {
        if (is_overdue(self, slot->leases)) share_overdue(self, slot->leases, actions);
    }
}

// --- obituaries --------------------------------------------------------------------------------

static dc_chunk_t *find_part(const dc_batch_t *batch, uint64_t number)
{
    dc_part_t *part = NULL;
    DL_SEARCH_SCALAR(batch->parts, part, number, number);
    return part ? part->chunk : NULL;
}

static dc_chunk_t *find_chunk(dc_core_t *self, const dc_grave_lease_t *lease, uint64_t index)
{
    dc_batch_t *batch = lease->client ? dc_sessions_plain(self, lease->client, lease->batch)
                                      : dc_sessions_by_number(self, lease->batch);
    if (!batch) return NULL;
    if (lease->part) return find_part(batch, lease->part);
    // It came again since.
    if (!dc_packed_open(self, batch, index + 1)) return NULL;
    size_t at = dc_batch_find(batch, index);
    if (at == dc_batch_chunk_count(batch)) return NULL;
    dc_chunk_t *chunk = dc_batch_chunk(batch, at);
    return chunk->first <= index ? chunk : NULL;
}

// Take the job back from whoever has it now: it must not run together with others, or at all.
static void isolate(dc_core_t *self, dc_chunk_t *chunk, uint64_t index, dc_actions_t *actions)
{
    dc_lease_t *lease;
    DL_FOREACH2(chunk->leases, lease, chunk_next)
    {
        if (index < lease->next || index >= lease->end || lease->slot->is_plain) continue;
        dc_ledger_trim(self, lease, index);
        dc_cmd_t trim = { .type = DC_CMD_TRIM, .trim = { .id = lease->id, .end = lease->end } };
        dc_actions_to_worker(actions, lease->slot->peer, &trim);
    }
}

static bool has_forked(const dc_chunk_t *chunk, uint64_t index)
{
    const dc_fork_t *fork = NULL;
    DL_SEARCH_SCALAR(chunk->forks, fork, index, index);
    return fork;
}

// Job `index` was in the block that crashed a slot, or `is_alone` in it. Who is only named with
// others is never named twice: two slots may have begun the same block before the first of them was
// reported dead, and all but one of its jobs are innocent.
static void name_job(dc_core_t *self, const dc_grave_lease_t *lease, uint64_t index, bool is_alone,
                     dc_actions_t *actions)
{
    dc_chunk_t *chunk = find_chunk(self, lease, index);
    if (!chunk || dc_ranges_has(&chunk->answered, index) || has_forked(chunk, index)) return;
    dc_suspect_t *suspect = dc_chunk_make_suspect(chunk, index);
    if (!suspect) return;
    if (is_alone || suspect->crashes == 0) suspect->crashes++;
    bool is_failed = suspect->crashes >= CRASHES_MAX;
    isolate(self, chunk, index, actions);
    if (is_failed) fail_lost(self, chunk, index, actions);
}

void dc_loss_obituary(dc_core_t *self, const dc_cmd_t *cmd, dc_actions_t *actions)
{
    bool is_crash = cmd->obituary.flags & DC_OBITUARY_CRASH;
    dc_slot_t *slot = dc_registry_by_session(self, &cmd->obituary.session);
    if (slot) {
        dc_loss_of_slot(self, slot, is_crash ? DC_BLAME_NOBODY : DC_BLAME_RUNNING,
                        is_crash ? "crashed" : "killed", actions);
    }
    dc_grave_lease_t lease;
    if (!is_crash || !dc_registry_exhume(self, &cmd->obituary.session, cmd->obituary.id, &lease)) {
        return;
    }
    uint64_t first = cmd->obituary.first;
    uint64_t count = cmd->obituary.count;
    bool is_within = lease.first <= first && first < lease.end && count <= lease.end - first;
    if (!is_within || count > DC_BLOCK_ROWS) return;
    for (uint64_t index = first; index < first + count; index++) {
        name_job(self, &lease, index, count == 1, actions);
    }
}
