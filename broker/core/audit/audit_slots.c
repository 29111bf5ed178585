// What must hold of slots, of their leases, and of what waits for them (dc_core_audit).
#include <math.h>

#include "broker/core/audit/audit_part.h"
#include "broker/core/schedule/turns.h"

static const char *audit_workers(const dc_core_t *self)
{
    uint64_t count = 0;
    for (const dc_worker_t *worker = self->workers; worker; worker = worker->hh.next) {
        if (worker->slot_count == 0) return "a worker is kept that has no slots";
        uint32_t slot_count = 0;
        for (const dc_slot_t *slot = worker->slots; slot; slot = slot->worker_next) {
            if (slot->worker != worker) return "a slot is in the list of another worker";
            slot_count++;
        }
        if (slot_count != worker->slot_count) return "a worker counts its slots wrongly";
        count += worker->slot_count;
    }
    return count == self->slot_count ? NULL : "workers count their slots wrongly";
}

// Whether a job that crashed its slot is leased, and not alone.
static bool has_suspect(const dc_lease_t *lease)
{
    const dc_chunk_t *chunk = lease->chunk;
    for (uint32_t i = 0; i < chunk->suspect_count && lease->end - lease->next > 1; i++) {
        const dc_suspect_t *suspect = &chunk->suspects[i];
        bool is_in = lease->next <= suspect->index && suspect->index < lease->end;
        if (is_in && suspect->crashes && !dc_ranges_has(&chunk->answered, suspect->index)) {
            return true;
        }
    }
    return false;
}

static const char *audit_lease(const dc_slot_t *slot, const dc_lease_t *lease, dc_audit_t *sums)
{
    if (lease->slot != slot) return "a lease is in the list of another slot";
    if (lease->next > lease->end || lease->end > lease->offered_end) {
        return "a lease's range is wrong";
    }
    sums->leases += lease->chunk != NULL;
    sums->void_leases += lease->chunk == NULL;
    if (!lease->chunk) return NULL;
    if (!dc_kind_has(slot->kind, lease->chunk->batch->lane)) {
        return "a slot has a lease of a batch whose tag it does not carry";
    }
    return has_suspect(lease) ? "a job that may have crashed its slot is leased with others" : NULL;
}

// Sums of fractions drift by what they are rounded to.
static bool is_near(double sum, double expected)
{
    return fabs(sum - expected) <= 1 + 1e-6 * fabs(expected);
}

static const char *audit_room(const dc_slot_t *slot)
{
    if (slot->room != DC_ROOM_NONE && slot->is_draining) {
        return "a slot that leaves is offered work";
    }
    bool is_left_out = slot->is_short || (slot->is_loaded && slot->kind->fit_count);
    if (is_left_out && slot->room != DC_ROOM_NONE)
        return "a slot is offered work that its machine cannot do";
    if (slot->is_plain || slot->is_draining || is_left_out) return NULL;
    bool is_idle = slot->room == DC_ROOM_IDLE;
    return is_idle == (slot->lease_count == 0) ? NULL
                                               : "a slot is idle and not seen to be, or seen";
}

// What a plain worker does not answer is given to others when its time is over, and a tick later.
static bool is_overdue(const dc_core_t *self, const dc_slot_t *slot)
{
    const dc_lease_t *lease = slot->is_plain ? slot->leases : NULL;
    return lease && lease->open && self->now - lease->since_ms > DC_JOB_TIMEOUT_MS + 10000;
}

static const char *audit_slot(const dc_core_t *self, const dc_slot_t *slot, dc_audit_t *sums)
{
    uint32_t count = 0;
    uint32_t guesses = 0;
    double work_us = 0;
    for (const dc_lease_t *lease = slot->leases; lease; lease = lease->next_in_slot) {
        count++;
        guesses += lease->is_guess;
        work_us += lease->cost_us;
        const char *flaw = audit_lease(slot, lease, sums);
        if (flaw) return flaw;
    }
    const dc_slot_t *known = slot;
    if (!slot->is_plain) {
        HASH_FIND(hh_session, self->by_session, &slot->session, sizeof slot->session, known);
    }
    if (known != slot) return "two slots have one session, or one has none";
    if (!is_near(slot->work_us, work_us)) return "a slot's work is miscounted";
    if (is_overdue(self, slot)) return "a plain worker's job is overdue and nobody else's";
    if (count != slot->lease_count) return "a slot counts its leases wrongly";
    if (guesses != slot->guess_count) return "a slot counts leases of unknown cost wrongly";
    bool should_be_guessing = !slot->is_plain && guesses && !slot->is_cut;
    if ((count > 0) != (slot->busy_prev != NULL)) {
        return "a slot is said to have leases, or not to";
    }
    if (should_be_guessing != (slot->guess_prev != NULL)) {
        return "a slot is said to have leases of unknown cost, or not to";
    }
    sums->busy += !slot->is_plain && count;
    return audit_room(slot);
}

