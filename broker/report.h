// report — answers to questions about the cluster, in JSON, and its counters for the log.
#ifndef DC_BROKER_REPORT_H
#define DC_BROKER_REPORT_H

#include "broker/core.h"
#include "common/buf.h"

struct dc_batch;

// Answer `question` ({"what": ...}, see QUERY in common/wire.h): append one JSON object to `out`,
// which is empty. DC_ERR_PROTOCOL (it is no question), DC_ERR_UNKNOWN_BATCH, DC_ERR_TOO_LARGE (the
// answer has more than DC_FRAME_BYTES_MAX), DC_ERR_NOMEM: `diag` says what is wrong, and `out` is
// of no use.
//
// ping:     {"v":1,"version":...,"workers":N,"slots":N,"plain":N}
// workers:  {"v":1,"slots":[{"id":"s1","worker":...,"host":...,"pid":N,"plain":B,"draining":B,
//            "leases":N,"jobs":N,"busy_ms":N,"age_ms":N,"silent_ms":N}, ...]}
// list:     {"v":1,"batches":[{"batch":"b1","number":1,"name":...,"state":...,"jobs":N|null,
//            "done":N,"waiting":N,"running":N,"forked":N,"parts":N,"held":true,"priority":N,
//            "deadline_ms":N,"age_ms":N,"why":...}, ...]}; those that are not held have no "held",
//            those without a deadline no "deadline_ms" (in how long it ends)
// status:   one of these objects, with "v"
//
// state: waiting (nothing of it runs), held (likewise, and nothing will), running, orphaned (its
// client is gone), done.
DC_MUST_USE dc_err_t dc_report(const dc_core_t *self, dc_str_t question, dc_buf_t *out,
                               dc_diag_t *diag);

// Append what there is to say of `batch`, as the answer to "status".
void dc_report_batch(const dc_core_t *self, const struct dc_batch *batch, dc_buf_t *out);

// Append what the core has counted, as the fields of a line for the log.
void dc_report_counts(const dc_core_t *self, dc_buf_t *out);

#endif
