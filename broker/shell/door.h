// door — one of the broker's two sockets, with everybody who is connected there.
//
// What comes in leaves it as commands of numbered peers; what is to go out is put into the outbox
// of a peer, and leaves with the next flush, packed. No call blocks. What nobody can understand is
// answered here, and so is who came to the wrong one of the two; who breaks the rules of the
// transport is disconnected here; both are logged, with a line a second at most.
//
// A turn of the shell: dc_door_receive until nothing is there, dc_door_take_gone until nobody is,
// dc_door_send for all that follows from it, dc_door_flush once.
#ifndef DC_BROKER_SHELL_DOOR_H
#define DC_BROKER_SHELL_DOOR_H

#include "broker/core/peers/incoming.h"
#include "common/net.h"

typedef struct dc_door dc_door_t;

// Listen at `url`, for at most `connections_max` peers. NULL, with a sentence in `diag`, if that is
// not possible: DC_ERR_INVALID, DC_ERR_IO, DC_ERR_NOMEM.
dc_door_t *dc_door_new(dc_net_t *net, dc_side_t side, const char *url, unsigned connections_max,
                       dc_diag_t *diag);

// Close it and set `*self_p` to NULL; NULL is fine. What was sent is tried for `linger_ms` more.
void dc_door_destroy(dc_door_t **self_p, uint32_t linger_ms);

// Where it listens: with the port that the system chose, if it was left to it.
const char *dc_door_url(const dc_door_t *self);

// The address of the broker's other door is `url`: who should be there is told so.
void dc_door_set_other(dc_door_t *self, const char *url);

// What to wait for, when nothing is there to receive: two items, the second of which can be read
// when dc_door_read_events has something to do. `is_drained`: nothing was sent since.
void dc_door_poll_items(dc_door_t *self, bool is_drained, dc_poll_t *items);

// Receive the next message. Its commands come from `incoming`, and are valid until the next is
// received; one that means nothing has none. False if no message is there.
bool dc_door_receive(dc_door_t *self, dc_ms_t now, dc_peer_t *peer, dc_incoming_t *incoming);

// Take note of who has connected and who has gone.
void dc_door_read_events(dc_door_t *self, dc_ms_t now);

// The next peer that the core may know and whose connection is no more; it is forgotten here. Call
// it when nothing is left to receive: its last messages come first. False if there is none.
bool dc_door_take_gone(dc_door_t *self, dc_peer_t *peer);

// Send `cmd` to `peer` with the next flush, taking its slices. Nothing happens if it has gone.
void dc_door_send(dc_door_t *self, dc_peer_t peer, dc_cmd_t *cmd);

// The core does not know `peer` any more. What was sent before still goes out.
void dc_door_forget(dc_door_t *self, dc_peer_t peer);

// Does nothing wait to be sent?
bool dc_door_is_quiet(const dc_door_t *self);

// Send what there is room for. False if something is left, to be tried again in DC_SEND_RETRY_MS.
bool dc_door_flush(dc_door_t *self, dc_ms_t now);

// Disconnect those who send endless messages. True if somebody is suspect: look again soon.
bool dc_door_look(dc_door_t *self, dc_ms_t now);

// For the summary of state.
typedef struct dc_door_state {
    unsigned connections; // that there are
    unsigned peers;       // of which have said something
    uint64_t shut;        // connections that were shut by us since the start
    uint64_t broken;      // messages that were not understood
} dc_door_state_t;
dc_door_state_t dc_door_state(const dc_door_t *self);

#endif
