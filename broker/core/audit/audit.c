// What must hold after every step: sums in constant time (dc_core_check), and everything by looking
// at everything (dc_core_audit).
#include "broker/core/audit/audit_part.h"
#include "broker/core/jobs/fork.h"
#include "broker/core/jobs/needs.h"
#include "broker/core/schedule/after.h"
#include "broker/core/schedule/allowance.h"
#include "broker/core/schedule/ready.h"

const char *dc_core_check(const dc_core_t *self)
{
    uint64_t open_count =
        self->waiting_count + self->ready_count + self->leased_count + self->forked_count;
    if (self->job_count != open_count + self->answered_count) {
        return "waiting, ready, leased, forked and answered jobs do not add up to those held";
    }
    if (self->waiting_chunks > self->waiting_count) return "more chunks wait than jobs";
    if (self->spare_count < dc_ready_kept(self)) {
        return "fewer spare nodes are there than are kept for what is leased and what waits";
    }
    if (self->doomed || self->doomed_batches) return "something is doomed and has not ended";
    if (self->part_count > open_count) return "more parts are open than jobs";
    if (self->forked_count && !self->trees) return "jobs are forked in no tree";
    if (self->plain_ready_count > self->ready_count) return "more plain jobs ready than jobs ready";
    if (self->stats.answer.count != self->done_count)
        return "answers are measured more or less often";
    if (self->lease_count && !self->slots) return "there are leases without a slot";
    if (!self->batches && !self->clients && (self->job_count || self->memory_bytes)) {
        return "jobs or memory are counted for no batch";
    }
    return NULL;
}

// A list of ready ranges is in order, and holds those that are `voter`'s, or nobody's.
static const char *audit_ready(const dc_ready_t *list, const dc_voter_t *voter)
{
    for (const dc_ready_t *node = list; node; node = node->next) {
        if (node->next && node->end > node->next->first) return "ready ranges are out of order";
        if (voter != (node->vote ? node->vote->voter : NULL)) {
            return "a ready range is in a wrong list";
        }
    }
    return NULL;
}

// Those who have answered something that others are to compute are known to have, and no others.
static const char *audit_voters(const dc_batch_t *batch)
{
    size_t ready_count = 0;
    size_t voted_count;
    const dc_voter_t *voter;
    DL_COUNT(batch->voted, voter, voted_count);
    for (voter = batch->voters; voter; voter = voter->hh.next) {
        const char *flaw = audit_ready(voter->ready, voter);
        if (flaw) return flaw;
        if (voter->vote_count == 0) return "a voter is kept that has no votes";
        ready_count += voter->ready != NULL;
    }
    return ready_count == voted_count ? NULL : "who has answered what is ready is not known";
}

static const char *audit_parts(const dc_batch_t *batch, dc_audit_t *sums)
{
    uint64_t count = 0;
    for (const dc_part_t *part = batch->parts; part; part = part->next) {
        if (!part->chunk || part->chunk->part != part || part->chunk->batch != batch) {
            return "a part and its chunk are not each other's";
        }
        const char *flaw = dc_audit_chunk(part->chunk, sums);
        if (flaw) return flaw;
        count++;
    }
    sums->parts += count;
    return count == batch->part_count ? NULL : "a batch counts its parts wrongly";
}

static uint32_t count_users(const dc_batch_t *batch)
{
    uint32_t count = 0;
    for (size_t at = 0; at < dc_batch_chunk_count(batch); at++) {
        const dc_needs_t *needs = dc_batch_chunk(batch, at)->needs;
        if (needs) count += needs->count;
    }
    return count;
}

static const char *audit_sources(const dc_batch_t *batch, dc_audit_t *sums)
{
    uint32_t users = 0;
    for (const dc_needs_source_t *source = batch->sources; source; source = source->hh.next) {
        users += source->users;
        sums->memory_bytes += dc_needs_source_bytes(source);
        if (source->watchers && source->state != DC_NEEDS_OPEN) {
            return "a job that has ended is waited for";
        }
        if (batch->is_closed && !source->users) return "a result is kept that nobody needs";
    }
    return users == count_users(batch) ? NULL : "the users of results are miscounted";
}

