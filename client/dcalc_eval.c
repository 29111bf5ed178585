#include <string.h>

#include "client/dcalc.h"
#include "client/handle.h"
#include "common/clock.h"
#include "common/json.h"

// How long to sleep at most before the time is looked at again.
#define NAP_MS 100

// How often the broker is asked whether it has workers: a quarter of what the caller waits, within
// these bounds. A few answers in a row tell a worker that starts a slot again from none.
#define ASK_MS_MIN 50
#define ASK_MS_MAX 1000

typedef struct eval {
    uint32_t wait_ms;
    dcalc_id_t batch;
    dcalc_chunk_t chunk; // all of the batch
    bool is_sent;        // it was
    bool is_over;
    dcalc_err_t error; // when it is over
    char *text;        // where the answer goes, of `size` bytes
    size_t size;

    // Whether anybody is there to work on it: the broker is asked now and then.
    dcalc_id_t question; // 0: none is open
    dc_ms_t asked_ms;    // when the last one was asked, or when a broker was found
    dc_ms_t idle_ms;     // since when there is no worker
    bool is_idle;        // there is none

    dcalc_err_t busy_error; // why the broker has no room for it now; DCALC_OK: it has
    dc_ms_t busy_ms;        // since when
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

// The answer to a ping: is any slot there?
static bool has_slots(const dcalc_event_t *event)
{
    uint64_t slots = 0, plain = 0;
    dc_diag_t diag;
    dc_json_t *json = dc_json_parse(dc_str(event->text, event->text_bytes), DC_JSON_BYTES_MAX,
                                    DC_JSON_INTEGERS_EXACT, &diag);
    bool is_read = json && dc_json_read_u64(json, "slots", INT64_MAX, &slots, &diag) &&
                   dc_json_read_u64(json, "plain", INT64_MAX, &plain, &diag);
    dc_json_destroy(&json);
    return !is_read || slots || plain; // what cannot be read says nothing
}

static void take_ping(eval_t *eval, const dcalc_event_t *event)
{
    eval->question = 0;
    bool is_idle = event->error == DCALC_OK && !has_slots(event);
    // Nothing was heard of a worker since the question was asked, at least.
    if (is_idle && !eval->is_idle) eval->idle_ms = eval->asked_ms;
    eval->is_idle = is_idle;
}

static void take_event(dcalc_t *self, eval_t *eval, const dcalc_event_t *event)
{
    if (event->type == DCALC_EVENT_ANSWER && event->id == eval->question) take_ping(eval, event);
    if (event->id != eval->batch) return;
    switch (event->type) {
    case DCALC_EVENT_PIECE: take_result(self, eval, event->piece); break;
    case DCALC_EVENT_BUSY:
        eval->busy_error = event->error;
        eval->busy_ms = dc_clock_ms() - event->waiting_ms;
        set_text(eval, event->text, event->text_bytes);
        break;
    case DCALC_EVENT_END:
        if (event->error == DCALC_OK) {
            eval->is_over = true;
        } else {
            stop(eval, event->error, event->text);
        }
        break;
    case DCALC_EVENT_OPENED: eval->busy_error = DCALC_OK; break;
    case DCALC_EVENT_ANSWER:
    case DCALC_EVENT_LOST:
    case DCALC_EVENT_FOUND:
    case DCALC_EVENT_RECEIPT:
    case DCALC_EVENT_PROGRESS: break;
    }
}

static dcalc_err_t take_events(dcalc_t *self, eval_t *eval)
{
    dcalc_event_t event;
    dcalc_err_t err = dcalc_turn(self);
    while (err == DCALC_OK && !eval->is_over && dcalc_next(self, &event)) {
        take_event(self, eval, &event);
    }
    return err;
}

static dcalc_err_t send_once(dcalc_t *self, eval_t *eval)
{
    if (eval->is_sent || dcalc_room(self, eval->batch) < eval->chunk.size) return DCALC_OK;
    dcalc_err_t err = dcalc_send(self, eval->batch, &eval->chunk);
    if (err == DCALC_OK) err = dcalc_close(self, eval->batch);
    eval->is_sent = err == DCALC_OK;
    return err;
}

// Give up if a broker, its room, or a worker, has been missing for long enough; ask for workers if
// it is time.
static dcalc_err_t look_around(dcalc_t *self, eval_t *eval, dc_ms_t now)
{
    if (!dcalc_is_connected(self)) {
        eval->asked_ms = now;
        eval->is_idle = false;
        if (dcalc_waiting_ms(self) >= eval->wait_ms) {
            stop(eval, DCALC_ERR_NO_BROKER, dcalc_reason(self));
        }
        return DCALC_OK;
    }
    if (eval->busy_error && now - eval->busy_ms >= eval->wait_ms) {
        eval->is_over = true; // its text is there
        eval->error = eval->busy_error;
        return DCALC_OK;
    }
    if (eval->is_idle && now - eval->idle_ms >= eval->wait_ms) {
        stop(eval, DCALC_ERR_NO_WORKER, dcalc_err_text(DCALC_ERR_NO_WORKER));
        return DCALC_OK;
    }
    dc_ms_t interval_ms = dc_max_u64(dc_min_u64(eval->wait_ms / 4, ASK_MS_MAX), ASK_MS_MIN);
    if (eval->question || now - eval->asked_ms < interval_ms) return DCALC_OK;
    eval->asked_ms = now;
    return dcalc_query(self, "ping", 0, &eval->question);
}

static dcalc_err_t run(dcalc_t *self, eval_t *eval)
{
    for (;;) {
        dcalc_err_t err = send_once(self, eval);
        if (err == DCALC_OK) err = take_events(self, eval);
        if (err == DCALC_OK && !eval->is_over) err = look_around(self, eval, dc_clock_ms());
        if (err != DCALC_OK) return err;
        if (eval->is_over) return eval->error;
        err = dcalc_wait(self, NAP_MS);
        if (err != DCALC_OK) return err;
    }
}

// Leave nothing behind: the next call begins with no batch, no question and no news.
static void clean_up(dcalc_t *self, const eval_t *eval)
{
    dcalc_event_t event;
    dcalc_cancel(self, eval->batch);
    if (eval->question) dcalc_forget(self, eval->question);
    while (dcalc_next(self, &event)) {
    }
}

dcalc_err_t dcalc_eval(dcalc_t *self, const char *expression, uint32_t wait_ms, char *text,
                       size_t size)
{
    eval_t eval = {
        .wait_ms = wait_ms,
        .chunk = { .bytes = expression, .size = strlen(expression), .record = true },
        .size = size,
        .asked_ms = dc_clock_ms(),
    };
    eval.text = text;
    set_text(&eval, "", 0);
    if (!dc_requests_is_idle(self->requests)) return DCALC_ERR_INVALID;
    if (eval.chunk.size == 0) return DCALC_ERR_EMPTY;
    if (eval.chunk.size > DCALC_RECORD_BYTES_MAX) return DCALC_ERR_TOO_LONG;
    dcalc_err_t err = dcalc_open(self, NULL, &eval.batch);
    if (err != DCALC_OK) return err;
    err = run(self, &eval);
    clean_up(self, &eval);
    return err;
}
