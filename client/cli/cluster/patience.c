#include "client/cli/cluster/patience.h"

#include "client/cli/cluster/patience_part.h"
#include "common/limits.h"

// With --wait 0 a broker still needs the time of a round trip to answer.
#define WAIT_MS_MIN 250

// Who waits for as long as this wants to know what for.
#define SHOW_MS 1000

// A broker that is there answers before: only then it is asked whether its host exists.
#define LOOK_UP_MS 50

// Workers find a broker that was away within a second or two; on a busy machine it may be more.
#define RETURN_MS 8000

// Workers are counted this often; sooner if less is to be waited.
#define ASK_MS     1000
#define ASK_MS_MIN 20

// After how long a batch is looked at, if it is slowed down: short ones are not worth a question.
#define ASK_RATE_MS 1000

void dc_patience_init(dc_patience_t *self, dcalc_t *dcalc, dc_console_t *console, uint64_t wait_ms,
                      dc_ms_t now)
{
    *self = (dc_patience_t){ .dcalc = dcalc,
                             .console = console,
                             .url = dcalc_url(dcalc),
                             .wait_ms = wait_ms,
                             .asked_ms = now };
}

void dc_patience_fini(dc_patience_t *self)
{
    dc_names_destroy(&self->names);
    dc_buf_fini(&self->why);
    dc_buf_fini(&self->told);
    dc_buf_fini(&self->busy);
}

// Returns the exit status to give up with, or 0.
static int see_busy(dc_patience_t *self, const dcalc_event_t *event, dc_ms_t now)
{
    self->busy.len = 0;
    dc_buf_append(&self->busy, event->text, event->text_bytes);
    self->busy_ms = dc_max_u64(now - dc_min_u64(now, event->waiting_ms), 1);
    if (event->waiting_ms >= self->wait_ms) return dc_patience_say_busy(self);
    // What is opened again after a break is not known yet: no word need be said of that.
    bool is_known = event->error == DCALC_ERR_BUSY || event->error == DCALC_ERR_STORE_FULL ||
                    event->error == DCALC_ERR_STORE_LOCKED;
    if (is_known) dc_patience_say_trying(self);
    return 0;
}

// There is room: some of the batch was taken.
static void forget_busy(dc_patience_t *self)
{
    self->busy_ms = 0;
    self->has_told_busy = false;
}

// Something is computed: it does not wait any more.
static void forget_why(dc_patience_t *self)
{
    self->why.len = 0;
    self->is_held = false;
    self->no_slot_ms = 0;
}

static void see_worker(dc_patience_t *self)
{
    self->no_worker_ms = 0;
    self->had_worker = true;
    self->was_lost = false;
    self->has_told = false;
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
        see_worker(self);
    } else if (!self->no_worker_ms) {
        self->no_worker_ms = now ? now : 1;
    }
}

static void read_status(dc_patience_t *self, const dcalc_event_t *event, dc_ms_t now)
{
    dc_str_t why = DC_STR(""), state = DC_STR("");
    uint64_t slots = UINT64_MAX; // is said of a batch with a tag
    dc_diag_t diag;
    self->why_asked = 0;
    if (event->error) return;
    dc_json_t *json = dc_json_parse(dc_str(event->text, event->text_bytes), DC_JSON_BYTES_MAX,
                                    DC_JSON_INTEGERS_EXACT, &diag);
    bool is_read = json && dc_json_read_string(json, "why", &why, &diag) &&
                   dc_json_read_string(json, "state", &state, &diag) &&
                   dc_json_read_u64(json, "slots", INT64_MAX, &slots, &diag);
    if (is_read) dc_patience_say_rate(self, json);
    if (is_read && slots) self->no_slot_ms = 0;
    if (is_read && !slots && !self->no_slot_ms) self->no_slot_ms = now ? now : 1;
    if (is_read && !dc_str_eq(why, dc_buf_str(&self->why))) {
        self->why.len = 0;
        dc_buf_append_str(&self->why, why);
        self->is_held = dc_str_eq(state, DC_STR("held"));
        self->is_stale = self->shown == DC_AWAITED_TURN;
    }
    dc_json_destroy(&json);
}

// The next place may be tried already when it is told that the broker at this one is lost.
static void note_place(dc_patience_t *self)
{
    if (!dcalc_is_connected(self->dcalc)) return;
    self->url = dcalc_url(self->dcalc);
    self->had_broker = true;
}

