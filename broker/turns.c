#include "broker/turns.h"

#include <math.h>
#include <stdlib.h>

#include "broker/client.h"

// What a level that waits gains of the worker time that others are given; and the most that it can
// save up, so that who waited behind much is not given everything afterwards.
#define GAIN          0.05
#define GAINED_US_MAX 1e6

static bool is_below_another(const dc_core_t *self, unsigned level)
{
    return self->waiting_levels >> level > 1;
}

// --- who has a turn ----------------------------------------------------------------------------

static dc_turn_t *find_turn(const dc_client_t *client, uint8_t level)
{
    dc_turn_t *turn = client->turns;
    while (turn && turn->level != level) {
        turn = turn->client_next;
    }
    return turn;
}

static dc_turn_t *make_turn(dc_client_t *client, uint8_t level)
{
    dc_turn_t *turn = calloc(1, sizeof *turn);
    if (!turn) return NULL;
    turn->client = client;
    turn->level = level;
    DL_APPEND2(client->turns, turn, client_prev, client_next);
    return turn;
}

bool dc_turns_join(dc_core_t *self, dc_batch_t *batch)
{
    dc_turn_t *turn = find_turn(batch->client, batch->level);
    if (!turn) turn = make_turn(batch->client, batch->level);
    if (!turn) return false;
    turn->batch_count++;
    batch->turn = turn;
    if (batch->level < self->lowest_level) self->lowest_level = batch->level;
    dc_turns_see(self, batch);
    return true;
}

// --- rings -------------------------------------------------------------------------------------

static void enter_ring(dc_core_t *self, dc_turn_t *turn)
{
    DL_APPEND(self->levels[turn->level].ring, turn);
    turn->deficit_us = DC_TURN_US;
    self->waiting_levels |= UINT32_C(1) << turn->level;
    if (turn->level > self->lowest_level) self->is_preempt_due = true;
}

static void leave_ring(dc_core_t *self, dc_turn_t *turn)
{
    dc_level_t *level = &self->levels[turn->level];
    DL_DELETE(level->ring, turn);
    if (level->ring) return;
    self->waiting_levels &= ~(UINT32_C(1) << turn->level);
    if (level->gained_us > 0) level->gained_us = 0;
}

// Older batches first; a batch that comes back had its place before the younger ones.
static void insert_by_age(dc_turn_t *turn, dc_batch_t *batch)
{
    dc_batch_t *behind = turn->batches;
    if (behind && behind->turn_prev->number < batch->number) behind = NULL;
    while (behind && behind->number < batch->number) {
        behind = behind->turn_next;
    }
    if (behind) {
        DL_PREPEND_ELEM2(turn->batches, behind, batch, turn_prev, turn_next);
    } else {
        DL_APPEND2(turn->batches, batch, turn_prev, turn_next);
    }
}

static void enter_turn(dc_core_t *self, dc_batch_t *batch)
{
    dc_turn_t *turn = batch->turn;
    bool was_empty = !turn->batches;
    insert_by_age(turn, batch);
    self->is_dispatch_due = true; // what an orphan had ready is new to the turns as well
    if (was_empty) enter_ring(self, turn);
}

static void leave_turn(dc_core_t *self, dc_batch_t *batch)
{
    dc_turn_t *turn = batch->turn;
    DL_DELETE2(turn->batches, batch, turn_prev, turn_next);
    batch->turn_prev = batch->turn_next = NULL;
    if (!turn->batches) leave_ring(self, turn);
}

void dc_turns_see(dc_core_t *self, dc_batch_t *batch)
{
    bool is_in = batch->turn_prev != NULL;
    bool should = batch->turn && !batch->is_held && dc_batch_next_ready(batch);
    if (should && !is_in) enter_turn(self, batch);
    if (!should && is_in) leave_turn(self, batch);
}

void dc_turns_leave(dc_core_t *self, dc_batch_t *batch)
{
    dc_turn_t *turn = batch->turn;
    if (!turn) return;
    if (batch->turn_prev) leave_turn(self, batch);
    batch->turn = NULL;
    if (--turn->batch_count) return;
    DL_DELETE2(turn->client->turns, turn, client_prev, client_next);
    free(turn);
}

