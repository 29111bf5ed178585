#include "client/theirs.h"

#include "common/jobs_digest.h"
#include "common/lines.h"

// Where job `index`, from 0, of a chunk begins.
static size_t offset_of(const dcalc_chunk_t *chunk, dc_str_t data, uint64_t index)
{
    if (chunk->width) return (size_t)index * chunk->width;
    if (index == chunk->jobs) return data.len;
    return index ? dc_lines_offset(data, (size_t)index) : 0;
}

bool dc_theirs_pass(dc_theirs_t *self, uint64_t first, const dcalc_chunk_t *chunk, dc_str_t data)
{
    uint64_t end = first + chunk->jobs;
    uint64_t before = self->passed;
    dc_range_t run = { .end = first };
    while (dc_ranges_next_run(&self->jobs, run.end, end, &run)) {
        size_t from = offset_of(chunk, data, run.first - first);
        size_t to = offset_of(chunk, data, run.end - first);
        dc_str_t part = dc_str(data.data + from, to - from);
        self->sum += dc_jobs_digest(run.first, part, chunk->width, chunk->record);
        self->passed += run.end - run.first;
    }
    bool is_last = self->passed > before && self->passed == self->jobs.count;
    return !is_last || self->sum == self->digest;
}
