#include "client/cli/input/source.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "client/cli/exit_status.h"
#include "client/cli/input/foreign.h"
#include "client/cli/text/text.h"
#include "common/clock.h"
#include "common/limits.h"
#include "common/lines.h"
#include "common/wire.h"

// Bytes that are less than a chunk wait this long for more.
#define GATHER_MS 2

// Pieces of a file that are looked at, to guess how many rows it has.
#define SAMPLES      64
#define SAMPLE_BYTES 4096

void dc_source_init_stream(dc_source_t *self, dc_reader_t *reader, dc_format_t format,
                           uint64_t line, size_t row_bytes_max)
{
    *self = (dc_source_t){ .reader = *reader, .format = format, .line = line, .line_first = line };
    *reader = (dc_reader_t){ .fd = -1 };
    dc_cutter_init(&self->cutter, format == DC_FORMAT_CSV, row_bytes_max);
}

void dc_source_init_sweep(dc_source_t *self, const dc_sweep_t *sweep, dc_points_t *points)
{
    *self = (dc_source_t){ .sweep = sweep, .points = points, .reader = { .fd = -1 } };
}

void dc_source_init_arguments(dc_source_t *self, const char *const *arguments, size_t count)
{
    *self =
        (dc_source_t){ .arguments = arguments, .argument_count = count, .reader = { .fd = -1 } };
}

void dc_source_init_again(dc_source_t *self, dc_again_t *again)
{
    *self = (dc_source_t){ .again = again, .reader = { .fd = -1, .is_end = true } };
}

void dc_source_init_sheet(dc_source_t *self, dc_sheet_feed_t *sheet)
{
    *self = (dc_source_t){ .reader = { .fd = -1, .is_end = true }, .sheet = sheet };
}

void dc_source_fini(dc_source_t *self)
{
    if (self->reader.fd >= 0) dc_reader_fini(&self->reader);
    dc_buf_fini(&self->joined);
}

dc_str_t dc_source_peek_line(dc_source_t *self)
{
    for (;;) {
        dc_str_t bytes = dc_reader_bytes(&self->reader);
        const char *newline = bytes.len ? memchr(bytes.data, '\n', bytes.len) : NULL;
        if (newline) return dc_str(bytes.data, (size_t)(newline - bytes.data));
        if (self->reader.is_end || bytes.len > DC_RECORD_BYTES_MAX) return bytes;
        if (!self->reader.is_regular) dc_source_await(self);
        dc_reader_fill(&self->reader);
    }
}

// --- arguments ---------------------------------------------------------------------------------

// One argument that goes alone: it has line breaks, or is too long for anything.
static dc_source_state_t next_alone(dc_source_t *self, const char *text, size_t len,
                                    dc_source_item_t *item)
{
    bool is_sent = len > 0 && len <= DC_EXPR_BYTES_MAX;
    item->jobs = 1;
    item->chunk = (dcalc_chunk_t){ .bytes = text, .size = len, .record = true };
    self->row++;
    return is_sent ? DC_SOURCE_CHUNK : DC_SOURCE_LOST;
}

// As many arguments as make a chunk of lines.
static dc_source_state_t next_arguments(dc_source_t *self, dc_source_item_t *item)
{
    self->joined.len = 0;
    for (; self->row < self->argument_count; self->row++, item->jobs++) {
        const char *text = self->arguments[self->row];
        size_t len = strlen(text);
        bool is_alone = len > DC_EXPR_BYTES_MAX || strchr(text, '\n');
        if (is_alone && item->jobs == 0) return next_alone(self, text, len, item);
        bool fits = self->joined.len + len < DC_CHUNK_BYTES_MAX && item->jobs < DC_CHUNK_JOBS_MAX;
        if (is_alone || (!fits && item->jobs)) break;
        dc_buf_append(&self->joined, text, len);
        dc_buf_append_char(&self->joined, '\n');
    }
    if (item->jobs == 0) return DC_SOURCE_END;
    item->chunk = (dcalc_chunk_t){ .bytes = self->joined.data, .size = self->joined.len };
    return DC_SOURCE_CHUNK;
}

