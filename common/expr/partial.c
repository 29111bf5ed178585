#include "common/expr/partial.h"

#include <inttypes.h>

#include "common/expr/scan.h"
#include "common/limits.h"

// --- taking terms ------------------------------------------------------------------------------

static bool is_of_sum(dc_reduce_t kind)
{
    return kind == DC_REDUCE_SUM || kind == DC_REDUCE_MEAN;
}

void dc_partial_init(dc_partial_t *self, dc_reduce_t kind, uint64_t first)
{
    assert(dc_reduce_is_range(kind));
    self->kind = kind;
    self->first = self->next = first;
    self->strange = self->chosen = DC_PARTIAL_NONE;
    self->hits = 0;
    self->extreme = 0;
    if (is_of_sum(kind)) dc_exact_init(&self->sum);
    if (kind == DC_REDUCE_PROD) dc_product_init(&self->product, first);
}

static void note_strange(dc_partial_t *self, const double *values, uint32_t count)
{
    if (self->strange != DC_PARTIAL_NONE || dc_scan_is_finite(values, count)) return;
    uint32_t i = 0;
    while (isfinite(values[i])) {
        i++;
    }
    self->strange = self->next + i;
}

static void add_to_sum(dc_partial_t *self, const double *values, uint32_t count)
{
    const dc_exact_t *sum = &self->sum;
    dc_exact_add_many(&self->sum, values, count);
    // The sum has looked at all of them.
    bool is_strange = sum->has_nan || sum->has_positive_inf || sum->has_negative_inf;
    if (is_strange) note_strange(self, values, count);
}

// The first term that is `wanted` decides.
static void seek(dc_partial_t *self, const double *values, uint32_t count, bool wanted)
{
    uint32_t hits = dc_scan_hits(values, count);
    bool is_there = wanted ? hits > 0 : hits < count;
    if (self->chosen != DC_PARTIAL_NONE || !is_there) return;
    uint32_t i = 0;
    while ((values[i] != 0) != wanted) {
        i++;
    }
    self->chosen = self->next + i;
}

static bool is_for_greatest(dc_reduce_t kind)
{
    return kind == DC_REDUCE_GREATEST || kind == DC_REDUCE_ARGMAX;
}

static bool is_better(const dc_partial_t *self, double value)
{
    if (self->chosen == DC_PARTIAL_NONE) return true;
    return is_for_greatest(self->kind) ? value > self->extreme : value < self->extreme;
}

// A NaN takes the place of any number and keeps it; of equals the first stays.
static void offer(dc_partial_t *self, double value, uint64_t index)
{
    if (!is_better(self, value) && !isnan(value)) return;
    self->extreme = value;
    self->chosen = index;
}

static void seek_extreme(dc_partial_t *self, const double *values, uint32_t count)
{
    note_strange(self, values, count);
    if (self->strange != DC_PARTIAL_NONE || count == 0) {
        for (uint32_t i = 0; i < count; i++) {
            offer(self, values[i], self->next + i);
        }
        return;
    }
    // So long as all are finite, of a block only its first extreme counts.
    double extreme = dc_scan_extreme(values, count, is_for_greatest(self->kind));
    if (!is_better(self, extreme)) return;
    uint32_t i = 0;
    while (values[i] != extreme) {
        i++;
    }
    offer(self, values[i], self->next + i);
}

void dc_partial_add(dc_partial_t *self, const double *values, uint32_t count)
{
    switch (self->kind) {
    case DC_REDUCE_SUM:
    case DC_REDUCE_MEAN: add_to_sum(self, values, count); break;
    case DC_REDUCE_PROD:
        note_strange(self, values, count);
        dc_product_add_many(&self->product, values, count);
        break;
    case DC_REDUCE_COUNT: self->hits += dc_scan_hits(values, count); break;
    case DC_REDUCE_ANY: seek(self, values, count, true); break;
    case DC_REDUCE_ALL: seek(self, values, count, false); break;
    case DC_REDUCE_LEAST:
    case DC_REDUCE_GREATEST:
    case DC_REDUCE_ARGMIN:
    case DC_REDUCE_ARGMAX: seek_extreme(self, values, count); break;
    case DC_REDUCE_INTEGRATE:
    case DC_REDUCE_SOLVE:
    case DC_REDUCE_DIFF: break; // none of a range
    }
    self->next += count;
}

bool dc_partial_is_decided(const dc_partial_t *self)
{
    return dc_reduce_may_stop(self->kind) && self->chosen != DC_PARTIAL_NONE;
}

// --- the end -----------------------------------------------------------------------------------

bool dc_partial_merge(dc_partial_t *self, const dc_partial_t *next)
{
    if (next->kind != self->kind || next->first != self->next) return false;
    bool is_product = self->kind == DC_REDUCE_PROD;
    if (is_product && !dc_product_merge(&self->product, &next->product)) return false;
    if (self->strange == DC_PARTIAL_NONE) self->strange = next->strange;
    self->hits += next->hits;
    switch (self->kind) {
    case DC_REDUCE_SUM:
    case DC_REDUCE_MEAN: dc_exact_merge(&self->sum, &next->sum); break;
    case DC_REDUCE_PROD:
    case DC_REDUCE_COUNT: break;
    case DC_REDUCE_ANY:
    case DC_REDUCE_ALL:
        if (self->chosen == DC_PARTIAL_NONE) self->chosen = next->chosen;
        break;
    case DC_REDUCE_LEAST:
    case DC_REDUCE_GREATEST:
    case DC_REDUCE_ARGMIN:
    case DC_REDUCE_ARGMAX:
        if (next->chosen != DC_PARTIAL_NONE) offer(self, next->extreme, next->chosen);
        break;
    case DC_REDUCE_INTEGRATE:
    case DC_REDUCE_SOLVE:
    case DC_REDUCE_DIFF: break; // none of a range
    }
    self->next = next->next;
    return true;
}

