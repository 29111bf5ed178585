#include "client/cli/call.h"

#include <ctype.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "client/cli/files.h"
#include "client/cli/print/printer.h"
#include "client/cli/prompt/prompt.h"
#include "client/cli/text/text.h"

int dc_call_complain(dc_call_t *self, const char *format, const char *word)
{
    dc_buf_t *out = &self->console->buf;
    const char *place = strstr(format, "%s");
    dc_buf_append_text(out, "dcalc: ");
    dc_buf_append(out, format, (size_t)(place - format));
    dc_text_put_safe(out, dc_str_from(word));
    dc_buf_append_text(out, place + 2);
    dc_buf_append_char(out, '\n');
    return EX_USAGE;
}

// --- finding the command -----------------------------------------------------------------------

static int complain_command(dc_call_t *self, const char *word)
{
    dc_buf_t *out = &self->console->buf;
    const char *meant = dc_cli_suggest_command(word);
    dc_buf_printf(out, "dcalc: unknown command '%s'", word);
    if (meant) dc_buf_printf(out, "; did you mean '%s'?", meant);
    dc_buf_printf(out, "\n       to evaluate it: dcalc eval %s      all commands: dcalc --help\n",
                  word);
    dc_hint_put_file(word, out);
    return EX_USAGE;
}

// Whether all options that were given are such that `command` takes them.
static bool takes_options(const dc_call_t *self, dc_cli_command_t command)
{
    for (size_t i = 0; i < dc_cli_options.count; i++) {
        const dc_option_t *option = &dc_cli_options.options[i];
        bool is_given = dc_options_origin(self->options, i) == DC_ORIGIN_FLAG;
        if (is_given && option->commands && !(option->commands & command)) return false;
    }
    return true;
}

// Without operands rows come from ranges or from stdin, or a person at a terminal types them.
static int imply_command(dc_call_t *self)
{
    bool has_prompt = dc_prompt_is_possible() && !self->settings->ranges.count &&
                      !self->settings->explain && !self->settings->dry_run &&
                      takes_options(self, DC_CLI_EVAL);
    self->is_implied = true;
    self->is_prompt = has_prompt;
    self->command = has_prompt ? DC_CLI_EVAL : DC_CLI_BATCH;
    if (has_prompt) return 0;
    if (self->settings->ranges.count || !isatty(STDIN_FILENO)) return 0;
    dc_buf_append_text(&self->console->buf,
                       "dcalc: what is to be computed? For example:\n"
                       "       dcalc '2+3*4'      dcalc batch FILE      more: dcalc --help\n");
    return EX_USAGE;
}

static int find_command(dc_call_t *self)
{
    size_t count = dc_options_operand_count(self->options);
    self->arguments = calloc(count + 1, sizeof *self->arguments);
    if (!self->arguments) return EX_TEMPFAIL;
    if (count == 0) return imply_command(self);
    const char *first = dc_options_operand(self->options, 0);
    if (count == 1 && strcmp(first, "-") == 0) {
        self->command = DC_CLI_BATCH;
        self->is_implied = true;
        return 0;
    }
    bool is_word = dc_cli_is_word(first);
    self->command = DC_CLI_EVAL;
    self->is_implied = !is_word;
    if (is_word && !dc_cli_find_command(first, &self->command))
        return complain_command(self, first);
    for (size_t i = is_word; i < count; i++) {
        self->arguments[self->argument_count++] = dc_options_operand(self->options, i);
    }
    return 0;
}

// --- its options -------------------------------------------------------------------------------

static bool is_local(const dc_option_t *option)
{
    return strcmp(option->name, "local") == 0;
}

// A private cluster has nothing to show: it is gone with the command.
static bool is_taken(const dc_call_t *self, const dc_option_t *option)
{
    unsigned looks = DC_CLI_LIST | DC_CLI_WORKERS | DC_CLI_TOP | DC_CLI_STATUS | DC_CLI_CANCEL |
                     DC_CLI_SET | DC_CLI_ATTACH | DC_CLI_RESULTS | DC_CLI_RETRY | DC_CLI_DELETE;
    if (is_local(option)) return !(self->command & looks);
    return !option->commands || option->commands & self->command;
}

