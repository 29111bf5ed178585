// given — results that other jobs of their batch need, kept by the client as well.
//
// The broker keeps what is needed, as long as it lives and knows the batch. When chunks that need
// results go to a session that may not have them, since it began after these had come, they are
// given to it (GIVE) in front. So a broker that was started again computes nothing twice. They are
// kept until the batch is over.
#ifndef DC_CLIENT_GIVEN_H
#define DC_CLIENT_GIVEN_H

#include "client/sent.h"
#include "client/session.h"
#include "common/map.h"

typedef struct dc_given_result {
    uint64_t index;    // of its job
    dc_slice_t result; // a reference of its own
    bool is_failed;    // the job has failed, and has none
    uint64_t session;  // the last one whose broker has it
    UT_hash_handle hh;
} dc_given_result_t;

typedef struct dc_given {
    dc_given_result_t *results; // owned: a map by index
} dc_given_t;

void dc_given_fini(dc_given_t *self);

// Keep the results in the piece of `news` of jobs that are new, which came in session number
// `session`. False if memory is short.
DC_MUST_USE bool dc_given_keep(dc_given_t *self, uint64_t session, const dc_news_t *news,
                               bool columns);

// Give the session what `chunk` needs and it does not have, so far as that is here. False if memory
// is short.
DC_MUST_USE bool dc_given_send(dc_given_t *self, dc_session_t *session, uint32_t handle,
                               const dcalc_chunk_t *chunk, dc_outcome_t *out);

#endif
