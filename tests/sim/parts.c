#include "tests/sim/parts.h"

#include <stdlib.h>

#include "common/wire_fork.h"

#define DEPTH_MAX 3

bool parts_are_in(const job_t *job)
{
    return strchr("tTjJi", job->kind);
}

// --- nodes -------------------------------------------------------------------------------------

typedef struct node {
    const job_t *job;
    uint64_t hash; // of where it is
    size_t depth;
} node_t;

static uint64_t digit_of(char c)
{
    return (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static node_t child_of(const node_t *self, uint64_t place)
{
    node_t child = *self;
    child.hash = job_mix(self->hash, place);
    child.depth++;
    return child;
}

static node_t find_node(const job_t *job)
{
    node_t node = { job, job_mix(job->batch, job->index), 0 };
    for (size_t i = 0; i + 1 < job->path.len; i += 2) {
        node = child_of(&node, digit_of(job->path.data[i]) * 36 + digit_of(job->path.data[i + 1]));
    }
    return node;
}

// How many children it has; a leaf has none.
static uint64_t child_count(const node_t *self)
{
    if (self->depth == 0 && self->hash % 31 == 0) return DC_FORK_CHILDREN_MAX;
    if (self->depth == DEPTH_MAX || (self->depth && self->hash % 3 == 0)) return 0;
    return 1 + self->hash / 64 % 5;
}

static outcome_t leaf_outcome(const node_t *self)
{
    uint64_t chance = self->hash / 1024;
    outcome_t outcome = { 'n', self->hash, 1000 + chance % 1000000, 1 };
    if (chance % 40 == 1) outcome.ns = 50000000;
    if (chance % 50 == 2) outcome.kind = 'f';
    if (self->job->kind == 'T' && chance % 7 == 3) outcome.kind = 'p';
    return outcome;
}

// Children count in their order: the first that does not come to a number is what the node comes
// to.
static outcome_t node_outcome(const node_t *self)
{
    uint64_t count = child_count(self);
    if (count == 0) return leaf_outcome(self);
    outcome_t all = { 'n', self->hash, 0, 0 };
    for (uint64_t i = 0; i < count; i++) {
        node_t child = child_of(self, i);
        outcome_t one = node_outcome(&child);
        all.ns += one.ns;
        all.steps += one.steps;
        all.kind = one.kind;
        all.value = one.kind == 'n' ? job_mix(all.value, one.value) : one.value;
        if (one.kind != 'n') break;
    }
    return all;
}

static bool take_value(dc_str_t text, uint64_t *value)
{
    if (text.len < 2 || text.data[0] != 'v') return false;
    job_take_number(text.data + 1, text.data + text.len, value);
    return true;
}

outcome_t parts_outcome(const job_t *job)
{
    if (job->kind == 'i') {
        outcome_t given = { 'n', 0, 1000, 1 };
        if (!take_value(job->path, &given.value)) abort();
        return given;
    }
    node_t node = find_node(job);
    return node_outcome(&node);
}

void parts_put_value(uint64_t value, dc_buf_t *out)
{
    if (!dc_buf_reserve(out, 32)) abort();
    out->data[out->len++] = 'v';
    out->len = (size_t)(job_put_number(out->data + out->len, value) - out->data);
}

bool parts_join(const job_t *job, dc_str_t data, outcome_t *outcome)
{
    dc_wire_join_t join;
    node_t node = find_node(job);
    if (!dc_wire_read_join(data, &join) || join.count != child_count(&node)) return false;
    *outcome = (outcome_t){ 'n', node.hash, (uint64_t)1000 * join.count, 1 };
    for (uint32_t i = 0; i < join.count; i++) {
        uint64_t value;
        if (!take_value(dc_wire_take_result(&join), &value)) return false;
        outcome->value = job_mix(outcome->value, value);
    }
    return true;
}

// --- splitting ---------------------------------------------------------------------------------

// The text of a part, up to what stands behind the path of its job.
static void put_head(char kind, const job_t *job, dc_str_t path, dc_buf_t *out)
{
    if (!dc_buf_reserve(out, 64 + path.len)) abort();
    char *at = out->data + out->len;
    *at++ = kind;
    at = job_put_number(at, job->batch);
    *at++ = '.';
    at = job_put_number(at, job->index);
    *at++ = '/';
    out->len = (size_t)(at - out->data);
    dc_buf_append_str(out, path);
}

// Children and a join, as they are being written: their bytes lie in `text`.
typedef struct split {
    dc_buf_t text;
    size_t ends[DC_FORK_CHILDREN_MAX];
    uint64_t weights[DC_FORK_CHILDREN_MAX];
    uint32_t count;
} split_t;

static void end_child(split_t *self, uint64_t weight)
{
    self->weights[self->count] = weight;
    self->ends[self->count++] = self->text.len;
}

static void put_split(split_t *self, dc_buf_t *out)
{
    dc_wire_child_t children[DC_FORK_CHILDREN_MAX];
    size_t at = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        children[i].weight = self->weights[i];
        children[i].bytes = dc_str(self->text.data + at, self->ends[i] - at);
        at = self->ends[i];
    }
    dc_str_t join = dc_str_behind(dc_buf_str(&self->text), at);
    dc_wire_put_fork(out, children, self->count, join);
    dc_buf_fini(&self->text);
}

static void split_node(const node_t *node, uint64_t count, dc_buf_t *out)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    const job_t *job = node->job;
    split_t split = { .count = 0 };
    for (uint64_t i = 0; i < count; i++) {
        put_head(job->kind, job, job->path, &split.text);
        dc_buf_append_char(&split.text, digits[i / 36]);
        dc_buf_append_char(&split.text, digits[i % 36]);
        end_child(&split, 1 + child_of(node, i).hash % 100);
    }
    put_head('j', job, job->path, &split.text);
    put_split(&split, out);
}

static bool split_join(const job_t *job, dc_str_t data, dc_buf_t *out)
{
    dc_wire_join_t join;
    split_t split = { .count = 0 };
    if (job->kind == 'J' || !dc_wire_read_join(data, &join)) return false;
    for (uint32_t i = 0; i < join.count; i++) {
        put_head('i', job, dc_wire_take_result(&join), &split.text);
        end_child(&split, 1);
    }
    put_head('J', job, job->path, &split.text);
    put_split(&split, out);
    return true;
}

bool parts_split(const job_t *job, dc_str_t lease_data, dc_buf_t *out)
{
    if (job->kind == 'j' || job->kind == 'J') return split_join(job, lease_data, out);
    if (job->kind == 'i') return false;
    node_t node = find_node(job);
    uint64_t count = child_count(&node);
    if (count) split_node(&node, count, out);
    return count > 0;
}
