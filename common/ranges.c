#include "common/ranges.h"

#include <stdlib.h>
#include <string.h>

// How many ranges fit when the room in place no longer does.
#define CAPACITY_FIRST 4

void dc_ranges_init(dc_ranges_t *self)
{
    *self = (dc_ranges_t){ .capacity = 1 };
    self->list = &self->one;
}

void dc_ranges_fini(dc_ranges_t *self)
{
    if (self->list != &self->one) free(self->list);
    dc_ranges_init(self);
}

void dc_ranges_clear(dc_ranges_t *self)
{
    self->len = 0;
    self->count = 0;
}

// The first range that ends behind `index`; `len` if there is none.
static uint32_t find_end_after(const dc_ranges_t *self, uint64_t index)
{
    uint32_t low = 0;
    uint32_t high = self->len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (self->list[middle].end > index) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static bool reserve_one(dc_ranges_t *self)
{
    if (self->len < self->capacity) return true;
    bool is_in_place = self->list == &self->one;
    uint32_t capacity = is_in_place ? CAPACITY_FIRST : self->capacity;
    if (!is_in_place && __builtin_mul_overflow(capacity, 2u, &capacity)) return false;
    dc_range_t *list = realloc(is_in_place ? NULL : self->list, capacity * sizeof *list);
    if (!list) return false;
    if (is_in_place) list[0] = self->one;
    self->list = list;
    self->capacity = capacity;
    return true;
}

static bool insert_at(dc_ranges_t *self, uint32_t at, dc_range_t range)
{
    if (!reserve_one(self)) return false;
    memmove(&self->list[at + 1], &self->list[at], (self->len - at) * sizeof *self->list);
    self->list[at] = range;
    self->len++;
    return true;
}

static void cut_out(dc_ranges_t *self, uint32_t at, uint32_t end)
{
    memmove(&self->list[at], &self->list[end], (self->len - end) * sizeof *self->list);
    self->len -= end - at;
}

bool dc_ranges_add(dc_ranges_t *self, uint64_t first, uint64_t end)
{
    if (first >= end) return true;
    // The usual cases: the first range, and one that grows at its end.
    if (self->len == 0 || self->list[self->len - 1].end == first) {
        if (self->len == 0) self->list[self->len++].first = first;
        self->list[self->len - 1].end = end;
        self->count += end - first;
        return true;
    }
    // Ranges that touch become one, so a neighbour that ends at `first` is met too.
    uint32_t at = first ? find_end_after(self, first - 1) : 0;
    uint32_t behind = at;
    dc_range_t sum = { first, end };
    uint64_t covered = 0;
    for (; behind < self->len && self->list[behind].first <= end; behind++) {
        dc_range_t *met = &self->list[behind];
        covered += met->end - met->first;
        sum.first = dc_min_u64(sum.first, met->first);
        sum.end = dc_max_u64(sum.end, met->end);
    }
    if (behind == at) {
        if (!insert_at(self, at, sum)) return false;
    } else {
        self->list[at] = sum;
        cut_out(self, at + 1, behind);
    }
    self->count += sum.end - sum.first - covered;
    return true;
}

bool dc_ranges_remove(dc_ranges_t *self, uint64_t first, uint64_t end)
{
    if (first >= end) return true;
    uint32_t at = find_end_after(self, first);
    if (at == self->len || self->list[at].first >= end) return true;
    dc_range_t *met = &self->list[at];
    if (met->first < first && met->end > end) {
        if (!insert_at(self, at + 1, (dc_range_t){ end, met->end })) return false;
        self->list[at].end = first;
        self->count -= end - first;
        return true;
    }
    if (met->first < first) {
        self->count -= met->end - first;
        met->end = first;
        at++;
    }
    uint32_t behind = at;
    for (; behind < self->len && self->list[behind].end <= end; behind++) {
        self->count -= self->list[behind].end - self->list[behind].first;
    }
    if (behind < self->len && self->list[behind].first < end) {
        self->count -= end - self->list[behind].first;
        self->list[behind].first = end;
    }
    cut_out(self, at, behind);
    return true;
}

const dc_range_t *dc_ranges_find(const dc_ranges_t *self, uint64_t index)
{
    uint32_t at = find_end_after(self, index);
    bool is_in = at < self->len && self->list[at].first <= index;
    return is_in ? &self->list[at] : NULL;
}

uint64_t dc_ranges_count_in(const dc_ranges_t *self, uint64_t first, uint64_t end)
{
    uint64_t count = 0;
    for (uint32_t i = find_end_after(self, first); i < self->len; i++) {
        if (self->list[i].first >= end) break;
        count += dc_min_u64(self->list[i].end, end) - dc_max_u64(self->list[i].first, first);
    }
    return count;
}

bool dc_ranges_next_gap(const dc_ranges_t *self, uint64_t from, uint64_t end, dc_range_t *gap)
{
    uint32_t at = find_end_after(self, from);
    if (at < self->len && self->list[at].first <= from) from = self->list[at++].end;
    if (from >= end) return false;
    *gap = (dc_range_t){ from, at < self->len ? dc_min_u64(self->list[at].first, end) : end };
    return true;
}

bool dc_ranges_next_run(const dc_ranges_t *self, uint64_t from, uint64_t end, dc_range_t *run)
{
    uint32_t at = find_end_after(self, from);
    if (at == self->len) return false;
    dc_range_t cut = { dc_max_u64(self->list[at].first, from),
                       dc_min_u64(self->list[at].end, end) };
    if (cut.first >= cut.end) return false;
    *run = cut;
    return true;
}
