#include "client/cli/patience.h"

#include <inttypes.h>
#include <sysexits.h>

#include "client/cli/numfmt.h"
#include "client/cli/text.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/quantity.h"

// With --wait 0 a broker still needs the time of a round trip to answer.
#define WAIT_MS_MIN 250

// Workers are counted this often; sooner if less is to be waited.
#define ASK_MS     1000
#define ASK_MS_MIN 20

void dc_patience_init(dc_patience_t *self, dcalc_t *dcalc, dc_console_t *console, uint64_t wait_ms,
                      dc_ms_t now)
{
    *self =
        (dc_patience_t){ .dcalc = dcalc, .console = console, .wait_ms = wait_ms, .asked_ms = now };
}

int dc_patience_say_no_broker(dc_console_t *console, const dcalc_t *dcalc)
{
    const char *reason = dcalc_reason(dcalc);
    dc_buf_printf(&console->buf, "dcalc: no broker at %s", dcalc_url(dcalc));
    if (*reason) dc_buf_printf(&console->buf, " (%s)", reason);
    dc_buf_append_text(&console->buf, "\n       start one:  dcalc-broker & dcalc-worker &"
                                      "      or compute right here:  ");
    dc_buf_append_str(&console->buf, dc_buf_str(&console->again));
    dc_buf_append_char(&console->buf, '\n');
    return EX_UNAVAILABLE;
}

static int say_no_worker(dc_patience_t *self)
{
    dc_buf_t *out = &self->console->buf;
    dc_buf_printf(out,
                  "dcalc: no workers at %s\n       start one:  dcalc-worker &"
                  "      or compute right here:  ",
                  dcalc_url(self->dcalc));
    dc_buf_append_str(out, dc_buf_str(&self->console->again));
    dc_buf_append_char(out, '\n');
    return EX_TEMPFAIL;
}

static void say_lost(dc_patience_t *self)
{
    char wait[DC_QUANTITY_TEXT_MAX];
    const char *reason = dcalc_reason(self->dcalc);
    if (self->is_quiet) return;
    dc_duration_print(self->wait_ms, wait);
    dc_buf_printf(&self->console->buf, "dcalc: lost the broker at %s (%s); trying again for %s\n",
                  dcalc_url(self->dcalc), *reason ? reason : "it does not answer", wait);
}

static void read_ping(dc_patience_t *self, const dcalc_event_t *event, dc_ms_t now)
{
    uint64_t workers = 0, slots = 0, plain = 0;
    dc_diag_t diag;
    self->question = 0;
    if (event->error) return;
    dc_json_t *json = dc_json_parse(dc_str(event->text, event->text_bytes), DC_JSON_BYTES_MAX,
                                    DC_JSON_INTEGERS_EXACT, &diag);
    bool is_read = json && dc_json_read_u64(json, "workers", INT64_MAX, &workers, &diag) &&
                   dc_json_read_u64(json, "slots", INT64_MAX, &slots, &diag) &&
                   dc_json_read_u64(json, "plain", INT64_MAX, &plain, &diag);
    dc_json_destroy(&json);
    if (!is_read) return;
    self->worker_count = workers + plain;
    if (slots || plain) {
        self->no_worker_ms = 0;
    } else if (!self->no_worker_ms) {
        self->no_worker_ms = now ? now : 1;
    }
}

int dc_patience_see(dc_patience_t *self, const dcalc_event_t *event, dc_ms_t now)
{
    switch (event->type) {
    case DCALC_EVENT_LOST:
        say_lost(self);
        self->question = 0;
        self->no_worker_ms = 0;
        return 0;
    case DCALC_EVENT_BUSY:
        if (event->waiting_ms < self->wait_ms) return 0;
        dc_buf_append_text(&self->console->buf,
                           "dcalc: the broker has no room for more jobs now: ");
        dc_text_put_safe(&self->console->buf, dc_str(event->text, event->text_bytes));
        dc_buf_append_text(&self->console->buf, "\n       trying again later may help\n");
        return EX_TEMPFAIL;
    case DCALC_EVENT_ANSWER:
        if (event->id == self->question) read_ping(self, event, now);
        return 0;
    case DCALC_EVENT_PIECE: self->no_worker_ms = 0; return 0;
    case DCALC_EVENT_OPENED:
    case DCALC_EVENT_END:
    case DCALC_EVENT_FOUND: break;
    }
    return 0;
}

static void ask(dc_patience_t *self, dc_ms_t now)
{
    dc_ms_t interval = dc_max_u64(dc_min_u64(self->wait_ms / 4, ASK_MS), ASK_MS_MIN);
    if (self->question || now - self->asked_ms < interval) return;
    self->asked_ms = now;
    if (dcalc_query(self->dcalc, "ping", 0, &self->question)) self->question = 0;
}

// A broker that refuses at once need not be waited for with --wait 0; one that is silent gets a
// moment.
static bool is_waited_for(const dc_patience_t *self)
{
    uint64_t waiting_ms = dcalc_waiting_ms(self->dcalc);
    if (waiting_ms == 0 || dcalc_is_connected(self->dcalc)) return false;
    if (self->wait_ms == 0 && *dcalc_reason(self->dcalc)) return true;
    return waiting_ms >= dc_max_u64(self->wait_ms, WAIT_MS_MIN);
}

int dc_patience_look(dc_patience_t *self, dc_ms_t now, bool wants_count, bool is_stuck)
{
    if (is_waited_for(self)) return dc_patience_say_no_broker(self->console, self->dcalc);
    bool is_too_long = self->no_worker_ms && now - self->no_worker_ms >= self->wait_ms;
    if (is_too_long && is_stuck) return say_no_worker(self);
    if (wants_count || is_stuck) ask(self, now);
    return 0;
}
