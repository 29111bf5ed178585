// incoming — what a message that came in at one of the broker's doors says, as commands.
//
// Each door knows several forms (common/wire.h): clients that speak DC1 and plain ones, slots and
// plain workers. This is the only place that tells them apart. A message is checked whole before
// its first command is given out.
#ifndef DC_BROKER_INCOMING_H
#define DC_BROKER_INCOMING_H

#include "broker/outbox.h"

typedef struct dc_incoming {
    dc_wire_reader_t reader; // of a message with a table
    dc_cmd_t single;         // of one that has a form of its own
    bool has_single;
    bool speaks_dc1; // a client that can be told so with REFUSED; else a line of text is for it
} dc_incoming_t;

// Begin to read a message: its frames behind the routing id, borrowed while reading. `frame_count`
// is how many it had; more than `count` if it had too many.
// DC_ERR_PROTOCOL, with a sentence in `*why` (static), if anything is wrong; `speaks_dc1` is set
// then too.
DC_MUST_USE dc_err_t dc_incoming_read(dc_incoming_t *self, dc_side_t side, const dc_slice_t *frames,
                                      size_t count, size_t frame_count, const char **why);

// The next command; its slices share the frames' references. False after the last.
bool dc_incoming_next(dc_incoming_t *self, dc_cmd_t *cmd);

#endif
