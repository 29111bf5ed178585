#include "common/wire.h"

#include "common/bytes.h"

// Command (1), program (1), zero (2), size of the data (4).
#define HEAD_BYTES 8

// --- the layout of records, made from the lists of fields --------------------------------------

// NOLINTBEGIN(bugprone-macro-parentheses): these are statements, and terms of a sum.
#define BYTES_u8(field)       +1
#define BYTES_u16(field)      +2
#define BYTES_u32(field)      +4
#define BYTES_u64(field)      +8
#define BYTES_key(field)      +DC_KEY_BYTES
#define BYTES_OF(type, field) BYTES_##type(field)
#define FROM(sender)          (1u << (sender))
#define SENDERS_OF(number)                                                                  \
    ((number) >> 4 == 1             ? FROM(DC_FROM_CLIENT)                                  \
     : (number) >> 4 == 2           ? FROM(DC_FROM_BROKER_TO_CLIENT)                        \
     : (number) >> 4 == 3           ? FROM(DC_FROM_BROKER_TO_SLOT)                          \
     : (number) >> 4 == 4           ? FROM(DC_FROM_SLOT)                                    \
     : (number) == DC_CMD_WHO       ? 15u                                                   \
     : (number) == DC_CMD_HEARTBEAT ? FROM(DC_FROM_CLIENT) | FROM(DC_FROM_BROKER_TO_CLIENT) \
                                    : 0u)

