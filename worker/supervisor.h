// supervisor — starts the slots of a worker, watches over them, and buries them.
//
// It evaluates nothing and reads nothing that came from a client. Each slot is a process of its
// own, made from the same program, with a fresh session key. One that dies is started again: at
// once a few times, then after pauses that grow while it keeps dying young. To the broker it sends
// an obituary, over a connection of its own: whose session is over, and if the slot has crashed, at
// which job.
//
// SIGTERM and SIGINT drain: every slot finishes what it is at; a second one, or the end of the time
// for it, ends them. The end of the lifeline ends everything at once. Slots do not survive it. A
// service manager is told when they are started, how many run, and that the supervisor turns.
#ifndef DC_WORKER_SUPERVISOR_H
#define DC_WORKER_SUPERVISOR_H

#include "common/base.h"

typedef struct dc_supervisor_settings {
    const char *const *endpoints; // addresses of brokers; borrowed, as all here
    size_t endpoint_count;        // > 0
    uint32_t slot_count;          // 1 .. DC_SLOTS_MAX
    dc_ms_t drain_ms;
    int lifeline_fd;   // the end of a pipe; -1: none
    char *const *argv; // of a slot: NULL at the end
} dc_supervisor_settings_t;

// Do a supervisor's work until all slots have left or it is told to end. Returns an exit status: 0,
// or that of a slot which cannot work here (sysexits.h).
int dc_supervisor_run(const dc_supervisor_settings_t *settings);

#endif
