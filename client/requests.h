// requests — every decision of the client library: calls and messages with a time in, an outcome
// (client/outcome.h) out.
//
// It has no socket, clock, thread, entropy or log call: time and keys come with the calls, jitter
// from a given seed. Several may live beside each other.
//
// A *connection* is what the shell opens when the outcome says `connect`. It carries messages in
// order, and whatever is lost on it is lost together with it: the shell tells of the break
// (dc_requests_disconnected), or else the broker's silence tells. A connection must not come back
// by itself, since what was on its way would be missing and nobody would know. A *session* is what
// is said on one connection; the next one begins when that is lost or the broker says WHO on it:
// all open batches are opened again under their keys, with the ranges that lack results; OPENED
// says which inputs the broker has, the others are sent again, as far as credit reaches. A batch
// that is detached is opened likewise and lacks what has no receipt; one that is attached is asked
// for from the first job that has no answer.
//
// What the broker says is checked, and never trusted to be complete: a batch is over when the
// client itself has counted an answer for every job, or holds the broker's word that all of it is
// on disk. A message that contradicts what was sent costs the session; the third one without an
// answer in between ends what is open (DC_ERR_PROTOCOL).
//
// Calling sequence: dc_requests_new; then per event one of the calls below; dc_requests_tick once
// per turn of the shell's loop, after the messages that have come and before the outcome is carried
// out; and at the time that dc_requests_deadline says.
#ifndef DC_CLIENT_REQUESTS_H
#define DC_CLIENT_REQUESTS_H

#include "client/outcome.h"
#include "client/session.h"
#include "common/wire.h"

// A person waits for a broker that comes back, so the client knocks sooner than a worker; the
// jitter and the doubling keep a thousand clients from knocking together.
#define DC_REQUESTS_RECONNECT_MS_MIN 100
#define DC_REQUESTS_RECONNECT_MS_MAX 2000

// A batch that was refused for want of room asks again after this, likewise.
#define DC_REQUESTS_BUSY_MS_MIN 100
#define DC_REQUESTS_BUSY_MS_MAX 5000

// ... or, where the broker says when, then; but never later than this, whatever it says.
#define DC_REQUESTS_RETRY_MS_MAX 60000

// What the client itself keeps at most, whatever the broker allows: four times the usual credit, so
// that a big cluster stays busy, and half of the 64 MiB that a client may take in all.
#define DC_REQUESTS_INPUTS_BYTES_MAX (32u << 20)

// Messages in a row that contradict what was sent, before what is open ends.
#define DC_REQUESTS_VIOLATIONS_MAX 3

// More ranges than this are not listed when a batch is opened again: the rest is said to lack as a
// whole, which costs some jobs a second evaluation and never an answer.
#define DC_REQUESTS_LACKS_MAX 4096
static_assert(DC_REQUESTS_LACKS_MAX * DC_WIRE_RANGE_BYTES + DC_NAME_BYTES_MAX + DC_TAG_BYTES_MAX <=
                  DC_MESSAGE_DATA_BYTES_MAX,
              "an OPEN fits a message");

// The limits' defaults.
dc_session_settings_t dc_requests_settings_default(void);

typedef struct dc_requests dc_requests_t;

// A core without a connection, which it asks for at its first tick. `settings` are copied. NULL if
// memory is short.
dc_requests_t *dc_requests_new(const dc_session_settings_t *settings, uint64_t seed);
void dc_requests_destroy(dc_requests_t **self_p);

// --- what the application wants: see dcalc.h; `id` is a batch's or a question's -----------------

// `key` names the batch and must be new and not to be guessed, unless it stands for the word that
// `options` give as key. What `options` point to is copied.
DC_MUST_USE dc_err_t dc_requests_open(dc_requests_t *self, dc_ms_t now, const dc_key_t *key,
                                      const dcalc_batch_options_t *options, dcalc_id_t *batch,
                                      dc_outcome_t *out);

// Fetch batch `number` of the broker's store, from job `first` on; chunks come with their inputs.
DC_MUST_USE dc_err_t dc_requests_attach(dc_requests_t *self, dc_ms_t now, uint64_t number,
                                        uint64_t first, dcalc_id_t *batch, dc_outcome_t *out);

size_t dc_requests_room(const dc_requests_t *self, dcalc_id_t id);

// Of `chunk` the fields size, width, record and tag are read, first and jobs are set; the bytes
// (chunk->size of them) come as `data`, of which a reference is kept.
DC_MUST_USE dc_err_t dc_requests_send(dc_requests_t *self, dc_ms_t now, dcalc_id_t id,
                                      dcalc_chunk_t *chunk, const dc_slice_t *data,
                                      dc_outcome_t *out);
