#include "broker/core/on_ask.h"

#include <stdio.h>

#include "broker/core/clients/deliver.h"
#include "broker/core/clients/refuse.h"
#include "broker/core/clients/sessions.h"
#include "broker/core/jobs/ledger.h"
#include "broker/core/schedule/allowance.h"
#include "common/lines.h"

// How many lines a request may have. Its reply is made in one piece, and an error is up to some 250
// bytes: that is 16 MiB at most, half of what may wait to be sent to one peer. More belongs into
// several requests.
#define REQUEST_LINES_MAX 65536
static_assert(REQUEST_LINES_MAX * (DC_DIAG_MESSAGE_MAX + 50) <= DC_OUTBOX_BYTES_MAX / 2,
              "a reply can be sent");

// The line that stands for a reply.
typedef struct refusal {
    char text[160];
} refusal_t;

static refusal_t make_refusal(dc_err_t error, const char *why)
{
    refusal_t refusal;
    snprintf(refusal.text, sizeof refusal.text, "error: %s %s", dc_err_name(error), why);
    return refusal;
}

// What is too long about a request, in words; NULL if nothing is.
static const char *flaw_of_request(dc_str_t text)
{
    static_assert(REQUEST_LINES_MAX <= DC_RECORD_BYTES_MAX, "what is short is looked at no more");
    if (text.len <= REQUEST_LINES_MAX) return NULL;
    size_t count = 0;
    for (size_t at = 0; at < text.len; count++) {
        size_t bytes = dc_lines_offset(dc_str_behind(text, at), 1);
        if (bytes > DC_RECORD_BYTES_MAX) return "a line has more than 256 KiB";
        at += bytes;
    }
    return count > REQUEST_LINES_MAX ? "the request has more than 65536 lines" : NULL;
}

// --- chunks ------------------------------------------------------------------------------------

