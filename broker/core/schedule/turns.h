// turns — whose jobs are leased next: by priority, then clients in turn, then the oldest batch.
//
// A batch has one of DC_LEVELS levels, by its priority, in the lane of its tag. At a level of a
// lane each client that has batches there has a turn: they take turns by the worker time that they
// use (deficit round robin). Who comes goes before those that have used up a turn since they came,
// and slots give back for it what waits in them (broker/core/schedule/reclaim.h); but when all
// such have had a turn in all, those others are given as much first. A batch is in its turn exactly
// while it may be leased from, and a turn in its level's ring while it has such a batch.
//
// The highest level that has work goes first. But whatever waits below gains a twentieth of the
// worker time that is given to others by slots which might have computed it, and what it has gained
// it is given before those above: so nothing waits for ever. The highest gains nothing.
//
// A slot with tags has several lanes to take from. At one level that lane goes first whose clients
// were given least. So who is served by many slots leaves those to others whom nobody else serves.
#ifndef DC_BROKER_CORE_SCHEDULE_TURNS_H
#define DC_BROKER_CORE_SCHEDULE_TURNS_H

#include "broker/core/state.h"

// See to it that `batch`, which has a client, has a turn of its client's at its level. False,
// nothing changed, if memory is short.
DC_MUST_USE bool dc_turns_join(dc_core_t *self, dc_batch_t *batch);

// Take `batch` out of its turn, as when it leaves its client or its level. Nothing happens if it
// has none.
void dc_turns_leave(dc_batch_t *batch);

// Give `batch` another level, and its client's turn there if it has one. False, nothing changed, if
// memory is short.
DC_MUST_USE bool dc_turns_move(dc_core_t *self, dc_batch_t *batch, uint8_t level);

// Put `batch` into, or out of, the list of its turn, as it may be leased from or not. What is
// packed of it is opened for that if need be.
void dc_turns_see(dc_core_t *self, dc_batch_t *batch);

// The batch that `slot` is to be leased from next, NULL if there is none: of a lane that it has,
// and for a plain worker, which knows expressions and nothing else, of a plain client. Turns that
// are used up end here.
dc_batch_t *dc_turns_next(const dc_slot_t *slot);

// Whether there is anything in `turn`, which waits in a lane that `slot` has, that this may be
// leased.
bool dc_turns_may(const dc_turn_t *turn, const dc_slot_t *slot);

// Whether a turn waits in `lane` that goes before those which have used up one.
bool dc_turns_are_ahead(const dc_lane_t *lane);

// Jobs of `batch` are given `us` of the time of `slot` more than was known before, or less.
void dc_turns_spend(const dc_core_t *self, const dc_batch_t *batch, const dc_slot_t *slot,
                    double us);

#endif
