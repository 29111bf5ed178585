// link_actions — what the link wants done, in order.
#ifndef DC_WORKER_LINK_ACTIONS_H
#define DC_WORKER_LINK_ACTIONS_H

#include "common/log.h"
#include "common/wire.h"

typedef enum dc_link_action_type {
    DC_LINK_CONNECT, // open a connection to the broker
    DC_LINK_CLOSE,   // close it; what was not sent yet is dropped
    DC_LINK_SEND,    // send `cmd`: READY, BEAT, RESULT, GOODBYE
    DC_LINK_RUN,     // evaluate the lease in `cmd` (LEASE), behind those that came before
    DC_LINK_TRIM,    // the lease in `cmd` (TRIM) ends at `end` now: end it there, or where it has
                     // come to, with a last piece
    DC_LINK_CANCEL,  // forget the lease in `cmd` (TRIM), without a piece
    DC_LINK_STOP,    // forget all leases, likewise
    DC_LINK_EXIT,    // the process is to end, once what was sent is out
    DC_LINK_LOG,     // data of `cmd` is the line, without a newline
} dc_link_action_type_t;

typedef struct dc_link_action {
    dc_link_action_type_t type;
    dc_log_level_t level; // of a LOG
    dc_cmd_t cmd;         // its slices hold references of their own
} dc_link_action_t;

typedef struct dc_link_actions {
    dc_link_action_t *list; // owned
    size_t len, capacity;
    bool failed; // memory was short: something that should be in the list is not
} dc_link_actions_t;

void dc_link_actions_init(dc_link_actions_t *self);
void dc_link_actions_fini(dc_link_actions_t *self);

// Drop the actions and their references, keep the memory.
void dc_link_actions_clear(dc_link_actions_t *self);

// Append; `cmd` may be NULL where the type needs none. Keeps references of its slices of its own
// (borrowed bytes are copied).
void dc_link_actions_add(dc_link_actions_t *self, dc_link_action_type_t type, const dc_cmd_t *cmd);
void dc_link_actions_log(dc_link_actions_t *self, dc_log_level_t level, const char *format, ...)
    DC_PRINTF(3, 4);

#endif
