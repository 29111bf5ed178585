// room — which slots may be given more, and how willingly.
//
// Of each kind of slot there is a list for each amount of room (dc_room_t), from which leases are
// given out, those that are preferred first; beside them the lists of slots that have leases, and
// of those that have some whose cost nobody knows. A slot is in the lists that its leases and what
// it says of itself demand: whoever changes these has it seen anew, which is O(1), save when the
// first fit slot of a kind comes or the last one goes.
#ifndef DC_BROKER_CORE_SCHEDULE_ROOM_H
#define DC_BROKER_CORE_SCHEDULE_ROOM_H

#include "broker/core/state.h"

// Whether `slot` may be given anything, as it is and as it says: where its machine is loaded, only
// if those of all of its kind are.
bool dc_room_can_accept(const dc_slot_t *slot);

// Put `slot` into the lists that its leases and state demand. To be called whenever these change.
void dc_room_see(dc_core_t *self, dc_slot_t *slot);

#endif
