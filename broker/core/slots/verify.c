#include "broker/core/slots/verify.h"

#include "broker/core/jobs/ledger.h"
#include "broker/core/schedule/ready.h"
#include "broker/core/schedule/reclaim.h"
#include "broker/core/schedule/turns.h"
#include "broker/core/slots/votes.h"

// --- who computes what -------------------------------------------------------------------------

// So much of what waits for a second slot is looked at for something that suits a slot better than
// the first that it may have: so many slots' first answers, or so many parts.
#define LOOK_MAX 64

// How much `slot` would rather compute what `voter` has answered than something else, up to
// RANK_MAX; 0: it must not. NULL: nobody has answered it.
#define RANK_MAX 3
static unsigned rank_of(const dc_voter_t *voter, const dc_slot_t *slot)
{
    if (!voter) return 2;
    if (dc_voter_is(voter, slot)) return 0;
    return strcmp(voter->host, slot->host) == 0 ? 1 : RANK_MAX;
}

static const dc_voter_t *voter_of(const dc_ready_t *node)
{
    return node->vote ? node->vote->voter : NULL;
}

// The first part in `list` that `slot` would rather compute than the others, so far as these are
// looked at; NULL if it may have none.
static dc_ready_t *best_part(dc_ready_t *list, const dc_slot_t *slot)
{
    dc_ready_t *best = NULL;
    unsigned best_rank = 0;
    size_t look_max = SIZE_MAX;
    for (dc_ready_t *node = list; node && look_max && best_rank < RANK_MAX; node = node->next) {
        unsigned rank = rank_of(voter_of(node), slot);
        if (rank > best_rank) best = node;
        best_rank = rank > best_rank ? rank : best_rank;
        look_max = best ? dc_min_size(look_max, LOOK_MAX) - 1 : look_max;
    }
    return best;
}

// Of what others have answered that which `slot` would rather compute, and of that what comes
// first; NULL if it may have nothing. With `chunk`, which nothing that is ready comes before, only
// of that.
static dc_ready_t *best_voted(const dc_batch_t *batch, const dc_slot_t *slot,
                              const dc_chunk_t *chunk)
{
    dc_ready_t *best = NULL;
    unsigned best_rank = 1;
    size_t look_max = LOOK_MAX;
    for (const dc_voter_t *voter = batch->voted; voter && look_max; voter = voter->next) {
        dc_ready_t *node = voter->ready;
        unsigned rank = rank_of(voter, slot);
        if (best) look_max--;
        if (rank < best_rank || (chunk && node->chunk != chunk)) continue;
        if (!best || rank > best_rank || node->first < best->first) best = node;
        best_rank = rank;
    }
    return best;
}

// What is no part, likewise. Where nobody has answered what is next, what waits for a second slot
// may well wait until that is over.
static dc_ready_t *best_job(const dc_batch_t *batch, const dc_slot_t *slot, const dc_chunk_t *chunk)
{
    dc_ready_t *fresh = batch->ready;
    if (fresh && chunk && fresh->chunk != chunk) fresh = NULL;
    dc_ready_t *voted = best_voted(batch, slot, chunk);
    if (!fresh || !voted) return fresh ? fresh : voted;
    return rank_of(voter_of(voted), slot) > rank_of(NULL, slot) ? voted : fresh;
}

dc_ready_t *dc_verify_next(dc_batch_t *batch, const dc_slot_t *slot)
{
    dc_ready_t *part = best_part(batch->ready_parts, slot);
    if (part) return part;
    const dc_client_t *client = batch->client;
    if (!dc_client_is_slowed(client)) return best_job(batch, slot, NULL);
    bool is_awaited = !client->is_keeper && !client->is_over_rate;
    return is_awaited ? best_job(batch, slot, dc_batch_oldest(batch)) : NULL;
}

bool dc_verify_may(const dc_chunk_t *chunk, uint64_t index, const dc_slot_t *slot)
{
    uint64_t end = index + 1;
    const dc_vote_t *vote = chunk->votes ? dc_votes_find(chunk, index, &end) : NULL;
    return !vote || !dc_voter_is(vote->voter, slot);
}

