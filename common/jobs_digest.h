// jobs_digest — what the inputs of jobs add up to: whether two who have sent jobs under the same
// indices have sent the same ones.
//
// The digest of many jobs is the sum, modulo 2^64, of one for each, which depends on its index and
// bytes. So it does not matter which jobs travelled in one chunk, nor in which order, and the
// digests of two sets of jobs are added. Each is SipHash under a key that everybody knows: it is
// there against mistakes, of which one in 2^64 is not seen.
#ifndef DC_COMMON_JOBS_DIGEST_H
#define DC_COMMON_JOBS_DIGEST_H

#include "common/str.h"

// The digest of the jobs whose inputs are `inputs`, as a CHUNK has them (common/wire.h), from index
// `first`: lines, if `width` is 0 (the last newline may be missing), or one record. Some 25 ns a
// job of 24 bytes.
uint64_t dc_jobs_digest(uint64_t first, dc_str_t inputs, uint32_t width, bool is_record);

#endif