// Those that go before others are in front, up to the one that is remembered, if any.
static const char *audit_ahead(const dc_level_t *level)
{
    const dc_turn_t *turn = level->ring;
    const dc_turn_t *last = NULL;
    for (; turn && turn->is_ahead; turn = turn->next) {
        last = turn;
    }
    if (last != level->ahead) return "a level does not know who goes before others";
    while (turn && !turn->is_ahead) {
        turn = turn->next;
    }
    if (turn) return "who goes before others is behind them";
    return level->ahead_us >= 0 ? NULL : "who goes before others was given less than nothing";
}

static const char *audit_levels(const dc_lane_t *lane)
{
    for (unsigned level = 0; level < DC_LEVELS; level++) {
        uint32_t count = 0;
        uint64_t batches = 0;
        const dc_turn_t *turn = lane->levels[level].ring;
        if ((lane->waiting_levels >> level & 1) != (turn != NULL)) {
            return "a level is said to wait, or not to";
        }
        for (; turn; turn = turn->next, count++) {
            if (turn->lane != lane || turn->level != level || !turn->ages.oldest)
                return "a turn waits where it should not";
            const char *flaw = dc_ages_flaw(&turn->ages);
            if (flaw) return flaw;
            const dc_batch_t *batch;
            DL_FOREACH2(turn->ages.oldest, batch, turn_next)
            {
                batches += !batch->is_plain;
            }
        }
        const char *flaw = audit_ahead(&lane->levels[level]);
        if (flaw) return flaw;
        if (batches != lane->levels[level].batch_count) return "a level counts its batches wrongly";
        if (count != lane->levels[level].turn_count) return "a level counts its turns wrongly";
    }
    return NULL;
}

// Which slots and batches have `lane`.
static const char *audit_users(const dc_core_t *self, const dc_lane_t *lane)
{
    uint32_t slots = 0;
    uint32_t idle = 0;
    uint32_t uses = 0;
    uint64_t ready = 0;
    for (const dc_slot_t *slot = self->slots; slot; slot = slot->hh.next) {
        if (!dc_kind_has(slot->kind, lane)) continue;
        slots++;
        idle += slot->room == DC_ROOM_IDLE;
    }
    for (const dc_kind_t *kind = self->kinds; kind; kind = kind->next) {
        uses += dc_kind_has(kind, lane);
    }
    for (const dc_batch_t *batch = self->batches; batch; batch = batch->hh_number.next) {
        if (batch->lane != lane) continue;
        uses++;
        ready += batch->ready_count;
    }
    if (slots != lane->slot_count) return "a lane counts its slots wrongly";
    if (idle != lane->idle_count) return "a lane counts its idle slots wrongly";
    if (dc_lane_is_common(lane)) return NULL; // plain requests are in no list of batches
    if (uses != lane->use_count) return "a lane is kept for nobody, or used unseen";
    return ready == lane->ready_count ? NULL : "a lane counts its ready jobs wrongly";
}

static const char *audit_lanes(const dc_core_t *self)
{
    uint64_t ready = self->common.ready_count;
    const char *flaw = audit_levels(&self->common);
    if (!flaw) flaw = audit_users(self, &self->common);
    for (const dc_lane_t *lane = self->lanes; lane && !flaw; lane = lane->hh.next) {
        flaw = audit_levels(lane);
        if (!flaw) flaw = audit_users(self, lane);
        ready += lane->ready_count;
    }
    if (flaw) return flaw;
    return ready == self->ready_count ? NULL : "lanes count ready jobs wrongly";
}

