#include "client/cli/prompt/prompt.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "client/cli/exit_status.h"
#include "client/cli/prompt/prompt_part.h"
#include "client/cli/prompt/verb.h"
#include "client/cli/run/let_batch.h"
#include "common/version.h"

// What one line of the terminal holds; no sentence of ours is longer.
#define SENTENCE_BYTES 512

bool dc_prompt_is_possible(void)
{
    return dc_editor_is_there() && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

void dc_prompt_say(dc_prompt_t *self, const char *format, ...)
{
    char sentence[SENTENCE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    dc_buf_append_text(&self->console->buf, sentence);
    dc_buf_append_char(&self->console->buf, '\n');
}

// --- what the editor asks ----------------------------------------------------------------------

static void complete(void *context, dc_str_t line, size_t cursor, dc_candidates_t *candidates)
{
    const dc_prompt_t *self = context;
    dc_candidates_find(self->notebook, line, cursor, candidates);
}

static int fd(void *context)
{
    const dc_prompt_t *self = context;
    return dc_evaluator_fd(&self->evaluator);
}

static int timeout_ms(void *context)
{
    const dc_prompt_t *self = context;
    return dc_evaluator_timeout_ms(&self->evaluator);
}

static void turn(void *context)
{
    dc_prompt_t *self = context;
    dc_evaluator_turn(&self->evaluator);
}

// --- beginning ---------------------------------------------------------------------------------

// What --let binds are variables that may be defined again.
static int keep_lets(dc_prompt_t *self, const dc_constants_t *lets)
{
    dc_err_t err = DC_OK;
    for (size_t i = 0; i < lets->count && !err; i++) {
        dc_buf_t value = { 0 };
        dc_value_print(&lets->values[i], &value);
        err = value.failed ? DC_ERR_NOMEM
                           : dc_notebook_set_variable(self->notebook, lets->vars[i].name,
                                                      dc_buf_str(&value));
        dc_buf_fini(&value);
    }
    if (err) dc_prompt_say(self, "dcalc: --let: %s", dc_err_text(err));
    return err ? EX_TEMPFAIL : 0;
}

static int bind_lets(dc_prompt_t *self)
{
    const char *reason;
    dc_messages_t messages;
    dc_recipe_t recipe;
    if (!self->settings->lets.count) return 0;
    dc_messages_init(&messages, &self->console->buf);
    if (!dc_engine_is_supported(&reason)) {
        dc_messages_put_sentence(&messages, reason);
        return EX_UNAVAILABLE;
    }
    dc_recipe_init(&recipe, dc_cli_settings_numbers(self->settings), &messages);
    int status = dc_let_batch_bind(self->settings, self->console, &recipe);
    if (!status) status = keep_lets(self, &recipe.lets);
    dc_recipe_fini(&recipe);
    return status;
}

static int open_output(dc_prompt_t *self)
{
    const dc_cli_settings_t *settings = self->settings;
    int error = dc_sink_open(&self->sink, settings->output_file);
    if (error) return dc_exit_status_say_uncreated(self->console, settings->output_file, error);
    bool has_format = settings->output >= 0;
    dc_printer_init(&self->printer, &self->evaluator.recipe.layout,
                    has_format ? (dc_printer_format_t)settings->output : DC_PRINT_TEXT);
    dc_number_style_t style = { (int)settings->digits, settings->format };
    dc_printer_set_style(&self->printer, &style);
    self->printer.is_argument = self->printer.is_alone = true;
    self->printer.is_verbose = settings->verbose > 0;
    dc_printer_put_header(&self->printer, &self->sink.buf);
    return 0;
}

static int open_editor(dc_prompt_t *self)
{
    dc_editor_hooks_t hooks = { .context = self,
                                .complete = complete,
                                .fd = fd,
                                .timeout_ms = timeout_ms,
                                .turn = turn,
                                .signal_fd = self->evaluator.signal_fd };
    dc_str_t line;
    self->editor = dc_editor_new(&hooks);
    if (!self->editor) {
        dc_prompt_say(self, "dcalc: cannot read from the terminal: %s", strerror(errno));
        return EX_IOERR;
    }
    dc_history_open(&self->history);
    while (dc_history_next(&self->history, &line)) {
        dc_editor_remember(self->editor, line);
    }
    return 0;
}

static void greet(dc_prompt_t *self)
{
    if (self->settings->quiet) return;
    dc_prompt_say(self, "dcalc " DC_VERSION "   help says more, Ctrl-D ends");
}

static int begin(dc_prompt_t *self)
{
    self->notebook = dc_notebook_new();
    if (!self->notebook) return EX_TEMPFAIL;
    int status = bind_lets(self);
    if (!status) status = dc_evaluator_init(&self->evaluator, self->settings, self->console);
    if (!status) status = open_output(self);
    if (!status) status = open_editor(self);
    if (!status) greet(self);
    return status;
}

// --- lines -------------------------------------------------------------------------------------

static bool is_blank(dc_str_t line)
{
    return dc_str_trim(line).len == 0;
}

// What no expression goes on with, and what is typed by whoever does not know how to stop.
static bool is_way_out(dc_str_t line)
{
    dc_str_t word = dc_str_trim(line);
    return dc_str_eq(word, DC_STR("quit")) || dc_str_eq(word, DC_STR("exit"));
}

// Read a line, and those that it goes on in.
static dc_editor_end_t read_line(dc_prompt_t *self)
{
    dc_buf_t next = { 0 };
    dc_editor_end_t end = dc_editor_read(self->editor, DC_PROMPT_FIRST, &self->line);
    self->is_shown = true;
    dc_statement_pad(&self->line);
    while (end == DC_EDITOR_LINE && dc_statement_is_open(dc_buf_str(&self->line))) {
        self->is_shown = false;
        end = dc_editor_read(self->editor, DC_PROMPT_NEXT, &next);
        // An empty one says that nothing comes to close it, which the engine then complains of.
        if (end != DC_EDITOR_LINE || is_blank(dc_buf_str(&next))) break;
        if (is_way_out(dc_buf_str(&next))) {
            dc_buf_fini(&self->line);
            dc_buf_append_str(&self->line, dc_buf_str(&next));
            break;
        }
        dc_buf_append_char(&self->line, ' ');
        dc_buf_append_str(&self->line, dc_buf_str(&next));
        dc_statement_pad(&self->line);
    }
    dc_buf_fini(&next);
    return end;
}

// What begins with a blank is nobody's business.
static void remember(dc_prompt_t *self)
{
    dc_str_t line = dc_buf_str(&self->line);
    if (is_blank(line) || line.data[0] == ' ') return;
    dc_editor_remember(self->editor, line);
    dc_history_add(&self->history, line);
}

static void do_line(dc_prompt_t *self)
{
    dc_str_t rest;
    if (self->line.failed) {
        dc_prompt_say(self, "%s", dc_err_text(DC_ERR_NOMEM));
        dc_buf_fini(&self->line);
        return;
    }
    remember(self);
    dc_verb_t verb = dc_verb_find(self->notebook, dc_buf_str(&self->line), &rest);
    if (verb == DC_VERB_NONE) {
        dc_prompt_do_statements(self);
    } else {
        dc_prompt_do_verb(self, verb, rest);
    }
}

static void follow(dc_prompt_t *self)
{
    while (!self->is_ending) {
        dc_console_flush(self->console);
        switch (read_line(self)) {
        case DC_EDITOR_LINE: do_line(self); break;
        case DC_EDITOR_CLEARED: break;
        case DC_EDITOR_CLOSED: self->is_ending = true; break;
        case DC_EDITOR_TERMINATED:
            self->is_ending = true;
            self->status = DC_EXIT_INTERRUPTED;
            break;
        }
    }
}

// --- the end -----------------------------------------------------------------------------------

static int finish_output(dc_prompt_t *self)
{
    int error = dc_sink_finish(&self->sink);
    const char *path = self->sink.path ? self->sink.path : "results";
    return error ? dc_exit_status_say_unwritten(self->console, path, error) : 0;
}

static void end(dc_prompt_t *self)
{
    dc_editor_destroy(&self->editor);
    dc_history_close(&self->history);
    dc_evaluator_fini(&self->evaluator);
    dc_sink_fini(&self->sink);
    dc_printer_fini(&self->printer);
    dc_notebook_destroy(&self->notebook);
    dc_job_text_fini(&self->job);
    dc_buf_fini(&self->taken.result);
    dc_buf_fini(&self->taken.message);
    dc_buf_fini(&self->taken.worker);
    dc_buf_fini(&self->line);
}

int dc_prompt_run(const dc_cli_settings_t *settings, const dc_options_t *options,
                  const char *program, dc_console_t *console)
{
    dc_prompt_t self = { .settings = settings,
                         .options = options,
                         .program = program,
                         .console = console,
                         .evaluator = { .signal_fd = -1 },
                         .history = { .fd = -1 },
                         .sink = { .fd = -1 } };
    int status = begin(&self);
    if (!status) {
        follow(&self);
        status = self.status;
        if (!status) status = finish_output(&self);
    }
    end(&self);
    return status;
}
