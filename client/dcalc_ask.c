#include <stdio.h>
#include <string.h>

#include "client/dcalc.h"
#include "client/handle.h"
#include "common/clock.h"

#define QUESTION_BYTES_MAX 64

// How long to sleep at most before the time is looked at again.
#define NAP_MS 100

dcalc_err_t dcalc_query(dcalc_t *self, const char *what, uint64_t number, dcalc_id_t *question)
{
    static const char *const known[] = { "ping", "workers", "list", "status", "stats" };
    bool is_known = false;
    for (size_t i = 0; i < DC_ARRAY_LEN(known); i++) {
        is_known = is_known || strcmp(what, known[i]) == 0;
    }
    if (!is_known) return DCALC_ERR_INVALID;
    char json[QUESTION_BYTES_MAX];
    int len = snprintf(json, sizeof json, "{\"what\":\"%s\",\"number\":%llu}", what,
                       (unsigned long long)number);
    return (dcalc_err_t)dc_requests_ask(self->requests, dc_clock_ms(), dc_str(json, (size_t)len),
                                        question, &self->outcome);
}

dcalc_err_t dcalc_cancel_number(dcalc_t *self, uint64_t number, dcalc_id_t *question)
{
    return (dcalc_err_t)dc_requests_cancel_number(self->requests, dc_clock_ms(), number, question,
                                                  &self->outcome);
}

dcalc_err_t dcalc_delete(dcalc_t *self, uint64_t number, dcalc_id_t *question)
{
    return (dcalc_err_t)dc_requests_delete(self->requests, dc_clock_ms(), number, question,
                                           &self->outcome);
}

static_assert((int)DCALC_SET_PRIORITY == DC_SET_PRIORITY, "dcalc.h repeats common/wire.h");
static_assert((int)DCALC_SET_DEADLINE_MS == DC_SET_DEADLINE, "dcalc.h repeats common/wire.h");
static_assert((int)DCALC_SET_HELD == DC_SET_HOLD, "dcalc.h repeats common/wire.h");

dcalc_err_t dcalc_set(dcalc_t *self, uint64_t number, dcalc_set_t what, int64_t value,
                      dcalc_id_t *question)
{
    return (dcalc_err_t)dc_requests_set(self->requests, dc_clock_ms(), number, (uint8_t)what,
                                        (uint64_t)value, question, &self->outcome);
}

dcalc_err_t dcalc_drain(dcalc_t *self, const char *worker, dcalc_id_t *question)
{
    return (dcalc_err_t)dc_requests_drain(self->requests, dc_clock_ms(), worker, question,
                                          &self->outcome);
}

void dcalc_forget(dcalc_t *self, dcalc_id_t question)
{
    dc_requests_forget(self->requests, question);
}

// --- the blocking way --------------------------------------------------------------------------

dcalc_err_t dcalc_ask(dcalc_t *self, const char *what, uint64_t number, uint32_t wait_ms,
                      char **json)
{
    if (!dc_requests_is_idle(self->requests)) return DCALC_ERR_INVALID;
    dc_ms_t end = dc_clock_ms() + wait_ms;
    dcalc_id_t question;
    dcalc_err_t err = dcalc_query(self, what, number, &question);
    if (err != DCALC_OK) return err;
    while (err == DCALC_OK) {
        err = dcalc_turn(self);
        dcalc_event_t event;
        while (err == DCALC_OK && dcalc_next(self, &event)) {
            if (event.type != DCALC_EVENT_ANSWER || event.id != question) continue;
            if (event.error != DCALC_OK) return event.error;
            char *answer = strdup(event.text);
            if (!answer) return DCALC_ERR_NOMEM;
            *json = answer;
            return DCALC_OK;
        }
        dc_ms_t now = dc_clock_ms();
        if (err == DCALC_OK && now >= end) err = DCALC_ERR_NO_BROKER;
        if (err == DCALC_OK) err = dcalc_wait(self, (int)dc_min_u64(end - now, NAP_MS));
    }
    dcalc_forget(self, question);
    return err;
}
