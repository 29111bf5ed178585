#include "client/cli/look/look_part.h"

#include <sysexits.h>

#include "client/cli/exit_status.h"
#include "client/cli/look/find.h"
#include "client/cli/look/ids.h"
#include "client/cli/text/numfmt.h"
#include "client/cli/text/text.h"

static void put_rate(dc_buf_t *out, double rate)
{
    dc_numfmt_put_short(out, rate);
    dc_buf_append_text(out, "/s");
}

// For programs a whole number. What has ended has none.
static void put_rate_cell(const dc_look_t *self, dc_grid_t *grid, const dc_json_t *batch)
{
    dc_buf_t text = { 0 };
    if (self->format != DC_PRINT_TEXT) {
        dc_buf_printf(&text, "%.0f", dc_facts_rate(batch));
    } else if (!dc_facts_has_ended(batch)) {
        put_rate(&text, dc_facts_rate(batch));
    }
    dc_grid_put(grid, dc_buf_str(&text));
    dc_buf_fini(&text);
}

void dc_look_put_state(dc_buf_t *out, const dc_json_t *batch)
{
    bool is_held = false;
    dc_diag_t diag;
    dc_str_t state = dc_facts_text(batch, "state");
    dc_text_put_safe(out, state);
    bool is_read = dc_json_read_bool(batch, "held", &is_held, &diag);
    if (is_read && is_held && !dc_str_eq(state, DC_STR("held"))) dc_buf_append_text(out, ", held");
}

void dc_look_put_deadline(dc_buf_t *out, const char *before, const dc_json_t *batch)
{
    if (!dc_facts_has_number(batch, "deadline_ms")) return;
    dc_buf_printf(out, "%sends in ", before);
    dc_numfmt_put_seconds(out, (double)dc_facts_number(batch, "deadline_ms") / 1000);
}

// --- tables ------------------------------------------------------------------------------------

// How much of a batch is done: for people of as many jobs as are known.
static void put_done(dc_look_t *self, dc_grid_t *grid, const dc_json_t *batch)
{
    uint64_t done = dc_facts_number(batch, "done");
    uint64_t jobs = dc_facts_number(batch, "jobs");
    if (self->format != DC_PRINT_TEXT || jobs == 0) {
        dc_look_put_number(self, grid, done, dc_numfmt_put_count);
    } else if (done >= jobs) {
        dc_grid_put(grid, DC_STR("all"));
    } else {
        dc_buf_t text = { 0 };
        dc_buf_printf(&text, "%.0f %%", 100.0 * (double)done / (double)jobs);
        dc_grid_put(grid, dc_buf_str(&text));
        dc_buf_fini(&text);
    }
}

static void put_state_cell(dc_look_t *self, dc_grid_t *grid, const dc_json_t *batch)
{
    if (self->format != DC_PRINT_TEXT) {
        dc_grid_put(grid, dc_facts_text(batch, "state"));
        return;
    }
    dc_buf_t text = { 0 };
    dc_look_put_state(&text, batch);
    dc_grid_put(grid, dc_buf_str(&text));
    dc_buf_fini(&text);
}

void dc_look_put_terms(dc_look_t *self, dc_grid_t *grid, const dc_json_t *batch)
{
    dc_buf_t text = { 0 };
    int priority = dc_facts_priority(batch);
    if (priority || self->format != DC_PRINT_TEXT) dc_buf_printf(&text, "%d", priority);
    dc_grid_put(grid, dc_buf_str(&text));
    dc_buf_fini(&text);
    if (dc_facts_has_number(batch, "deadline_ms")) {
        dc_look_put_number(self, grid, dc_facts_number(batch, "deadline_ms"), dc_look_put_left);
    } else {
        dc_grid_put(grid, DC_STR(""));
    }
}

static bool is_kept(const dc_json_t *batch)
{
    return dc_facts_flag(batch, "detached") && dc_facts_has_ended(batch);
}

static bool is_kept_for_ever(const dc_json_t *batch)
{
    return is_kept(batch) && !dc_facts_has_number(batch, "keep_ms");
}

