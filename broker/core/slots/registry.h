// registry — the slots that are there, what they said of themselves, and who died.
#ifndef DC_BROKER_CORE_SLOTS_REGISTRY_H
#define DC_BROKER_CORE_SLOTS_REGISTRY_H

#include "broker/core/state.h"

// The slot of worker `peer`, or NULL. It has been heard just now.
dc_slot_t *dc_registry_hear(dc_core_t *self, dc_peer_t peer);

// The slot with this session key, or NULL.
dc_slot_t *dc_registry_by_session(dc_core_t *self, const dc_key_t *session);

// Enter a slot that has said READY with `json` (empty: a plain worker). `peer` must be new. If the
// same process was here on another connection, that one is over: `*former` is its slot, which is
// not found by its session key any more, else NULL.
// DC_ERR_PROTOCOL, DC_ERR_VERSION (what it said is not understood) and DC_ERR_NOMEM, with `diag`
// filled; nothing has changed then.
DC_MUST_USE dc_err_t dc_registry_add(dc_core_t *self, dc_peer_t peer, dc_str_t json,
                                     dc_slot_t **former, dc_diag_t *diag);

// Take out a slot that has no leases any more, and free it.
void dc_registry_remove(dc_core_t *self, dc_slot_t *slot);

// The slot that has been silent for longer than is allowed; NULL if there is none.
dc_slot_t *dc_registry_silent(dc_core_t *self);

// A slot that is due a heartbeat, which counts as sent; NULL if there is none. dcalc's own are due
// one every DC_BROKER_BEAT_EVERY heartbeats, plain workers, which wait for no more than three,
// each; who is new is due one at once.
dc_slot_t *dc_registry_tell(dc_core_t *self);

// Remember the leases of a slot that is lost for one liveness period, for an obituary. Lack of
// memory means that no obituary will be believed.
void dc_registry_bury(dc_core_t *self, const dc_slot_t *slot);

// What the lost session had under lease `id`. False if nobody knows.
bool dc_registry_exhume(const dc_core_t *self, const dc_key_t *session, uint64_t id,
                        dc_grave_lease_t *lease);

// Forget graves whose time is over; all of them at the end.
void dc_registry_clear_graves(dc_core_t *self, bool is_end);

#endif
