// loss — what becomes of the work of slots that die.
//
// What a lost slot had streamed stays; the rest is ready again. The job that it was at is looked
// at: a lease that was lost while it ran goes back in halves, so that a poison job is found in few
// rounds; alone and lost `retries` times more, it fails. An obituary says which job it was: that
// one is leased alone next, and fails when it is named again. Leases that only waited bear no
// blame.
//
// A plain worker that lives and does not answer has not lost its job, but others get it as well.
#ifndef DC_BROKER_CORE_SLOTS_LOSS_H
#define DC_BROKER_CORE_SLOTS_LOSS_H

#include "broker/core/state.h"

typedef enum dc_blame {
    DC_BLAME_NOBODY,  // the slot leaves, or an obituary knows better
    DC_BLAME_RUNNING, // what it was at may have killed it
} dc_blame_t;

// The slot is no more: give its work to others and forget it. `why` is for the log.
void dc_loss_of_slot(dc_core_t *self, dc_slot_t *slot, dc_blame_t blame, const char *why,
                     dc_actions_t *actions);

// The slot begins anew on the same connection: give its work to others, and forget the slot but not
// its peer.
void dc_loss_of_session(dc_core_t *self, dc_slot_t *slot, const char *why, dc_actions_t *actions);

// Give the jobs to others that plain workers do not answer. These get nothing else until they do.
void dc_loss_of_overdue(dc_core_t *self, dc_actions_t *actions);

// A supervisor says how a slot died.
void dc_loss_obituary(dc_core_t *self, const dc_cmd_t *cmd, dc_actions_t *actions);

#endif
