// deletion — a detached batch that is gone for the broker, and not yet for its store.
//
// Until the store says that it has forgotten the batch, a broker that comes next would find it
// again: so nobody is told before that there is no such batch.
#ifndef DC_BROKER_CORE_KEPT_DELETION_H
#define DC_BROKER_CORE_KEPT_DELETION_H

#include "broker/core/state.h"

// The store is told to forget batch `number`. Without the memory to remember that, whoever asks for
// the batch is told a moment too early that it is gone.
void dc_deletion_begin(dc_core_t *self, uint64_t number);

// Whether the store has still to do so.
bool dc_deletion_is_under_way(const dc_core_t *self, uint64_t number);

// It has.
void dc_deletion_end(dc_core_t *self, uint64_t number);

// Forget all of them.
void dc_deletion_clear(dc_core_t *self);

#endif
