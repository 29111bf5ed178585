// option_mdoc — a table of options as parts of a manual page, in mdoc(7).
#ifndef DC_COMMON_OPTION_MDOC_H
#define DC_COMMON_OPTION_MDOC_H

#include "common/option.h"

// Append all options, each with its argument, meaning and default; groups are subsections.
void dc_mdoc_put_options(const dc_option_table_t *table, dc_buf_t *out);

// Append the variables that stand for options.
void dc_mdoc_put_environment(const dc_option_table_t *table, dc_buf_t *out);

// Append those that can stand in a configuration file, each as `name = ARGUMENT`, with its meaning
// and default; groups are left out.
void dc_mdoc_put_keys(const dc_option_table_t *table, dc_buf_t *out);

// Append `words` as an argument of a macro, between quotes that the caller puts: no character of
// them means anything, and none is changed for a prettier one.
void dc_mdoc_put_words(dc_str_t words, dc_buf_t *out);

// Append lines for a literal display, likewise.
void dc_mdoc_put_literal(dc_str_t lines, dc_buf_t *out);

// Append `text` as lines of text that are no requests, a sentence a line as far as it can be told.
void dc_mdoc_put_text(const char *text, dc_buf_t *out);

#endif
