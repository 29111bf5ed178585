#include "broker/core/schedule/turns.h"

#include <stdlib.h>

#include "broker/core/clients/client.h"
#include "broker/core/jobs/packed.h"
#include "broker/core/slots/verify.h"

// What a level that waits gains of the worker time that others are given; and the most that it can
// save up, so that who waited behind much is not given everything afterwards.
#define GAIN          0.05
#define GAINED_US_MAX 1e6

// How much less than another a lane may have been served, for each of its clients: what it was not
// there for, or had no slots for, it is not given afterwards.
#define BEHIND_US_MAX 100000

static dc_level_t *level_of(const dc_turn_t *turn)
{
    return &turn->lane->levels[turn->level];
}

// --- who has a turn ----------------------------------------------------------------------------

static dc_turn_t *find_turn(const dc_client_t *client, const dc_lane_t *lane, uint8_t level)
{
    dc_turn_t *turn = client->turns;
    while (turn && (turn->level != level || turn->lane != lane)) {
        turn = turn->client_next;
    }
    return turn;
}

static dc_turn_t *make_turn(dc_client_t *client, dc_lane_t *lane, uint8_t level)
{
    dc_turn_t *turn = calloc(1, sizeof *turn);
    if (!turn) return NULL;
    turn->client = client;
    turn->lane = lane;
    turn->level = level;
    DL_APPEND2(client->turns, turn, client_prev, client_next);
    return turn;
}

bool dc_turns_join(dc_core_t *self, dc_batch_t *batch)
{
    dc_turn_t *turn = find_turn(batch->client, batch->lane, batch->level);
    if (!turn) turn = make_turn(batch->client, batch->lane, batch->level);
    if (!turn) return false;
    turn->batch_count++;
    turn->part_count += batch->part_count;
    batch->turn = turn;
    if (batch->level < self->lowest_level) self->lowest_level = batch->level;
    dc_turns_see(self, batch);
    return true;
}

// --- rings -------------------------------------------------------------------------------------

// Reckon what a level that waits has gained since that was done last. The highest of those that
// wait pays off what it owes and gains no more: it goes first anyway, and what it saved up it would
// have before those that come above it. (Nor may others have to gain more than it to be given
// anything.)
static void reckon(const dc_lane_t *lane, dc_level_t *level, bool is_highest)
{
    if (level->ring) {
        double most_us = GAINED_US_MAX;
        if (is_highest) most_us = level->gained_us > 0 ? level->gained_us : 0;
        level->gained_us += GAIN * (lane->given_us - level->seen_us);
        if (level->gained_us > most_us) level->gained_us = most_us;
    }
    level->seen_us = lane->given_us;
}

// Who comes goes before those that have used up a turn since they came: it may want little. When
// such turns have had more than one in all, those others have theirs first.
static void find_place(dc_core_t *self, dc_level_t *level, dc_turn_t *turn)
{
    turn->is_ahead = level->ahead_us < DC_TURN_US;
    if (!turn->is_ahead) {
        DL_APPEND(level->ring, turn);
        return;
    }
    if (level->ahead) {
        DL_APPEND_ELEM(level->ring, level->ahead, turn);
    } else {
        DL_PREPEND(level->ring, turn);
    }
    level->ahead = turn;
    self->is_yield_due = true;
}

// The last of those that go before others may be about to leave its place.
static void see_leaving(dc_level_t *level, const dc_turn_t *turn)
{
    if (level->ahead == turn) level->ahead = turn == level->ring ? NULL : turn->prev;
}

static void enter_ring(dc_core_t *self, dc_turn_t *turn)
{
    dc_level_t *level = level_of(turn);
    if (!level->ring) level->seen_us = turn->lane->given_us;
    find_place(self, level, turn);
    level->turn_count++;
    turn->deficit_us = DC_TURN_US;
    turn->lane->waiting_levels |= UINT32_C(1) << turn->level;
    bool may_begin = !turn->client->is_over_rate;
    if (turn->level > self->lowest_level && may_begin) self->is_preempt_due = true;
}

static void leave_ring(dc_turn_t *turn)
{
    dc_level_t *level = level_of(turn);
    reckon(turn->lane, level, false);
    see_leaving(level, turn);
    DL_DELETE(level->ring, turn);
    level->turn_count--;
    if (level->ring) return;
    turn->lane->waiting_levels &= ~(UINT32_C(1) << turn->level);
    // What it has leased may be taken back for what is more urgent, again and again: it must not
    // lose what it has gained each time. More than a turn nobody keeps for what is to come.
    if (level->gained_us > DC_TURN_US) level->gained_us = DC_TURN_US;
}

static void enter_turn(dc_core_t *self, dc_batch_t *batch)
{
    dc_turn_t *turn = batch->turn;
    bool was_empty = !turn->ages.oldest;
    dc_ages_insert(&turn->ages, batch);
    level_of(turn)->batch_count += !batch->is_plain;
    self->is_dispatch_due = true; // what an orphan had ready is new to the turns as well
    if (was_empty) enter_ring(self, turn);
}

