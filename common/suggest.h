// suggest — the nearest known word to one that is not known.
#ifndef DC_COMMON_SUGGEST_H
#define DC_COMMON_SUGGEST_H

#include "common/str.h"

typedef struct dc_suggest {
    dc_str_t word;   // the one that is not known; borrowed
    dc_str_t best;   // the nearest candidate so far; borrowed
    size_t distance; // of `best`, in edits
} dc_suggest_t;

// Start looking for words near `word`.
void dc_suggest_init(dc_suggest_t *self, dc_str_t word);

// Offer a candidate, which must outlive the search. Costs O(length * length), bounded: words of
// more than 40 bytes are passed over.
void dc_suggest_offer(dc_suggest_t *self, dc_str_t candidate);

// The best candidate if it is near enough to be what was meant (one edit in three characters; a
// swap of neighbours counts as one edit, capitals as none), else an empty view.
dc_str_t dc_suggest_best(const dc_suggest_t *self);

#endif
