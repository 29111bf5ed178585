#include "broker/core/clients/deliver.h"

#include "broker/core/clients/answers.h"
#include "broker/core/clients/sessions.h"
#include "broker/core/jobs/answered.h"
#include "broker/core/jobs/needs.h"
#include "broker/core/kept/keep_results.h"
#include "broker/core/report/measure.h"
#include "broker/core/schedule/after.h"
#include "broker/core/slots/usual.h"
#include "common/buf.h"
#include "common/fault.h"

// The data of a piece that names `worker` and says which jobs count, those in `fresh`, unless all
// do. NULL if memory is short.
static dc_blob_t *marked_data(const dc_results_t *results, dc_str_t worker, uint32_t range_count,
                              const dc_ranges_t *fresh)
{
    dc_buf_t data = { 0 };
    dc_buf_append_str(&data, worker);
    for (uint32_t i = 0; i < range_count; i++) {
        dc_wire_put_range(&data, &fresh->list[i]);
    }
    dc_buf_append_str(&data, results->data.bytes);
    dc_blob_t *blob = data.failed ? NULL : dc_blob_new(dc_buf_str(&data));
    dc_buf_fini(&data);
    return blob;
}

static bool send_piece(const dc_batch_t *batch, const dc_results_t *results,
                       const dc_ranges_t *fresh, dc_actions_t *actions)
{
    dc_cmd_t piece = {
        .type = DC_CMD_PIECE,
        .piece = { .handle = batch->handle,
                   .count = results->count,
                   .first = results->first,
                   .faults_bytes = results->faults_bytes,
                   .spent_us = results->spent_us,
                   .attempt = results->attempt },
        .data = results->data,
    };
    dc_str_t worker = batch->flags & DC_OPEN_WORKERS ? results->worker : (dc_str_t){ 0 };
    uint32_t range_count = fresh->count == results->count ? 0 : fresh->len;
    if (!range_count && !worker.len) {
        dc_actions_to_client(actions, batch->client->peer, &piece);
        return true;
    }
    dc_blob_t *blob = marked_data(results, worker, range_count, fresh);
    if (!blob) return false;
    piece.piece.worker_bytes = (uint8_t)worker.len;
    piece.piece.range_count = (uint16_t)range_count;
    piece.data = (dc_slice_t){ blob, dc_str(blob->data, blob->len) };
    dc_actions_to_client(actions, batch->client->peer, &piece);
    dc_blob_release(&blob);
    return true;
}

static bool pass_on(dc_chunk_t *chunk, const dc_results_t *results, const dc_ranges_t *fresh,
                    dc_actions_t *actions)
{
    dc_batch_t *batch = chunk->batch;
    if (!batch->client) return true; // whoever comes back says what it lacks
    chunk->result_bytes += results->data.bytes.len;
    batch->client->unacked_bytes += results->data.bytes.len;
    return send_piece(batch, results, fresh, actions);
}

// --- to all clients ----------------------------------------------------------------------------

// A moving mean over the last pieces or so.
static double blend(double mean, double sample)
{
    return mean > 0 ? mean + (sample - mean) / 4 : sample;
}

// The first results of a batch of `client` have come: see whether it is like those before.
static void compare(dc_client_t *client, double job_us)
{
    bool is_dear = job_us > DC_GATHER_JOB_US && job_us > DC_DEARER * client->job_us;
    if (is_dear || client->job_us <= 0) {
        client->alike_count = 0;
    } else if (client->alike_count < DC_ALIKE_BATCHES) {
        client->alike_count++;
    }
}

static void learn(dc_batch_t *batch, const dc_results_t *results)
{
    double count = results->count;
    if (results->count == 0) return;
    batch->result_bytes = blend(batch->result_bytes, (double)results->data.bytes.len / count);
    if (results->spent_us == 0 || results->is_of_tree) return;
    if (batch->client && batch->job_us <= 0) compare(batch->client, results->spent_us / count);
    batch->job_us = blend(batch->job_us, results->spent_us / count);
    dc_usual_see(&batch->usual_us, results->spent_us / count);
    if (!batch->client) return;
    batch->client->job_us = batch->job_us;
    batch->client->usual_us = batch->usual_us;
}

// Pass on those of `results` that are the first for their jobs: `fresh`.
static bool deliver_fresh(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results,
                          const dc_ranges_t *fresh, dc_actions_t *actions)
{
    if (fresh->count == 0) return true;
    dc_measure_answers(self, chunk, results, fresh);
    dc_needs_take(self, chunk, results, fresh);
    if (chunk->batch->is_plain) return dc_answers_keep(self, chunk, results, fresh);
    if (chunk->batch->detached) return dc_keep_results_add(self, chunk, results, fresh, actions);
    return pass_on(chunk, results, fresh, actions);
}

