#include "broker/core/peers/incoming.h"

#include "common/bytes.h"

static bool is_byte(const dc_slice_t *frame, char byte)
{
    return frame->bytes.len == 1 && frame->bytes.data[0] == byte;
}

static bool is_magic(const dc_slice_t *frame)
{
    return dc_str_eq(frame->bytes, DC_STR(DC_WIRE_MAGIC));
}

static const char *set_single(dc_incoming_t *self, dc_command_t type, const dc_slice_t *data)
{
    self->single = (dc_cmd_t){ .type = type };
    if (data) self->single.data = *data;
    self->has_single = true;
    return NULL;
}

static const char *read_table(dc_incoming_t *self, dc_wire_from_t from, const dc_slice_t *frames,
                              size_t count)
{
    const char *why = NULL;
    return dc_wire_read(&self->reader, from, frames + 1, count - 1, &why) ? why : NULL;
}

static const char *read_front(dc_incoming_t *self, const dc_slice_t *frames, size_t count)
{
    if (is_magic(&frames[0])) return read_table(self, DC_FROM_CLIENT, frames, count);
    if (count == 1) return "no empty frame is in front, which REQ sends and a DEALER has to";
    if (frames[0].bytes.len) return "the first frame is neither empty nor " DC_WIRE_MAGIC;
    if (count != 2) return "a plain request is an empty frame and one with expressions";
    return set_single(self, DC_CMD_ASK, &frames[1]);
}

// READY and HEARTBEAT of the Paranoid Pirate, and of slots, which add JSON.
static const char *read_sign(dc_incoming_t *self, dc_command_t type, const dc_slice_t *frames,
                             size_t count)
{
    if (count > 2) return "a sign of life with too many frames";
    if (count == 2 && frames[1].bytes.len > DC_JSON_BYTES_MAX) return "JSON that is too long";
    return set_single(self, type, count == 2 ? &frames[1] : NULL);
}

static const char *read_reply(dc_incoming_t *self, const dc_slice_t *frames)
{
    set_single(self, DC_CMD_WORKED, &frames[2]);
    self->single.worked.id = dc_get_u64(frames[0].bytes.data);
    return NULL;
}

static const char *read_back(dc_incoming_t *self, const dc_slice_t *frames, size_t count)
{
    if (frames[0].bytes.len == 0) return read_table(self, DC_FROM_SLOT, frames, count);
    if (is_byte(&frames[0], DC_WIRE_READY)) return read_sign(self, DC_CMD_READY, frames, count);
    if (is_byte(&frames[0], DC_WIRE_HEARTBEAT)) return read_sign(self, DC_CMD_BEAT, frames, count);
    bool is_reply = count == 3 && frames[0].bytes.len == 8 && frames[1].bytes.len == 0;
    return is_reply ? read_reply(self, frames) : "none of the forms that a worker's message has";
}

// READY and HEARTBEAT, to which slots add JSON.
static bool is_of_worker(const dc_slice_t *frames, size_t count)
{
    bool is_sign = is_byte(&frames[0], DC_WIRE_READY) || is_byte(&frames[0], DC_WIRE_HEARTBEAT);
    return is_sign && count <= 2;
}

// Expressions, with an empty frame in front or without. No worker says such a thing: each table has
// bytes that are 0, and a single frame is a sign of life, of one byte.
static bool is_of_plain_client(const dc_slice_t *frames, size_t count)
{
    if (count == 0 || count > 2 || (count == 2 && frames[0].bytes.len)) return false;
    dc_str_t text = frames[count - 1].bytes;
    return text.len >= 3 - count && !memchr(text.data, 0, text.len);
}

// How the sender can be told what is wrong.
static dc_told_t told_of(dc_side_t side, const dc_slice_t *frames, size_t count)
{
    if (count && is_magic(&frames[0])) return DC_TOLD_DC1;
    if (side == DC_SIDE_FRONT || is_of_plain_client(frames, count)) return DC_TOLD_A_LINE;
    return DC_TOLD_NOT;
}

static bool is_at_wrong_address(dc_side_t side, dc_told_t told, const dc_slice_t *frames,
                                size_t count)
{
    return side == DC_SIDE_FRONT ? count && is_of_worker(frames, count) : told != DC_TOLD_NOT;
}

dc_err_t dc_incoming_read(dc_incoming_t *self, dc_side_t side, const dc_slice_t *frames,
                          size_t count, size_t frame_count, const char **why)
{
    self->reader = (dc_wire_reader_t){ 0 };
    self->has_single = false;
    const char *wrong = "a message without a frame";
    if (frame_count > count) {
        wrong = "too many frames";
    } else if (count) {
        wrong = side == DC_SIDE_FRONT ? read_front(self, frames, count)
                                      : read_back(self, frames, count);
    }
    if (!wrong) return DC_OK;
    *why = wrong;
    self->told = told_of(side, frames, count);
    if (!is_at_wrong_address(side, self->told, frames, count)) {
        return wrong == dc_wire_other_version ? DC_ERR_VERSION : DC_ERR_PROTOCOL;
    }
    *why = side == DC_SIDE_FRONT ? "a worker at the address for clients"
                                 : "a client at the address for workers";
    return DC_ERR_ADDRESS;
}

bool dc_incoming_next(dc_incoming_t *self, dc_cmd_t *cmd)
{
    if (!self->has_single) return dc_wire_next(&self->reader, cmd);
    *cmd = self->single;
    self->has_single = false;
    // The next one is of an empty table, which has none.
    return true;
}