// --- ranges ------------------------------------------------------------------------------------

static dc_source_state_t next_doubles(dc_source_t *self, dc_source_item_t *item)
{
    size_t width = self->sweep->axis_count * sizeof(double);
    size_t jobs = dc_min_size(DC_CHUNK_JOBS_MAX, DC_CHUNK_BYTES_MAX / width);
    jobs = (size_t)dc_min_u64(jobs ? jobs : 1, self->sweep->row_count - self->row);
    if (jobs == 0) return DC_SOURCE_END;
    double *doubles = dcalc_memory_new(jobs * width);
    if (!doubles) return DC_SOURCE_ERROR;
    dc_sweep_fill(self->sweep, self->row, jobs, doubles);
    item->chunk = (dcalc_chunk_t){ .bytes = (const char *)doubles,
                                   .size = jobs * width,
                                   .memory = doubles,
                                   .width = (uint32_t)width };
    item->jobs = (uint32_t)jobs;
    self->row += jobs;
    return DC_SOURCE_CHUNK;
}

// One row that is longer than a chunk.
static dc_source_state_t next_long_point(dc_source_t *self, dc_source_item_t *item)
{
    self->row++;
    item->jobs = 1;
    item->chunk.record = true;
    item->chunk.bytes = self->joined.data;
    item->chunk.size = self->joined.len;
    return self->joined.len <= DC_RECORD_BYTES_MAX ? DC_SOURCE_CHUNK : DC_SOURCE_LOST;
}

// As many rows as make a chunk of lines.
static dc_source_state_t next_points(dc_source_t *self, dc_source_item_t *item)
{
    self->joined.len = 0;
    for (; self->row < self->sweep->row_count && item->jobs < DC_CHUNK_JOBS_MAX; self->row++) {
        size_t len = self->joined.len;
        if (!dc_points_put(self->points, self->sweep, self->row, &self->joined))
            return DC_SOURCE_ERROR;
        bool fits = self->joined.len <= DC_CHUNK_BYTES_MAX;
        if (!fits && !item->jobs) return next_long_point(self, item);
        if (!fits) self->joined.len = len;
        if (!fits) break;
        item->jobs++;
    }
    if (item->jobs == 0) return DC_SOURCE_END;
    item->chunk = (dcalc_chunk_t){ .bytes = self->joined.data, .size = self->joined.len };
    return DC_SOURCE_CHUNK;
}

// --- rows once more ----------------------------------------------------------------------------

static dc_source_state_t next_again(dc_source_t *self, dc_source_item_t *item)
{
    if (!dc_again_next(self->again, &item->chunk, &item->jobs)) return DC_SOURCE_END;
    self->row += item->jobs;
    return DC_SOURCE_CHUNK;
}

// --- streams -----------------------------------------------------------------------------------

static bool is_readable(const dc_reader_t *reader)
{
    struct pollfd pollfd = { .fd = reader->fd, .events = POLLIN };
    return reader->is_regular || poll(&pollfd, 1, 0) > 0;
}

static dc_source_state_t put_cut(dc_source_t *self, const dc_cut_t *cut, dc_source_item_t *item)
{
    dc_str_t bytes = dc_reader_bytes(&self->reader);
    item->chunk = (dcalc_chunk_t){ .bytes = bytes.data, .size = cut->bytes };
    item->chunk.record = cut->is_record;
    item->jobs = 1;
    if (cut->type == DC_CUT_CHUNK) {
        item->jobs = cut->jobs;
        // A typed line must not hold a block.
        bool is_kept = cut->bytes > DC_COPY_BYTES_MAX;
        if (is_kept) item->chunk.memory = dcalc_memory_share(self->reader.block);
    }
    dc_reader_take(&self->reader, cut->bytes);
    self->row += item->jobs;
    self->line += cut->lines;
    self->waiting_ms = 0;
    return cut->type == DC_CUT_CHUNK ? DC_SOURCE_CHUNK : DC_SOURCE_LOST;
}

