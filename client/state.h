// state — what dc_requests_t consists of, and what the files that make it up share: requests.c
// (what the application wants), renew.c (sessions), ends.c (ends and answers), on_broker.c
// (messages), on_refused.c (of these, refusals). Nobody else includes this.
#ifndef DC_CLIENT_STATE_H
#define DC_CLIENT_STATE_H

#include "client/request.h"
#include "client/requests.h"

// What was asked and has no answer yet.
typedef struct dc_question {
    dcalc_id_t id;
    dc_cmd_t cmd; // QUERY, CANCEL, DELETE or SET; its data are an owned reference
    struct dc_question *prev, *next;
} dc_question_t;

struct dc_requests {
    dc_session_t session;
    dc_request_t *batches;    // owned: a map by id, in the order in which they were opened
    dc_question_t *questions; // owned: a list, oldest first
    dcalc_id_t id_next;
    size_t unended_count;  // batches that are not over
    uint64_t inputs_bytes; // of all batches
    dc_ms_t wanted_ms;     // since when something is open or asked
    dc_ms_t again_ms;      // when the next refused batch is asked for; UINT64_MAX: none
    bool is_dirty;         // a batch may have something to send
    uint64_t duplicates, strays, violations;
};

dc_request_t *dc_requests_find_batch(const dc_requests_t *self, dcalc_id_t id);
dc_question_t *dc_requests_find_question(const dc_requests_t *self, dcalc_id_t id);

// Forget a batch or a question; the application is told nothing by this.
void dc_requests_remove_batch(dc_requests_t *self, dc_request_t *batch);
void dc_requests_remove_question(dc_requests_t *self, dc_question_t *question);

// --- ends.c ------------------------------------------------------------------------------------

// Tell the application that `batch` is over. There is room for the news (dc_outcome_reserve). What
// is told is returned, to be added to; NULL: it was over before.
dc_news_t *dc_requests_end_batch(dc_requests_t *self, dc_request_t *batch, dc_err_t error,
                                 dc_str_t text, dc_outcome_t *out);

// If all is answered the batch is over; if all is acknowledged too it is forgotten.
void dc_requests_end_if_complete(dc_requests_t *self, dc_request_t *batch, dc_outcome_t *out);

// Hand out the answer to a question, and forget it.
void dc_requests_answer(dc_requests_t *self, dc_question_t *question, dc_err_t error, dc_str_t text,
                        dc_outcome_t *out);

// Nothing that is open can go on.
void dc_requests_end_everything(dc_requests_t *self, dc_err_t error, dc_str_t text,
                                dc_outcome_t *out);

// --- renew.c -----------------------------------------------------------------------------------

// Ask the broker.
void dc_requests_tell_question(dc_requests_t *self, const dc_question_t *question,
                               dc_outcome_t *out);

// Give the connection up; `is_lost`: since the broker is, or seems to be, gone. `why` is what it
// says itself of that; empty if nothing.
void dc_requests_end_session(dc_requests_t *self, bool is_lost, dc_ms_t delay_ms, dc_str_t why,
                             dc_outcome_t *out);

// The broker contradicts what was sent. What is right can be had from a new session, unless it goes
// on like this.
void dc_requests_violate(dc_requests_t *self, dc_err_t error, dc_str_t text, dc_outcome_t *out);

// --- on_broker.c is reached by dc_requests_receive; of it on_refused.c: ------------------------

// What was asked of the broker it does not do: a batch, a question, or the whole session.
void dc_requests_receive_refused(dc_requests_t *self, const dc_cmd_t *cmd, dc_outcome_t *out);

#endif
