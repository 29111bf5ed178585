#include "broker/core/slots/votes.h"

#include <stdlib.h>

#include "common/piece_reader.h"

// The first vote of `votes` that ends behind `index`; NULL if there is none.
static dc_vote_t *find_end_behind(dc_vote_t *votes, uint64_t index)
{
    dc_vote_t *front = votes;
    dc_vote_t *back = votes ? votes->prev : NULL;
    if (!back || back->end <= index) return NULL;
    while (front->end <= index && back->prev->end > index) {
        front = front->next;
        back = back->prev;
    }
    return front->end > index ? front : back;
}

dc_vote_t *dc_votes_find(const dc_chunk_t *chunk, uint64_t index, uint64_t *end)
{
    dc_vote_t *vote = find_end_behind(chunk->votes, index);
    if (!vote) return NULL;
    bool is_inside = vote->first <= index;
    *end = dc_min_u64(*end, is_inside ? vote->end : vote->first);
    return is_inside ? vote : NULL;
}

static void insert_ordered(dc_chunk_t *chunk, dc_vote_t *vote)
{
    dc_vote_t *behind = find_end_behind(chunk->votes, vote->first);
    if (behind) {
        DL_PREPEND_ELEM(chunk->votes, behind, vote);
    } else {
        DL_APPEND(chunk->votes, vote);
    }
}

static size_t bytes_of(const dc_vote_t *vote)
{
    return sizeof *vote + vote->data.bytes.len;
}

// The vote and its voter. NULL if memory is short.
static dc_vote_t *make_vote(dc_core_t *self, dc_batch_t *batch, const dc_results_t *results)
{
    dc_vote_t *vote = calloc(1, sizeof *vote);
    if (!vote) return NULL;
    if (!dc_slice_keep(&results->data, &vote->data)) {
        free(vote);
        return NULL;
    }
    size_t before = dc_batch_voter_bytes(batch);
    vote->voter = dc_voter_take(batch, results->slot);
    self->memory_bytes += dc_batch_voter_bytes(batch) - before;
    if (vote->voter) return vote;
    dc_slice_drop(&vote->data);
    free(vote);
    return NULL;
}

bool dc_votes_keep(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results, bool is_failed,
                   uint64_t first, uint64_t end)
{
    dc_vote_t *vote = make_vote(self, chunk->batch, results);
    if (!vote) return false;
    vote->first = first;
    vote->end = end;
    vote->is_failed = is_failed;
    vote->faults_bytes = results->faults_bytes;
    vote->data_first = results->first;
    insert_ordered(chunk, vote);
    chunk->held_bytes += bytes_of(vote);
    self->memory_bytes += bytes_of(vote);
    return true;
}

static void forget(dc_core_t *self, dc_chunk_t *chunk, dc_vote_t *vote)
{
    dc_batch_t *batch = chunk->batch;
    chunk->held_bytes -= bytes_of(vote);
    self->memory_bytes -= bytes_of(vote) + dc_batch_voter_bytes(batch);
    dc_voter_release(batch, vote->voter);
    self->memory_bytes += dc_batch_voter_bytes(batch);
    DL_DELETE(chunk->votes, vote);
    dc_slice_drop(&vote->data);
    free(vote);
}

void dc_votes_clear(dc_core_t *self, dc_chunk_t *chunk)
{
    while (chunk->votes) {
        forget(self, chunk, chunk->votes);
    }
}

void dc_votes_forget(dc_core_t *self, dc_chunk_t *chunk, uint64_t first, uint64_t end)
{
    dc_vote_t *vote = find_end_behind(chunk->votes, first);
    while (vote && vote->first < end) {
        dc_vote_t *following = vote->next;
        uint64_t answered = dc_ranges_count_in(&chunk->answered, vote->first, vote->end);
        if (answered == vote->end - vote->first) forget(self, chunk, vote);
        vote = following;
    }
}

// --- comparing ---------------------------------------------------------------------------------

// Begin to read results of jobs from `first` on at `index`.
static dc_piece_reader_t begin(dc_str_t data, uint32_t faults_bytes, uint64_t first,
                               const dc_batch_t *batch, uint64_t index)
{
    dc_piece_reader_t self = { .faults = dc_str(data.data, faults_bytes),
                               .results = dc_str_behind(data, faults_bytes),
                               .is_columns = batch->flags & DC_OPEN_COLUMNS };
    dc_piece_reader_skip(&self, index - first);
    return self;
}

bool dc_votes_compare(const dc_vote_t *vote, const dc_results_t *results, const dc_batch_t *batch,
                      dc_range_t jobs, dc_ranges_t *agreed, dc_ranges_t *disputed)
{
    dc_piece_reader_t one =
        begin(vote->data.bytes, vote->faults_bytes, vote->data_first, batch, jobs.first);
    dc_piece_reader_t other =
        begin(results->data.bytes, results->faults_bytes, results->first, batch, jobs.first);
    for (uint64_t index = jobs.first; index < jobs.end; index++) {
        dc_str_t fault, other_fault;
        bool is_same = dc_str_eq(dc_piece_reader_take(&one, index, &fault),
                                 dc_piece_reader_take(&other, index, &other_fault));
        is_same &= dc_str_eq(fault, other_fault);
        if (!dc_ranges_add(is_same ? agreed : disputed, index, index + 1)) return false;
    }
    return true;
}
