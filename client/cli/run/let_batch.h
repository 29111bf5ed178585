// let_batch — what --let binds; where that is the result of a batch: `--let total=@b12`.
//
// The batch is one that the broker keeps, with one result: of its one job, or what its rows were
// reduced to. It may still run: then its end is waited for, and that is said. Who sends a batch
// with -d waits likewise, before anything of it is sent, since it needs the value.
#ifndef DC_CLIENT_CLI_RUN_LET_BATCH_H
#define DC_CLIENT_CLI_RUN_LET_BATCH_H

#include "client/cli/cli_settings.h"
#include "client/cli/console.h"
#include "client/cli/recipe/recipe.h"

// Bind all that --let was given, as constants of `recipe`. Returns 0, or an exit status after
// saying why one of them is none; of a batch: there is no such one, or nothing of it is kept; it
// has other than one result; not every job of it was computed.
DC_MUST_USE int dc_let_batch_bind(const dc_cli_settings_t *settings, dc_console_t *console,
                                  dc_recipe_t *recipe);

#endif
