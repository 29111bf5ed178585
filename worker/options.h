// options — what the command line, the environment and the configuration say to a worker.
#ifndef DC_WORKER_OPTIONS_H
#define DC_WORKER_OPTIONS_H

#include "common/daemon.h"
#include "common/options.h"
#include "common/tables.h"

// The broker that is looked for where none is named.
#define DC_WORKER_BACKEND "tcp://127.0.0.1:5556"

// Below this a slot cannot even hold its pieces.
#define DC_WORKER_MEMORY_MIN (16 << 20)

typedef struct dc_worker_options {
    dc_option_list_t backends, tags;
    int64_t slot_count;
    const char *name;
    uint64_t memory_bytes_max;
    uint64_t drain_ms, idle_exit_ms, reconnect_ms, heartbeat_ms;
    int64_t liveness_beats;
    bool is_slot;
    dc_daemon_t daemon;
} dc_worker_options_t;

#endif
