// cli_settings — what the command line, and the environment, can say to the client.
#ifndef DC_CLIENT_CLI_CLI_SETTINGS_H
#define DC_CLIENT_CLI_CLI_SETTINGS_H

#include "common/numbers.h"
#include "common/options.h"
#include "common/tables.h"

// The commands, each with the bit that its options have in the table.
typedef enum dc_cli_command {
    DC_CLI_EVAL = 0x01,
    DC_CLI_BATCH = 0x02,
    DC_CLI_LIST = 0x04,
    DC_CLI_STATUS = 0x08,
    DC_CLI_CANCEL = 0x10,
    DC_CLI_WORKERS = 0x20,
    DC_CLI_PING = 0x40,
    DC_CLI_HELP = 0x80,
    DC_CLI_SET = 0x100,
    DC_CLI_TOP = 0x200,
    DC_CLI_ATTACH = 0x400,
    DC_CLI_RESULTS = 0x800,
    DC_CLI_RETRY = 0x1000,
    DC_CLI_DELETE = 0x2000,
    DC_CLI_BENCH = 0x4000,
    DC_CLI_CONFIG = 0x10000,
    DC_CLI_COMPLETION = 0x20000,
    DC_CLI_COMPLETE = 0x40000,
} dc_cli_command_t;

// A number that was not given, where 0 is one like any other.
#define DC_CLI_UNSAID INT64_MIN

typedef struct dc_cli_settings {
    const char *broker;         // URL
    int64_t local;              // slots of a private cluster; 0: one a core; -1: none
    int64_t output;             // dc_printer_format_t; -1: as the command has it
    const char *output_file;    // NULL: stdout
    uint64_t wait_ms;           // for a broker, or for a first worker
    uint64_t timeout_ms;        // of a job
    int64_t digits;             // 0: shortest exact
    const char *format;         // of numbers, stronger than digits; NULL: none
    const char *numbers;        // what numbers are, see dc_cli_settings_numbers
    bool ieee;                  // values may be inf and nan
    bool explain;               // of eval and batch: say how it is computed, and send nothing
    bool dry_run;               // of batch: read and check all of the input, and send nothing
    dc_option_list_t lets;      // NAME=VALUE each, see client/cli/recipe/constants.h
    int64_t color;              // dc_when_t
    int64_t progress;           // dc_when_t
    bool quiet;                 // no summary, no progress
    int64_t verbose;            // how often it was said
    const char *config;         // file, see common/options.h
    const char *profile;        // of it; NULL: none
    bool help, version;         // say so, and do nothing else
    const char *template;       // NULL: none
    dc_option_list_t ranges;    // NAME=A:B[:STEP] each, see client/cli/recipe/sweep.h
    int64_t from;               // dc_format_t; -1: by the file's name
    dc_option_list_t types;     // NAME:TYPE each, see client/cli/recipe/recipe.h
    int64_t reduce;             // dc_reducer_op_t; -1: none
    bool unordered;             // rows as they are computed
    const char *errors;         // file; NULL: none
    const char *name;           // of a batch; NULL: none
    const char *tag;            // of the workers that may compute a batch; NULL: any
    int64_t retries;            // of a job whose workers were lost
    int64_t failed_max;         // rows that may fail; -1: any number
    bool verify;                // each job is computed twice
    int64_t priority;           // DC_PRIORITY_MIN .. DC_PRIORITY_MAX, or DC_CLI_UNSAID
    const char *deadline;       // see client/cli/deadline.h; NULL: not given
    dc_option_list_t after;     // batches that it comes after, see client/cli/run/after.h
    dc_option_list_t after_any; // ... whatever end they have
    bool hold, release;         // of set: the batch waits until it is released
    bool exit_code;             // of status: the outcome of the batch is the exit status
    bool yes;                   // of cancel and delete: nothing is asked
    bool once;                  // of top: one frame
    uint64_t interval_ms;       // of top: between frames
    int64_t seconds;            // of bench: how long it measures
    bool resume;                // of batch: go on with the journal beside the output file
    bool detach;                // of batch: the broker keeps it, and its results
    const char *key;            // of a detached batch; NULL: none
    uint64_t keep_ms;           // likewise; 0: as the broker has it
    bool failed;                // of results: only rows that failed
    const char *jobs;           // of results: which rows; NULL: all
    bool check;                 // of config: look at all of the file
    bool is_private;            // the broker is a prompt's own, and ends with it
    const char *drain;          // name of a worker that is to leave; NULL: none
} dc_cli_settings_t;

dc_numbers_t dc_cli_settings_numbers(const dc_cli_settings_t *self);

#endif
