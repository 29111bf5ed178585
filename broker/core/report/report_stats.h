// report_stats — what was counted and measured, in JSON; a part of broker/core/report/report.h,
// which says what it looks like.
#ifndef DC_BROKER_CORE_REPORT_REPORT_STATS_H
#define DC_BROKER_CORE_REPORT_REPORT_STATS_H

#include "broker/core/report/report.h"
#include "broker/core/report/stats.h"
#include "common/json_writer.h"

// Whether who was heard last at `heard_ms` has missed heartbeats.
bool dc_report_is_late(const dc_core_t *self, dc_ms_t heard_ms);

// Append the member "rate": jobs answered a second. `stats` may be NULL.
void dc_report_put_rate(const dc_core_t *self, const dc_stats_t *stats, dc_json_writer_t *json);

// Append the member "latency". `stats` may be NULL.
void dc_report_put_latency(const dc_stats_t *stats, dc_json_writer_t *json);

// Append the members of the answer to "stats", save those of batches.
void dc_report_put_stats(const dc_core_t *self, dc_json_writer_t *json);

#endif
