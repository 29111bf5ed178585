// explain_lines — what each line of a file or pipe means and costs: --explain without a template.
//
// Apart from explain.h, since a source is here where rows come from, and for the engine a text.
#ifndef DC_CLIENT_CLI_EXPLAIN_EXPLAIN_LINES_H
#define DC_CLIENT_CLI_EXPLAIN_EXPLAIN_LINES_H

#include "client/cli/explain/explain.h"
#include "client/cli/input/source.h"

// Explain the lines of `source` as they come, each an expression with the constants of `recipe`.
// Returns an exit status, and has then said why: 1 if some were in error, EX_USAGE if rows are not
// lines.
DC_MUST_USE int dc_explain_lines(const dc_cli_settings_t *settings, dc_recipe_t *recipe,
                                 dc_source_t *source, dc_console_t *console);

#endif
