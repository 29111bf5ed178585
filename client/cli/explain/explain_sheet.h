// explain_sheet — what a sheet's cells are to be computed as, and which of them wait for which.
//
// For people a table, level by level: a level's cells use those of earlier levels only, so that all
// of them may be computed at the same time. With -v each cell is explained behind it as expressions
// are. For programs an object for each cell: what client/cli/explain/explain.h tells of an
// expression, and its name, line, level, the cells that it uses and those that use it.
//
// Types go from cell to cell: what one gives is what the others get. A cell that is in error as far
// as can be seen is told of, and the status is 1.
#ifndef DC_CLIENT_CLI_EXPLAIN_EXPLAIN_SHEET_H
#define DC_CLIENT_CLI_EXPLAIN_EXPLAIN_SHEET_H

#include "client/cli/explain/explain.h"
#include "client/cli/sheet/sheet.h"

// Explain the cells of `sheet`, with the constants of `recipe`. Returns an exit status, and has
// then said why.
DC_MUST_USE int dc_explain_sheet(const dc_cli_settings_t *settings, dc_recipe_t *recipe,
                                 const dc_sheet_t *sheet, dc_console_t *console);

#endif