static const char *audit_fitness(const dc_core_t *self, const dc_kind_t *kind)
{
    uint32_t count = 0;
    for (const dc_slot_t *slot = self->slots; slot; slot = slot->hh.next) {
        bool is_fit = !slot->is_plain && !slot->is_draining && !slot->is_loaded && !slot->is_short;
        if (slot->kind == kind && is_fit != slot->is_fit) return "a slot is fit, or is not";
        count += slot->kind == kind && is_fit;
    }
    return count == kind->fit_count ? NULL : "a kind counts those wrongly that are fit";
}

// Which slots a kind has, and in which of its lists.
static const char *audit_kinds(const dc_core_t *self)
{
    uint64_t count = 0;
    for (const dc_kind_t *kind = self->kinds; kind; kind = kind->next) {
        if (kind->slot_count == 0) return "a kind is kept that has no slots";
        if (kind->next && kind->lane_count > kind->next->lane_count)
            return "a kind with more tags goes first";
        count += kind->slot_count;
        const char *unfit = audit_fitness(self, kind);
        if (unfit) return unfit;
        for (dc_room_t room = 0; room < DC_ROOM_NONE; room++) {
            const dc_slot_t *slot = kind->with_room[room];
            for (; slot; slot = slot->room_next) {
                if (slot->kind != kind || slot->room != room) return "a slot is in a wrong list";
            }
        }
    }
    return count == HASH_COUNT(self->slots) ? NULL : "kinds count their slots wrongly";
}

static bool may_any(const dc_kind_t *kind, dc_room_t room, const dc_turn_t *turn)
{
    const dc_slot_t *slot = kind->with_room[room];
    while (slot && !dc_turns_may(turn, slot)) {
        slot = slot->room_next;
    }
    return slot;
}

static const char *audit_waiting(const dc_kind_t *kind, const dc_lane_t *lane)
{
    for (unsigned level = 0; level < DC_LEVELS; level++) {
        for (const dc_turn_t *turn = lane->levels[level].ring; turn; turn = turn->next) {
            if (may_any(kind, DC_ROOM_IDLE, turn) || may_any(kind, DC_ROOM_SOME, turn)) {
                return "work is ready and a slot has room";
            }
        }
    }
    return NULL;
}

// Nothing is ready while a slot that may compute it has room, once a turn has been dispatched.
static const char *audit_idleness(const dc_core_t *self)
{
    const char *flaw = NULL;
    if (self->is_dispatch_due) return NULL;
    for (const dc_kind_t *kind = self->kinds; kind; kind = kind->next) {
        for (size_t i = 0; i < kind->lane_count && !flaw; i++) {
            flaw = audit_waiting(kind, kind->lanes[i]);
        }
    }
    return flaw;
}

// What the turns of `client` count of all its batches.
static const char *audit_turns(const dc_client_t *client)
{
    uint64_t batches = 0;
    uint64_t parts = 0;
    for (const dc_turn_t *turn = client->turns; turn; turn = turn->client_next) {
        batches += turn->batch_count;
        parts += turn->part_count;
    }
    for (const dc_batch_t *batch = client->batches; batch; batch = batch->client_next) {
        batches--;
        parts -= batch->part_count;
    }
    if (batches) return "a client's turns count its batches wrongly";
    return parts ? "a client's turns count open parts wrongly" : NULL;
}

static const char *audit_all_turns(const dc_core_t *self)
{
    const char *flaw = audit_turns(&self->keeper);
    for (const dc_client_t *client = self->clients; client && !flaw; client = client->hh.next) {
        flaw = audit_turns(client);
    }
    return flaw;
}

const char *dc_audit_slots(const dc_core_t *self, dc_audit_t *sums)
{
    const char *flaw = NULL;
    for (const dc_slot_t *slot = self->slots; slot && !flaw; slot = slot->hh.next) {
        flaw = audit_slot(self, slot, sums);
    }
    if (!flaw) flaw = audit_workers(self);
    if (!flaw) flaw = audit_lanes(self);
    if (!flaw) flaw = audit_all_turns(self);
    if (!flaw) flaw = audit_kinds(self);
    if (!flaw) flaw = audit_idleness(self);
    return flaw;
}
