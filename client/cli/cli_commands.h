// cli_commands — the names of the client's commands, and what else people call them.
#ifndef DC_CLIENT_CLI_CLI_COMMANDS_H
#define DC_CLIENT_CLI_CLI_COMMANDS_H

#include "client/cli/cli_settings.h"

// Whether `operand` can only be a command: [a-z][a-z-]*. Anything else is an expression.
bool dc_cli_is_word(const char *operand);

// The command of this name. False if there is none.
bool dc_cli_find_command(const char *name, dc_cli_command_t *command);

const char *dc_cli_command_name(dc_cli_command_t command);

// What is known of a command; the strings are constants.
typedef struct dc_cli_command_info {
    dc_cli_command_t command;
    const char *name;
    const char *arguments; // "ID..."; "" for none
    const char *help;      // the first sentence says what it does
} dc_cli_command_info_t;

// The next command that people use: `*at` is 0 before the first. False if there are no more.
bool dc_cli_next_command(size_t *at, dc_cli_command_info_t *info);

// Append how `command` is called and what it does.
void dc_cli_put_usage(dc_cli_command_t command, dc_buf_t *out);

// What may have been meant by a word that is no command: one from the neighbours' vocabulary, or
// one that is spelled alike. NULL if nothing is near.
const char *dc_cli_suggest_command(const char *word);

// Append all of them, a line each.
void dc_cli_put_commands(dc_buf_t *out);

#endif
