// kept — rows whose results are known already: they are written like those that are computed.
#ifndef DC_CLIENT_CLI_JOURNAL_KEPT_H
#define DC_CLIENT_CLI_JOURNAL_KEPT_H

#include "client/dcalc.h"
#include "common/base.h"

typedef struct dc_kept {
    dcalc_piece_t piece; // whose jobs count as rows do, from 0; its chunk is the next
    dcalc_chunk_t chunk; //
    uint64_t number;     // of the batch that computed them
} dc_kept_t;

// How many bytes it points to.
size_t dc_kept_bytes(const dc_kept_t *self);

// A copy with all bytes that it points to, in one piece of memory; free() it. NULL if memory is
// short.
dc_kept_t *dc_kept_copy(const dc_kept_t *self);

#endif
