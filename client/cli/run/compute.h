// compute — the commands that compute: `eval`, `batch`, and expressions on stdin.
#ifndef DC_CLIENT_CLI_RUN_COMPUTE_H
#define DC_CLIENT_CLI_RUN_COMPUTE_H

#include "client/cli/cli_settings.h"
#include "client/cli/console.h"

// Evaluate the arguments. Returns the exit status; what went wrong has been said on the console.
int dc_compute_arguments(const dc_cli_settings_t *settings, const char *const *arguments,
                         size_t count, dc_console_t *console);

// Evaluate the rows of `file` (NULL or "-": stdin), or of the ranges. With `has_summary` the end is
// told in a line. Returns likewise.
int dc_compute_batch(const dc_cli_settings_t *settings, const char *file, bool has_summary,
                     dc_console_t *console);

#endif
