// actions — what the core wants done, in order.
#ifndef DC_BROKER_CORE_ACTIONS_H
#define DC_BROKER_CORE_ACTIONS_H

#include "common/log.h"
#include "common/wire.h"

// A connection, in the shell's numbering: counted from 1, never used twice. Clients and workers are
// counted apart. What the transport calls it stays in the shell.
typedef uint64_t dc_peer_t;

struct dc_store_op;

typedef enum dc_action_type {
    DC_ACTION_TO_CLIENT,     // send `cmd` to client `peer`
    DC_ACTION_TO_WORKER,     // send `cmd` to worker `peer`
    DC_ACTION_FORGET_CLIENT, // the core does not know `peer` any more; if it speaks it is new. What
                             // was to be sent to it before this still is
    DC_ACTION_FORGET_WORKER, // likewise
    DC_ACTION_STORE,         // put `op` into the store
    DC_ACTION_LOG,           // data of `cmd` is the line, without a newline
} dc_action_type_t;

typedef struct dc_action {
    dc_action_type_t type;
    dc_log_level_t level; // of a LOG
    union {
        dc_peer_t peer;
        struct dc_store_op *op; // of a STORE: owned, until the shell takes it
    };
    dc_cmd_t cmd; // its slices hold references of their own
} dc_action_t;

typedef struct dc_actions {
    dc_action_t *list; // owned
    size_t len, capacity;
    bool failed; // memory was short: something that should be in the list is not
} dc_actions_t;

void dc_actions_init(dc_actions_t *self);
void dc_actions_fini(dc_actions_t *self);

// Drop the actions and their references, keep the memory.
void dc_actions_clear(dc_actions_t *self);

// Append; keeps references of `cmd`'s slices of its own (borrowed bytes are copied).
void dc_actions_to_client(dc_actions_t *self, dc_peer_t peer, const dc_cmd_t *cmd);
void dc_actions_to_worker(dc_actions_t *self, dc_peer_t peer, const dc_cmd_t *cmd);
void dc_actions_forget_client(dc_actions_t *self, dc_peer_t peer);
void dc_actions_forget_worker(dc_actions_t *self, dc_peer_t peer);
// Takes `*op_p`.
void dc_actions_store(dc_actions_t *self, struct dc_store_op **op_p);
void dc_actions_log(dc_actions_t *self, dc_log_level_t level, const char *format, ...)
    DC_PRINTF(3, 4);

#endif
