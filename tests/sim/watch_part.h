// watch_part — what the files of the watch share: watch.c (which event or action it is),
// watch_clients.c and watch_slots.c.
#ifndef DC_TESTS_SIM_WATCH_PART_H
#define DC_TESTS_SIM_WATCH_PART_H

#include "tests/sim/watch.h"

// NULL if there is none.
batch_t *watch_find_batch(const sim_t *sim, uint64_t number);

// `list`, which has `len` items, with room for one more.
void *watch_grow(void *list, size_t len, size_t *capacity, size_t item_bytes);

// --- watch_clients.c ---------------------------------------------------------------------------

// The batch of a session; NULL if it has none under this handle.
watched_handle_t *watch_find_handle(const peer_t *peer, uint32_t handle);
void watch_drop_handle(peer_t *peer, uint32_t handle);

// A client has opened a batch, or attached to one, and the broker agrees; it sends a chunk.
void watch_open(sim_t *sim, peer_t *peer, const dc_cmd_t *cmd);
void watch_attach(sim_t *sim, hub_t *hub, peer_t *peer, const dc_cmd_t *cmd);
void watch_chunk(sim_t *sim, peer_t *peer, const dc_cmd_t *cmd);

void watch_to_client(sim_t *sim, const hub_t *hub, peer_t *peer, const dc_cmd_t *cmd);

// --- watch_slots.c -----------------------------------------------------------------------------

void watch_from_worker(sim_t *sim, peer_t *peer, const dc_cmd_t *cmd);
void watch_to_worker(sim_t *sim, const hub_t *hub, peer_t *peer, const dc_cmd_t *cmd);

// The slot is lost: the job that it may have been at is the first that it has not answered.
void watch_blame(peer_t *peer);

// What a slot hands back in a GOODBYE it has no more.
void watch_goodbye(sim_t *sim, const hub_t *hub, const dc_event_t *event);

#endif
