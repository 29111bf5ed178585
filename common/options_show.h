// options_show — the settings that are in force, and where each comes from.
#ifndef DC_COMMON_OPTIONS_SHOW_H
#define DC_COMMON_OPTIONS_SHOW_H

#include "common/options.h"

// In the order of the choices of --output.
typedef enum dc_options_format {
    DC_OPTIONS_TEXT, // aligned
    DC_OPTIONS_JSON, // an object a line
    DC_OPTIONS_CSV,
    DC_OPTIONS_TSV,
} dc_options_format_t;

// Append a line for each option that a configuration file or the environment may set: its name, its
// value, where that is from. JSON has file, line and section apart, and items of lists.
void dc_options_show(const dc_options_t *self, dc_options_format_t format, dc_buf_t *out);

#endif
