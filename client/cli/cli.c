#include "client/cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>

#include "client/cli/call.h"
#include "client/cli/cli_help.h"
#include "client/cli/completion/complete.h"
#include "client/cli/completion/completion.h"
#include "client/cli/configured.h"
#include "client/cli/exit_status.h"
#include "client/cli/look/look.h"
#include "client/cli/prompt/editor.h"
#include "client/cli/prompt/prompt.h"
#include "client/cli/run/compute.h"
#include "client/cli/run/fetch.h"
#include "client/cli/run/retry.h"
#include "client/cli/text/text.h"
#include "common/suggest.h"
#include "common/version.h"

static int print(dc_console_t *console, dc_buf_t *text)
{
    bool is_written = fwrite(text->data, 1, text->len, stdout) == text->len && !fflush(stdout);
    int error = errno;
    dc_buf_fini(text);
    if (is_written) return 0;
    return dc_exit_status_say_unwritten(console, "the text", error);
}

static int help(dc_call_t *self)
{
    dc_buf_t text = { 0 };
    if (self->argument_count == 0) {
        dc_cli_help_overview(&text);
    } else if (!dc_cli_help_topic(self->arguments[0], &text)) {
        dc_suggest_t suggest;
        dc_suggest_init(&suggest, dc_str_from(self->arguments[0]));
        dc_cli_help_offer(&suggest);
        dc_str_t best = dc_suggest_best(&suggest);
        dc_call_complain(self, "there is no help about '%s'", self->arguments[0]);
        if (best.len) {
            dc_buf_printf(&self->console->buf, "       did you mean '%.*s'?\n", (int)best.len,
                          best.data);
        }
        dc_buf_append_text(&self->console->buf, "       topics: ");
        dc_cli_help_put_topics(&self->console->buf);
        dc_buf_append_char(&self->console->buf, '\n');
        return EX_USAGE;
    }
    return print(self->console, &text);
}

static int completion(dc_call_t *self)
{
    dc_buf_t text = { 0 };
    if (dc_completion_put(self->arguments[0], &text)) return print(self->console, &text);
    return dc_call_complain(self, "there is no completion for '%s': bash, zsh and fish have one",
                            self->arguments[0]);
}

static int batch(dc_call_t *self)
{
    const char *file = self->argument_count ? self->arguments[0] : NULL;
    return dc_compute_batch(self->settings, file, !self->is_implied, self->console);
}

static int eval(dc_call_t *self)
{
    if (self->is_prompt)
        return dc_prompt_run(self->settings, self->options, self->argv[0], self->console);
    return dc_compute_arguments(self->settings, self->arguments, self->argument_count,
                                self->console);
}

static int run_command(dc_call_t *self)
{
    switch (self->command) {
    case DC_CLI_EVAL: return eval(self);
    case DC_CLI_BATCH: return batch(self);
    case DC_CLI_HELP: return help(self);
    case DC_CLI_CONFIG: return dc_configured(self->settings, self->options, self->console);
    case DC_CLI_COMPLETION: return completion(self);
    case DC_CLI_COMPLETE:
        return dc_complete(self->settings, self->options, self->arguments, self->argument_count);
    case DC_CLI_ATTACH:
    case DC_CLI_RESULTS:
        return dc_fetch(self->settings, self->command, self->arguments[0], self->console);
    case DC_CLI_RETRY: return dc_retry(self->settings, self->arguments[0], self->console);
    case DC_CLI_LIST:
    case DC_CLI_STATUS:
    case DC_CLI_CANCEL:
    case DC_CLI_SET:
    case DC_CLI_DELETE:
    case DC_CLI_WORKERS:
    case DC_CLI_TOP:
    case DC_CLI_PING:
    case DC_CLI_BENCH:
        return dc_look(self->settings, self->command, self->arguments, self->argument_count,
                       self->console);
    }
    return EX_SOFTWARE;
}

// `dcalc --help`, `dcalc batch --help`, `dcalc --version`: whatever else was given.
static int print_about(dc_call_t *self)
{
    dc_buf_t text = { 0 };
    dc_cli_command_t command;
    bool has_command = dc_options_operand_count(self->options) &&
                       dc_cli_find_command(dc_options_operand(self->options, 0), &command);
    if (self->settings->version) {
        bool has_prompt = dc_editor_is_there();
        dc_buf_printf(&text, "dcalc %s\nfeatures:%s top\n", DC_VERSION,
                      has_prompt ? " prompt" : "");
    } else if (has_command && command != DC_CLI_HELP) {
        dc_cli_help_command(command, &text);
    } else {
        dc_cli_help_overview(&text);
    }
    return print(self->console, &text);
}

