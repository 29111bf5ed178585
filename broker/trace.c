#include "broker/trace.h"

#include <ctype.h>

static void put_name(const char *name, dc_buf_t *out)
{
    for (; *name; name++) {
        dc_buf_append_char(out, (char)tolower((unsigned char)*name));
    }
}

static void put_number(dc_buf_t *out, const char *field, uint64_t value)
{
    if (value == 0) return;
    bool is_id = strcmp(field, "id") == 0;
    dc_buf_printf(out, is_id ? " %s=%04llx" : " %s=%llu", field,
                  (unsigned long long)(is_id ? value & 0xffff : value));
}

static void put_key(dc_buf_t *out, const char *field, const dc_key_t *key)
{
    dc_buf_printf(out, " %s=%02x%02x", field, key->bytes[0], key->bytes[1]);
}

// clang-format off
#define PUT_u8(field)    put_number(out, #field, from->field);
#define PUT_u16(field)   put_number(out, #field, from->field);
#define PUT_u32(field)   put_number(out, #field, from->field);
#define PUT_u64(field)   put_number(out, #field, from->field);
#define PUT_key(field)   put_key(out, #field, &from->field);
#define PUT(type, field) PUT_##type(field)

static void put_fields(const dc_cmd_t *cmd, dc_buf_t *out)
{
    switch (cmd->type) {
#define X(NAME, name, number)                          \
    case DC_CMD_##NAME: {                              \
        const struct dc_cmd_##name *from = &cmd->name; \
        DC_FIELDS_##NAME(PUT)                          \
        break;                                         \
    }
        DC_COMMAND_LIST_FIELDS(X)
#undef X
#define X(NAME, name, number) case DC_CMD_##NAME:
        DC_COMMAND_LIST_BARE(X)
#undef X
        break;
    }
}
// clang-format on

void dc_trace_cmd(const dc_cmd_t *cmd, dc_buf_t *out)
{
    put_name(dc_command_name(cmd->type), out);
    put_fields(cmd, out);
    put_number(out, "data", cmd->data.bytes.len);
    put_number(out, "program", cmd->program.bytes.len);
}

void dc_trace_event(const dc_event_t *event, dc_buf_t *out)
{
    unsigned long long peer = event->peer;
    switch (event->type) {
    case DC_EVENT_CLIENT: dc_buf_printf(out, "client c%llu ", peer); break;
    case DC_EVENT_WORKER: dc_buf_printf(out, "worker w%llu ", peer); break;
    case DC_EVENT_CLIENT_GONE: dc_buf_printf(out, "client c%llu gone", peer); return;
    case DC_EVENT_WORKER_GONE: dc_buf_printf(out, "worker w%llu gone", peer); return;
    case DC_EVENT_TICK: dc_buf_append_text(out, "tick"); return;
    }
    dc_trace_cmd(event->cmd, out);
}

void dc_trace_action(const dc_action_t *action, dc_buf_t *out)
{
    unsigned long long peer = action->peer;
    switch (action->type) {
    case DC_ACTION_TO_CLIENT: dc_buf_printf(out, "> to c%llu ", peer); break;
    case DC_ACTION_TO_WORKER: dc_buf_printf(out, "> to w%llu ", peer); break;
    case DC_ACTION_FORGET_CLIENT: dc_buf_printf(out, "> forget c%llu", peer); return;
    case DC_ACTION_FORGET_WORKER: dc_buf_printf(out, "> forget w%llu", peer); return;
    case DC_ACTION_LOG:
        dc_buf_append_text(out, "> log ");
        dc_buf_append_str(out, action->cmd.data.bytes);
        return;
    }
    dc_trace_cmd(&action->cmd, out);
}
