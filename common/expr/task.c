#include <math.h>
#include <stdlib.h>

#include "common/expr/cost.h"
#include "common/expr/hex.h"
#include "common/expr/task_part.h"

// The text of a task is one line of words, and then the job's bytes:
//
//   part|join|merge DEPTH CHAIN  { =NUMBER:NEXT:VALUE ... @NUMBER:FIRST:END }  =... [?NUMBER]
//
// For each level the results that it knows (the bits of a double; with `!` for `=` and :STRANGE
// behind it where a term was not finite), and for each but the last which reduction the next is in,
// and which terms of it. A join ends in the number of the reduction whose parts it gets. Numbers
// are in base 16.

// --- life --------------------------------------------------------------------------------------

static bool begin(dc_task_t *self)
{
    *self = (dc_task_t){ .split_steps = INFINITY, .slice_us = UINT64_MAX, .begun = UINT64_MAX };
    self->levels = calloc(DC_TASK_LEVELS_MAX, sizeof *self->levels);
    return self->levels != NULL;
}

bool dc_task_init(dc_task_t *self)
{
    if (!begin(self)) return false;
    self->level_count = 1;
    return true;
}

void dc_task_clear(dc_task_t *self)
{
    dc_replays_clear(&self->levels[0].replays);
}

void dc_task_fini(dc_task_t *self)
{
    for (uint32_t i = 0; self->levels && i < DC_TASK_LEVELS_MAX; i++)
        dc_replays_fini(&self->levels[i].replays);
    free(self->levels);
    dc_buf_fini(&self->result);
    *self = (dc_task_t){ 0 };
}

// --- writing -----------------------------------------------------------------------------------

static void put_two(dc_buf_t *out, char mark, uint64_t a, uint64_t b)
{
    dc_buf_append_char(out, ' ');
    dc_buf_append_char(out, mark);
    dc_hex_put(out, a);
    dc_buf_append_char(out, ':');
    dc_hex_put(out, b);
    dc_buf_append_char(out, ':');
}

static void put_replay(dc_buf_t *out, const dc_replay_t *replay)
{
    const dc_reduce_outcome_t *outcome = &replay->outcome;
    put_two(out, outcome->is_strange ? '!' : '=', replay->number, replay->next);
    dc_hex_put_double(out, outcome->value);
    if (!outcome->is_strange) return;
    dc_buf_append_char(out, ':');
    dc_hex_put_double(out, outcome->strange);
}

static void put_target(dc_buf_t *out, uint64_t number, uint64_t first, uint64_t end)
{
    put_two(out, '@', number, first);
    dc_hex_put(out, end);
}

static void put_kind(dc_buf_t *out, const char *kind, uint32_t depth, uint32_t chain)
{
    dc_buf_append_text(out, kind);
    dc_buf_append_char(out, ' ');
    dc_hex_put(out, depth);
    dc_buf_append_char(out, ' ');
    dc_hex_put(out, chain);
}

static void put_levels(const dc_task_t *self, uint32_t count, dc_buf_t *out)
{
    for (uint32_t i = 0; i < count; i++) {
        const dc_task_level_t *level = &self->levels[i];
        for (uint32_t k = 0; k < level->replays.count; k++)
            put_replay(out, &level->replays.items[k]);
        if (i + 1 < count) put_target(out, level->number, level->first, level->end);
    }
}

uint64_t dc_task_child_terms(const dc_task_t *self, uint32_t index)
{
    uint64_t first = self->first + index * self->plan.part_terms;
    return dc_min_u64(self->plan.part_terms, self->end - first);
}

void dc_task_put_child(const dc_task_t *self, uint32_t index, dc_str_t job, dc_buf_t *out)
{
    // Parts of a level's own range take its place; parts of a reduction in it are a level more.
    uint32_t outside = self->is_own_range ? self->level_count - 1 : self->level_count;
    uint64_t first = self->first + index * self->plan.part_terms;
    put_kind(out, "part", self->depth + 1, 0);
    put_levels(self, outside, out);
    put_target(out, self->split_number, first, first + dc_task_child_terms(self, index));
    dc_buf_append_char(out, '\n');
    dc_buf_append_str(out, job);
}

void dc_task_put_join(const dc_task_t *self, dc_str_t job, dc_buf_t *out)
{
    put_kind(out, self->is_own_range ? "merge" : "join", self->depth, self->chain + 1);
    put_levels(self, self->level_count, out);
    if (!self->is_own_range) {
        dc_buf_append_text(out, " ?");
        dc_hex_put(out, self->split_number);
    }
    dc_buf_append_char(out, '\n');
    dc_buf_append_str(out, job);
}

// --- reading -----------------------------------------------------------------------------------

static bool take_two(dc_str_t *rest, uint64_t *a, uint64_t *b)
{
    return dc_hex_take(rest, a) && dc_str_take_char(rest, ':') && dc_hex_take(rest, b) &&
           dc_str_take_char(rest, ':');
}

