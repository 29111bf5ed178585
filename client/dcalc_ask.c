#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/dcalc.h"
#include "client/handle.h"
#include "common/clock.h"

#define QUESTION_BYTES_MAX 64

// How long eval and ask sleep at most before they look at the time again.
#define NAP_MS 100

dcalc_err_t dcalc_query(dcalc_t *self, const char *what, uint64_t number, dcalc_id_t *question)
{
    static const char *const known[] = { "ping", "workers", "list", "status" };
    bool is_known = false;
    for (size_t i = 0; i < DC_ARRAY_LEN(known); i++) {
        is_known = is_known || strcmp(what, known[i]) == 0;
    }
    if (!is_known) return DCALC_ERR_INVALID;
    char json[QUESTION_BYTES_MAX];
    int len = snprintf(json, sizeof json, "{\"what\":\"%s\",\"number\":%llu}", what,
                       (unsigned long long)number);
    return (dcalc_err_t)dc_requests_ask(self->requests, dc_clock_ms(), dc_str(json, (size_t)len), 0,
                                        question, &self->outcome);
}

dcalc_err_t dcalc_cancel_number(dcalc_t *self, uint64_t number, dcalc_id_t *question)
{
    return (dcalc_err_t)dc_requests_ask(self->requests, dc_clock_ms(), (dc_str_t){ 0 }, number,
                                        question, &self->outcome);
}

void dcalc_forget(dcalc_t *self, dcalc_id_t question)
{
    dc_requests_forget(self->requests, question);
}

// --- the blocking way --------------------------------------------------------------------------

// Where the answer of dcalc_eval goes.
typedef struct eval {
    dcalc_id_t batch;
    char *text; // of `size` bytes
    size_t size;
    bool is_over;
    dcalc_err_t error;
} eval_t;

static void set_text(eval_t *eval, const char *bytes, size_t len)
{
    if (eval->size == 0) return;
    len = dc_min_size(len, eval->size - 1);
    if (len) memcpy(eval->text, bytes, len);
    eval->text[len] = '\0';
}

static void stop(eval_t *eval, dcalc_err_t error, const char *text)
{
    eval->is_over = true;
    eval->error = error;
    set_text(eval, text, strlen(text));
}

static void take_result(dcalc_t *self, eval_t *eval, const dcalc_piece_t *piece)
{
    size_t cursor = 0;
    dcalc_fault_t fault;
    if (dcalc_fault_next(piece, &cursor, &fault)) {
        eval->error = fault.error;
        set_text(eval, fault.message, fault.message_bytes);
    } else {
        set_text(eval, piece->results, piece->results_bytes - 1); // without its newline
    }
    // It is answered, so this can only fail for want of memory, and the batch ends anyway.
    if (dcalc_ack(self, eval->batch, piece->first, piece->first + piece->count)) return;
}

static void take_event(dcalc_t *self, eval_t *eval, const dcalc_event_t *event, uint32_t wait_ms)
{
    if (event->id != eval->batch) return;
    switch (event->type) {
    case DCALC_EVENT_PIECE: take_result(self, eval, event->piece); break;
    case DCALC_EVENT_BUSY:
        if (event->waiting_ms >= wait_ms) stop(eval, event->error, event->text);
        break;
    case DCALC_EVENT_END:
        if (event->error == DCALC_OK) {
            eval->is_over = true;
        } else {
            stop(eval, event->error, event->text);
        }
        break;
    case DCALC_EVENT_OPENED:
    case DCALC_EVENT_ANSWER:
    case DCALC_EVENT_LOST:
    case DCALC_EVENT_FOUND: break;
    }
}

// Send the only chunk, if it is not sent yet and there is room.
static dcalc_err_t send_once(dcalc_t *self, eval_t *eval, dcalc_chunk_t *chunk, bool *is_sent)
{
    if (*is_sent || dcalc_room(self, eval->batch) < chunk->size) return DCALC_OK;
    dcalc_err_t err = dcalc_send(self, eval->batch, chunk);
    if (err == DCALC_OK) err = dcalc_close(self, eval->batch);
    *is_sent = err == DCALC_OK;
    return err;
}

static dcalc_err_t run(dcalc_t *self, eval_t *eval, dcalc_chunk_t *chunk, uint32_t wait_ms)
{
    bool is_sent = false;
    dcalc_event_t event;
    for (;;) {
        dcalc_err_t err = send_once(self, eval, chunk, &is_sent);
        if (err == DCALC_OK) err = dcalc_turn(self);
        if (err != DCALC_OK) return err;
        while (!eval->is_over && dcalc_next(self, &event)) {
            take_event(self, eval, &event, wait_ms);
        }
        if (eval->is_over) return eval->error;
        if (dcalc_waiting_ms(self) >= wait_ms && !dcalc_is_connected(self)) {
            stop(eval, DCALC_ERR_NO_BROKER, dcalc_reason(self));
            return eval->error;
        }
        err = dcalc_wait(self, NAP_MS);
        if (err != DCALC_OK) return err;
    }
}

dcalc_err_t dcalc_eval(dcalc_t *self, const char *expression, uint32_t wait_ms, char *text,
                       size_t size)
{
    eval_t eval = { .size = size };
    eval.text = text;
    set_text(&eval, "", 0);
    if (!dc_requests_is_idle(self->requests)) return DCALC_ERR_INVALID;
    dcalc_chunk_t chunk = { .bytes = expression, .size = strlen(expression), .record = true };
    if (chunk.size == 0) return DCALC_ERR_EMPTY;
    if (chunk.size > DCALC_RECORD_BYTES_MAX) return DCALC_ERR_TOO_LONG;
    dcalc_err_t err = dcalc_open(self, NULL, &eval.batch);
    if (err != DCALC_OK) return err;
    err = run(self, &eval, &chunk, wait_ms);
    dcalc_cancel(self, eval.batch);
    dcalc_event_t event;
    while (dcalc_next(self, &event)) {
    }
    return err;
}

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
