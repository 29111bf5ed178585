// What must hold after every step: sums in constant time (dc_core_check), and everything by looking
// at everything (dc_core_audit).
#include "broker/core/audit/audit_part.h"
#include "broker/core/jobs/fork.h"
#include "broker/core/jobs/needs.h"
#include "broker/core/schedule/after.h"
#include "broker/core/schedule/allowance.h"
#include "broker/core/schedule/ready.h"
#include "broker/core/slots/votes.h"

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

// What is ready has one vote, or none.
static bool is_voted_rightly(const dc_ready_t *node)
{
    uint64_t end = node->end;
    return dc_votes_find(node->chunk, node->first, &end) == node->vote && end == node->end;
}

// Each index is in exactly one state: mark ranges one after another and look for overlaps and gaps.
static const char *audit_indices(const dc_chunk_t *chunk)
{
    dc_ranges_t seen;
    dc_ranges_init(&seen);
    const char *flaw = NULL;
    uint64_t expected = 0;
    bool has_memory = true;
    if (chunk->is_waiting) {
        expected = chunk->count;
        has_memory = dc_ranges_add(&seen, chunk->first, dc_chunk_end(chunk));
    }
    for (const dc_ready_t *node = chunk->ready; node; node = node->chunk_next) {
        if (!is_voted_rightly(node)) flaw = "a ready range does not know who has answered it";
        if (node->first >= node->end) flaw = "a ready range is empty";
        if (node->chunk_next && node->end > node->chunk_next->first) {
            flaw = "a chunk's ready ranges are out of order";
        }
        expected += node->end - node->first;
        has_memory &= dc_ranges_add(&seen, node->first, node->end);
    }
    for (const dc_lease_t *lease = chunk->leases; lease; lease = lease->chunk_next) {
        if (lease->is_double) continue; // its job is its twin's
        uint64_t open = 0;
        size_t nodes = 0;
        dc_range_t gap = { .end = lease->next };
        while (dc_ranges_next_gap(&chunk->answered, gap.end, lease->end, &gap)) {
            open += gap.end - gap.first;
            nodes += dc_ready_divide(chunk, gap.first, gap.end);
            has_memory &= dc_ranges_add(&seen, gap.first, gap.end);
        }
        if (open != lease->open) flaw = "a lease counts its open jobs wrongly";
        if (nodes > lease->nodes) flaw = "a lease could not be given back if memory were short";
        expected += open;
    }
    for (const dc_fork_t *fork = chunk->forks; fork; fork = fork->next) {
        expected++;
        has_memory &= dc_ranges_add(&seen, fork->index, fork->index + 1);
    }
    dc_range_t run = { .end = chunk->first };
    while (dc_ranges_next_run(&chunk->answered, run.end, dc_chunk_end(chunk), &run)) {
        expected += run.end - run.first;
        has_memory &= dc_ranges_add(&seen, run.first, run.end);
    }
    if (has_memory && seen.count != expected) flaw = "a job is in two states";
    if (has_memory && seen.count != chunk->count) {
        flaw = "a job is in no state, or outside its chunk";
    }
    dc_ranges_fini(&seen);
    return flaw;
}

// What is open of a fork is what is still missing for its outcome.
static const char *audit_fork(const dc_fork_t *fork, dc_audit_t *sums)
{
    uint32_t missing = 0;
    for (uint32_t i = 0; i < fork->child_count; i++) {
        const dc_part_t *child = &fork->parts[i];
        bool is_missing = i < fork->wanted && !child->has_result;
        if (is_missing != (child->chunk != NULL)) return "a child is open that is not missing";
        missing += is_missing;
    }
    bool is_joining = fork->parts[fork->child_count].chunk;
    if (missing != fork->missing) return "a fork counts its missing children wrongly";
    if (is_joining != (missing == 0)) return "a join is open too early, or not at all";
    sums->forked++;
    sums->trees += fork->root == fork;
    sums->memory_bytes += fork->held_bytes;
    return NULL;
}

// It waits for what has not ended, and for nothing else.
static const char *audit_needs(const dc_chunk_t *chunk)
{
    const dc_needs_t *needs = chunk->needs;
    bool must_wait = chunk->batch->awaited_count && !chunk->part;
    for (uint32_t i = 0; needs && i < needs->count; i++) {
        bool is_open = needs->list[i]->state == DC_SOURCE_OPEN;
        if (i < needs->met && is_open) return "a chunk takes a job for ended that is not";
        if (i == needs->met && !is_open) return "a chunk waits for a job that has ended";
        must_wait |= is_open;
    }
    if (needs && dc_chunk_is_answered(chunk)) return "an answered chunk needs something";
    return chunk->is_waiting == must_wait ? NULL : "a chunk waits for nothing, or does not wait";
}

// What one slot has answered of a job that needs two answers.
static const char *audit_votes(const dc_chunk_t *chunk)
{
    uint64_t border = 0;
    for (const dc_vote_t *vote = chunk->votes; vote; vote = vote->next) {
        if (vote->first < border) return "votes meet, or are out of order";
        border = vote->end;
    }
    return NULL;
}