// For how long the results are still there, once all are.
static void put_kept_cell(dc_look_t *self, dc_grid_t *grid, const dc_json_t *batch)
{
    if (is_kept_for_ever(batch)) {
        dc_grid_put(grid, self->format == DC_PRINT_TEXT ? DC_STR("for ever") : DC_STR("inf"));
    } else if (is_kept(batch)) {
        dc_look_put_number(self, grid, dc_facts_number(batch, "keep_ms"), dc_look_put_left);
    } else {
        dc_grid_put(grid, DC_STR(""));
    }
}

static void put_row(dc_look_t *self, dc_grid_t *grid, const dc_json_t *batch)
{
    dc_grid_put(grid, dc_facts_text(batch, "batch"));
    dc_grid_put(grid, dc_facts_text(batch, "name"));
    put_state_cell(self, grid, batch);
    if (dc_facts_has_number(batch, "jobs")) {
        dc_look_put_number(self, grid, dc_facts_number(batch, "jobs"), dc_numfmt_put_count);
    } else {
        dc_grid_put(grid, DC_STR(""));
    }
    put_done(self, grid, batch);
    dc_look_put_number(self, grid, dc_facts_number(batch, "failed"), dc_numfmt_put_count);
    put_rate_cell(self, grid, batch);
    dc_look_put_number(self, grid, dc_facts_number(batch, "age_ms"), dc_look_put_age);
    dc_look_put_terms(self, grid, batch);
    put_kept_cell(self, grid, batch);
}

// Those of `list`, and what `status` has besides.
static const dc_grid_column_t columns[] = {
    { "ID", false, NULL },          { "NAME", false, NULL },
    { "STATE", false, NULL },       { "JOBS", true, NULL },
    { "DONE", true, NULL },         { "FAILED", true, NULL },
    { "RATE", true, "jobs_per_s" }, { "AGE", true, "age_ms" },
    { "PRIORITY", true, NULL },     { "DEADLINE", true, "deadline_ms" },
    { "KEPT", true, "keep_ms" },    { "WAITING", true, NULL },
    { "RUNNING", true, NULL },      { "LEFT", true, "left_ms" },
    { "WHY", false, NULL },
};
#define LIST_COLUMNS 11

int dc_look_list(dc_look_t *self)
{
    int status = dc_look_ask(self, "list");
    if (status) return status;
    if (self->format == DC_PRINT_JSON) {
        dc_look_print_objects(self, "batches");
        return 0;
    }
    const dc_json_t *batches = dc_json_member(self->json, "batches");
    dc_grid_t grid;
    dc_grid_init(&grid, columns, LIST_COLUMNS);
    for (size_t i = 0; i < dc_json_len(batches); i++) {
        put_row(self, &grid, dc_json_at(batches, i));
    }
    dc_look_print_grid(self, &grid);
    dc_look_say_none(self, "batches", "batches");
    return 0;
}

static void put_status_row(dc_look_t *self, const dc_json_t *batch)
{
    dc_grid_t *grid = &self->grid;
    put_row(self, grid, batch);
    dc_look_put_number(self, grid, dc_facts_number(batch, "waiting"), dc_numfmt_put_count);
    dc_look_put_number(self, grid, dc_facts_number(batch, "running"), dc_numfmt_put_count);
    uint64_t left_ms;
    if (dc_facts_left_ms(batch, &left_ms)) {
        dc_look_put_number(self, grid, left_ms, dc_look_put_left);
    } else {
        dc_grid_put(grid, DC_STR(""));
    }
    dc_grid_put(grid, dc_facts_text(batch, "why"));
}

// --- sentences ---------------------------------------------------------------------------------

