#include "common/expr/partial.h"

#include <inttypes.h>

#include "common/limits.h"

// --- taking terms ------------------------------------------------------------------------------

void dc_partial_init(dc_partial_t *self, dc_reduce_t kind, uint64_t first)
{
    assert(dc_reduce_is_range(kind) && first % DC_BLOCK_ROWS == 0);
    self->kind = kind;
    self->first = self->next = first;
    self->strange = self->chosen = DC_PARTIAL_NONE;
    self->hits = 0;
    self->extreme = 0;
    if (kind == DC_REDUCE_SUM || kind == DC_REDUCE_MEAN) dc_exact_init(&self->sum);
    if (kind == DC_REDUCE_PROD) dc_product_init(&self->product, first);
}

static void note_strange(dc_partial_t *self, const double *values, uint32_t count)
{
    for (uint32_t i = 0; i < count && self->strange == DC_PARTIAL_NONE; i++) {
        if (!isfinite(values[i])) self->strange = self->next + i;
    }
}

static void add_to_sum(dc_partial_t *self, const double *values, uint32_t count)
{
    const dc_exact_t *sum = &self->sum;
    dc_exact_add_many(&self->sum, values, count);
    // The sum has looked at all of them.
    bool is_strange = sum->has_nan || sum->has_positive_inf || sum->has_negative_inf;
    if (is_strange) note_strange(self, values, count);
}

static void count_hits(dc_partial_t *self, const double *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        self->hits += values[i] != 0;
    }
}

// The first term that is `wanted` decides.
static void seek(dc_partial_t *self, const double *values, uint32_t count, bool wanted)
{
    for (uint32_t i = 0; i < count && self->chosen == DC_PARTIAL_NONE; i++) {
        if ((values[i] != 0) == wanted) self->chosen = self->next + i;
    }
}

static bool is_for_greatest(dc_reduce_t kind)
{
    return kind == DC_REDUCE_GREATEST || kind == DC_REDUCE_ARGMAX;
}

// A NaN takes the place of any number and keeps it; of equals the first stays.
static void offer(dc_partial_t *self, double value, uint64_t index)
{
    bool is_better = is_for_greatest(self->kind) ? value > self->extreme : value < self->extreme;
    if (self->chosen != DC_PARTIAL_NONE && !is_better && !isnan(value)) return;
    self->extreme = value;
    self->chosen = index;
}

static void seek_extreme(dc_partial_t *self, const double *values, uint32_t count)
{
    bool is_greatest = is_for_greatest(self->kind);
    note_strange(self, values, count);
    for (uint32_t i = 0; i < count; i++) {
        // Most terms are no match for the extreme, which is told without a call.
        bool is_worse = is_greatest ? values[i] <= self->extreme : values[i] >= self->extreme;
        if (!is_worse || self->chosen == DC_PARTIAL_NONE) offer(self, values[i], self->next + i);
    }
}

void dc_partial_add(dc_partial_t *self, const double *values, uint32_t count)
{
    switch ((int)self->kind) {
    case DC_REDUCE_SUM:
    case DC_REDUCE_MEAN: add_to_sum(self, values, count); break;
    case DC_REDUCE_PROD:
        note_strange(self, values, count);
        dc_product_add_many(&self->product, values, count);
        break;
    case DC_REDUCE_COUNT: count_hits(self, values, count); break;
    case DC_REDUCE_ANY: seek(self, values, count, true); break;
    case DC_REDUCE_ALL: seek(self, values, count, false); break;
    default: seek_extreme(self, values, count); break;
    }
    self->next += count;
}

bool dc_partial_is_decided(const dc_partial_t *self)
{
    bool may_be = self->kind == DC_REDUCE_ANY || self->kind == DC_REDUCE_ALL;
    return may_be && self->chosen != DC_PARTIAL_NONE;
}

// --- the end -----------------------------------------------------------------------------------

bool dc_partial_merge(dc_partial_t *self, const dc_partial_t *next)
{
    if (next->kind != self->kind || next->first != self->next) return false;
    bool is_product = self->kind == DC_REDUCE_PROD;
    if (is_product && !dc_product_merge(&self->product, &next->product)) return false;
    if (self->strange == DC_PARTIAL_NONE) self->strange = next->strange;
    self->hits += next->hits;
    switch ((int)self->kind) {
    case DC_REDUCE_SUM:
    case DC_REDUCE_MEAN: dc_exact_merge(&self->sum, &next->sum); break;
    case DC_REDUCE_PROD:
    case DC_REDUCE_COUNT: break;
    case DC_REDUCE_ANY:
    case DC_REDUCE_ALL:
        if (self->chosen == DC_PARTIAL_NONE) self->chosen = next->chosen;
        break;
    default:
        if (next->chosen != DC_PARTIAL_NONE) offer(self, next->extreme, next->chosen);
        break;
    }
    self->next = next->next;
    return true;
}

dc_err_t dc_partial_finish(const dc_partial_t *self, const dc_range_t *range, double *result)
{
    uint64_t count = self->next - self->first;
    bool has_chosen = self->chosen != DC_PARTIAL_NONE;
    switch ((int)self->kind) {
    case DC_REDUCE_SUM: *result = dc_exact_round(&self->sum); return DC_OK;
    case DC_REDUCE_PROD: *result = dc_product_round(&self->product); return DC_OK;
    case DC_REDUCE_COUNT: *result = (double)self->hits; return DC_OK;
    case DC_REDUCE_ANY: *result = has_chosen; return DC_OK;
    case DC_REDUCE_ALL: *result = !has_chosen; return DC_OK;
    case DC_REDUCE_MEAN:
        if (count == 0) return DC_ERR_NO_TERMS;
        *result = dc_exact_round(&self->sum) / (double)count;
        return DC_OK;
    default: break;
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
    if (self->kind == DC_REDUCE_SUM || self->kind == DC_REDUCE_MEAN) dc_exact_put(&self->sum, out);
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
    return self->first % DC_BLOCK_ROWS == 0 && self->first <= self->next &&
           self->next <= DC_RANGE_COUNT_MAX && is_inside(self, self->strange) &&
           is_inside(self, self->chosen) && self->hits <= self->next - self->first;
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
    switch ((int)self->kind) {
    case DC_REDUCE_SUM:
    case DC_REDUCE_MEAN: return dc_exact_get(&self->sum, rest);
    case DC_REDUCE_PROD:
        return dc_product_get(&self->product, rest) && self->product.first == self->first &&
               self->product.count == self->next - self->first;
    default: return rest.len == 0;
    }
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
