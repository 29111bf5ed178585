#include "broker/core/clients/answers.h"

#include "broker/core/clients/sessions.h"
#include "common/buf.h"
#include "common/lines.h"

// --- keeping -----------------------------------------------------------------------------------

static bool keep_lines(dc_chunk_t *chunk, dc_range_t jobs, dc_slice_t lines)
{
    dc_early_t *early = dc_pool_take(&chunk->batch->pools->early);
    if (!early) return false;
    early->first = jobs.first;
    early->end = jobs.end;
    if (!dc_slice_keep(&lines, &early->lines)) {
        dc_pool_give(&chunk->batch->pools->early, early);
        return false;
    }
    dc_early_t **link = &chunk->early;
    while (*link && (*link)->first < jobs.first) {
        link = &(*link)->next;
    }
    early->next = *link;
    *link = early;
    return true;
}

// What is kept of `chunk` takes `bytes` more, or less.
static void account(dc_core_t *self, dc_chunk_t *chunk, int64_t bytes)
{
    chunk->held_bytes += (size_t)bytes;
    self->memory_bytes += (size_t)bytes;
}

bool dc_answers_keep(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results,
                     const dc_ranges_t *fresh)
{
    size_t faults_bytes = results->faults_bytes;
    dc_slice_t lines =
        dc_slice_part(results->data, faults_bytes, results->data.bytes.len - faults_bytes);
    for (uint32_t i = 0; i < fresh->len; i++) {
        dc_range_t jobs = fresh->list[i];
        dc_slice_t part = lines;
        // What a plain worker sends for a single job may be several lines.
        if (fresh->count < results->count) {
            size_t start = dc_lines_offset(lines.bytes, jobs.first - results->first);
            dc_str_t rest = dc_str_behind(lines.bytes, start);
            part = dc_slice_part(lines, start, dc_lines_offset(rest, jobs.end - jobs.first));
        }
        if (!keep_lines(chunk, jobs, part)) return false;
        account(self, chunk, (int64_t)part.bytes.len);
    }
    return true;
}

// --- sending -----------------------------------------------------------------------------------

static void send_reply(const dc_batch_t *batch, dc_slice_t reply, dc_actions_t *actions)
{
    dc_cmd_t answer = { .type = DC_CMD_ANSWER, .data = reply };
    answer.data.bytes = dc_without_newline(reply.bytes);
    dc_actions_to_client(actions, batch->client->peer, &answer);
}

static void append_kept(const dc_batch_t *batch, dc_buf_t *reply)
{
    bool is_first = true;
    for (size_t at = 0; at < dc_batch_chunk_count(batch); at++) {
        for (const dc_early_t *early = dc_batch_chunk(batch, at)->early; early;
             early = early->next) {
            if (!is_first) dc_buf_append_char(reply, '\n');
            dc_buf_append_str(reply, dc_without_newline(early->lines.bytes));
            is_first = false;
        }
    }
}

// The reply to the only request of `batch`, which is answered.
static void send_whole(const dc_batch_t *batch, dc_actions_t *actions)
{
    const dc_early_t *only = dc_batch_chunk(batch, 0)->early;
    if (dc_batch_chunk_count(batch) == 1 && only && !only->next) {
        send_reply(batch, only->lines, actions);
        return;
    }
    dc_buf_t reply = { 0 };
    append_kept(batch, &reply);
    dc_str_t text = reply.failed ? DC_STR("error: no-memory") : dc_buf_str(&reply);
    send_reply(batch, (dc_slice_t){ NULL, text }, actions);
    dc_buf_fini(&reply);
}

// A reply for each job of `early`.
static void send_each(const dc_batch_t *batch, const dc_early_t *early, dc_actions_t *actions)
{
    dc_slice_t rest = early->lines;
    for (uint64_t left = early->end - early->first; left; left--) {
        size_t len = left == 1 ? rest.bytes.len : dc_lines_offset(rest.bytes, 1);
        send_reply(batch, dc_slice_part(rest, 0, len), actions);
        rest = dc_slice_part(rest, len, rest.bytes.len - len);
    }
}

// The replies to those requests of a joined batch whose turn has come.
static void send_joined(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    dc_chunk_t *chunk = dc_batch_chunk(batch, 0);
    dc_early_t *early;
    while ((early = chunk->early) != NULL && early->first == batch->replied) {
        send_each(batch, early, actions);
        batch->replied = early->end;
        chunk->early = early->next;
        account(self, chunk, -(int64_t)early->lines.bytes.len);
        dc_slice_drop(&early->lines);
        dc_pool_give(&batch->pools->early, early);
    }
}

void dc_answers_send(dc_core_t *self, dc_client_t *client, dc_actions_t *actions)
{
    while (client->batches) {
        dc_batch_t *oldest = client->batches;
        if (oldest->is_joined) send_joined(self, oldest, actions);
        if (!dc_batch_is_answered(oldest)) return;
        if (!oldest->is_joined) send_whole(oldest, actions);
        dc_sessions_drop(self, oldest, actions);
    }
}
