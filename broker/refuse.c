#include "broker/refuse.h"

#include <stdarg.h>
#include <stdio.h>

void dc_refuse(const dc_client_t *client, uint32_t handle, dc_err_t error, dc_actions_t *actions,
               const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t bytes = len < 0 ? 0 : dc_min_size((size_t)len, sizeof text - 1);
    dc_cmd_t cmd = { .type = DC_CMD_REFUSED,
                     .refused = { .handle = handle, .error = error },
                     .data = { NULL, dc_str(text, bytes) } };
    dc_actions_to_client(actions, client->peer, &cmd);
}
