// wire_fork — the data of jobs that fork, as common/wire.h defines them: of a RESULT with FORK, and
// of a LEASE with JOIN.
//
// What is read is checked whole, and borrowed from the data; children are then taken in their
// order.
#ifndef DC_COMMON_WIRE_FORK_H
#define DC_COMMON_WIRE_FORK_H

#include "common/buf.h"
#include "common/limits.h"
#include "common/str.h"

// A part of a job that forks.
typedef struct dc_wire_child {
    uint64_t weight; // how much of the job it is, in whatever unit; > 0
    dc_str_t bytes;
} dc_wire_child_t;

// The data of a RESULT with FORK.
typedef struct dc_wire_fork {
    uint32_t count;         // of children: 1 .. DC_FORK_CHILDREN_MAX
    uint64_t weight;        // of all together
    dc_str_t join;          // the bytes of the join
    dc_str_t heads, bodies; // of the children that were not taken yet
} dc_wire_fork_t;

// Append the data of a RESULT that forks into `children` and `join`. `count` is within its limits,
// as are the weights; that all fits a frame is for the caller to see.
void dc_wire_put_fork(dc_buf_t *out, const dc_wire_child_t *children, uint32_t count,
                      dc_str_t join);

// False if `data` do not add up, or their numbers are out of their limits.
DC_MUST_USE bool dc_wire_read_fork(dc_str_t data, dc_wire_fork_t *fork);

// The next child; there are `count`.
dc_wire_child_t dc_wire_take_child(dc_wire_fork_t *fork);

// The data of a LEASE with JOIN.
typedef struct dc_wire_join {
    uint32_t count;         // of results: 1 .. DC_FORK_CHILDREN_MAX
    dc_str_t join;          // the bytes of the join
    dc_str_t heads, bodies; // of the results that were not taken yet
} dc_wire_join_t;

// Append the data of a LEASE of a join that gets `count` results.
void dc_wire_put_join(dc_buf_t *out, const dc_str_t *results, uint32_t count, dc_str_t join);

// How many bytes that is, of results of `results_bytes` together.
size_t dc_wire_join_bytes(uint32_t count, size_t results_bytes, dc_str_t join);

// False if `data` do not add up.
DC_MUST_USE bool dc_wire_read_join(dc_str_t data, dc_wire_join_t *join);

// The next child's result; there are `count`.
dc_str_t dc_wire_take_result(dc_wire_join_t *join);

#endif
