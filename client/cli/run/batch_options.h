// batch_options — what the command line says of a batch as a whole: its name, who may compute it,
// how urgent it is, until when it has time.
#ifndef DC_CLIENT_CLI_RUN_BATCH_OPTIONS_H
#define DC_CLIENT_CLI_RUN_BATCH_OPTIONS_H

#include "client/cli/cli_settings.h"
#include "client/dcalc.h"

// Fill in all but the program. `deadline_ms` is seen from now. Returns 0; or EX_USAGE after
// appending to `said` what is wrong.
DC_MUST_USE int dc_batch_options_read(const dc_cli_settings_t *settings,
                                      dcalc_batch_options_t *options, dc_buf_t *said);

#endif
