// tables — the options of all programs, which share one configuration file.
//
// Each program declares its own; whoever reads the file knows the names of all of them, so that a
// misspelt one is found by whichever program comes first.
#ifndef DC_COMMON_TABLES_H
#define DC_COMMON_TABLES_H

#include "common/option.h"

extern const dc_option_table_t dc_broker_options; // broker/options.c
extern const dc_option_table_t dc_worker_options; // worker/options.c
extern const dc_option_table_t dc_cli_options;    // client/cli/cli_settings.c

// All of them, up to a NULL.
extern const dc_option_table_t *const dc_tables[];

#endif
