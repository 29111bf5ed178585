#include "broker/core/report/report_batch.h"

#include <stdio.h>

#include "broker/core/jobs/fork.h"
#include "broker/core/kept/keep.h"
#include "broker/core/report/report_stats.h"
#include "broker/core/schedule/allowance.h"

static const char *end_of(const dc_detached_t *detached)
{
    if (detached->end_error == DC_OK) return "done";
    if (detached->end_error == DC_ERR_CANCELLED) return "cancelled";
    return detached->end_error == DC_ERR_DEADLINE ? "deadline" : "failed";
}

static const char *state_of(const dc_batch_t *batch)
{
    if (!batch->client) return "orphaned";
    if (batch->detached && batch->detached->is_ended) return end_of(batch->detached);
    if (batch->leased_count) return "running";
    if (batch->is_held) return "held";
    return dc_batch_has_ended(batch) ? "done" : "waiting";
}

// Whether somebody is at it or will be: how fast it went until a moment ago says nothing of a batch
// whose last slot has gone, or that is held.
static bool goes_on(const dc_batch_t *batch)
{
    if (batch->leased_count) return true;
    return batch->client && !batch->is_held && batch->lane->slot_count;
}

// How many of the batch's jobs are in which state, without the parts of those that forked.
typedef struct states {
    uint64_t waiting, running, forked;
} states_t;

static states_t count_states(const dc_batch_t *batch)
{
    uint64_t waiting = batch->waiting_count + batch->ready_count;
    states_t states = { waiting, batch->leased_count, batch->forked_count };
    for (const dc_part_t *part = batch->parts; part; part = part->next) {
        uint64_t *state = part->chunk->ready   ? &states.waiting
                          : part->chunk->forks ? &states.forked
                                               : &states.running;
        (*state)--;
    }
    return states;
}

// Of a detached one since it was opened, whichever broker that was.
static uint64_t age_of(const dc_core_t *self, const dc_batch_t *batch)
{
    if (!batch->detached) return self->now - batch->opened_ms;
    uint64_t date = dc_keep_date(self);
    return date > batch->detached->opened_date ? date - batch->detached->opened_date : 0;
}

// null is for ever.
static void put_time(const char *name, uint64_t ms, dc_json_writer_t *json)
{
    dc_json_put_key(json, name);
    if (ms == UINT64_MAX) {
        dc_json_put_null(json);
    } else {
        dc_json_put_u64(json, ms);
    }
}

// How long it stays from now on, once it has ended, and how long after its end in all.
static void put_keep(const dc_core_t *self, const dc_batch_t *batch, dc_json_writer_t *json)
{
    const dc_detached_t *detached = batch->detached;
    uint64_t left_ms = detached->is_ended ? dc_keep_left_ms(self, batch) : detached->keep_ms;
    put_time("keep_ms", left_ms, json);
    put_time("keep_in_all_ms", detached->keep_ms, json);
}

static void put_detached(const dc_core_t *self, const dc_batch_t *batch, dc_json_writer_t *json)
{
    const dc_detached_t *detached = batch->detached;
    dc_json_put_member_bool(json, "detached", true);
    dc_json_put_member_u64(json, "bytes", detached->bytes);
    put_keep(self, batch, json);
    if (detached->end_error == DC_OK) return;
    dc_json_put_member_string(json, "error", dc_str_from(dc_err_name(detached->end_error)));
}

// Who has it, or still sends it; or for how long who did may come back. A detached one that has all
// its jobs is nobody's.
static void put_owner(const dc_core_t *self, const dc_batch_t *batch, dc_json_writer_t *json)
{
    dc_ms_t left_ms;
    char id[24];
    const dc_client_t *client = batch->detached ? batch->detached->submitter : batch->client;
    if (client) {
        snprintf(id, sizeof id, "c%llu", (unsigned long long)client->peer);
        dc_json_put_member_string(json, "client", dc_str_from(id));
    } else if (dc_why_is_left(self, batch, &left_ms)) {
        dc_json_put_member_u64(json, "orphan_ms", left_ms);
    }
}

