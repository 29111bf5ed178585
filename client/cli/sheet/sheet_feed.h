// sheet_feed — the cells of a sheet as jobs: chunks in the order in which they are computed.
//
// A chunk has cells that use the same ones, so that it waits for nothing that one of them does not
// use. A job's line is that of client/cli/sheet/sheet_line.h.
#ifndef DC_CLIENT_CLI_SHEET_SHEET_FEED_H
#define DC_CLIENT_CLI_SHEET_SHEET_FEED_H

#include "client/cli/sheet/sheet.h"
#include "client/dcalc.h"

typedef struct dc_sheet_feed {
    const dc_sheet_t *sheet; // borrowed
    uint32_t next;           // job
    dc_buf_t names;          // owned, as all that follows: of the results that the chunk gets
    dc_buf_t line;           //
    dc_buf_t bytes;          //
    uint32_t *jobs;          // that are used; room for DC_NEEDS_MAX
    dcalc_range_t *needs;    // likewise
} dc_sheet_feed_t;

// False if memory is short.
DC_MUST_USE bool dc_sheet_feed_init(dc_sheet_feed_t *self, const dc_sheet_t *sheet);
void dc_sheet_feed_fini(dc_sheet_feed_t *self);

// Check that each cell fits a job. Returns 0, or EX_DATAERR after saying which does not.
DC_MUST_USE int dc_sheet_feed_check(dc_sheet_feed_t *self);

// The next chunk, and how many jobs it has. It is valid until the next call. False behind the last,
// or where `*is_short` of memory.
bool dc_sheet_feed_next(dc_sheet_feed_t *self, dcalc_chunk_t *chunk, uint32_t *jobs,
                        bool *is_short);

#endif