int dc_patience_see(dc_patience_t *self, const dcalc_event_t *event, dc_ms_t now)
{
    note_place(self);
    switch (event->type) {
    case DCALC_EVENT_LOST:
        dc_patience_say_lost(self, event);
        self->was_lost = true;
        self->question = self->why_asked = 0;
        self->no_worker_ms = self->no_slot_ms = self->busy_ms = 0;
        return 0;
    case DCALC_EVENT_BUSY: return see_busy(self, event, now);
    case DCALC_EVENT_ANSWER:
        if (event->id == self->question) read_ping(self, event, now);
        if (event->id == self->why_asked) read_status(self, event, now);
        return 0;
    case DCALC_EVENT_PIECE:
    case DCALC_EVENT_PROGRESS:
        see_worker(self);
        forget_why(self);
        self->has_results = true;
        forget_busy(self);
        break;
    case DCALC_EVENT_RECEIPT: forget_busy(self); break;
    case DCALC_EVENT_OPENED:
        self->number = event->number;
        self->busy_ms = 0; // until its jobs are refused; then that says since when
        if (!self->opened_ms) self->opened_ms = now;
        break;
    case DCALC_EVENT_END:
    case DCALC_EVENT_FOUND: break;
    }
    // Whatever it was that came: the line must go before anything is printed.
    dc_patience_show(self, DC_AWAITED_NONE);
    return 0;
}

static void ask(dc_patience_t *self, dc_ms_t now, bool is_stuck)
{
    dc_ms_t interval = dc_max_u64(dc_min_u64(self->wait_ms / 4, ASK_MS), ASK_MS_MIN);
    if (self->question || now - self->asked_ms < interval) return;
    self->asked_ms = now;
    if (dcalc_query(self->dcalc, "ping", 0, &self->question)) self->question = 0;
    if (!is_stuck || !self->number || self->why_asked) return;
    if (dcalc_query(self->dcalc, "status", self->number, &self->why_asked)) self->why_asked = 0;
}

// A broker that refuses at once need not be waited for with --wait 0; one that is silent gets a
// moment.
static bool is_waited_for(const dc_patience_t *self)
{
    uint64_t waiting_ms = dcalc_waiting_ms(self->dcalc);
    if (waiting_ms == 0 || dcalc_is_connected(self->dcalc)) return false;
    if (self->wait_ms == 0 && *dcalc_reason(self->dcalc)) return true;
    // Who has mistyped a name need not wait to learn it.
    if (dc_names_are_missing(self->names)) return true;
    return waiting_ms >= dc_max_u64(self->wait_ms, WAIT_MS_MIN);
}

// Nobody who might have begun with the batch has come in time.
static bool is_slot_missed(const dc_patience_t *self, dc_ms_t now)
{
    if (!self->no_slot_ms || self->no_worker_ms || self->has_results || self->is_held) return false;
    return now - self->no_slot_ms >= self->wait_ms;
}

// What takes its time may be over its client's rate: results come, and yet it waits. Asked once.
static void ask_rate(dc_patience_t *self, dc_ms_t now)
{
    if (self->has_asked_rate || self->is_quiet || !self->number || self->why_asked) return;
    if (now - self->opened_ms < ASK_RATE_MS) return;
    self->has_asked_rate = true;
    if (dcalc_query(self->dcalc, "status", self->number, &self->why_asked)) self->why_asked = 0;
}

int dc_patience_look(dc_patience_t *self, dc_ms_t now, bool wants_count, bool is_stuck)
{
    note_place(self);
    if (!self->names && !self->had_broker && dcalc_waiting_ms(self->dcalc) >= LOOK_UP_MS) {
        self->names = dc_names_new(self->dcalc);
    }
    if (is_waited_for(self)) return dc_patience_say_no_broker(self);
    if (self->busy_ms && now - self->busy_ms >= self->wait_ms) return dc_patience_say_busy(self);
    bool is_without = self->no_worker_ms && is_stuck;
    dc_ms_t without_ms = is_without ? now - self->no_worker_ms : 0;
    if (is_without && self->had_worker) {
        // Behind a broker that was away they are on their way.
        if (!self->was_lost || without_ms >= RETURN_MS) dc_patience_say_workers_gone(self);
    } else if (is_without && without_ms >= self->wait_ms) {
        return dc_patience_say_no_worker(self);
    } else if (is_slot_missed(self, now) && is_stuck) {
        return dc_patience_say_no_slot(self);
    }
    bool is_connected = dcalc_is_connected(self->dcalc);
    bool is_known = is_connected && is_stuck && self->why.len && !self->no_worker_ms;
    dc_patience_say_why(self, is_known, now);
    dc_awaited_t what = DC_AWAITED_NONE;
    if (!is_connected) {
        what = dcalc_waiting_ms(self->dcalc) >= SHOW_MS ? DC_AWAITED_BROKER : DC_AWAITED_NONE;
    } else if (without_ms >= SHOW_MS) {
        what = DC_AWAITED_WORKER;
    } else if (is_known) {
        what = DC_AWAITED_TURN;
    }
    dc_patience_show(self, what);
    if (wants_count || is_stuck) ask(self, now, is_stuck);
    ask_rate(self, now);
    return 0;
}