// How many jobs it has, null while that is not known, and what has become of them.
static void put_jobs(const dc_batch_t *batch, dc_json_writer_t *json)
{
    if (batch->is_closed) {
        dc_json_put_member_u64(json, "jobs", batch->jobs);
    } else {
        dc_json_put_key(json, "jobs");
        dc_json_put_null(json);
    }
    uint64_t over = batch->detached ? batch->detached->answered_jobs : batch->over.count;
    dc_json_put_member_u64(json, "done", batch->answered_count + over);
    states_t states = count_states(batch);
    dc_json_put_member_u64(json, "waiting", states.waiting);
    dc_json_put_member_u64(json, "running", states.running);
    dc_json_put_member_u64(json, "forked", states.forked);
    dc_json_put_member_u64(json, "parts", batch->part_count);
    dc_json_put_member_u64(json, "failed", batch->failed_count);
}

// Of its client's rates those that hold it up, if any do.
static void put_limits(const dc_core_t *self, const dc_batch_t *batch, dc_json_writer_t *json)
{
    const dc_client_t *client = batch->client;
    if (!client || !client->is_over_rate || !batch->ready_count) return;
    if (dc_allowance_is_over_jobs(self, client)) {
        dc_json_put_member_u64(json, "rate_max", self->settings.rate_max);
    }
    if (dc_allowance_is_over_bytes(self, client)) {
        dc_json_put_member_u64(json, "rate_bytes_max", self->settings.rate_bytes_max);
    }
    dc_json_put_member_u64(json, "retry_ms", dc_allowance_wait_ms(self, client));
}

// How urgent it is, until when it has time, and who may compute it.
static void put_terms(const dc_core_t *self, const dc_batch_t *batch, dc_json_writer_t *json)
{
    dc_json_put_key(json, "priority");
    dc_json_put_number(json, dc_priority_of(batch->level));
    if (batch->deadline_ms) {
        // Until the next tick ends it, it may have passed.
        dc_ms_t left_ms =
            batch->deadline_ms > self->step_ms ? batch->deadline_ms - self->step_ms : 0;
        dc_json_put_member_u64(json, "deadline_ms", left_ms);
    }
    if (!dc_lane_is_common(batch->lane)) {
        dc_json_put_member_string(json, "tag", dc_str_from(batch->lane->tag));
        dc_json_put_member_u64(json, "slots", batch->lane->slot_count);
    }
}

void dc_report_put_batch_members(const dc_core_t *self, const dc_survey_t *survey,
                                 const dc_batch_t *batch, dc_json_writer_t *json)
{
    char id[24];
    snprintf(id, sizeof id, "b%llu", (unsigned long long)batch->number);
    dc_json_put_member_string(json, "batch", dc_str_from(id));
    dc_json_put_member_u64(json, "number", batch->number);
    dc_json_put_member_string(json, "name", dc_str_from(batch->name));
    dc_json_put_member_string(json, "state", dc_str_from(state_of(batch)));
    put_owner(self, batch, json);
    put_jobs(batch, json);
    dc_report_put_rate(self, goes_on(batch) ? batch->stats : NULL, json);
    if (batch->is_held) dc_json_put_member_bool(json, "held", true);
    put_limits(self, batch, json);
    put_terms(self, batch, json);
    dc_json_put_member_u64(json, "age_ms", age_of(self, batch));
    if (batch->detached) put_detached(self, batch, json);
    dc_buf_t why = { 0 };
    dc_why_put(self, survey, batch, &why);
    if (why.len) dc_json_put_member_string(json, "why", dc_buf_str(&why));
    dc_buf_fini(&why);
}

void dc_report_put_batch(const dc_core_t *self, const dc_survey_t *survey, const dc_batch_t *batch,
                         dc_json_writer_t *json)
{
    dc_json_begin_object(json);
    dc_report_put_batch_members(self, survey, batch, json);
    dc_json_end_object(json);
}
