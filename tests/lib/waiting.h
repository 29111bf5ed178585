// waiting — a broker's core in which jobs wait, each sent as a chunk of its own, and nobody
// computes them: what it takes of memory for each.
//
// Interactive jobs are sent by as many clients as their credit demands, since a client may have
// some 30,000 such chunks open; they may wait for another batch to end. Detached ones are sent by
// one client, whose batch goes on when the store has what was sent; the store here is nobody, who
// says that all is well when told to.
#ifndef DC_TESTS_LIB_WAITING_H
#define DC_TESTS_LIB_WAITING_H

#include "broker/core/core.h"

// Bytes of a job's text, with its newline.
#define WAITING_TEXT_BYTES 24

typedef enum waiting_kind {
    WAITING_READY,    // interactive, for a slot
    WAITING_AFTER,    // interactive, for another batch to end
    WAITING_DETACHED, // for a slot
    WAITING_KINDS,
} waiting_kind_t;

typedef struct waiting {
    dc_core_t *core;
    dc_actions_t actions;
    waiting_kind_t kind;
    dc_peer_t client;       // who sends at the moment
    uint64_t sent;          // jobs, of all clients
    uint64_t first;         // index of that client's next job
    dc_store_queue_t store; // what is on its way to the disk
} waiting_t;

// Begin with an empty core. What fails here ends the program.
void waiting_begin(waiting_t *self, waiting_kind_t kind);

// Send jobs until `jobs` were sent in all.
void waiting_send(waiting_t *self, uint64_t jobs);

// All that is on its way to the disk is there.
void waiting_commit(waiting_t *self);

void waiting_end(waiting_t *self);

// What the program has of malloc at the moment; 0 where a sanitizer has its own.
size_t waiting_heap_bytes(void);

#endif
