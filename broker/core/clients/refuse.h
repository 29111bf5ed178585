// refuse — tell a client that something is not done, and why.
#ifndef DC_BROKER_CORE_CLIENTS_REFUSE_H
#define DC_BROKER_CORE_CLIENTS_REFUSE_H

#include "broker/core/clients/client.h"

// What was asked under `handle` is not done; a batch so named is over for this session. The
// sentence is cut at 255 bytes.
void dc_refuse(const dc_client_t *client, uint32_t handle, dc_err_t error, dc_actions_t *actions,
               const char *format, ...) DC_PRINTF(5, 6);

// Likewise, for now: it may be asked for again in `retry_ms`.
void dc_refuse_for_now(const dc_client_t *client, uint32_t handle, dc_err_t error, dc_ms_t retry_ms,
                       dc_actions_t *actions, const char *format, ...) DC_PRINTF(6, 7);

// Memory is short for what was asked.
void dc_refuse_no_memory(const dc_client_t *client, uint32_t handle, dc_actions_t *actions);

// There is no batch `number`.
void dc_refuse_unknown(const dc_client_t *client, uint32_t handle, uint64_t number,
                       dc_actions_t *actions);

#endif
