// files — whether the files that a command line names can be what they are named for.
//
// One file cannot be two outputs, nor an output what is read: whoever types that has mistyped, and
// the rows of a night would be gone when it shows at the end.
#ifndef DC_CLIENT_CLI_FILES_H
#define DC_CLIENT_CLI_FILES_H

#include "client/cli/cli_settings.h"
#include "client/cli/console.h"

// Check the outputs against each other and against the input: a path, "-" for stdin, or NULL for
// none. Returns 0, or EX_USAGE after saying why. Opens nothing.
DC_MUST_USE int dc_files_check(const dc_cli_settings_t *settings, const char *input,
                               dc_console_t *console);

#endif
