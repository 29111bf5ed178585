#include "client/cli/text/progress.h"

#include "client/cli/text/numfmt.h"
#include "client/cli/text/text.h"
#include "common/json_writer.h"

#define BAR_AFTER_MS  500
#define BAR_EVERY_MS  100
#define JSON_EVERY_MS 1000

#define BAR_CELLS_MAX 33
#define BAR_CELLS_MIN 8

bool dc_progress_is_due(dc_ms_t now, dc_ms_t started_ms, dc_ms_t drawn_ms, bool is_json)
{
    dc_ms_t interval_ms = is_json ? JSON_EVERY_MS : BAR_EVERY_MS;
    return now - started_ms >= BAR_AFTER_MS && now - drawn_ms >= interval_ms;
}

static void put_unknown(const dc_progress_t *self, dc_buf_t *out)
{
    dc_numfmt_put_short(out, (double)self->done);
    dc_buf_append_text(out, " done, ");
    dc_numfmt_put_short(out, (double)self->waiting);
    dc_buf_append_text(out, " waiting, ");
    dc_numfmt_put_short(out, self->rate);
    dc_buf_append_text(out, "/s");
}

// What the bar is of: rows, or the terms of the only one.
typedef struct scale {
    uint64_t done, expected;
    double rate;
    const char *unit;
} scale_t;

static scale_t scale_of(const dc_progress_t *self)
{
    bool is_only = self->done == 0 && (self->expected ? self->expected : self->waiting) == 1;
    if (self->terms && is_only) {
        return (scale_t){ self->terms_done, self->terms, self->terms_rate, " terms" };
    }
    return (scale_t){ self->done, self->expected, self->rate, "" };
}

// What stands right of the bar.
static void put_numbers(const scale_t *scale, dc_buf_t *out)
{
    dc_buf_printf(out, " %3.0f %%  ", (double)scale->done / (double)scale->expected * 100);
    dc_numfmt_put_short(out, (double)scale->done);
    dc_buf_append_char(out, '/');
    dc_numfmt_put_short(out, (double)scale->expected);
    dc_buf_append_text(out, scale->unit);
    dc_buf_append_text(out, "   ");
    dc_numfmt_put_short(out, scale->rate);
    dc_buf_append_text(out, "/s");
    if (scale->rate > 0) {
        dc_buf_append_text(out, "   ");
        dc_numfmt_put_seconds(out, (double)(scale->expected - scale->done) / scale->rate);
        dc_buf_append_text(out, " left");
    }
}

static void put_big_row(const dc_progress_t *self, dc_buf_t *out)
{
    double share = (double)self->terms_done / (double)self->terms;
    dc_buf_printf(out, "   big row %.0f %%", share * 100);
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

static void put_name(const dc_progress_t *self, dc_buf_t *out)
{
    if (!*self->name) return;
    dc_text_put_safe(out, dc_str_from(self->name));
    dc_buf_append_char(out, ' ');
}

void dc_progress_put_bar(const dc_progress_t *self, size_t columns, bool is_utf8, dc_buf_t *out)
{
    dc_buf_t right = { 0 };
    scale_t scale = scale_of(self);
    size_t name_len = strlen(self->name);
    bool is_known = scale.expected && scale.done <= scale.expected;
    if (is_known) {
        put_numbers(&scale, &right);
    } else {
        put_unknown(self, &right);
    }
    if (self->terms && scale.expected != self->terms) put_big_row(self, &right);
    put_counts(self, &right);
    if (is_known) {
        put_name(self, out);
        size_t used = dc_text_column(dc_str(self->name, name_len), name_len) + 2 + right.len;
        size_t cells = used < columns ? columns - used : 0;
        double share = (double)scale.done / (double)scale.expected;
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
    if (self->why.len) dc_json_put_member_string(&json, "why", self->why);
    if (self->terms) {
        dc_json_put_member_u64(&json, "terms_done", self->terms_done);
        dc_json_put_member_u64(&json, "terms", self->terms);
        dc_json_put_member_number(&json, "terms_rate", (double)(uint64_t)(self->terms_rate + 0.5));
    }
    dc_json_end_object(&json);
    dc_buf_append_char(out, '\n');
}
