#include "broker/core/schedule/lanes.h"

#include <stdlib.h>

// --- lanes -------------------------------------------------------------------------------------

static dc_lane_t *make_lane(dc_core_t *self, dc_str_t tag)
{
    assert(tag.len <= DC_TAG_BYTES_MAX);
    dc_lane_t *lane = calloc(1, sizeof *lane);
    if (!lane) return NULL;
    memcpy(lane->tag, tag.data, tag.len);
    HASH_ADD_KEYPTR(hh, self->lanes, lane->tag, tag.len, lane);
    if (DC_MAP_ADDED(lane)) return lane;
    free(lane);
    return NULL;
}

dc_lane_t *dc_lanes_use(dc_core_t *self, dc_str_t tag)
{
    if (tag.len == 0) return &self->common;
    dc_lane_t *lane;
    HASH_FIND(hh, self->lanes, tag.data, tag.len, lane);
    if (!lane) lane = make_lane(self, tag);
    if (lane) lane->use_count++;
    return lane;
}

void dc_lanes_drop(dc_core_t *self, dc_lane_t *lane)
{
    if (lane == &self->common || --lane->use_count) return;
    assert(!lane->waiting_levels && !lane->ready_count && !lane->slot_count);
    HASH_DEL(self->lanes, lane);
    free(lane);
}

// --- kinds -------------------------------------------------------------------------------------

static void drop_lanes(dc_core_t *self, dc_kind_t *kind)
{
    while (kind->lane_count > 1) {
        dc_lanes_drop(self, kind->lanes[--kind->lane_count]);
    }
}

// Put `lane` where its tag belongs, unless it is there. The kind has its use.
static void insert_lane(dc_core_t *self, dc_kind_t *kind, dc_lane_t *lane)
{
    size_t at = 1;
    while (at < kind->lane_count && strcmp(kind->lanes[at]->tag, lane->tag) < 0) {
        at++;
    }
    if (at < kind->lane_count && kind->lanes[at] == lane) {
        dc_lanes_drop(self, lane); // it was said twice
        return;
    }
    size_t behind = kind->lane_count++ - at;
    memmove(&kind->lanes[at + 1], &kind->lanes[at], behind * sizeof *kind->lanes);
    kind->lanes[at] = lane;
}

static bool gather_lanes(dc_core_t *self, dc_kind_t *kind, const dc_str_t *tags, size_t count)
{
    kind->lanes[kind->lane_count++] = &self->common;
    for (size_t i = 0; i < count; i++) {
        dc_lane_t *lane = dc_lanes_use(self, tags[i]);
        if (!lane) {
            drop_lanes(self, kind);
            return false;
        }
        insert_lane(self, kind, lane);
    }
    return true;
}

static dc_kind_t *find_kind(const dc_core_t *self, const dc_kind_t *like)
{
    dc_kind_t *kind = self->kinds;
    size_t bytes = like->lane_count * sizeof *like->lanes;
    while (kind &&
           (kind->lane_count != like->lane_count || memcmp(kind->lanes, like->lanes, bytes) != 0)) {
        kind = kind->next;
    }
    return kind;
}

// Those with fewer tags go first, so that common work leaves alone whom others need.
static void insert_kind(dc_core_t *self, dc_kind_t *kind)
{
    dc_kind_t *behind = self->kinds;
    while (behind && behind->lane_count <= kind->lane_count) {
        behind = behind->next;
    }
    if (behind) {
        DL_PREPEND_ELEM(self->kinds, behind, kind);
    } else {
        DL_APPEND(self->kinds, kind);
    }
}

// The kind that has the lanes of `like`, which gives up its use of them.
static dc_kind_t *obtain_kind(dc_core_t *self, dc_kind_t *like)
{
    dc_kind_t *kind = find_kind(self, like);
    if (kind) {
        drop_lanes(self, like);
        return kind;
    }
    kind = malloc(sizeof *kind);
    if (!kind) {
        drop_lanes(self, like);
        return NULL;
    }
    *kind = *like;
    insert_kind(self, kind);
    return kind;
}

bool dc_lanes_enter(dc_core_t *self, dc_slot_t *slot, const dc_str_t *tags, size_t count)
{
    dc_kind_t like = { 0 };
    if (!gather_lanes(self, &like, tags, count)) return false;
    slot->kind = obtain_kind(self, &like);
    if (!slot->kind) return false;
    slot->kind->slot_count++;
    for (size_t i = 0; i < slot->kind->lane_count; i++) {
        slot->kind->lanes[i]->slot_count++;
    }
    return true;
}

void dc_lanes_leave(dc_core_t *self, dc_slot_t *slot)
{
    dc_kind_t *kind = slot->kind;
    assert(slot->room == DC_ROOM_NONE);
    for (size_t i = 0; i < kind->lane_count; i++) {
        kind->lanes[i]->slot_count--;
    }
    slot->kind = NULL;
    if (--kind->slot_count) return;
    DL_DELETE(self->kinds, kind);
    drop_lanes(self, kind);
    free(kind);
}
