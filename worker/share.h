// share — the page of memory that a slot and its supervisor have in common.
//
// The supervisor makes it for each slot that it starts, and draws the slot's session key into it:
// so the key appears in no command line, and nobody else can bury the slot. The slot keeps in it
// where it is, which is what the supervisor tells the broker when the slot has crashed.
#ifndef DC_WORKER_SHARE_H
#define DC_WORKER_SHARE_H

#include "common/wire.h"
#include "worker/spot.h"

// The descriptor under which a slot finds it.
#define DC_SHARE_FD 3

typedef struct dc_share {
    dc_key_t session;
    int32_t supervisor_pid;    // the slot ends when this process does
    uint32_t slot_index;       // within the worker
    _Atomic uint32_t endpoint; // which of the brokers' addresses the slot is connected to
    dc_spot_t spot;            // of the thread that evaluates
    dc_spot_t quick_spot;      // of the one that speaks with the broker (worker/quick.h)
} dc_share_t;

// Make a page with a new session key; `*fd` is the caller's to close. NULL if the system has no
// memory or randomness to give.
dc_share_t *dc_share_new(uint32_t slot_index, int *fd);

// Look at the page behind `fd`, which is then closed. NULL if there is none.
dc_share_t *dc_share_open(int fd);

// Give it back and set `*self_p` to NULL; NULL is fine.
void dc_share_close(dc_share_t **self_p);

#endif
