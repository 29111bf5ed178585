// ledger_part — what the files of ledger share; see broker/core/jobs/ledger.h for what they do.
#ifndef DC_BROKER_CORE_JOBS_LEDGER_PART_H
#define DC_BROKER_CORE_JOBS_LEDGER_PART_H

#include "broker/core/jobs/ledger.h"

// broker/core/jobs/ledger_lease.c: nobody waits for the results of `lease` any more, and its slot
// is told if it is still at them.
void dc_ledger_void_and_trim(dc_core_t *self, dc_lease_t *lease, dc_actions_t *actions);

#endif
