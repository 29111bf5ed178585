// outcome — what the client's core wants done: messages for the broker, and news for the
// application.
//
// The shell carries it out in this order: if `connect` is set, close the connection with all that
// is under way on it and open one to the next place where the broker may be (`sends` then belong to
// the new one); send `sends`, in order; hand out the news. It clears what it has done.
#ifndef DC_CLIENT_OUTCOME_H
#define DC_CLIENT_OUTCOME_H

#include "client/dcalc.h"
#include "common/wire.h"

// An event for the application, with what it points to.
typedef struct dc_news {
    dcalc_event_t event; // `text` is set already, `piece` by dc_outcome_take
    dcalc_piece_t piece; // of a PIECE; its chunk is looked up when it is taken
    dcalc_range_t one;   // room for the usual case of `piece.fresh`
    dcalc_range_t *many; // owned; the others
    dc_slice_t data;     // a reference of its own to the bytes of `piece`
    char *text;          // owned; NULL if there is none
} dc_news_t;

void dc_news_fini(dc_news_t *self);

typedef struct dc_outcome {
    bool connect;
    dc_cmd_t *sends; // owned; the slices have references of their own
    size_t send_count, send_capacity;
    dc_news_t *news; // owned; a queue, of which the first `news_taken` are gone
    size_t news_count, news_taken, news_capacity;
} dc_outcome_t;

void dc_outcome_init(dc_outcome_t *self);
void dc_outcome_fini(dc_outcome_t *self);

// Append a message; keeps references of `cmd`'s slices (borrowed bytes are copied). False, and
// nothing changed, if memory is short.
DC_MUST_USE bool dc_outcome_send(dc_outcome_t *self, const dc_cmd_t *cmd);

// Let `cmd`, a CHUNK of lines, be a part of the message that was appended last, which is to be one
// of the jobs before it, unsent, and small as well (DC_GATHER_JOBS_MAX, DC_GATHER_BYTES_MAX); sets
// by how many bytes that grew. False, and nothing changed, if it cannot be.
DC_MUST_USE bool dc_outcome_join(dc_outcome_t *self, const dc_cmd_t *cmd, size_t *added_bytes);

// Forget the first `count` messages, which have been sent; or all, since their connection is gone.
void dc_outcome_drop_sends(dc_outcome_t *self, size_t count);
void dc_outcome_clear_sends(dc_outcome_t *self);

// Make sure that the next dc_outcome_add cannot fail. False if memory is short.
DC_MUST_USE bool dc_outcome_reserve(dc_outcome_t *self);

// Append a news of `type` about `id`, and return it to be filled: valid until the next. There is
// room for it (dc_outcome_reserve). `text` is copied and may be empty; where memory is short for it
// the news goes without.
dc_news_t *dc_outcome_add(dc_outcome_t *self, dcalc_event_type_t type, dcalc_id_t id,
                          dc_str_t text);

// Take back the news that was added last, and all that it owns.
void dc_outcome_drop_last(dc_outcome_t *self);

// Take the oldest news, which is the caller's from now on; false if there is none. `event` and
// `piece` point into `*news`, which must stay where it is.
bool dc_outcome_take(dc_outcome_t *self, dc_news_t *news);

static inline bool dc_outcome_has_news(const dc_outcome_t *self)
{
    return self->news_taken < self->news_count;
}

#endif
