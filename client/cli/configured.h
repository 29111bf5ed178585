// configured — what is set, where each setting comes from, and whether the configuration is sound.
#ifndef DC_CLIENT_CLI_CONFIGURED_H
#define DC_CLIENT_CLI_CONFIGURED_H

#include "client/cli/cli_settings.h"
#include "client/cli/console.h"

// `config`: print all settings or, with --check, what is wrong in the file. Returns an exit status.
DC_MUST_USE int dc_configured(const dc_cli_settings_t *settings, const dc_options_t *options,
                              dc_console_t *console);

// A complaint about wrong usage, `said`, begins with an option as if it had been typed. If it was
// not, append where it is from. Returns the exit status that fits: EX_USAGE, or then EX_CONFIG.
DC_MUST_USE int dc_configured_blame(const dc_options_t *options, dc_buf_t *said);

#endif