// Whether it is the name of a file, there or not, rather than an expression.
static bool names_file(const char *word)
{
    const char *dot = strrchr(word, '.');
    if (access(word, F_OK) == 0) return true;
    return dot && isalpha((unsigned char)dot[1]) && !strpbrk(word, "+*^=?();");
}

// `dcalc loans.csv -t amount`: a file looks like an expression; `dcalc -d '2*pi'`: an expression
// can be a batch.
static void offer_batch(dc_call_t *self, const dc_option_t *option)
{
    dc_buf_t *out = &self->console->buf;
    bool is_meant = self->command == DC_CLI_EVAL && self->is_implied && self->argument_count == 1 &&
                    option->commands & DC_CLI_BATCH;
    if (!is_meant) return;
    dc_str_t word = dc_str_from(self->arguments[0]);
    if (names_file(self->arguments[0])) {
        dc_buf_append_text(out, "       for a formula on each row of a file: dcalc batch ");
        dc_text_put_shell(out, word);
        dc_buf_append_text(out, " --template EXPR\n");
    } else if (dc_text_is_safe(word)) {
        dc_buf_append_text(out, "       it goes with batches: echo ");
        dc_text_put_shell(out, word);
        dc_buf_printf(out, " | dcalc batch --%s%s%s\n", option->name, option->argument ? " " : "",
                      option->argument ? option->argument : "");
    }
}

static int complain_option(dc_call_t *self, const dc_option_t *option)
{
    dc_buf_t *out = &self->console->buf;
    const char *name = dc_cli_command_name(self->command);
    dc_buf_printf(out, "dcalc: '%s' does not take the option '--%s'\n", name, option->name);
    if (is_local(option)) {
        dc_buf_append_text(out, "       a private cluster has nothing but what it computes\n");
    } else {
        dc_buf_printf(out, "       its options: dcalc %s --help\n", name);
        offer_batch(self, option);
    }
    return EX_USAGE;
}

// An option that was given must be one that the command takes; a variable may be for another one.
static int check_options(dc_call_t *self)
{
    for (size_t i = 0; i < dc_cli_options.count; i++) {
        const dc_option_t *option = &dc_cli_options.options[i];
        bool is_given = dc_options_origin(self->options, i) == DC_ORIGIN_FLAG;
        if (!is_given || is_taken(self, option)) continue;
        return complain_option(self, option);
    }
    return 0;
}

static bool is_given(const dc_call_t *self, const char *name)
{
    for (size_t i = 0; i < dc_cli_options.count; i++) {
        if (strcmp(dc_cli_options.options[i].name, name) != 0) continue;
        return dc_options_origin(self->options, i) == DC_ORIGIN_FLAG;
    }
    return false;
}

// Computed is either here or there; a variable says where, if nothing else does.
static int check_private(dc_call_t *self)
{
    if (!is_given(self, "local") || !is_given(self, "broker")) return 0;
    return dc_call_complain(self, "--local has a broker of its own: not %s too", "--broker");
}

// How results are written is said where they are, with attach and results; how they are kept where
// they are kept. Variables are for those whom they concern.
static int check_detach(dc_call_t *self)
{
    static const char *const later[] = { "output-file", "errors", "unordered" };
    static const char *const kept[] = { "key", "keep" };
    if (self->command != DC_CLI_BATCH) return 0;
    if (self->settings->detach && is_given(self, "max-errors")) {
        return dc_call_complain(self, "--%s is of no use with -d: the broker computes every job",
                                "max-errors");
    }
    for (size_t i = 0; i < DC_ARRAY_LEN(later) && self->settings->detach; i++) {
        if (!is_given(self, later[i])) continue;
        return dc_call_complain(self, "--%s is of no use with -d: give it to dcalc results",
                                later[i]);
    }
    for (size_t i = 0; i < DC_ARRAY_LEN(kept) && !self->settings->detach; i++) {
        if (!is_given(self, kept[i])) continue;
        return dc_call_complain(self, "--%s is of a batch that is kept: give -d too", kept[i]);
    }
    if (self->settings->detach && self->settings->is_private && !is_given(self, "broker")) {
        return dc_call_complain(self,
                                "the prompt's private cluster ends with it, and keeps nothing for "
                                "-d; a broker that does: %s URL",
                                "--broker");
    }
    if (!self->settings->detach || self->settings->local < 0) return 0;
    return dc_call_complain(
        self, "a private cluster (%s) ends with this command, and keeps nothing for -d", "--local");
}

