// pools — memory for what comes and goes with every single job.
#ifndef DC_BROKER_CORE_JOBS_POOLS_H
#define DC_BROKER_CORE_JOBS_POOLS_H

#include "broker/core/jobs/pool.h"

typedef struct dc_pools {
    dc_pool_t batches, chunks, leases, early;
} dc_pools_t;

#endif
