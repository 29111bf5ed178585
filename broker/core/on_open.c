#include "broker/core/on_open.h"

#include "broker/core/clients/refuse.h"
#include "broker/core/clients/sessions.h"
#include "broker/core/clients/viewer.h"
#include "broker/core/jobs/answered.h"
#include "broker/core/jobs/ledger.h"
#include "broker/core/jobs/numbers.h"
#include "broker/core/jobs/packed.h"
#include "broker/core/kept/submit.h"
#include "broker/core/leave.h"
#include "broker/core/schedule/after.h"
#include "broker/core/schedule/lanes.h"
#include "broker/core/schedule/terms.h"
#include "common/buf.h"
#include "common/tag.h"

// How many ranges one frame can say.
#define OPENED_RANGES_MAX (DC_FRAME_BYTES_MAX / DC_WIRE_RANGE_BYTES)

// The chunks whose inputs are here, as ranges of jobs.
static void send_opened(const dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    dc_ranges_t held;
    dc_ranges_init(&held);
    bool is_whole = true;
    for (size_t at = 0; at < dc_batch_chunk_count(batch); at++) {
        const dc_chunk_t *chunk = dc_batch_chunk(batch, at);
        is_whole &= dc_ranges_add(&held, chunk->first, dc_chunk_end(chunk));
    }
    dc_packed_t packed;
    dc_backlog_place_t place = { 0 };
    while (batch->backlog && dc_backlog_next(batch->backlog, &place, &packed)) {
        is_whole &= dc_ranges_add(&held, packed.first, packed.first + packed.count);
    }
    dc_buf_t data = { 0 };
    // With too little memory to say what is here, the client sends all of it again; so it does with
    // what cannot be said in one frame.
    uint32_t count = is_whole ? (uint32_t)dc_min_size(held.len, OPENED_RANGES_MAX) : 0;
    for (uint32_t i = 0; i < count; i++) {
        dc_wire_put_range(&data, &held.list[i]);
    }
    dc_cmd_t opened = { .type = DC_CMD_OPENED,
                        .opened = { .handle = batch->handle,
                                    .number = batch->number,
                                    .flags = batch->flags & DC_OPENED_FLAGS,
                                    .expr_bytes_max = (uint32_t)self->settings.expr_bytes_max },
                        .data = { NULL, dc_buf_str(&data) } };
    dc_actions_to_client(actions, batch->client->peer, &opened);
    dc_buf_fini(&data);
    dc_ranges_fini(&held);
}

// The first of the pairs in `lacks` that ends behind `index`; how many they are if none does.
static size_t find_lack(dc_str_t lacks, uint64_t index)
{
    size_t low = 0;
    size_t high = lacks.len / DC_WIRE_RANGE_BYTES;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (dc_wire_get_range(lacks, middle).end > index) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

// Whether any of the pairs in `lacks`, from `*at` on, meets [first, end); the first of them if so,
// cut to it.
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
    size_t at = find_lack(lacks, chunk->first);
    dc_range_t lack;
    bool is_lacked = false;
    while (next_lack(lacks, chunk->first, dc_chunk_end(chunk), &at, &lack)) {
        is_lacked = true;
        if (dc_chunk_is_answered(chunk)) return false; // its inputs have gone
        if (!dc_answered_reopen(self, chunk, lack.first, lack.end)) return false;
    }
    return is_lacked;
}

// Where the last chunk ends that is packed and that the client does not lack; 0 if it lacks all of
// them.
static uint64_t find_unlacked(const dc_backlog_t *backlog, dc_str_t lacks)
{
    size_t at = 0;
    size_t count = lacks.len / DC_WIRE_RANGE_BYTES;
    uint64_t end = 0;
    dc_packed_t chunk;
    dc_backlog_place_t place = { 0 };
    while (dc_backlog_next(backlog, &place, &chunk)) {
        while (at < count && dc_wire_get_range(lacks, at).end <= chunk.first) {
            at++;
        }
        uint64_t chunk_end = chunk.first + chunk.count;
        bool is_lacked = at < count && dc_wire_get_range(lacks, at).first < chunk_end;
        if (!is_lacked) end = chunk_end;
    }
    return end;
}

// What is packed is not answered: so if the client lacks it nothing is to be done, and if it does
// not, which is rare, it is opened to be dropped. Without the memory for that it all goes, and the
// client finds in OPENED what to send again.
static void restore_packed(dc_core_t *self, dc_batch_t *batch, dc_str_t lacks)
{
    if (!batch->backlog) return;
    uint64_t unlacked = find_unlacked(batch->backlog, lacks);
    if (!dc_packed_open(self, batch, unlacked)) dc_packed_drop(self, batch);
}

static void restore_batch(dc_core_t *self, dc_batch_t *batch, const dc_cmd_t *cmd,
                          dc_actions_t *actions)
{
    dc_str_t lacks = dc_open_lacks(cmd);
    restore_packed(self, batch, lacks);
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
        dc_refuse(former, batch->handle, DC_ERR_TAKEN_OVER, actions,
                  "batch b%llu was opened by another session", (unsigned long long)batch->number);
    }
    dc_sessions_orphan(self, batch);
}

