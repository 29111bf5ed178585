// options — what the command line, the environment and the configuration say to a worker.
#ifndef DC_WORKER_OPTIONS_H
#define DC_WORKER_OPTIONS_H

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
    int64_t log_level;
    int64_t lifeline_fd;
    bool is_slot;
    const char *config, *profile;    // of the configuration file, see common/options.h
    bool print_config, check_config; // do so, and end
    int64_t output;                  // dc_options_format_t of the former
    bool help, version;
} dc_worker_options_t;

#endif
