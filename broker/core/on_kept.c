#include "broker/core/on_kept.h"

#include "broker/core/clients/refuse.h"
#include "broker/core/clients/sessions.h"
#include "broker/core/kept/deletion.h"
#include "broker/core/kept/keep.h"
#include "broker/core/kept/keep_results.h"
#include "broker/core/kept/submit.h"
#include "broker/core/report/report.h"

void dc_on_kept_cancel(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd, dc_batch_t *batch,
                       const char *json, dc_actions_t *actions)
{
    const dc_detached_t *detached = batch->detached;
    uint32_t handle = cmd->cancel.handle;
    if (detached->is_ended && !detached->is_end_stored) {
        dc_refuse_for_now(client, handle, DC_ERR_BUSY, DC_TICK_MS, actions,
                          "batch b%llu is just ending", (unsigned long long)batch->number);
        return;
    }
    if (detached->is_close_put && !detached->is_ended) {
        dc_keep_end(self, batch, DC_ERR_CANCELLED, client->peer, handle, json, actions);
        return;
    }
    dc_cmd_t reply = { .type = DC_CMD_REPLY,
                       .reply = { .handle = handle },
                       .data = { NULL, dc_str_from(json) } };
    dc_actions_to_client(actions, client->peer, &reply);
    // Of a batch that was not sent to its end nothing was promised.
    if (!detached->is_ended) {
        dc_submit_fail(self, batch, DC_ERR_CANCELLED, dc_err_text(DC_ERR_CANCELLED), actions);
    }
}

void dc_on_kept_delete(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                       dc_actions_t *actions)
{
    uint32_t handle = cmd->delete.handle;
    unsigned long long number = cmd->delete.number;
    dc_batch_t *batch = dc_sessions_by_number(self, cmd->delete.number);
    if (!batch && dc_deletion_is_under_way(self, number)) {
        dc_keep_delete_again(self, client, handle, number, actions);
    } else if (!batch) {
        dc_refuse_unknown(client, handle, number, actions);
    } else if (!batch->detached) {
        dc_refuse(client, handle, DC_ERR_NOT_STORED, actions,
                  "batch b%llu is not detached: there is nothing of it to delete", number);
    } else if (!batch->detached->is_ended) {
        dc_refuse(client, handle, DC_ERR_BUSY, actions,
                  "batch b%llu has not ended: cancel it first", number);
    } else {
        dc_buf_t json = { 0 };
        dc_report_batch(self, batch, &json);
        dc_buf_append_char(&json, '\0');
        // Without the memory to say what it was, it is deleted all the same.
        dc_keep_delete(self, batch, client->peer, handle, json.failed ? "{}" : json.data, actions);
        dc_buf_fini(&json);
    }
}
