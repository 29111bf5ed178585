// history — the lines that were typed at the prompt, kept from one to the next:
// $XDG_STATE_HOME/dcalc/history (~/.local/state), a line each, readable for its owner alone.
//
// A line is there as soon as it was typed, however the prompt ends, and prompts that run at the
// same time add to the same file. When it has twice as many lines as are kept the older half goes.
// Where there can be no such file there is no history, and no complaint.
#ifndef DC_CLIENT_CLI_PROMPT_HISTORY_H
#define DC_CLIENT_CLI_PROMPT_HISTORY_H

#include "common/buf.h"

typedef struct dc_history {
    int fd;         // of the file; -1: there is none
    dc_buf_t lines; // owned: what was read
    dc_str_t rest;  // of these, what is not given out yet
} dc_history_t;

// Open the file, which is made where there is none, and read the last lines, at most
// DC_HISTORY_LINES_MAX.
void dc_history_open(dc_history_t *self);
void dc_history_close(dc_history_t *self);

// The next of the lines that were read, oldest first; valid until it is closed. False if there are
// no more.
bool dc_history_next(dc_history_t *self, dc_str_t *line);

// Add `line`, which has no line end.
void dc_history_add(dc_history_t *self, dc_str_t line);

#endif
