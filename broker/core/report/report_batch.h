// report_batch — what there is to say of a batch, in JSON; a part of broker/core/report/report.h,
// which says what it looks like.
#ifndef DC_BROKER_CORE_REPORT_REPORT_BATCH_H
#define DC_BROKER_CORE_REPORT_REPORT_BATCH_H

#include "broker/core/report/why.h"
#include "common/json_writer.h"

// Append the members of an object that is begun. `survey` is of this moment.
void dc_report_put_batch_members(const dc_core_t *self, const dc_survey_t *survey,
                                 const dc_batch_t *batch, dc_json_writer_t *json);

// Append all of the object.
void dc_report_put_batch(const dc_core_t *self, const dc_survey_t *survey, const dc_batch_t *batch,
                         dc_json_writer_t *json);

#endif
