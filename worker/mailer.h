// mailer — what a slot has to say to its broker, packed into as few messages as it fits.
//
// Commands wait in their order until the next flush. One that could not be sent is kept and tried
// again: nothing is lost while the connection lasts, and all of it is forgotten when it ends.
#ifndef DC_WORKER_MAILER_H
#define DC_WORKER_MAILER_H

#include "common/net.h"
#include "common/wire.h"

typedef struct dc_mailer {
    dc_cmd_t *list; // owned; slices hold references of their own
    size_t len, capacity;
    dc_wire_writer_t writer;
} dc_mailer_t;

// Prepare an empty one.
void dc_mailer_init(dc_mailer_t *self);
void dc_mailer_fini(dc_mailer_t *self);

// Add `cmd`, taking its slices (they are empty then). False, and nothing changed, if memory is
// short.
DC_MUST_USE bool dc_mailer_push(dc_mailer_t *self, dc_cmd_t *cmd);

// Forget all that waits.
void dc_mailer_clear(dc_mailer_t *self);

// Send what waits. DC_NET_SENT: all of it; else why not: the rest waits.
DC_MUST_USE dc_net_sent_t dc_mailer_flush(dc_mailer_t *self, dc_socket_t *socket);

#endif
