// evaluator — what has expressions of the prompt computed, one at a time.
//
// The connection, or the private cluster, lives as long as the evaluator. A broker that is away is
// waited for as long as the settings say (--wait), and looked for anew with each expression. This
// process has an engine too, if its processor can have one: with that the text is checked before it
// is sent, and what takes next to nothing is computed: a definition such as `rate = 0.19` needs no
// cluster. Bits are the same wherever they come from.
#ifndef DC_CLIENT_CLI_PROMPT_EVALUATOR_H
#define DC_CLIENT_CLI_PROMPT_EVALUATOR_H

#include "client/cli/cli_settings.h"
#include "client/cli/cluster/connection.h"
#include "client/cli/print/sink.h"
#include "client/cli/recipe/recipe.h"
#include "client/cli/run/emit.h"

typedef struct dc_evaluator {
    const dc_cli_settings_t *settings; // borrowed, as is the next
    dc_console_t *console;             //
    dc_messages_t messages;            //
    dc_recipe_t recipe;                // of a batch that is one expression
    dc_connection_t connection;        // its `dcalc` is NULL while there is none
    dc_calculator_t *calculator;       // owned; NULL: this processor can have none
    int signal_fd;                     // dc_interrupt_begin's
} dc_evaluator_t;

// Get ready, connect, and start the private cluster if one is wanted; while the process has one
// thread. Returns 0, or an exit status after saying why; finish it in any case.
DC_MUST_USE int dc_evaluator_init(dc_evaluator_t *self, const dc_cli_settings_t *settings,
                                  dc_console_t *console);
void dc_evaluator_fini(dc_evaluator_t *self);

// Find out whether `text` can be computed: compile it. DC_OK also where that cannot be told here.
DC_MUST_USE dc_err_t dc_evaluator_check(dc_evaluator_t *self, dc_str_t text, dc_diag_t *diag);

// Compute `text` right here, and append the value's canonical text. False if that takes more than
// next to nothing, or cannot be done here. Else `*err` is DC_OK, or a fault, which is in `diag`.
bool dc_evaluator_compute_here(dc_evaluator_t *self, dc_str_t text, dc_buf_t *value, dc_err_t *err,
                               dc_diag_t *diag);

// Have the cluster compute `text`, and wait for it: `taken` gets what became of it. `printer` gets
// the batch's number; `sink` is where the result will go, so that it is seen when its reader goes.
// Returns 0; else nothing became of it, and why has been said: an exit status, of which
// DC_EXIT_INTERRUPTED is Ctrl-C, whereupon the cluster has been told to stop.
DC_MUST_USE int dc_evaluator_run(dc_evaluator_t *self, const char *text, dc_printer_t *printer,
                                 dc_sink_t *sink, dc_taken_t *taken);

// --- meanwhile ---------------------------------------------------------------------------------

// The broker wants to hear of us: take a turn when the descriptor is readable, and in time.
int dc_evaluator_fd(const dc_evaluator_t *self);
int dc_evaluator_timeout_ms(const dc_evaluator_t *self);
void dc_evaluator_turn(dc_evaluator_t *self);

// Where the broker is; valid until the next turn.
const char *dc_evaluator_url(const dc_evaluator_t *self);

#endif
