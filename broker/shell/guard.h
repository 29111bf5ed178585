// guard — when the doors look for endless messages (broker/shell/connections.h).
//
// A look at one connection costs a system call, and an idle worker shall cost next to nothing: so
// they are looked at when memory has grown, which endless messages cannot do without, or when one
// of them is suspect; and once in a while, in case that something else has shrunk meanwhile.
#ifndef DC_BROKER_SHELL_GUARD_H
#define DC_BROKER_SHELL_GUARD_H

#include "broker/shell/door.h"
#include "broker/shell/growth.h"

typedef struct dc_guard {
    dc_growth_t growth;
    dc_ms_t due_ms; // when all are looked at, whatever memory does
} dc_guard_t;

void dc_guard_init(dc_guard_t *self);
void dc_guard_fini(dc_guard_t *self);

// Look at the connections of `doors` (by side) if it is time. `is_tick`: memory is asked for too.
void dc_guard_run(dc_guard_t *self, dc_door_t *const *doors, bool is_tick, dc_ms_t now);

#endif
