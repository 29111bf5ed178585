// let_batch — values of --let that are the results of batches: `--let total=@b12`.
//
// The batch is one that the broker keeps, with one result: of its one job, or what its rows were
// reduced to. It may still run: then its end is waited for, and that is said. Who sends a batch
// with -d waits likewise, before anything of it is sent, since it needs the value.
#ifndef DC_CLIENT_CLI_RUN_LET_BATCH_H
#define DC_CLIENT_CLI_RUN_LET_BATCH_H

#include "client/cli/cli_settings.h"
#include "client/cli/console.h"
#include "common/buf.h"

// Whether `text`, of option --let, is `NAME=@ID`; `*id` is then the ID.
bool dc_let_batch_is(const char *text, const char **id);

// Append the result of the batch that `id` names to `out`, as expressions write it. Returns 0, or
// an exit status after saying why there is none: no such batch, or nothing of it is kept; it has
// other than one result; not every job of it was computed.
DC_MUST_USE int dc_let_batch_get(const dc_cli_settings_t *settings, const char *text,
                                 dc_console_t *console, dc_buf_t *out);

#endif
