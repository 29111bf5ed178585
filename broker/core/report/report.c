#include "broker/core/report/report.h"

#include <stdio.h>
#include <stdlib.h>

#include "broker/core/clients/sessions.h"
#include "broker/core/peers/peer_json.h"
#include "broker/core/report/report_batch.h"
#include "broker/core/report/report_stats.h"
#include "broker/core/report/why.h"
#include "broker/core/slots/load.h"
#include "common/json_writer.h"
#include "common/version.h"

// Among how many batches, the latest, a live view looks for those that go on: a millisecond or two
// of the loop's time.
#define LOOK_MAX 10000

// Whether what was written can still be sent: it is one frame. What is longer is not gone on with.
static bool is_sendable(const dc_buf_t *out)
{
    return out->len <= DC_FRAME_BYTES_MAX;
}

// Whether there is room for another row of a list.
static bool is_in_page(const dc_buf_t *out)
{
    return out->len <= DC_REPORT_PAGE_BYTES;
}

static void put_ping(const dc_core_t *self, dc_json_writer_t *json)
{
    dc_json_put_member_string(json, "version", dc_str_from(DC_VERSION));
    dc_json_put_member_u64(json, "workers", HASH_COUNT(self->workers));
    dc_json_put_member_u64(json, "slots", self->slot_count);
    dc_json_put_member_u64(json, "plain", HASH_COUNT(self->slots) - self->slot_count);
}

static void put_tags(const dc_kind_t *kind, dc_json_writer_t *json)
{
    dc_json_put_key(json, "tags");
    dc_json_begin_array(json);
    for (size_t i = 1; i < kind->lane_count; i++) {
        dc_json_put_string(json, dc_str_from(kind->lanes[i]->tag));
    }
    dc_json_end_array(json);
}

// What the slot is, in a word: the first that matters.
static const char *state_of_slot(const dc_core_t *self, const dc_slot_t *slot)
{
    if (dc_report_is_late(self, slot->heard_ms)) return "late";
    if (slot->is_draining) return "draining";
    if (slot->is_short) return "short";
    if (slot->lease_count) return "busy";
    return slot->is_loaded ? "loaded" : "idle";
}

// What the slot said last.
static void put_beat(const dc_core_t *self, const dc_slot_t *slot, dc_json_writer_t *json)
{
    const dc_beat_t *beat = &slot->beat;
    dc_json_put_member_number(json, "load", beat->load);
    dc_json_put_member_u64(json, "memory_free", beat->memory_bytes);
    dc_json_put_member_number(json, "speed", beat->speed);
    const dc_lease_t *lease = dc_load_lease(slot);
    if (!lease || !lease->chunk) return;
    const dc_batch_t *batch = lease->chunk->batch;
    char name[24];
    snprintf(name, sizeof name, "b%llu", (unsigned long long)batch->number);
    dc_json_put_key(json, "runs");
    dc_json_begin_object(json);
    dc_json_put_member_string(json, "batch", dc_str_from(batch->is_plain ? "plain" : name));
    dc_json_put_member_u64(json, "first", beat->first);
    dc_json_put_member_u64(json, "count", beat->count);
    dc_json_put_member_u64(json, "ms", self->now - beat->since_ms);
    dc_json_end_object(json);
}

static void put_slot(const dc_core_t *self, const dc_slot_t *slot, dc_json_writer_t *json)
{
    char id[24];
    snprintf(id, sizeof id, "s%llu", (unsigned long long)slot->number);
    dc_json_begin_object(json);
    dc_json_put_member_string(json, "id", dc_str_from(id));
    dc_json_put_member_string(json, "worker", dc_str_from(slot->name));
    dc_json_put_member_string(json, "host", dc_str_from(slot->host));
    dc_json_put_member_u64(json, "pid", slot->pid);
    dc_json_put_member_bool(json, "plain", slot->is_plain);
    dc_json_put_member_bool(json, "draining", slot->is_draining);
    put_tags(slot->kind, json);
    dc_json_put_member_string(json, "state", dc_str_from(state_of_slot(self, slot)));
    if (slot->beat.is_known) put_beat(self, slot, json);
    dc_json_put_member_number(json, "pace", slot->pace);
    dc_json_put_member_u64(json, "leases", slot->lease_count);
    dc_json_put_member_u64(json, "jobs", slot->jobs_done);
    dc_json_put_member_u64(json, "busy_ms", (uint64_t)(slot->busy_us / 1000));
    dc_json_put_member_u64(json, "age_ms", self->now - slot->ready_ms);
    dc_json_put_member_u64(json, "silent_ms", self->now - slot->heard_ms);
    dc_json_end_object(json);
}

