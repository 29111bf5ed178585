// channel — the client's present connection: messages out and in, and whether it still stands.
//
// One socket after the other, each to the next place where the broker may be. A connection that
// broke is reported and never used again, even though libzmq would mend it: what was on its way is
// missing. One descriptor stands for all of it, and stays the same.
#ifndef DC_CLIENT_CHANNEL_H
#define DC_CLIENT_CHANNEL_H

#include "client/outcome.h"
#include "common/net.h"

typedef struct dc_channel dc_channel_t;

// Prepare, without a connection; `urls` (1 or more) are copied. NULL, and errno set (EINVAL: one of
// them is no URL).
dc_channel_t *dc_channel_new(const char *const *urls, size_t url_count);

// Have `tap` called with `context` and each command that is sent.
void dc_channel_tap(dc_channel_t *self, void (*tap)(void *context, const dc_cmd_t *cmd),
                    void *context);

// Close everything; what was sent is tried for `linger_ms` more.
void dc_channel_destroy(dc_channel_t **self_p, uint32_t linger_ms);

// Close the connection (if it still stands: since the broker does not answer), and open one to the
// next URL. DC_ERR_IO, DC_ERR_INVALID: there is no connection now, and the reason says why.
DC_MUST_USE dc_err_t dc_channel_connect(dc_channel_t *self);

// Send what `out` has to send, packed, and remove it there; what there is no room for stays for the
// next time. DC_ERR_NOMEM: likewise.
DC_MUST_USE dc_err_t dc_channel_send(dc_channel_t *self, dc_outcome_t *out);

typedef enum dc_channel_got {
    DC_CHANNEL_MESSAGE, // a message, which the reader goes through
    DC_CHANNEL_FOREIGN, // a message of another version of the protocol
    DC_CHANNEL_GARBAGE, // something that is no message
    DC_CHANNEL_NOTHING, // nothing is there now
} dc_channel_got_t;

// Receive a message; `reader` and what it yields are valid until the next.
dc_channel_got_t dc_channel_receive(dc_channel_t *self, dc_wire_reader_t *reader);

// Has the connection broken, or could it not be made? Asked for once, the answer is true once.
bool dc_channel_is_broken(dc_channel_t *self);

// Is a message there?
bool dc_channel_is_ready(dc_channel_t *self);

// Is there something to send that the connection has not refused to take for now?
bool dc_channel_wants_to_send(const dc_channel_t *self, const dc_outcome_t *out);

int dc_channel_fd(const dc_channel_t *self);
const char *dc_channel_url(const dc_channel_t *self);

// Why the last connection failed; "" if none has.
const char *dc_channel_reason(const dc_channel_t *self);

// As dcalc_place.
const char *dc_channel_place(const dc_channel_t *self, size_t index, const char **reason);

#endif
