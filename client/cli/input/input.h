// input — opens the input of a batch and finds out what its rows are: format, header, columns.
#ifndef DC_CLIENT_CLI_INPUT_INPUT_H
#define DC_CLIENT_CLI_INPUT_INPUT_H

#include "client/cli/cli_settings.h"
#include "client/cli/input/reader.h"
#include "client/cli/input/source.h"
#include "client/cli/recipe/recipe.h"
#include "client/cli/sheet/sheet_feed.h"
#include "client/cli/sheet/sheet_rows.h"

typedef struct dc_input {
    int fd;           // owned unless it is stdin; -1: ranges
    const char *name; // for people; borrowed
    dc_source_t source;
    bool has_sheet;       // it is one:
    dc_sheet_t sheet;     // owned, as the next two
    dc_sheet_feed_t feed; //
    dc_sheet_rows_t rows; //
} dc_input_t;

// Open `file` (NULL or "-": stdin) or the ranges; read the header where there is one; fill
// `recipe`. Returns 0; else an exit status (64 to 66, 74), after saying why.
DC_MUST_USE int dc_input_open(dc_input_t *self, const dc_cli_settings_t *settings, const char *file,
                              dc_recipe_t *recipe);
void dc_input_close(dc_input_t *self);

#endif
