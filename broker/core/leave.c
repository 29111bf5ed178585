#include "broker/core/leave.h"

#include "broker/core/clients/refuse.h"
#include "broker/core/on_ask.h"
#include "broker/core/schedule/reclaim.h"

// Leave `slot` the job that it is at, unless it is known to be done with everything at once. What
// it has computed beyond that already counts as well.
static void shorten(dc_core_t *self, const dc_slot_t *slot, dc_actions_t *actions)
{
    if (slot->guess_count == 0 && slot->work_us < 2 * DC_SLOT_WORK_US) return;
    dc_lease_t *lease;
    DL_FOREACH2(slot->leases, lease, next_in_slot)
    {
        uint64_t end = lease->next + (lease == slot->leases);
        if (lease->chunk && end < lease->end) dc_reclaim(self, lease, end, actions);
    }
}

void dc_leave_begin(dc_core_t *self, dc_actions_t *actions)
{
    if (self->is_leaving) return;
    self->is_leaving = true;
    for (const dc_slot_t *slot = self->busy; slot; slot = slot->busy_next) {
        shorten(self, slot, actions);
    }
}

void dc_leave_end(dc_core_t *self, dc_actions_t *actions)
{
    dc_client_t *client, *following;
    HASH_ITER(hh, self->clients, client, following)
    {
        if (client->is_plain) {
            dc_on_ask_leave(self, client, actions);
        } else {
            dc_refuse(client, 0, DC_ERR_NO_BROKER, actions, "the broker is stopping");
        }
    }
}

void dc_leave_refuse(const dc_client_t *client, uint32_t handle, dc_actions_t *actions)
{
    dc_refuse_for_now(client, handle, DC_ERR_BUSY, DC_BUSY_RETRY_MS, actions,
                      "the broker is stopping");
}
