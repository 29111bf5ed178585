#include "common/expr/scope.h"

// FNV-1a, which is good for short names.
static size_t bucket_of(dc_str_t name)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ (unsigned char)name.data[i]) * 16777619u;
    }
    return (hash ^ hash >> 16) % DC_SCOPE_BUCKETS;
}

void dc_scope_clear(dc_scope_t *self)
{
    if (self->count) memset(self, 0, sizeof *self);
}

void dc_scope_push(dc_scope_t *self, dc_symbol_t *symbol)
{
    dc_symbol_t **bucket = &self->buckets[bucket_of(symbol->name)];
    symbol->next = *bucket;
    *bucket = symbol;
    symbol->prev = self->last;
    self->last = symbol;
    self->count++;
}

void dc_scope_pop_to(dc_scope_t *self, size_t count)
{
    while (self->count > count) {
        dc_symbol_t *symbol = self->last;
        self->buckets[bucket_of(symbol->name)] = symbol->next;
        self->last = symbol->prev;
        self->count--;
    }
}

dc_symbol_t *dc_scope_find(const dc_scope_t *self, dc_str_t name, bool is_function)
{
    if (self->count == 0) return NULL;
    dc_symbol_t *symbol = self->buckets[bucket_of(name)];
    while (symbol) {
        bool fits = (symbol->kind == DC_SYMBOL_FUNCTION) == is_function;
        if (fits && dc_str_eq(symbol->name, name)) return symbol;
        symbol = symbol->next;
    }
    return NULL;
}

void dc_scope_suggest(const dc_scope_t *self, bool is_function, dc_suggest_t *suggest)
{
    for (const dc_symbol_t *symbol = self->last; symbol; symbol = symbol->prev) {
        if ((symbol->kind == DC_SYMBOL_FUNCTION) == is_function) {
            dc_suggest_offer(suggest, symbol->name);
        }
    }
}
