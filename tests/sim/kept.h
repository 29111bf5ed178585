// kept — what is on the disk, and what the broker says and thinks of it.
//
//   a receipt is for what is on the disk, and OPENED names nothing else of a detached batch
//   a broker that starts knows the terms that a batch was given last
//   what is on its way to the disk is counted, byte for byte, and paid for
//   a batch that is said to be gone is on the disk no more
#ifndef DC_TESTS_SIM_KEPT_H
#define DC_TESTS_SIM_KEPT_H

#include "tests/sim/hub.h"

// What `batch` is said to have: in a RECEIPT, in an OPENED.
void kept_on_receipt(sim_t *sim, const batch_t *batch, const dc_cmd_t *cmd);
void kept_on_opened(sim_t *sim, const batch_t *batch, const dc_cmd_t *cmd);

// A client hears that there is no batch of the broker's `number` any more.
void kept_on_gone(sim_t *sim, uint64_t number);

// The broker has read all that there is.
void kept_recovered(sim_t *sim);

// When all that a step wanted is done.
void kept_watch(sim_t *sim);

// Job `index` is answered with: the disk has spoiled it.
void kept_on_damaged(sim_t *sim, const batch_t *batch, uint64_t index);

#endif
