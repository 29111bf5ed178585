// request — one batch from the client's side: what of it was sent, answered and acknowledged, and
// what the broker has to be told again after a session was lost.
//
// Owned by dc_requests_t. Its life is in request.c, its sessions are in request_open.c, and what it
// sends in request_send.c. Nothing here looks at the clock: `session` says what time it is, how
// much may be sent, and sends.
#ifndef DC_CLIENT_REQUEST_H
#define DC_CLIENT_REQUEST_H

#include "client/given.h"
#include "client/sent.h"
#include "client/session.h"
#include "client/theirs.h"
#include "common/map.h"

typedef enum dc_request_kind {
    DC_REQUEST_INTERACTIVE, // its results come to who sends it
    DC_REQUEST_DETACHED,    // it is sent to be stored: client/stored.h
    DC_REQUEST_ATTACHED,    // it is stored, and fetched: likewise
} dc_request_kind_t;

typedef enum dc_request_state {
    DC_REQUEST_NEW,     // the session does not know it
    DC_REQUEST_OPEN,    // opened; chunks may be sent at once, the first time, without an answer
    DC_REQUEST_AGAIN,   // opened again; which chunks the broker lacks is not known yet
    DC_REQUEST_REFUSED, // the broker has no room; asked again at `again_ms`
    DC_REQUEST_OVER,    // the application was told its END
} dc_request_state_t;

typedef struct dc_request {
    uint64_t id; // the handle
    dc_request_kind_t kind;
    dc_key_t key;                  // not of one that is attached
    dcalc_batch_options_t options; // without the pointers
    dc_slice_t program;            // owned reference
    uint64_t steps_max;            // of a job, by the program; 0: it says nothing
    uint32_t timeout_ms;           // likewise
    size_t template_bytes;         // of the program
    char name[DC_NAME_BYTES_MAX];
    uint8_t name_bytes;
    char tag[DC_TAG_BYTES_MAX];
    uint8_t tag_bytes;
    uint64_t number;   // the broker's; 0: not known yet
    dc_ms_t opened_ms; // when the application did
    dc_request_state_t state;
    bool was_opened;    // some session was told of it
    bool is_in_session; // the present one was, and has not refused it
    bool is_closed;     // the application sends no more
    bool is_close_sent; // in this session
    bool is_told;       // the application knows its number
    bool is_admitted;   // a broker has said that its template is not too long
    bool is_keyed;      // the key stands for a word: the batch may be there before it is opened
    bool is_complete;   // of one that is stored: the broker said that there is no more to come
    uint64_t first;     // of one that is attached: the first job that is wanted
    uint64_t *after;    // owned: numbers of the batches that it comes after
    uint32_t after_count;
    bool is_released; // ... which have ended
    bool has_failed;  // a job has
    dc_given_t given; // results that other jobs need
    dc_sent_t sent;
    dc_ranges_t lacks;  // jobs whose inputs must be sent again in this session
    dc_ranges_t done;   // jobs that are done with: acknowledged, or where it is detached, committed
    dc_range_t ack;     // those of them that the broker is to be told; empty if first == end
    dc_theirs_t theirs; // of one that is detached: jobs of an earlier process, not compared yet
    bool is_short;      // its jobs are, as far as is known: small chunks travel as one
    dc_ms_t refused_ms; // since when the broker refuses it; 0: it does not
    dc_ms_t again_ms;   // when it is asked for again
    uint32_t refusals;
    UT_hash_handle hh;
} dc_request_t;

// A request that nobody was told of. NULL if memory is short. What `options` point to is copied.
dc_request_t *dc_request_new(dcalc_id_t id, const dc_key_t *key,
                             const dcalc_batch_options_t *options);
void dc_request_destroy(dc_request_t **self_p);

// Tell the session of it: for the first time, or again.
void dc_request_open(dc_request_t *self, dc_session_t *session, dc_outcome_t *out);

// The session ended; or its broker forgot it.
void dc_request_leave_session(dc_request_t *self);

// The broker knows it, and has the inputs of `ranges` (pairs, checked). False: it has lost what it
// had committed of a detached batch, which cannot be completed any more.
DC_MUST_USE bool dc_request_opened(dc_request_t *self, dc_session_t *session, dc_str_t ranges);

// The broker has room for it, or for some of its jobs: how long it was refused is forgotten.
void dc_request_let_in(dc_request_t *self);

// The broker refuses it for now: it is asked again in `retry_ms` (DC_REQUESTS_RETRY_MS_MAX at
// most), or when the client thinks best if that is 0.
void dc_request_refused(dc_request_t *self, dc_session_t *session, uint32_t retry_ms);

static inline bool dc_request_can_send(const dc_request_t *self)
{
    return self->state == DC_REQUEST_OPEN && self->lacks.count == 0 && !self->is_closed;
}

// Append a chunk, for which there is room, and send it. DC_ERR_NOMEM, nothing changed.
DC_MUST_USE dc_err_t dc_request_send(dc_request_t *self, dc_session_t *session,
                                     dcalc_chunk_t *chunk, const dc_slice_t *data,
                                     dc_outcome_t *out);

// Send what is due: chunks again, as far as there is room, the end, and acknowledgements. True if
// there is more to send, for which there is no room now.
bool dc_request_pump(dc_request_t *self, dc_session_t *session, dc_outcome_t *out);

// Is there nothing more to come? An interactive batch is closed, and every job has an answer; what
// is stored is complete when the broker says so.
static inline bool dc_request_is_complete(const dc_request_t *self)
{
    if (self->kind != DC_REQUEST_INTERACTIVE) return self->is_complete;
    return self->is_closed && self->sent.answered == self->sent.jobs;
}

// Acknowledge. DC_ERR_INVALID: not all of it is answered, or it never is; DC_ERR_NOMEM.
DC_MUST_USE dc_err_t dc_request_ack(dc_request_t *self, dc_session_t *session, uint64_t first,
                                    uint64_t end, dc_outcome_t *out);

// It is over and all is acknowledged, or it is given up: tell the broker.
void dc_request_finish(dc_request_t *self, dc_session_t *session, dc_outcome_t *out);

// Read pairs (u64 first, u64 end), checked, into `ranges`, which is empty. False if memory is
// short.
DC_MUST_USE bool dc_request_read_ranges(dc_str_t pairs, dc_ranges_t *ranges);

// NULL, or a sentence that says what does not hold.
const char *dc_request_audit(const dc_request_t *self);

#endif
