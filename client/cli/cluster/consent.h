// consent — what is asked of a person before something is done that concerns others.
//
// Nothing is asked unless stdin and stderr are terminals: somebody must be there who can answer.
#ifndef DC_CLIENT_CLI_CLUSTER_CONSENT_H
#define DC_CLIENT_CLI_CLUSTER_CONSENT_H

#include "client/cli/cluster/connection.h"

// Whether there is somebody to be asked.
bool dc_consent_can_ask(const dc_console_t *console);

// Ask `question` (without an end of line), and wait for the answer for as long as it takes; the
// connection is kept alive meanwhile. True for `y` or `yes`; anything else is no, the end of stdin
// as well.
DC_MUST_USE bool dc_consent_ask(dc_connection_t *connection, dc_console_t *console,
                                dc_str_t question);

#endif
