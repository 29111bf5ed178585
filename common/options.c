#include "common/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/option_help.h"
#include "common/suggest.h"
#include "common/version.h"

// getopt_long returns a letter, or this and an index into the table.
#define LONG_FIRST 256

struct dc_options {
    const dc_option_table_t *table; // borrowed
    char *settings;                 // borrowed; offsets count from here
    dc_origin_t *origins;           // owned, one for each option
    char **arguments;               // owned copy of argv, whose expressions are shielded
    char *shield;                   // owned; the shielded arguments, one behind the other
    size_t shield_bytes;
    size_t operand_first, operand_count; // where they are in `arguments` after parsing
};

static void *field_of(const dc_options_t *self, const dc_option_t *option)
{
    return self->settings + option->offset;
}

// What counts or collects begins anew with a stronger origin: flags replace the environment's.
static void begin_origin(dc_options_t *self, size_t index, dc_origin_t origin)
{
    const dc_option_t *option = &self->table->options[index];
    if (self->origins[index] == origin) return;
    self->origins[index] = origin;
    if (option->kind == DC_OPTION_LIST) ((dc_option_list_t *)field_of(self, option))->count = 0;
    if (option->kind == DC_OPTION_COUNT) *(int64_t *)field_of(self, option) = 0;
}

// Set option `index` of the table from text, as dc_option_read does.
DC_MUST_USE static bool set(dc_options_t *self, size_t index, const char *text, dc_origin_t origin,
                            dc_buf_t *message)
{
    const dc_option_t *option = &self->table->options[index];
    begin_origin(self, index, origin);
    return dc_option_read(option, field_of(self, option), text, message);
}

// Set an option that was given without an argument.
static bool set_bare(dc_options_t *self, size_t index, dc_buf_t *message)
{
    const dc_option_t *option = &self->table->options[index];
    if (option->kind == DC_OPTION_COUNT) {
        begin_origin(self, index, DC_ORIGIN_FLAG);
        ++*(int64_t *)field_of(self, option);
        return true;
    }
    const char *text = option->kind == DC_OPTION_FLAG ? "1" : option->implied;
    return set(self, index, text, DC_ORIGIN_FLAG, message);
}

// --- the environment ---------------------------------------------------------------------------

static int read_environment(dc_options_t *self, dc_buf_t *message)
{
    int status = 0;
    dc_buf_t name = { 0 };
    for (size_t i = 0; i < self->table->count && status == 0; i++) {
        if (self->table->options[i].flags & DC_OPTION_NO_ENVIRONMENT) continue;
        name.len = 0;
        dc_option_put_variable(self->table, i, &name);
        dc_buf_append_char(&name, '\0');
        if (name.failed) {
            status = EX_TEMPFAIL;
            break;
        }
        const char *text = getenv(name.data);
        if (!text || !*text) continue;
        size_t len = message->len;
        dc_buf_printf(message, "%s: %s: ", self->table->program, name.data);
        if (set(self, i, text, DC_ORIGIN_ENVIRONMENT, message)) {
            message->len = len;
        } else {
            dc_buf_append_char(message, '\n');
            status = EX_CONFIG;
        }
    }
    dc_buf_fini(&name);
    return status;
}

// --- the command line --------------------------------------------------------------------------

// Copy argv; what looks like an option and is an expression gets a byte in front, so that
// getopt_long takes it for an operand, or for the argument of the option before it.
static bool shield_arguments(dc_options_t *self, int argc, char **argv)
{
    size_t bytes = 1;
    for (int i = 1; i < argc; i++) {
        bytes += strlen(argv[i]) + 2;
    }
    self->arguments = calloc((size_t)argc + 1, sizeof *self->arguments);
    self->shield = malloc(bytes);
    if (!self->arguments || !self->shield) return false;
    size_t at = 0;
    for (int i = 0; i < argc; i++) {
        self->arguments[i] = argv[i];
        if (i == 0 || !dc_option_is_expression(argv[i])) continue;
        self->arguments[i] = self->shield + at;
        at += (size_t)sprintf(self->shield + at, "=%s", argv[i]) + 1;
    }
    self->shield_bytes = at;
    return true;
}

static const char *unshield(const dc_options_t *self, const char *argument)
{
    bool is_shielded = argument >= self->shield && argument < self->shield + self->shield_bytes &&
                       (argument == self->shield || argument[-1] == '\0');
    return argument + is_shielded;
}

// What getopt_long wants to know of the table.
typedef struct declaration {
    struct option *longs; // owned
    char *letters;        // owned
} declaration_t;

static void declaration_fini(declaration_t *self)
{
    free(self->longs);
    free(self->letters);
}

