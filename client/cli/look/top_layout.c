#include "client/cli/look/top_layout.h"

#include <math.h>

#include "client/cli/cluster/facts.h"
#include "client/cli/look/top_detail.h"
#include "client/cli/look/top_rows.h"
#include "client/cli/text/numfmt.h"
#include "client/cli/text/strip.h"

// How many of the last seconds the line of bars shows.
#define SPARK_SECONDS 12

// --- the first line ----------------------------------------------------------------------------

static const dc_strip_column_t head_columns[] = {
    { .rank = 7 }, { .rank = 6 }, { .rank = 2 }, { .rank = 3 },
    { .rank = 4 }, { .rank = 0 }, { .rank = 5 },
};

static double number_at(const dc_json_t *list, size_t index)
{
    const dc_json_t *value = dc_json_at(list, index);
    return value && dc_json_type(value) == DC_JSON_NUMBER ? dc_json_number(value) : 0;
}

static void put_spark(dc_strip_t *strip, const dc_json_t *rates)
{
    static const char *const bars[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
    static const char ascii_bars[] = "_.,-=+*#";
    size_t count = dc_json_len(rates);
    size_t first = count > SPARK_SECONDS ? count - SPARK_SECONDS : 0;
    double most = 1;
    for (size_t i = first; i < count; i++) {
        most = fmax(most, number_at(rates, i));
    }
    size_t start = strip->text.len;
    for (size_t i = first; i < count; i++) {
        size_t height = (size_t)(fmax(number_at(rates, i), 0) / most * 7 + 0.5);
        if (strip->is_utf8) {
            dc_buf_append_text(&strip->text, bars[height]);
        } else {
            dc_buf_append_char(&strip->text, ascii_bars[height]);
        }
    }
    dc_strip_end(strip, DC_STYLE_GOOD, start);
}

static void put_count_of(dc_buf_t *out, uint64_t count, const char *word)
{
    dc_numfmt_put_count(out, count);
    dc_buf_printf(out, " %s%s", word, count == 1 ? "" : "s");
}

// How fast answers came of late, or, after a pause, ever.
static void put_latency(dc_strip_t *strip, const dc_json_t *stats)
{
    const dc_json_t *recent = dc_json_member(stats, "recent");
    size_t start = strip->text.len;
    if (recent && dc_facts_number(recent, "count")) {
        dc_buf_append_text(&strip->text, "p50 ");
        dc_numfmt_put_latency(&strip->text, dc_facts_real(recent, "p50_ms") / 1000);
        dc_buf_append_text(&strip->text, "  p99 ");
        dc_numfmt_put_latency(&strip->text, dc_facts_real(recent, "p99_ms") / 1000);
    }
    dc_strip_end(strip, DC_STYLE_PLAIN, start);
}

static void put_head_cells(const dc_top_view_t *view, dc_strip_t *strip)
{
    const dc_json_t *stats = view->stats;
    dc_buf_t *text = &strip->text;
    uint64_t plain = dc_facts_number(stats, "plain");
    dc_strip_put(strip, DC_STYLE_STRONG, DC_STR("dcalc"));
    dc_strip_put(strip, DC_STYLE_PLAIN, dc_str_from(view->url));
    size_t start = text->len;
    put_count_of(text, dc_facts_number(stats, "workers") + plain, "worker");
    dc_buf_append_char(text, ' ');
    put_count_of(text, dc_facts_number(stats, "slots") + plain, "slot");
    dc_strip_end(strip, DC_STYLE_PLAIN, start);
    start = text->len;
    dc_buf_append_text(text, "waiting ");
    dc_numfmt_put_short(text, (double)dc_facts_number(stats, "waiting"));
    dc_strip_end(strip, DC_STYLE_PLAIN, start);
    put_spark(strip, dc_json_member(stats, "rates"));
    start = text->len;
    dc_numfmt_put_short(text, dc_facts_real(stats, "rate"));
    dc_buf_append_text(text, "/s");
    dc_strip_end(strip, DC_STYLE_STRONG, start);
    put_latency(strip, stats);
}

static void put_head(const dc_top_view_t *view, dc_frame_t *frame)
{
    dc_strip_t strip;
    dc_frame_begin_line(frame, false);
    dc_frame_put(frame, DC_STYLE_PLAIN, DC_STR(" "));
    if (!view->stats && !(view->trouble && *view->trouble)) {
        dc_frame_put(frame, DC_STYLE_PLAIN, DC_STR("waiting for the broker at "));
        dc_frame_put(frame, DC_STYLE_PLAIN, dc_str_from(view->url));
        return;
    }
    if (view->trouble) {
        dc_frame_put(frame, DC_STYLE_BAD, DC_STR("no broker at "));
        dc_frame_put(frame, DC_STYLE_BAD, dc_str_from(view->url));
        if (*view->trouble) {
            dc_frame_put(frame, DC_STYLE_BAD, DC_STR(": "));
            dc_frame_put(frame, DC_STYLE_BAD, dc_str_from(view->trouble));
        }
        return;
    }
    dc_strip_init(&strip, head_columns, DC_ARRAY_LEN(head_columns), view->is_utf8);
    put_head_cells(view, &strip);
    dc_strip_fit(&strip, frame->columns - 1);
    if (dc_strip_row_count(&strip)) dc_strip_put_row(&strip, 0, DC_STYLE_PLAIN, frame);
    dc_strip_fini(&strip);
}

// --- the last line -----------------------------------------------------------------------------

static void put_foot(const dc_top_view_t *view, dc_frame_t *frame)
{
    static const dc_strip_column_t columns[] = { { .rank = 0 }, { .rank = 2 }, { .rank = 3 },
                                                 { .rank = 4 }, { .rank = 5 }, { .rank = 1 } };
    static const char *const keys[] = { "q quit", "c cancel",      "+ - priority",
                                        "h hold", "enter details", "up down" };
    dc_frame_begin_line(frame, false);
    dc_frame_put(frame, DC_STYLE_PLAIN, DC_STR(" "));
    if (view->message) {
        dc_frame_put(frame, DC_STYLE_WARN, dc_str_from(view->message));
        return;
    }
    dc_strip_t strip;
    dc_strip_init(&strip, columns, DC_ARRAY_LEN(columns), view->is_utf8);
    for (size_t i = 0; i < DC_ARRAY_LEN(keys); i++) {
        dc_strip_put(&strip, DC_STYLE_FAINT, dc_str_from(keys[i]));
    }
    dc_strip_fit(&strip, frame->columns - 1);
    if (dc_strip_row_count(&strip)) dc_strip_put_row(&strip, 0, DC_STYLE_PLAIN, frame);
    dc_strip_fini(&strip);
}

// --- all of it ---------------------------------------------------------------------------------

// One of the two lists: its rows, which of them are shown, and how many there are that are not.
typedef struct section {
    dc_strip_t strip;
    const char *nothing; // what is said where there are none
    const char *more;    // what others are called
    size_t row_count;
    size_t total;  // with those of which the broker says nothing
    size_t chosen; // row; SIZE_MAX: none
    size_t first, shown;
    bool has_more; // a line says how many more there are
} section_t;

static void open_section(section_t *section, const dc_top_view_t *view, const char *rows,
                         const dc_top_rows_t *kind, size_t width)
{
    const dc_json_t *list = view->stats ? dc_json_member(view->stats, rows) : NULL;
    section->chosen = SIZE_MAX;
    dc_strip_init(&section->strip, kind->columns, kind->column_count, view->is_utf8);
    for (size_t i = 0; i < dc_json_len(list); i++) {
        const dc_json_t *row = dc_json_at(list, i);
        kind->put(&section->strip, row);
        bool is_chosen = view->chosen && dc_facts_number(row, "number") == view->chosen;
        if (is_chosen) section->chosen = i;
    }
    section->row_count = dc_strip_row_count(&section->strip);
    dc_strip_fit(&section->strip, width);
}

static size_t lines_of(const section_t *section)
{
    size_t lines = section->row_count + (section->total > section->row_count);
    return lines ? lines : 1;
}

// Show the section in `lines` lines (1 or more), the chosen row among them.
static void choose_rows(section_t *section, size_t lines)
{
    section->has_more = lines < lines_of(section) || section->total > section->row_count;
    section->shown = dc_min_size(section->row_count, lines - section->has_more);
    section->first = 0;
    if (section->chosen == SIZE_MAX || section->chosen < section->shown) return;
    section->first = section->shown ? section->chosen - section->shown + 1 : 0;
}

static void put_section(const section_t *section, dc_style_t style, dc_frame_t *frame)
{
    if (section->row_count == 0) {
        dc_frame_begin_line(frame, false);
        dc_frame_put(frame, DC_STYLE_FAINT, DC_STR(" "));
        dc_frame_put(frame, DC_STYLE_FAINT, dc_str_from(section->nothing));
        return;
    }
    for (size_t i = section->first; i < section->first + section->shown; i++) {
        bool is_chosen = i == section->chosen;
        dc_frame_begin_line(frame, is_chosen);
        dc_frame_put(frame, DC_STYLE_STRONG, is_chosen ? DC_STR(">") : DC_STR(" "));
        dc_strip_put_row(&section->strip, i, style, frame);
    }
    if (!section->has_more) return;
    dc_buf_t text = { 0 };
    size_t total = section->total > section->row_count ? section->total : section->row_count;
    dc_buf_append_text(&text, " and ");
    dc_numfmt_put_count(&text, total - section->shown);
    dc_buf_printf(&text, " more %s", section->more);
    dc_frame_begin_line(frame, false);
    dc_frame_put(frame, DC_STYLE_FAINT, dc_buf_str(&text));
    dc_buf_fini(&text);
}

// Share `lines` lines out: each gets what it needs, or where that is too much half at least.
static void share_out(section_t *upper, section_t *lower, size_t lines)
{
    size_t upper_lines = lines_of(upper);
    size_t lower_lines = lines_of(lower);
    if (lines < 2) lines = 2;
    if (upper_lines + lower_lines > lines) {
        size_t half = lines / 2;
        size_t rest = lines > upper_lines ? lines - upper_lines : 0;
        lower_lines = dc_min_size(lower_lines, rest > half ? rest : half);
        upper_lines = lines - lower_lines;
    }
    choose_rows(upper, upper_lines);
    choose_rows(lower, lower_lines);
}

void dc_top_layout(const dc_top_view_t *view, dc_frame_t *frame)
{
    size_t width = frame->columns > 1 ? frame->columns - 1 : 1;
    dc_style_t style = view->trouble ? DC_STYLE_FAINT : DC_STYLE_PLAIN;
    section_t workers = { .nothing = view->stats ? "no worker is there" : "", .more = "workers" };
    section_t batches = { .nothing = view->stats ? "no batches" : "", .more = "batches" };
    open_section(&workers, view, "by_worker", &dc_top_workers, width);
    open_section(&batches, view, "by_batch", &dc_top_batches, width);
    workers.chosen = SIZE_MAX;
    if (view->stats) {
        workers.total =
            dc_facts_number(view->stats, "workers") + dc_facts_number(view->stats, "plain");
        batches.total = dc_facts_number(view->stats, "batches");
    }
    put_head(view, frame);
    if (view->detail) dc_top_detail(view->detail, frame);
    size_t used = dc_frame_line_count(frame) + 1; // and the last line
    size_t lines = !view->rows ? SIZE_MAX : view->rows > used ? view->rows - used : 1;
    if (view->detail) {
        choose_rows(&batches, dc_min_size(lines, lines_of(&batches)));
    } else {
        share_out(&workers, &batches, lines);
        put_section(&workers, style, frame);
    }
    put_section(&batches, style, frame);
    if (view->rows) put_foot(view, frame);
    dc_strip_fini(&workers.strip);
    dc_strip_fini(&batches.strip);
}