dc_batch_t *dc_on_open_make(dc_core_t *self, const dc_cmd_t *cmd)
{
    dc_batch_t *batch = dc_batch_new(&self->pools, &cmd->program);
    if (!batch) return NULL;
    batch->key = cmd->open.key;
    batch->flags = cmd->open.flags;
    batch->is_held = cmd->open.flags & DC_OPEN_HELD;
    batch->level = dc_level_of((int8_t)cmd->open.priority);
    batch->retries = cmd->open.retries;
    if (cmd->open.steps_max) batch->steps_max = cmd->open.steps_max;
    if (cmd->open.timeout_ms) batch->timeout_ms = cmd->open.timeout_ms;
    dc_str_t name = dc_open_name(cmd);
    if (name.len) memcpy(batch->name, name.data, name.len);
    batch->lane = dc_lanes_use(self, dc_open_tag(cmd));
    if (!batch->lane) dc_batch_destroy(&batch);
    return batch;
}

static dc_batch_t *make_batch(dc_core_t *self, const dc_cmd_t *cmd)
{
    dc_batch_t *batch = dc_on_open_make(self, cmd);
    if (!batch || dc_sessions_register(self, batch, cmd->open.number)) return batch;
    dc_lanes_drop(self, batch->lane);
    dc_batch_destroy(&batch);
    return NULL;
}

// What is wrong with an OPEN that the codec has not looked at; NULL if nothing is.
static const char *flaw_of_open(const dc_cmd_t *cmd)
{
    if (cmd->open.tag_bytes && dc_tag_flaw(dc_open_tag(cmd)))
        return "the tag has a blank or a control character, or is not UTF-8";
    if (!dc_is_priority((int8_t)cmd->open.priority)) return "there is no such priority";
    return NULL;
}

static dc_batch_t *find_by_key(dc_core_t *self, const dc_key_t *key)
{
    dc_batch_t *batch;
    HASH_FIND(hh_key, self->by_key, key, sizeof *key, batch);
    return batch;
}

// Refuse an OPEN that is understood, if it has to be: `batch` is what there is under its key, or
// NULL.
static bool refuse(const dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                   const dc_batch_t *batch, dc_actions_t *actions)
{
    uint32_t handle = cmd->open.handle;
    if (dc_sessions_by_handle(client, handle) || dc_viewer_find(client, handle)) {
        dc_refuse(client, handle, DC_ERR_PROTOCOL, actions, "the handle is in use");
        return true;
    }
    if (batch && batch->client && cmd->open.session < batch->session) {
        dc_refuse(client, handle, DC_ERR_TAKEN_OVER, actions,
                  "batch b%llu was opened by a later session", (unsigned long long)batch->number);
        return true;
    }
    dc_diag_t diag;
    if (!batch && dc_after_check(self, cmd, &diag)) {
        dc_refuse(client, handle, diag.code, actions, "%s", diag.message);
        return true;
    }
    if (!batch && self->memory_bytes > self->settings.memory_bytes_max) {
        dc_refuse_for_now(client, handle, DC_ERR_BUSY, DC_BUSY_RETRY_MS, actions,
                          "the broker holds all the memory that it may");
        return true;
    }
    return !batch && dc_numbers_refuse(self, client, handle, actions);
}

// The batch that `cmd` opens, under `client`: `batch`, taken over, or a new one if that is NULL.
// NULL if memory is short; then the client knows.
static dc_batch_t *obtain(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                          dc_batch_t *batch, dc_actions_t *actions)
{
    if (batch) {
        take_over(self, client, batch, actions);
    } else {
        batch = make_batch(self, cmd);
    }
    if (batch && dc_sessions_adopt(self, client, cmd->open.handle, batch)) return batch;
    dc_refuse_no_memory(client, cmd->open.handle, actions);
    if (batch) dc_sessions_drop(self, batch, actions);
    return NULL;
}

// Let a new batch wait for those that it comes after. False if it cannot: then it is refused.
static bool begin_after(dc_core_t *self, dc_batch_t *batch, const dc_cmd_t *cmd,
                        dc_actions_t *actions)
{
    dc_diag_t diag;
    dc_err_t err = dc_after_begin(self, batch, cmd, &diag);
    if (!err) return true;
    dc_refuse(batch->client, batch->handle, err, actions, "%s", diag.message);
    dc_sessions_drop(self, batch, actions);
    return false;
}

static void open_batch(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                       dc_actions_t *actions)
{
    const char *flaw = flaw_of_open(cmd);
    if (flaw) {
        dc_refuse(client, cmd->open.handle, DC_ERR_PROTOCOL, actions, "OPEN is not valid: %s",
                  flaw);
        return;
    }
    dc_batch_t *batch = find_by_key(self, &cmd->open.key);
    if (self->is_leaving && !batch) {
        dc_leave_refuse(client, cmd->open.handle, actions);
        return;
    }
    if (cmd->open.flags & DC_OPEN_DETACHED || (batch && batch->detached)) {
        dc_submit_open(self, client, cmd, batch, actions);
        return;
    }
    if (batch && batch->client == client && batch->handle == cmd->open.handle) {
        send_opened(self, batch, actions); // the second copy of a message
        return;
    }
    if (refuse(self, client, cmd, batch, actions)) return;
    bool is_new = !batch;
    batch = obtain(self, client, cmd, batch, actions);
    if (!batch) return;
    batch->session = cmd->open.session;
    if (cmd->open.flags & DC_OPEN_FAULTY) batch->is_faulty = true;
    if (is_new) dc_terms_set_deadline(self, batch, cmd->open.deadline_ms);
    if (is_new && !begin_after(self, batch, cmd, actions)) return;
    restore_batch(self, batch, cmd, actions);
    send_opened(self, batch, actions);
    dc_after_tell(self, batch, actions);
    dc_sessions_grant(self, client, actions);
}

void dc_on_open(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd, dc_actions_t *actions)
{
    open_batch(self, client, cmd, actions);
    dc_numbers_look(self, actions);
}
