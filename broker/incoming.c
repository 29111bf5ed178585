#include "broker/incoming.h"

#include "common/bytes.h"

static bool is_byte(const dc_slice_t *frame, char byte)
{
    return frame->bytes.len == 1 && frame->bytes.data[0] == byte;
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
    dc_err_t err = dc_wire_read(&self->reader, from, frames + 1, count - 1, &why);
    return err == DC_OK ? NULL : why;
}

static const char *read_front(dc_incoming_t *self, const dc_slice_t *frames, size_t count)
{
    self->speaks_dc1 = dc_str_eq(frames[0].bytes, DC_STR(DC_WIRE_MAGIC));
    if (self->speaks_dc1) return read_table(self, DC_FROM_CLIENT, frames, count);
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

dc_err_t dc_incoming_read(dc_incoming_t *self, dc_side_t side, const dc_slice_t *frames,
                          size_t count, size_t frame_count, const char **why)
{
    self->reader = (dc_wire_reader_t){ 0 };
    self->has_single = self->speaks_dc1 = false;
    const char *wrong = "a message without a frame";
    if (frame_count > count) {
        self->speaks_dc1 = count && dc_str_eq(frames[0].bytes, DC_STR(DC_WIRE_MAGIC));
        wrong = "too many frames";
    } else if (count) {
        wrong = side == DC_SIDE_FRONT ? read_front(self, frames, count)
                                      : read_back(self, frames, count);
    }
    if (!wrong) return DC_OK;
    *why = wrong;
    return DC_ERR_PROTOCOL;
}

bool dc_incoming_next(dc_incoming_t *self, dc_cmd_t *cmd)
{
    if (!self->has_single) return dc_wire_next(&self->reader, cmd);
    *cmd = self->single;
    self->has_single = false;
    // The next one is of an empty table, which has none.
    return true;
}
