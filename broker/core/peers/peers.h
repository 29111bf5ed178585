// peers — who is connected at one door of the broker: routing ids on one side, numbers on the
// other.
//
// A routing id is what libzmq calls a connection; it is bytes that the peer may choose, and leaves
// this table only to be given back to libzmq. The core knows a peer by its number, which is used
// once: whom the core has forgotten is given a new one when it speaks again.
#ifndef DC_BROKER_CORE_PEERS_PEERS_H
#define DC_BROKER_CORE_PEERS_PEERS_H

#include "broker/core/peers/outbox.h"
#include "common/map.h"

struct dc_accepted;

typedef struct dc_peer_entry {
    dc_peer_t number;               // 0 while the core does not know it
    dc_outbox_t outbox;             // what is to be sent to it
    dc_ms_t retry_ms;               // not before this, since it had no room
    struct dc_accepted *connection; // borrowed; NULL if it is not known
    bool is_dirty;                  // in the list of those that have something to be sent
    bool is_gone;                   // in the list of those whose connection is no more
    struct dc_peer_entry *dirty_prev, *dirty_next;
    struct dc_peer_entry *gone_prev, *gone_next;
    UT_hash_handle hh;        // by routing id
    UT_hash_handle hh_number; // by number, unless that is 0
    size_t id_len;
    char id[];
} dc_peer_entry_t;

typedef struct dc_peers {
    dc_peer_entry_t *by_id;     // owns the entries
    dc_peer_entry_t *by_number; // the same, without those whose number is 0
    dc_peer_t last;             // the number that was given last
} dc_peers_t;

void dc_peers_init(dc_peers_t *self);
void dc_peers_fini(dc_peers_t *self);

// The entry of routing id `id`, which is made if there is none (`*is_new`), and given a number if
// it has none. NULL if memory is short.
dc_peer_entry_t *dc_peers_meet(dc_peers_t *self, dc_str_t id, bool *is_new);

// The entry with this number, or NULL.
dc_peer_entry_t *dc_peers_find(dc_peers_t *self, dc_peer_t number);

// Take its number away: the core has forgotten it.
void dc_peers_forget(dc_peers_t *self, dc_peer_entry_t *entry);

// Take it out and destroy it, with what is in its outbox. The lists that it is in are the caller's.
void dc_peers_remove(dc_peers_t *self, dc_peer_entry_t *entry);

#endif
