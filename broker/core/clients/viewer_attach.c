// How a viewer begins: ATTACH.
#include <stdlib.h>

#include "broker/core/clients/refuse.h"
#include "broker/core/clients/sessions.h"
#include "broker/core/clients/viewer_part.h"

static dc_viewer_t *make(dc_core_t *self, dc_client_t *client, dc_batch_t *batch,
                         const dc_cmd_t *cmd)
{
    dc_viewer_t *viewer = calloc(1, sizeof *viewer);
    if (!viewer) return NULL;
    const dc_detached_t *detached = batch->detached;
    size_t at = dc_detached_at(detached, cmd->attach.first);
    viewer->client = client;
    viewer->batch = batch;
    viewer->handle = cmd->attach.handle;
    viewer->sent.sum = &self->viewed_bytes;
    viewer->wants_inputs = cmd->attach.flags & DC_ATTACH_INPUTS;
    viewer->wants_workers = cmd->attach.flags & DC_ATTACH_WORKERS;
    viewer->ticket = ++self->viewer_ticket;
    viewer->next = at < detached->entry_count ? detached->entries[at].first : cmd->attach.first;
    DL_APPEND2(client->viewers, viewer, client_prev, client_next);
    DL_APPEND2(batch->detached->viewers, viewer, batch_prev, batch_next);
    self->viewer_count++;
    client->viewer_count++;
    return viewer;
}

// Refuse an ATTACH to `batch`, which is NULL if there is none, if it has to be.
static bool refuse_attach(const dc_client_t *client, const dc_cmd_t *cmd, const dc_batch_t *batch,
                          dc_actions_t *actions)
{
    uint32_t handle = cmd->attach.handle;
    if (!batch) {
        dc_refuse_unknown(client, handle, cmd->attach.number, actions);
    } else if (!batch->detached) {
        dc_refuse(client, handle, DC_ERR_NOT_STORED, actions,
                  "batch b%llu is not detached: its results go to the client that sent it",
                  (unsigned long long)batch->number);
    } else if (client->viewer_count >= DC_VIEWERS_MAX) {
        dc_refuse_for_now(client, handle, DC_ERR_BUSY, DC_BUSY_RETRY_MS, actions,
                          "%d batches are fetched at once: the next may be when one of them has "
                          "come",
                          DC_VIEWERS_MAX);
    } else {
        return false;
    }
    return true;
}

void dc_viewer_attach(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                      dc_actions_t *actions)
{
    uint32_t handle = cmd->attach.handle;
    const dc_viewer_t *same = dc_viewer_find(client, handle);
    if (same && same->batch->number == cmd->attach.number) return; // the second copy of a message
    if (handle == 0 || dc_sessions_by_handle(client, handle) || dc_viewer_find(client, handle)) {
        dc_refuse(client, handle, DC_ERR_PROTOCOL, actions, "the handle is %s",
                  handle ? "in use" : "0");
        return;
    }
    dc_batch_t *batch = dc_sessions_by_number(self, cmd->attach.number);
    if (refuse_attach(client, cmd, batch, actions)) return;
    dc_viewer_t *viewer = make(self, client, batch, cmd);
    if (!viewer) {
        dc_refuse_no_memory(client, handle, actions);
        return;
    }
    dc_cmd_t opened = { .type = DC_CMD_OPENED,
                        .opened = { .handle = handle,
                                    .number = batch->number,
                                    .flags = batch->flags & DC_OPENED_FLAGS },
                        .program = batch->program };
    dc_actions_to_client(actions, client->peer, &opened);
    dc_viewer_pump(self, viewer, actions);
}
