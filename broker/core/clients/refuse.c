#include "broker/core/clients/refuse.h"

#include <stdarg.h>
#include <stdio.h>

DC_PRINTF(4, 0)
static void refuse(const dc_client_t *client, const struct dc_cmd_refused *refused,
                   dc_actions_t *actions, const char *format, va_list args)
{
    char text[256];
    int len = vsnprintf(text, sizeof text, format, args);
    size_t bytes = len < 0 ? 0 : dc_min_size((size_t)len, sizeof text - 1);
    dc_cmd_t cmd = { .type = DC_CMD_REFUSED,
                     .refused = *refused,
                     .data = { NULL, dc_str(text, bytes) } };
    dc_actions_to_client(actions, client->peer, &cmd);
}

void dc_refuse(const dc_client_t *client, uint32_t handle, dc_err_t error, dc_actions_t *actions,
               const char *format, ...)
{
    struct dc_cmd_refused refused = { .handle = handle, .error = error };
    va_list args;
    va_start(args, format);
    refuse(client, &refused, actions, format, args);
    va_end(args);
}

void dc_refuse_for_now(const dc_client_t *client, uint32_t handle, dc_err_t error, dc_ms_t retry_ms,
                       dc_actions_t *actions, const char *format, ...)
{
    struct dc_cmd_refused refused = {
        .handle = handle,
        .error = error,
        .retry_ms = (uint32_t)dc_min_u64(retry_ms, UINT32_MAX),
    };
    va_list args;
    va_start(args, format);
    refuse(client, &refused, actions, format, args);
    va_end(args);
}

void dc_refuse_no_memory(const dc_client_t *client, uint32_t handle, dc_actions_t *actions)
{
    dc_refuse(client, handle, DC_ERR_NOMEM, actions, "%s", dc_err_text(DC_ERR_NOMEM));
}

void dc_refuse_unknown(const dc_client_t *client, uint32_t handle, uint64_t number,
                       dc_actions_t *actions)
{
    dc_refuse(client, handle, DC_ERR_UNKNOWN_BATCH, actions, "there is no batch b%llu",
              (unsigned long long)number);
}