static bool declaration_init(declaration_t *self, const dc_option_table_t *table)
{
    self->longs = calloc(table->count + 1, sizeof *self->longs);
    self->letters = malloc(3 * table->count + 2);
    if (!self->longs || !self->letters) return false;
    char *letter = self->letters;
    *letter++ = ':'; // a missing argument is told from an unknown option
    for (size_t i = 0; i < table->count; i++) {
        const dc_option_t *option = &table->options[i];
        int has_argument = !dc_option_takes_argument(option) ? no_argument
                           : option->implied                 ? optional_argument
                                                             : required_argument;
        self->longs[i] = (struct option){ option->name, has_argument, NULL, LONG_FIRST + (int)i };
        if (!option->letter) continue;
        *letter++ = option->letter;
        for (int colon = 0; colon < has_argument; colon++) {
            *letter++ = ':';
        }
    }
    *letter = '\0';
    return true;
}

// The argument of argv that getopt_long has just worked on.
static const char *current_argument(const dc_options_t *self)
{
    bool is_apart = optarg && optind >= 2 && self->arguments[optind - 1] == optarg;
    return self->arguments[optind - (is_apart ? 2 : 1)];
}

// getopt_long takes `--max` for `--max-errors`; such a command line would break on the day when a
// `--max-rows` comes, so it is not taken here.
static bool is_abbreviated(const dc_options_t *self, const dc_option_t *option)
{
    const char *argument = current_argument(self);
    size_t len = strlen(option->name);
    return strncmp(argument + 2, option->name, len) != 0 ||
           (argument[2 + len] && argument[2 + len] != '=');
}

static void complain_unknown(const dc_options_t *self, const char *argument, dc_buf_t *message)
{
    dc_str_t word = dc_str(argument, strcspn(argument, "="));
    dc_buf_printf(message, "%s: unknown option '%.*s'", self->table->program, (int)word.len,
                  word.data);
    dc_suggest_t suggest;
    dc_suggest_init(&suggest, dc_str(word.data + 2, word.len - 2));
    for (size_t i = 0; i < self->table->count; i++) {
        const dc_option_t *option = &self->table->options[i];
        if (option->flags & DC_OPTION_HIDDEN) continue;
        bool is_beginning = strncmp(option->name, word.data + 2, word.len - 2) == 0;
        if (is_beginning) suggest.best = dc_str_from(option->name);
        if (is_beginning) break;
        dc_suggest_offer(&suggest, dc_str_from(option->name));
    }
    dc_str_t best = dc_suggest_best(&suggest);
    if (best.len) dc_buf_printf(message, "; did you mean '--%.*s'?", (int)best.len, best.data);
    dc_buf_printf(message, "\n       all of them: %s --help\n", self->table->program);
}

// Of a word of several letters getopt_long is still at it, and `optind` with it.
static void complain_letter(const dc_options_t *self, char letter, dc_buf_t *message)
{
    const char *argument = self->arguments[optind];
    dc_buf_printf(message, "%s: unknown option '-%c'\n", self->table->program, letter);
    // -x+3 may be meant as an expression: only a digit, a point or a parenthesis makes it one.
    if (argument && argument[0] == '-' && strlen(argument) > 2 && strchr(argument, letter)) {
        dc_buf_printf(message, "       if '%s' is an expression, put -- in front of it\n",
                      argument);
    } else {
        dc_buf_printf(message, "       all of them: %s --help\n", self->table->program);
    }
}

// getopt_long has returned '?': an unknown option, or `--quiet=3`.
static void complain_option(const dc_options_t *self, dc_buf_t *message)
{
    const char *argument = current_argument(self);
    if (optopt == 0) {
        complain_unknown(self, argument, message);
    } else if (optopt >= LONG_FIRST) {
        dc_buf_printf(message, "%s: option '--%s' takes no argument\n", self->table->program,
                      self->table->options[optopt - LONG_FIRST].name);
    } else {
        complain_letter(self, (char)optopt, message);
    }
}

static bool set_from_command_line(dc_options_t *self, size_t index, dc_buf_t *message)
{
    size_t len = message->len;
    dc_buf_printf(message, "%s: --%s: ", self->table->program, self->table->options[index].name);
    bool is_set = optarg ? set(self, index, unshield(self, optarg), DC_ORIGIN_FLAG, message)
                         : set_bare(self, index, message);
    if (is_set) {
        message->len = len;
    } else {
        dc_buf_append_char(message, '\n');
    }
    return is_set;
}