// --- results -----------------------------------------------------------------------------------

static void complain(const dc_chunk_t *chunk, const dc_vote_t *vote, const dc_slot_t *slot,
                     uint64_t index, dc_diag_t *diag, dc_actions_t *actions)
{
    dc_actions_log(actions, DC_LOG_WARN,
                   "workers disagree batch=b%llu job=%llu slot=s%llu worker=%s host=%s "
                   "other=s%llu worker=%s host=%s",
                   (unsigned long long)chunk->batch->number, (unsigned long long)index,
                   (unsigned long long)vote->voter->slot, vote->voter->worker, vote->voter->host,
                   slot ? (unsigned long long)slot->number : 0, slot ? slot->name : "several",
                   slot ? slot->host : "?");
    dc_diag_set(diag, DC_ERR_DISAGREE, 0, 0, "%s", dc_err_text(DC_ERR_DISAGREE));
}

// Jobs [first, end) of `lease` have no answer yet that counts: others are to compute them.
static bool vote(dc_core_t *self, dc_lease_t *lease, const dc_results_t *results, dc_range_t jobs)
{
    bool is_kept = dc_votes_keep(self, lease->chunk, results, false, jobs.first, jobs.end);
    dc_ledger_give_back(self, lease, jobs.first, jobs.end);
    return is_kept;
}

// Where `border` lies inside a lease that does not go back as one range any more: a node, which has
// been reserved, is kept for that.
static void divide_at(dc_core_t *self, const dc_chunk_t *chunk, uint64_t border)
{
    dc_lease_t *lease;
    DL_FOREACH2(chunk->leases, lease, chunk_next)
    {
        if (lease->next < border && border < lease->end) dc_ledger_keep_nodes(self, lease, 1);
    }
}

// `jobs` were taken back from the slot, which has computed them all the same: that is a first
// answer like any other, whoever else is at them by now. Else slots that are farther away than it
// takes others to be idle would compute the same again and again.
static void vote_late(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results,
                      bool is_failed, dc_range_t jobs)
{
    // Each border divides a ready range, or a lease, or nothing. Where memory is short for that
    // others compute the jobs, as they would have without this answer.
    if (!dc_ready_reserve(self, 2)) return;
    if (!dc_votes_keep(self, chunk, results, is_failed, jobs.first, jobs.end)) return;
    dc_ready_see_vote(self, chunk, jobs.first, jobs.end);
    divide_at(self, chunk, jobs.first);
    divide_at(self, chunk, jobs.end);
    dc_turns_see(self, chunk->batch);
}

// Jobs `disputed` fail: there are two answers for each, and nobody knows which is right.
static void fail_disputed(dc_core_t *self, dc_chunk_t *chunk, const dc_slot_t *slot,
                          const dc_ranges_t *disputed, dc_actions_t *actions)
{
    for (uint32_t i = 0; i < disputed->len; i++) {
        dc_range_t jobs = disputed->list[i];
        for (uint64_t index = jobs.first; index < jobs.end; index++) {
            dc_diag_t diag;
            uint64_t end = index + 1;
            const dc_vote_t *vote = dc_votes_find(chunk, index, &end);
            complain(chunk, vote, slot, index, &diag, actions);
            dc_deliver_failure(self, chunk, index, &diag, actions);
        }
    }
}

