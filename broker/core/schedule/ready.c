#include "broker/core/schedule/ready.h"

#include <stdlib.h>

#include "broker/core/schedule/turns.h"
#include "broker/core/slots/votes.h"

// --- spare nodes -------------------------------------------------------------------------------

bool dc_ready_reserve(dc_core_t *self, size_t count)
{
    while (self->spare_count < count + dc_ready_kept(self)) {
        dc_ready_t *node = malloc(sizeof *node);
        if (!node) return false;
        node->next = self->spare_ready;
        self->spare_ready = node;
        self->spare_count++;
    }
    return true;
}

static dc_ready_t *take_spare(dc_core_t *self)
{
    dc_ready_t *node = self->spare_ready;
    assert(node);
    self->spare_ready = node->next;
    self->spare_count--;
    return node;
}

static void give_spare(dc_core_t *self, dc_ready_t *node)
{
    if (self->spare_count > 2 * dc_ready_kept(self) + 64) {
        free(node);
        return;
    }
    node->next = self->spare_ready;
    self->spare_ready = node;
    self->spare_count++;
}

void dc_ready_free_spare(dc_core_t *self)
{
    while (self->spare_ready) {
        dc_ready_t *node = self->spare_ready;
        self->spare_ready = node->next;
        free(node);
    }
    self->spare_count = 0;
}

// --- ranges ------------------------------------------------------------------------------------

void dc_ready_count(dc_core_t *self, dc_batch_t *batch, int64_t change)
{
    batch->ready_count += (uint64_t)change;
    batch->lane->ready_count += (uint64_t)change;
    self->ready_count += (uint64_t)change;
}

static void count_ready(dc_core_t *self, const dc_chunk_t *chunk, int64_t change)
{
    dc_ready_count(self, chunk->batch, change);
    if (chunk->batch->is_plain && !chunk->part) self->plain_ready_count += (uint64_t)change;
}

// The list that `node` belongs to, beside its chunk's.
static dc_ready_t **list_of(const dc_ready_t *node)
{
    dc_batch_t *batch = node->chunk->batch;
    if (node->chunk->part) return &batch->ready_parts;
    return node->vote ? &node->vote->voter->ready : &batch->ready;
}

// Insert where the index belongs, which is looked for from both ends: new work belongs at the end,
// returned work at the front.
static void insert_ordered(dc_ready_t **list, dc_ready_t *node)
{
    dc_ready_t *front = *list;
    if (!front) {
        DL_APPEND(*list, node);
        return;
    }
    dc_ready_t *back = front->prev;
    while (front->first < node->first && node->first < back->first) {
        front = front->next;
        back = back->prev;
    }
    if (node->first < front->first) {
        DL_PREPEND_ELEM(*list, front, node);
    } else {
        DL_APPEND_ELEM(*list, back, node);
    }
}

// The first range of `chunk` that ends behind `index`, looked for likewise; NULL if there is none.
static dc_ready_t *find_end_behind(const dc_chunk_t *chunk, uint64_t index)
{
    dc_ready_t *front = chunk->ready;
    dc_ready_t *back = front ? front->chunk_prev : NULL;
    if (!back || back->end <= index) return NULL;
    while (front->end <= index && back->chunk_prev->end > index) {
        front = front->chunk_next;
        back = back->chunk_prev;
    }
    return front->end > index ? front : back;
}

static void insert_in_chunk(dc_chunk_t *chunk, dc_ready_t *node)
{
    dc_ready_t *behind = find_end_behind(chunk, node->first);
    if (behind) {
        DL_PREPEND_ELEM2(chunk->ready, behind, node, chunk_prev, chunk_next);
    } else {
        DL_APPEND2(chunk->ready, node, chunk_prev, chunk_next);
    }
}

// Keep the voter of `node`, if it has one, among those of its batch that have such.
static void see_voter(const dc_ready_t *node, bool had_ready)
{
    dc_batch_t *batch = node->chunk->batch;
    dc_voter_t *voter = node->vote && !node->chunk->part ? node->vote->voter : NULL;
    if (!voter || had_ready == (voter->ready != NULL)) return;
    if (had_ready) {
        DL_DELETE(batch->voted, voter);
    } else {
        DL_APPEND(batch->voted, voter);
    }
}

