// piece_walk — the results of a piece, job after job, and which of them have a fault.
//
// Faults are records of their own beside the result lines, in the order of their jobs: a walk keeps
// its place in both, so that a piece is read once however many of its jobs failed. Jobs are taken
// one after the other; over those that are known to be sound `results` may be moved on instead.
#ifndef DC_CLIENT_CLI_RUN_PIECE_WALK_H
#define DC_CLIENT_CLI_RUN_PIECE_WALK_H

#include "client/dcalc.h"
#include "common/fault.h"
#include "common/str.h"

typedef struct dc_piece_walk {
    dc_str_t results; // the lines that are left
    dc_str_t faults;  // likewise, behind the next one
    dc_fault_t fault; // the next one
    bool has_fault;   // there is one
    dc_fault_t internal;
} dc_piece_walk_t;

// Begin with `job` of `piece`, whose bytes are borrowed.
dc_piece_walk_t dc_piece_walk(const dcalc_piece_t *piece, uint64_t job);

// Pass over faults of jobs before `job`. Returns the first job at or behind it that has failed,
// whose fault is `fault` then; `end` if none is known before.
uint64_t dc_piece_walk_find_failed(dc_piece_walk_t *self, uint64_t job, uint64_t end);

// Take the result of `job`, the next one; it is empty where there are too few. Returns its fault,
// which is the walk's, or NULL if it has none. A result that should be there and is not, or is an
// error that nobody explains, is one of DC_ERR_INTERNAL.
const dc_fault_t *dc_piece_walk_take(dc_piece_walk_t *self, uint64_t job, dc_str_t *result);

#endif