// Who says to go on in a variable, or in the configuration, means the runs that can.
static int check_resume(dc_call_t *self)
{
    dc_cli_settings_t *settings = self->settings;
    if (is_given(self, "resume")) {
        if (!settings->detach) return 0;
        return dc_call_complain(self, "--%s is of no use with -d: the broker goes on by itself",
                                "resume");
    }
    bool is_possible = settings->output_file && !settings->unordered && !settings->detach;
    settings->resume = settings->resume && is_possible;
    return 0;
}

// What is said of doubles has no meaning for other numbers, wherever it was said.
static int check_numbers(dc_call_t *self)
{
    const dc_cli_settings_t *settings = self->settings;
    bool computes = self->command & (DC_CLI_EVAL | DC_CLI_BATCH);
    if (!computes || dc_numbers_are_double(dc_cli_settings_numbers(settings))) return 0;
    const struct {
        bool is_said;
        const char *complaint;
    } conflicts[] = {
        { settings->ieee, "--ieee is for doubles: with --numbers %s nothing is infinite" },
        { self->command == DC_CLI_BATCH && settings->reduce >= 0,
          "--reduce is for doubles: with --numbers %s rows stand alone" },
        { settings->format, "--format is for doubles: with --numbers %s all digits are printed; "
                            "fewer are decimal=N or round(x, n)" },
        { settings->digits, "--digits is for doubles: with --numbers %s all digits are printed; "
                            "fewer are decimal=N or round(x, n)" },
    };
    for (size_t i = 0; i < DC_ARRAY_LEN(conflicts); i++) {
        if (conflicts[i].is_said)
            return dc_call_complain(self, conflicts[i].complaint, settings->numbers);
    }
    return 0;
}

// Variables and the configuration say what new batches are like: those that exist are changed by
// flags only.
static void forget_variables(dc_call_t *self)
{
    for (size_t i = 0; i < dc_cli_options.count; i++) {
        const dc_option_t *option = &dc_cli_options.options[i];
        if (!(option->commands & DC_CLI_SET)) continue;
        if (dc_options_origin(self->options, i) == DC_ORIGIN_FLAG) continue;
        dc_option_set_default(option, (char *)self->settings + option->offset);
    }
}

// --- its operands ------------------------------------------------------------------------------

// `dcalc 2 + 3` are three expressions, of which one is none.
static bool is_operator(const char *word)
{
    return *word && word[strspn(word, "+-*/%^<>=!&|")] == '\0';
}

static int complain_blanks(dc_call_t *self)
{
    dc_buf_t words = { 0 };
    for (size_t i = 0; i < self->argument_count; i++) {
        dc_buf_printf(&words, i ? " %s" : "%s", self->arguments[i]);
    }
    dc_buf_t *out = &self->console->buf;
    dc_buf_append_text(out, "dcalc: an expression with blanks needs quotes");
    if (dc_text_is_safe(dc_buf_str(&words))) {
        dc_buf_append_text(out, ": dcalc ");
        dc_text_put_shell(out, dc_buf_str(&words));
    }
    dc_buf_append_char(out, '\n');
    dc_buf_fini(&words);
    return EX_USAGE;
}

static int check_expressions(dc_call_t *self)
{
    for (size_t i = 0; i < self->argument_count; i++) {
        bool is_between = i > 0 && i + 1 < self->argument_count;
        if (is_between && is_operator(self->arguments[i])) return complain_blanks(self);
        if (strcmp(self->arguments[i], "-") != 0) continue;
        return dc_call_complain(self, "'%s' is no expression: for those on stdin, type it alone",
                                "-");
    }
    return 0;
}