// Sort what `results` say of jobs that are not answered, also of those that the lease does not hold
// any more.
static bool sort(dc_core_t *self, dc_lease_t *lease, const dc_results_t *results,
                 dc_ranges_t *agreed, dc_ranges_t *disputed)
{
    dc_chunk_t *chunk = lease->chunk;
    bool is_whole = true;
    dc_range_t gap = { .end = results->first };
    uint64_t end = results->first + results->count;
    while (dc_ranges_next_gap(&chunk->answered, gap.end, end, &gap)) {
        const dc_vote_t *known = dc_votes_find(chunk, gap.first, &gap.end);
        if (known && !dc_voter_is(known->voter, results->slot)) {
            is_whole &= dc_votes_compare(known, results, chunk->batch, gap, agreed, disputed);
            continue;
        }
        dc_range_t held = { gap.first, dc_min_u64(gap.end, lease->end) };
        dc_range_t late = { dc_max_u64(gap.first, lease->end), gap.end };
        if (held.first < held.end && known) {
            dc_ledger_give_back(self, lease, held.first, held.end);
        } else if (held.first < held.end) {
            is_whole &= vote(self, lease, results, held);
        }
        if (late.first < late.end && !known) vote_late(self, chunk, results, false, late);
    }
    return is_whole;
}

bool dc_verify_results(dc_core_t *self, dc_lease_t *lease, const dc_results_t *results,
                       dc_actions_t *actions)
{
    dc_chunk_t *chunk = lease->chunk;
    dc_ranges_t agreed, disputed;
    dc_ranges_init(&agreed);
    dc_ranges_init(&disputed);
    // First answers go back to the ready ones, apart from what the lease goes on with.
    if (!dc_ledger_divide(self, lease, results->first + results->count)) {
        dc_reclaim(self, lease, lease->next, actions);
    }
    bool is_whole = sort(self, lease, results, &agreed, &disputed);
    is_whole &= dc_deliver_some(self, chunk, results, &agreed, actions);
    fail_disputed(self, chunk, results->slot, &disputed, actions);
    dc_votes_forget(self, chunk, results->first, results->first + results->count);
    dc_ranges_fini(&agreed);
    dc_ranges_fini(&disputed);
    return is_whole;
}

// --- jobs that are split -----------------------------------------------------------------------

dc_verdict_t dc_verify_part(dc_core_t *self, dc_lease_t *lease, const dc_results_t *results,
                            bool is_failed, dc_diag_t *diag, dc_actions_t *actions)
{
    dc_chunk_t *chunk = lease->chunk;
    uint64_t end = results->first + 1;
    const dc_vote_t *known = dc_votes_find(chunk, results->first, &end);
    bool is_other = known && !dc_voter_is(known->voter, results->slot);
    if (!is_other && results->first >= lease->end) {
        dc_range_t jobs = { results->first, end };
        if (!known) vote_late(self, chunk, results, is_failed, jobs);
        return DC_VERDICT_FIRST;
    }
    if (!known && !dc_votes_keep(self, lease->chunk, results, is_failed, results->first, end)) {
        dc_actions_log(actions, DC_LOG_ERROR, "result lost slot=s%llu error=no-memory",
                       (unsigned long long)results->slot->number);
    }
    if (!is_other) {
        dc_ledger_give_back(self, lease, results->first, end);
        return DC_VERDICT_FIRST;
    }
    bool is_same = known->is_failed == is_failed && known->faults_bytes == results->faults_bytes &&
                   dc_str_eq(known->data.bytes, results->data.bytes);
    if (is_same) return DC_VERDICT_AGREED;
    complain(chunk, known, results->slot, results->first, diag, actions);
    return DC_VERDICT_DIFFERS;
}

bool dc_verify_tree(const dc_chunk_t *chunk, const dc_results_t *results, dc_diag_t *diag,
                    dc_actions_t *actions)
{
    uint64_t end = results->first + 1;
    const dc_vote_t *known = chunk->votes ? dc_votes_find(chunk, results->first, &end) : NULL;
    if (!known) return true;
    dc_range_t jobs = { results->first, end };
    dc_ranges_t agreed, disputed;
    dc_ranges_init(&agreed);
    dc_ranges_init(&disputed);
    // What memory is too short to compare has not been checked.
    bool is_same = dc_votes_compare(known, results, chunk->batch, jobs, &agreed, &disputed);
    is_same &= agreed.count == 1;
    dc_ranges_fini(&agreed);
    dc_ranges_fini(&disputed);
    if (is_same) return true;
    complain(chunk, known, NULL, results->first, diag, actions);
    return false;
}