bool dc_deliver(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results,
                dc_actions_t *actions)
{
    dc_ranges_t fresh;
    dc_ranges_init(&fresh);
    learn(chunk->batch, results);
    uint64_t end = results->first + results->count;
    bool is_whole = dc_answered_add(self, chunk, results->first, end, &fresh, actions);
    self->late_count += results->count - fresh.count;
    is_whole &= deliver_fresh(self, chunk, results, &fresh, actions);
    dc_ranges_fini(&fresh);
    return is_whole;
}

bool dc_deliver_some(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results,
                     const dc_ranges_t *jobs, dc_actions_t *actions)
{
    dc_ranges_t fresh;
    dc_ranges_init(&fresh);
    learn(chunk->batch, results);
    bool is_whole = true;
    for (uint32_t i = 0; i < jobs->len; i++) {
        dc_range_t range = jobs->list[i];
        is_whole &= dc_answered_add(self, chunk, range.first, range.end, &fresh, actions);
    }
    is_whole &= deliver_fresh(self, chunk, results, &fresh, actions);
    dc_ranges_fini(&fresh);
    return is_whole;
}

uint32_t dc_deliver_put_failure(const dc_batch_t *batch, uint64_t index, const dc_diag_t *diag,
                                dc_buf_t *out)
{
    size_t start = out->len;
    if (!batch->is_plain) dc_fault_put(out, index, diag);
    uint32_t faults_bytes = (uint32_t)(out->len - start);
    if (batch->flags & DC_OPEN_COLUMNS) {
        const uint64_t quiet_nan = UINT64_C(0x7ff8000000000000);
        dc_buf_append(out, &quiet_nan, sizeof quiet_nan);
    } else {
        dc_fault_put_line(out, diag, batch->is_plain);
        dc_buf_append_char(out, '\n');
    }
    return faults_bytes;
}

uint32_t dc_deliver_put_failures(const dc_batch_t *batch, uint64_t first, uint32_t count,
                                 const dc_diag_t *diag, dc_buf_t *out)
{
    dc_buf_t lines = { 0 };
    for (uint32_t i = 0; i < count; i++) {
        dc_buf_t result = { 0 };
        uint32_t faults = dc_deliver_put_failure(batch, first + i, diag, &result);
        dc_str_t text = dc_buf_str(&result);
        dc_buf_append_str(out, dc_str(text.data, dc_min_size(faults, text.len)));
        dc_buf_append_str(&lines, dc_str_behind(text, dc_min_size(faults, text.len)));
        out->failed |= result.failed;
        dc_buf_fini(&result);
    }
    uint32_t faults_bytes = (uint32_t)out->len;
    dc_buf_append_str(out, dc_buf_str(&lines));
    out->failed |= lines.failed;
    dc_buf_fini(&lines);
    return faults_bytes;
}

void dc_deliver_failure(dc_core_t *self, dc_chunk_t *chunk, uint64_t index, const dc_diag_t *diag,
                        dc_actions_t *actions)
{
    dc_buf_t data = { 0 };
    dc_results_t results = { .first = index, .count = 1 };
    results.faults_bytes = dc_deliver_put_failure(chunk->batch, index, diag, &data);
    results.data.bytes = dc_buf_str(&data);
    if (data.failed || !dc_deliver(self, chunk, &results, actions)) {
        dc_actions_log(actions, DC_LOG_ERROR, "result lost batch=b%llu job=%llu error=no-memory",
                       (unsigned long long)chunk->batch->number, (unsigned long long)index);
    }
    dc_buf_fini(&data);
}

void dc_deliver_end(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    dc_client_t *client = batch->client;
    if (batch->detached) {
        dc_keep_results_put(self, batch, actions);
        return;
    }
    if (!client || !batch->is_closed) return;
    if (batch->is_plain) {
        if (batch == client->batches) dc_answers_send(self, client, actions);
        return;
    }
    if (!dc_batch_is_answered(batch)) return;
    if (!batch->is_done_told) {
        batch->is_done_told = true;
        dc_cmd_t done = { .type = DC_CMD_DONE,
                          .done = { .handle = batch->handle, .answered = batch->jobs } };
        dc_actions_to_client(actions, client->peer, &done);
        dc_after_end(self, batch, actions);
    }
    if (dc_batch_chunk_count(batch) == 0) dc_sessions_drop(self, batch, actions);
}