// Where the next page begins: behind number `last`.
static void put_next(uint64_t last, dc_json_writer_t *json)
{
    dc_json_put_member_u64(json, "next", last);
}

// The slots behind number `after`. They are in the order of their numbers, each of which is given
// once.
static void put_workers(const dc_core_t *self, uint64_t after, dc_json_writer_t *json)
{
    const dc_slot_t *slot = self->slots;
    while (slot && slot->number <= after) {
        slot = slot->hh.next;
    }
    dc_json_put_key(json, "slots");
    dc_json_begin_array(json);
    for (; slot && is_in_page(json->out); slot = slot->hh.next) {
        put_slot(self, slot, json);
        after = slot->number;
    }
    dc_json_end_array(json);
    if (slot) put_next(after, json);
}

void dc_report_batch(const dc_core_t *self, const dc_batch_t *batch, dc_buf_t *out)
{
    dc_survey_t survey = dc_why_survey(self);
    dc_json_writer_t json = dc_json_writer(out);
    dc_json_begin_object(&json);
    dc_json_put_member_u64(&json, "v", 1);
    dc_report_put_batch_members(self, &survey, batch, &json);
    dc_json_end_object(&json);
}

// The batch that follows the one with number `after` in the order in which they were opened; 0 is
// the first. Numbers that clients wished for may be out of order: of one that has gone meanwhile
// the next higher stands in.
static const dc_batch_t *batch_after(const dc_core_t *self, uint64_t after)
{
    const dc_batch_t *batch = after ? dc_sessions_by_number(self, after) : NULL;
    if (batch) return batch->hh_number.next;
    batch = self->batches;
    while (batch && batch->number <= after) {
        batch = batch->hh_number.next;
    }
    return batch;
}

static void put_list(const dc_core_t *self, uint64_t after, dc_json_writer_t *json)
{
    const dc_batch_t *batch = batch_after(self, after);
    dc_survey_t survey = dc_why_survey(self);
    dc_json_put_key(json, "batches");
    dc_json_begin_array(json);
    for (; batch && is_in_page(json->out); batch = batch->hh_number.next) {
        dc_report_put_batch(self, &survey, batch, json);
        after = batch->number;
    }
    dc_json_end_array(json);
    if (batch) put_next(after, json);
}

// Those batches that a live view has room for.
typedef struct choice {
    const dc_batch_t *list[DC_REPORT_ROWS_MAX];
    size_t count;
} choice_t;

// Add batches that have ended, or have not, to `choice`, the latest first. There may be a million
// that are kept: the last LOOK_MAX of all are looked at.
static void choose(const dc_core_t *self, bool are_ended, choice_t *choice)
{
    const dc_batch_t *batch = DC_MAP_LAST(hh_number, self->batches);
    for (size_t i = 0; batch && i < LOOK_MAX && choice->count < DC_REPORT_ROWS_MAX; i++) {
        if (dc_batch_has_ended(batch) == are_ended) choice->list[choice->count++] = batch;
        batch = batch->hh_number.prev;
    }
}

static int compare_numbers(const void *a, const void *b)
{
    const dc_batch_t *const *one = a;
    const dc_batch_t *const *other = b;
    return ((*one)->number > (*other)->number) - ((*one)->number < (*other)->number);
}

// What goes on is what people look for; what has ended and is kept may be all of yesterday's.
static void put_current_batches(const dc_core_t *self, dc_json_writer_t *json)
{
    dc_survey_t survey = dc_why_survey(self);
    choice_t choice = { .count = 0 };
    choose(self, false, &choice);
    choose(self, true, &choice);
    qsort(choice.list, choice.count, sizeof *choice.list, compare_numbers);
    dc_json_put_key(json, "by_batch");
    dc_json_begin_array(json);
    for (size_t i = 0; i < choice.count; i++) {
        dc_report_put_batch(self, &survey, choice.list[i], json);
    }
    dc_json_end_array(json);
}

