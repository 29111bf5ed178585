// interrupt — Ctrl-C and SIGTERM, as something that can be waited for.
//
// The signals are blocked and read from a descriptor, so nothing is interrupted halfway. SIGPIPE is
// ignored: a reader that has gone shows when writing.
#ifndef DC_CLIENT_CLI_INTERRUPT_H
#define DC_CLIENT_CLI_INTERRUPT_H

#include "common/base.h"

// From now on signals are only counted. Returns a descriptor, readable when one has come; -1, and
// nothing changed, if there is none to be had.
int dc_interrupt_begin(void);

// How many have come since the last call.
unsigned dc_interrupt_take(int fd);

// Whether SIGTERM was among those that were taken: who goes on after Ctrl-C ends then.
bool dc_interrupt_was_terminated(void);

// Signals act as they did before.
void dc_interrupt_end(int fd);

#endif
