#include "common/options_part.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "common/suggest.h"

// getopt_long returns a letter, or this and an index into the table.
#define LONG_FIRST 256

static const dc_options_source_t from_flag = { .origin = DC_ORIGIN_FLAG };

// Set an option that was given without an argument.
static bool set_bare(dc_options_t *self, size_t index, dc_buf_t *message)
{
    const dc_option_t *option = &self->table->options[index];
    if (option->kind == DC_OPTION_COUNT) {
        dc_options_begin(self, index, from_flag);
        ++*(int64_t *)dc_options_field(self, option);
        return true;
    }
    const char *text = option->kind == DC_OPTION_FLAG ? "1" : option->implied;
    return dc_options_set(self, index, text, from_flag, message);
}

// Copy argv; what looks like an option and is an expression gets a byte in front, so that
// getopt_long takes it for an operand, or for the argument of the option before it.
bool dc_options_shield(dc_options_t *self, int argc, char **argv)
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

static void say_where_all_are(const dc_options_t *self, dc_buf_t *message)
{
    const char *command = self->table->list_command ? self->table->list_command : "--help";
    dc_buf_printf(message, "       all of them: %s %s\n", self->table->program, command);
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
        bool is_meant =
            strncmp(option->name, word.data + 2, word.len - 2) == 0 ||
            (option->alias && dc_str_eq(dc_str_behind(word, 2), dc_str_from(option->alias)));
        if (is_meant) suggest.best = dc_str_from(option->name);
        if (is_meant) break;
        dc_suggest_offer(&suggest, dc_str_from(option->name));
    }
    dc_str_t best = dc_suggest_best(&suggest);
    if (best.len) dc_buf_printf(message, "; did you mean '--%.*s'?", (int)best.len, best.data);
    dc_buf_append_char(message, '\n');
    say_where_all_are(self, message);
}

// -x+3 may be meant as an expression: only a digit, a point or a parenthesis makes it one.
static void offer_expression(const char *argument, dc_buf_t *message)
{
    dc_buf_printf(message, "       if '%s' is an expression, put -- in front of it\n", argument);
}

// Of a word of several letters getopt_long is still at it, and `optind` with it.
static void complain_letter(const dc_options_t *self, char letter, dc_buf_t *message)
{
    const char *argument = self->arguments[optind];
    dc_buf_printf(message, "%s: unknown option '-%c'\n", self->table->program, letter);
    if (argument && argument[0] == '-' && strlen(argument) > 2 && strchr(argument, letter)) {
        offer_expression(argument, message);
    } else {
        say_where_all_are(self, message);
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
    const dc_option_t *option = &self->table->options[index];
    const char *argument = current_argument(self);
    bool is_again = option->flags & DC_OPTION_ONCE && self->sources[index].origin == DC_ORIGIN_FLAG;
    dc_buf_printf(message, "%s: --%s: ", self->table->program, option->name);
    if (is_again) dc_buf_append_text(message, "given twice");
    bool is_set = !is_again &&
                  (optarg ? dc_options_set(self, index, unshield(self, optarg), from_flag, message)
                          : set_bare(self, index, message));
    if (is_set) {
        message->len = len;
        return true;
    }
    dc_buf_append_char(message, '\n');
    // -pi is 'i' for -p. Only programs with commands compute anything.
    bool is_one_word = optarg && argument[1] != '-' && optarg != argument &&
                       optarg + strlen(optarg) == argument + strlen(argument);
    if (is_one_word && self->table->list_command) offer_expression(argument, message);
    return false;
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

int dc_options_read_arguments(dc_options_t *self, int argc, dc_buf_t *message)
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

size_t dc_options_operand_count(const dc_options_t *self)
{
    return self->operand_count;
}

const char *dc_options_operand(const dc_options_t *self, size_t index)
{
    return unshield(self, self->arguments[self->operand_first + index]);
}
