// parts — jobs that may be split: what they are made of, and what their parts give.
//
// A job of kind t is a tree: each node has some children, down to leaves, which have a number, or
// fail, or (in kind T) crash the process that computes them. All of that follows from the job's
// text alone, and so does its result, whoever splits what. The text of a part begins like its
// job's: `t3.1f/20` is a node, child 0 of child 2 of the root; `j3.1f/20` joins what its children
// give, and J is one that was split already; `i3.1f/v4z` gives what stands behind its slash. What a
// part gives its join is such a number, `v4z`.
#ifndef DC_TESTS_SIM_PARTS_H
#define DC_TESTS_SIM_PARTS_H

#include "tests/sim/jobs.h"

// Is it a part, or a job with parts?
bool parts_are_in(const job_t *job);

// What computing a node, or all of the job, comes to.
typedef struct outcome {
    char kind;      // n: a number, f: a failure, p: a crash
    uint64_t value; // of a number; of a failure: which leaf
    uint64_t ns;    // the time that it takes
    uint64_t steps;
} outcome_t;

outcome_t parts_outcome(const job_t *job);

// Append what goes to the join of the part above: a number.
void parts_put_value(uint64_t value, dc_buf_t *out);

// What a join comes to, with these data of its lease. False if they are none of ours.
bool parts_join(const job_t *job, dc_str_t data, outcome_t *outcome);

// Append the data of a RESULT that splits a node, or, with the data of its lease, a join. A join
// that was split is not split again; nor is a leaf, or what only gives a number: false.
bool parts_split(const job_t *job, dc_str_t lease_data, dc_buf_t *out);

#endif
