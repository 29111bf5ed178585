#include "broker/core/schedule/ages.h"

#include "broker/core/jobs/batch.h"

// Nobody is above one that is higher.
static uint32_t height(const dc_batch_t *batch)
{
    return dc_map_hash(&batch->number, sizeof batch->number);
}

// Where batches of this number are, under `batch`.
static dc_batch_t **side(dc_batch_t *batch, uint64_t number)
{
    return number < batch->number ? &batch->turn_older : &batch->turn_younger;
}

void dc_ages_insert(dc_ages_t *self, dc_batch_t *batch)
{
    dc_batch_t **at = &self->root;
    dc_batch_t *behind = NULL; // the next younger, of those that were passed
    uint32_t own_height = self->root ? height(batch) : 0;
    while (*at && height(*at) >= own_height) {
        if (batch->number < (*at)->number) behind = *at;
        at = side(*at, batch->number);
    }
    // What was here goes under it, older ones to one side and younger ones to the other.
    dc_batch_t *rest = *at;
    dc_batch_t **older = &batch->turn_older;
    dc_batch_t **younger = &batch->turn_younger;
    *at = batch;
    while (rest) {
        dc_batch_t **next = side(rest, batch->number);
        if (batch->number < rest->number) {
            behind = *younger = rest;
            younger = next;
        } else {
            *older = rest;
            older = next;
        }
        rest = *next;
    }
    *older = *younger = NULL;
    if (behind) {
        DL_PREPEND_ELEM2(self->oldest, behind, batch, turn_prev, turn_next);
    } else {
        DL_APPEND2(self->oldest, batch, turn_prev, turn_next);
    }
}

void dc_ages_remove(dc_ages_t *self, dc_batch_t *batch)
{
    dc_batch_t **at = &self->root;
    while (*at != batch) {
        at = side(*at, batch->number);
    }
    // Of those under it always the higher goes up, and the rest on the side of the other.
    dc_batch_t *older = batch->turn_older;
    dc_batch_t *younger = batch->turn_younger;
    while (older && younger) {
        if (height(older) >= height(younger)) {
            *at = older;
            at = &older->turn_younger;
            older = *at;
        } else {
            *at = younger;
            at = &younger->turn_older;
            younger = *at;
        }
    }
    *at = older ? older : younger;
    DL_DELETE2(self->oldest, batch, turn_prev, turn_next);
    batch->turn_prev = batch->turn_next = NULL;
}

const char *dc_ages_flaw(const dc_ages_t *self)
{
    const dc_batch_t *batch;
    DL_FOREACH2(self->oldest, batch, turn_next)
    {
        if (batch->turn_next && batch->turn_next->number <= batch->number)
            return "the batches of a turn are not in the order of their age";
        dc_batch_t *at = self->root;
        while (at && at != batch) {
            dc_batch_t *below = *side(at, batch->number);
            if (below && height(below) > height(at)) return "a turn's tree of batches is no heap";
            at = below;
        }
        if (!at) return "a batch of a turn is not in its tree";
    }
    return !self->oldest == !self->root ? NULL : "a turn's tree has batches that the turn has not";
}