DC_MUST_USE dc_err_t dc_requests_close(dc_requests_t *self, dc_ms_t now, dcalc_id_t id,
                                       dc_outcome_t *out);
DC_MUST_USE dc_err_t dc_requests_ack(dc_requests_t *self, dcalc_id_t id, uint64_t first,
                                     uint64_t end, dc_outcome_t *out);
void dc_requests_cancel(dc_requests_t *self, dc_ms_t now, dcalc_id_t id, dc_outcome_t *out);

// Cancel every batch that is not over or not acknowledged, save those that can be gone on with by
// their key's word; there will be no more calls but destroy.
void dc_requests_leave(dc_requests_t *self, dc_ms_t now, dc_outcome_t *out);

// Each of these is a question, which gets an answer. `json` is one for QUERY; `what` and `value`
// are SET's; `worker` is the name of one that is to be drained.
DC_MUST_USE dc_err_t dc_requests_ask(dc_requests_t *self, dc_ms_t now, dc_str_t json,
                                     dcalc_id_t *question, dc_outcome_t *out);
DC_MUST_USE dc_err_t dc_requests_cancel_number(dc_requests_t *self, dc_ms_t now, uint64_t number,
                                               dcalc_id_t *question, dc_outcome_t *out);
DC_MUST_USE dc_err_t dc_requests_delete(dc_requests_t *self, dc_ms_t now, uint64_t number,
                                        dcalc_id_t *question, dc_outcome_t *out);
DC_MUST_USE dc_err_t dc_requests_set(dc_requests_t *self, dc_ms_t now, uint64_t number,
                                     uint8_t what, uint64_t value, dcalc_id_t *question,
                                     dc_outcome_t *out);
DC_MUST_USE dc_err_t dc_requests_drain(dc_requests_t *self, dc_ms_t now, const char *worker,
                                       dcalc_id_t *question, dc_outcome_t *out);
void dc_requests_forget(dc_requests_t *self, dcalc_id_t id);

// The chunk that holds job `index` of batch `id`; NULL if it is not open any more. For the piece of
// news that is being handed out: NULL there means that the application has cancelled the batch.
const dcalc_chunk_t *dc_requests_chunk(const dc_requests_t *self, dcalc_id_t id, uint64_t index);

// The first jobs at or behind `from` that were sent and not answered, and their chunk; NULL if
// there are none.
const dcalc_chunk_t *dc_requests_unanswered(const dc_requests_t *self, dcalc_id_t id, uint64_t from,
                                            dc_range_t *jobs);

// --- what comes from outside -------------------------------------------------------------------

// The broker sent `cmd` on the present connection. What is kept of its slices is referenced.
void dc_requests_receive(dc_requests_t *self, dc_ms_t now, const dc_cmd_t *cmd, dc_outcome_t *out);

// A message came that is none (the codec refused it).
void dc_requests_receive_garbage(dc_requests_t *self, dc_ms_t now, dc_outcome_t *out);

// One of another version of the protocol came.
void dc_requests_receive_foreign(dc_requests_t *self, dc_ms_t now, dc_outcome_t *out);

// The present connection is broken, or could not be made.
void dc_requests_disconnected(dc_requests_t *self, dc_ms_t now, dc_outcome_t *out);

// Time has passed, or a turn ends: whatever is due.
void dc_requests_tick(dc_requests_t *self, dc_ms_t now, dc_outcome_t *out);

// When the next tick must be, at the latest; UINT64_MAX if nothing is due ever. 0: at once.
dc_ms_t dc_requests_deadline(const dc_requests_t *self);

// --- what there is to know ---------------------------------------------------------------------

bool dc_requests_is_connected(const dc_requests_t *self);
uint64_t dc_requests_waiting_ms(const dc_requests_t *self, dc_ms_t now);

// Whether anything is open or asked.
bool dc_requests_is_idle(const dc_requests_t *self);

// What happened so far: for tests and the simulation, which know what should have.
typedef struct dc_requests_counts {
    uint64_t sessions;   // begun
    uint64_t duplicates; // pieces of which nothing was new
    uint64_t strays;     // messages for batches and questions that are over
    uint64_t violations; // messages that contradict what was sent
    uint64_t bytes;      // inputs kept
} dc_requests_counts_t;

dc_requests_counts_t dc_requests_counts(const dc_requests_t *self);

// Check everything that must hold, by looking at all there is. NULL, or a sentence.
const char *dc_requests_audit(const dc_requests_t *self);

#endif
