#include "client/state.h"

dc_news_t *dc_requests_end_batch(dc_requests_t *self, dc_request_t *batch, dc_err_t error,
                                 dc_str_t text, dc_outcome_t *out)
{
    if (batch->state == DC_REQUEST_OVER) return NULL;
    batch->state = DC_REQUEST_OVER;
    // What is stored needs no words any more.
    if (error != DC_OK || batch->kind != DC_REQUEST_INTERACTIVE) batch->is_in_session = false;
    self->unended_count--;
    dc_news_t *news = dc_outcome_add(out, DCALC_EVENT_END, (dcalc_id_t)batch->id, text);
    news->event.error = (dcalc_err_t)error;
    news->event.number = batch->number;
    return news;
}

void dc_requests_end_if_complete(dc_requests_t *self, dc_request_t *batch, dc_outcome_t *out)
{
    if (!dc_request_is_complete(batch)) return;
    if (batch->state != DC_REQUEST_OVER) {
        if (!dc_outcome_reserve(out)) {
            self->session.is_broken = true; // the tick after the next connection comes here again
            return;
        }
        dc_requests_end_batch(self, batch, DC_OK, (dc_str_t){ 0 }, out);
    }
    if (batch->sent.open_count) return;
    dc_request_finish(batch, &self->session, out);
    dc_requests_remove_batch(self, batch);
}

void dc_requests_answer(dc_requests_t *self, dc_question_t *question, dc_err_t error, dc_str_t text,
                        dc_outcome_t *out)
{
    if (!dc_outcome_reserve(out)) {
        self->session.is_broken = true; // asked again by the next session
        return;
    }
    dc_news_t *news = dc_outcome_add(out, DCALC_EVENT_ANSWER, question->id, text);
    news->event.error = (dcalc_err_t)error;
    dc_requests_remove_question(self, question);
}

void dc_requests_end_everything(dc_requests_t *self, dc_err_t error, dc_str_t text,
                                dc_outcome_t *out)
{
    for (dc_request_t *batch = self->batches; batch; batch = batch->hh.next) {
        if (!dc_outcome_reserve(out)) return;
        dc_requests_end_batch(self, batch, error, text, out);
    }
    while (self->questions && dc_outcome_reserve(out)) {
        dc_requests_answer(self, self->questions, error, text, out);
    }
}
