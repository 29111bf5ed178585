#include "common/tables.h"

const dc_option_table_t *const dc_tables[] = { &dc_broker_options, &dc_worker_options,
                                               &dc_cli_options, NULL };
