// What is said of waiting.
#include <inttypes.h>
#include <sysexits.h>

#include "client/cli/cluster/facts.h"
#include "client/cli/cluster/patience_part.h"
#include "client/cli/text/text.h"
#include "common/quantity.h"

// What waits for others in a log for less than this is not worth a line there.
#define SAY_MS 3000

static void put_reason(const dc_patience_t *self, size_t place, const char *reason, dc_buf_t *out)
{
    const char *host = dc_names_missing(self->names, place);
    if (host) {
        dc_buf_append_text(out, " (there is no host ");
        dc_text_put_safe(out, dc_str_from(host));
        dc_buf_append_char(out, ')');
    } else if (*reason) {
        dc_buf_printf(out, " (%s)", reason);
    }
}

// Append all places where the broker may be, each with what is known of it if that is wanted.
static void put_places(const dc_patience_t *self, bool wants_reasons, dc_buf_t *out)
{
    const char *url, *reason;
    for (size_t i = 0; (url = dcalc_place(self->dcalc, i, &reason)); i++) {
        if (i) dc_buf_append_text(out, ", ");
        dc_text_put_safe(out, dc_str_from(url));
        // Where nothing has failed yet it is being tried, or its turn has not come.
        if (!*reason && url == dcalc_url(self->dcalc)) reason = "it does not answer";
        if (wants_reasons) put_reason(self, i, reason, out);
    }
}

int dc_patience_say_no_broker(dc_patience_t *self)
{
    dc_buf_t *out = &self->console->buf;
    const char *reason;
    dc_buf_append_text(out, "dcalc: no broker at ");
    put_places(self, true, out);
    dc_buf_append_char(out, '\n');
    if (!dc_names_missing(self->names, 0)) {
        dc_hint_put_no_broker(&self->console->hint, dcalc_place(self->dcalc, 0, &reason), out);
    }
    return EX_UNAVAILABLE;
}

int dc_patience_say_no_worker(dc_patience_t *self)
{
    dc_buf_t *out = &self->console->buf;
    dc_buf_printf(out, "dcalc: no workers at %s\n", dcalc_url(self->dcalc));
    dc_hint_put_no_worker(&self->console->hint, dcalc_url(self->dcalc), out);
    return EX_TEMPFAIL;
}

int dc_patience_say_no_slot(dc_patience_t *self)
{
    dc_buf_t *out = &self->console->buf;
    dc_buf_append_text(out, "dcalc: ");
    dc_text_put_safe(out, dc_buf_str(&self->why));
    dc_buf_printf(out, "\n       start a dcalc-worker with that --tag at %s\n",
                  dcalc_url(self->dcalc));
    return EX_TEMPFAIL;
}

int dc_patience_say_busy(dc_patience_t *self)
{
    dc_buf_append_text(&self->console->buf, "dcalc: the broker has no room for more jobs now: ");
    dc_text_put_safe(&self->console->buf, dc_buf_str(&self->busy));
    dc_buf_append_text(&self->console->buf, "\n       trying again later may help\n");
    return EX_TEMPFAIL;
}

// Nobody knows when there is room, but for how long it is tried is certain.
void dc_patience_say_trying(dc_patience_t *self)
{
    dc_buf_t *out = &self->console->buf;
    char wait[DC_QUANTITY_TEXT_MAX];
    if (self->is_quiet || self->has_told_busy) return;
    self->has_told_busy = true;
    dc_duration_print(self->wait_ms, wait);
    dc_buf_append_text(out, "dcalc: ");
    dc_text_put_safe(out, dc_buf_str(&self->busy));
    dc_buf_printf(out, "; trying again for %s\n", wait);
}

void dc_patience_say_lost(dc_patience_t *self, const dcalc_event_t *event)
{
    char wait[DC_QUANTITY_TEXT_MAX];
    const char *reason = dcalc_reason(self->dcalc);
    if (event->text_bytes) reason = event->text; // it has said so itself
    if (self->is_quiet) return;
    dc_duration_print(self->wait_ms, wait);
    dc_buf_t *out = &self->console->buf;
    dc_buf_printf(out, "dcalc: lost the broker at %s (", self->url);
    dc_text_put_safe(out, dc_str_from(*reason ? reason : "it does not answer"));
    dc_buf_printf(out, "); trying again for %s\n", wait);
}

