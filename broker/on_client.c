#include "broker/on_client.h"

#include <stdarg.h>
#include <stdio.h>

#include "broker/deliver.h"
#include "broker/ledger.h"
#include "broker/report.h"
#include "broker/sessions.h"
#include "common/buf.h"

static void refuse(dc_client_t *client, uint32_t handle, dc_err_t error, dc_actions_t *actions,
                   const char *format, ...) DC_PRINTF(5, 6);

static void refuse(dc_client_t *client, uint32_t handle, dc_err_t error, dc_actions_t *actions,
                   const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t bytes = len < 0 ? 0 : dc_min_size((size_t)len, sizeof text - 1);
    dc_cmd_t cmd = { .type = DC_CMD_REFUSED,
                     .refused = { .handle = handle, .error = error },
                     .data = { NULL, dc_str(text, bytes) } };
    dc_actions_to_client(actions, client->peer, &cmd);
}

static void ask_who(dc_peer_t peer, dc_actions_t *actions)
{
    dc_cmd_t who = { .type = DC_CMD_WHO };
    dc_actions_to_client(actions, peer, &who);
    dc_actions_forget_client(actions, peer);
}

// --- plain clients -----------------------------------------------------------------------------

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
    dc_chunk_t *chunk = dc_chunk_new(batch, first, count, 0, 0, data);
    if (!chunk) return false;
    if (dc_ledger_add_chunk(self, chunk)) return true;
    dc_chunk_destroy(&chunk);
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

static dc_batch_t *open_plain(dc_core_t *self, dc_client_t *client)
{
    dc_slice_t no_program = { 0 };
    dc_batch_t *batch = dc_batch_new(&no_program);
    if (!batch) return NULL;
    batch->is_plain = true;
    batch->retries = DC_RETRIES;
    if (!dc_sessions_register(self, batch, 0)) {
        dc_batch_destroy(&batch);
        return NULL;
    }
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
    for (const dc_batch_t *batch = client->batches; batch; batch = batch->client_next) {
        answer_busy(peer, why, actions);
    }
    answer_busy(peer, why, actions);
    dc_sessions_end(self, client, actions);
}