static const char *audit_afters(const dc_batch_t *batch)
{
    uint32_t awaited = 0;
    for (uint32_t i = 0; i < batch->after_count; i++) {
        const dc_after_t *after = &batch->afters[i];
        if (after->batch != batch || after->number >= batch->number) {
            return "a batch comes after one that is not before it";
        }
        awaited += !after->is_met;
    }
    // Those that failed are met, and stay awaited.
    if (batch->failed_after) return NULL;
    return awaited == batch->awaited_count ? NULL : "those that a batch waits for are miscounted";
}

// Its open chunks, and what lies packed behind them.
static const char *audit_chunks(const dc_core_t *self, const dc_batch_t *batch, dc_audit_t *sums)
{
    uint64_t failed = 0;
    uint64_t border = 0;
    for (size_t at = 0; at < dc_batch_chunk_count(batch); at++) {
        const dc_chunk_t *chunk = dc_batch_chunk(batch, at);
        if (chunk->first < border) return "chunks overlap or are out of order";
        border = dc_chunk_end(chunk);
        const char *flaw = dc_audit_chunk(chunk, sums);
        if (flaw) return flaw;
        if (chunk->failed_count > chunk->answered.count)
            return "more jobs failed than are answered";
        failed += chunk->failed_count;
    }
    if (failed > batch->failed_count) return "a batch counts its failed jobs wrongly";
    return dc_audit_packed(self, batch, border, sums);
}

// What it counts, against what is found in it: in all before it there was `before`.
static const char *audit_counts(const dc_batch_t *batch, const dc_audit_t *before,
                                const dc_audit_t *sums)
{
    if (batch->waiting_count != sums->waiting - before->waiting)
        return "a batch counts waiting jobs wrongly";
    if (batch->ready_count != sums->ready - before->ready)
        return "a batch counts ready jobs wrongly";
    if (batch->leased_count != sums->leased - before->leased)
        return "a batch counts leased jobs wrongly";
    if (batch->forked_count != sums->forked - before->forked)
        return "a batch counts forked jobs wrongly";
    if (batch->answered_count != sums->answered - before->answered)
        return "a batch counts answers wrongly";
    return NULL;
}

static const char *audit_turn(const dc_batch_t *batch)
{
    if ((batch->turn != NULL) != (batch->client != NULL))
        return "a batch has no turn, or no client";
    bool should_be_in = batch->turn && !batch->is_held && dc_batch_next_ready(batch);
    bool is_in = batch->turn_prev;
    return should_be_in == is_in ? NULL : "a batch is in no turn, or in one too many";
}

static const char *audit_batch(const dc_core_t *self, const dc_batch_t *batch, dc_audit_t *sums)
{
    const dc_audit_t before = *sums;
    const char *flaw = audit_sources(batch, sums);
    if (!flaw) flaw = audit_afters(batch);
    if (!flaw) flaw = audit_chunks(self, batch, sums);
    if (!flaw) flaw = audit_parts(batch, sums);
    if (!flaw) flaw = audit_ready(batch->ready, NULL);
    if (!flaw) flaw = audit_voters(batch);
    if (!flaw) flaw = audit_counts(batch, &before, sums);
    if (!flaw) flaw = audit_turn(batch);
    sums->memory_bytes += dc_batch_own_bytes(batch);
    return flaw;
}

