// incoming — what a message that came in at one of the broker's doors says, as commands.
//
// Each door knows several forms (common/wire.h): clients that speak DC1 and plain ones, slots and
// plain workers. This is the only place that tells them apart. A message is checked whole before
// its first command is given out.
#ifndef DC_BROKER_CORE_PEERS_INCOMING_H
#define DC_BROKER_CORE_PEERS_INCOMING_H

#include "broker/core/peers/outbox.h"

// How somebody whose message means nothing can be told so.
typedef enum dc_told {
    DC_TOLD_NOT,    // it may speak the Paranoid Pirate Protocol, whose worker takes silence as the
                    // reason to say READY again
    DC_TOLD_DC1,    // a dcalc client: with REFUSED
    DC_TOLD_A_LINE, // anybody else: with a line, as a plain client
} dc_told_t;

typedef struct dc_incoming {
    dc_wire_reader_t reader; // of a message with a table
    dc_cmd_t single;         // of one that has a form of its own
    bool has_single;
    dc_told_t told; // of one that means nothing
} dc_incoming_t;

// Begin to read a message: its frames behind the routing id, borrowed while reading. `frame_count`
// is how many it had; more than `count` if it had too many.
// DC_ERR_PROTOCOL, with a sentence in `*why` (static), if anything is wrong. DC_ERR_ADDRESS: it is
// the message of a client among workers, or of a worker among clients. DC_ERR_VERSION: of another
// version. `told` is set in all cases, and there are no commands.
DC_MUST_USE dc_err_t dc_incoming_read(dc_incoming_t *self, dc_side_t side, const dc_slice_t *frames,
                                      size_t count, size_t frame_count, const char **why);

// The next command; its slices share the frames' references. False after the last.
bool dc_incoming_next(dc_incoming_t *self, dc_cmd_t *cmd);

#endif
