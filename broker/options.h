// options — what the command line, the environment and the configuration say to the broker.
#ifndef DC_BROKER_OPTIONS_H
#define DC_BROKER_OPTIONS_H

#include "common/daemon.h"
#include "common/options.h"
#include "common/tables.h"

typedef struct dc_broker_options {
    const char *frontend, *backend;
    uint64_t heartbeat_ms;
    int64_t liveness_beats;
    uint64_t memory_bytes_max;
    uint64_t orphan_ms, drain_ms;
    const char *data, *backup;
    int64_t data_cpu; // DC_STORE_ANY_CPU: not given
    uint64_t keep_ms;
    uint64_t batch_bytes_max, expr_bytes_max;
    uint64_t store_bytes_max;
    int64_t store_batches_max;
    int64_t rate_max, burst, outstanding_max; // 0: not given
    uint64_t rate_bytes_max, burst_bytes;     // likewise
    bool is_insecure;
    dc_daemon_t daemon;
} dc_broker_options_t;

#endif
