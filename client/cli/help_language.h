// help_language — operators and functions of expressions, as lines of help.
#ifndef DC_CLIENT_CLI_HELP_LANGUAGE_H
#define DC_CLIENT_CLI_HELP_LANGUAGE_H

#include "common/buf.h"

// Append the levels of operators, loosest first.
void dc_help_put_operators(dc_buf_t *out);

// Append all functions, a paragraph a family: what is not of one `x` has its arguments.
void dc_help_put_functions(dc_buf_t *out);

// Append what function `name` does, where it is defined and how precisely; of a reduction that is a
// function of lists as well, both. False, and nothing, if there is no such function.
bool dc_help_put_function(const char *name, dc_buf_t *out);

#endif
