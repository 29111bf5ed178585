// top — `dcalc top` on a terminal: a live view of the cluster, and keys that act on batches.
#ifndef DC_CLIENT_CLI_LOOK_TOP_H
#define DC_CLIENT_CLI_LOOK_TOP_H

#include "client/cli/cluster/connection.h"

// Whether stdin and stdout are a terminal, which the view needs.
bool dc_top_has_terminal(void);

// Show the cluster until somebody quits. A broker that has not answered yet is waited for as long
// as --wait says, one that is lost as long as the view is there. Returns the exit status; what went
// wrong has been said on the console.
DC_MUST_USE int dc_top_run(dc_connection_t *connection, const dc_cli_settings_t *settings,
                           dc_console_t *console);

#endif
