// What must hold of a chunk: of each of its jobs, and of what its leases and forks say of them.
#include "broker/core/audit/audit_part.h"
#include "broker/core/jobs/fork.h"
#include "broker/core/jobs/needs.h"
#include "broker/core/schedule/ready.h"
#include "broker/core/slots/votes.h"

// The vote that a ready range knows of is the one of all its jobs.
static bool is_voted_rightly(const dc_ready_t *node)
{
    uint64_t end = node->end;
    return dc_votes_find(node->chunk, node->first, &end) == node->vote && end == node->end;
}

// Each index is in exactly one state: ranges of all states are marked, to look for overlaps and
// gaps.
typedef struct marks {
    dc_ranges_t seen;
    uint64_t count;  // of marks: as many indices, unless some have two
    bool is_partial; // memory was short
    const char *flaw;
} marks_t;

static void mark(marks_t *self, uint64_t first, uint64_t end)
{
    self->count += end - first;
    if (!dc_ranges_add(&self->seen, first, end)) self->is_partial = true;
}

static void mark_ready(marks_t *self, const dc_chunk_t *chunk)
{
    for (const dc_ready_t *node = chunk->ready; node; node = node->chunk_next) {
        if (!is_voted_rightly(node)) self->flaw = "a ready range does not know who has answered it";
        if (node->first >= node->end) self->flaw = "a ready range is empty";
        if (node->chunk_next && node->end > node->chunk_next->first) {
            self->flaw = "a chunk's ready ranges are out of order";
        }
        mark(self, node->first, node->end);
    }
}

static void mark_lease(marks_t *self, const dc_lease_t *lease)
{
    const dc_chunk_t *chunk = lease->chunk;
    uint64_t open = 0;
    size_t nodes = 0;
    dc_range_t gap = { .end = lease->next };
    while (dc_ranges_next_gap(&chunk->answered, gap.end, lease->end, &gap)) {
        open += gap.end - gap.first;
        nodes += dc_ready_divide(chunk, gap.first, gap.end);
        mark(self, gap.first, gap.end);
    }
    if (open != lease->open) self->flaw = "a lease counts its open jobs wrongly";
    if (nodes > lease->nodes) self->flaw = "a lease could not be given back if memory were short";
}

static const char *audit_indices(const dc_chunk_t *chunk)
{
    marks_t marks = { 0 };
    dc_ranges_init(&marks.seen);
    if (chunk->is_waiting) mark(&marks, chunk->first, dc_chunk_end(chunk));
    mark_ready(&marks, chunk);
    for (const dc_lease_t *lease = chunk->leases; lease; lease = lease->chunk_next) {
        if (!lease->is_double) mark_lease(&marks, lease); // else its job is its twin's
    }
    for (const dc_fork_t *fork = chunk->forks; fork; fork = fork->next) {
        mark(&marks, fork->index, fork->index + 1);
    }
    dc_range_t run = { .end = chunk->first };
    while (dc_ranges_next_run(&chunk->answered, run.end, dc_chunk_end(chunk), &run)) {
        mark(&marks, run.first, run.end);
    }
    uint64_t seen = marks.seen.count;
    dc_ranges_fini(&marks.seen);
    if (marks.flaw || marks.is_partial) return marks.flaw;
    if (seen != chunk->count) return "a job is in no state, or outside its chunk";
    return seen == marks.count ? NULL : "a job is in two states";
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
        bool is_open = needs->list[i]->state == DC_NEEDS_OPEN;
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

static const char *audit_forks(const dc_chunk_t *chunk, dc_audit_t *sums)
{
    for (const dc_fork_t *fork = chunk->forks; fork; fork = fork->next) {
        const char *flaw = audit_fork(fork, sums);
        if (flaw) return flaw;
        if (fork->chunk != chunk) return "a fork is in the list of another chunk";
    }
    return NULL;
}

static const char *audit_leases(const dc_chunk_t *chunk, dc_audit_t *sums)
{
    for (const dc_lease_t *lease = chunk->leases; lease; lease = lease->chunk_next) {
        if (!lease->is_double) sums->leased += lease->open;
        sums->doubles += lease->is_double;
        sums->chunk_leases++;
        sums->nodes += lease->nodes;
        if (lease->chunk != chunk) return "a lease is in the list of another chunk";
        const char *flaw = audit_twin(lease);
        if (flaw) return flaw;
    }
    return NULL;
}

const char *dc_audit_chunk(const dc_chunk_t *chunk, dc_audit_t *sums)
{
    for (const dc_ready_t *node = chunk->ready; node; node = node->chunk_next) {
        sums->ready += node->end - node->first;
        if (chunk->batch->is_plain && !chunk->part) sums->plain_ready += node->end - node->first;
    }
    if (chunk->is_waiting) sums->waiting += chunk->count;
    sums->waiting_chunks += chunk->is_waiting;
    sums->jobs += chunk->count;
    sums->answered += chunk->answered.count;
    sums->memory_bytes += chunk->held_bytes;
    const char *flaw = audit_needs(chunk);
    if (!flaw) flaw = audit_votes(chunk);
    if (!flaw) flaw = audit_forks(chunk, sums);
    if (!flaw) flaw = audit_leases(chunk, sums);
    return flaw ? flaw : audit_indices(chunk);
}
