// prompt_part — what the files of the prompt share; see client/cli/prompt/prompt.h.
#ifndef DC_CLIENT_CLI_PROMPT_PROMPT_PART_H
#define DC_CLIENT_CLI_PROMPT_PROMPT_PART_H

#include "client/cli/prompt/editor.h"
#include "client/cli/prompt/evaluator.h"
#include "client/cli/prompt/history.h"
#include "client/cli/prompt/notebook.h"
#include "client/cli/prompt/prompt.h"
#include "client/cli/prompt/verb.h"

typedef struct dc_prompt {
    const dc_cli_settings_t *settings; // borrowed, as are the next three
    const dc_options_t *options;       //
    const char *program;               //
    dc_console_t *console;             //
    dc_evaluator_t evaluator;          //
    dc_notebook_t *notebook;           // owned, as is all that follows
    dc_editor_t *editor;               //
    dc_history_t history;              //
    dc_sink_t sink;                    // where results go
    dc_printer_t printer;              // how they look
    dc_buf_t line;                     // what was typed, padded; of several lines all of them
    bool is_shown;                     // ... in one row, under which a mark can stand
    dc_job_text_t job;                 // what is sent for the statement at hand
    dc_taken_t taken;                  // what became of it
    uint64_t row;                      // how many values were asked for
    bool is_ending;                    //
    int status;                        // then
} dc_prompt_t;

// What is written in front of a line, and where that goes on in the next.
#define DC_PROMPT_FIRST "> "
#define DC_PROMPT_NEXT  "  "

// prompt_statements.c: do what the line says, if it is no command.
void dc_prompt_do_statements(dc_prompt_t *self);

// prompt_verbs.c: do what `verb` asks for, with `rest`.
void dc_prompt_do_verb(dc_prompt_t *self, dc_verb_t verb, dc_str_t rest);

// prompt_faults.c: say what is wrong with `own`, a part of the line, of which `self->job` was
// written, or at what it uses; `fault` counts columns in the job's text. Afterwards they count in
// `own`, and the message lives in `room`, whatever was in there.
void dc_prompt_say_fault(dc_prompt_t *self, dc_str_t own, dc_fault_t *fault, dc_buf_t *room);

// Say a sentence.
void dc_prompt_say(dc_prompt_t *self, const char *format, ...) DC_PRINTF(2, 3);

#endif