static void put_how_far(const dc_json_t *batch, dc_buf_t *out)
{
    uint64_t done = dc_facts_number(batch, "done");
    dc_numfmt_put_count(out, done);
    if (dc_facts_has_number(batch, "jobs")) {
        uint64_t jobs = dc_facts_number(batch, "jobs");
        dc_buf_append_text(out, " of ");
        dc_numfmt_put_count(out, jobs);
        if (jobs) dc_buf_printf(out, " (%.0f %%)", 100.0 * (double)done / (double)jobs);
    } else {
        bool is_left = dc_facts_has_number(batch, "orphan_ms");
        dc_buf_append_text(out, is_left ? " done" : " done, its client still sends");
    }
    if (dc_facts_rate(batch) > 0 && !dc_facts_has_ended(batch)) {
        dc_buf_append_text(out, "   ");
        put_rate(out, dc_facts_rate(batch));
    }
    uint64_t left_ms;
    if (dc_facts_left_ms(batch, &left_ms)) {
        dc_buf_append_text(out, "   about ");
        dc_numfmt_put_seconds(out, (double)left_ms / 1000);
        dc_buf_append_text(out, " left");
    }
}

// Jobs that are so big that slots have split them are computed in parts.
static void put_forked(const dc_json_t *batch, dc_buf_t *out)
{
    uint64_t forked = dc_facts_number(batch, "forked");
    uint64_t parts = dc_facts_number(batch, "parts");
    if (!forked) return;
    dc_buf_append_text(out, "   ");
    dc_numfmt_put_counted(out, forked, " job split, ", " jobs split, ");
    dc_numfmt_put_counted(out, parts, " part open", " parts open");
}

// The broker may let its client have so many jobs a second, or bytes of them, and no more.
static void put_limit(const dc_json_t *batch, dc_buf_t *out)
{
    if (!dc_facts_has_number(batch, "retry_ms")) return;
    dc_buf_append_text(out, "   limited to ");
    if (!dc_facts_put_limits(batch, out)) dc_buf_append_text(out, "its client's rate");
}

static void put_failed(const dc_json_t *batch, dc_buf_t *out)
{
    uint64_t failed = dc_facts_number(batch, "failed");
    if (!failed) return;
    dc_buf_append_text(out, "   ");
    dc_numfmt_put_count(out, failed);
    dc_buf_append_text(out, " failed");
}

static void put_kept(const dc_json_t *batch, dc_buf_t *out)
{
    if (!is_kept(batch)) return;
    dc_buf_append_text(out, "   kept for ");
    if (is_kept_for_ever(batch)) {
        dc_buf_append_text(out, "ever");
    } else {
        dc_look_put_left(out, dc_facts_number(batch, "keep_ms"));
    }
}

// Why nothing of it runs; and for how long, where that is known: as nothing of it has run ever.
static void put_why(const dc_json_t *batch, dc_buf_t *out)
{
    dc_str_t why = dc_facts_text(batch, "why");
    if (!why.len) return;
    if (dc_str_eq(dc_facts_text(batch, "state"), DC_STR("held"))) {
        dc_buf_append_text(out, ": dcalc set ");
        dc_text_put_safe(out, dc_facts_text(batch, "batch"));
        dc_buf_append_text(out, " --release lets it go on");
        return;
    }
    if (dc_facts_number(batch, "done") == 0) {
        dc_buf_append_char(out, ' ');
        dc_look_put_age(out, dc_facts_number(batch, "age_ms"));
    }
    dc_buf_append_text(out, ": ");
    dc_text_put_safe(out, why);
}

static void put_tag(const dc_json_t *batch, dc_buf_t *out)
{
    dc_str_t tag = dc_facts_text(batch, "tag");
    if (!tag.len) return;
    dc_buf_append_text(out, "   tag ");
    dc_text_put_safe(out, tag);
}

static void put_status(dc_look_t *self, const dc_json_t *batch)
{
    dc_buf_t *out = self->out;
    int priority = dc_facts_priority(batch);
    dc_str_t name = dc_facts_text(batch, "name");
    dc_text_put_safe(out, dc_facts_text(batch, "batch"));
    dc_buf_append_char(out, ' ');
    dc_text_put_safe(out, name.len ? name : DC_STR("-"));
    dc_buf_append_text(out, "   ");
    dc_look_put_state(out, batch);
    put_why(batch, out);
    dc_buf_append_text(out, "   ");
    put_how_far(batch, out);
    put_forked(batch, out);
    put_failed(batch, out);
    put_limit(batch, out);
    if (priority) dc_buf_printf(out, "   priority %d", priority);
    put_tag(batch, out);
    dc_look_put_deadline(out, "   ", batch);
    put_kept(batch, out);
    dc_buf_append_char(out, '\n');
}

