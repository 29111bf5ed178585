// spare — what a slot with nothing to do can take off others, or do as well as they.
//
// These only choose; broker/core/schedule/scheduler.h acts. What could not be leased afterwards is
// not chosen: of a batch that is held, has no client or is for other slots, and of a client with
// too many results under way all but what it waits for.
#ifndef DC_BROKER_CORE_SCHEDULE_SPARE_H
#define DC_BROKER_CORE_SCHEDULE_SPARE_H

#include "broker/core/state.h"

// How many slots are looked at for the one to take something off. The best of so many is nearly the
// best of all.
#define DC_SPARE_SLOTS_MAX 64

// How long `lease`, if it is the first of its slot's, has run since it last gave results.
double dc_spare_run_us(const dc_core_t *self, const dc_lease_t *lease);

// The lease that is worth most to slot `idle` if it is shortened, of those of the next
// DC_SPARE_SLOTS_MAX busy slots, of which `*left` have not been looked at; who was is last in line
// then. Where it should end: a lease that waits is taken as a whole, of one that runs the later
// half. NULL if none is worth it.
dc_lease_t *dc_spare_tail(dc_core_t *self, const dc_slot_t *idle, size_t *left, uint64_t *end);

// For slot `idle`: a lease of one job that runs DC_STRAGGLER_RATIO times as long as most jobs of
// its batch, and no other slot has it yet; the one that is longest beyond that, of all if
// `is_thorough`. For a plain worker it is one that this understands. NULL if there is none. A
// job that slots were lost with is none: it must not take two at a time. Nor is one whose double
// made way, before it has run twice as long as it had then.
dc_lease_t *dc_spare_straggler(const dc_core_t *self, const dc_slot_t *idle, bool is_thorough);

// In how many ms, as time passes, one of the above may be there for a slot that is idle; 0: the
// next tick is soon enough.
dc_ms_t dc_spare_wait_ms(const dc_core_t *self);

#endif
