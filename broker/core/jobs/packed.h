// packed — the chunks that lie in their batch's backlog: the part of the ledger that knows of them.
//
// Their jobs are ready like others, or wait for other batches to end, and are counted so; but they
// have no dc_chunk_t and are in no list until they are opened. That happens in the order of their
// indices, some at a time, when nothing else that any slot may be leased is ready of their batch:
// so while a batch has a backlog, it has ready ranges before it, and who looks for the next one
// need not know that there is more. Whoever asks for a chunk by index has it opened first, with
// those before it.
//
// Packed are the chunks that come behind all others of their batch while that has enough that is
// open, or waits. Not those which need results of others or are needed, nor any of a batch that
// knows such: they are looked at by index, time and again. Nor requests of plain clients, which are
// batches of one chunk. Clients send in order: for what comes between packed chunks all before it
// are opened.
#ifndef DC_BROKER_CORE_JOBS_PACKED_H
#define DC_BROKER_CORE_JOBS_PACKED_H

#include "broker/core/state.h"

// Take `chunk`, which is new to `batch` and needs no results of others, packed or open as it is
// best. It comes now, whatever it says. False if memory is short.
DC_MUST_USE bool dc_packed_take(dc_core_t *self, dc_batch_t *batch, const dc_packed_t *chunk);

// Open all chunks of `batch` that begin before `end`. False if memory is short: some are open then,
// and the others are as they were.
DC_MUST_USE bool dc_packed_open(dc_core_t *self, dc_batch_t *batch, uint64_t end);

// Open some of `batch`, which has a backlog, if there is nothing before it that any slot may be
// leased. Where memory is too short for that the next tick tries again.
void dc_packed_see(dc_core_t *self, dc_batch_t *batch);

// The batch, which waited for others, waits no more. The turn is to be seen anew.
void dc_packed_release(dc_core_t *self, dc_batch_t *batch);

// Nobody wants what is packed of `batch` any more: it is forgotten, and its credit given back.
void dc_packed_drop(dc_core_t *self, dc_batch_t *batch);

// What there was no memory to open: try again.
void dc_packed_tick(dc_core_t *self);

#endif
