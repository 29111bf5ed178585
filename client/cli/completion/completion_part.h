// completion_part — what the scripts of all shells are made from; see
// client/cli/completion/completion.h.
#ifndef DC_CLIENT_CLI_COMPLETION_COMPLETION_PART_H
#define DC_CLIENT_CLI_COMPLETION_COMPLETION_PART_H

#include "client/cli/cli_commands.h"
#include "client/cli/completion/completion.h"

// What may be offered for an argument.
typedef enum dc_completion_source {
    DC_COMPLETION_NOTHING, // it is the person's own
    DC_COMPLETION_WORDS,   // a few words
    DC_COMPLETION_KNOWN,   // what `dcalc complete` says, of the kinds in the words
    DC_COMPLETION_FORMULA, // an expression, which may end in the beginning of a function's name
    DC_COMPLETION_FILES,
    DC_COMPLETION_FOLDERS,
} dc_completion_source_t;

// Of an option's argument; the words, or kinds, are appended to `words`.
dc_completion_source_t dc_completion_of_option(const dc_option_t *option, dc_buf_t *words);

// Of a command's arguments.
dc_completion_source_t dc_completion_of_command(const dc_cli_command_info_t *info, dc_buf_t *words);

// Whether it is offered at all, to `command` of the client; 0: before a command is known, where the
// options are that all commands take and those of `eval`, which is implied.
bool dc_completion_is_offered(const dc_option_t *option, uint32_t command);

// Whether the word behind it is its argument, of an option that is offered to anybody.
bool dc_completion_needs_argument(const dc_option_t *option);

// Append how an option is written, `-o` and `--output`, with `between` after each.
void dc_completion_put_forms(const dc_option_t *option, const char *between, dc_buf_t *out);

// Append what an option or command does, in a few words: the first phrase of its help.
void dc_completion_put_brief(const char *help, dc_buf_t *out);

// A shell's script.
void dc_completion_put_bash(dc_buf_t *out);
void dc_completion_put_zsh(dc_buf_t *out);
void dc_completion_put_fish(dc_buf_t *out);

#endif
