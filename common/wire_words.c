#include "common/wire_words.h"

#include <ctype.h>

#include "common/bytes.h"

// No command has more fields than this.
#define FIELDS_MAX 15

// How many ranges or ids of a list are shown.
#define LIST_MAX 8

typedef struct field {
    const char *name;
    uint64_t value;
    const dc_key_t *key; // NULL: it is a number
} field_t;

// clang-format off
#define LIST_u8(field)    { #field, from->field, NULL },
#define LIST_u16(field)   { #field, from->field, NULL },
#define LIST_u32(field)   { #field, from->field, NULL },
#define LIST_u64(field)   { #field, from->field, NULL },
#define LIST_key(field)   { #field, 0, &from->field },
#define LIST(type, field) LIST_##type(field)

// Write the fields of `cmd` to `fields`, which has room for FIELDS_MAX; returns how many they are.
static size_t list_fields(const dc_cmd_t *cmd, field_t *fields)
{
    switch (cmd->type) {
#define X(NAME, name, number)                                                        \
    case DC_CMD_##NAME: {                                                            \
        const struct dc_cmd_##name *from = &cmd->name;                               \
        const field_t list[] = { DC_FIELDS_##NAME(LIST) };                           \
        static_assert(DC_ARRAY_LEN(list) <= FIELDS_MAX, "there is room for all");    \
        memcpy(fields, list, sizeof list);                                           \
        return DC_ARRAY_LEN(list);                                                   \
    }
        DC_COMMAND_LIST_FIELDS(X)
#undef X
        DC_COMMAND_LIST_BARE(DC_CASE) break;
    }
    return 0;
}
// clang-format on

static const field_t *find(const field_t *fields, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(fields[i].name, name) == 0) return &fields[i];
    }
    return NULL;
}

const char *const *dc_wire_flag_words(dc_command_t type)
{
    static const char *const open[DC_WIRE_FLAGS_MAX] = { "detached", "again",  "columns",
                                                         "held",     "verify", "after-any",
                                                         "faulty",   "digest", "workers" };
    static const char *const opened[DC_WIRE_FLAGS_MAX] = {
        "detached", NULL, "columns", NULL, NULL, "digest", "complete", "there"
    };
    static const char *const chunk[DC_WIRE_FLAGS_MAX] = { "record", "needed" };
    static const char *const input[DC_WIRE_FLAGS_MAX] = { "record" };
    static const char *const give[DC_WIRE_FLAGS_MAX] = { "failed" };
    static const char *const lease[DC_WIRE_FLAGS_MAX] = { "record", "text", "columns",
                                                          "child",  "join", "needs" };
    static const char *const result[DC_WIRE_FLAGS_MAX] = { "last", "fork", "failed" };
    static const char *const goodbye[DC_WIRE_FLAGS_MAX] = { "leaving" };
    static const char *const obituary[DC_WIRE_FLAGS_MAX] = { "crash" };
    static const char *const attach[DC_WIRE_FLAGS_MAX] = { "inputs", "workers" };
    static const char *const receipt[DC_WIRE_FLAGS_MAX] = { "closed" };
    static const char *const none[DC_WIRE_FLAGS_MAX] = { NULL };
    switch ((int)type) {
    case DC_CMD_OPEN: return open;
    case DC_CMD_OPENED: return opened;
    case DC_CMD_CHUNK: return chunk;
    case DC_CMD_INPUT: return input;
    case DC_CMD_GIVE: return give;
    case DC_CMD_LEASE: return lease;
    case DC_CMD_RESULT: return result;
    case DC_CMD_GOODBYE: return goodbye;
    case DC_CMD_OBITUARY: return obituary;
    case DC_CMD_ATTACH: return attach;
    case DC_CMD_RECEIPT: return receipt;
    default: return none;
    }
}

static void put_flags(dc_command_t type, uint64_t flags, dc_buf_t *out)
{
    const char *const *words = dc_wire_flag_words(type);
    for (unsigned bit = 0; bit < DC_WIRE_FLAGS_MAX; bit++) {
        if (!(flags >> bit & 1)) continue;
        if (words[bit]) {
            dc_buf_printf(out, " %s", words[bit]);
        } else {
            dc_buf_printf(out, " flag=%u", 1u << bit);
        }
    }
}

void dc_wire_words_put_jobs(uint64_t first, uint64_t end, dc_buf_t *out)
{
    dc_buf_printf(out, "[%llu,%llu)", (unsigned long long)first, (unsigned long long)end);
}

void dc_wire_words_put_error(uint64_t number, dc_buf_t *out)
{
    dc_err_t error;
    if (number == 0) return;
    bool is_known = dc_err_from_number((uint32_t)number, &error);
    dc_buf_printf(out, " error=%s", is_known ? dc_err_name(error) : "?");
}

void dc_wire_words_put_number(const char *name, uint64_t value, dc_buf_t *out)
{
    if (value) dc_buf_printf(out, " %s=%llu", name, (unsigned long long)value);
}