// Nothing makes a chunk: read on if something is there.
static bool read_more(dc_source_t *self, dc_ms_t now, dc_source_state_t *state)
{
    dc_reader_t *reader = &self->reader;
    *state = reader->error ? DC_SOURCE_ERROR : DC_SOURCE_END;
    if (reader->is_end) return false;
    if (is_readable(reader)) {
        dc_reader_fill(reader);
        return true;
    }
    if (reader->end > reader->first && !self->waiting_ms) self->waiting_ms = now;
    *state = DC_SOURCE_WAIT;
    return false;
}

// Whether less than a full chunk may go: if more is there it is read first.
static bool is_flush_due(const dc_source_t *self, bool is_idle, dc_ms_t now)
{
    bool has_waited = self->waiting_ms && now - self->waiting_ms >= GATHER_MS;
    return (is_idle || has_waited) && !self->reader.is_regular && !is_readable(&self->reader);
}

static dc_source_state_t next_rows(dc_source_t *self, bool is_idle, dc_ms_t now,
                                   dc_source_item_t *item)
{
    dc_reader_t *reader = &self->reader;
    for (;;) {
        dc_str_t bytes = dc_reader_bytes(reader);
        // What begins behind a header may be a bad row, and is no file of another make.
        if (self->line == 1 && self->row == 0 && dc_foreign_format(bytes)) return DC_SOURCE_FOREIGN;
        dc_cut_t cut = dc_cutter_next(&self->cutter, bytes, false, reader->is_end);
        if (cut.type == DC_CUT_MORE && bytes.len && is_flush_due(self, is_idle, now)) {
            cut = dc_cutter_next(&self->cutter, bytes, true, reader->is_end);
        }
        dc_source_state_t state;
        switch (cut.type) {
        case DC_CUT_CHUNK:
        case DC_CUT_TOO_LONG: return put_cut(self, &cut, item);
        case DC_CUT_UNCLOSED: return DC_SOURCE_UNCLOSED;
        case DC_CUT_SKIPPED:
            // Such a row may never end: whoever waits for input must come up for air.
            dc_reader_take(reader, cut.bytes);
            return DC_SOURCE_WAIT;
        case DC_CUT_MORE:
            if (!read_more(self, now, &state)) return state;
        }
    }
}

static dc_source_state_t next_cells(dc_source_t *self, dc_source_item_t *item)
{
    bool is_short;
    bool has_one = dc_sheet_feed_next(self->sheet, &item->chunk, &item->jobs, &is_short);
    if (!has_one) return is_short ? DC_SOURCE_ERROR : DC_SOURCE_END;
    self->row += item->jobs;
    return DC_SOURCE_CHUNK;
}

// The next rows, but for the room that they take.
static dc_source_state_t next(dc_source_t *self, bool is_idle, dc_ms_t now, dc_source_item_t *item)
{
    *item = (dc_source_item_t){ .row = self->row, .line = self->line };
    if (self->sheet) return next_cells(self, item);
    if (self->arguments) return next_arguments(self, item);
    if (self->points) return next_points(self, item);
    if (self->sweep) return next_doubles(self, item);
    if (self->again) return next_again(self, item);
    return next_rows(self, is_idle, now, item);
}

// What a chunk needs, and is needed for, takes room beside its bytes.
static size_t room_of(const dcalc_chunk_t *chunk, uint32_t jobs)
{
    size_t count = chunk->needed ? jobs : 0;
    for (uint32_t i = 0; i < chunk->need_count; i++) {
        count += (size_t)(chunk->needs[i].end - chunk->needs[i].first);
    }
    return chunk->size + chunk->need_count * (size_t)DC_WIRE_RANGE_BYTES +
           count * (size_t)DC_NEED_COST_BYTES;
}

dc_source_state_t dc_source_next(dc_source_t *self, bool is_idle, dc_ms_t now,
                                 dc_source_item_t *item)
{
    dc_source_state_t state = next(self, is_idle, now, item);
    item->is_held = state == DC_SOURCE_CHUNK;
    item->room = room_of(&item->chunk, item->jobs);
    return state;
}