// By number: how long a record is, with its head, and who may send it; 0 where nobody may.
static const struct {
    uint8_t bytes;
    uint8_t senders;
} shapes[256] = {
#define X(NAME, name, number) \
    [number] = { HEAD_BYTES DC_FIELDS_##NAME(BYTES_OF), SENDERS_OF(number) },
    DC_COMMAND_LIST_FIELDS(X)
#undef X
#define X(NAME, name, number) [number] = { HEAD_BYTES, SENDERS_OF(number) },
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

// Read the fields of `cmd->type`.
static void get_fields(dc_cmd_t *cmd, const uint8_t *at)
{
    switch (cmd->type) {
#define X(NAME, name, number)                  \
    case DC_CMD_##NAME: {                      \
        struct dc_cmd_##name *to = &cmd->name; \
        DC_FIELDS_##NAME(GET) break;           \
    }
        DC_COMMAND_LIST_FIELDS(X)
#undef X
#define X(NAME, name, number) case DC_CMD_##NAME:
        DC_COMMAND_LIST_BARE(X)
#undef X
        break;
    }
}

// Write the fields of `cmd->type`.
static void put_fields(const dc_cmd_t *cmd, uint8_t *at)
{
    switch (cmd->type) {
#define X(NAME, name, number)                          \
    case DC_CMD_##NAME: {                              \
        const struct dc_cmd_##name *from = &cmd->name; \
        DC_FIELDS_##NAME(PUT) break;                   \
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

// Are the first `count` pairs of `data` in order, apart, not empty, and within `borders`?
static bool are_ranges(dc_str_t data, uint64_t count, dc_range_t borders)
{
    if (count > data.len / DC_WIRE_RANGE_BYTES) return false;
    uint64_t from = borders.first;
    for (uint64_t i = 0; i < count; i++) {
        dc_range_t range = dc_wire_get_range(data, (size_t)i);
        if (range.first < from || range.first >= range.end) return false;
        from = range.end;
    }
    return from <= borders.end;
}

// --- what must hold within a record ------------------------------------------------------------

static const dc_range_t anywhere = { 0, UINT64_MAX };

static const char *check_open(const struct dc_cmd_open *open, dc_str_t data)
{
    if (open->handle == 0) return "OPEN with handle 0";
    if (open->name_bytes > DC_NAME_BYTES_MAX || open->name_bytes > data.len) {
        return "OPEN with a name that is too long";
    }
    dc_str_t lacks = { data.data + open->name_bytes, data.len - open->name_bytes };
    if (lacks.len != (uint64_t)open->lack_count * DC_WIRE_RANGE_BYTES) {
        return "OPEN whose data have another size than its ranges";
    }
    return are_ranges(lacks, open->lack_count, anywhere) ? NULL : "OPEN with ranges out of order";
}

// The jobs [first, first + count), and the bytes that they may have.
static const char *check_jobs(uint64_t first, uint32_t count, uint32_t width, bool is_record,
                              size_t bytes)
{
    if (count == 0 || count > DC_CHUNK_JOBS_MAX) return "jobs: none, or too many for one chunk";
    if (first > UINT64_MAX - count) return "jobs: an index that is too large";
    if (is_record && (count != 1 || width)) return "jobs: a record is one job, of no fixed width";
    if (width && bytes != (uint64_t)count * width)
        return "jobs: data of another size than count x width";
    return NULL;
}

static const char *check_chunk(const struct dc_cmd_chunk *chunk, dc_str_t data)
{
    if (data.len > (chunk->count == 1 ? DC_RECORD_BYTES_MAX : DC_CHUNK_BYTES_MAX)) {
        return "CHUNK with too many bytes";
    }
    return check_jobs(chunk->first, chunk->count, chunk->width, chunk->flags & DC_CHUNK_RECORD,
                      data.len);
}

static const char *check_piece(const struct dc_cmd_piece *piece, dc_str_t data)
{
    if (piece->first > UINT64_MAX - piece->count) return "PIECE with an index that is too large";
    uint64_t used = (uint64_t)piece->range_count * DC_WIRE_RANGE_BYTES + piece->faults_bytes;
    if (used > data.len) return "PIECE with fewer data than its ranges and faults";
    dc_range_t borders = { piece->first, piece->first + piece->count };
    return are_ranges(data, piece->range_count, borders) ? NULL : "PIECE with ranges out of order";
}

static const char *check_result(const struct dc_cmd_result *result, dc_str_t data)
{
    if (result->first > UINT64_MAX - result->count) return "RESULT with an index that is too large";
    // The broker passes it on as a PIECE, in front of which it may have to put ranges.
    if (data.len > DC_FRAME_BYTES_MAX - DC_CHUNK_JOBS_MAX * DC_WIRE_RANGE_BYTES) {
        return "RESULT with too many bytes";
    }
    return result->faults_bytes > data.len ? "RESULT with fewer data than its faults" : NULL;
}

// NULL, or a sentence that says what is wrong.
static const char *check_cmd(const dc_cmd_t *cmd)
{
    dc_str_t data = cmd->data.bytes;
    switch (cmd->type) {
    case DC_CMD_OPEN: return check_open(&cmd->open, data);
    case DC_CMD_CHUNK: return check_chunk(&cmd->chunk, data);
    case DC_CMD_INPUT:
        return check_jobs(cmd->input.first, cmd->input.count, cmd->input.width,
                          cmd->input.flags & DC_CHUNK_RECORD, data.len);
    case DC_CMD_LEASE:
        return check_jobs(cmd->lease.first, cmd->lease.count, cmd->lease.width,
                          cmd->lease.flags & DC_LEASE_RECORD, data.len);
    case DC_CMD_PIECE: return check_piece(&cmd->piece, data);
    case DC_CMD_RESULT: return check_result(&cmd->result, data);
    case DC_CMD_ACK: return cmd->ack.first > cmd->ack.end ? "ACK that ends before it begins" : NULL;
    case DC_CMD_RECEIPT:
        return cmd->receipt.first > cmd->receipt.end ? "RECEIPT that ends before it begins" : NULL;
    case DC_CMD_OPENED:
        return data.len % DC_WIRE_RANGE_BYTES == 0 &&
                       are_ranges(data, data.len / DC_WIRE_RANGE_BYTES, anywhere)
                   ? NULL
                   : "OPENED with ranges out of order";
    case DC_CMD_GOODBYE: return data.len % 8 ? "GOODBYE with a part of an id" : NULL;
    case DC_CMD_OBITUARY:
        return cmd->obituary.first > UINT64_MAX - cmd->obituary.count
                   ? "OBITUARY with an index that is too large"
                   : NULL;
    case DC_CMD_CLOSE:
    case DC_CMD_CANCEL:
    case DC_CMD_ATTACH:
    case DC_CMD_SET:
    case DC_CMD_QUERY:
    case DC_CMD_CREDIT:
    case DC_CMD_REFUSED:
    case DC_CMD_DONE:
    case DC_CMD_REPLY:
    case DC_CMD_TRIM:
    case DC_CMD_WORK:
    case DC_CMD_WORKED:
    case DC_CMD_DRAIN:
    case DC_CMD_WHO:
    case DC_CMD_HEARTBEAT:
    case DC_CMD_READY:
    case DC_CMD_BEAT:
    case DC_CMD_ASK:
    case DC_CMD_ANSWER: break;
    }
    return NULL;
}

// --- reading -----------------------------------------------------------------------------------

// The head of the record at the front of the table, if it can be one; else NULL, and `*why` says it.
static const uint8_t *check_head(const dc_wire_reader_t *self, dc_wire_from_t from,
                                 const char **why)
{
    const uint8_t *head = (const uint8_t *)self->table.data;
    if (self->table.len < HEAD_BYTES || self->table.len < shapes[head[0]].bytes) {
        *why = "a record that is cut short";
    } else if (!(shapes[head[0]].senders & FROM(from))) {
        *why = "an unknown command";
    } else if (head[1] > self->program_count) {
        *why = "a program that is not in the message";
    } else if (head[2] || head[3]) {
        *why = "a record with bits that mean nothing";
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
    self->data.bytes = dc_str(self->data.bytes.data + len, self->data.bytes.len - len);
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
    get_fields(cmd, head + HEAD_BYTES);
    cmd->data = take_data(self, dc_get_u32(head + 4));
    cmd->program = get_program(self, head[1]);
    size_t bytes = shapes[head[0]].bytes;
    self->table = dc_str(self->table.data + bytes, self->table.len - bytes);
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
    for (size_t count = 0; reader.table.len; count++) {
        if (count == DC_MESSAGE_RECORDS_MAX) return "too many records";
        if (!check_head(&reader, from, &why)) return why;
        bool has_one = dc_wire_next(&reader, &cmd);
        assert(has_one);
        why = check_cmd(&cmd);
        if (why) return why;
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
        return DC_ERR_PROTOCOL;
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
static bool has_room(const dc_wire_writer_t *self, const dc_slice_t *data)
{
    if (self->record_count == DC_MESSAGE_RECORDS_MAX) return false;
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
    head[2] = head[3] = 0;
    dc_put_u32(head + 4, (uint32_t)cmd->data.bytes.len);
    put_fields(cmd, head + HEAD_BYTES);
    self->table.len += shapes[cmd->type].bytes;
    self->record_count++;
}

bool dc_wire_add(dc_wire_writer_t *self, const dc_cmd_t *cmd)
{
    assert(shapes[cmd->type].senders);
    if (cmd->data.bytes.len > DC_FRAME_BYTES_MAX) return false;
    size_t program = cmd->program.bytes.len ? find_program(self, cmd->program.bytes) : 0;
    if (program > DC_WIRE_PROGRAMS_MAX || !has_room(self, &cmd->data)) return false;
    if (!reserve(self, shapes[cmd->type].bytes, &cmd->data)) return false;
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