// How much of `text` makes the next chunk: whole lines within the limits, one at least.
static size_t chunk_bytes(dc_str_t text, uint32_t *count)
{
    size_t bytes = 0;
    *count = 0;
    while (bytes < text.len && *count < DC_CHUNK_JOBS_MAX) {
        size_t line = dc_lines_offset(dc_str_behind(text, bytes), 1);
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

// Make chunks of all lines of a request. An empty one is one job, with an empty line. False if
// memory is short.
static bool add_lines(dc_core_t *self, dc_batch_t *batch, dc_slice_t data)
{
    static const char newline[] = "\n";
    if (data.bytes.len == 0) data = (dc_slice_t){ NULL, dc_str(newline, 1) };
    size_t offset = 0;
    while (offset < data.bytes.len) {
        uint32_t count;
        dc_str_t rest = dc_str_behind(data.bytes, offset);
        size_t bytes = chunk_bytes(rest, &count);
        dc_slice_t part = dc_slice_part(data, offset, bytes);
        if (!add_plain_chunk(self, batch, batch->jobs, count, &part)) return false;
        batch->jobs += count;
        offset += bytes;
    }
    return true;
}

// --- requests ----------------------------------------------------------------------------------

// Is the expression longer than the operator allows? What slots take is their own affair.
static bool is_long(const dc_core_t *self, dc_str_t expression)
{
    uint64_t bytes_max = self->settings.expr_bytes_max;
    return bytes_max && bytes_max < DC_EXPR_BYTES_MAX && expression.len > bytes_max;
}

// Whoever would compute them, lines that are too long fail. What fails is answered.
static void fail_long(dc_core_t *self, dc_batch_t *batch, dc_str_t text, dc_actions_t *actions)
{
    if (!is_long(self, text)) return; // nor is any of its lines
    dc_str_t line;
    for (uint64_t index = 0; dc_str_take_line(&text, &line); index++) {
        dc_diag_t diag;
        if (!is_long(self, line)) continue;
        dc_diag_set(&diag, DC_ERR_TOO_LONG, 0, 0,
                    "the expression has %zu bytes, and the broker takes %llu at most (--max-expr)",
                    line.len, (unsigned long long)self->settings.expr_bytes_max);
        dc_chunk_t *chunk = dc_batch_chunk(batch, dc_batch_find(batch, index));
        dc_deliver_failure(self, chunk, index, &diag, actions);
    }
    dc_deliver_end(self, batch, actions);
}

// Can a request become a job of `last`, the batch of the one before it? Its jobs are known to be
// short, it has one line, as all of that batch, and these were never leased.
static bool is_joinable(const dc_client_t *client, const dc_batch_t *last, dc_str_t line)
{
    if (client->job_us <= 0 || client->job_us > DC_GATHER_JOB_US) return false;
    if (last->jobs != 1 && !last->is_joined) return false;
    const char *newline = memchr(line.data, '\n', line.len);
    if (newline && newline + 1 != line.data + line.len) return false;
    return dc_chunk_is_fresh(dc_batch_chunk(last, 0));
}

static bool join(dc_core_t *self, const dc_client_t *client, dc_str_t line)
{
    if (!client->batches || line.len == 0 || is_long(self, dc_without_newline(line))) return false;
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

// Take a request as a batch of its own. False, nothing changed, if memory is short.
static bool take(dc_core_t *self, dc_client_t *client, const dc_slice_t *data,
                 dc_actions_t *actions)
{
    dc_batch_t *batch = open_plain(self, client);
    if (!batch) return false;
    if (!add_lines(self, batch, *data)) {
        dc_sessions_drop(self, batch, actions);
        return false;
    }
    batch->is_closed = true;
    fail_long(self, batch, data->bytes, actions);
    return true;
}

// --- refusals ----------------------------------------------------------------------------------

// A request that is not computed: its answer is known, and waits for its turn as any other does.
// False, nothing changed, if memory is short.
static bool take_refused(dc_core_t *self, dc_client_t *client, dc_err_t error, const char *why,
                         dc_actions_t *actions)
{
    dc_batch_t *batch = open_plain(self, client);
    if (!batch) return false;
    refusal_t refusal = make_refusal(error, why);
    dc_slice_t nothing = { 0 };
    dc_results_t results = { .count = 1, .data = { NULL, dc_str_from(refusal.text) } };
    if (!add_lines(self, batch, nothing) ||
        !dc_deliver(self, dc_batch_chunk(batch, 0), &results, actions)) {
        dc_sessions_drop(self, batch, actions);
        return false;
    }
    batch->is_closed = true;
    dc_deliver_end(self, batch, actions);
    return true;
}

// Answer all that `client` has open with the same word, and end its session.
static void refuse_open(dc_core_t *self, dc_client_t *client, const dc_cmd_t *answer,
                        dc_actions_t *actions)
{
    for (const dc_batch_t *batch = client->batches; batch; batch = batch->client_next) {
        uint64_t count = batch->is_joined ? batch->jobs - batch->replied : 1;
        while (count--) {
            dc_actions_to_client(actions, client->peer, answer);
        }
    }
    dc_sessions_end(self, client, actions);
}

static dc_cmd_t answer_of(const refusal_t *refusal)
{
    return (dc_cmd_t){ .type = DC_CMD_ANSWER, .data = { NULL, dc_str_from(refusal->text) } };
}

// There is no room to remember even that a request is refused. If others wait for their replies,
// their order cannot be kept: they are refused as well.
static void refuse_all(dc_core_t *self, dc_client_t *client, dc_peer_t peer, dc_err_t error,
                       const char *why, dc_actions_t *actions)
{
    refusal_t refusal = make_refusal(error, why);
    dc_cmd_t answer = answer_of(&refusal);
    dc_actions_to_client(actions, peer, &answer);
    if (client && client->batches) refuse_open(self, client, &answer, actions);
}

// Whether the client has so many jobs open that those of `text` are more than it may have. One that
// has none may have any request: it would never have fewer.
static bool has_too_many(const dc_core_t *self, const dc_client_t *client, dc_str_t text)
{
    uint64_t jobs_max = self->settings.outstanding_max;
    if (!jobs_max || !client || !client->job_count) return false;
    return client->job_count + dc_str_count_lines(text) > jobs_max;
}

// Refuse a request until some of those before it are answered.
static bool take_too_many(dc_core_t *self, dc_client_t *client, dc_actions_t *actions)
{
    char why[96];
    snprintf(why, sizeof why, "%llu jobs of this client are open; try again in %llu ms",
             (unsigned long long)client->job_count,
             (unsigned long long)dc_allowance_retry_ms(self, client));
    return take_refused(self, client, DC_ERR_BUSY, why, actions);
}

static void refuse_short(dc_core_t *self, dc_client_t *client, dc_peer_t peer,
                         dc_actions_t *actions)
{
    refuse_all(self, client, peer, DC_ERR_NOMEM, dc_err_text(DC_ERR_NOMEM), actions);
}

static void refuse_full(dc_core_t *self, dc_client_t *client, dc_peer_t peer, dc_actions_t *actions)
{
    char why[96];
    snprintf(why, sizeof why, "the broker holds all the memory that it may; try again in %d ms",
             DC_BUSY_RETRY_MS);
    refuse_all(self, client, peer, DC_ERR_BUSY, why, actions);
}

static void put_leaving(char *why, size_t capacity)
{
    snprintf(why, capacity, "the broker is stopping; try again in %d ms", DC_BUSY_RETRY_MS);
}

static bool take_leaving(dc_core_t *self, dc_client_t *client, dc_actions_t *actions)
{
    char why[96];
    put_leaving(why, sizeof why);
    return take_refused(self, client, DC_ERR_BUSY, why, actions);
}

void dc_on_ask_leave(dc_core_t *self, dc_client_t *client, dc_actions_t *actions)
{
    char why[96];
    put_leaving(why, sizeof why);
    refusal_t refusal = make_refusal(DC_ERR_BUSY, why);
    dc_cmd_t answer = answer_of(&refusal);
    refuse_open(self, client, &answer, actions);
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
        refuse_full(self, client, peer, actions);
        return;
    }
    if (has_too_many(self, client, cmd->data.bytes)) {
        if (!take_too_many(self, client, actions)) {
            refuse_short(self, client, peer, actions);
        }
        return;
    }
    if (!self->is_leaving && client && join(self, client, cmd->data.bytes)) return;
    if (!client) client = dc_sessions_begin(self, peer, true);
    if (self->is_leaving) {
        if (!client || !take_leaving(self, client, actions)) {
            refuse_short(self, client, peer, actions);
        }
        return;
    }
    const char *flaw = flaw_of_request(cmd->data.bytes);
    bool is_taken = client && (flaw ? take_refused(self, client, DC_ERR_TOO_LONG, flaw, actions)
                                    : take(self, client, &cmd->data, actions));
    if (!is_taken) refuse_short(self, client, peer, actions);
}
