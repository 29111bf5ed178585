// viewer — a client that is attached to a detached batch: it gets what is stored of it, chunk by
// chunk, and what is still to come as it comes.
//
// What it gets is read from the store, in order, ahead of its need: at most DC_RESULTS_BYTES_MAX
// are being read or not acknowledged, and DC_VIEWED_BYTES_MIN while that is too much of all viewers
// together; save where all that is the front of one chunk, whose results are in no order. What is
// read for all is bounded as well; beyond that they take turns. Of a chunk that is still computed
// it is shown in each tick what there is so far: these are the first bytes of what will be stored,
// so that the store is read from where that ended. Should the broker die before, they are computed
// again: jobs are pure.
#ifndef DC_BROKER_CORE_CLIENTS_VIEWER_H
#define DC_BROKER_CORE_CLIENTS_VIEWER_H

#include "broker/core/clients/viewed.h"
#include "broker/core/state.h"

typedef struct dc_viewer {
    dc_client_t *client;
    dc_batch_t *batch;
    uint32_t handle;
    bool wants_inputs, wants_workers;
    uint64_t ticket;    // of what is read for it: a handle may be used again
    uint64_t next;      // first job of the chunk that is read next
    bool is_input_read; // of that chunk
    uint64_t offset;    // in its results: what was sent of them
    bool is_in_parts;   // ... of which one is under way
    unsigned reads;     // under way
    size_t read_bytes;  // ... which they will bring
    bool is_thirsty;    // others read: it is in the core's list
    dc_viewed_t sent;   // and not acknowledged; owned
    struct dc_viewer *client_prev, *client_next; // its client's
    struct dc_viewer *batch_prev, *batch_next;   // its batch's
    struct dc_viewer *thirsty_prev, *thirsty_next;
} dc_viewer_t;

// An ATTACH: answered with OPENED, or REFUSED.
void dc_viewer_attach(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                      dc_actions_t *actions);

// The client's viewer with this handle; NULL if there is none.
dc_viewer_t *dc_viewer_find(const dc_client_t *client, uint32_t handle);

// The client is done with jobs [first, end).
void dc_viewer_ack(dc_core_t *self, dc_viewer_t *viewer, uint64_t first, uint64_t end,
                   dc_actions_t *actions);

// The client wants no more. Frees it.
void dc_viewer_close(dc_core_t *self, dc_viewer_t *viewer);

// There is more of `batch`, or it is over.
void dc_viewer_pump_all(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions);

// The batch is dropped: whoever is attached is told, and is so no more.
void dc_viewer_refuse_all(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions);

// What viewers had of the results of the chunk that begins at `first` is not what will be stored:
// who is in the middle of them begins anew, and is told `why`.
void dc_viewer_restart(dc_core_t *self, dc_batch_t *batch, uint64_t first, const char *why,
                       dc_actions_t *actions);
#define DC_VIEWER_SPOILED "the broker's disk has spoiled some of it: what can be computed again is"

// Something was read, or is not: those who wait to ask for more may.
void dc_viewer_serve(dc_core_t *self, dc_actions_t *actions);

// The store has read what `op` says, or could not.
void dc_viewer_read(dc_core_t *self, const dc_store_op_t *op, dc_actions_t *actions);

// Time has passed.
void dc_viewer_tick(dc_core_t *self, dc_actions_t *actions);

#endif