// A result that the level in hand knows; they come in the order of their numbers.
static bool read_replay(dc_task_t *self, dc_str_t *rest, bool is_strange)
{
    uint64_t number, next;
    dc_reduce_outcome_t outcome = { .is_strange = is_strange };
    bool is_read = take_two(rest, &number, &next) && dc_hex_take_double(rest, &outcome.value);
    if (is_read && is_strange) {
        is_read = dc_str_take_char(rest, ':') && dc_hex_take_double(rest, &outcome.strange);
    }
    if (!is_read) return false;
    dc_replays_t *replays = &dc_task_last_level(self)->replays;
    uint32_t count = replays->count;
    bool is_ordered = number < next && (count == 0 || number >= replays->items[count - 1].next);
    if (!is_ordered) return false;
    replays->number = next;
    return dc_replays_keep(replays, number, &outcome);
}

static bool read_target(dc_task_t *self, dc_str_t *rest)
{
    dc_task_level_t *level = dc_task_last_level(self);
    if (self->level_count == DC_TASK_LEVELS_MAX) return false;
    if (!take_two(rest, &level->number, &level->first)) return false;
    if (!dc_hex_take(rest, &level->end)) return false;
    self->level_count++;
    return level->first < level->end;
}

static bool read_word(dc_task_t *self, dc_str_t *rest)
{
    if (!dc_str_take_char(rest, ' ')) return false;
    if (dc_str_take_char(rest, '=')) return read_replay(self, rest, false);
    if (dc_str_take_char(rest, '!')) return read_replay(self, rest, true);
    if (dc_str_take_char(rest, '@')) return read_target(self, rest);
    return self->is_join && dc_str_take_char(rest, '?') && dc_hex_take(rest, &self->number) &&
           rest->len == 0;
}

static bool take_word(dc_str_t *rest, dc_str_t word)
{
    if (rest->len < word.len || memcmp(rest->data, word.data, word.len) != 0) return false;
    *rest = dc_str_behind(*rest, word.len);
    return true;
}

static bool read_count(dc_str_t *rest, uint32_t *count)
{
    uint64_t number;
    if (!dc_str_take_char(rest, ' ') || !dc_hex_take(rest, &number) || number > UINT16_MAX)
        return false;
    *count = (uint32_t)number;
    return true;
}

static bool read_line(dc_task_t *self, dc_str_t line)
{
    self->level_count = 1;
    bool ends_in_number = line.len && memchr(line.data, '?', line.len);
    self->is_join = take_word(&line, DC_STR("join"));
    self->is_merge = !self->is_join && take_word(&line, DC_STR("merge"));
    bool is_part = !self->is_join && !self->is_merge && take_word(&line, DC_STR("part"));
    if (!is_part && !self->is_merge && !self->is_join) return false;
    if (!read_count(&line, &self->depth) || !read_count(&line, &self->chain)) return false;
    while (line.len) {
        if (!read_word(self, &line)) return false;
    }
    // A part is one of a range, and so is what merges them.
    return self->is_join ? ends_in_number : self->level_count > 1;
}

bool dc_task_read(dc_task_t *self, dc_str_t text, dc_str_t *job)
{
    const char *newline = text.len ? memchr(text.data, '\n', text.len) : NULL;
    if (!newline || !begin(self)) return false;
    size_t len = (size_t)(newline - text.data);
    if (!read_line(self, dc_str(text.data, len))) {
        dc_task_fini(self);
        return false;
    }
    *job = dc_str_behind(text, len + 1);
    return true;
}

// --- splitting ---------------------------------------------------------------------------------

dc_task_plan_t dc_task_plan(dc_reduce_t kind, uint64_t terms, double term_steps)
{
    dc_task_plan_t plan = { .steps = dc_cost_terms(kind, (double)terms) * term_steps,
                            .part_terms = terms,
                            .part_count = 1 };
    if (!dc_reduce_can_split(kind, terms)) return plan;
    plan.part_terms = kind == DC_REDUCE_PROD ? DC_PRODUCT_LEAF_TERMS : 1;
    while ((terms - 1) / plan.part_terms >= DC_FORK_CHILDREN_MAX)
        plan.part_terms *= 2;
    plan.part_count = (uint32_t)((terms - 1) / plan.part_terms + 1);
    return plan;
}

bool dc_task_is_due(dc_task_t *self, dc_us_t now_us)
{
    if (!self->can_split || self->slice_us == UINT64_MAX) return false;
    if (self->due_us == 0) self->due_us = now_us + self->slice_us;
    return now_us >= self->due_us;
}

dc_err_t dc_task_split(dc_task_t *self)
{
    self->end_is = DC_TASK_SPLIT;
    return DC_ERR_CANCELLED;
}
