#include "client/cli/look/top_detail.h"

#include "client/cli/cluster/facts.h"
#include "client/cli/text/numfmt.h"
#include "client/cli/text/text.h"

#define LABEL_COLUMNS 11

// End a line: what it is about, and `text`, which is then empty.
static void put_line(dc_frame_t *frame, const char *label, dc_style_t style, dc_buf_t *text)
{
    dc_frame_begin_line(frame, false);
    dc_frame_put(frame, DC_STYLE_PLAIN, DC_STR(" "));
    dc_frame_put(frame, DC_STYLE_FAINT, dc_str_from(label));
    dc_frame_pad(frame, LABEL_COLUMNS);
    dc_frame_put(frame, style, dc_buf_str(text));
    text->len = 0;
}

static void put_name(const dc_json_t *batch, dc_buf_t *text)
{
    dc_text_put_safe(text, dc_facts_text(batch, "batch"));
    dc_buf_append_char(text, ' ');
    dc_text_put_safe(text, dc_facts_text(batch, "name"));
}

static void put_state(const dc_json_t *batch, dc_buf_t *text)
{
    dc_str_t state = dc_facts_text(batch, "state");
    dc_text_put_safe(text, state);
    if (dc_facts_flag(batch, "held") && !dc_str_eq(state, DC_STR("held"))) {
        dc_buf_append_text(text, ", held");
    }
    dc_buf_printf(text, ", priority %d, since ", dc_facts_priority(batch));
    dc_numfmt_put_age(text, (double)dc_facts_number(batch, "age_ms") / 1000);
    if (!dc_facts_has_number(batch, "deadline_ms")) return;
    dc_buf_append_text(text, ", ends in ");
    dc_numfmt_put_seconds(text, (double)dc_facts_number(batch, "deadline_ms") / 1000);
}

static void put_count(const dc_json_t *batch, const char *name, const char *word, dc_buf_t *text)
{
    dc_buf_append_text(text, text->len ? "  " : "");
    dc_numfmt_put_count(text, dc_facts_number(batch, name));
    dc_buf_printf(text, " %s", word);
}

static void put_jobs(const dc_json_t *batch, dc_buf_t *text)
{
    if (dc_facts_has_number(batch, "jobs")) put_count(batch, "jobs", "in all", text);
    put_count(batch, "done", "done", text);
    put_count(batch, "failed", "failed", text);
    put_count(batch, "waiting", "waiting", text);
    put_count(batch, "running", "running", text);
    if (!dc_facts_number(batch, "forked")) return;
    put_count(batch, "forked", "split", text);
    put_count(batch, "parts", "parts open", text);
}

static void put_speed(const dc_json_t *batch, dc_buf_t *text)
{
    uint64_t left_ms;
    dc_numfmt_put_short(text, dc_facts_rate(batch));
    dc_buf_append_text(text, "/s");
    if (!dc_facts_left_ms(batch, &left_ms)) return;
    dc_buf_append_text(text, "  about ");
    dc_numfmt_put_seconds(text, (double)left_ms / 1000);
    dc_buf_append_text(text, " left");
}

static void put_time(const dc_json_t *times, const char *name, const char *word, dc_buf_t *text)
{
    dc_buf_printf(text, "%s%s ", text->len ? "  " : "", word);
    dc_numfmt_put_latency(text, dc_facts_real(times, name) / 1000);
}

// How long jobs took, of which `label` tells what.
static void put_times(const dc_json_t *batch, const char *name, const char *label,
                      dc_frame_t *frame, dc_buf_t *text)
{
    const dc_json_t *latency = dc_json_member(batch, "latency");
    const dc_json_t *times = latency ? dc_json_member(latency, name) : NULL;
    if (!times || !dc_facts_number(times, "count")) return;
    put_time(times, "p50_ms", "p50", text);
    put_time(times, "p90_ms", "p90", text);
    put_time(times, "p99_ms", "p99", text);
    put_time(times, "max_ms", "max", text);
    put_line(frame, label, DC_STYLE_PLAIN, text);
}

void dc_top_detail(const dc_json_t *batch, dc_frame_t *frame)
{
    dc_buf_t text = { 0 };
    put_name(batch, &text);
    put_line(frame, "batch", DC_STYLE_STRONG, &text);
    put_state(batch, &text);
    put_line(frame, "state", DC_STYLE_PLAIN, &text);
    dc_text_put_safe(&text, dc_facts_text(batch, "why"));
    if (text.len) put_line(frame, "why", DC_STYLE_WARN, &text);
    put_jobs(batch, &text);
    put_line(frame, "jobs", DC_STYLE_PLAIN, &text);
    put_speed(batch, &text);
    put_line(frame, "speed", DC_STYLE_PLAIN, &text);
    put_times(batch, "wait", "waited", frame, &text);
    put_times(batch, "lease", "computed", frame, &text);
    put_times(batch, "answer", "answered", frame, &text);
    dc_frame_begin_line(frame, false);
    dc_buf_fini(&text);
}
