#include "common/bytes.h"
#include "common/wire_part.h"

const char dc_wire_other_version[] =
    "a message of another version of the protocol than " DC_WIRE_VERSION_TEXT;

// --- reading -----------------------------------------------------------------------------------

// The head of the record at the front of the table, if it can be one; else NULL, and `*why` says
// it.
static const uint8_t *check_head(const dc_wire_reader_t *self, dc_wire_from_t from,
                                 const char **why)
{
    const uint8_t *head = (const uint8_t *)self->table.data;
    bool is_whole = self->table.len >= DC_WIRE_HEAD_BYTES;
    if (is_whole && dc_get_u16(head + 2) != DC_WIRE_VERSION) {
        *why = dc_wire_other_version;
    } else if (!is_whole || self->table.len < dc_wire_shapes[head[0]].bytes) {
        *why = "a record that is cut short";
    } else if (!(dc_wire_shapes[head[0]].senders & DC_WIRE_FROM(from))) {
        *why = "an unknown command";
    } else if (head[1] > self->program_count) {
        *why = "a program that is not in the message";
    } else if (dc_get_u32(head + 4) > self->data.bytes.len) {
        *why = "fewer data than its records say";
    } else {
        return head;
    }
    return NULL;
}

// Take the first `len` bytes off the data.
static dc_slice_t take_data(dc_wire_reader_t *self, size_t len)
{
    if (len == 0) return (dc_slice_t){ 0 };
    dc_slice_t taken = { self->data.blob, { self->data.bytes.data, len } };
    self->data.bytes = dc_str_behind(self->data.bytes, len);
    return taken;
}

static dc_slice_t get_program(const dc_wire_reader_t *self, uint8_t number)
{
    if (number == 0) return (dc_slice_t){ 0 };
    assert(self->programs && number <= self->program_count);
    return self->programs[number - 1];
}

bool dc_wire_next(dc_wire_reader_t *self, dc_cmd_t *cmd)
{
    if (self->table.len == 0) return false;
    const uint8_t *head = (const uint8_t *)self->table.data;
    cmd->type = (dc_command_t)head[0];
    dc_wire_get_fields(cmd, head + DC_WIRE_HEAD_BYTES);
    cmd->data = take_data(self, dc_get_u32(head + 4));
    cmd->program = get_program(self, head[1]);
    size_t bytes = dc_wire_shapes[head[0]].bytes;
    self->table = dc_str_behind(self->table, bytes);
    return true;
}

static const char *check_message(dc_wire_reader_t reader, dc_wire_from_t from)
{
    if (reader.table.len == 0) return "a message without a record";
    if (reader.program_count > DC_WIRE_PROGRAMS_MAX) return "too many programs";
    for (size_t i = 0; i < reader.program_count; i++) {
        if (reader.programs[i].bytes.len > DC_PROGRAM_BYTES_MAX)
            return "a program that is too long";
    }
    dc_cmd_t cmd;
    const char *why = NULL;
    size_t query_count = 0;
    for (size_t count = 0; reader.table.len; count++) {
        if (count == DC_MESSAGE_RECORDS_MAX) return "too many records";
        if (!check_head(&reader, from, &why)) return why;
        bool has_one = dc_wire_next(&reader, &cmd);
        assert(has_one);
        why = dc_wire_flaw(&cmd);
        if (why) return why;
        query_count += cmd.type == DC_CMD_QUERY;
        if (query_count > DC_MESSAGE_QUERIES_MAX) return "too many questions";
    }
    return reader.data.bytes.len ? "more data than its records say" : NULL;
}

dc_err_t dc_wire_read(dc_wire_reader_t *self, dc_wire_from_t from, const dc_slice_t *frames,
                      size_t count, const char **why)
{
    dc_wire_reader_t reader = { 0 };
    if (count > 0) reader.table = frames[0].bytes;
    if (count > 1) reader.data = frames[1];
    if (count > 2) {
        reader.programs = frames + 2;
        reader.program_count = count - 2;
    }
    const char *wrong = check_message(reader, from);
    if (wrong) {
        *why = wrong;
        return wrong == dc_wire_other_version ? DC_ERR_VERSION : DC_ERR_PROTOCOL;
    }
    *self = reader;
    return DC_OK;
}

// --- writing -----------------------------------------------------------------------------------

void dc_wire_writer_init(dc_wire_writer_t *self)
{
    *self = (dc_wire_writer_t){ 0 };
}