bool dc_turns_move(dc_core_t *self, dc_batch_t *batch, uint8_t level)
{
    dc_client_t *client = batch->client;
    if (batch->level == level) return true;
    if (client && !find_turn(client, level) && !make_turn(client, level)) return false;
    dc_turns_leave(self, batch);
    batch->level = level;
    if (!client) return true;
    bool is_joined = dc_turns_join(self, batch);
    assert(is_joined); // its turn is there
    return is_joined;
}

// --- whose turn it is --------------------------------------------------------------------------

// The batch of `turn` that a slot may be leased from: where too many of its client's results are
// under way only one whose oldest open chunk is ready, since that is what the client waits for, or
// a part, whose result stays here.
static dc_batch_t *leasable_batch(const dc_turn_t *turn)
{
    if (!dc_client_is_throttled(turn->client)) return turn->batches;
    dc_batch_t *batch;
    DL_FOREACH2(turn->batches, batch, turn_next)
    {
        if (batch->ready_parts || batch->ready->chunk == dc_batch_oldest_open(batch)) return batch;
    }
    return NULL;
}

// The batch of `turn` that a plain worker may be leased from: no parts.
static dc_batch_t *plain_batch(const dc_turn_t *turn)
{
    dc_batch_t *batch = turn->client->is_plain ? turn->batches : NULL;
    while (batch && !batch->ready) {
        batch = batch->turn_next;
    }
    return batch;
}

static void end_turn(dc_level_t *level, dc_turn_t *turn)
{
    DL_DELETE(level->ring, turn);
    DL_APPEND(level->ring, turn);
    turn->deficit_us += DC_TURN_US;
    if (turn->deficit_us > DC_TURN_US) turn->deficit_us = DC_TURN_US;
}

// The next batch of one level. Who owes more than a turn is passed over until that is paid off,
// unless it is alone.
static dc_batch_t *next_of_level(dc_level_t *level, bool is_plain_only)
{
    dc_turn_t *first_passed = NULL;
    while (level->ring && level->ring != first_passed) {
        dc_turn_t *turn = level->ring;
        dc_batch_t *batch = is_plain_only ? plain_batch(turn) : leasable_batch(turn);
        bool is_alone = turn->next == NULL;
        if (is_alone && turn->deficit_us < 0) turn->deficit_us = 0; // it owes nobody
        if (batch && (turn->deficit_us > 0 || is_alone)) return batch;
        if (!batch && !first_passed) first_passed = turn;
        if (batch) first_passed = NULL;
        end_turn(level, turn);
    }
    return NULL;
}

// The level that has gained most, if any has; DC_LEVELS if not.
static unsigned richest_level(const dc_core_t *self)
{
    unsigned richest = DC_LEVELS;
    double most_us = DC_TURN_US; // less is not worth passing others by
    for (uint32_t levels = self->waiting_levels; levels; levels &= levels - 1) {
        unsigned level = (unsigned)__builtin_ctz(levels);
        if (self->levels[level].gained_us <= most_us) continue;
        most_us = self->levels[level].gained_us;
        richest = level;
    }
    return richest;
}

dc_batch_t *dc_turns_next(dc_core_t *self, bool is_plain_only)
{
    uint32_t levels = self->waiting_levels;
    bool is_one = (levels & (levels - 1)) == 0;
    unsigned richest = is_one ? DC_LEVELS : richest_level(self);
    if (richest < DC_LEVELS) {
        dc_batch_t *batch = next_of_level(&self->levels[richest], is_plain_only);
        if (batch) return batch;
    }
    while (levels) {
        unsigned level = 31 - (unsigned)__builtin_clz(levels);
        dc_batch_t *batch = next_of_level(&self->levels[level], is_plain_only);
        if (batch) return batch;
        levels &= ~(UINT32_C(1) << level);
    }
    return NULL;
}

void dc_turns_spend(dc_core_t *self, const dc_batch_t *batch, double us)
{
    if (!batch->turn) return;
    batch->turn->deficit_us -= us;
    if (is_below_another(self, batch->level)) self->levels[batch->level].gained_us -= us;
    uint32_t others = self->waiting_levels & ~(UINT32_C(1) << batch->level);
    for (; others; others &= others - 1) {
        dc_level_t *level = &self->levels[__builtin_ctz(others)];
        level->gained_us = fmin(level->gained_us + GAIN * us, GAINED_US_MAX);
    }
}
