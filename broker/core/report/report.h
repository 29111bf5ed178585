// report — answers to questions about the cluster, in JSON, and its counters for the log.
#ifndef DC_BROKER_CORE_REPORT_REPORT_H
#define DC_BROKER_CORE_REPORT_REPORT_H

#include "broker/core/core.h"
#include "common/buf.h"

struct dc_batch;

// Of stats: more rows than this are of no use to a person, and a burden to a large cluster.
#define DC_REPORT_ROWS_MAX 100

// A list that is longer than this goes on in the next answer: a client that reads all of it holds
// up nobody else for long.
#define DC_REPORT_PAGE_BYTES 131072

// Answer `question` ({"what": ...}, see QUERY in common/wire.h): append one JSON object to `out`,
// which is empty. DC_ERR_PROTOCOL (it is no question), DC_ERR_UNKNOWN_BATCH, DC_ERR_TOO_LARGE (the
// answer has more than DC_FRAME_BYTES_MAX), DC_ERR_NOMEM: `diag` says what is wrong, and `out` is
// of no use.
//
// "workers" and "list" are answered in pages: with "number":N it begins behind slot sN or batch bN,
// and where more follows it ends in "next":N, with which to ask for that. What comes or goes
// between two questions may be missed; what stays is not.
//
// ping:     {"v":1,"version":...,"workers":N,"slots":N,"plain":N}
// workers:  {"v":1,"slots":[{"id":"s1","worker":...,"host":...,"pid":N,"plain":B,"draining":B,
//            "tags":[...],"state":...,"load":X,"memory_free":N,"speed":X,"runs":{"batch":...,
//            "first":N,"count":N,"ms":N},"pace":X,"leases":N,"jobs":N,"busy_ms":N,"age_ms":N,
//            "silent_ms":N}, ...]}; state: late (it missed a heartbeat), draining, short (of
//            memory: it gets nothing), busy, loaded (its machine is: it gets nothing while others
//            of its kind are not), idle. From "load" to "runs" it is what the slot said last: load
//            of its machine a core, memory that is left, steps a second, what it was at and since
//            when. "pace" is how many times as long as usual its jobs take.
// list:     {"v":1,"batches":[{"batch":"b1","number":1,"name":...,"state":...,"client":"c1",
//            "orphan_ms":N,"jobs":N|null,"done":N,"waiting":N,"running":N,"forked":N,"parts":N,
//            "failed":N,"rate":X,"held":true,"rate_max":N,"rate_bytes_max":N,"retry_ms":N,
//            "priority":N,"deadline_ms":N,"tag":...,"slots":N,"age_ms":N,"why":...}, ...]};
//            "client" is who has it, or who still sends one that is detached; where that one is
//            gone there is "orphan_ms" instead (for how long it may come back); those that are not
//            held have no "held", those without a deadline no "deadline_ms" (in how long it ends),
//            those without a tag neither "tag" nor "slots" (how many carry it); only those that are
//            over their client's rate have "rate_max" (jobs a second), "rate_bytes_max" (bytes of
//            them), or both, and "retry_ms" (in how long the next may be leased)
// status:   one of these objects, with "v" and "latency"
// stats:    {"v":1,"version":...,"uptime_ms":N,"heartbeat_ms":N,"workers":N,"slots":N,"plain":N,
//            "clients":N,"batches":N, jobs: "waiting":N,"running":N,"forked":N,"parts":N,
//            "answered":N,"failed":N, results: "late":N,"stale":N, slots: "lost":N,
//            "memory_bytes":N,"memory_bytes_max":N,"rate_max":N,"rate_bytes_max":N,
//            "outstanding_max":N,"rate":X,
//            "rates":[N, ...],"latency":{...},"recent":{...},
//            "by_worker":[{"worker":...,"host":...,"plain":B,"slots":N,"busy":N,
//            "draining":B,"silent_ms":N,"late":B,"jobs":N,"rate":X,"running":["b1", ...],
//            "lease":{...}}, ...],"by_client":[{"client":"c1","plain":B,"batches":N,"silent_ms":N,
//            "answered":N,"jobs":N,"over_rate":B,"unacknowledged_bytes":N,"rate":X,
//            "latency":{...}}, ...],
//            "by_batch":[ as in list ]}
//
// "rate_max", "rate_bytes_max" and "outstanding_max" are there where the operator has set them;
// "jobs" of a client are those that it has open. Of workers, clients and batches DC_REPORT_ROWS_MAX
// are told each: the first ones; of batches the latest that have not ended, then the latest that
// have, in their order; how many there are say "workers" and "plain", "clients", and "batches". A
// rate is jobs a second over the last seconds; "rates" has the last whole seconds, the oldest
// first. "latency" is {"wait":{...},"lease":{...},"answer":{...}}: how long jobs waited until they
// were first leased, how long it took from then (or from a later lease) to their answer, and both
// together; each is {"count":N,"mean_ms":X,"p50_ms":X,"p90_ms":X,"p99_ms":X,"max_ms":X}, or just a
// count of 0. They are since the batch, the client, the worker or the broker began; "recent" is the
// last of the three, of the last 15 to 30 seconds. "running" are the first batches that a worker
// has leases of, "plain" if there are such of plain clients. Who is "late" missed heartbeats.
// Failed jobs of plain clients are counted by nobody.
//
// Detached ones have "detached":true, "bytes":N (what they count for in the store), "keep_ms":N
// (how long results stay from now on, or while it has not ended from its end on; null: for ever),
// and "error":... if they ended before all jobs were answered.
//
// state: waiting (nothing of it runs), held (likewise, and nothing will), running, orphaned (its
// client is gone), done; of a detached one that has ended also cancelled, deadline, failed.
DC_MUST_USE dc_err_t dc_report(const dc_core_t *self, dc_str_t question, dc_buf_t *out,
                               dc_diag_t *diag);

// Append what there is to say of `batch`, as the answer to "status".
void dc_report_batch(const dc_core_t *self, const struct dc_batch *batch, dc_buf_t *out);

// Append what the core has counted, as the fields of a line for the log.
void dc_report_counts(const dc_core_t *self, dc_buf_t *out);

// Append how fast it is, likewise.
void dc_report_speed(const dc_core_t *self, dc_buf_t *out);

// Append what a person wants to know first: "4 workers, 16 slots, 120k jobs waiting, 184k/s".
void dc_report_summary(const dc_core_t *self, dc_buf_t *out);

#endif
