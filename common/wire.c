#include "common/bytes.h"
#include "common/wire_part.h"

// --- the layout of records, made from the lists of fields --------------------------------------

// NOLINTBEGIN(bugprone-macro-parentheses): these are statements, and terms of a sum.
#define BYTES_u8(field)       +1
#define BYTES_u16(field)      +2
#define BYTES_u32(field)      +4
#define BYTES_u64(field)      +8
#define BYTES_key(field)      +DC_KEY_BYTES
#define BYTES_OF(type, field) BYTES_##type(field)
#define SENDERS_OF(number)                                                       \
    ((number) >> 4 == 1       ? DC_WIRE_FROM(DC_FROM_CLIENT)                     \
     : (number) >> 4 == 2     ? DC_WIRE_FROM(DC_FROM_BROKER_TO_CLIENT)           \
     : (number) >> 4 == 3     ? DC_WIRE_FROM(DC_FROM_BROKER_TO_SLOT)             \
     : (number) >> 4 == 4     ? DC_WIRE_FROM(DC_FROM_SLOT)                       \
     : (number) == DC_CMD_WHO ? 15u                                              \
     : (number) == DC_CMD_HEARTBEAT                                              \
         ? DC_WIRE_FROM(DC_FROM_CLIENT) | DC_WIRE_FROM(DC_FROM_BROKER_TO_CLIENT) \
         : 0u)

const dc_wire_shape_t dc_wire_shapes[256] = {
#define X(NAME, name, number) \
    [number] = { DC_WIRE_HEAD_BYTES DC_FIELDS_##NAME(BYTES_OF), SENDERS_OF(number) },
    DC_COMMAND_LIST_FIELDS(X)
#undef X
#define X(NAME, name, number) [number] = { DC_WIRE_HEAD_BYTES, SENDERS_OF(number) },
        DC_COMMAND_LIST_BARE(X)
#undef X
};

// clang-format off
#define GET_u8(field)    to->field = *at++
#define GET_u16(field)   to->field = dc_get_u16(at), at += 2
#define GET_u32(field)   to->field = dc_get_u32(at), at += 4
#define GET_u64(field)   to->field = dc_get_u64(at), at += 8
#define GET_key(field)   memcpy(&to->field, at, DC_KEY_BYTES), at += DC_KEY_BYTES
#define GET(type, field) GET_##type(field);
#define PUT_u8(field)    *at++ = from->field
#define PUT_u16(field)   dc_put_u16(at, from->field), at += 2
#define PUT_u32(field)   dc_put_u32(at, from->field), at += 4
#define PUT_u64(field)   dc_put_u64(at, from->field), at += 8
#define PUT_key(field)   memcpy(at, &from->field, DC_KEY_BYTES), at += DC_KEY_BYTES
#define PUT(type, field) PUT_##type(field);

void dc_wire_get_fields(dc_cmd_t *cmd, const uint8_t *at)
{
    switch (cmd->type) {
#define X(NAME, name, number)                  \
    case DC_CMD_##NAME: {                      \
        struct dc_cmd_##name *to = &cmd->name; \
        DC_FIELDS_##NAME(GET) break;           \
    }
        DC_COMMAND_LIST_FIELDS(X)
#undef X
        DC_COMMAND_LIST_BARE(DC_CASE) break;
    }
}

void dc_wire_put_fields(const dc_cmd_t *cmd, uint8_t *at)
{
    switch (cmd->type) {
#define X(NAME, name, number)                          \
    case DC_CMD_##NAME: {                              \
        const struct dc_cmd_##name *from = &cmd->name; \
        DC_FIELDS_##NAME(PUT) break;                   \
    }
        DC_COMMAND_LIST_FIELDS(X)
#undef X
        DC_COMMAND_LIST_BARE(DC_CASE) break;
    }
}
// clang-format on
// NOLINTEND(bugprone-macro-parentheses)

const char *dc_command_name(dc_command_t type)
{
    switch (type) {
#define X(NAME, name, number) \
    case DC_CMD_##NAME: return #NAME;
        DC_COMMAND_LIST(X)
#undef X
    }
    return "UNKNOWN";
}

// --- pairs -------------------------------------------------------------------------------------

void dc_wire_put_range(dc_buf_t *out, const dc_range_t *range)
{
    if (!dc_buf_reserve(out, DC_WIRE_RANGE_BYTES)) return;
    dc_put_u64(out->data + out->len, range->first);
    dc_put_u64(out->data + out->len + 8, range->end);
    out->len += DC_WIRE_RANGE_BYTES;
}

dc_range_t dc_wire_get_range(dc_str_t data, size_t index)
{
    assert(index < data.len / DC_WIRE_RANGE_BYTES);
    const char *at = data.data + index * DC_WIRE_RANGE_BYTES;
    return (dc_range_t){ dc_get_u64(at), dc_get_u64(at + 8) };
}

// --- credit ------------------------------------------------------------------------------------

static size_t count_needs(const dc_cmd_t *cmd)
{
    uint64_t count = 0;
    for (size_t i = 0; i < cmd->chunk.need_count; i++) {
        dc_range_t pair = dc_wire_get_range(cmd->data.bytes, i);
        count += pair.end - pair.first;
    }
    return (size_t)count;
}

size_t dc_wire_cost(const dc_cmd_t *cmd)
{
    size_t cost = cmd->data.bytes.len + DC_CHUNK_COST_BYTES;
    size_t jobs = count_needs(cmd);
    if (cmd->chunk.flags & DC_CHUNK_NEEDED) jobs += cmd->chunk.count;
    return cost + jobs * DC_NEED_COST_BYTES;
}
