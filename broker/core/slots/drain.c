#include "broker/core/slots/drain.h"

#include "broker/core/clients/refuse.h"
#include "broker/core/schedule/reclaim.h"
#include "broker/core/schedule/room.h"
#include "common/json_writer.h"

static void tell(dc_core_t *self, dc_slot_t *slot, dc_actions_t *actions)
{
    dc_cmd_t drain = { .type = DC_CMD_DRAIN };
    dc_actions_to_worker(actions, slot->peer, &drain);
    slot->is_draining = true;
    dc_room_see(self, slot);
}

static void reply(const dc_client_t *client, uint32_t handle, const dc_worker_t *worker,
                  dc_actions_t *actions)
{
    dc_buf_t text = { 0 };
    dc_json_writer_t json = dc_json_writer(&text);
    dc_json_begin_object(&json);
    dc_json_put_member_u64(&json, "v", 1);
    dc_json_put_member_string(&json, "worker", dc_str_from(worker->name));
    dc_json_put_member_u64(&json, "slots", worker->slot_count);
    dc_json_end_object(&json);
    dc_cmd_t cmd = { .type = DC_CMD_REPLY,
                     .reply = { .handle = handle },
                     .data = { NULL, dc_buf_str(&text) } };
    dc_actions_to_client(actions, client->peer, &cmd);
    dc_buf_fini(&text);
}

void dc_drain_worker(dc_core_t *self, const dc_client_t *client, const dc_cmd_t *cmd,
                     dc_actions_t *actions)
{
    dc_worker_t *worker;
    dc_str_t name = cmd->data.bytes;
    HASH_FIND(hh, self->workers, name.data, name.len, worker);
    if (!worker) {
        dc_refuse(client, cmd->set.handle, DC_ERR_NO_WORKER, actions,
                  "there is no worker of that name");
        return;
    }
    worker->is_draining = true;
    dc_slot_t *slot;
    DL_FOREACH2(worker->slots, slot, worker_next)
    {
        if (!slot->is_draining) tell(self, slot, actions);
    }
    dc_actions_log(actions, DC_LOG_INFO, "worker drains worker=%s slots=%u why=operator",
                   worker->name, worker->slot_count);
    reply(client, cmd->set.handle, worker, actions);
}

void dc_drain_see(dc_core_t *self, dc_slot_t *slot, dc_actions_t *actions)
{
    if (slot->worker && slot->worker->is_draining) tell(self, slot, actions);
}

void dc_drain_begun(dc_core_t *self, dc_slot_t *slot, dc_actions_t *actions)
{
    slot->is_draining = true;
    dc_room_see(self, slot);
    dc_lease_t *lease;
    DL_FOREACH2(slot->leases, lease, next_in_slot)
    {
        if (!lease->chunk || lease->end <= lease->next + 1) continue;
        dc_reclaim(self, lease, lease->next + 1, actions);
    }
}