static void on_ask(dc_core_t *self, dc_client_t *client, dc_peer_t peer, const dc_cmd_t *cmd,
                   dc_actions_t *actions)
{
    if (client && !client->is_plain) {
        refuse(client, 0, DC_ERR_PROTOCOL, actions, "a plain request in a session that speaks DC1");
        return;
    }
    if (self->memory_bytes + cmd->data.bytes.len > self->settings.memory_bytes_max) {
        answer_refusal(self, client, peer, "the broker has no room for more, try again later",
                       actions);
        return;
    }
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

// --- OPEN --------------------------------------------------------------------------------------

// The chunks whose inputs are here, as ranges of jobs.
static void send_opened(dc_batch_t *batch, dc_actions_t *actions)
{
    dc_ranges_t held;
    dc_ranges_init(&held);
    bool is_whole = true;
    for (size_t at = 0; at < dc_batch_chunk_count(batch); at++) {
        const dc_chunk_t *chunk = dc_batch_chunk(batch, at);
        is_whole &= dc_ranges_add(&held, chunk->first, dc_chunk_end(chunk));
    }
    dc_buf_t data = { 0 };
    // With too little memory to say what is here, the client sends all of it again.
    for (uint32_t i = 0; is_whole && i < held.len; i++) {
        dc_wire_put_range(&data, &held.list[i]);
    }
    dc_cmd_t opened = { .type = DC_CMD_OPENED,
                        .opened = { .handle = batch->handle, .number = batch->number },
                        .data = { NULL, dc_buf_str(&data) } };
    dc_actions_to_client(actions, batch->client->peer, &opened);
    dc_buf_fini(&data);
    dc_ranges_fini(&held);
}

// Whether any of the pairs in `lacks` meets [first, end); the first of them if so, cut to it.
static bool next_lack(dc_str_t lacks, uint64_t first, uint64_t end, size_t *at, dc_range_t *lack)
{
    for (; *at < lacks.len / DC_WIRE_RANGE_BYTES; (*at)++) {
        dc_range_t pair = dc_wire_get_range(lacks, *at);
        lack->first = dc_max_u64(pair.first, first);
        lack->end = dc_min_u64(pair.end, end);
        if (lack->first < lack->end) {
            (*at)++;
            return true;
        }
        if (pair.first >= end) return false;
    }
    return false;
}

// Bring a chunk that the broker has to the state in which its client sees it. False if it is of no
// use any more: the client lacks nothing of it, or lacks what the broker cannot compute again.
static bool restore_chunk(dc_core_t *self, dc_chunk_t *chunk, dc_str_t lacks)
{
    size_t at = 0;
    dc_range_t lack;
    bool is_lacked = false;
    while (next_lack(lacks, chunk->first, dc_chunk_end(chunk), &at, &lack)) {
        is_lacked = true;
        if (dc_chunk_is_answered(chunk)) return false; // its inputs have gone
        if (!dc_ledger_reopen(self, chunk, lack.first, lack.end)) return false;
    }
    return is_lacked;
}

static void restore_batch(dc_core_t *self, dc_batch_t *batch, dc_str_t lacks, dc_actions_t *actions)
{
    for (size_t at = dc_batch_chunk_count(batch); at-- > 0;) {
        dc_chunk_t *chunk = dc_batch_chunk(batch, at);
        if (restore_chunk(self, chunk, lacks)) continue;
        dc_ledger_drop_chunk(self, batch, at, actions);
    }
}

// Take a batch that exists from whoever has it.
static void take_over(dc_core_t *self, dc_client_t *client, dc_batch_t *batch,
                      dc_actions_t *actions)
{
    dc_client_t *former = batch->client;
    if (!former) return;
    if (former != client) {
        refuse(former, batch->handle, DC_ERR_TAKEN_OVER, actions,
               "batch b%llu was opened by another session", (unsigned long long)batch->number);
    }
    dc_sessions_orphan(self, batch);
}

static dc_batch_t *make_batch(dc_core_t *self, const dc_cmd_t *cmd)
{
    dc_batch_t *batch = dc_batch_new(&cmd->program);
    if (!batch) return NULL;
    batch->key = cmd->open.key;
    batch->flags = cmd->open.flags;
    batch->retries = cmd->open.retries;
    memcpy(batch->name, cmd->data.bytes.data ? cmd->data.bytes.data : "", cmd->open.name_bytes);
    if (dc_sessions_register(self, batch, cmd->open.number)) return batch;
    dc_batch_destroy(&batch);
    return NULL;
}

// What is wrong with an OPEN; NULL if nothing is.
static const char *flaw_of_open(const dc_cmd_t *cmd)
{
    size_t lacks_bytes = (size_t)cmd->open.lack_count * DC_WIRE_RANGE_BYTES;
    if (cmd->open.handle == 0) return "the handle is 0";
    if (cmd->open.name_bytes > DC_NAME_BYTES_MAX) return "the name is too long";
    if (cmd->data.bytes.len != cmd->open.name_bytes + lacks_bytes) return "its data do not add up";
    if (cmd->program.bytes.len > DC_PROGRAM_BYTES_MAX) return "the program is too large";
    return NULL;
}

static dc_batch_t *find_by_key(dc_core_t *self, const dc_key_t *key)
{
    dc_batch_t *batch;
    HASH_FIND(hh_key, self->by_key, key, sizeof *key, batch);
    return batch;
}

static void on_open(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                    dc_actions_t *actions)
{
    uint32_t handle = cmd->open.handle;
    const char *flaw = flaw_of_open(cmd);
    if (flaw) {
        refuse(client, handle, DC_ERR_PROTOCOL, actions, "OPEN is not valid: %s", flaw);
        return;
    }
    if (cmd->open.flags & DC_OPEN_DETACHED) {
        refuse(client, handle, DC_ERR_NOT_STORED, actions,
               "this broker keeps no batches without their client");
        return;
    }
    dc_batch_t *batch = find_by_key(self, &cmd->open.key);
    dc_batch_t *same_handle = dc_sessions_by_handle(client, handle);
    if (same_handle && same_handle != batch) {
        refuse(client, handle, DC_ERR_PROTOCOL, actions, "the handle is in use");
        return;
    }
    if (batch && batch == same_handle) {
        send_opened(batch, actions); // the second copy of a message
        return;
    }
    if (!batch && self->memory_bytes > self->settings.memory_bytes_max) {
        refuse(client, handle, DC_ERR_BUSY, actions,
               "the broker holds all the memory that it may, try again later");
        return;
    }
    if (batch) {
        take_over(self, client, batch, actions);
    } else {
        batch = make_batch(self, cmd);
    }
    if (!batch || !dc_sessions_adopt(self, client, handle, batch)) {
        refuse(client, handle, DC_ERR_NOMEM, actions, "%s", dc_err_text(DC_ERR_NOMEM));
        if (batch) dc_sessions_drop(self, batch, actions);
        return;
    }
    dc_str_t lacks = dc_str(cmd->data.bytes.data + cmd->open.name_bytes,
                            cmd->data.bytes.len - cmd->open.name_bytes);
    restore_batch(self, batch, lacks, actions);
    send_opened(batch, actions);
    dc_sessions_grant(self, client, actions);
}

// --- the batch's commands ----------------------------------------------------------------------

// A client that breaks the rules loses the batch that it broke them with.
static void punish(dc_core_t *self, dc_batch_t *batch, const char *why, dc_actions_t *actions)
{
    refuse(batch->client, batch->handle, DC_ERR_PROTOCOL, actions, "%s", why);
    dc_sessions_drop(self, batch, actions);
}

// Whether a chunk is new to its batch, known already (and left alone), or overlaps with others.
typedef enum dc_novelty {
    NOVEL,
    KNOWN,
    OVERLAPPING
} dc_novelty_t;

static dc_novelty_t novelty_of(const dc_batch_t *batch, uint64_t first, uint64_t end)
{
    if (dc_ranges_has(&batch->over, first)) return KNOWN;
    size_t at = dc_batch_find(batch, first);
    if (at == dc_batch_chunk_count(batch)) return NOVEL;
    const dc_chunk_t *next = dc_batch_chunk(batch, at);
    if (next->first >= end) return NOVEL;
    return next->first == first && dc_chunk_end(next) == end ? KNOWN : OVERLAPPING;
}

static bool add_chunk(dc_core_t *self, dc_batch_t *batch, const dc_cmd_t *cmd, size_t cost)
{
    dc_chunk_t *chunk = dc_chunk_new(batch, cmd->chunk.first, cmd->chunk.count, cmd->chunk.width,
                                     cmd->chunk.flags, &cmd->data);
    if (!chunk) return false;
    chunk->payer = batch->client->peer;
    chunk->cost_bytes = cost;
    if (dc_ledger_add_chunk(self, chunk)) return true;
    dc_chunk_destroy(&chunk);
    return false;
}

static const char *flaw_of_chunk(const dc_client_t *client, const dc_batch_t *batch,
                                 const dc_cmd_t *cmd, uint64_t end)
{
    if (client->received_bytes > client->told_bytes) {
        return "more was sent than there was credit for";
    }
    if (batch->is_closed) return "a chunk came after CLOSE";
    if (!dc_chunk_is_valid(cmd->data.bytes, cmd->chunk.count, cmd->chunk.width, cmd->chunk.flags)) {
        return "a chunk's data are not what it says";
    }
    if (novelty_of(batch, cmd->chunk.first, end) == OVERLAPPING) return "a chunk overlaps another";
    return NULL;
}

static void on_chunk(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                     dc_actions_t *actions)
{
    dc_batch_t *batch = dc_sessions_by_handle(client, cmd->chunk.handle);
    uint64_t end;
    bool is_too_high = __builtin_add_overflow(cmd->chunk.first, cmd->chunk.count, &end);
    if (batch && !is_too_high && novelty_of(batch, cmd->chunk.first, end) == KNOWN) return;
    size_t cost = cmd->data.bytes.len + DC_CHUNK_COST_BYTES;
    client->received_bytes += cost;
    client->freed_bytes += cost; // until it is stored
    if (!batch) return;          // refused or cancelled while this was on its way
    const char *flaw =
        is_too_high ? "a chunk's range is too high" : flaw_of_chunk(client, batch, cmd, end);
    if (flaw) {
        punish(self, batch, flaw, actions);
        return;
    }
    if (!add_chunk(self, batch, cmd, cost)) {
        refuse(client, batch->handle, DC_ERR_NOMEM, actions, "%s", dc_err_text(DC_ERR_NOMEM));
        dc_sessions_drop(self, batch, actions);
        return;
    }
    client->freed_bytes -= cost;
}

static void on_close(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                     dc_actions_t *actions)
{
    dc_batch_t *batch = dc_sessions_by_handle(client, cmd->close.handle);
    if (!batch) return;
    batch->is_closed = true;
    batch->jobs = cmd->close.jobs;
    dc_deliver_end(self, batch, actions);
}

static void on_ack(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd, dc_actions_t *actions)
{
    dc_batch_t *batch = dc_sessions_by_handle(client, cmd->ack.handle);
    if (!batch) return;
    size_t at = dc_batch_find(batch, cmd->ack.first);
    while (at < dc_batch_chunk_count(batch)) {
        dc_chunk_t *chunk = dc_batch_chunk(batch, at);
        if (dc_chunk_end(chunk) > cmd->ack.end) break;
        if (chunk->first < cmd->ack.first) {
            at++;
            continue;
        }
        if (!dc_ranges_add(&batch->over, chunk->first, dc_chunk_end(chunk))) break;
        dc_ledger_drop_chunk(self, batch, at, actions);
    }
    dc_sessions_grant(self, client, actions);
    dc_deliver_end(self, batch, actions);
}

// --- asked by anybody --------------------------------------------------------------------------

static void reply_json(dc_client_t *client, uint32_t handle, const char *json,
                       dc_actions_t *actions)
{
    dc_cmd_t reply = { .type = DC_CMD_REPLY,
                       .reply = { .handle = handle },
                       .data = { NULL, dc_str_from(json) } };
    dc_actions_to_client(actions, client->peer, &reply);
}

static void tell_cancelled(const dc_batch_t *batch, dc_actions_t *actions)
{
    if (!batch->client) return;
    dc_cmd_t done = { .type = DC_CMD_DONE,
                      .done = { .handle = batch->handle,
                                .error = DC_ERR_CANCELLED,
                                .answered = batch->answered_count + batch->over.count } };
    dc_actions_to_client(actions, batch->client->peer, &done);
}

static void on_cancel(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                      dc_actions_t *actions)
{
    uint64_t number = cmd->cancel.number;
    uint32_t handle = cmd->cancel.handle;
    dc_batch_t *batch =
        number ? dc_sessions_by_number(self, number) : dc_sessions_by_handle(client, handle);
    if (!batch || batch->is_plain) {
        if (!number) return;
        refuse(client, handle, DC_ERR_UNKNOWN_BATCH, actions, "there is no batch b%llu",
               (unsigned long long)number);
        return;
    }
    if (number) {
        char json[96];
        snprintf(json, sizeof json, "{\"batch\":\"b%llu\",\"cancelled\":%llu}",
                 (unsigned long long)number,
                 (unsigned long long)(batch->ready_count + batch->leased_count));
        reply_json(client, handle, json, actions);
        tell_cancelled(batch, actions);
    }
    dc_actions_log(actions, DC_LOG_INFO, "batch cancelled batch=b%llu",
                   (unsigned long long)batch->number);
    dc_sessions_drop(self, batch, actions);
}

static void on_query(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                     dc_actions_t *actions)
{
    dc_buf_t json = { 0 };
    dc_diag_t diag;
    dc_err_t err = dc_report(self, cmd->data.bytes, &json, &diag);
    if (err == DC_OK && json.failed) {
        err = dc_diag_set(&diag, DC_ERR_NOMEM, 0, 0, "%s", dc_err_text(DC_ERR_NOMEM));
    }
    if (err == DC_OK) {
        dc_cmd_t reply = { .type = DC_CMD_REPLY,
                           .reply = { .handle = cmd->query.handle },
                           .data = { NULL, dc_buf_str(&json) } };
        dc_actions_to_client(actions, client->peer, &reply);
    } else {
        refuse(client, cmd->query.handle, err, actions, "%s", diag.message);
    }
    dc_buf_fini(&json);
}

// --- who says what -----------------------------------------------------------------------------

// Commands with which a session may begin; all others are answered with WHO.
static bool may_begin(dc_command_t type)
{
    return type == DC_CMD_OPEN || type == DC_CMD_QUERY || type == DC_CMD_CANCEL ||
           type == DC_CMD_ATTACH || type == DC_CMD_SET;
}

void dc_on_client(dc_core_t *self, dc_peer_t peer, const dc_cmd_t *cmd, dc_actions_t *actions)
{
    dc_client_t *client = dc_sessions_hear(self, peer);
    if (cmd->type == DC_CMD_ASK) {
        on_ask(self, client, peer, cmd, actions);
        return;
    }
    if (!client && may_begin(cmd->type)) client = dc_sessions_begin(self, peer, false);
    if (!client) {
        ask_who(peer, actions);
        return;
    }
    if (client->is_plain) {
        refuse(client, 0, DC_ERR_PROTOCOL, actions, "DC1 in a session of plain requests");
        return;
    }
    switch ((int)cmd->type) {
    case DC_CMD_OPEN: on_open(self, client, cmd, actions); break;
    case DC_CMD_CHUNK: on_chunk(self, client, cmd, actions); break;
    case DC_CMD_CLOSE: on_close(self, client, cmd, actions); break;
    case DC_CMD_ACK: on_ack(self, client, cmd, actions); break;
    case DC_CMD_CANCEL: on_cancel(self, client, cmd, actions); break;
    case DC_CMD_QUERY: on_query(self, client, cmd, actions); break;
    case DC_CMD_ATTACH:
    case DC_CMD_SET:
        refuse(client, cmd->type == DC_CMD_SET ? cmd->set.handle : cmd->attach.handle,
               DC_ERR_NOT_STORED, actions, "this broker keeps no batches without their client");
        break;
    default: break; // HEARTBEAT, WHO: to be heard was all
    }
}

void dc_on_client_gone(dc_core_t *self, dc_peer_t peer, dc_actions_t *actions)
{
    dc_client_t *client = dc_sessions_hear(self, peer);
    if (client) dc_sessions_end(self, client, actions);
}
