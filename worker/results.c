#include "worker/results.h"

bool dc_results_put(dc_output_t *output, const dc_evaluator_t *evaluator, dc_err_t err,
                    const dc_value_t *value, uint64_t steps, dc_diag_t *diag)
{
    dc_str_t data;
    if (!err) {
        err = dc_output_put(output, value, steps, diag);
    } else if (err == DC_ERR_CANCELLED) {
        switch (dc_evaluator_ended(evaluator, &data)) {
        case DC_TASK_NOT_ENDED: return false;
        case DC_TASK_GAVE: err = dc_output_put_part(output, data, steps, diag); break;
        case DC_TASK_SPLIT: err = dc_output_put_fork(output, data, steps, diag); break;
        }
    }
    if (err) dc_output_put_fault(output, diag, steps);
    return true;
}
