// limits — every limit and default, each with the reason for its value.
//
// What an operator may change is also an option of a program, with the number here as its default.
#ifndef DC_COMMON_LIMITS_H
#define DC_COMMON_LIMITS_H

#include "common/base.h"

// --- expressions -------------------------------------------------------------------------------

// A formula of this size is a program; what is longer is data in the wrong place.
#define DC_EXPR_BYTES_MAX 65536

// Parentheses, calls and unary operators inside each other. The parser recurses once a level, with
// less than 512 bytes of stack each, and no formula written by a person comes near.
#define DC_EXPR_DEPTH_MAX 1000

// What the compilation of one expression may take: 64 KiB of one-character operands need some 64
// bytes each.
#define DC_EXPR_ARENA_BYTES_MAX (16u << 20)

// What the strings of one evaluation may take.
#define DC_EXPR_STRINGS_BYTES_MAX (16u << 20)

// Calls of local functions inside each other while evaluating.
#define DC_EXPR_CALLS_MAX 256

// Some minutes of one core; the same everywhere, so a job ends in the same way on any worker.
#define DC_STEPS_MAX UINT64_C(100000000000)

// Wall time of one job.
#define DC_JOB_TIMEOUT_MS 30000

// Longest text of a number: sign, 17 digits, point, 21 zeros or an exponent, with room to spare.
#define DC_NUMBER_TEXT_MAX 32

// One block is 256 doubles = 2 KiB, so that a dozen live registers fit a 32 KiB L1 cache.
#define DC_BLOCK_ROWS 256

// --- chunks, leases, pieces --------------------------------------------------------------------

// A chunk is big enough that a message's cost vanishes beside its jobs', small enough that a few
// of them in flight are milliseconds and that a lost one is soon done again.
#define DC_CHUNK_BYTES_MAX 65536
#define DC_CHUNK_JOBS_MAX  4096
static_assert(DC_CHUNK_JOBS_MAX % DC_BLOCK_ROWS == 0, "a full chunk is a whole number of blocks");

// A single record may be longer than a chunk: it travels alone, up to this.
#define DC_RECORD_BYTES_MAX 262144

// Results are sent on when they are this many bytes or this old, whichever is first.
#define DC_PIECE_BYTES_MAX 65536
#define DC_PIECE_AGE_MS    50

// Bytes below this are copied together into one frame; above, the frame itself is passed on.
#define DC_COPY_BYTES_MAX 4096

#endif
