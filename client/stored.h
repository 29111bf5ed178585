// stored — batches that the broker's store keeps, from the client's side: one that is detached is
// submitted until it is committed, one that is attached is fetched.
//
// Of a detached batch inputs are kept until their receipt, and nothing is answered: to be committed
// is what being answered and acknowledged is for an interactive one, so it counts as both.
// Of an attached batch the chunks come from the broker, in order, and are answered and acknowledged
// as if this client had sent them.
#ifndef DC_CLIENT_STORED_H
#define DC_CLIENT_STORED_H

#include "client/request.h"

// --- detached ----------------------------------------------------------------------------------

// The broker has committed jobs [first, end). Where memory is short the session is broken, and the
// next one tells again.
void dc_stored_commit(dc_request_t *self, dc_session_t *session, uint64_t first, uint64_t end);

// It was opened, and `ranges` (pairs, checked) are committed: those of earlier sessions, and of
// whoever used its key before. False: the broker had committed more, once.
DC_MUST_USE bool dc_stored_opened(dc_request_t *self, dc_session_t *session, dc_str_t ranges);

// All of it is committed, and closed: what is still kept of it may go.
void dc_stored_closed(dc_request_t *self);

// --- attached ----------------------------------------------------------------------------------

// A request to fetch batch `number`, from the chunk of job `first` on. NULL if memory is short.
dc_request_t *dc_stored_attached_new(dcalc_id_t id, uint64_t number, uint64_t first);

// Tell the session of it: for the first time, or again from the first job that has no answer.
void dc_stored_attach(dc_request_t *self, dc_session_t *session, dc_outcome_t *out);

// Take the INPUT `cmd`. A chunk that came in an earlier session is left alone. DC_ERR_PROTOCOL: it
// is no chunk, or does not fit those before; DC_ERR_NOMEM. Nothing has changed then.
DC_MUST_USE dc_err_t dc_stored_input(dc_request_t *self, const dc_cmd_t *cmd);

#endif
