// dry_run_part — what the files of dry_run share; see client/cli/run/dry_run.h for what they do.
#ifndef DC_CLIENT_CLI_RUN_DRY_RUN_PART_H
#define DC_CLIENT_CLI_RUN_DRY_RUN_PART_H

#include "client/cli/run/dry_run.h"
#include "client/cli/run/rehearsal.h"

// How many rows are shown.
#define DC_DRY_RUN_SHOWN 3

typedef struct dc_dry_run {
    dc_computation_t *computation; // borrowed
    dc_rehearsal_t rehearsal;
    dc_printer_t printer; // to tell where faults are
    uint64_t rows, chunks, bytes;
    uint64_t malformed; // rows that fail before they are evaluated
    uint64_t too_long;  // rows that cannot be sent
    uint64_t shown;     // rows that are in
    dc_buf_t first;     // ... this: owned, in the form of the output
} dc_dry_run_t;

// client/cli/run/dry_run_put.c: append row `row`, which was rehearsed with this fault (or NULL).
void dc_dry_run_put_row(dc_dry_run_t *self, uint64_t row, const dc_diag_t *fault);

// Append all that was found out.
void dc_dry_run_put(dc_dry_run_t *self, dc_buf_t *out);

static inline bool dc_dry_run_is_json(const dc_dry_run_t *self)
{
    return self->computation->settings->output == DC_PRINT_JSON;
}

#endif
