#include "client/cli/look/top_rows.h"

#include "client/cli/cluster/facts.h"
#include "client/cli/text/numfmt.h"
#include "client/cli/text/text.h"

// Longer names are cut: what is behind them matters more.
#define NAME_COLUMNS_MAX 24

static dc_str_t cut(dc_str_t text, size_t columns)
{
    return dc_str(text.data, dc_text_offset(text, columns));
}

// --- workers -----------------------------------------------------------------------------------

static const dc_strip_column_t worker_columns[] = {
    { .rank = 0 },
    { .rank = 4, .is_bar = true },
    { .rank = 0, .is_right = true },
    { .rank = 3, .is_right = true },
    { .rank = 2, .is_right = true },
    { .rank = 1, .is_rest = true },
};

// What a worker does: that it is late, or leaves, or which batches it computes.
static void put_doing(dc_strip_t *strip, const dc_json_t *worker)
{
    if (dc_facts_flag(worker, "late")) {
        dc_strip_put(strip, DC_STYLE_BAD, DC_STR("LATE"));
        return;
    }
    if (dc_facts_flag(worker, "draining")) {
        dc_strip_put(strip, DC_STYLE_WARN, DC_STR("draining"));
        return;
    }
    const dc_json_t *running = dc_json_member(worker, "running");
    size_t start = strip->text.len;
    for (size_t i = 0; i < dc_json_len(running); i++) {
        if (i) dc_buf_append_char(&strip->text, ' ');
        const dc_json_t *name = dc_json_at(running, i);
        if (dc_json_type(name) != DC_JSON_STRING) continue;
        dc_text_put_safe(&strip->text, dc_json_string(name));
    }
    dc_strip_end(strip, DC_STYLE_PLAIN, start);
}

static void put_worker(dc_strip_t *strip, const dc_json_t *worker)
{
    dc_buf_t *text = &strip->text;
    bool is_late = dc_facts_flag(worker, "late");
    uint64_t slots = dc_max_u64(dc_facts_number(worker, "slots"), 1);
    uint64_t busy = dc_facts_number(worker, "busy");
    size_t start = text->len;
    dc_text_put_safe(text, cut(dc_facts_text(worker, "worker"), NAME_COLUMNS_MAX));
    dc_strip_end(strip, DC_STYLE_STRONG, start);
    dc_strip_put_bar(strip, is_late ? DC_STYLE_BAD : DC_STYLE_GOOD, (double)busy / (double)slots);
    start = text->len;
    dc_buf_printf(text, "%llu/%llu", (unsigned long long)busy, (unsigned long long)slots);
    dc_strip_end(strip, DC_STYLE_PLAIN, start);
    start = text->len;
    dc_buf_printf(text, "%s %.1fs", strip->is_utf8 ? "♥" : "heard",
                  (double)dc_facts_number(worker, "silent_ms") / 1000);
    dc_strip_end(strip, is_late ? DC_STYLE_BAD : DC_STYLE_PLAIN, start);
    start = text->len;
    dc_numfmt_put_short(text, dc_facts_real(worker, "rate"));
    dc_buf_append_text(text, "/s");
    dc_strip_end(strip, DC_STYLE_PLAIN, start);
    put_doing(strip, worker);
}

const dc_top_rows_t dc_top_workers = { worker_columns, DC_ARRAY_LEN(worker_columns), put_worker };

// --- batches -----------------------------------------------------------------------------------

static const dc_strip_column_t batch_columns[] = {
    { .rank = 0 },
    { .rank = 3, .is_bar = true, .is_thin = true },
    { .rank = 0, .is_right = true },
    { .rank = 2, .is_right = true },
    { .rank = 4, .is_right = true },
    { .rank = 5, .is_right = true },
    { .rank = 1, .is_rest = true },
};

static double share_done(const dc_json_t *batch)
{
    uint64_t jobs = dc_facts_number(batch, "jobs");
    if (!dc_facts_has_number(batch, "jobs")) return -1;
    return jobs ? (double)dc_facts_number(batch, "done") / (double)jobs : 1;
}

static void put_how_far(dc_strip_t *strip, const dc_json_t *batch)
{
    double share = share_done(batch);
    dc_strip_put_bar(strip, DC_STYLE_GOOD, share);
    size_t start = strip->text.len;
    if (share >= 0) {
        dc_buf_printf(&strip->text, "%.0f %%", 100 * share);
    } else {
        dc_numfmt_put_short(&strip->text, (double)dc_facts_number(batch, "done"));
        dc_buf_append_text(&strip->text, " done");
    }
    dc_strip_end(strip, DC_STYLE_PLAIN, start);
    uint64_t left_ms;
    start = strip->text.len;
    if (dc_facts_left_ms(batch, &left_ms)) {
        dc_numfmt_put_seconds(&strip->text, (double)left_ms / 1000);
        dc_buf_append_text(&strip->text, " left");
    }
    dc_strip_end(strip, DC_STYLE_PLAIN, start);
}

// Why nothing of it runs; of what runs there is nothing to be said.
static void put_state(dc_strip_t *strip, const dc_json_t *batch)
{
    dc_str_t state = dc_facts_text(batch, "state");
    dc_str_t why = dc_facts_text(batch, "why");
    bool is_running = dc_str_eq(state, DC_STR("running"));
    // Why it waits says that it does, in as little room as there is.
    bool is_said = is_running || (why.len && dc_str_eq(state, DC_STR("waiting")));
    size_t start = strip->text.len;
    if (!is_said) dc_text_put_safe(&strip->text, state);
    if (is_running && dc_facts_flag(batch, "held")) dc_buf_append_text(&strip->text, "held");
    if (is_running && dc_facts_has_number(batch, "retry_ms")) {
        dc_buf_append_text(&strip->text, "at its limit");
    }
    if (why.len && !dc_str_eq(state, DC_STR("held"))) { // which says it
        if (!is_said) dc_buf_append_text(&strip->text, ": ");
        dc_text_put_safe(&strip->text, why);
    }
    dc_strip_end(strip, dc_str_eq(state, DC_STR("done")) ? DC_STYLE_FAINT : DC_STYLE_WARN, start);
}

static void put_batch(dc_strip_t *strip, const dc_json_t *batch)
{
    dc_buf_t *text = &strip->text;
    uint64_t failed = dc_facts_number(batch, "failed");
    size_t start = text->len;
    dc_text_put_safe(text, dc_facts_text(batch, "batch"));
    dc_buf_append_char(text, ' ');
    dc_text_put_safe(text, cut(dc_facts_text(batch, "name"), NAME_COLUMNS_MAX));
    dc_strip_end(strip, DC_STYLE_STRONG, start);
    put_how_far(strip, batch);
    start = text->len;
    dc_numfmt_put_short(text, (double)failed);
    dc_buf_append_text(text, " failed");
    dc_strip_end(strip, failed ? DC_STYLE_BAD : DC_STYLE_PLAIN, start);
    start = text->len;
    dc_buf_printf(text, "prio %d", dc_facts_priority(batch));
    dc_strip_end(strip, DC_STYLE_PLAIN, start);
    put_state(strip, batch);
}

const dc_top_rows_t dc_top_batches = { batch_columns, DC_ARRAY_LEN(batch_columns), put_batch };
