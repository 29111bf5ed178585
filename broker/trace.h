// trace — events and actions in words: for the log at level debug, scenarios and failed simulations.
//
//   client c1 open handle=1 retries=3 data=0
//   > to c1 opened handle=1 number=1
//   > to w2 lease id=8c1f first=0 count=512 attempt=1 data=6144
//
// Fields that are 0 are left out, ids and keys are cut to four hex digits, payloads are only counted.
#ifndef DC_BROKER_TRACE_H
#define DC_BROKER_TRACE_H

#include "broker/core.h"
#include "common/buf.h"

// Append the words of a command: its name in lower case, its fields, the sizes of data and program.
void dc_trace_cmd(const dc_cmd_t *cmd, dc_buf_t *out);

// Append a line, without a newline.
void dc_trace_event(const dc_event_t *event, dc_buf_t *out);
void dc_trace_action(const dc_action_t *action, dc_buf_t *out);

#endif
