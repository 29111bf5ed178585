// pieces — results on their way from whoever computed them to whoever sends them.
#ifndef DC_WORKER_PIECES_H
#define DC_WORKER_PIECES_H

#include "common/wire.h"

// RESULT commands whose slices hold references of their own, in the order in which they were made.
typedef struct dc_pieces {
    dc_cmd_t *list; // owned
    size_t len, capacity;
} dc_pieces_t;

// Drop the pieces and their references, keep the memory.
void dc_pieces_clear(dc_pieces_t *self);
void dc_pieces_fini(dc_pieces_t *self);

// Room for one more at the end, to be filled by the caller; NULL if memory is short.
dc_cmd_t *dc_pieces_append(dc_pieces_t *self);

#endif
