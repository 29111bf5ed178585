#include "common/jobs_digest.h"

#include "common/siphash.h"

// "dcalc-jobs"
#define KEY_HIGH UINT64_C(0x626f6a2d636c6163)

static uint64_t digest_of(uint64_t index, dc_str_t job)
{
    const dc_siphash_key_t key = { index, KEY_HIGH };
    return dc_siphash(&key, job).low;
}

// The bytes of the next job, without the newline that may end it; `*rest` is what comes behind.
static dc_str_t take_job(dc_str_t *rest, uint32_t width, bool is_record)
{
    const char *newline = width || is_record ? NULL : memchr(rest->data, '\n', rest->len);
    size_t len = newline ? (size_t)(newline - rest->data) : rest->len;
    if (width) len = dc_min_size(width, rest->len);
    dc_str_t job = dc_str(rest->data, len);
    *rest = dc_str_behind(*rest, len + (newline ? 1 : 0));
    bool is_ended = is_record && job.len && job.data[job.len - 1] == '\n';
    if (is_ended) job.len--;
    return job;
}

uint64_t dc_jobs_digest(uint64_t first, dc_str_t inputs, uint32_t width, bool is_record)
{
    uint64_t digest = 0;
    for (uint64_t index = first; inputs.len; index++) {
        dc_str_t job = take_job(&inputs, width, is_record);
        digest += digest_of(index, job);
    }
    return digest;
}
