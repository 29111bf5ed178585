// slot — a process that evaluates: link, runner and sandbox around a socket and a clock.
//
// It runs in a child of the supervisor, takes leases from one broker at a time, and ends when the
// link says so, when its supervisor dies, or when memory is so short that it cannot answer.
#ifndef DC_WORKER_SLOT_H
#define DC_WORKER_SLOT_H

#include <signal.h>

#include "worker/link.h"
#include "worker/share.h"

// SIGTERM tells a slot to drain, however often it comes; this, to hand back what it has and end.
#define DC_SLOT_SIGNAL_END SIGUSR2

typedef struct dc_slot_settings {
    const char *const *endpoints; // addresses of brokers, tried in turn; borrowed, as all here
    size_t endpoint_count;        // > 0
    dc_str_t name, host;          // of the worker
    const char *const *tags;      // what the worker can do, told to the broker
    size_t tag_count;
    uint64_t memory_bytes_max; // what it may map beside what it starts with
    dc_link_settings_t link;   // `ready` is filled in by the slot
} dc_slot_settings_t;

// Do a slot's work until it ends. Returns an exit status: 0 where it took its leave, EX_TEMPFAIL
// where another try may help, else one that says what an operator must change.
int dc_slot_run(const dc_slot_settings_t *settings, dc_share_t *share);

#endif