// Remember what could be done elsewhere: what is asked about a cluster has no other answer.
static void prepare_hint(dc_call_t *self)
{
    dc_hint_t *hint = &self->console->hint;
    hint->is_private = self->settings->local >= 0;
    if (self->command != DC_CLI_EVAL && self->command != DC_CLI_BATCH) return;
    bool has_file = self->argument_count && strcmp(self->arguments[0], "-") != 0;
    bool has_stdin = self->command == DC_CLI_BATCH && !has_file && !self->settings->ranges.count;
    // What is kept, other batches, and tags a private cluster has none of.
    bool can_be_local = !self->settings->detach && !self->settings->tag &&
                        !self->settings->after.count && !self->settings->after_any.count;
    dc_hint_set_command(hint, self->argc, self->argv, has_stdin, can_be_local);
}

// `dcalc -l 2 '1+1'` are two expressions, and meant is one.
static void tell_slots(const dc_call_t *self)
{
    if (self->command != DC_CLI_EVAL || self->settings->quiet || self->argument_count < 2) return;
    const char *word = self->arguments[0];
    for (int i = 1; i + 1 < self->argc && strcmp(self->argv[i], "--") != 0; i++) {
        bool is_bare = strcmp(self->argv[i], "-l") == 0 || strcmp(self->argv[i], "--local") == 0;
        if (!is_bare || strcmp(self->argv[i + 1], word) != 0) continue;
        if (!*word || word[strspn(word, "0123456789")]) return;
        dc_buf_printf(&self->console->buf,
                      "dcalc: '%s' is an expression here; for so many slots say -l%s\n", word,
                      word);
        return;
    }
}

static int follow(dc_call_t *self)
{
    if (self->settings->help || self->settings->version) return print_about(self);
    int status = dc_call_read(self);
    if (status) return status;
    prepare_hint(self);
    tell_slots(self);
    return run_command(self);
}

// What has nothing to do with settings works whatever these are; and like --help, `help` is there
// to find out what is wrong with them.
static bool needs_no_settings(const dc_options_t *options)
{
    dc_cli_command_t command;
    if (!dc_options_operand_count(options)) return false;
    if (!dc_cli_find_command(dc_options_operand(options, 0), &command)) return false;
    return command & (DC_CLI_HELP | DC_CLI_COMPLETION | DC_CLI_COMPLETE);
}

// What stands behind -l is its number, as that of any option with a letter.
static void tell_local(int argc, char *const *argv, dc_buf_t *out)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "-l=", 3) != 0) continue;
        dc_buf_append_text(out, "       say -l");
        dc_text_put_safe(out, dc_str_from(argv[i] + 3));
        dc_buf_append_text(out, " or --local=");
        dc_text_put_safe(out, dc_str_from(argv[i] + 3));
        dc_buf_append_char(out, '\n');
        return;
    }
}

int dc_cli(int argc, char **argv)
{
    dc_cli_settings_t settings;
    dc_console_t console;
    dc_options_t *options = dc_options_new(&dc_cli_options, &settings);
    if (!options) return EX_TEMPFAIL;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); // a file that may not grow is a write that fails
    dc_buf_t message = { 0 };
    int status = dc_options_parse(options, argc, argv, &message);
    if (status == EX_CONFIG && needs_no_settings(options)) status = 0;
    dc_console_init(&console, (dc_when_t)settings.color);
    dc_hint_init(&console.hint, argc ? argv[0] : NULL);
    if (status) {
        dc_buf_append_str(&console.buf, dc_buf_str(&message));
        if (status == EX_USAGE) tell_local(argc, argv, &console.buf);
    } else {
        dc_call_t call = { .settings = &settings,
                           .options = options,
                           .console = &console,
                           .argc = argc,
                           .argv = argv };
        status = follow(&call);
        if (status == EX_USAGE) status = dc_configured_blame(options, &console.buf);
        dc_call_fini(&call);
    }
    dc_buf_fini(&message);
    dc_console_fini(&console);
    dc_options_destroy(&options);
    return status;
}
