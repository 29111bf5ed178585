// results — what came of a job goes to the output, whatever it was.
#ifndef DC_WORKER_RESULTS_H
#define DC_WORKER_RESULTS_H

#include "worker/evaluator.h"
#include "worker/output.h"

// Put what dc_evaluator_eval has made of the current job: `err`, and `value` or `diag`; or how its
// task has ended. False if there is nothing to put, as the job was cancelled.
bool dc_results_put(dc_output_t *output, const dc_evaluator_t *evaluator, dc_err_t err,
                    const dc_value_t *value, uint64_t steps, dc_diag_t *diag);

#endif