// With what `attach` ends for it; what goes on may be asked for again.
static int outcome_of(const dc_json_t *batch)
{
    if (!dc_facts_has_ended(batch)) return EX_TEMPFAIL;
    dc_err_t error = dc_facts_error(batch);
    if (error) return dc_exit_status(error);
    return dc_facts_number(batch, "failed") ? 1 : 0;
}

static int status_of(dc_look_t *self, const dc_json_t *batch)
{
    int outcome = outcome_of(batch);
    if (outcome > self->outcome) self->outcome = outcome;
    if (self->format != DC_PRINT_JSON) {
        if (self->format == DC_PRINT_TEXT) {
            put_status(self, batch);
        } else {
            put_status_row(self, batch);
        }
        return 0;
    }
    self->answer.len = 0;
    int status = dc_connection_ask(&self->connection, self->settings, self->console, "status",
                                   dc_facts_number(batch, "number"), &self->answer);
    if (status) return status;
    dc_buf_append_str(self->out, dc_buf_str(&self->answer));
    dc_buf_append_char(self->out, '\n');
    return 0;
}

// Do `act` with each batch that `id` names. One that has gone meanwhile, which has been said, does
// not stop the others.
static int for_each(dc_look_t *self, const char *id,
                    int (*act)(dc_look_t *self, const dc_json_t *batch))
{
    const dc_json_t *batches = dc_json_member(self->json, "batches");
    size_t count = dc_json_len(batches);
    bool is_found = dc_ids_is_all(id);
    int gone = 0;
    for (size_t i = 0; i < count; i++) {
        const dc_json_t *batch = dc_json_at(batches, i);
        if (!dc_find_matches(id, batch, i + 1 == count)) continue;
        is_found = true;
        int status = act(self, batch);
        if (status && status != EX_NOINPUT) return status;
        if (status) gone = status;
    }
    return is_found ? gone : dc_find_complain(id, batches, self->console);
}

void dc_look_say_last(dc_look_t *self, const char *const *ids, size_t count)
{
    const dc_json_t *batches = dc_json_member(self->json, "batches");
    size_t len = dc_json_len(batches);
    bool is_named = false;
    for (size_t i = 0; i < count && !is_named; i++) {
        is_named = dc_ids_is_last(ids[i]);
    }
    if (!is_named || len == 0 || self->settings->quiet) return;
    dc_found_t last;
    dc_find_read(dc_json_at(batches, len - 1), &last);
    dc_find_say_last(last.number, last.name, self->console);
}

int dc_look_with_batches(dc_look_t *self, const char *const *ids, size_t count,
                         int (*act)(dc_look_t *self, const dc_json_t *batch),
                         const dc_grid_column_t *titles, size_t title_count)
{
    int status = 0;
    int gone = 0;
    dc_grid_init(&self->grid, titles, title_count);
    for (size_t i = 0; i < count && !status; i++) {
        status = for_each(self, ids[i], act);
        // The others that are named are there.
        if (status != EX_NOINPUT) continue;
        gone = status;
        status = 0;
    }
    if (self->format == DC_PRINT_CSV || self->format == DC_PRINT_TSV) {
        dc_look_print_grid(self, &self->grid);
    }
    return status ? status : gone;
}

int dc_look_status(dc_look_t *self, const char *const *ids, size_t count)
{
    int status = dc_look_ask(self, "list");
    if (status) return status;
    for (size_t i = 0; i < count; i++) {
        if (dc_ids_is_all(ids[i])) dc_look_say_none(self, "batches", "batches");
    }
    status = dc_look_with_batches(self, ids, count, status_of, columns, DC_ARRAY_LEN(columns));
    return status || !self->settings->exit_code ? status : self->outcome;
}
