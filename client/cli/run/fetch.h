// fetch — `dcalc attach` and `dcalc results`: the rows of a batch that the broker keeps, written as
// if it had been run here; and what `dcalc retry` needs of that.
#ifndef DC_CLIENT_CLI_RUN_FETCH_H
#define DC_CLIENT_CLI_RUN_FETCH_H

#include "client/cli/look/find.h"
#include "client/cli/run/computation.h"
#include "client/cli/run/keepsake.h"

// Do `command`, one of the two, with the batch that `id` names. Returns the exit status.
int dc_fetch(const dc_cli_settings_t *settings, dc_cli_command_t command, const char *id,
             dc_console_t *console);

// Attach to batch `found` from job `first` on, wait for its program, and make of it the recipe's
// layout and `keepsake`; the recipe's `program` is the frame as it came. The connection is open.
// Returns 0, or an exit status after saying why.
DC_MUST_USE int dc_fetch_begin(dc_computation_t *self, const dc_found_t *found, uint64_t first,
                               dc_keepsake_t *keepsake, bool *ieee);

#endif
