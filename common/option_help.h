// option_help — a table of options as the text of --help.
#ifndef DC_COMMON_OPTION_HELP_H
#define DC_COMMON_OPTION_HELP_H

#include "common/option.h"

// Append the list of options, aligned and grouped, in at most 80 columns: those that every command
// takes if `commands` is 0, else those that these commands take and others do not.
void dc_option_put_help(const dc_option_table_t *table, uint32_t commands, dc_buf_t *out);

// Append `text`, broken between words in at most 80 columns, all of its lines from `column` on; of
// the first one something may stand there already. Ends in a newline.
void dc_help_put_wrapped(dc_buf_t *out, size_t column, const char *text);

#endif
