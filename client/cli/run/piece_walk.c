#include "client/cli/run/piece_walk.h"

#include "common/lines.h"

// Go to the next fault at or behind `job`.
static void find_fault(dc_piece_walk_t *self, uint64_t job)
{
    do {
        self->has_fault = dc_fault_take(&self->faults, &self->fault);
    } while (self->has_fault && self->fault.index < job);
}

dc_piece_walk_t dc_piece_walk(const dcalc_piece_t *piece, uint64_t job)
{
    dc_piece_walk_t self = { .results = dc_str(piece->results, piece->results_bytes),
                             .faults = dc_str(piece->faults, piece->faults_bytes) };
    if (job != piece->first) {
        size_t offset = dc_lines_offset(self.results, (size_t)(job - piece->first));
        self.results = dc_str_behind(self.results, offset);
    }
    find_fault(&self, job);
    return self;
}

uint64_t dc_piece_walk_find_failed(dc_piece_walk_t *self, uint64_t job, uint64_t end)
{
    if (self->has_fault && self->fault.index < job) find_fault(self, job);
    return self->has_fault ? dc_min_u64(self->fault.index, end) : end;
}

static bool is_unexplained(dc_str_t result)
{
    return result.len == 0 || (result.len >= 7 && memcmp(result.data, "error: ", 7) == 0);
}

const dc_fault_t *dc_piece_walk_take(dc_piece_walk_t *self, uint64_t job, dc_str_t *result)
{
    *result = DC_STR("");
    dc_str_take_line(&self->results, result);
    if (dc_piece_walk_find_failed(self, job, job + 1) == job) return &self->fault;
    if (!is_unexplained(*result)) return NULL;
    self->internal = (dc_fault_t){ .index = job, .code = DC_ERR_INTERNAL };
    return &self->internal;
}
