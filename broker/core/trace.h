// trace — events and actions in words: for the log at level debug, scenarios and failed
// simulations.
//
//   c1 chunk handle=1 jobs=[0,512) data=6144
//   > w2 lease L8c1f jobs=[0,512) attempt=1 data=6144
//   w2 result L8c1f jobs=[0,200) last data=1100
//   > forget w2
//
// Who is spoken of stands first: `c1` is client 1, `w2` worker 2, in the shell's numbering; what
// the core wants done begins with `>`. Fields that are 0 are left out, flags are words, ids and
// keys are cut to four hex digits, ranges of jobs are half-open. Payloads are only counted.
#ifndef DC_BROKER_CORE_TRACE_H
#define DC_BROKER_CORE_TRACE_H

#include "broker/core/core.h"
#include "common/buf.h"

// Append the words of a command: its name in lower case, its fields, the sizes of data and program.
void dc_trace_cmd(const dc_cmd_t *cmd, dc_buf_t *out);

// The words for the flags of a command, from the lowest bit: eight, NULL where a bit has none.
const char *const *dc_trace_flag_words(dc_command_t type);

// Append a line, without a newline.
void dc_trace_event(const dc_event_t *event, dc_buf_t *out);
void dc_trace_action(const dc_action_t *action, dc_buf_t *out);

#endif
