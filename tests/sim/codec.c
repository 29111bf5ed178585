#include "tests/sim/codec.h"

#include "common/wire_words.h"

// Those that have a form of their own, without a table.
static bool has_table(dc_command_t type)
{
    return type < DC_CMD_READY;
}

static dc_wire_from_t sender_of(const msg_t *msg)
{
    if (msg->conn->is_client) return msg->is_to_broker ? DC_FROM_CLIENT : DC_FROM_BROKER_TO_CLIENT;
    return msg->is_to_broker ? DC_FROM_SLOT : DC_FROM_BROKER_TO_SLOT;
}

// The words of a command say all its fields; its bytes are compared beside it.
static bool is_same(const dc_cmd_t *a, const dc_cmd_t *b)
{
    dc_buf_t words[2] = { 0 };
    dc_wire_put_words(a, &words[0]);
    dc_wire_put_words(b, &words[1]);
    bool is_equal = dc_str_eq(dc_buf_str(&words[0]), dc_buf_str(&words[1])) &&
                    dc_str_eq(a->data.bytes, b->data.bytes) &&
                    dc_str_eq(a->program.bytes, b->program.bytes);
    dc_buf_fini(&words[0]);
    dc_buf_fini(&words[1]);
    return is_equal;
}

static size_t compare(sim_t *sim, dc_wire_writer_t *writer, const msg_t *msg, size_t first)
{
    dc_slice_t frames[2 + DC_WIRE_PROGRAMS_MAX];
    size_t count = dc_wire_frames(writer, frames);
    dc_wire_reader_t reader;
    const char *why = "";
    if (dc_wire_read(&reader, sender_of(msg), frames, count, &why) != DC_OK) {
        sim_fail(sim, "codec: a message is not accepted: %s", why);
        return msg->len;
    }
    dc_cmd_t cmd;
    while (dc_wire_next(&reader, &cmd)) {
        if (first == msg->len || !is_same(&cmd, &msg->cmds[first])) {
            sim_fail(sim, "codec: a command does not come out as it went in");
            return msg->len;
        }
        first++;
    }
    return first;
}

void codec_check(sim_t *sim, const msg_t *msg)
{
    for (size_t i = 0; i < msg->len; i++) {
        if (!has_table(msg->cmds[i].type)) return;
    }
    dc_wire_writer_t writer;
    dc_wire_writer_init(&writer);
    for (size_t first = 0; first < msg->len;) {
        size_t next = first;
        while (next < msg->len && dc_wire_add(&writer, &msg->cmds[next])) {
            next++;
        }
        if (next == first) {
            sim_fail(sim, "codec: a single command does not fit a message");
            break;
        }
        if (compare(sim, &writer, msg, first) != next && !sim->has_failed) {
            sim_fail(sim, "codec: a command is missing");
        }
        dc_wire_writer_clear(&writer);
        first = next;
    }
    dc_wire_writer_fini(&writer);
}