// A job that is leased twice is leased to two slots, and is all that either lease has.
static const char *audit_twin(const dc_lease_t *lease)
{
    const dc_lease_t *twin = lease->twin;
    if (!twin) return lease->is_double ? "a lease is the double of none" : NULL;
    if (twin->twin != lease || twin->is_double == lease->is_double) {
        return "twins are not each other's";
    }
    if (twin->chunk != lease->chunk || twin->next != lease->next || twin->end != lease->end) {
        return "twins are not of the same job";
    }
    if (lease->slot == twin->slot) return "twins are one slot's";
    if (lease->end - lease->next != 1 || lease->open != 1) return "twins are not of one open job";
    return NULL;
}

static const char *audit_chunk(const dc_chunk_t *chunk, dc_audit_t *sums)
{
    const char *wrong = audit_needs(chunk);
    if (!wrong) wrong = audit_votes(chunk);
    if (wrong) return wrong;
    if (chunk->is_waiting) sums->waiting += chunk->count;
    sums->waiting_chunks += chunk->is_waiting;
    for (const dc_ready_t *node = chunk->ready; node; node = node->chunk_next) {
        sums->ready += node->end - node->first;
        if (chunk->batch->is_plain && !chunk->part) sums->plain_ready += node->end - node->first;
    }
    for (const dc_fork_t *fork = chunk->forks; fork; fork = fork->next) {
        const char *flaw = audit_fork(fork, sums);
        if (flaw) return flaw;
        if (fork->chunk != chunk) return "a fork is in the list of another chunk";
    }
    for (const dc_lease_t *lease = chunk->leases; lease; lease = lease->chunk_next) {
        if (!lease->is_double) sums->leased += lease->open;
        sums->doubles += lease->is_double;
        sums->chunk_leases++;
        sums->nodes += lease->nodes;
        const char *flaw = audit_twin(lease);
        if (flaw) return flaw;
        if (lease->chunk != chunk) return "a lease is in the list of another chunk";
    }
    sums->jobs += chunk->count;
    sums->answered += chunk->answered.count;
    sums->memory_bytes += chunk->held_bytes;
    return audit_indices(chunk);
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
        const char *flaw = audit_chunk(part->chunk, sums);
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
    for (const dc_source_t *source = batch->sources; source; source = source->hh.next) {
        users += source->users;
        sums->memory_bytes += dc_source_bytes(source);
        if (source->watchers && source->state != DC_SOURCE_OPEN) {
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

static const char *audit_batch(const dc_core_t *self, const dc_batch_t *batch, dc_audit_t *sums)
{
    const char *wrong = audit_sources(batch, sums);
    if (!wrong) wrong = audit_afters(batch);
    if (wrong) return wrong;
    uint64_t waiting = sums->waiting;
    uint64_t ready = sums->ready;
    uint64_t leased = sums->leased;
    uint64_t forked = sums->forked;
    uint64_t answered = sums->answered;
    uint64_t failed = 0;
    uint64_t border = 0;
    for (size_t at = 0; at < dc_batch_chunk_count(batch); at++) {
        const dc_chunk_t *chunk = dc_batch_chunk(batch, at);
        if (chunk->first < border) return "chunks overlap or are out of order";
        border = dc_chunk_end(chunk);
        if (border <= batch->open_first && !dc_chunk_is_answered(chunk)) {
            return "a chunk is open before the oldest that is";
        }
        const char *flaw = audit_chunk(chunk, sums);
        if (flaw) return flaw;
        if (chunk->failed_count > chunk->answered.count)
            return "more jobs failed than are answered";
        failed += chunk->failed_count;
    }
    if (failed > batch->failed_count) return "a batch counts its failed jobs wrongly";
    const char *flaw = dc_audit_packed(self, batch, border, sums);
    if (!flaw) flaw = audit_parts(batch, sums);
    if (!flaw) flaw = audit_ready(batch->ready, NULL);
    if (!flaw) flaw = audit_voters(batch);
    if (flaw) return flaw;
    if (batch->waiting_count != sums->waiting - waiting)
        return "a batch counts waiting jobs wrongly";
    if (batch->ready_count != sums->ready - ready) return "a batch counts ready jobs wrongly";
    if (batch->leased_count != sums->leased - leased) return "a batch counts leased jobs wrongly";
    if (batch->forked_count != sums->forked - forked) return "a batch counts forked jobs wrongly";
    if (batch->answered_count != sums->answered - answered) return "a batch counts answers wrongly";
    if ((batch->turn != NULL) != (batch->client != NULL))
        return "a batch has no turn, or no client";
    bool should_be_in_turn = batch->turn && !batch->is_held && dc_batch_next_ready(batch);
    if (should_be_in_turn != (batch->turn_prev != NULL)) {
        return "a batch is in no turn, or in one too many";
    }
    sums->memory_bytes += dc_batch_own_bytes(batch);
    return NULL;
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
        if (unacked != client->unacked_bytes) {
            return "results that are not acknowledged are miscounted";
        }
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
