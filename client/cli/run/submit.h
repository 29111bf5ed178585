// submit — a detached batch from its first row to the broker's word that all of it is on disk.
//
// No results come and no worker is needed; what was read goes out as the broker's disk gives
// credit. Rows that are too long to travel end it: where they would stand nobody could tell later.
#ifndef DC_CLIENT_CLI_RUN_SUBMIT_H
#define DC_CLIENT_CLI_RUN_SUBMIT_H

#include "client/cli/cluster/connection.h"
#include "client/cli/console.h"
#include "client/cli/input/source.h"

typedef struct dc_submit {
    dc_connection_t *connection;          // borrowed, as all that follow
    const dcalc_batch_options_t *options; //
    dc_source_t *source;                  //
    dc_console_t *console;                //
    const char *name;                     // of the input
    dc_ms_t deadline_ms;                  // when the batch ends; 0: it has none
    bool is_quiet;                        //
    bool has_progress;                    // draw a bar
    bool has_progress_json;               // say how far it is once a second
} dc_submit_t;

// How it ended.
typedef struct dc_submit_result {
    int status;           // exit status; what went wrong has been said
    uint64_t number;      // of the batch
    uint64_t row_count;   // sent, or there already
    dcalc_found_t found;  // what was there under its key before
    uint64_t found_count; // ... jobs that were on disk then, of a part
} dc_submit_result_t;

dc_submit_result_t dc_submit(const dc_submit_t *self);

#endif