static void put_fields(const dc_cmd_t *cmd, dc_buf_t *out)
{
    field_t fields[FIELDS_MAX] = { { 0 } };
    size_t count = list_fields(cmd, fields);
    const field_t *first = find(fields, count, "first");
    const field_t *jobs = find(fields, count, "count");
    const field_t *end = find(fields, count, "end");
    bool is_range = first && (jobs || end);
    for (const field_t *field = fields; field < fields + count; field++) {
        if (field->key) {
            dc_buf_printf(out, " %s=%02x%02x", field->name, field->key->bytes[0],
                          field->key->bytes[1]);
        } else if (is_range && field == first) {
            dc_buf_append_text(out, " jobs=");
            dc_wire_words_put_jobs(first->value, end ? end->value : first->value + jobs->value,
                                   out);
        } else if (is_range && (field == jobs || field == end)) {
            continue;
        } else if (strcmp(field->name, "id") == 0) {
            dc_buf_printf(out, " L%llx", (unsigned long long)(field->value & 0xffff));
        } else if (strcmp(field->name, "flags") == 0) {
            put_flags(cmd->type, field->value, out);
        } else if (strcmp(field->name, "error") == 0) {
            dc_wire_words_put_error(field->value, out);
        } else {
            dc_wire_words_put_number(field->name, field->value, out);
        }
    }
}

// Show the pairs (u64 first, u64 end) of `data` from `offset`.
static void put_ranges(const char *name, dc_str_t data, size_t offset, size_t count, dc_buf_t *out)
{
    if (offset > data.len) return;
    dc_str_t pairs = dc_str_behind(data, offset);
    count = dc_min_size(count, pairs.len / DC_WIRE_RANGE_BYTES);
    if (count) dc_buf_printf(out, " %s=", name);
    for (size_t i = 0; i < count && i < LIST_MAX; i++) {
        dc_range_t range = dc_wire_get_range(pairs, i);
        if (i) dc_buf_append_char(out, '+');
        dc_wire_words_put_jobs(range.first, range.end, out);
    }
    if (count > LIST_MAX) dc_buf_append_text(out, "+...");
}

static void put_numbers(const char *name, dc_str_t data, size_t count, dc_buf_t *out)
{
    if (count) dc_buf_printf(out, " %s=", name);
    for (size_t i = 0; i < count && i < LIST_MAX; i++) {
        uint64_t number = dc_get_u64(data.data + 8 * i);
        dc_buf_printf(out, i ? "+%llu" : "%llu", (unsigned long long)number);
    }
    if (count > LIST_MAX) dc_buf_append_text(out, "+...");
}

static void put_ids(dc_str_t data, dc_buf_t *out)
{
    size_t count = data.len / 8;
    for (size_t i = 0; i < count && i < LIST_MAX; i++) {
        const unsigned char *at = (const unsigned char *)data.data + 8 * i;
        dc_buf_printf(out, " L%x", (unsigned)at[1] << 8 | at[0]);
    }
    if (count > LIST_MAX) dc_buf_append_text(out, " ...");
}

// The lists that some commands have in their data.
static void put_lists(const dc_cmd_t *cmd, dc_buf_t *out)
{
    dc_str_t data = cmd->data.bytes;
    if (cmd->type == DC_CMD_OPEN) {
        put_ranges("lacks", dc_open_lacks(cmd), 0, cmd->open.lack_count, out);
        size_t bytes = 8 * (size_t)cmd->open.after_count;
        if (bytes > data.len) return;
        put_numbers("after", dc_str_behind(data, data.len - bytes), cmd->open.after_count, out);
    } else if (cmd->type == DC_CMD_CHUNK) {
        put_ranges("needs", data, 0, cmd->chunk.need_count, out);
    } else if (cmd->type == DC_CMD_OPENED) {
        size_t count = data.len / DC_WIRE_RANGE_BYTES;
        put_ranges("has", data, 0, count, out);
        if (cmd->opened.flags & DC_OPENED_DIGEST)
            put_numbers("sum", dc_str_behind(data, count * DC_WIRE_RANGE_BYTES), 1, out);
    } else if (cmd->type == DC_CMD_PIECE) {
        put_ranges("only", data, cmd->piece.worker_bytes, cmd->piece.range_count, out);
    } else if (cmd->type == DC_CMD_GOODBYE) {
        put_ids(data, out);
    }
}

void dc_wire_put_words(const dc_cmd_t *cmd, dc_buf_t *out)
{
    for (const char *name = dc_command_name(cmd->type); *name; name++) {
        dc_buf_append_char(out, (char)tolower((unsigned char)*name));
    }
    put_fields(cmd, out);
    put_lists(cmd, out);
    dc_wire_words_put_number("data", cmd->data.bytes.len, out);
    dc_wire_words_put_number("program", cmd->program.bytes.len, out);
}