dc_err_t dc_partial_finish(const dc_partial_t *self, const dc_number_range_t *range, double *result)
{
    uint64_t count = self->next - self->first;
    bool has_chosen = self->chosen != DC_PARTIAL_NONE;
    switch (self->kind) {
    case DC_REDUCE_SUM: *result = dc_exact_round(&self->sum); return DC_OK;
    case DC_REDUCE_PROD: *result = dc_product_round(&self->product); return DC_OK;
    case DC_REDUCE_COUNT: *result = (double)self->hits; return DC_OK;
    case DC_REDUCE_ANY: *result = has_chosen; return DC_OK;
    case DC_REDUCE_ALL: *result = !has_chosen; return DC_OK;
    case DC_REDUCE_MEAN:
        if (count == 0) return DC_ERR_NO_TERMS;
        *result = dc_exact_round(&self->sum) / (double)count;
        return DC_OK;
    case DC_REDUCE_LEAST:
    case DC_REDUCE_GREATEST:
    case DC_REDUCE_ARGMIN:
    case DC_REDUCE_ARGMAX: break;
    case DC_REDUCE_INTEGRATE:
    case DC_REDUCE_SOLVE:
    case DC_REDUCE_DIFF: return DC_ERR_INTERNAL; // none of a range
    }
    if (!has_chosen) return DC_ERR_NO_TERMS;
    bool is_place = self->kind == DC_REDUCE_ARGMIN || self->kind == DC_REDUCE_ARGMAX;
    bool is_number = !isnan(self->extreme);
    *result = is_place && is_number ? dc_range_at(range, self->chosen) : self->extreme;
    return DC_OK;
}

// --- text --------------------------------------------------------------------------------------

// KIND:FIRST:NEXT:STRANGE:CHOSEN:HITS:EXTREME:REST, numbers in 16 hexadecimal digits, where REST is
// the text of the sum or the product.
#define NUMBER_COUNT 6

typedef struct packed {
    uint64_t numbers[NUMBER_COUNT];
} packed_t;

static packed_t pack(const dc_partial_t *self)
{
    packed_t packed = { { self->first, self->next, self->strange, self->chosen, self->hits, 0 } };
    memcpy(&packed.numbers[NUMBER_COUNT - 1], &self->extreme, sizeof self->extreme);
    return packed;
}

void dc_partial_put(const dc_partial_t *self, dc_buf_t *out)
{
    packed_t packed = pack(self);
    dc_buf_printf(out, "%s:", dc_reduce_infos[self->kind].name);
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        dc_buf_printf(out, "%016" PRIx64 ":", packed.numbers[i]);
    }
    if (is_of_sum(self->kind)) dc_exact_put(&self->sum, out);
    if (self->kind == DC_REDUCE_PROD) dc_product_put(&self->product, out);
}

static bool take_field(dc_str_t *rest, dc_str_t *field)
{
    const char *colon = rest->len ? memchr(rest->data, ':', rest->len) : NULL;
    if (!colon) return false;
    *field = dc_str(rest->data, (size_t)(colon - rest->data));
    *rest = dc_str_behind(*rest, field->len + 1);
    return true;
}

static bool take_number(dc_str_t *rest, uint64_t *number)
{
    dc_str_t field;
    if (!take_field(rest, &field) || field.len != 16) return false;
    *number = 0;
    for (size_t i = 0; i < field.len; i++) {
        static const char digits[] = "0123456789abcdef";
        const char *digit = field.data[i] ? strchr(digits, field.data[i]) : NULL;
        if (!digit) return false;
        *number = *number << 4 | (uint64_t)(digit - digits);
    }
    return true;
}

static bool is_inside(const dc_partial_t *self, uint64_t index)
{
    return index == DC_PARTIAL_NONE || (index >= self->first && index < self->next);
}

static bool is_possible(const dc_partial_t *self)
{
    return self->first <= self->next && self->next <= (uint64_t)DC_INTEGER_MAX &&
           is_inside(self, self->strange) && is_inside(self, self->chosen) &&
           self->hits <= self->next - self->first;
}

static void unpack(dc_partial_t *self, const packed_t *packed)
{
    const uint64_t *numbers = packed->numbers;
    self->first = numbers[0];
    self->next = numbers[1];
    self->strange = numbers[2];
    self->chosen = numbers[3];
    self->hits = numbers[4];
    memcpy(&self->extreme, &numbers[5], sizeof self->extreme);
}

static bool take_rest(dc_partial_t *self, dc_str_t rest)
{
    if (is_of_sum(self->kind)) return dc_exact_get(&self->sum, rest);
    if (self->kind != DC_REDUCE_PROD) return rest.len == 0;
    return dc_product_get(&self->product, rest) && self->product.first == self->first &&
           self->product.count == self->next - self->first;
}

bool dc_partial_get(dc_partial_t *self, dc_str_t text)
{
    dc_partial_t got;
    dc_str_t name;
    bool is_kind = take_field(&text, &name) && dc_reduce_find(name, &got.kind);
    if (!is_kind || !dc_reduce_is_range(got.kind)) return false;
    packed_t packed;
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        if (!take_number(&text, &packed.numbers[i])) return false;
    }
    unpack(&got, &packed);
    if (!is_possible(&got) || !take_rest(&got, text)) return false;
    *self = got;
    return true;
}
