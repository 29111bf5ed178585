#include "common/expr/scope.h"

// --- the trees ---------------------------------------------------------------------------------

// A name has nine bits for each byte, the first of them 1, and behind its end zeros: so one that
// goes on differs from one that ends, whatever it goes on with. Bit number `place` of byte `at` is
// BYTE_NUMBERS * (at + 1) + place: sixteen numbers are easier to take apart than nine. Number 0,
// that of the root, is before all of them, and all names go on at its side 0.
#define BYTE_NUMBERS 16
#define BYTE_BITS    9
#define IS_THERE     0x100u

static inline unsigned byte_at(dc_str_t name, size_t at)
{
    return at < name.len ? IS_THERE | (unsigned char)name.data[at] : 0;
}

static inline unsigned bit_of(dc_str_t name, size_t bit)
{
    unsigned place = (unsigned)(bit % BYTE_NUMBERS);
    return byte_at(name, bit / BYTE_NUMBERS - 1) >> (BYTE_BITS - 1 - place) & 1;
}

// The first bit in which two names differ, which are not the same.
static size_t find_difference(dc_str_t a, dc_str_t b)
{
    size_t at = 0;
    while (byte_at(a, at) == byte_at(b, at)) {
        at++;
    }
    unsigned bits = byte_at(a, at) ^ byte_at(b, at);
    unsigned place = BYTE_BITS - (32 - (unsigned)__builtin_clz(bits));
    return BYTE_NUMBERS * (at + 1) + place;
}

// The only one in the tree that may have this spelling. Links lead down to later bits, and the one
// that does not leads to it.
static dc_symbol_t *find_nearest(const dc_symbol_t *root, dc_str_t name)
{
    size_t above = 0;
    dc_symbol_t *node = root->sides[0];
    while (node->bit > above) {
        above = node->bit;
        node = node->sides[bit_of(name, above)];
    }
    return node;
}

// The link in whose place a node for `bit` of `name` is to stand.
static dc_symbol_t **find_link(dc_symbol_t *root, dc_str_t name, size_t bit)
{
    size_t above = 0;
    dc_symbol_t **link = &root->sides[0];
    while ((*link)->bit > above && (*link)->bit < bit) {
        above = (*link)->bit;
        link = &(*link)->sides[bit_of(name, above)];
    }
    return link;
}

static void hang(dc_symbol_t *symbol, dc_symbol_t **link, size_t bit, unsigned side)
{
    symbol->node = symbol->shown = symbol;
    symbol->bit = bit;
    symbol->sides[side] = symbol;
    symbol->sides[!side] = *link;
    symbol->link = link;
    *link = symbol;
}

static void hide(dc_symbol_t *node, dc_symbol_t *symbol)
{
    symbol->node = node;
    symbol->hidden = node->shown;
    node->shown = symbol;
}

// What has come later is gone: all is as it was when the symbol came.
static void take_off(dc_symbol_t *symbol)
{
    dc_symbol_t *node = symbol->node;
    if (node == symbol) {
        *symbol->link = symbol->sides[symbol->sides[0] == symbol];
    } else {
        node->shown = symbol->hidden;
    }
}

// --- the scope ---------------------------------------------------------------------------------

// FNV-1a, which is good for short names.
static size_t tree_of(dc_str_t name, bool is_function)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ (unsigned char)name.data[i]) * 16777619u;
    }
    return (hash ^ hash >> 16) % (DC_SCOPE_TREES / 2) * 2 + is_function;
}

void dc_scope_clear(dc_scope_t *self)
{
    if (self->count) memset(self, 0, sizeof *self);
}

void dc_scope_push(dc_scope_t *self, dc_symbol_t *symbol)
{
    bool is_function = symbol->kind == DC_SYMBOL_FUNCTION;
    dc_symbol_t **root = &self->roots[tree_of(symbol->name, is_function)];
    dc_symbol_t *nearest = *root ? find_nearest(*root, symbol->name) : NULL;
    if (!nearest) {
        hang(symbol, root, 0, 0);
    } else if (dc_str_eq(nearest->name, symbol->name)) {
        hide(nearest, symbol);
    } else {
        size_t bit = find_difference(nearest->name, symbol->name);
        dc_symbol_t **link = find_link(*root, symbol->name, bit);
        hang(symbol, link, bit, bit_of(symbol->name, bit));
    }
    symbol->prev = self->last;
    self->last = symbol;
    self->count++;
}

void dc_scope_pop_to(dc_scope_t *self, size_t count)
{
    for (; self->count > count; self->count--) {
        take_off(self->last);
        self->last = self->last->prev;
    }
}

dc_symbol_t *dc_scope_find(const dc_scope_t *self, dc_str_t name, bool is_function)
{
    if (self->count == 0) return NULL;
    const dc_symbol_t *root = self->roots[tree_of(name, is_function)];
    if (!root) return NULL;
    const dc_symbol_t *nearest = find_nearest(root, name);
    return dc_str_eq(nearest->name, name) ? nearest->shown : NULL;
}

void dc_scope_suggest(const dc_scope_t *self, bool is_function, dc_suggest_t *suggest)
{
    for (const dc_symbol_t *symbol = self->last; symbol; symbol = symbol->prev) {
        if ((symbol->kind == DC_SYMBOL_FUNCTION) == is_function) {
            dc_suggest_offer(suggest, symbol->name);
        }
    }
}
