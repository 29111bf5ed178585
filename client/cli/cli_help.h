// cli_help — what `-h` and `help TOPIC` print, made from the table of options where it can be.
#ifndef DC_CLIENT_CLI_CLI_HELP_H
#define DC_CLIENT_CLI_CLI_HELP_H

#include "client/cli/cli_settings.h"
#include "common/suggest.h"

// Append the overview, which fits a screen of 24 lines.
void dc_cli_help_overview(dc_buf_t *out);

// Append the help of a command.
void dc_cli_help_command(dc_cli_command_t command, dc_buf_t *out);

// Append the help of a topic, command or function. False, and nothing appended, if there is none
// of that name.
bool dc_cli_help_topic(const char *topic, dc_buf_t *out);

// Append the names of all topics: "commands, expressions, ...; and each command and function".
void dc_cli_help_put_topics(dc_buf_t *out);

// The next topic's name: `*at` is 0 before the first. NULL if there are no more.
const char *dc_cli_help_next_topic(size_t *at);

// Offer the names of all topics and functions.
void dc_cli_help_offer(dc_suggest_t *suggest);

#endif