void dc_patience_say_workers_gone(dc_patience_t *self)
{
    if (!self->is_quiet && !self->has_told) {
        dc_buf_printf(&self->console->buf,
                      self->was_lost
                          ? "dcalc: no worker has come back to %s yet; waiting for one\n"
                          : "dcalc: the last worker at %s has gone; waiting for another\n",
                      dcalc_url(self->dcalc));
    }
    self->has_told = true;
}

static void put_why(const dc_patience_t *self, dc_buf_t *out)
{
    dc_buf_printf(out, "b%" PRIu64 " waits: ", self->number);
    dc_text_put_safe(out, dc_buf_str(&self->why));
    if (self->is_held) dc_buf_printf(out, "; dcalc set b%" PRIu64 " --release", self->number);
}

static void put_what(const dc_patience_t *self, dc_awaited_t what, dc_buf_t *out)
{
    switch (what) {
    case DC_AWAITED_NONE: return;
    case DC_AWAITED_BROKER:
        dc_buf_append_text(out, "waiting for the broker at ");
        put_places(self, false, out);
        return;
    case DC_AWAITED_WORKER: dc_buf_append_text(out, "waiting for a worker at "); break;
    case DC_AWAITED_TURN: put_why(self, out); return;
    }
    dc_text_put_safe(out, dc_str_from(dcalc_url(self->dcalc)));
}

void dc_patience_show(dc_patience_t *self, dc_awaited_t what)
{
    dc_console_t *console = self->console;
    if (!console->can_erase || self->is_quiet) what = DC_AWAITED_NONE;
    bool is_there = what == self->shown && !self->is_stale;
    if (is_there && (!what || console->has_bar)) return;
    dc_buf_t line = { 0 };
    put_what(self, what, &line);
    // A line that is wider than the terminal could not be taken away.
    line.len = dc_min_size(line.len, dc_console_columns() - 1);
    dc_console_draw(console, dc_buf_str(&line));
    dc_buf_fini(&line);
    self->shown = what;
    self->is_stale = false;
}

void dc_patience_say_rate(dc_patience_t *self, const dc_json_t *status)
{
    if (self->has_told_rate || !dc_facts_has_number(status, "retry_ms")) return;
    self->has_told_rate = true;
    dc_buf_t *out = &self->console->buf;
    if (self->is_quiet) return;
    char wait[DC_QUANTITY_TEXT_MAX];
    dc_wait_print(dc_facts_number(status, "retry_ms"), wait);
    dc_buf_append_text(out, "dcalc: over this client's ");
    dc_facts_put_limits(status, out);
    dc_buf_printf(out, "; going on in %s, and so on\n", wait);
}

static size_t skip_digits(dc_str_t text, size_t at)
{
    while (at < text.len && strchr("0123456789.,", text.data[at])) {
        at++;
    }
    return at;
}

// Whether two reasons are the same but for their numbers, which go on.
static bool are_alike(dc_str_t a, dc_str_t b)
{
    size_t i = skip_digits(a, 0);
    size_t j = skip_digits(b, 0);
    while (i < a.len && j < b.len && a.data[i] == b.data[j]) {
        i = skip_digits(a, i + 1);
        j = skip_digits(b, j + 1);
    }
    return i == a.len && j == b.len;
}

void dc_patience_say_why(dc_patience_t *self, bool is_known, dc_ms_t now)
{
    dc_buf_t *out = &self->console->buf;
    if (!is_known) self->why_ms = 0;
    if (!is_known || !self->tells_why || self->is_quiet || self->console->can_erase) return;
    if (!self->why_ms) self->why_ms = now;
    if (now - self->why_ms < SAY_MS || are_alike(dc_buf_str(&self->why), dc_buf_str(&self->told)))
        return;
    self->told.len = 0;
    dc_buf_append_str(&self->told, dc_buf_str(&self->why));
    dc_buf_append_text(out, "dcalc: ");
    put_why(self, out);
    dc_buf_append_char(out, '\n');
}
