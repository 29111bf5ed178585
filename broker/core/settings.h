// settings — what an operator may tell the core; the defaults are those of common/limits.h.
#ifndef DC_BROKER_CORE_SETTINGS_H
#define DC_BROKER_CORE_SETTINGS_H

#include "common/limits.h"

typedef struct dc_settings {
    dc_ms_t heartbeat_ms;
    uint32_t liveness_beats;
    dc_ms_t orphan_ms;
    bool has_store;             // detached batches are taken
    uint64_t date_ms;           // since 1970, when the shell's clock said 0
    uint64_t keep_ms;           // how long results of detached batches stay
    uint64_t batch_bytes_max;   // of a detached batch
    uint64_t store_bytes_max;   // of all of them
    uint64_t store_batches_max; // how many they are
    uint64_t batch_number;      // the highest that may have been given before
    uint64_t number_end;        // the highest that may be given until the store reserves more
    uint64_t numbers_step;      // ... so many at once
    uint64_t reading_bytes_max; // of what is stored, read at once for all who fetch it
    uint64_t memory_bytes_max;  // inputs and results held; new batches are refused beyond
    uint64_t rate_max;          // jobs a second of each client; 0: any number
    uint64_t burst;             // ... and how many at once, after a pause; 0: a second's
    uint64_t rate_bytes_max;    // bytes of such jobs a second of each client, likewise
    uint64_t burst_bytes;       //
    uint64_t outstanding_max;   // jobs that each client may have open; 0: any number
    uint64_t expr_bytes_max;    // of an expression or template; 0: what slots take
} dc_settings_t;

static inline dc_settings_t dc_settings_default(void)
{
    return (dc_settings_t){
        .heartbeat_ms = DC_HEARTBEAT_MS,
        .liveness_beats = DC_LIVENESS_BEATS,
        .orphan_ms = DC_ORPHAN_MS,
        .keep_ms = DC_KEEP_MS,
        .batch_bytes_max = DC_BATCH_BYTES_MAX,
        .store_bytes_max = UINT64_MAX,
        .store_batches_max = DC_STORED_BATCHES_MAX,
        .reading_bytes_max = DC_STORE_READING_BYTES_MAX,
        .number_end = UINT64_MAX,
        .numbers_step = DC_STORE_NUMBERS_STEP,
        .memory_bytes_max = UINT64_C(1) << 30,
    };
}

#endif