static bool take_option(dc_options_t *self, int found, dc_buf_t *message)
{
    const dc_option_table_t *table = self->table;
    size_t index = 0;
    if (found == '?') {
        complain_option(self, message);
        return false;
    }
    int code = found == ':' ? optopt : found;
    bool is_long = code >= LONG_FIRST;
    if (is_long) index = (size_t)(code - LONG_FIRST);
    if (!is_long && !dc_option_find_letter(table, code, &index)) return false;
    if (is_long && is_abbreviated(self, &table->options[index])) {
        complain_unknown(self, current_argument(self), message);
        return false;
    }
    if (found == ':') {
        dc_buf_printf(message, "%s: option '--%s' needs an argument (%s)\n", table->program,
                      table->options[index].name, table->options[index].argument);
        return false;
    }
    return set_from_command_line(self, index, message);
}

static int read_arguments(dc_options_t *self, int argc, dc_buf_t *message)
{
    declaration_t declaration = { 0 };
    int status = EX_TEMPFAIL;
    if (declaration_init(&declaration, self->table)) {
        status = 0;
        optind = 0; // begin anew: a process may parse more than once
        opterr = 0;
        int found;
        while (status == 0 && (found = getopt_long(argc, self->arguments, declaration.letters,
                                                   declaration.longs, NULL)) != -1) {
            if (!take_option(self, found, message)) status = EX_USAGE;
        }
        self->operand_first = (size_t)optind;
        self->operand_count = (size_t)(argc - optind);
    }
    declaration_fini(&declaration);
    return status;
}

// Whether flag `name` is on; a table need not have it.
static bool is_on(const dc_options_t *self, const char *name)
{
    size_t index;
    if (!dc_option_find(self->table, name, &index)) return false;
    return *(const bool *)field_of(self, &self->table->options[index]);
}

int dc_options_parse(dc_options_t *self, int argc, char **argv, dc_buf_t *message)
{
    if (!shield_arguments(self, argc, argv)) return EX_TEMPFAIL;
    size_t len = message->len;
    int status = read_environment(self, message);
    if (status && status != EX_CONFIG) return status;
    int later = read_arguments(self, argc, message);
    if (later) return later;
    // Who asks for help may do so because of what is wrong with the environment.
    if (!is_on(self, "help") && !is_on(self, "version")) return status;
    message->len = len;
    return 0;
}

// --- the rest ----------------------------------------------------------------------------------

dc_options_t *dc_options_new(const dc_option_table_t *table, void *settings)
{
    dc_options_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    assert(table->count > 0);
    self->table = table;
    self->settings = settings;
    for (size_t i = 0; i < table->count; i++) {
        dc_option_set_default(&table->options[i], field_of(self, &table->options[i]));
    }
    self->origins = calloc(table->count, sizeof *self->origins);
    if (!self->origins) dc_options_destroy(&self);
    return self;
}

void dc_options_destroy(dc_options_t **self_p)
{
    dc_options_t *self = *self_p;
    if (!self) return;
    for (size_t i = 0; i < self->table->count; i++) {
        const dc_option_t *option = &self->table->options[i];
        if (option->kind == DC_OPTION_LIST)
            free(((dc_option_list_t *)field_of(self, option))->items);
    }
    free(self->origins);
    free(self->arguments);
    free(self->shield);
    free(self);
    *self_p = NULL;
}

size_t dc_options_operand_count(const dc_options_t *self)
{
    return self->operand_count;
}

const char *dc_options_operand(const dc_options_t *self, size_t index)
{
    return unshield(self, self->arguments[self->operand_first + index]);
}

dc_origin_t dc_options_origin(const dc_options_t *self, size_t index)
{
    return self->origins[index];
}

static void print_version(const dc_options_t *self)
{
    printf("%s %s\n", self->table->program, DC_VERSION);
}

static void print_help(const dc_options_t *self)
{
    dc_buf_t text = { 0 };
    dc_buf_append_text(&text, self->table->usage);
    dc_buf_append_text(&text, "\n");
    dc_option_put_help(self->table, 0, &text);
    fwrite(text.data, 1, text.len, stdout);
    dc_buf_fini(&text);
}

bool dc_options_start(dc_options_t *self, int argc, char **argv, int *status)
{
    dc_buf_t message = { 0 };
    *status = dc_options_parse(self, argc, argv, &message);
    bool is_asked = is_on(self, "help") || is_on(self, "version");
    if (*status == 0 && !is_asked && self->operand_count) {
        dc_buf_printf(&message, "%s: '%s' is not an option\n       all of them: %s --help\n",
                      self->table->program, dc_options_operand(self, 0), self->table->program);
        *status = EX_USAGE;
    }
    if (*status == EX_TEMPFAIL) dc_buf_append_text(&message, "out of memory\n");
    fwrite(message.data, 1, message.len, stderr);
    dc_buf_fini(&message);
    if (*status || !is_asked) return *status == 0;
    if (is_on(self, "help")) {
        print_help(self);
    } else {
        print_version(self);
    }
    return false;
}
