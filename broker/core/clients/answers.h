// answers — the replies to plain requests: kept until it is their turn.
//
// Replies go out in the order of the requests, since nothing in a reply says which request it is
// for.
#ifndef DC_BROKER_CORE_CLIENTS_ANSWERS_H
#define DC_BROKER_CORE_CLIENTS_ANSWERS_H

#include "broker/core/clients/deliver.h"

// Keep those lines of `results`, of a plain client's `chunk`, that are the first for their jobs:
// `fresh`. False if memory was short and some are lost.
bool dc_answers_keep(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results,
                     const dc_ranges_t *fresh);

// Send the replies of `client`, a plain one, whose turn has come; the batches that are over go.
void dc_answers_send(dc_core_t *self, dc_client_t *client, dc_actions_t *actions);

#endif
