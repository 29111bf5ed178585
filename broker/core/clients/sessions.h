// sessions — clients come, go silent and come back; their batches outlive them for a while.
#ifndef DC_BROKER_CORE_CLIENTS_SESSIONS_H
#define DC_BROKER_CORE_CLIENTS_SESSIONS_H

#include "broker/core/state.h"

// The session of client `peer`, or NULL. It has been heard just now.
dc_client_t *dc_sessions_hear(dc_core_t *self, dc_peer_t peer);

// The same, without being heard; 0 is nobody.
dc_client_t *dc_sessions_find(const dc_core_t *self, dc_peer_t peer);

// A session for `peer`, which has none. NULL if memory is short.
dc_client_t *dc_sessions_begin(dc_core_t *self, dc_peer_t peer, bool is_plain);

// The session is over: batches become orphans (a plain client's, and those that are answered, are
// dropped), the shell forgets the peer.
void dc_sessions_end(dc_core_t *self, dc_client_t *client, dc_actions_t *actions);

// Whether the session of `peer` was ended for its silence: that is remembered until it speaks, or
// until this is asked.
bool dc_sessions_take_lost(dc_core_t *self, dc_peer_t peer);

// Put `batch`, an orphan or new, under `client` with `handle`. False, nothing changed, if memory is
// short.
DC_MUST_USE bool dc_sessions_adopt(dc_core_t *self, dc_client_t *client, uint32_t handle,
                                   dc_batch_t *batch);

// Take `batch` from its client: it is an orphan now.
void dc_sessions_orphan(dc_core_t *self, dc_batch_t *batch);

// Register a new batch under its key and a number (`wish`, if that is free, else the next). False,
// nothing changed, if memory is short.
DC_MUST_USE bool dc_sessions_register(dc_core_t *self, dc_batch_t *batch, uint64_t wish);

// Give a plain client's request a number of its own kind; nobody can ask for it.
void dc_sessions_register_plain(dc_core_t *self, dc_batch_t *batch);

// Forget `batch` and all that it holds; leases are trimmed. Its client is not told.
void dc_sessions_drop(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions);

// A batch by the broker's number for it; the request `number` of plain client `peer`; a batch by
// the name that it has in the session of `client`. NULL if there is none.
dc_batch_t *dc_sessions_by_number(const dc_core_t *self, uint64_t number);
dc_batch_t *dc_sessions_plain(dc_core_t *self, dc_peer_t peer, uint64_t number);
dc_batch_t *dc_sessions_by_handle(dc_client_t *client, uint32_t handle);

// End silent sessions and drop orphans whose time is over.
void dc_sessions_expire(dc_core_t *self, dc_actions_t *actions);

// Tell `client` of more credit, if there is enough more to be worth a message.
void dc_sessions_grant(dc_core_t *self, dc_client_t *client, dc_actions_t *actions);

#endif
