// terminal — the terminal that is stdin, as the editor has it between and while lines are read.
//
// It is as it was before when a signal ends the program. What changes it from outside is noticed.
#ifndef DC_CLIENT_CLI_PROMPT_TERMINAL_H
#define DC_CLIENT_CLI_PROMPT_TERMINAL_H

#include "common/base.h"

// Learn how it is. False if stdin is none.
DC_MUST_USE bool dc_terminal_find(void);

// Let it echo nothing from now on, or be as it was when it was found.
void dc_terminal_set_quiet(bool is_quiet);

// Where it is quiet, let it gather no lines either. libedit gets what was typed before it asks as
// keys: gathered by lines, Ctrl-D would be the end of one, which is a byte of none once the
// terminal gathers no more.
void dc_terminal_keep_keys_apart(void);

// Begin, or end, to take the signals that are about it. Whoever waits meanwhile is interrupted.
void dc_terminal_watch(bool is_begin);

// Whether, since this was asked last, it has got another size, or was somebody else's and is ours
// again (`*is_back`).
bool dc_terminal_has_changed(bool *is_back);

#endif
