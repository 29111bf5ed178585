// Statements: definitions are kept, values computed and printed.
#include "client/cli/prompt/prompt_part.h"

#include "client/cli/exit_status.h"
#include "client/cli/interrupt.h"
#include "client/cli/prompt/verb.h"
#include "client/cli/text/text.h"
#include "common/limits.h"

// The definition of a function is computed as if nothing were done with it.
#define BEHIND_FUNCTION "; 0"

// A statement, as it is done.
typedef struct doing {
    dc_prompt_t *prompt;
    const dc_statement_t *statement;
    dc_str_t own; // what of it is sent
} doing_t;

static bool say_no_memory(dc_prompt_t *self)
{
    dc_prompt_say(self, "%s", dc_err_text(DC_ERR_NOMEM));
    return false;
}

// --- before anything is sent -------------------------------------------------------------------

static bool say_diag(doing_t *self, const dc_diag_t *diag)
{
    dc_buf_t room = { 0 };
    dc_fault_t fault = { .code = diag->code,
                         .column = diag->column,
                         .width = diag->width,
                         .message = dc_str_from(diag->message) };
    dc_prompt_say_fault(self->prompt, self->own, &fault, &room);
    dc_buf_fini(&room);
    return false;
}

// A function that it uses would use the one that is made.
static bool say_circle(doing_t *self)
{
    dc_buf_t *out = &self->prompt->console->buf;
    dc_buf_append_char(out, '\'');
    dc_text_put_name(out, self->statement->name);
    dc_buf_append_text(out, "' would use itself: it is used by\n    ");
    dc_text_put_safe(out, dc_note_text(self->prompt->job.circle));
    dc_buf_append_char(out, '\n');
    return false;
}

// Write the text that is sent for `own`, and see whether it can be computed at all; say why if not.
static bool write_job(doing_t *self, dc_str_t own, const char *behind)
{
    dc_prompt_t *prompt = self->prompt;
    dc_diag_t diag = { 0 };
    bool is_function = self->statement->kind == DC_STATEMENT_FUNCTION;
    self->own = own;
    dc_err_t err = dc_notebook_write(prompt->notebook, own,
                                     is_function ? &self->statement->name : NULL, &prompt->job);
    if (err == DC_ERR_RECURSION) return say_circle(self);
    dc_buf_append_text(&prompt->job.text, behind);
    dc_statement_pad(&prompt->job.text);
    if (err || prompt->job.text.failed) return say_no_memory(prompt);
    err = dc_evaluator_check(&prompt->evaluator, dc_buf_str(&prompt->job.text), &diag);
    return !err || say_diag(self, &diag);
}

// --- the cluster -------------------------------------------------------------------------------

// Nothing became of it.
static bool give_up(dc_prompt_t *self, int status)
{
    if (status == DC_EXIT_INTERRUPTED) dc_prompt_say(self, "stopped");
    if (status == DC_EXIT_INTERRUPTED && dc_interrupt_was_terminated()) self->is_ending = true;
    // Whoever reads the results has gone, or they cannot be written: nothing more can be done.
    if (status == DC_EXIT_PIPE || self->sink.error) self->is_ending = true;
    if (self->is_ending) self->status = status;
    return false;
}

// Have the text computed. False if nothing became of it, and why has been said: then there is no
// fault either.
static bool compute(doing_t *self)
{
    dc_prompt_t *prompt = self->prompt;
    dc_buf_append_char(&prompt->job.text, '\0');
    if (prompt->job.text.failed) return say_no_memory(prompt);
    prompt->job.text.len--;
    int status = dc_evaluator_run(&prompt->evaluator, prompt->job.text.data, &prompt->printer,
                                  &prompt->sink, &prompt->taken);
    if (status) return give_up(prompt, status);
    const dc_taken_t *taken = &prompt->taken;
    if (taken->result.failed || taken->message.failed || taken->worker.failed)
        return say_no_memory(prompt);
    return true;
}

// Say what is wrong, if anything is.
static bool is_sound(doing_t *self)
{
    dc_taken_t *taken = &self->prompt->taken;
    if (!taken->fault.code) return true;
    dc_prompt_say_fault(self->prompt, self->own, &taken->fault, &taken->message);
    return false;
}

// --- definitions -------------------------------------------------------------------------------

static bool keep(dc_prompt_t *self, dc_err_t err)
{
    if (err == DC_ERR_FULL) {
        dc_prompt_say(self, "there are %d definitions: forget some", DC_NOTEBOOK_NOTES_MAX);
    } else if (err == DC_ERR_TOO_LONG) {
        dc_prompt_say(self, "the name is too long: at most %d bytes", DC_NOTEBOOK_NAME_MAX);
    } else if (err) {
        say_no_memory(self);
    }
    return !err;
}

// Whether a variable may be called so: the engine knows, and says why not.
static bool is_name_free(doing_t *self)
{
    dc_str_t text = self->statement->text;
    size_t name_bytes = (size_t)(self->statement->body.data - text.data);
    dc_buf_t trial = { 0 };
    dc_diag_t diag = { 0 };
    dc_buf_append(&trial, text.data, name_bytes);
    dc_buf_append_text(&trial, "0; 0");
    dc_err_t err = DC_OK;
    if (!trial.failed)
        err = dc_evaluator_check(&self->prompt->evaluator, dc_buf_str(&trial), &diag);
    dc_buf_fini(&trial);
    if (!err) return true;
    // It stands at the statement's own beginning, in front of which nothing is sent.
    self->own = text;
    self->prompt->job.own_first = self->prompt->job.part_count = 0;
    return say_diag(self, &diag);
}

