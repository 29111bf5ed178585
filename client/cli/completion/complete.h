// complete — the words that a shell may offer: `dcalc complete KIND...`.
//
// A person waits for it with a finger on a key: it says what it knows within 100 ms, and nothing of
// what goes wrong. What needs quotes in a shell is not offered.
#ifndef DC_CLIENT_CLI_COMPLETION_COMPLETE_H
#define DC_CLIENT_CLI_COMPLETION_COMPLETE_H

#include "client/cli/cli_settings.h"

// Print a word a line: ids and names of batches, workers, functions, profiles of the configuration,
// topics of help. Returns an exit status.
DC_MUST_USE int dc_complete(const dc_cli_settings_t *settings, const dc_options_t *options,
                            const char *const *kinds, size_t count);

#endif
