// retry — `dcalc retry ID`: the failed, cancelled and lost jobs of a stored batch, as a new one.
#ifndef DC_CLIENT_CLI_RUN_RETRY_H
#define DC_CLIENT_CLI_RUN_RETRY_H

#include "client/cli/cli_settings.h"
#include "client/cli/console.h"

// Do it with the batch that `id` names. Returns the exit status.
int dc_retry(const dc_cli_settings_t *settings, const char *id, dc_console_t *console);

#endif
