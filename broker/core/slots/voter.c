#include "broker/core/slots/voter.h"

#include <stdlib.h>

#include "broker/core/jobs/batch.h"
#include "broker/core/slots/slot.h"

static dc_voter_t *make_voter(dc_batch_t *batch, const dc_slot_t *slot)
{
    dc_voter_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->slot = slot->number;
    self->session = slot->session;
    memcpy(self->worker, slot->name, sizeof self->worker);
    memcpy(self->host, slot->host, sizeof self->host);
    HASH_ADD(hh, batch->voters, slot, sizeof self->slot, self);
    if (DC_MAP_ADDED(self)) return self;
    free(self);
    return NULL;
}

dc_voter_t *dc_voter_take(dc_batch_t *batch, const dc_slot_t *slot)
{
    dc_voter_t *self;
    HASH_FIND(hh, batch->voters, &slot->number, sizeof slot->number, self);
    if (!self) self = make_voter(batch, slot);
    if (self) self->vote_count++;
    return self;
}

void dc_voter_release(dc_batch_t *batch, dc_voter_t *self)
{
    if (--self->vote_count) return;
    assert(!self->ready);
    HASH_DEL(batch->voters, self);
    free(self);
}

bool dc_voter_is(const dc_voter_t *self, const dc_slot_t *slot)
{
    return self->slot == slot->number ||
           memcmp(&self->session, &slot->session, sizeof self->session) == 0;
}
