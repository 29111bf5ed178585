// allowance — how many jobs, and bytes of jobs, a client may have leased a second, where the
// operator says so (--rate, --rate-bytes).
//
// It slows down instead of refusing: what is over a client's rate waits in its place, so nothing is
// lost and the order stays, and others have the slots. Each job counts once, when it is leased for
// the first time, and has as many bytes as its chunk's jobs have on average, so that no bytes are
// looked at; one may be larger than all that is left, which is paid off later. Parts of a job that
// forked are no jobs. A client is a connection: who has several, or comes again, has as many
// allowances. Nobody has to say yet who they are. Detached batches, which outlive their clients,
// have one allowance together.
#ifndef DC_BROKER_CORE_SCHEDULE_ALLOWANCE_H
#define DC_BROKER_CORE_SCHEDULE_ALLOWANCE_H

#include "broker/core/state.h"

// A client has come: it may have a burst at once.
void dc_allowance_begin(const dc_core_t *self, dc_client_t *client);

// How many jobs the next lease that `slot` gets of `batch`, of which it may be leased something,
// may have. Parts of jobs that have begun are not limited.
uint64_t dc_allowance_jobs(const dc_core_t *self, dc_batch_t *batch, const dc_slot_t *slot);

// `count` jobs of `chunk` are leased for the first time.
void dc_allowance_spend(const dc_core_t *self, const dc_chunk_t *chunk, uint64_t count);

// Go on with the rates and bursts of `settings`. Who had a limit keeps what is left of it, or owes.
void dc_allowance_set(dc_core_t *self, const dc_settings_t *settings);

// Time has passed: who may have jobs leased again has them.
void dc_allowance_tick(dc_core_t *self);

// In how long `client`, which is over its rate, has its next job leased.
dc_ms_t dc_allowance_wait_ms(const dc_core_t *self, const dc_client_t *client);

// Which of its rates `client`, which is over one, is over: jobs, bytes, or both.
bool dc_allowance_is_over_jobs(const dc_core_t *self, const dc_client_t *client);
bool dc_allowance_is_over_bytes(const dc_core_t *self, const dc_client_t *client);

// In how long a part of the jobs that `client` has open will be answered, so far as anybody knows.
dc_ms_t dc_allowance_retry_ms(const dc_core_t *self, const dc_client_t *client);

#endif