static dc_err_t put_status(const dc_core_t *self, uint64_t number, dc_json_writer_t *json,
                           dc_diag_t *diag)
{
    const dc_batch_t *batch = dc_sessions_by_number(self, number);
    if (!batch) {
        return dc_diag_set(diag, DC_ERR_UNKNOWN_BATCH, 0, 0, "there is no batch b%llu",
                           (unsigned long long)number);
    }
    dc_survey_t survey = dc_why_survey(self);
    dc_report_put_batch_members(self, &survey, batch, json);
    dc_report_put_latency(batch->stats, json);
    return DC_OK;
}

static dc_err_t put_answer(const dc_core_t *self, dc_str_t what, uint64_t number,
                           dc_json_writer_t *json, dc_diag_t *diag)
{
    if (dc_str_eq(what, DC_STR("status"))) return put_status(self, number, json, diag);
    if (dc_str_eq(what, DC_STR("ping"))) {
        put_ping(self, json);
    } else if (dc_str_eq(what, DC_STR("workers"))) {
        put_workers(self, number, json);
    } else if (dc_str_eq(what, DC_STR("list"))) {
        put_list(self, number, json);
    } else if (dc_str_eq(what, DC_STR("stats"))) {
        dc_report_put_stats(self, json);
        put_current_batches(self, json);
    } else {
        return dc_diag_set(diag, DC_ERR_PROTOCOL, 0, 0,
                           "\"what\" is none of ping, workers, list, status, stats");
    }
    return DC_OK;
}

static dc_err_t answer(const dc_core_t *self, const dc_json_t *question, dc_buf_t *out,
                       dc_diag_t *diag)
{
    dc_str_t what = { 0 };
    uint64_t number = 0;
    if (!dc_json_read_string(question, "what", &what, diag)) return diag->code;
    if (!dc_json_read_u64(question, "number", INT64_MAX, &number, diag)) return diag->code;
    dc_json_writer_t json = dc_json_writer(out);
    dc_json_begin_object(&json);
    dc_json_put_member_u64(&json, "v", 1);
    dc_err_t err = put_answer(self, what, number, &json, diag);
    if (err) return err;
    dc_json_end_object(&json);
    if (out->failed) return dc_diag_set_no_memory(diag);
    if (is_sendable(out)) return DC_OK;
    return dc_diag_set(diag, DC_ERR_TOO_LARGE, 0, 0,
                       "the answer does not fit into a message: it has more than %d bytes",
                       DC_FRAME_BYTES_MAX);
}

dc_err_t dc_report(const dc_core_t *self, dc_str_t question, dc_buf_t *out, dc_diag_t *diag)
{
    dc_json_t *json = dc_peer_json_parse(question, diag);
    if (!json) return diag->code;
    dc_err_t err = answer(self, json, out, diag);
    dc_json_destroy(&json);
    return err;
}

static void put_count(dc_buf_t *out, const char *name, uint64_t count)
{
    dc_buf_printf(out, "%s%s=%llu", out->len ? " " : "", name, (unsigned long long)count);
}

void dc_report_counts(const dc_core_t *self, dc_buf_t *out)
{
    put_count(out, "clients", HASH_COUNT(self->clients));
    put_count(out, "batches", HASH_CNT(hh_number, self->batches));
    put_count(out, "jobs_waiting", self->waiting_count + self->ready_count);
    put_count(out, "jobs_running", self->leased_count);
    put_count(out, "jobs_forked", self->forked_count);
    put_count(out, "parts_open", self->part_count);
    put_count(out, "jobs_answered", self->done_count);
    put_count(out, "jobs_doubled", self->doubled_count);
    put_count(out, "results_late", self->late_count);
    put_count(out, "results_stale", self->stale_count);
    put_count(out, "slots_lost", self->lost_count);
    put_count(out, "memory_bytes", self->memory_bytes);
    put_count(out, "batches_kept", self->kept_count);
    put_count(out, "bytes_kept", self->kept_bytes);
    put_count(out, "bytes_to_store", self->pending_bytes);
    put_count(out, "viewers", self->viewer_count);
}
