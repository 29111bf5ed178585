#include "common/expr/reduce.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/expr/calculus.h"
#include "common/expr/cost.h"
#include "common/expr/number.h"
#include "common/expr/task_part.h"
#include "common/expr/terms.h"
#include "common/quantity.h"

// From here on a number of steps is told by its first digits.
#define STEPS_COUNTED_MAX 1e15

// --- results that are kept ---------------------------------------------------------------------

void dc_replays_rewind(dc_replays_t *self)
{
    self->number = 0;
    self->next = 0;
}

void dc_replays_clear(dc_replays_t *self)
{
    self->count = 0;
    dc_replays_rewind(self);
}

dc_replays_place_t dc_replays_place(const dc_replays_t *self)
{
    return (dc_replays_place_t){ self->number, self->next };
}

void dc_replays_go(dc_replays_t *self, dc_replays_place_t place)
{
    self->number = place.number;
    self->next = place.next;
}

void dc_replays_fini(dc_replays_t *self)
{
    free(self->items);
    *self = (dc_replays_t){ 0 };
}

static bool find_replay(dc_replays_t *self, uint64_t number, dc_reduce_outcome_t *outcome)
{
    if (self->next == self->count || self->items[self->next].number != number) return false;
    const dc_replay_t *replay = &self->items[self->next++];
    *outcome = replay->outcome;
    self->number = replay->next;
    return true;
}

bool dc_replays_keep(dc_replays_t *self, uint64_t number, const dc_reduce_outcome_t *outcome)
{
    while (self->count && self->items[self->count - 1].number > number)
        self->count--;
    if (self->count == self->capacity) {
        uint32_t capacity = self->capacity ? self->capacity * 2 : 16;
        dc_replay_t *items = realloc(self->items, capacity * sizeof *items);
        if (!items) return false;
        self->items = items;
        self->capacity = capacity;
    }
    self->items[self->count++] = (dc_replay_t){ number, self->number, *outcome };
    self->next = self->count;
    return true;
}

// --- ranges ------------------------------------------------------------------------------------

dc_err_t dc_reduce_fail(dc_vm_t *vm, const dc_reduction_t *reduction, dc_err_t err,
                        const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(vm->sentence, DC_DIAG_MESSAGE_MAX, format, args);
    va_end(args);
    vm->fault_at = reduction->at;
    return err;
}

static double arg_of(const dc_vm_t *vm, const dc_reduction_t *reduction, uint32_t index)
{
    return vm->regs[reduction->args[index]].number;
}

static dc_range_args_t args_of(const dc_vm_t *vm, const dc_reduction_t *reduction)
{
    double args[DC_REDUCE_ARGS_MAX] = { 0 };
    for (uint32_t i = 0; i < reduction->arg_count; i++) {
        args[i] = arg_of(vm, reduction, i);
    }
    return dc_range_args(args, reduction->arg_count);
}

static dc_err_t bad_range(dc_vm_t *vm, const dc_reduction_t *reduction, dc_err_t err,
                          dc_range_args_t args, double terms)
{
    const char *name = dc_reduce_infos[reduction->kind].name;
    if (err == DC_ERR_STEPS) {
        return dc_reduce_fail(vm, reduction, err, "'%s' has some %s terms here, more than 2^53",
                              name, dc_number_text(terms).text);
    }
    if (args.step == 0)
        return dc_reduce_fail(vm, reduction, err, "'%s' cannot count in steps of 0", name);
    return dc_reduce_fail(vm, reduction, err, "'%s' cannot count from %s to %s in steps of %s",
                          name, dc_number_text(args.a).text, dc_number_text(args.b).text,
                          dc_number_text(args.step).text);
}

bool dc_reduce_has_one_term(const dc_vm_t *vm, const dc_reduction_t *reduction)
{
    if (!dc_reduce_is_range(reduction->kind)) return false;
    dc_range_args_t args = args_of(vm, reduction);
    dc_number_range_t range;
    double terms;
    return dc_range_init(&range, args.a, args.b, args.step, &terms) == DC_OK && range.count == 1;
}

dc_err_t dc_reduce_range(dc_vm_t *vm, const dc_reduction_t *reduction, dc_number_range_t *range)
{
    dc_range_args_t args = args_of(vm, reduction);
    double terms = 0;
    dc_err_t err = dc_range_init(range, args.a, args.b, args.step, &terms);
    if (err) return bad_range(vm, reduction, err, args, terms);
    // What certainly does not end within the budget does not begin.
    double steps = terms == 0 ? 0 : dc_cost_terms(reduction->kind, terms) * reduction->cost;
    uint64_t steps_max = vm->budget->steps_max;
    if ((double)vm->steps + steps <= (double)steps_max) return DC_OK;
    char needed[DC_QUANTITY_TEXT_MAX], limit[DC_QUANTITY_TEXT_MAX];
    bool is_counted = steps < STEPS_COUNTED_MAX;
    if (is_counted) dc_count_print((uint64_t)steps, needed);
    dc_count_print(steps_max, limit);
    return dc_reduce_fail(vm, reduction, DC_ERR_STEPS,
                          "'%s' needs some %s steps here, and the limit is %s",
                          dc_reduce_infos[reduction->kind].name,
                          is_counted ? needed : dc_number_text(steps).text, limit);
}

