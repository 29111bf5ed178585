// trace — events and actions in words: for the log at level debug, scenarios and failed
// simulations.
//
//   c1 chunk handle=1 jobs=[0,512) data=6144
//   > w2 lease L8c1f jobs=[0,512) attempt=1 data=6144
//   w2 result L8c1f jobs=[0,200) last data=1100
//   > forget w2
//
// Who is spoken of stands first: `c1` is client 1, `w2` worker 2, in the shell's numbering; what
// the core wants done begins with `>`. Commands have the words of common/wire_words.h.
#ifndef DC_BROKER_CORE_TRACE_H
#define DC_BROKER_CORE_TRACE_H

#include "broker/core/core.h"
#include "common/wire_words.h"

// Append a line, without a newline.
void dc_trace_event(const dc_event_t *event, dc_buf_t *out);
void dc_trace_action(const dc_action_t *action, dc_buf_t *out);

#endif
