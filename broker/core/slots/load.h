// load — how slots are: what they say with their heartbeats, and how fast their results come.
//
// Whether a slot takes work at all follows from it (not while its machine is short of memory), and
// whom work is offered to first, and how much of it. Two marks each keep a slot from changing its
// mind with every heartbeat. All that a slot says is read within limits: it can make itself look
// good, and then gets a few times more than its share, which others may take from it again.
#ifndef DC_BROKER_CORE_SLOTS_LOAD_H
#define DC_BROKER_CORE_SLOTS_LOAD_H

#include "broker/core/state.h"

// The slot has said BEAT with the JSON `text` (worker/hello.h); what makes no sense is passed over.
void dc_load_hear(dc_core_t *self, dc_slot_t *slot, dc_str_t text);

// Jobs that usually take `usual_us` took the slot `spent_us`. Its room is to be seen anew.
void dc_load_learn(dc_slot_t *slot, double usual_us, double spent_us);

// The lease that the slot is at, as it said last; NULL if it holds none such.
const dc_lease_t *dc_load_lease(const dc_slot_t *slot);

#endif
