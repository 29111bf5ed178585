#include "common/expr/builder.h"

#define INS_CAPACITY_MIN 64

// A position that was not emitted, because memory was short or the code is dead.
#define NOWHERE UINT32_MAX

const dc_op_info_t dc_op_infos[DC_OP_COUNT] = {
#define X(name, reads, writes, text) { reads, writes, text },
    DC_OP_LIST(X)
#undef X
};

void dc_builder_init(dc_builder_t *self, dc_arena_t *arena)
{
    self->arena = arena;
    self->ins = NULL;
    self->spans = NULL;
    self->ins_count = self->ins_capacity = 0;
    self->regs = NULL;
    self->reg_count = self->reg_capacity = 0;
    self->free_reg = DC_REG_NONE;
    self->label = 0;
    self->dead = 0;
    self->err = DC_OK;
}

void *dc_builder_alloc(dc_builder_t *self, size_t count, size_t size)
{
    if (self->err) return NULL;
    void *room = dc_arena_alloc(self->arena, count, size);
    if (room) return room;
    // The arena does not say which it was: its own limit, or the machine's.
    size_t left = self->arena->bytes_max - self->arena->bytes_held;
    self->err = count > left / size ? DC_ERR_TOO_LARGE : DC_ERR_NOMEM;
    return NULL;
}

void *dc_builder_grow(dc_builder_t *self, const void *items, uint32_t count, uint32_t *capacity,
                      size_t size)
{
    uint32_t wish = *capacity ? *capacity * 2 : INS_CAPACITY_MIN;
    void *room = dc_builder_alloc(self, wish, size);
    if (!room) return NULL;
    if (items && count) memcpy(room, items, count * size);
    *capacity = wish;
    return room;
}

// 0 where there is none, which `err` tells.
uint16_t dc_builder_named(dc_builder_t *self)
{
    if (self->reg_count == self->reg_capacity) {
        dc_reg_t *regs =
            dc_builder_grow(self, self->regs, self->reg_count, &self->reg_capacity, sizeof *regs);
        if (!regs) return 0;
        self->regs = regs;
    }
    if (self->reg_count > UINT16_MAX) {
        self->err = DC_ERR_TOO_LARGE;
        return 0;
    }
    return (uint16_t)self->reg_count++;
}

uint16_t dc_builder_reg(dc_builder_t *self)
{
    if (self->free_reg == DC_REG_NONE) return dc_builder_named(self);
    uint32_t reg = self->free_reg;
    self->free_reg = (uint32_t)self->regs[reg].bits;
    return (uint16_t)reg;
}

void dc_builder_free(dc_builder_t *self, uint16_t reg)
{
    if (self->err) return;
    self->regs[reg].bits = self->free_reg;
    self->free_reg = reg;
}

uint16_t dc_builder_constant(dc_builder_t *self, dc_reg_t value)
{
    if (self->dead) return 0;
    uint16_t reg = dc_builder_named(self);
    if (!self->err) self->regs[reg] = value;
    return reg;
}

static bool grow_code(dc_builder_t *self)
{
    uint32_t capacity = self->ins_capacity;
    dc_ins_t *ins = dc_builder_grow(self, self->ins, self->ins_count, &capacity, sizeof *ins);
    capacity = self->ins_capacity;
    dc_span_t *spans =
        dc_builder_grow(self, self->spans, self->ins_count, &capacity, sizeof *spans);
    if (!ins || !spans) return false;
    self->ins = ins;
    self->spans = spans;
    self->ins_capacity = capacity;
    return true;
}

uint32_t dc_builder_emit(dc_builder_t *self, dc_ins_t ins, dc_span_t span)
{
    if (self->dead || self->err) return NOWHERE;
    if (self->ins_count == self->ins_capacity && !grow_code(self)) return NOWHERE;
    assert(self->ins && self->spans);
    self->ins[self->ins_count] = ins;
    self->spans[self->ins_count] = span;
    return self->ins_count++;
}

uint16_t dc_builder_result(dc_builder_t *self, dc_op_t op, uint16_t a, uint16_t b, dc_span_t span)
{
    uint16_t d = dc_builder_reg(self);
    dc_builder_emit(self, (dc_ins_t){ .op = (uint8_t)op, .d = d, .a = a, .b = b }, span);
    return d;
}

void dc_builder_move(dc_builder_t *self, uint16_t to, uint16_t from, bool is_temp)
{
    if (is_temp) dc_builder_free(self, from);
    if (self->dead || self->err || to == from) return;
    // Behind a label the value may have come over another way than the last instruction.
    bool is_last = is_temp && self->ins_count > self->label;
    dc_ins_t *last = is_last ? &self->ins[self->ins_count - 1] : NULL;
    if (last && dc_op_infos[last->op].writes && last->d == from) {
        last->d = to;
        return;
    }
    dc_builder_emit(self, (dc_ins_t){ .op = DC_OP_MOVE, .d = to, .a = from }, (dc_span_t){ 0 });
}

uint32_t dc_builder_jump(dc_builder_t *self, dc_op_t op, uint16_t reg)
{
    return dc_builder_emit(self, (dc_ins_t){ .op = (uint8_t)op, .d = reg }, (dc_span_t){ 0 });
}

void dc_builder_land(dc_builder_t *self, uint32_t position)
{
    if (position == NOWHERE || self->err) return;
    assert(position < self->ins_count && self->ins);
    self->label = self->ins_count;
    self->ins[position].a = (uint16_t)self->ins_count;
    self->ins[position].b = (uint16_t)(self->ins_count >> 16);
}
