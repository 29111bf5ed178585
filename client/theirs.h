// theirs — the jobs that a batch under a key had before this process opened it, and whether those
// that it sends in their places are the same.
//
// They are told by their digest (common/jobs_digest.h), which is of all of them: so it is known
// when the last of them has passed, and before anything behind that is sent.
#ifndef DC_CLIENT_THEIRS_H
#define DC_CLIENT_THEIRS_H

#include "client/dcalc.h"
#include "common/ranges.h"
#include "common/str.h"

typedef struct dc_theirs {
    dc_ranges_t jobs; // none: there is nothing to compare
    uint64_t digest;  // theirs
    uint64_t passed;  // how many of them have passed here
    uint64_t sum;     // the digest of what passed in their places
} dc_theirs_t;

static inline void dc_theirs_init(dc_theirs_t *self)
{
    *self = (dc_theirs_t){ 0 };
    dc_ranges_init(&self->jobs);
}

static inline void dc_theirs_fini(dc_theirs_t *self)
{
    dc_ranges_fini(&self->jobs);
}

// `chunk`, whose jobs are counted and whose inputs are `data`, is to be sent next, from job `first`
// on. False: with it all of theirs have passed, and were others.
DC_MUST_USE bool dc_theirs_pass(dc_theirs_t *self, uint64_t first, const dcalc_chunk_t *chunk,
                                dc_str_t data);

#endif