static void leave_turn(dc_batch_t *batch)
{
    dc_turn_t *turn = batch->turn;
    dc_ages_remove(&turn->ages, batch);
    level_of(turn)->batch_count -= !batch->is_plain;
    if (!turn->ages.oldest) leave_ring(turn);
}

void dc_turns_see(dc_core_t *self, dc_batch_t *batch)
{
    if (batch->backlog) dc_packed_see(self, batch);
    bool is_in = batch->turn_prev != NULL;
    bool should = batch->turn && !batch->is_held && dc_batch_next_ready(batch);
    if (should && !is_in) enter_turn(self, batch);
    if (!should && is_in) leave_turn(batch);
}

void dc_turns_leave(dc_batch_t *batch)
{
    dc_turn_t *turn = batch->turn;
    if (!turn) return;
    if (batch->turn_prev) leave_turn(batch);
    batch->turn = NULL;
    turn->part_count -= batch->part_count;
    if (--turn->batch_count) return;
    DL_DELETE2(turn->client->turns, turn, client_prev, client_next);
    free(turn);
}

bool dc_turns_move(dc_core_t *self, dc_batch_t *batch, uint8_t level)
{
    dc_client_t *client = batch->client;
    if (batch->level == level) return true;
    if (client && !find_turn(client, batch->lane, level) && !make_turn(client, batch->lane, level))
        return false;
    dc_turns_leave(batch);
    batch->level = level;
    if (!client) return true;
    bool is_joined = dc_turns_join(self, batch);
    assert(is_joined); // its turn is there
    return is_joined;
}

// --- whose turn it is --------------------------------------------------------------------------

// Whether `slot` may be leased what is next of `batch`. Where too many of its client's results are
// under way only what is of the oldest chunk that the client is not done with, since that is what
// it may wait for, or a part, whose result stays here. (The oldest that is not answered would be
// another as soon as it is, and a client whose output is not read would have to keep all results.)
// Who is over its rate is given parts only. Of a batch that is verified, what this slot has not
// answered.
static bool is_leasable(dc_batch_t *batch, const dc_slot_t *slot)
{
    if (dc_is_verified(batch)) return dc_verify_next(batch, slot);
    const dc_client_t *client = batch->client;
    if (!dc_client_is_slowed(client) || batch->ready_parts) return true;
    // Nobody waits for what the keeper has.
    bool is_awaited = !client->is_keeper && !client->is_over_rate;
    return is_awaited && batch->ready->chunk == dc_batch_oldest(batch);
}

// Whether nothing of `turn` may be leased, whichever of its batches it is: its client is over its
// rate, or the keeper has so much under way to the disk, and there are no parts, which go on. There
// may be very many batches, and for each message they would all be looked at.
static bool is_shut(const dc_turn_t *turn)
{
    const dc_client_t *client = turn->client;
    if (turn->part_count || !dc_client_is_slowed(client)) return false;
    return client->is_keeper || client->is_over_rate;
}

// The batch of `turn` that `slot` may be leased from.
static dc_batch_t *leasable_batch(const dc_turn_t *turn, const dc_slot_t *slot)
{
    if (is_shut(turn)) return NULL;
    dc_batch_t *batch;
    DL_FOREACH2(turn->ages.oldest, batch, turn_next)
    {
        if (is_leasable(batch, slot)) return batch;
    }
    return NULL;
}

// The batch of `turn` that a plain worker may be leased from: no parts.
static dc_batch_t *plain_batch(const dc_turn_t *turn)
{
    bool is_served = turn->client->is_plain && !turn->client->is_over_rate;
    dc_batch_t *batch = is_served ? turn->ages.oldest : NULL;
    while (batch && !batch->ready) {
        batch = batch->turn_next;
    }
    return batch;
}

bool dc_turns_may(const dc_turn_t *turn, const dc_slot_t *slot)
{
    return slot->is_plain ? plain_batch(turn) : leasable_batch(turn, slot);
}

static void end_turn(dc_level_t *level, dc_turn_t *turn)
{
    see_leaving(level, turn);
    DL_DELETE(level->ring, turn);
    DL_APPEND(level->ring, turn);
    turn->is_ahead = false;
    turn->deficit_us += DC_TURN_US;
    if (turn->deficit_us > DC_TURN_US) turn->deficit_us = DC_TURN_US;
}

// Who is alone owes nobody; it has used up a turn all the same.
static void begin_anew(dc_level_t *level, dc_turn_t *turn)
{
    see_leaving(level, turn);
    turn->is_ahead = false;
    turn->deficit_us = 0;
}

// The next batch of one level. Who owes more than a turn is passed over until that is paid off,
// unless it is alone.
static dc_batch_t *next_of_level(dc_level_t *level, const dc_slot_t *slot)
{
    dc_turn_t *first_passed = NULL;
    while (level->ring && level->ring != first_passed) {
        dc_turn_t *turn = level->ring;
        dc_batch_t *batch = slot->is_plain ? plain_batch(turn) : leasable_batch(turn, slot);
        bool is_alone = turn->next == NULL;
        if (is_alone && turn->deficit_us <= 0) begin_anew(level, turn);
        if (batch && (turn->deficit_us > 0 || is_alone)) return batch;
        if (!batch && !first_passed) first_passed = turn;
        if (batch) first_passed = NULL;
        end_turn(level, turn);
    }
    return NULL;
}

