// after — the batches that one comes after: --after and --after-any.
#ifndef DC_CLIENT_CLI_RUN_AFTER_H
#define DC_CLIENT_CLI_RUN_AFTER_H

#include "client/cli/cluster/connection.h"
#include "common/limits.h"

typedef struct dc_after_list {
    uint64_t numbers[DC_AFTERS_MAX];
    size_t count;
} dc_after_list_t;

// Find the batches that the settings name, and set what `options` say of them: `list` has their
// numbers then, as long as the options live. Returns 0, or an exit status after saying why.
DC_MUST_USE int dc_after_find(dc_after_list_t *list, dc_connection_t *connection,
                              const dc_cli_settings_t *settings, dc_console_t *console,
                              dcalc_batch_options_t *options);

#endif
