#include "client/cli/progress.h"

#include "client/cli/numfmt.h"
#include "client/cli/text.h"
#include "common/json_writer.h"

#define BAR_CELLS_MAX 33
#define BAR_CELLS_MIN 8

static void put_unknown(const dc_progress_t *self, dc_buf_t *out)
{
    dc_numfmt_put_short(out, (double)self->done);
    dc_buf_append_text(out, " done, ");
    dc_numfmt_put_short(out, (double)self->waiting);
    dc_buf_append_text(out, " waiting, ");
    dc_numfmt_put_short(out, self->rate);
    dc_buf_append_text(out, "/s");
}

// What stands right of the bar.
static void put_numbers(const dc_progress_t *self, double share, dc_buf_t *out)
{
    dc_buf_printf(out, " %3.0f %%  ", share * 100);
    dc_numfmt_put_short(out, (double)self->done);
    dc_buf_append_char(out, '/');
    dc_numfmt_put_short(out, (double)self->expected);
    dc_buf_append_text(out, "   ");
    dc_numfmt_put_short(out, self->rate);
    dc_buf_append_text(out, "/s");
    if (self->rate > 0) {
        dc_buf_append_text(out, "   ");
        dc_numfmt_put_seconds(out, (double)(self->expected - self->done) / self->rate);
        dc_buf_append_text(out, " left");
    }
}

static void put_counts(const dc_progress_t *self, dc_buf_t *out)
{
    if (self->failed) {
        dc_buf_append_text(out, "   ");
        dc_numfmt_put_count(out, self->failed);
        dc_buf_append_text(out, " failed");
    }
    if (self->workers) {
        dc_buf_append_text(out, "   ");
        dc_numfmt_put_count(out, self->workers);
        dc_buf_append_text(out, self->workers == 1 ? " worker" : " workers");
    }
}

static void put_cells(double share, size_t cells, bool is_utf8, dc_buf_t *out)
{
    size_t full = (size_t)(share * (double)cells);
    for (size_t i = 0; i < cells; i++) {
        const char *cell = i < full ? "━" : i == full ? "╸" : "─";
        if (!is_utf8) cell = i < full ? "=" : i == full ? ">" : "-";
        dc_buf_append_text(out, cell);
    }
}

void dc_progress_put_bar(const dc_progress_t *self, size_t columns, bool is_utf8, dc_buf_t *out)
{
    dc_buf_t right = { 0 };
    size_t name_len = strlen(self->name);
    if (self->expected < self->done || self->expected == 0) {
        put_unknown(self, &right);
        put_counts(self, &right);
    } else {
        double share = (double)self->done / (double)self->expected;
        put_numbers(self, share, &right);
        put_counts(self, &right);
        if (name_len) {
            dc_text_put_safe(out, dc_str(self->name, name_len));
            dc_buf_append_char(out, ' ');
        }
        size_t used = dc_text_column(dc_str(self->name, name_len), name_len) + 2 + right.len;
        size_t cells = used < columns ? columns - used : 0;
        cells = dc_min_size(cells, BAR_CELLS_MAX);
        if (cells >= BAR_CELLS_MIN) put_cells(share, cells, is_utf8, out);
    }
    dc_buf_append(out, right.data, dc_min_size(right.len, columns > 1 ? columns - 1 : 1));
    dc_buf_fini(&right);
}

void dc_progress_put_json(const dc_progress_t *self, dc_buf_t *out)
{
    dc_json_writer_t json = dc_json_writer(out);
    dc_json_begin_object(&json);
    dc_json_put_member_u64(&json, "v", 1);
    dc_json_put_member_u64(&json, "done", self->done);
    dc_json_put_member_u64(&json, "waiting", self->waiting);
    if (self->expected) dc_json_put_member_u64(&json, "expected", self->expected);
    dc_json_put_member_u64(&json, "failed", self->failed);
    dc_json_put_member_number(&json, "rate", (double)(uint64_t)(self->rate + 0.5));
    dc_json_put_member_number(&json, "seconds", (double)(uint64_t)(self->seconds * 10 + 0.5) / 10);
    if (self->workers) dc_json_put_member_u64(&json, "workers", self->workers);
    dc_json_end_object(&json);
    dc_buf_append_char(out, '\n');
}