static bool define_variable(doing_t *self)
{
    dc_prompt_t *prompt = self->prompt;
    dc_str_t name = self->statement->name;
    dc_buf_t value = { 0 };
    dc_diag_t diag = { 0 };
    dc_err_t err;
    if (!is_name_free(self) || !write_job(self, self->statement->body, "")) return false;
    dc_str_t text = dc_buf_str(&prompt->job.text);
    if (dc_evaluator_compute_here(&prompt->evaluator, text, &value, &err, &diag)) {
        bool is_kept = err ? say_diag(self, &diag) : !value.failed;
        if (is_kept) {
            is_kept =
                keep(prompt, dc_notebook_set_variable(prompt->notebook, name, dc_buf_str(&value)));
        }
        dc_buf_fini(&value);
        return is_kept;
    }
    dc_buf_fini(&value);
    if (!compute(self) || !is_sound(self)) return false;
    dc_str_t result = dc_buf_str(&prompt->taken.result);
    return keep(prompt, dc_notebook_set_variable(prompt->notebook, name, result));
}

static bool define_function(doing_t *self)
{
    dc_prompt_t *prompt = self->prompt;
    if (!write_job(self, self->statement->text, BEHIND_FUNCTION)) return false;
    // Who has no engine asks the cluster.
    if (!prompt->evaluator.calculator && (!compute(self) || !is_sound(self))) return false;
    return keep(prompt, dc_notebook_set_function(prompt->notebook, self->statement));
}

// --- what a definition hides -------------------------------------------------------------------

static bool is_constant(dc_str_t name)
{
    const char *constant;
    for (size_t i = 0; (constant = dc_engine_constant(i)); i++) {
        if (dc_str_eq(name, dc_str_from(constant))) return true;
    }
    return false;
}

static bool is_verb(dc_str_t name)
{
    const char *verb;
    for (size_t at = 0; (verb = dc_verb_next(&at));) {
        if (dc_str_eq(name, dc_str_from(verb))) return true;
    }
    return false;
}

// Who names a thing `e` or `list` may not know that the name had a meaning.
static void say_hidden(dc_prompt_t *self, const dc_statement_t *statement)
{
    dc_str_t name = statement->name;
    bool is_variable = statement->kind == DC_STATEMENT_VARIABLE;
    const char *what = is_variable && is_constant(name) ? "constant"
                       : is_verb(name)                  ? "command"
                                                        : NULL;
    if (!what || self->settings->quiet) return;
    dc_prompt_say(self, "'%.*s' is no longer the %s: forget %.*s brings that back", (int)name.len,
                  name.data, what, (int)name.len, name.data);
}

static bool define(doing_t *self, bool (*make)(doing_t *self))
{
    dc_prompt_t *prompt = self->prompt;
    bool is_new = !dc_notebook_has(prompt->notebook, self->statement->name);
    bool is_made = make(self);
    if (is_made && is_new) say_hidden(prompt, self->statement);
    return is_made;
}

// --- values ------------------------------------------------------------------------------------

// Print the row, of a fault too where rows say which.
static void print(doing_t *self)
{
    dc_prompt_t *prompt = self->prompt;
    const dc_taken_t *taken = &prompt->taken;
    dc_row_t row = { .row = prompt->row,
                     .input = self->statement->text,
                     .result = dc_buf_str(&taken->result),
                     .fault = taken->fault.code ? &taken->fault : NULL,
                     .attempt = taken->attempt,
                     .spent_us = taken->spent_us,
                     .worker = dc_buf_str(&taken->worker) };
    dc_printer_put(&prompt->printer, &row, &prompt->sink.buf);
    // What was said of it comes first, as ever on a terminal.
    dc_console_flush(prompt->console);
    dc_sink_drain(&prompt->sink);
    if (!prompt->sink.error) return;
    const char *path = prompt->sink.path ? prompt->sink.path : "results";
    give_up(prompt, dc_exit_status_say_unwritten(prompt->console, path, prompt->sink.error));
}

static bool show_value(doing_t *self)
{
    dc_prompt_t *prompt = self->prompt;
    if (!write_job(self, self->statement->text, "")) return false;
    if (!compute(self)) return false;
    prompt->row++;
    bool is_there = is_sound(self);
    print(self);
    if (!is_there) return false;
    return keep(prompt, dc_notebook_set_variable(prompt->notebook, DC_STR(DC_NOTEBOOK_ANS),
                                                 dc_buf_str(&prompt->taken.result)));
}

// The engine would look behind what the person has typed.
static bool has_body(doing_t *self)
{
    dc_str_t text = self->statement->text;
    dc_diag_t diag;
    if (self->statement->body.len) return true;
    self->own = text;
    self->prompt->job.own_first = self->prompt->job.part_count = 0;
    dc_diag_set(&diag, DC_ERR_SYNTAX, text.len, 0, "expected an expression behind '='");
    return say_diag(self, &diag);
}

static bool do_statement(dc_prompt_t *prompt, const dc_statement_t *statement)
{
    doing_t self = { .prompt = prompt, .statement = statement };
    if (!has_body(&self)) return false;
    switch (statement->kind) {
    case DC_STATEMENT_VALUE: return show_value(&self);
    case DC_STATEMENT_VARIABLE: return define(&self, define_variable);
    case DC_STATEMENT_FUNCTION: return define(&self, define_function);
    }
    return false;
}

void dc_prompt_do_statements(dc_prompt_t *self)
{
    dc_statement_t statement;
    dc_str_t line = dc_buf_str(&self->line);
    size_t at = 0;
    while (!self->is_ending && dc_statement_take(line, &at, &statement)) {
        if (!do_statement(self, &statement)) break;
    }
}