static dc_err_t feed(dc_vm_t *vm, const dc_reduction_t *reduction, const dc_number_range_t *range,
                     dc_partial_t *partial, uint64_t end)
{
    _Alignas(DC_BLOCK_ALIGNMENT) double x[DC_BLOCK_ROWS];
    _Alignas(DC_BLOCK_ALIGNMENT) double values[DC_BLOCK_ROWS];
    while (partial->next < end && !dc_partial_is_decided(partial)) {
        uint32_t count = (uint32_t)dc_min_u64(end - partial->next, DC_BLOCK_ROWS);
        uint32_t done;
        dc_range_fill(range, partial->next, count, x);
        dc_err_t err = dc_terms_evaluate(vm, reduction, x, count, values, &done);
        dc_partial_add(partial, values, done);
        if (!err) continue;
        // A fault behind the term that decides does not count, nor what would be split there.
        if (!dc_partial_is_decided(partial)) return err;
        vm->sentence[0] = '\0';
        if (vm->task) vm->task->end_is = DC_TASK_NOT_ENDED;
    }
    return DC_OK;
}

bool dc_reduce_can_split(dc_reduce_t kind, uint64_t terms)
{
    uint64_t least = kind == DC_REDUCE_PROD ? DC_PRODUCT_LEAF_TERMS : 1;
    return dc_reduce_is_range(kind) && !dc_reduce_may_stop(kind) && terms > least;
}

dc_err_t dc_reduce_part(dc_vm_t *vm, const dc_reduction_t *reduction,
                        const dc_number_range_t *range, dc_partial_t *partial, uint64_t end)
{
    bool is_around = dc_reduce_can_split(reduction->kind, end - partial->next);
    vm->inside_split += is_around;
    dc_err_t err = feed(vm, reduction, range, partial, end);
    vm->inside_split -= is_around;
    return err;
}

dc_err_t dc_reduce_finish(dc_vm_t *vm, const dc_reduction_t *reduction,
                          const dc_number_range_t *range, const dc_partial_t *partial,
                          dc_reduce_outcome_t *outcome)
{
    dc_err_t err = dc_partial_finish(partial, range, &outcome->value);
    if (err) {
        return dc_reduce_fail(vm, reduction, err, "'%s' has no terms from %s to %s",
                              dc_reduce_infos[reduction->kind].name,
                              dc_number_text(arg_of(vm, reduction, 0)).text,
                              dc_number_text(arg_of(vm, reduction, 1)).text);
    }
    outcome->is_strange = partial->strange != DC_PARTIAL_NONE;
    if (outcome->is_strange) outcome->strange = dc_range_at(range, partial->strange);
    return DC_OK;
}

static dc_err_t reduce_range(dc_vm_t *vm, const dc_reduction_t *reduction,
                             dc_reduce_outcome_t *outcome)
{
    dc_number_range_t range;
    dc_err_t err = dc_reduce_range(vm, reduction, &range);
    if (err) return err;
    dc_partial_t partial;
    dc_partial_init(&partial, reduction->kind, 0);
    err = dc_reduce_part(vm, reduction, &range, &partial, range.count);
    return err ? err : dc_reduce_finish(vm, reduction, &range, &partial, outcome);
}

// --- all of them -------------------------------------------------------------------------------

dc_err_t dc_reduce_compute(dc_vm_t *vm, const dc_reduction_t *reduction,
                           dc_reduce_outcome_t *outcome)
{
    outcome->is_strange = false;
    if (reduction->kind == DC_REDUCE_INTEGRATE) return dc_integrate(vm, reduction, outcome);
    if (reduction->kind == DC_REDUCE_SOLVE) return dc_solve(vm, reduction, outcome);
    if (reduction->kind == DC_REDUCE_DIFF) return dc_differentiate(vm, reduction, outcome);
    return reduce_range(vm, reduction, outcome);
}

dc_err_t dc_reduce(dc_vm_t *vm, const dc_reduction_t *reduction, dc_reduce_outcome_t *outcome)
{
    if (vm->inside_split) return dc_reduce_compute(vm, reduction, outcome);
    dc_replays_t *replays = vm->replays;
    uint64_t number = replays->number++;
    if (find_replay(replays, number, outcome)) return DC_OK;
    uint64_t steps = vm->steps;
    bool is_joined = false;
    dc_err_t err = vm->task ? dc_task_reduce(vm, reduction, number, outcome, &is_joined)
                            : dc_reduce_compute(vm, reduction, outcome);
    if (err) return err;
    // What finds no memory is computed again, and what was computed elsewhere cannot be.
    bool took_long = is_joined || vm->steps - steps >= DC_REPLAY_STEPS_MIN;
    bool is_kept = took_long && dc_replays_keep(replays, number, outcome);
    return is_joined && !is_kept ? DC_ERR_NOMEM : DC_OK;
}
