#include "client/state.h"

void dc_requests_tell_question(dc_requests_t *self, const dc_question_t *question,
                               dc_outcome_t *out)
{
    dc_session_send(&self->session, &question->cmd, out);
}

// Say all that a broker has to know which does not know us, on a new connection.
static void begin_session(dc_requests_t *self, dc_outcome_t *out)
{
    dc_session_begin(&self->session, out);
    dc_outcome_clear_sends(out); // all of it is said again, or is of no use any more
    dc_request_t *batch;
    for (batch = self->batches; batch; batch = batch->hh.next) {
        dc_request_leave_session(batch);
        if (batch->state != DC_REQUEST_OVER) dc_request_open(batch, &self->session, out);
    }
    dc_question_t *question;
    DL_FOREACH(self->questions, question)
    {
        dc_requests_tell_question(self, question, out);
    }
    self->is_dirty = true;
}

void dc_requests_end_session(dc_requests_t *self, bool is_lost, dc_ms_t delay_ms, dc_str_t why,
                             dc_outcome_t *out)
{
    bool was_there = dc_session_end(&self->session, is_lost, delay_ms);
    if (was_there && dc_outcome_reserve(out)) {
        dc_outcome_add(out, DCALC_EVENT_LOST, 0, why);
    }
}

void dc_requests_violate(dc_requests_t *self, dc_err_t error, dc_str_t text, dc_outcome_t *out)
{
    self->violations++;
    if (++self->session.violations >= DC_REQUESTS_VIOLATIONS_MAX) {
        self->session.violations = 0;
        dc_requests_end_everything(self, error, text, out);
    }
    dc_requests_end_session(self, false, 0, DC_STR(""), out);
}

void dc_requests_receive_garbage(dc_requests_t *self, dc_ms_t now, dc_outcome_t *out)
{
    dc_session_set_now(&self->session, now);
    if (!self->session.is_open) return;
    dc_requests_violate(self, DC_ERR_PROTOCOL,
                        DC_STR("what answers there is no broker that is understood here: another "
                               "version, or another program"),
                        out);
}

void dc_requests_receive_foreign(dc_requests_t *self, dc_ms_t now, dc_outcome_t *out)
{
    dc_session_set_now(&self->session, now);
    if (!self->session.is_open) return;
    dc_requests_end_everything(self, DC_ERR_VERSION,
                               DC_STR("the broker speaks another version of the protocol than "
                                      "this program (" DC_WIRE_VERSION_TEXT
                                      "): install the same dcalc for both"),
                               out);
    dc_requests_end_session(self, false, 0, DC_STR(""), out);
}

void dc_requests_disconnected(dc_requests_t *self, dc_ms_t now, dc_outcome_t *out)
{
    dc_session_set_now(&self->session, now);
    if (!self->session.is_open) return;
    dc_requests_end_session(self, true, dc_session_backoff(&self->session), DC_STR(""), out);
}

// Open again the refused batches whose time has come.
static void retry_refused(dc_requests_t *self, dc_outcome_t *out)
{
    if (self->session.now < self->again_ms) return;
    self->again_ms = UINT64_MAX;
    dc_request_t *batch;
    for (batch = self->batches; batch; batch = batch->hh.next) {
        if (batch->state != DC_REQUEST_REFUSED) continue;
        if (batch->again_ms <= self->session.now && self->session.is_open) {
            dc_request_open(batch, &self->session, out);
        } else {
            self->again_ms = dc_min_u64(self->again_ms, batch->again_ms);
        }
    }
}

static void pump(dc_requests_t *self, dc_outcome_t *out)
{
    if (!self->is_dirty || !self->session.is_open) return;
    self->is_dirty = false;
    dc_request_t *batch, *next;
    HASH_ITER(hh, self->batches, batch, next)
    {
        // What there is no room for now is sent when credit comes, which sets the flag again.
        if (dc_request_pump(batch, &self->session, out)) continue;
        dc_requests_end_if_complete(self, batch, out);
    }
}

void dc_requests_tick(dc_requests_t *self, dc_ms_t now, dc_outcome_t *out)
{
    dc_session_t *session = &self->session;
    dc_session_set_now(session, now);
    bool is_lost;
    if (dc_session_must_end(session, &is_lost)) {
        if (is_lost) session->failures++;
        dc_requests_end_session(self, is_lost, 0, DC_STR(""), out);
    }
    if (dc_session_must_connect(session)) begin_session(self, out);
    retry_refused(self, out);
    pump(self, out);
    dc_session_beat(session, out);
    session->ticked_ms = session->now;
}

dc_ms_t dc_requests_deadline(const dc_requests_t *self)
{
    if (self->is_dirty && self->session.is_open) return 0;
    return dc_min_u64(dc_session_deadline(&self->session), self->again_ms);
}
