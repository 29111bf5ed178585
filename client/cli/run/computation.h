// computation — one command that has rows computed and prints them, or prints what was computed
// before: what it needs, how it begins and how it ends.
//
// Calling sequence: dc_computation_begin; make the recipe; dc_computation_open_output;
// dc_computation_run; in any case dc_computation_end.
#ifndef DC_CLIENT_CLI_RUN_COMPUTATION_H
#define DC_CLIENT_CLI_RUN_COMPUTATION_H

#include "client/cli/cli_settings.h"
#include "client/cli/cluster/connection.h"
#include "client/cli/recipe/recipe.h"
#include "client/cli/run/after.h"
#include "client/cli/run/run.h"

// All that a computation consists of.
typedef struct computation {
    const dc_cli_settings_t *settings;
    dc_console_t *console;
    dc_messages_t messages;
    dc_recipe_t recipe;
    dcalc_batch_options_t options;
    dc_after_list_t after; // whom it comes after
    dc_ms_t deadline_ms;   // 0: there is none
    dc_printer_t printer;
    dc_emit_t emit;
    int64_t reduce;       // dc_reducer_op_t; -1: rows are written
    dc_reducer_t reducer; //
    bool lacks_value;     // all rows were taken, and have none together
    dc_sink_t sink, failed_sink;
    dc_journal_t journal; // of the output file; not open: nothing is kept for another run
    dc_recall_t *recall;  // owned: what the journal has of earlier ones; NULL: nothing
    dc_resume_t *resume;  // owned; NULL: all rows are computed
    dc_connection_t connection;
    dc_sheet_rows_t *sheet; // what orders the rows of a sheet; NULL: there is none
    dc_source_t *source;    // the input's, or the arguments'
    const char *name;       // of the input
    bool has_summary;
    int signal_fd; // dc_interrupt_begin's; -1: signals are not waited for yet
    dc_number_style_t style;
    bool ieee; // infinities and nan are results

    bool found_has_ended; // of a batch that is kept: its key was there, and it is over

    // Of a stored batch, whose rows are fetched:
    dcalc_id_t fetched;          // attached; 0: rows are sent
    uint64_t number;             // its number
    uint64_t job_first, job_end; // which of its jobs are wanted
} dc_computation_t;

void dc_computation_begin(dc_computation_t *self, const dc_cli_settings_t *settings,
                          dc_console_t *console);
void dc_computation_end(dc_computation_t *self);

// Check that this processor can do what this process does itself, if it does. Returns 0, or an exit
// status after saying why.
DC_MUST_USE int dc_computation_check_processor(dc_computation_t *self);

// Open the journal beside the output file, if there is one, and with --resume what it has; with the
// recipe finished, and before the output. Returns likewise: computation_journal.c.
DC_MUST_USE int dc_computation_open_journal(dc_computation_t *self);

// How many rows somebody could go on with.
uint64_t dc_computation_kept_rows(const dc_computation_t *self);

// Say how to go on with it, if there is a way: `before` stands before that. False if there is none.
bool dc_computation_put_continue(dc_computation_t *self, const char *before);

// Open the files, and get ready to print rows of the recipe. Returns likewise.
DC_MUST_USE int dc_computation_open_output(dc_computation_t *self);

// Run it from the first row to the last, and conclude. Returns the exit status; all has been said.
DC_MUST_USE int dc_computation_run(dc_computation_t *self);

// Say that batch `id`, which is kept, goes on without us, and how to come back to it.
void dc_computation_put_kept(dc_computation_t *self, const char *id);

// Write what is left, and say how it went: computation_end.c. Returns the exit status.
DC_MUST_USE int dc_computation_conclude(dc_computation_t *self, const dc_run_result_t *result);

#endif
