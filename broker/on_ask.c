#include "broker/on_ask.h"

#include <stdio.h>

#include "broker/ledger.h"
#include "broker/refuse.h"
#include "broker/sessions.h"

static void answer_busy(dc_peer_t peer, const char *why, dc_actions_t *actions)
{
    char text[160];
    int len = snprintf(text, sizeof text, "error: busy %s", why);
    dc_cmd_t answer = { .type = DC_CMD_ANSWER, .data = { NULL, dc_str(text, (size_t)len) } };
    dc_actions_to_client(actions, peer, &answer);
}

// How much of `text` makes the next chunk: whole lines within the limits, one at least.
static size_t chunk_bytes(dc_str_t text, uint32_t *count)
{
    size_t bytes = 0;
    *count = 0;
    while (bytes < text.len && *count < DC_CHUNK_JOBS_MAX) {
        size_t line = dc_lines_bytes(dc_str(text.data + bytes, text.len - bytes), 1);
        if (*count && bytes + line > DC_CHUNK_BYTES_MAX) break;
        bytes += line;
        (*count)++;
    }
    return bytes;
}

static bool add_plain_chunk(dc_core_t *self, dc_batch_t *batch, uint64_t first, uint32_t count,
                            const dc_slice_t *data)
{
    dc_chunk_t *chunk = dc_chunk_new(&self->pools, batch, first, count, 0, 0, data);
    if (!chunk) return false;
    if (dc_ledger_add_chunk(self, chunk)) return true;
    dc_chunk_destroy(&chunk, &self->pools);
    return false;
}

// Make chunks of all lines of a request. An empty one is one job, with an empty line.
static bool add_lines(dc_core_t *self, dc_batch_t *batch, dc_slice_t data)
{
    static const char newline[] = "\n";
    if (data.bytes.len == 0) data = (dc_slice_t){ NULL, dc_str(newline, 1) };
    size_t offset = 0;
    while (offset < data.bytes.len) {
        uint32_t count;
        dc_str_t rest = dc_str(data.bytes.data + offset, data.bytes.len - offset);
        size_t bytes = chunk_bytes(rest, &count);
        if (bytes > DC_RECORD_BYTES_MAX) return false;
        dc_slice_t part = dc_slice_part(data, offset, bytes);
        if (!add_plain_chunk(self, batch, batch->jobs, count, &part)) return false;
        batch->jobs += count;
        offset += bytes;
    }
    return true;
}

// Can a request become a job of `last`, the batch of the one before it? Its jobs are known to be
// short, it has one line, as all of that batch, and nobody has begun with them.
static bool is_joinable(const dc_client_t *client, const dc_batch_t *last, dc_str_t line)
{
    if (client->job_us <= 0 || client->job_us > DC_JOIN_JOB_US) return false;
    if (last->jobs != 1 && !last->is_joined) return false;
    const char *newline = memchr(line.data, '\n', line.len);
    if (newline && newline + 1 != line.data + line.len) return false;
    return last->ready_count == last->jobs;
}

static bool join(dc_core_t *self, const dc_client_t *client, dc_str_t line)
{
    if (!client->batches || line.len == 0) return false;
    dc_batch_t *last = client->batches->client_prev;
    if (!is_joinable(client, last, line)) return false;
    if (!dc_ledger_join(self, dc_batch_chunk(last, 0), line)) return false;
    last->is_joined = true;
    last->jobs++;
    return true;
}

static dc_batch_t *open_plain(dc_core_t *self, dc_client_t *client)
{
    dc_slice_t no_program = { 0 };
    dc_batch_t *batch = dc_batch_new(&self->pools, &no_program);
    if (!batch) return NULL;
    batch->retries = DC_RETRIES;
    dc_sessions_register_plain(self, batch);
    bool is_adopted = dc_sessions_adopt(self, client, 0, batch);
    assert(is_adopted); // a plain one needs no handle, hence no memory
    (void)is_adopted;
    return batch;
}

// The one reply that stands for a request that was not taken; it waits for its turn as well.
static void answer_refusal(dc_core_t *self, dc_client_t *client, dc_peer_t peer, const char *why,
                           dc_actions_t *actions)
{
    if (!client || !client->batches) {
        answer_busy(peer, why, actions);
        return;
    }
    // Others are before it: a session whose order cannot be kept is ended, with a word to each.
    uint64_t count = 1;
    for (const dc_batch_t *batch = client->batches; batch; batch = batch->client_next) {
        count += batch->is_joined ? batch->jobs - batch->replied : 1;
    }
    while (count--) {
        answer_busy(peer, why, actions);
    }
    dc_sessions_end(self, client, actions);
}

void dc_on_ask(dc_core_t *self, dc_client_t *client, dc_peer_t peer, const dc_cmd_t *cmd,
               dc_actions_t *actions)
{
    if (client && !client->is_plain) {
        dc_refuse(client, 0, DC_ERR_PROTOCOL, actions,
                  "a plain request in a session that speaks DC1");
        return;
    }
    if (self->memory_bytes + cmd->data.bytes.len > self->settings.memory_bytes_max) {
        answer_refusal(self, client, peer, "the broker has no room for more, try again later",
                       actions);
        return;
    }
    if (client && join(self, client, cmd->data.bytes)) return;
    if (!client) client = dc_sessions_begin(self, peer, true);
    dc_batch_t *batch = client ? open_plain(self, client) : NULL;
    if (batch && add_lines(self, batch, cmd->data)) {
        batch->is_closed = true;
        return;
    }
    if (batch) dc_sessions_drop(self, batch, actions);
    answer_refusal(self, client, peer, "the request is too large: a line has more than 256 KiB",
                   actions);
}
