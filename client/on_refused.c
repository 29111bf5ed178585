#include "client/state.h"

// What a REFUSED says.
typedef struct refusal {
    dc_err_t error;
    uint32_t retry_ms; // 0: not said
    dc_str_t text;
    const dc_slice_t *program; // of the batch that has the key; empty: none
} refusal_t;

// The broker has no room for `batch`, or does not know it any more: ask again later.
static void refuse_for_now(dc_requests_t *self, dc_request_t *batch, const refusal_t *refusal,
                           dc_outcome_t *out)
{
    dc_request_refused(batch, &self->session, refusal->retry_ms);
    self->again_ms = dc_min_u64(self->again_ms, batch->again_ms);
    if (!dc_outcome_reserve(out)) return;
    dc_news_t *news = dc_outcome_add(out, DCALC_EVENT_BUSY, (dcalc_id_t)batch->id, refusal->text);
    news->event.error = (dcalc_err_t)refusal->error;
    news->event.waiting_ms = self->session.now - batch->refused_ms;
    news->event.retry_ms = batch->again_ms - self->session.now;
}

// Nothing can be stored for now.
static bool is_of_store(dc_err_t error)
{
    return error == DC_ERR_STORE_FULL || error == DC_ERR_STORE_LOCKED;
}

static bool is_for_now(dc_err_t error)
{
    return error == DC_ERR_BUSY || error == DC_ERR_FULL || error == DC_ERR_NO_WORKER ||
           error == DC_ERR_UNKNOWN_BATCH || is_of_store(error);
}

static void refuse_batch(dc_requests_t *self, dc_request_t *batch, const refusal_t *refusal,
                         dc_outcome_t *out)
{
    dc_err_t error = refusal->error;
    if (!batch->is_in_session || batch->state == DC_REQUEST_OVER) {
        self->strays++; // chunks behind a refused OPEN are refused too
        return;
    }
    // What is sent can be opened anew where it is not known any more; what is fetched is gone.
    bool is_gone = batch->kind == DC_REQUEST_ATTACHED && error == DC_ERR_UNKNOWN_BATCH;
    // The broker has dropped what was committed, and here it is not kept any more.
    is_gone |= batch->kind == DC_REQUEST_DETACHED && batch->done.count && is_of_store(error);
    // Under a key of somebody else's the former one may be dead, and the broker not know it yet.
    bool is_early = batch->is_keyed && !batch->is_told && error == DC_ERR_TAKEN_OVER;
    if (is_early || (is_for_now(error) && !is_gone)) {
        refuse_for_now(self, batch, refusal, out);
        return;
    }
    if (!dc_outcome_reserve(out)) {
        self->session.is_broken = true;
        return;
    }
    dc_news_t *news = dc_requests_end_batch(self, batch, error, refusal->text, out);
    bool has_program = error == DC_ERR_INVALID && refusal->program->bytes.len;
    // Without it, where memory is short, the words say enough.
    if (!news || !has_program || !dc_slice_keep(refusal->program, &news->data)) return;
    news->event.program = news->data.bytes.data;
    news->event.program_bytes = news->data.bytes.len;
}

// Not one batch but the session as a whole is refused.
static void refuse_session(dc_requests_t *self, const refusal_t *refusal, dc_outcome_t *out)
{
    dc_err_t error = refusal->error;
    dc_str_t text = refusal->text;
    if (error == DC_ERR_NO_BROKER) { // it is about to leave
        dc_requests_end_session(self, true, dc_session_backoff(&self->session), text, out);
    } else if (error == DC_ERR_VERSION || error == DC_ERR_ADDRESS) {
        dc_requests_end_everything(self, error, text, out);
    } else if (is_for_now(error)) {
        dc_request_t *batch;
        for (batch = self->batches; batch; batch = batch->hh.next) {
            if (batch->is_in_session) refuse_batch(self, batch, refusal, out);
        }
        dc_question_t *question, *next;
        DL_FOREACH_SAFE(self->questions, question, next)
        {
            dc_requests_answer(self, question, error, text, out);
        }
    } else {
        dc_requests_violate(self, error, text, out);
    }
}

void dc_requests_receive_refused(dc_requests_t *self, const dc_cmd_t *cmd, dc_outcome_t *out)
{
    dc_err_t error;
    dcalc_id_t id = cmd->refused.handle;
    if (!dc_err_from_number(cmd->refused.error, &error) || error == DC_OK) error = DC_ERR_PROTOCOL;
    refusal_t refusal = {
        .error = error,
        .retry_ms = cmd->refused.retry_ms,
        .text = cmd->data.bytes.len ? cmd->data.bytes : dc_str_from(dc_err_text(error)),
        .program = &cmd->program,
    };
    dc_request_t *batch = dc_requests_find_batch(self, id);
    dc_question_t *question = dc_requests_find_question(self, id);
    if (id == 0) {
        refuse_session(self, &refusal, out);
    } else if (batch) {
        refuse_batch(self, batch, &refusal, out);
    } else if (question) {
        dc_requests_answer(self, question, error, refusal.text, out);
    } else {
        self->strays++;
    }
}