void dc_source_drop_item(dc_source_item_t *item)
{
    if (item->is_held && item->chunk.memory) dcalc_memory_release(item->chunk.memory);
    item->is_held = false;
}

int dc_source_complain(const dc_source_t *self, dc_source_state_t state, const char *name,
                       dc_buf_t *out)
{
    int error = self->reader.error ? self->reader.error : ENOMEM;
    dc_buf_append_text(out, state == DC_SOURCE_ERROR ? "dcalc: cannot read " : "dcalc: ");
    dc_text_put_safe(out, dc_str_from(name));
    if (state == DC_SOURCE_ERROR) {
        dc_buf_printf(out, ": %s\n", strerror(error));
        return dc_exit_status_of_errno(error, EX_IOERR);
    }
    if (state == DC_SOURCE_FOREIGN) {
        dc_buf_printf(out, ": %s\n", dc_foreign_format(dc_reader_bytes(&self->reader)));
        return EX_DATAERR;
    }
    dc_buf_printf(out, ":%llu: a quote that opens here is never closed\n",
                  (unsigned long long)self->line);
    return EX_DATAERR;
}

int dc_source_fd(const dc_source_t *self)
{
    return self->reader.is_end ? -1 : self->reader.fd;
}

bool dc_source_is_typed(const dc_source_t *self)
{
    int fd = dc_source_fd(self);
    return fd >= 0 && isatty(fd);
}

int dc_source_timeout_ms(const dc_source_t *self, dc_ms_t now)
{
    if (!self->waiting_ms) return -1;
    dc_ms_t waited = now - self->waiting_ms;
    return waited >= GATHER_MS ? 0 : (int)(GATHER_MS - waited);
}

void dc_source_await(const dc_source_t *self)
{
    struct pollfd pollfd = { .fd = dc_source_fd(self), .events = POLLIN };
    poll(&pollfd, 1, dc_source_timeout_ms(self, dc_clock_ms()));
}

static bool is_all_taken(const dc_reader_t *reader)
{
    return reader->is_end && reader->end == reader->first;
}

bool dc_source_is_counted(const dc_source_t *self)
{
    return self->sheet || self->arguments || self->sweep || self->again ||
           is_all_taken(&self->reader);
}

// How many lines there are in what is left of a file, by pieces from all over it: numbers grow, so
// its first lines are often its shortest. Negative if it cannot be read, or has grown.
static double guess_lines_left(const dc_reader_t *reader)
{
    char bytes[SAMPLE_BYTES];
    off_t at = lseek(reader->fd, 0, SEEK_CUR) - (off_t)(reader->end - reader->first);
    off_t end = (off_t)reader->bytes_all;
    off_t step = (end - at) / SAMPLES > SAMPLE_BYTES ? (end - at) / SAMPLES : SAMPLE_BYTES;
    double all = (double)(end - at);
    double seen = 0;
    double lines = 0;
    if (at > end) return -1;
    for (; at < end; at += step) {
        ssize_t count = pread(reader->fd, bytes, sizeof bytes, at);
        if (count <= 0) return -1;
        lines += (double)dc_lines_count(dc_str(bytes, (size_t)count));
        seen += (double)count;
    }
    return seen > 0 ? lines / seen * all : 0;
}

uint64_t dc_source_rows_expected(const dc_source_t *self)
{
    if (self->sheet) return self->sheet->sheet->count;
    const dc_reader_t *reader = &self->reader;
    if (self->arguments) return self->argument_count;
    if (self->sweep) return self->sweep->row_count;
    if (self->again) return self->again->count;
    if (is_all_taken(reader)) return self->row;
    if (!reader->is_regular) return 0;
    double lines = guess_lines_left(reader);
    if (lines < 0) return 0;
    // A row may have several lines.
    if (self->row) lines *= (double)self->row / (double)(self->line - self->line_first);
    return self->row + (uint64_t)lines;
}