void dc_wire_writer_clear(dc_wire_writer_t *self)
{
    self->table.len = 0;
    self->copied.len = 0;
    if (self->whole.blob) dc_slice_drop(&self->whole);
    for (size_t i = 0; i < self->program_count; i++) {
        dc_slice_drop(&self->programs[i]);
    }
    self->program_count = 0;
    self->record_count = 0;
    self->query_count = 0;
}

void dc_wire_writer_fini(dc_wire_writer_t *self)
{
    dc_wire_writer_clear(self);
    dc_buf_fini(&self->table);
    dc_buf_fini(&self->copied);
}

// The number of `program` in this message, counted from 1; program_count + 1 if it is not in yet.
static size_t find_program(const dc_wire_writer_t *self, dc_str_t program)
{
    for (size_t i = 0; i < self->program_count; i++) {
        dc_str_t known = self->programs[i].bytes;
        if (known.len != program.len) continue;
        if (known.data == program.data || dc_str_eq(known, program)) return i + 1;
    }
    return self->program_count + 1;
}

static bool is_small(const dc_slice_t *data)
{
    return data->bytes.len <= DC_COPY_BYTES_MAX;
}

// A big one wants the data frame for itself; what has no data always fits beside it.
static bool has_room(const dc_wire_writer_t *self, const dc_cmd_t *cmd)
{
    const dc_slice_t *data = &cmd->data;
    if (self->record_count == DC_MESSAGE_RECORDS_MAX) return false;
    if (cmd->type == DC_CMD_QUERY && self->query_count == DC_MESSAGE_QUERIES_MAX) return false;
    if (data->bytes.len == 0) return true;
    if (self->whole.bytes.len) return false;
    if (!is_small(data)) return self->copied.len == 0;
    return self->copied.len + data->bytes.len <= DC_MESSAGE_DATA_BYTES_MAX;
}

// Room for a record and its copied data, so that nothing can fail once it is begun.
static bool reserve(dc_wire_writer_t *self, size_t record_bytes, const dc_slice_t *data)
{
    bool has_memory = dc_buf_reserve(&self->table, record_bytes) &&
                      (!is_small(data) || dc_buf_reserve(&self->copied, data->bytes.len));
    // The caller is told; a later command may find memory again.
    self->table.failed = self->copied.failed = false;
    return has_memory;
}

static void put_record(dc_wire_writer_t *self, const dc_cmd_t *cmd, size_t program)
{
    uint8_t *head = (uint8_t *)self->table.data + self->table.len;
    head[0] = (uint8_t)cmd->type;
    head[1] = (uint8_t)program;
    dc_put_u16(head + 2, DC_WIRE_VERSION);
    dc_put_u32(head + 4, (uint32_t)cmd->data.bytes.len);
    dc_wire_put_fields(cmd, head + DC_WIRE_HEAD_BYTES);
    self->table.len += dc_wire_shapes[cmd->type].bytes;
    self->record_count++;
    self->query_count += cmd->type == DC_CMD_QUERY;
}

bool dc_wire_add(dc_wire_writer_t *self, const dc_cmd_t *cmd)
{
    assert(dc_wire_shapes[cmd->type].senders);
    if (cmd->data.bytes.len > DC_FRAME_BYTES_MAX) return false;
    size_t program = cmd->program.bytes.len ? find_program(self, cmd->program.bytes) : 0;
    if (program > DC_WIRE_PROGRAMS_MAX || !has_room(self, cmd)) return false;
    if (!reserve(self, dc_wire_shapes[cmd->type].bytes, &cmd->data)) return false;
    if (!is_small(&cmd->data) && !dc_slice_keep(&cmd->data, &self->whole)) return false;
    if (program > self->program_count) {
        if (!dc_slice_keep(&cmd->program, &self->programs[program - 1])) {
            if (!is_small(&cmd->data)) dc_slice_drop(&self->whole);
            return false;
        }
        self->program_count++;
    }
    if (is_small(&cmd->data)) dc_buf_append_str(&self->copied, cmd->data.bytes);
    put_record(self, cmd, program);
    return true;
}

size_t dc_wire_frames(const dc_wire_writer_t *self, dc_slice_t *frames)
{
    frames[0] = (dc_slice_t){ NULL, dc_buf_str(&self->table) };
    frames[1] =
        self->whole.bytes.len ? self->whole : (dc_slice_t){ NULL, dc_buf_str(&self->copied) };
    memcpy(frames + 2, self->programs, self->program_count * sizeof *frames);
    if (self->program_count) return 2 + self->program_count;
    return frames[1].bytes.len ? 2 : 1;
}
