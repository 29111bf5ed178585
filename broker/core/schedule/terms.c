#include "broker/core/schedule/terms.h"

#include "broker/core/clients/refuse.h"
#include "broker/core/clients/sessions.h"
#include "broker/core/kept/keep.h"
#include "broker/core/kept/keep_results.h"
#include "broker/core/kept/submit.h"
#include "broker/core/report/report.h"
#include "broker/core/schedule/turns.h"

void dc_terms_end(dc_core_t *self, dc_batch_t *batch, dc_err_t error, dc_actions_t *actions)
{
    if (batch->detached && batch->detached->is_close_put) {
        dc_keep_end(self, batch, error, 0, 0, NULL, actions);
        return;
    }
    if (batch->detached) {
        dc_submit_fail(self, batch, error, dc_err_text(error), actions);
        return;
    }
    if (batch->client) {
        dc_cmd_t done = { .type = DC_CMD_DONE,
                          .done = { .handle = batch->handle,
                                    .error = error,
                                    .answered = batch->answered_count + batch->over.count } };
        dc_actions_to_client(actions, batch->client->peer, &done);
    }
    dc_actions_log(actions, DC_LOG_INFO, "batch ended batch=b%llu why=%s jobs=%llu",
                   (unsigned long long)batch->number, dc_err_name(error),
                   (unsigned long long)dc_batch_open_jobs(batch));
    dc_sessions_drop(self, batch, actions);
}

void dc_terms_set_deadline(dc_core_t *self, dc_batch_t *batch, uint64_t ms)
{
    if (batch->deadline_ms) DL_DELETE2(self->timed, batch, timed_prev, timed_next);
    batch->deadline_ms = 0;
    uint64_t deadline_ms;
    if (!ms || __builtin_add_overflow(self->step_ms, ms, &deadline_ms)) return;
    batch->deadline_ms = deadline_ms;
    self->timed_ms = dc_min_u64(self->timed_ms, deadline_ms);
    DL_APPEND2(self->timed, batch, timed_prev, timed_next);
}

// There may be very many, and hardly ever is one over.
void dc_terms_expire(dc_core_t *self, dc_actions_t *actions)
{
    if (self->step_ms < self->timed_ms) return;
    dc_ms_t soonest_ms = UINT64_MAX;
    dc_batch_t *batch, *following;
    DL_FOREACH_SAFE2(self->timed, batch, following, timed_next)
    {
        if (self->step_ms < batch->deadline_ms) {
            soonest_ms = dc_min_u64(soonest_ms, batch->deadline_ms);
        } else {
            soonest_ms = 0; // it may have to be tried again
            dc_terms_end(self, batch, DC_ERR_DEADLINE, actions);
        }
    }
    self->timed_ms = soonest_ms;
}

static dc_err_t set(dc_core_t *self, dc_batch_t *batch, const dc_cmd_t *cmd, dc_diag_t *diag)
{
    uint64_t value = cmd->set.value;
    switch (cmd->set.what) {
    case DC_SET_PRIORITY:
        if (!dc_is_priority((int64_t)value)) {
            return dc_diag_set(diag, DC_ERR_INVALID, 0, 0, "priorities go from %d to %d",
                               DC_PRIORITY_MIN, DC_PRIORITY_MAX);
        }
        if (dc_turns_move(self, batch, dc_level_of((int)(int64_t)value))) return DC_OK;
        return dc_diag_set_no_memory(diag);
    case DC_SET_DEADLINE: dc_terms_set_deadline(self, batch, value); return DC_OK;
    case DC_SET_HOLD:
        batch->is_held = value != 0;
        dc_turns_see(self, batch);
        return DC_OK;
    default: return dc_diag_set(diag, DC_ERR_PROTOCOL, 0, 0, "SET changes nothing that is known");
    }
}

static void reply(dc_core_t *self, const dc_client_t *client, uint32_t handle, dc_batch_t *batch,
                  dc_actions_t *actions)
{
    dc_buf_t json = { 0 };
    dc_report_batch(self, batch, &json);
    if (batch->detached) {
        // Said when it is on disk.
        dc_buf_append_char(&json, '\0');
        if (!json.failed) {
            dc_keep_terms(self, batch, client->peer, handle, json.data, actions);
        }
        dc_buf_fini(&json);
        return;
    }
    dc_cmd_t cmd = { .type = DC_CMD_REPLY,
                     .reply = { .handle = handle },
                     .data = { NULL, dc_buf_str(&json) } };
    dc_actions_to_client(actions, client->peer, &cmd);
    dc_buf_fini(&json);
}

void dc_terms_set(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd, dc_actions_t *actions)
{
    dc_batch_t *batch = dc_sessions_by_number(self, cmd->set.number);
    dc_diag_t diag;
    if (!batch) {
        dc_refuse_unknown(client, cmd->set.handle, cmd->set.number, actions);
    } else if (batch->detached && batch->detached->is_ended) {
        dc_refuse(client, cmd->set.handle, DC_ERR_INVALID, actions, "batch b%llu has ended",
                  (unsigned long long)cmd->set.number);
    } else if (set(self, batch, cmd, &diag) != DC_OK) {
        dc_refuse(client, cmd->set.handle, diag.code, actions, "%s", diag.message);
    } else {
        reply(self, client, cmd->set.handle, batch, actions);
    }
}
