// detach — `dcalc batch -d`: send a batch, print its id, return.
#ifndef DC_CLIENT_CLI_RUN_DETACH_H
#define DC_CLIENT_CLI_RUN_DETACH_H

#include "client/cli/run/computation.h"
#include "client/cli/run/submit.h"

// Send the batch of `self`, whose recipe is finished. Returns the exit status.
DC_MUST_USE int dc_detach(dc_computation_t *self);

// Send a detached batch with the rows of `self->source`; what `self->options` do not say is as the
// settings have it. The connection is open.
DC_MUST_USE dc_submit_result_t dc_detach_submit(dc_computation_t *self, dc_str_t program);

// Write `text` to stdout. Returns 0, or an exit status after saying why it cannot be.
DC_MUST_USE int dc_detach_print(dc_computation_t *self, dc_str_t text);

// Append the row that says which batch it is, as a program reads it: as JSON, CSV or TSV. `of` is
// the batch whose rows are in it once more; 0: they are new.
void dc_detach_put_row(const dc_computation_t *self, const dc_submit_result_t *result, uint64_t of,
                       dc_buf_t *out);

#endif
