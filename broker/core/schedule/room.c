#include "broker/core/schedule/room.h"

// Who takes less than so many times as long as usual is fast.
#define FAST 0.75

bool dc_room_can_accept(const dc_slot_t *slot)
{
    if (slot->is_draining || slot->is_preempted || slot->is_short) return false;
    return !slot->is_loaded || slot->kind->fit_count == 0;
}

static dc_room_t room_of(const dc_slot_t *slot)
{
    if (!dc_room_can_accept(slot)) return DC_ROOM_NONE;
    if (slot->is_plain) return slot->lease_count ? DC_ROOM_NONE : DC_ROOM_PLAIN;
    if (slot->lease_count == 0) return DC_ROOM_IDLE;
    if (slot->lease_count >= DC_SLOT_LEASES_MAX) return DC_ROOM_NONE;
    // A job whose cost is not known may take minutes, and all that waits behind it likewise.
    bool is_short = slot->work_us < DC_SLOT_WORK_US && slot->guess_count == 0;
    bool hides_latency = slot->lease_count < DC_SLOT_LEASES_MIN && slot->work_us < DC_SLOT_LONG_US;
    return is_short || hides_latency ? DC_ROOM_SOME : DC_ROOM_NONE;
}

// Whether work is offered to `slot` before others with as much room.
static bool is_preferred(const dc_slot_t *slot)
{
    return slot->pace < FAST && slot->beat.load < DC_LOAD_LOW;
}

static void count_idle(dc_kind_t *kind, int32_t change)
{
    for (size_t i = 0; i < kind->lane_count; i++) {
        kind->lanes[i]->idle_count += (uint32_t)change;
    }
}

static void see_busy(dc_core_t *self, dc_slot_t *slot)
{
    bool is_in = slot->busy_prev != NULL;
    bool should = slot->lease_count > 0;
    if (is_in == should) return;
    dc_slot_t **list = slot->is_plain ? &self->busy_plain : &self->busy;
    if (should) {
        DL_APPEND2(*list, slot, busy_prev, busy_next);
    } else {
        DL_DELETE2(*list, slot, busy_prev, busy_next);
        slot->busy_prev = NULL;
    }
    if (!slot->is_plain) self->busy_count += should ? 1 : (size_t)-1;
}

static void see_guessing(dc_core_t *self, dc_slot_t *slot)
{
    bool is_in = slot->guess_prev != NULL;
    bool should = !slot->is_plain && slot->guess_count && !slot->is_cut;
    if (should && !is_in) DL_APPEND2(self->guessing, slot, guess_prev, guess_next);
    if (should || !is_in) return;
    DL_DELETE2(self->guessing, slot, guess_prev, guess_next);
    slot->guess_prev = NULL;
}

static void see_list(dc_core_t *self, dc_slot_t *slot)
{
    dc_room_t room = room_of(slot);
    if (room == slot->room) return;
    dc_slot_t **lists = slot->kind->with_room;
    if (slot->room != DC_ROOM_NONE) DL_DELETE2(lists[slot->room], slot, room_prev, room_next);
    if (slot->room == DC_ROOM_IDLE) count_idle(slot->kind, -1);
    slot->room = room;
    if (room == DC_ROOM_NONE) return;
    if (is_preferred(slot)) {
        DL_PREPEND2(lists[room], slot, room_prev, room_next);
    } else {
        DL_APPEND2(lists[room], slot, room_prev, room_next);
    }
    self->is_dispatch_due = true;
    if (room != DC_ROOM_IDLE) return;
    count_idle(slot->kind, 1);
    self->is_steal_due = true;
}

// Count `slot` among those of its kind that are fit, or not. With the first and the last one it
// changes whether those that are loaded have to do.
static void see_fitness(dc_core_t *self, dc_slot_t *slot)
{
    dc_kind_t *kind = slot->kind;
    bool is_fit = !slot->is_plain && !slot->is_draining && !slot->is_loaded && !slot->is_short;
    if (is_fit == slot->is_fit) return;
    slot->is_fit = is_fit;
    uint32_t before = kind->fit_count;
    kind->fit_count = is_fit ? before + 1 : before - 1;
    if (before && kind->fit_count) return;
    for (dc_slot_t *other = self->slots; other; other = other->hh.next) {
        if (other->kind == kind && other->is_loaded) see_list(self, other);
    }
}

void dc_room_see(dc_core_t *self, dc_slot_t *slot)
{
    slot->is_preempted &= slot->lease_count > 0;
    slot->is_cut &= slot->lease_count > 0;
    see_busy(self, slot);
    see_guessing(self, slot);
    see_list(self, slot);
    see_fitness(self, slot);
}
