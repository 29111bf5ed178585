#include "broker/core/schedule/scheduler.h"

#include "broker/core/jobs/ledger.h"
#include "broker/core/schedule/leasing.h"
#include "broker/core/schedule/reclaim.h"
#include "broker/core/schedule/spare.h"
#include "broker/core/schedule/turns.h"

// How many slots of those with `room` may be tried one after the other: what one of them may not be
// given of a verified batch, as it has computed it once already, another may.
static size_t count_tries(const dc_core_t *self, const dc_kind_t *kind, dc_room_t room,
                          bool is_thorough)
{
    size_t count = 0;
    if (!self->verified_count || !is_thorough) return 0;
    const dc_slot_t *slot = kind->with_room[room];
    for (; slot && count < DC_SPARE_SLOTS_MAX; slot = slot->room_next) {
        count++;
    }
    return count;
}

// Nothing was found for the first one of those with `room`: let the next one be the first. False if
// that is enough.
static bool try_next(dc_kind_t *kind, dc_room_t room, size_t *tries)
{
    dc_slot_t **list = &kind->with_room[room];
    dc_slot_t *first = *list;
    if (*tries == 0) return false;
    DL_DELETE2(*list, first, room_prev, room_next);
    DL_APPEND2(*list, first, room_prev, room_next);
    return --*tries > 0;
}

// Idle slots of `kind` get the tails of others' leases; nothing that they could be leased is ready.
// Where there are more busy slots than one search looks at, it goes on only once a tick: what is
// done for a message must not grow with the cluster.
static void steal_for(dc_core_t *self, dc_kind_t *kind, bool is_thorough, dc_actions_t *actions)
{
    size_t left = self->busy_count;
    size_t tries = count_tries(self, kind, DC_ROOM_IDLE, is_thorough);
    while (kind->with_room[DC_ROOM_IDLE] && left) {
        uint64_t end;
        dc_lease_t *victim = dc_spare_tail(self, kind->with_room[DC_ROOM_IDLE], &left, &end);
        if (!victim && !is_thorough) return;
        if (!victim && left) continue;
        if (!victim) {
            if (!try_next(kind, DC_ROOM_IDLE, &tries)) return;
            left = self->busy_count;
            continue;
        }
        left = dc_min_size(left + DC_SPARE_SLOTS_MAX, self->busy_count);
        dc_reclaim(self, victim, end, actions);
        // Nothing is ready if what was trimmed off had its answers already. A small share may leave
        // something for the next one.
        if (self->is_dispatch_due) dc_leasing_run(self, actions);
    }
}

// Slots with nothing to do at all compute what others take too long for.
static void double_for(dc_core_t *self, dc_kind_t *kind, dc_room_t room, bool is_thorough,
                       dc_actions_t *actions)
{
    size_t tries = count_tries(self, kind, room, is_thorough);
    while (kind->with_room[room]) {
        dc_slot_t *idle = kind->with_room[room];
        dc_lease_t *straggler = dc_spare_straggler(self, idle, is_thorough);
        if (!straggler && try_next(kind, room, &tries)) continue;
        if (!straggler) return;
        dc_lease_t *copy = dc_ledger_double(self, idle, straggler);
        if (!copy) return;
        if (!dc_leasing_send(self, copy, actions)) {
            dc_ledger_end_lease(self, copy, 0);
            return;
        }
        dc_turns_spend(self, copy->chunk->batch, copy->slot, copy->cost_us + 1);
    }
}

static void use_idle(dc_core_t *self, dc_actions_t *actions)
{
    bool is_thorough = self->is_search_due;
    self->is_steal_due = self->is_search_due = false;
    self->look_ms = 0;
    for (dc_kind_t *kind = self->kinds; kind && self->lease_count; kind = kind->next) {
        steal_for(self, kind, is_thorough, actions);
        double_for(self, kind, DC_ROOM_IDLE, is_thorough, actions);
        double_for(self, kind, DC_ROOM_PLAIN, is_thorough, actions);
    }
    dc_ms_t wait_ms = dc_spare_wait_ms(self);
    if (wait_ms) self->look_ms = self->now + wait_ms;
}

void dc_scheduler_run(dc_core_t *self, dc_actions_t *actions)
{
    if (self->is_preempt_due) dc_reclaim_for_urgent(self, actions);
    if (self->is_dispatch_due) dc_leasing_run(self, actions);
    if (self->is_yield_due) dc_reclaim_for_ahead(self, actions);
    bool is_time = self->look_ms && self->now >= self->look_ms;
    if (self->is_steal_due || is_time) use_idle(self, actions);
}
