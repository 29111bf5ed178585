// turn — a client's batches of one priority, in one lane, and what it may use before others have
// their turn.
#ifndef DC_BROKER_CORE_SCHEDULE_TURN_H
#define DC_BROKER_CORE_SCHEDULE_TURN_H

#include "broker/core/schedule/ages.h"
#include "common/base.h"
#include "common/limits.h"

struct dc_batch;
struct dc_client;
struct dc_lane;

// One level for each priority, the lowest first.
#define DC_LEVELS (DC_PRIORITY_MAX - DC_PRIORITY_MIN + 1)

typedef struct dc_turn {
    struct dc_client *client;
    struct dc_lane *lane;
    uint8_t level;
    uint32_t batch_count;        // batches that have it
    uint64_t part_count;         // open parts of jobs of theirs
    dc_ages_t ages;              // of these, those that may be leased from
    double deficit_us;           // worker time that is left of it
    bool is_ahead;               // since it came it has not used up one
    struct dc_turn *prev, *next; // of all that wait at its lane's level, whose turn it is first
    struct dc_turn *client_prev, *client_next; // of its client's
} dc_turn_t;

static inline bool dc_is_priority(int64_t priority)
{
    return DC_PRIORITY_MIN <= priority && priority <= DC_PRIORITY_MAX;
}

static inline uint8_t dc_level_of(int priority)
{
    return (uint8_t)(priority - DC_PRIORITY_MIN);
}

static inline int dc_priority_of(uint8_t level)
{
    return (int)level + DC_PRIORITY_MIN;
}

#endif