// Of those lanes of `kind` that wait at `level` and are not in `tried` (as bits), the place of the
// one that was served least; `lane_count` if there is none.
static size_t next_lane(const dc_kind_t *kind, unsigned level, uint32_t tried)
{
    size_t best = kind->lane_count;
    double most_us = 0;
    for (size_t i = 0; i < kind->lane_count; i++) {
        const dc_level_t *at = &kind->lanes[i]->levels[level];
        if (at->ring && at->served_us > most_us) most_us = at->served_us;
    }
    for (size_t i = 0; i < kind->lane_count; i++) {
        dc_level_t *at = &kind->lanes[i]->levels[level];
        if (!at->ring || tried >> i & 1) continue;
        if (at->served_us < most_us - BEHIND_US_MAX) at->served_us = most_us - BEHIND_US_MAX;
        if (best == kind->lane_count || at->served_us < kind->lanes[best]->levels[level].served_us)
            best = i;
    }
    return best;
}

// The next batch at `level` of any lane that `kind` has.
static dc_batch_t *next_at(const dc_kind_t *kind, unsigned level, const dc_slot_t *slot)
{
    uint32_t tried = 0;
    for (;;) {
        size_t at = next_lane(kind, level, tried);
        if (at == kind->lane_count) return NULL;
        dc_batch_t *batch = next_of_level(&kind->lanes[at]->levels[level], slot);
        if (batch) return batch;
        tried |= UINT32_C(1) << at;
    }
}
static_assert(DC_KIND_LANES_MAX <= 32, "there is a bit for each lane");

// The level below the highest that has gained most, if any has; NULL if not.
static dc_level_t *richest_level(const dc_kind_t *kind)
{
    unsigned highest = 31 - (unsigned)__builtin_clz(dc_kind_waiting_levels(kind));
    dc_level_t *richest = NULL;
    double most_us = DC_TURN_US; // less is not worth passing others by
    for (size_t i = 0; i < kind->lane_count; i++) {
        dc_lane_t *lane = kind->lanes[i];
        for (uint32_t levels = lane->waiting_levels; levels; levels &= levels - 1) {
            unsigned at = (unsigned)__builtin_ctz(levels);
            dc_level_t *level = &lane->levels[at];
            reckon(lane, level, at == highest);
            if (at == highest || level->gained_us <= most_us) continue;
            most_us = level->gained_us;
            richest = level;
        }
    }
    return richest;
}

dc_batch_t *dc_turns_next(const dc_slot_t *slot)
{
    const dc_kind_t *kind = slot->kind;
    uint32_t levels = dc_kind_waiting_levels(kind);
    bool is_one = (levels & (levels - 1)) == 0;
    dc_level_t *richest = is_one ? NULL : richest_level(kind);
    if (richest) {
        dc_batch_t *batch = next_of_level(richest, slot);
        if (batch) return batch;
    }
    while (levels) {
        unsigned level = 31 - (unsigned)__builtin_clz(levels);
        dc_batch_t *batch = next_at(kind, level, slot);
        if (batch) return batch;
        levels &= ~(UINT32_C(1) << level);
    }
    return NULL;
}

// Reckon what those that go before others, who wait, were given more than these.
static void count_ahead(dc_level_t *level, const dc_turn_t *turn, double us)
{
    bool others_wait = level->ring && !level->ring->prev->is_ahead;
    if (!turn->is_ahead) level->ahead_us -= us;
    if (turn->is_ahead && others_wait) level->ahead_us += us;
    if (level->ahead_us < 0) level->ahead_us = 0;
}

bool dc_turns_are_ahead(const dc_lane_t *lane)
{
    for (uint32_t levels = lane->waiting_levels; levels; levels &= levels - 1) {
        if (lane->levels[__builtin_ctz(levels)].ahead) return true;
    }
    return false;
}

void dc_turns_spend(const dc_core_t *self, const dc_batch_t *batch, const dc_slot_t *slot,
                    double us)
{
    if (!batch->turn) return;
    const dc_kind_t *kind = slot->kind;
    dc_level_t *level = level_of(batch->turn);
    batch->turn->deficit_us -= us;
    count_ahead(level, batch->turn, us);
    if (self->lanes) level->served_us += us / (level->turn_count ? level->turn_count : 1);
    bool is_below_another = dc_kind_waiting_levels(kind) >> batch->level > 1;
    reckon(batch->lane, level, !is_below_another);
    for (size_t i = 0; i < kind->lane_count; i++) {
        kind->lanes[i]->given_us += us;
    }
    level->seen_us = batch->lane->given_us; // by its own time it gains nothing
    if (is_below_another) level->gained_us -= us;
}
