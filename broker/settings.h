// settings — what an operator may tell the core; the defaults are those of common/limits.h.
#ifndef DC_BROKER_SETTINGS_H
#define DC_BROKER_SETTINGS_H

#include "common/limits.h"

typedef struct dc_settings {
    dc_ms_t heartbeat_ms;
    uint32_t liveness_beats;
    dc_ms_t orphan_ms;
    uint64_t memory_bytes_max; // inputs and results held; new batches are refused beyond
} dc_settings_t;

static inline dc_settings_t dc_settings_default(void)
{
    return (dc_settings_t){
        .heartbeat_ms = DC_HEARTBEAT_MS,
        .liveness_beats = DC_LIVENESS_BEATS,
        .orphan_ms = DC_ORPHAN_MS,
        .memory_bytes_max = UINT64_C(1) << 30,
    };
}

#endif
