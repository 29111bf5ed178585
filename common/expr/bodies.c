#include "common/expr/bodies.h"

// To make a block form takes about as long as the VM takes for some hundred terms.
#define TERMS_MIN 512

// Fewer at once are faster one by one.
#define BLOCK_TERMS_MIN 8

// Half of it is enough for the longest that there is.
#define SCRATCH_BYTES_MAX ((size_t)4 << 20)

struct dc_body {
    uint64_t terms; // that were wanted so far
    bool is_tried;
    dc_vector_t *vector; // NULL: not made, or it cannot be
};

void dc_bodies_init(dc_bodies_t *self)
{
    *self = (dc_bodies_t){ 0 };
    dc_arena_init(&self->arena, DC_EXPR_ARENA_BYTES_MAX);
    dc_arena_init(&self->scratch, SCRATCH_BYTES_MAX);
}

void dc_bodies_fini(dc_bodies_t *self)
{
    dc_vector_room_fini(&self->room);
    dc_arena_fini(&self->arena);
    dc_arena_fini(&self->scratch);
}

void dc_bodies_begin(dc_bodies_t *self, const dc_code_t *code)
{
    if (code->serial && self->serial == code->serial) return;
    self->code = code;
    self->serial = code->serial;
    self->list = NULL;
}

static bool make_list(dc_bodies_t *self)
{
    uint32_t count = self->code->reduction_count;
    dc_arena_reset(&self->arena);
    self->list = dc_arena_alloc(&self->arena, count, sizeof *self->list);
    if (self->list) memset(self->list, 0, count * sizeof *self->list);
    return self->list != NULL;
}

dc_vector_t *dc_bodies_make(const dc_code_t *code, uint32_t index, dc_arena_t *scratch,
                            dc_arena_t *arena)
{
    const dc_reduction_t *reduction = &code->reductions[index];
    dc_arena_reset(scratch);
    dc_flow_source_t source = { .code = code,
                                .entry = reduction->entry,
                                .rows = &reduction->variable,
                                .row_count = 1,
                                .fixed = dc_code_fixed(code, scratch) };
    return source.fixed ? dc_vector_new(&source, scratch, arena) : NULL;
}

static void make(dc_bodies_t *self, uint32_t index, dc_body_t *body)
{
    body->is_tried = true;
    body->vector = dc_bodies_make(self->code, index, &self->scratch, &self->arena);
}

const dc_vector_t *dc_bodies_find(dc_bodies_t *self, uint32_t index, const dc_reg_t *regs,
                                  uint32_t count)
{
    if (!self->list && !make_list(self)) return NULL;
    dc_body_t *body = &self->list[index];
    body->terms += count;
    if (body->terms < TERMS_MIN || count < BLOCK_TERMS_MIN) return NULL;
    if (!body->is_tried) make(self, index, body);
    bool is_ready = body->vector && dc_vector_bind(body->vector, &self->room, regs);
    if (!is_ready) return NULL;
    self->block_count++;
    return body->vector;
}
