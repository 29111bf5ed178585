// prompt — `dcalc` without arguments on a terminal: a line is typed, its value comes.
//
//   > rate = 0.19
//   > f(x) = x * (1 + rate)
//   > f(100)
//   119
//   > ans / 7
//   17
//
// What a line can say is told in statement.h and verb.h; how definitions stay, and what is sent, in
// notebook.h; how it is typed, in editor.h. A line whose parentheses are not all closed goes on in
// the next one. Statements of a line are done one after the other, until one fails.
//
// Results go to stdout, in the form that -o says, all else to stderr, as ever: so
// `dcalc > values.txt` has a prompt as well. A fault is marked under the place where it was typed.
// Ctrl-C stops what is computed, on the cluster too, or drops what is typed. Nothing that fails
// ends the prompt: not an expression, nor a broker that is away. It ends with Ctrl-D, or `quit`.
#ifndef DC_CLIENT_CLI_PROMPT_PROMPT_H
#define DC_CLIENT_CLI_PROMPT_PROMPT_H

#include "client/cli/cli_settings.h"
#include "client/cli/console.h"

// Whether stdin and stderr are a terminal, and this program was built to have a prompt.
bool dc_prompt_is_possible(void);

// Be the prompt until its end. `program` is how this program was called, and `options` is where the
// settings are from. Returns the exit status: 0, whatever failed in between; or why there could be
// no prompt, or not go on, which has been said.
int dc_prompt_run(const dc_cli_settings_t *settings, const dc_options_t *options,
                  const char *program, dc_console_t *console);

#endif
