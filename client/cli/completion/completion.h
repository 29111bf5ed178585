// completion — what makes a shell complete command lines of dcalc, printed from the tables of
// options and the list of commands.
//
// It completes commands, the options of each, values where they are words, files, and through the
// hidden `dcalc complete` (client/cli/completion/complete.h) batches, workers, profiles and
// functions; options of dcalc-broker and dcalc-worker too.
#ifndef DC_CLIENT_CLI_COMPLETION_COMPLETION_H
#define DC_CLIENT_CLI_COMPLETION_COMPLETION_H

#include "common/buf.h"

// Append the script for `shell`: bash, zsh or fish. False if it is none of these.
bool dc_completion_put(const char *shell, dc_buf_t *out);

#endif