static int check_arguments(dc_call_t *self)
{
    size_t count = self->argument_count;
    const char *name = dc_cli_command_name(self->command);
    switch (self->command) {
    case DC_CLI_EVAL:
        if (self->is_prompt) return 0;
        return count ? check_expressions(self)
                     : dc_call_complain(self, "%s: which expression?", name);
    case DC_CLI_STATUS:
    case DC_CLI_CANCEL:
    case DC_CLI_SET:
    case DC_CLI_DELETE:
        return count ? 0 : dc_call_complain(self, "%s: which batch? dcalc list shows them", name);
    case DC_CLI_ATTACH:
    case DC_CLI_RESULTS:
    case DC_CLI_RETRY:
        if (!count) return dc_call_complain(self, "%s: which batch? dcalc list shows them", name);
        if (count > 1)
            return dc_call_complain(self, "one batch at a time: not '%s' too", self->arguments[1]);
        return 0;
    case DC_CLI_BATCH:
    case DC_CLI_HELP:
        if (count > 1) {
            return dc_call_complain(self, "one argument is enough: what is '%s'?",
                                    self->arguments[1]);
        }
        return 0;
    case DC_CLI_COMPLETION:
        if (count > 1)
            return dc_call_complain(self, "one shell at a time: not '%s' too", self->arguments[1]);
        return count ? 0 : dc_call_complain(self, "%s: of which shell? bash, zsh or fish", name);
    case DC_CLI_COMPLETE: return 0;
    case DC_CLI_LIST:
    case DC_CLI_WORKERS:
    case DC_CLI_TOP:
    case DC_CLI_PING:
    case DC_CLI_CONFIG:
    case DC_CLI_BENCH:
        return count ? dc_call_complain(self, "no argument is needed: what is '%s'?",
                                        self->arguments[0])
                     : 0;
    }
    return EX_SOFTWARE;
}

// --- its output --------------------------------------------------------------------------------

// Where results go, and in which form, as far as the name of the file says so.
static void settle_output(dc_cli_settings_t *settings)
{
    static const struct {
        const char *ending;
        dc_printer_format_t format;
    } endings[] = {
        { ".csv", DC_PRINT_CSV },   { ".tsv", DC_PRINT_TSV },    { ".tab", DC_PRINT_TSV },
        { ".json", DC_PRINT_JSON }, { ".jsonl", DC_PRINT_JSON }, { ".ndjson", DC_PRINT_JSON },
    };
    const char *file = settings->output_file;
    if (file && strcmp(file, "-") == 0) settings->output_file = NULL;
    const char *ending = file ? strrchr(file, '.') : NULL;
    if (!ending || settings->output >= 0) return;
    for (size_t i = 0; i < DC_ARRAY_LEN(endings); i++) {
        if (strcasecmp(endings[i].ending, ending) == 0) settings->output = endings[i].format;
    }
}

// --- all of it ---------------------------------------------------------------------------------

// The file that rows are read from: "-" for stdin, NULL for none.
static const char *input_of(const dc_call_t *self)
{
    if (self->command != DC_CLI_BATCH || self->settings->ranges.count) return NULL;
    return self->argument_count ? self->arguments[0] : "-";
}

int dc_call_read(dc_call_t *self)
{
    int status = find_command(self);
    settle_output(self->settings);
    if (!status) status = check_options(self);
    if (!status) status = check_private(self);
    if (!status) status = check_detach(self);
    if (!status) status = check_resume(self);
    if (!status) status = check_numbers(self);
    if (!status) status = check_arguments(self);
    if (!status) status = dc_files_check(self->settings, input_of(self), self->console);
    if (status) return status;
    if (self->command == DC_CLI_SET) forget_variables(self);
    return 0;
}

void dc_call_fini(dc_call_t *self)
{
    free(self->arguments);
    self->arguments = NULL;
}
