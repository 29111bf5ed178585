// session — the client's connection as its core sees it: whether there is one, how much may be sent
// on it, who spoke when, and when to try the next.
//
// It judges; sending what a new session needs is up to dc_requests_t, which owns it. Time is set
// once per event (`now`) and never goes back.
#ifndef DC_CLIENT_SESSION_H
#define DC_CLIENT_SESSION_H

#include "client/outcome.h"
#include "common/rng.h"

typedef struct dc_session_settings {
    dc_ms_t heartbeat_ms;
    uint32_t liveness_beats;
    dc_ms_t reconnect_ms_min, reconnect_ms_max;
    uint64_t inputs_bytes_max;
    bool wants_workers; // pieces are to name who computed them
} dc_session_settings_t;

typedef struct dc_session {
    dc_session_settings_t settings;
    dc_rng_t rng;
    dc_ms_t now;
    bool is_open;            // there is a connection, as far as is known
    bool is_greeted;         // something was sent on it
    bool is_found;           // a broker answered, and has not been lost since
    bool is_broken;          // something could not be sent for want of memory: begin anew
    dc_ms_t connect_ms;      // without connection: when to open the next
    dc_ms_t heard_ms;        // the last message, or what it would be unfair to count from before
    dc_ms_t spoke_ms;        // likewise, of ours
    dc_ms_t ticked_ms;       // to see that the process slept
    dc_ms_t who_after;       // until then a WHO may be older than what answers it
    dc_ms_t lost_ms;         // since when there is no broker
    uint32_t failures;       // connections since a broker was heard
    uint32_t violations;     // since a job was answered
    uint64_t sent, sent_max; // credit: wire.h
    uint64_t session_count;
} dc_session_t;

void dc_session_init(dc_session_t *self, const dc_session_settings_t *settings, uint64_t seed);

// Every call of the core begins with this.
void dc_session_set_now(dc_session_t *self, dc_ms_t now);

// Send `cmd`, if there is a connection. False if there is none or memory is short; what then
// misses is made good by the next session.
bool dc_session_send(dc_session_t *self, const dc_cmd_t *cmd, dc_outcome_t *out);

// Send `cmd`, a CHUNK for which there is room, with the one before it if that is so small and not
// sent yet (dc_outcome_join). False: as a message of its own it must be.
DC_MUST_USE bool dc_session_join(dc_session_t *self, const dc_cmd_t *cmd, dc_outcome_t *out);

// How many bytes a chunk may have that is sent now; 0 if none.
size_t dc_session_room(const dc_session_t *self);

// Count a chunk of `bytes`, for which there was room.
void dc_session_count_chunk(dc_session_t *self, size_t bytes);

// A message came. True if it is the first one since there was no broker.
bool dc_session_hear(dc_session_t *self);

// A heartbeat is due.
void dc_session_beat(dc_session_t *self, dc_outcome_t *out);

// Does the connection have to be given up, since the broker is silent or we were, or messages are
// missing? `*is_lost` then says whether it was the broker's silence.
bool dc_session_must_end(const dc_session_t *self, bool *is_lost);

// Give the connection up; the next one is opened after `delay_ms`. True if a broker that was there
// is lost by this (`is_lost`).
bool dc_session_end(dc_session_t *self, bool is_lost, dc_ms_t delay_ms);

// How long to wait after a connection that failed: doubled with each, with jitter.
dc_ms_t dc_session_backoff(dc_session_t *self);

// `min_ms` doubled `count` times, at most `max_ms`, and of that between half and all.
dc_ms_t dc_session_delay(dc_session_t *self, dc_ms_t min_ms, dc_ms_t max_ms, uint32_t count);

// A connection is due.
static inline bool dc_session_must_connect(const dc_session_t *self)
{
    return !self->is_open && self->now >= self->connect_ms;
}

// A session begins, on a new connection, which is being made in the place of the old one.
void dc_session_begin(dc_session_t *self, dc_outcome_t *out);

// May a WHO be believed? Not one that was under way while we said who we are.
static inline bool dc_session_believes_who(const dc_session_t *self)
{
    return self->is_open && self->now >= self->who_after;
}

// When something of this is due; UINT64_MAX if nothing.
dc_ms_t dc_session_deadline(const dc_session_t *self);

#endif