static void link_ready(dc_core_t *self, dc_ready_t *node)
{
    dc_ready_t **list = list_of(node);
    bool had_ready = *list;
    if (node->chunk->part) {
        DL_PREPEND(*list, node);
    } else {
        insert_ordered(list, node);
    }
    see_voter(node, had_ready);
    insert_in_chunk(node->chunk, node);
    count_ready(self, node->chunk, (int64_t)(node->end - node->first));
    self->is_dispatch_due = true;
}

static void unlink_ready(dc_core_t *self, dc_ready_t *node)
{
    dc_ready_t **list = list_of(node);
    DL_DELETE(*list, node);
    see_voter(node, true);
    DL_DELETE2(node->chunk->ready, node, chunk_prev, chunk_next);
    count_ready(self, node->chunk, -(int64_t)(node->end - node->first));
}

static void add_node(dc_core_t *self, dc_chunk_t *chunk, uint64_t first, uint64_t end,
                     dc_vote_t *vote)
{
    dc_ready_t *node = take_spare(self);
    node->chunk = chunk;
    node->first = first;
    node->end = end;
    node->vote = vote;
    link_ready(self, node);
}

size_t dc_ready_divide(const dc_chunk_t *chunk, uint64_t first, uint64_t end)
{
    if (!chunk->votes) return first < end;
    size_t count = 0;
    for (; first < end; count++) {
        uint64_t until = end;
        dc_votes_find(chunk, first, &until);
        first = until;
    }
    return count;
}

void dc_ready_add(dc_core_t *self, dc_chunk_t *chunk, uint64_t first, uint64_t end)
{
    // Which slots may compute a range, its vote says: so it has one, or none.
    while (chunk->votes && first < end) {
        uint64_t until = end;
        dc_vote_t *vote = dc_votes_find(chunk, first, &until);
        add_node(self, chunk, first, until, vote);
        first = until;
    }
    if (first < end) add_node(self, chunk, first, end, NULL);
}

void dc_ready_extend(dc_core_t *self, dc_chunk_t *chunk)
{
    chunk->ready->end++;
    count_ready(self, chunk, 1);
}

void dc_ready_carve(dc_core_t *self, dc_ready_t *node, uint64_t first, uint64_t end)
{
    uint64_t rest_end = node->end;
    dc_chunk_t *chunk = node->chunk;
    dc_vote_t *vote = node->vote;
    unlink_ready(self, node);
    if (node->first < first) {
        node->end = first;
        link_ready(self, node);
        if (end == rest_end) return;
        node = take_spare(self);
    }
    if (end < rest_end) {
        *node = (dc_ready_t){ .chunk = chunk, .first = end, .end = rest_end, .vote = vote };
        link_ready(self, node);
    } else {
        give_spare(self, node);
    }
}

void dc_ready_take(dc_core_t *self, dc_chunk_t *chunk, uint64_t first, uint64_t end)
{
    dc_ready_t *node = find_end_behind(chunk, first);
    while (node && node->first < end) {
        dc_ready_t *following = node->chunk_next;
        dc_ready_carve(self, node, dc_max_u64(first, node->first), dc_min_u64(end, node->end));
        node = following;
    }
}

void dc_ready_see_vote(dc_core_t *self, dc_chunk_t *chunk, uint64_t first, uint64_t end)
{
    dc_ready_t *node = find_end_behind(chunk, first);
    while (node && node->first < end) {
        dc_ready_t *following = node->chunk_next;
        uint64_t low = dc_max_u64(first, node->first);
        uint64_t high = dc_min_u64(end, node->end);
        dc_ready_carve(self, node, low, high);
        dc_ready_add(self, chunk, low, high);
        node = following;
    }
}

void dc_ready_drop(dc_core_t *self, dc_chunk_t *chunk)
{
    while (chunk->ready) {
        dc_ready_t *node = chunk->ready;
        unlink_ready(self, node);
        give_spare(self, node);
    }
    dc_turns_see(self, chunk->batch);
}
