// pools — memory for what comes and goes with every single job.
#ifndef DC_BROKER_CORE_POOLS_H
#define DC_BROKER_CORE_POOLS_H

#include "broker/core/pool.h"

typedef struct dc_pools {
    dc_pool_t batches, chunks, leases, kept;
} dc_pools_t;

#endif
