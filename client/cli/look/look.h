// look — the commands that ask the broker: ping, bench, workers, top, list, status; and cancel,
// delete, set.
#ifndef DC_CLIENT_CLI_LOOK_LOOK_H
#define DC_CLIENT_CLI_LOOK_LOOK_H

#include "client/cli/cli_settings.h"
#include "client/cli/console.h"

// Do `command` with its arguments and print the answer. Returns the exit status; what went wrong
// has been said on the console.
int dc_look(const dc_cli_settings_t *settings, dc_cli_command_t command,
            const char *const *arguments, size_t count, dc_console_t *console);

#endif
