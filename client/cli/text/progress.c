#include "client/cli/text/progress.h"

#include "client/cli/text/numfmt.h"
#include "client/cli/text/text.h"
#include "common/json_writer.h"

#define BAR_AFTER_MS  500
#define BAR_EVERY_MS  100
#define JSON_EVERY_MS 1000

#define BAR_CELLS_MAX 33
#define BAR_CELLS_MIN 8

// Less of a name tells nobody anything.
#define NAME_CELLS_MIN 8

bool dc_progress_is_due(dc_ms_t now, dc_ms_t started_ms, dc_ms_t drawn_ms, bool is_json)
{
    dc_ms_t interval_ms = is_json ? JSON_EVERY_MS : BAR_EVERY_MS;
    return now - started_ms >= BAR_AFTER_MS && now - drawn_ms >= interval_ms;
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

// --- what stands right of the bar --------------------------------------------------------------

// Its parts, in the order in which they stand.
enum {
    HEAD,
    RATE,
    LEFT,
    BIG_ROW,
    FAILED,
    WORKERS,
    PARTS
};

// The order in which they are let in, as far as there is room.
static const unsigned char by_weight[PARTS] = { HEAD, LEFT, FAILED, RATE, WORKERS, BIG_ROW };

static void put_known(const scale_t *scale, dc_buf_t *parts)
{
    dc_buf_printf(&parts[HEAD], " %3.0f %%  ", (double)scale->done / (double)scale->expected * 100);
    dc_numfmt_put_short(&parts[HEAD], (double)scale->done);
    dc_buf_append_char(&parts[HEAD], '/');
    dc_numfmt_put_short(&parts[HEAD], (double)scale->expected);
    dc_buf_append_text(&parts[HEAD], scale->unit);
    dc_buf_append_text(&parts[RATE], "   ");
    dc_numfmt_put_short(&parts[RATE], scale->rate);
    dc_buf_append_text(&parts[RATE], "/s");
    if (scale->rate <= 0) return;
    dc_buf_append_text(&parts[LEFT], "   ");
    dc_numfmt_put_seconds(&parts[LEFT], (double)(scale->expected - scale->done) / scale->rate);
    dc_buf_append_text(&parts[LEFT], " left");
}

static void put_unknown(const dc_progress_t *self, dc_buf_t *parts)
{
    dc_numfmt_put_short(&parts[HEAD], (double)self->done);
    dc_buf_append_text(&parts[HEAD], " done, ");
    dc_numfmt_put_short(&parts[HEAD], (double)self->waiting);
    dc_buf_append_text(&parts[HEAD], " waiting");
    dc_buf_append_text(&parts[RATE], ", ");
    dc_numfmt_put_short(&parts[RATE], self->rate);
    dc_buf_append_text(&parts[RATE], "/s");
}

static void put_counts(const dc_progress_t *self, dc_buf_t *parts)
{
    if (self->failed) {
        dc_buf_append_text(&parts[FAILED], "   ");
        dc_numfmt_put_count(&parts[FAILED], self->failed);
        dc_buf_append_text(&parts[FAILED], " failed");
    }
    if (self->workers) {
        dc_buf_append_text(&parts[WORKERS], "   ");
        dc_numfmt_put_counted(&parts[WORKERS], self->workers, " worker", " workers");
    }
}

// Put those of the parts that fit into `room` characters (each is one byte) one behind the other;
// the first of all is cut if it must be.
static void put_fitting(dc_buf_t *parts, size_t room, dc_buf_t *out)
{
    size_t left = room;
    for (size_t i = 0; i < PARTS; i++) {
        dc_buf_t *part = &parts[by_weight[i]];
        if (by_weight[i] == HEAD) part->len = dc_min_size(part->len, room);
        if (part->len > left) part->len = 0;
        left -= part->len;
    }
    for (size_t i = 0; i < PARTS; i++) {
        dc_buf_append_str(out, dc_buf_str(&parts[i]));
        dc_buf_fini(&parts[i]);
    }
}

static void put_right(const dc_progress_t *self, const scale_t *scale, bool is_known, size_t room,
                      dc_buf_t *out)
{
    dc_buf_t parts[PARTS] = { { 0 } };
    if (is_known) {
        put_known(scale, parts);
    } else {
        put_unknown(self, parts);
    }
    if (self->terms && scale->expected != self->terms) {
        double share = (double)self->terms_done / (double)self->terms;
        dc_buf_printf(&parts[BIG_ROW], "   big row %.0f %%", share * 100);
    }
    put_counts(self, parts);
    put_fitting(parts, room, out);
}

// --- the bar and what is left of it ------------------------------------------------------------

static void put_cells(double share, size_t cells, bool is_utf8, dc_buf_t *out)
{
    size_t full = (size_t)(share * (double)cells);
    for (size_t i = 0; i < cells; i++) {
        const char *cell = i < full ? "━" : i == full ? "╸" : "─";
        if (!is_utf8) cell = i < full ? "=" : i == full ? ">" : "-";
        dc_buf_append_text(out, cell);
    }
}

// The name, in `room` characters with the blank behind it: of one that is longer the end, which is
// what tells files apart. Returns how many it took.
static size_t put_name(const char *name, size_t room, bool is_utf8, dc_buf_t *out)
{
    dc_str_t text = dc_str_from(name);
    size_t len = dc_text_column(text, text.len);
    const char *cut = is_utf8 ? "…" : "...";
    size_t cut_len = is_utf8 ? 1 : 3;
    if (len == 0 || room < NAME_CELLS_MIN + 1) return 0;
    if (len + 1 > room) {
        size_t kept = room - 1 - cut_len;
        dc_buf_append_text(out, cut);
        text = dc_str_behind(text, dc_text_offset(text, len - kept));
        len = room - 1;
    }
    dc_text_put_safe(out, text);
    dc_buf_append_char(out, ' ');
    return len + 1;
}

void dc_progress_put_bar(const dc_progress_t *self, size_t columns, bool is_utf8, dc_buf_t *out)
{
    dc_buf_t right = { 0 };
    scale_t scale = scale_of(self);
    bool is_known = scale.expected && scale.done <= scale.expected;
    // A terminal may break the line when its last column is written to.
    size_t room = columns > 1 ? columns - 1 : 1;
    put_right(self, &scale, is_known, room, &right);
    if (is_known) {
        size_t left = room - dc_min_size(right.len, room);
        // A name that fits goes before a bar; of a long one there is as much as the bar leaves.
        size_t len = dc_text_column(dc_str_from(self->name), strlen(self->name)) + 1;
        bool has_both = left >= BAR_CELLS_MIN + NAME_CELLS_MIN + 1;
        size_t name_room = len > left && has_both ? left - BAR_CELLS_MIN : left;
        left -= put_name(self->name, name_room, is_utf8, out);
        double share = (double)scale.done / (double)scale.expected;
        size_t cells = dc_min_size(left, BAR_CELLS_MAX);
        if (cells >= BAR_CELLS_MIN) put_cells(share, cells, is_utf8, out);
    }
    dc_buf_append_str(out, dc_buf_str(&right));
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