// How much credit is in use, and how many jobs and bytes there are of the client, by looking.
static const char *audit_client(const dc_client_t *client)
{
    uint64_t unacked = 0;
    uint64_t open_bytes = client->stored_bytes;
    uint64_t jobs = 0;
    for (const dc_batch_t *batch = client->batches; batch; batch = batch->client_next) {
        if (batch->client != client) return "a batch is in the list of another client";
        if (batch->backlog) jobs += batch->backlog->job_count;
        if (batch->backlog) open_bytes += batch->backlog->cost_bytes;
        for (size_t at = 0; at < dc_batch_chunk_count(batch); at++) {
            const dc_chunk_t *chunk = dc_batch_chunk(batch, at);
            unacked += chunk->result_bytes;
            jobs += chunk->count;
            if (chunk->payer == client->peer) open_bytes += chunk->cost_bytes;
        }
    }
    // Plain ones pay with nothing.
    if (client->received_bytes - client->freed_bytes != open_bytes && !client->is_plain) {
        return "a client's credit is miscounted";
    }
    if (jobs != client->job_count) return "a client's jobs are miscounted";
    return unacked == client->unacked_bytes ? NULL
                                            : "results that are not acknowledged are miscounted";
}

static const char *audit_clients(const dc_core_t *self)
{
    for (const dc_client_t *client = self->clients; client; client = client->hh.next) {
        if (client->freed_bytes > client->received_bytes) {
            return "more credit was freed than was used";
        }
        if (client->received_bytes - client->freed_bytes > client->told_bytes) {
            return "a client has more open than it may";
        }
        bool is_over =
            dc_allowance_is_over_jobs(self, client) || dc_allowance_is_over_bytes(self, client);
        if (client->is_over_rate != is_over) return "who is over its rate is not kept from more";
        const char *flaw = audit_client(client);
        if (flaw) return flaw;
    }
    return NULL;
}

static uint64_t count_trees(const dc_core_t *self)
{
    uint64_t count = 0;
    for (const dc_fork_t *root = self->trees; root; root = root->tree_next) {
        count++;
    }
    return count;
}

static size_t count_doubles(const dc_core_t *self)
{
    size_t count;
    const dc_lease_t *lease;
    DL_COUNT2(self->doubles, lease, count, double_next);
    return count;
}

const char *dc_core_audit(const dc_core_t *self)
{
    const char *flaw = dc_core_check(self);
    dc_audit_t sums = { 0 };
    for (const dc_batch_t *batch = self->batches; batch && !flaw; batch = batch->hh_number.next) {
        flaw = audit_batch(self, batch, &sums);
    }
    for (const dc_client_t *client = self->clients; client && !flaw; client = client->hh.next) {
        const dc_batch_t *batch = client->is_plain ? client->batches : NULL;
        for (; batch && !flaw; batch = batch->client_next) {
            flaw = audit_batch(self, batch, &sums);
        }
    }
    if (!flaw) flaw = audit_clients(self);
    if (!flaw) flaw = dc_audit_kept(self);
    if (!flaw) flaw = dc_audit_slots(self, &sums);
    if (flaw) return flaw;
    if (sums.jobs != self->job_count) return "jobs held are miscounted";
    if (sums.waiting != self->waiting_count) return "waiting jobs are miscounted";
    if (sums.waiting_chunks != self->waiting_chunks) return "waiting chunks are miscounted";
    if (sums.ready != self->ready_count) return "ready jobs are miscounted";
    if (sums.leased != self->leased_count) return "leased jobs are miscounted";
    if (sums.forked != self->forked_count) return "forked jobs are miscounted";
    if (sums.parts != self->part_count) return "parts are miscounted";
    if (sums.trees != count_trees(self)) return "a tree is in no list, or in one too many";
    if (sums.answered != self->answered_count) return "answered jobs are miscounted";
    if (sums.plain_ready != self->plain_ready_count) return "plain jobs are miscounted";
    if (sums.busy != self->busy_count) return "slots with leases are miscounted";
    if (sums.nodes != self->lease_nodes) return "nodes that are kept for leases are miscounted";
    if (sums.leases != sums.chunk_leases) return "a lease is its chunk's or its slot's only";
    if (sums.doubles != count_doubles(self))
        return "a second lease is in no list, or in one too many";
    if (sums.leases + sums.void_leases != self->lease_count) return "leases are miscounted";
    if (sums.memory_bytes != self->memory_bytes) return "memory is miscounted";
    return NULL;
}
