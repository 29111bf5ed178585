#include "client/cli/input/cutter.h"

#include "common/limits.h"
#include "common/lines.h"

void dc_cutter_init(dc_cutter_t *self, bool has_quotes, size_t row_bytes_max)
{
    *self = (dc_cutter_t){ .has_quotes = has_quotes, .row_bytes_max = row_bytes_max };
}

static dc_cut_t cut_chunk(size_t bytes, size_t jobs)
{
    return (dc_cut_t){ DC_CUT_CHUNK, bytes, (uint32_t)jobs, (uint32_t)jobs, false };
}

// As many lines of `lines`, which are whole, as a chunk may have.
static dc_cut_t cut_whole_lines(dc_str_t lines)
{
    size_t jobs = dc_lines_count(lines);
    if (jobs > DC_CHUNK_JOBS_MAX) {
        jobs = DC_CHUNK_JOBS_MAX;
        lines.len = dc_lines_offset(lines, jobs);
    }
    return cut_chunk(lines.len, jobs);
}

// The row in front is `bytes` long, and that is known: send it alone, or not at all.
static dc_cut_t cut_single(const dc_cutter_t *self, size_t bytes)
{
    dc_cut_t cut = cut_chunk(bytes, 1);
    if (bytes > self->row_bytes_max) cut.type = DC_CUT_TOO_LONG;
    return cut;
}

static dc_cut_t begin_skipping(dc_cutter_t *self, size_t bytes)
{
    self->is_skipping = true;
    return (dc_cut_t){ .type = DC_CUT_SKIPPED, .bytes = bytes };
}

// --- lines -------------------------------------------------------------------------------------

static dc_cut_t skip_line(dc_cutter_t *self, dc_str_t bytes, bool is_end)
{
    const char *newline = memchr(bytes.data, '\n', bytes.len);
    if (!newline && !is_end) return (dc_cut_t){ .type = DC_CUT_SKIPPED, .bytes = bytes.len };
    self->is_skipping = false;
    size_t taken = newline ? (size_t)(newline - bytes.data) + 1 : bytes.len;
    return (dc_cut_t){ .type = DC_CUT_TOO_LONG, .bytes = taken, .lines = 1 };
}

// The line in front is longer than a chunk, or has no end yet.
static dc_cut_t cut_long_line(dc_cutter_t *self, dc_str_t bytes, bool is_end)
{
    const char *newline = memchr(bytes.data, '\n', bytes.len);
    if (newline) return cut_single(self, (size_t)(newline - bytes.data) + 1);
    if (is_end) return cut_single(self, bytes.len);
    if (bytes.len <= self->row_bytes_max) return (dc_cut_t){ .type = DC_CUT_MORE };
    return begin_skipping(self, bytes.len);
}

static dc_cut_t cut_lines(dc_cutter_t *self, dc_str_t bytes, bool is_end)
{
    size_t window = dc_min_size(bytes.len, DC_CHUNK_BYTES_MAX);
    const char *newline = memrchr(bytes.data, '\n', window);
    if (newline) return cut_whole_lines(dc_str(bytes.data, (size_t)(newline - bytes.data) + 1));
    return cut_long_line(self, bytes, is_end);
}

// --- records -----------------------------------------------------------------------------------

static dc_cut_t skip_record(dc_cutter_t *self, dc_str_t bytes, bool is_end)
{
    size_t size = dc_csv_record_end(&self->scan, bytes);
    if (size == 0 && is_end) {
        if (dc_csv_is_open(&self->scan)) return (dc_cut_t){ .type = DC_CUT_UNCLOSED };
        size = bytes.len;
    }
    if (size) {
        self->is_skipping = false;
        return (dc_cut_t){ .type = DC_CUT_TOO_LONG,
                           .bytes = size,
                           .lines = (uint32_t)self->scan.breaks + 1 };
    }
    // The scanner takes a record of which nothing was looked at for a new one: leave it a byte.
    if (bytes.len == 1) return (dc_cut_t){ .type = DC_CUT_MORE };
    self->scan.at = 1;
    self->scan.quote_free = 0;
    return (dc_cut_t){ .type = DC_CUT_SKIPPED, .bytes = bytes.len - 1 };
}

// The record in front, which is a chunk of its own or has no end yet.
static dc_cut_t cut_record(dc_cutter_t *self, const dc_csv_scan_t *scan, size_t size,
                           dc_str_t bytes, bool is_end)
{
    if (size == 0 && is_end) {
        if (dc_csv_is_open(scan)) return (dc_cut_t){ .type = DC_CUT_UNCLOSED };
        size = bytes.len;
    }
    if (size) {
        dc_cut_t cut = cut_single(self, size);
        cut.is_record = scan->breaks > 0;
        cut.lines = (uint32_t)scan->breaks + 1;
        return cut;
    }
    if (bytes.len <= self->row_bytes_max) return (dc_cut_t){ .type = DC_CUT_MORE };
    self->scan = *scan;
    self->is_skipping = true;
    return skip_record(self, bytes, is_end);
}

static dc_cut_t cut_records(dc_cutter_t *self, dc_str_t bytes, bool is_end)
{
    dc_csv_scan_t scan = { 0 };
    size_t at = 0;
    for (size_t jobs = 0;; jobs++) {
        dc_str_t rest = dc_str_behind(bytes, at);
        size_t size = dc_csv_record_end(&scan, rest);
        bool fits = size && scan.breaks == 0 && at + size <= DC_CHUNK_BYTES_MAX;
        if (jobs && (!fits || jobs == DC_CHUNK_JOBS_MAX)) return cut_chunk(at, jobs);
        if (!fits) return cut_record(self, &scan, size, rest, is_end);
        at += size;
    }
}

// Whether no quote stands in what could be the next chunk.
static bool is_plain(dc_str_t bytes)
{
    size_t window = dc_min_size(bytes.len, DC_CHUNK_BYTES_MAX);
    const char *newline = memrchr(bytes.data, '\n', window);
    if (!newline) return false;
    return !memchr(bytes.data, '"', (size_t)(newline - bytes.data));
}

dc_cut_t dc_cutter_next(dc_cutter_t *self, dc_str_t bytes, bool is_flush, bool is_end)
{
    if (bytes.len == 0 && !(is_end && self->is_skipping)) return (dc_cut_t){ .type = DC_CUT_MORE };
    bool is_csv = self->has_quotes;
    if (self->is_skipping) {
        return is_csv ? skip_record(self, bytes, is_end) : skip_line(self, bytes, is_end);
    }
    if (!is_flush && !is_end && bytes.len < DC_CHUNK_BYTES_MAX) {
        return (dc_cut_t){ .type = DC_CUT_MORE };
    }
    if (is_csv && !is_plain(bytes)) return cut_records(self, bytes, is_end);
    return cut_lines(self, bytes, is_end);
}
