// order — results that come in any order, and leave in the order of their jobs.
//
// It keeps what came too early: ranges of jobs, each with an item that is the caller's. Ranges
// mostly come nearly in order, so they are looked for from the end; taking the next one is O(1).
#ifndef DC_CLIENT_CLI_RUN_ORDER_H
#define DC_CLIENT_CLI_RUN_ORDER_H

#include "common/base.h"

typedef struct dc_order_entry {
    uint64_t first, end; // jobs, half-open
    void *item;          // the caller's
    struct dc_order_entry *next, *previous;
} dc_order_entry_t;

typedef struct dc_order {
    uint64_t next;            // the job whose result is due
    dc_order_entry_t *front;  // owned, by `first`
    dc_order_entry_t *back;   //
    dc_order_entry_t *unused; // owned, to be used again
} dc_order_t;

void dc_order_init(dc_order_t *self);

// Free the entries. Items are the caller's: take them before.
void dc_order_fini(dc_order_t *self);

// Keep [first, end), of which nothing was put before. False if memory is short.
DC_MUST_USE bool dc_order_put(dc_order_t *self, uint64_t first, uint64_t end, void *item);

// Take what is due, and go on behind it. False if that has not come yet.
bool dc_order_take(dc_order_t *self, uint64_t *first, uint64_t *end, void **item);

// What is due came and needs no keeping: go on behind it.
static inline void dc_order_pass(dc_order_t *self, uint64_t end)
{
    self->next = end;
}

// Take whatever is kept, due or not; NULL at the end. For leaving early.
void *dc_order_take_any(dc_order_t *self);

#endif
