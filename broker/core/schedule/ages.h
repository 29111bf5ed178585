// ages — the batches of a turn that may be leased from, the oldest first.
//
// A list, in which the oldest is at hand and the next follows, and over the same batches a tree in
// which each finds its place: a client may have very many, and they come in any order, as when jobs
// come back, or a hold is over. The tree is a treap (Seidel and Aragon, "Randomized Search Trees",
// 1996): a batch's height in it follows from its number and a secret, so nothing is stored for that
// and no peer can choose numbers that make it deep. To insert and to remove is O(log n), needs no
// memory and cannot fail; where there is one batch only, as of most clients, it costs nothing.
#ifndef DC_BROKER_CORE_SCHEDULE_AGES_H
#define DC_BROKER_CORE_SCHEDULE_AGES_H

#include "common/base.h"

struct dc_batch;

typedef struct dc_ages {
    struct dc_batch *oldest; // list, by their turn_prev and turn_next, by number
    struct dc_batch *root;   // of the same, by their turn_older and turn_younger
} dc_ages_t;

// Put `batch`, which is in no turn's, where its number, which no other has, belongs.
void dc_ages_insert(dc_ages_t *self, struct dc_batch *batch);

// Take it out again.
void dc_ages_remove(dc_ages_t *self, struct dc_batch *batch);

// NULL, or a sentence that says what does not hold of list and tree. Looks at all batches.
const char *dc_ages_flaw(const dc_ages_t *self);

#endif
