// answer — is what the broker sent as results sound, and what of it is new?
#ifndef DC_CLIENT_ANSWER_H
#define DC_CLIENT_ANSWER_H

#include "client/outcome.h"
#include "client/sent.h"

// A piece that is taken, chunk by chunk: the broker has several small ones as one.
typedef struct dc_answer {
    const struct dc_cmd_piece *piece;
    dc_slice_t data; // borrowed, as all that is below
    dc_str_t worker, ranges, faults, results;
    bool columns;
    uint64_t next; // the first of its jobs that was not looked at
} dc_answer_t;

// Begin with the PIECE `cmd` as answers to what was `sent`; its results are `columns` or lines.
// `cmd` must live as long. DC_ERR_PROTOCOL: it contradicts what was sent.
DC_MUST_USE dc_err_t dc_answer_begin(dc_answer_t *self, const dc_sent_t *sent, const dc_cmd_t *cmd,
                                     bool columns);

// Whether it has jobs that were not looked at.
static inline bool dc_answer_has_more(const dc_answer_t *self)
{
    return self->next < self->piece->first + self->piece->count;
}

// Go on to the end of the chunk of its next job: what is new there is answered from now on.
//
// Where something is new `news` (which is empty before) gets a piece and a reference to its bytes;
// else its `fresh_count` stays 0: all of it was answered before.
// DC_ERR_NOMEM: what `news` has is answered, the rest is not.
DC_MUST_USE dc_err_t dc_answer_next(dc_answer_t *self, dc_sent_t *sent, dc_news_t *news);

#endif
