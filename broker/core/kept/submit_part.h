// submit_part — what submit.c and submit_open.c share. Nobody else includes it.
#ifndef DC_BROKER_CORE_KEPT_SUBMIT_PART_H
#define DC_BROKER_CORE_KEPT_SUBMIT_PART_H

#include "broker/core/kept/submit.h"

// `client` submits `batch`, which nobody does at the moment, under `handle`, which is free. False
// if memory is short.
DC_MUST_USE bool dc_submit_enter(dc_client_t *client, uint32_t handle, dc_batch_t *batch);

// Say that the chunks of jobs [first, end) are on disk; `flags` are DC_RECEIPT_*.
void dc_submit_send_receipt(const dc_client_t *client, uint32_t handle, uint64_t first,
                            uint64_t end, uint8_t flags, dc_actions_t *actions);

#endif
