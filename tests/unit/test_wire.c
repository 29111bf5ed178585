// The codec: what is written comes back; what is broken is refused whole.
#include "common/bytes.h"
#include "common/wire.h"
#include "tests/lib/main.h"
#include "tests/lib/random_cmd.h"

#include <stdlib.h>

#define FRAMES_MAX (2 + DC_WIRE_PROGRAMS_MAX)

static dc_wire_writer_t writer;
static dc_wire_reader_t reader;
static const char *why;

static void set_up(void)
{
    dc_wire_writer_init(&writer);
    why = NULL;
}

static void tear_down(void)
{
    dc_wire_writer_fini(&writer);
}

// Compare field by field, since between them are bytes that mean nothing.
static void assert_equal(const dc_cmd_t *actual, const dc_cmd_t *expected)
{
#define SAME(type, field) SAME_##type(field);
#define SAME_u8(field)    ck_assert_uint_eq(a->field, b->field)
#define SAME_u16(field)   ck_assert_uint_eq(a->field, b->field)
#define SAME_u32(field)   ck_assert_uint_eq(a->field, b->field)
#define SAME_u64(field)   ck_assert_uint_eq(a->field, b->field)
#define SAME_key(field)   ck_assert_mem_eq(&a->field, &b->field, DC_KEY_BYTES)
    ck_assert_int_eq(actual->type, expected->type);
    switch (expected->type) {
#define X(NAME, name, number)                            \
    case DC_CMD_##NAME: {                                \
        const struct dc_cmd_##name *a = &actual->name;   \
        const struct dc_cmd_##name *b = &expected->name; \
        DC_FIELDS_##NAME(SAME) break;                    \
    }
        DC_COMMAND_LIST_FIELDS(X)
#undef X
        DC_COMMAND_LIST_BARE(DC_CASE) break;
    }
    ck_assert(dc_str_eq(actual->data.bytes, expected->data.bytes));
    ck_assert(dc_str_eq(actual->program.bytes, expected->program.bytes));
}

static dc_err_t read_frames(dc_wire_from_t from, const dc_slice_t *frames, size_t count)
{
    return dc_wire_read(&reader, from, frames, count, &why);
}

static dc_err_t read_written(dc_wire_from_t from)
{
    static dc_slice_t frames[FRAMES_MAX];
    size_t count = dc_wire_frames(&writer, frames);
    return read_frames(from, frames, count);
}

static void drop_cmd(dc_cmd_t *cmd)
{
    dc_slice_drop(&cmd->data);
    dc_slice_drop(&cmd->program);
}

// --- what is written comes back ----------------------------------------------------------------

START_TEST(each_command_comes_back)
{
    dc_command_t type = dc_random_types[_i];
    dc_wire_from_t from;
    if (!dc_random_sender(type, &from)) return;
    dc_rng_t rng;
    dc_rng_init(&rng, (uint64_t)_i);
    dc_slice_t program = { NULL, DC_STR("{\"v\":1}") };

    for (int round = 0; round < 200; round++) {
        dc_cmd_t cmd = dc_random_cmd(&rng, type, &program, 1);
        dc_cmd_t back;
        ck_assert(dc_wire_add(&writer, &cmd));
        ck_assert_msg(read_written(from) == DC_OK, "%s: %s", dc_command_name(type), why);
        ck_assert(dc_wire_next(&reader, &back));
        assert_equal(&back, &cmd);
        ck_assert(!dc_wire_next(&reader, &back));
        dc_wire_writer_clear(&writer);
        drop_cmd(&cmd);
    }
}
END_TEST

// Write random commands of one sender until one does not fit; returns how many went in.
static size_t write_some(dc_rng_t *rng, dc_wire_from_t from, const dc_slice_t *programs,
                         size_t program_count, dc_cmd_t *cmds, size_t max)
{
    size_t count = 0;
    while (count < max) {
        dc_wire_from_t its;
        size_t drawn = (size_t)dc_rng_below(rng, dc_random_type_count);
        if (!dc_random_sender(dc_random_types[drawn], &its) || its != from) continue;
        cmds[count] = dc_random_cmd(rng, dc_random_types[drawn], programs, program_count);
        if (!dc_wire_add(&writer, &cmds[count])) {
            drop_cmd(&cmds[count]);
            break;
        }
        count++;
    }
    return count;
}

START_TEST(any_mixture_comes_back_in_order)
{
    static dc_cmd_t cmds[300];
    dc_slice_t programs[] = { { NULL, DC_STR("one") }, { NULL, DC_STR("two") } };
    dc_rng_t rng;
    dc_rng_init(&rng, 7);

    for (int round = 0; round < 400; round++) {
        dc_wire_from_t from = (dc_wire_from_t)(round % 4);
        size_t count = write_some(&rng, from, programs, 2, cmds, 1 + (size_t)round % 300);
        ck_assert_uint_gt(count, 0);
        ck_assert_msg(read_written(from) == DC_OK, "%s", why);
        dc_cmd_t back;
        for (size_t i = 0; i < count; i++) {
            ck_assert(dc_wire_next(&reader, &back));
            assert_equal(&back, &cmds[i]);
            drop_cmd(&cmds[i]);
        }
        ck_assert(!dc_wire_next(&reader, &back));
        dc_wire_writer_clear(&writer);
    }
}
END_TEST

// The layout is a promise to programs in other languages.
START_TEST(layout_is_the_documented_one)
{
    dc_cmd_t cmd = { .type = DC_CMD_CHUNK, .chunk = { .handle = 1, .count = 2, .first = 0x0304 } };
    cmd.data = (dc_slice_t){ NULL, DC_STR("1\n2\n") };
    cmd.program = (dc_slice_t){ NULL, DC_STR("{}") };
    dc_slice_t frames[FRAMES_MAX];

    ck_assert(dc_wire_add(&writer, &cmd));
    ck_assert_uint_eq(dc_wire_frames(&writer, frames), 3);
    static const char table[] = "\x11\x01\x07\0\x04\0\0\0"
                                "\x01\0\0\0\x02\0\0\0\x04\x03\0\0\0\0\0\0\0\0\0\0\0\0\0";
    ck_assert_uint_eq(frames[0].bytes.len, sizeof table - 1);
    ck_assert_mem_eq(frames[0].bytes.data, table, sizeof table - 1);
    ck_assert(dc_str_eq(frames[1].bytes, DC_STR("1\n2\n")));
    ck_assert(dc_str_eq(frames[2].bytes, DC_STR("{}")));
}
END_TEST

START_TEST(empty_frames_at_the_end_are_left_out)
{
    dc_cmd_t cmd = { .type = DC_CMD_WHO };
    dc_slice_t frames[FRAMES_MAX];

    ck_assert(dc_wire_add(&writer, &cmd));
    ck_assert_uint_eq(dc_wire_frames(&writer, frames), 1);
}
END_TEST

// --- what fits together ------------------------------------------------------------------------

static dc_cmd_t chunk_with(dc_slice_t data)
{
    return (dc_cmd_t){ .type = DC_CMD_CHUNK, .chunk = { .handle = 1, .count = 1 }, .data = data };
}

START_TEST(big_data_travel_alone_and_uncopied)
{
    static char bytes[DC_COPY_BYTES_MAX + 1];
    dc_blob_t *blob = dc_blob_new(dc_str(bytes, sizeof bytes));
    dc_cmd_t big = chunk_with((dc_slice_t){ blob, { blob->data, blob->len } });
    dc_cmd_t small = chunk_with((dc_slice_t){ NULL, DC_STR("1") });
    dc_cmd_t bare = { .type = DC_CMD_HEARTBEAT };
    dc_slice_t frames[FRAMES_MAX];

    ck_assert(dc_wire_add(&writer, &big));
    ck_assert(!dc_wire_add(&writer, &small));
    ck_assert(!dc_wire_add(&writer, &big));
    ck_assert(dc_wire_add(&writer, &bare));
    ck_assert_uint_eq(dc_wire_frames(&writer, frames), 2);
    ck_assert_ptr_eq(frames[1].blob, blob);
    ck_assert_ptr_eq(frames[1].bytes.data, blob->data);
    ck_assert_int_eq(read_written(DC_FROM_CLIENT), DC_OK);

    dc_wire_writer_clear(&writer);
    ck_assert_uint_eq(atomic_load(&blob->refs), 1);
    ck_assert(dc_wire_add(&writer, &small));
    ck_assert(!dc_wire_add(&writer, &big));
    dc_blob_release(&blob);
}
END_TEST

START_TEST(equal_programs_share_a_frame)
{
    char copy[] = "two";
    dc_slice_t programs[] = { { NULL, DC_STR("one") },
                              { NULL, DC_STR("two") },
                              { NULL, { copy, 3 } } };
    dc_slice_t frames[FRAMES_MAX];

    for (size_t i = 0; i < DC_ARRAY_LEN(programs); i++) {
        dc_cmd_t cmd = chunk_with((dc_slice_t){ NULL, DC_STR("1") });
        cmd.program = programs[i];
        ck_assert(dc_wire_add(&writer, &cmd));
    }
    ck_assert_uint_eq(dc_wire_frames(&writer, frames), 4);
}
END_TEST

START_TEST(one_program_too_many_does_not_fit)
{
    for (char i = 0; i <= DC_WIRE_PROGRAMS_MAX; i++) {
        dc_cmd_t cmd = { .type = DC_CMD_HEARTBEAT, .program = { NULL, { &i, 1 } } };
        ck_assert(dc_wire_add(&writer, &cmd) == (i < DC_WIRE_PROGRAMS_MAX));
    }
    ck_assert_int_eq(read_written(DC_FROM_CLIENT), DC_OK);
}
END_TEST

START_TEST(a_message_holds_so_many_records_and_no_more)
{
    dc_cmd_t cmd = { .type = DC_CMD_HEARTBEAT };
    for (int i = 0; i < DC_MESSAGE_RECORDS_MAX; i++) {
        ck_assert(dc_wire_add(&writer, &cmd));
    }
    ck_assert(!dc_wire_add(&writer, &cmd));
    ck_assert_int_eq(read_written(DC_FROM_CLIENT), DC_OK);
}
END_TEST

START_TEST(a_message_holds_so_many_questions_and_no_more)
{
    dc_cmd_t cmd = { .type = DC_CMD_QUERY, .query = { .handle = 1 } };
    for (int i = 0; i < DC_MESSAGE_QUERIES_MAX; i++) {
        ck_assert(dc_wire_add(&writer, &cmd));
    }
    ck_assert(!dc_wire_add(&writer, &cmd));
    dc_cmd_t other = { .type = DC_CMD_HEARTBEAT };
    ck_assert(dc_wire_add(&writer, &other));
    ck_assert_int_eq(read_written(DC_FROM_CLIENT), DC_OK);
    writer.query_count = 0;
    ck_assert(dc_wire_add(&writer, &cmd));
    ck_assert_int_eq(read_written(DC_FROM_CLIENT), DC_ERR_PROTOCOL);
    ck_assert_str_eq(why, "too many questions");
}
END_TEST

START_TEST(small_data_fill_a_message_up_to_its_limit)
{
    static char bytes[DC_COPY_BYTES_MAX];
    dc_cmd_t cmd = chunk_with((dc_slice_t){ NULL, { bytes, sizeof bytes } });
    size_t count = 0;
    while (dc_wire_add(&writer, &cmd)) {
        count++;
    }
    ck_assert_uint_eq(count, DC_MESSAGE_DATA_BYTES_MAX / DC_COPY_BYTES_MAX);
}
END_TEST

// --- what is broken ----------------------------------------------------------------------------

// A table with one record, as bytes: what a test then breaks.
static char table[256];
static size_t table_len;
static char data[128];

static void write_table(const dc_cmd_t *cmd)
{
    dc_slice_t frames[FRAMES_MAX];
    ck_assert(dc_wire_add(&writer, cmd));
    dc_wire_frames(&writer, frames);
    table_len = frames[0].bytes.len;
    memcpy(table, frames[0].bytes.data, table_len);
}

static dc_err_t read_table_from(dc_wire_from_t from, size_t data_len)
{
    dc_slice_t frames[2] = { { NULL, { table, table_len } }, { NULL, { data, data_len } } };
    return read_frames(from, frames, 2);
}

static dc_err_t read_table(size_t data_len)
{
    return read_table_from(DC_FROM_CLIENT, data_len);
}

START_TEST(of_another_version_nothing_is_read)
{
    dc_cmd_t cmd = chunk_with((dc_slice_t){ NULL, { data, 10 } });
    write_table(&cmd);
    table[2]++;
    ck_assert_int_eq(read_table(10), DC_ERR_VERSION);
    table_len = 8; // its fields may be other ones
    ck_assert_int_eq(read_table(10), DC_ERR_VERSION);
    table_len = 7;
    ck_assert_int_eq(read_table(10), DC_ERR_PROTOCOL);
    table_len = 8;
    table[2]--;
    ck_assert_int_eq(read_table(10), DC_ERR_PROTOCOL);
}
END_TEST

START_TEST(sizes_must_add_up)
{
    dc_cmd_t cmd = chunk_with((dc_slice_t){ NULL, { data, 10 } });
    write_table(&cmd);

    ck_assert_int_eq(read_table(10), DC_OK);
    ck_assert_int_eq(read_table(9), DC_ERR_PROTOCOL);
    ck_assert_int_eq(read_table(11), DC_ERR_PROTOCOL);
    dc_put_u32(table + 4, UINT32_MAX);
    ck_assert_int_eq(read_table(10), DC_ERR_PROTOCOL);
    dc_put_u32(table + 4, 10);
    table_len--;
    ck_assert_int_eq(read_table(10), DC_ERR_PROTOCOL);
    table_len = 7;
    ck_assert_int_eq(read_table(0), DC_ERR_PROTOCOL);
    table_len = 0;
    ck_assert_int_eq(read_table(0), DC_ERR_PROTOCOL);
    ck_assert_int_eq(read_frames(DC_FROM_CLIENT, NULL, 0), DC_ERR_PROTOCOL);
}
END_TEST

// Two sizes whose sum wraps around in 32 bits.
START_TEST(sizes_may_not_wrap_around)
{
    dc_cmd_t cmd = chunk_with((dc_slice_t){ NULL, { data, 10 } });
    write_table(&cmd);
    memcpy(table + table_len, table, table_len);
    dc_put_u32(table + table_len + 4, UINT32_MAX - 9);
    table_len *= 2;

    ck_assert_int_eq(read_table(0), DC_ERR_PROTOCOL);
    ck_assert_int_eq(read_table(10), DC_ERR_PROTOCOL);
    ck_assert_int_eq(read_table(20), DC_ERR_PROTOCOL);
}
END_TEST

START_TEST(a_program_must_be_in_the_message)
{
    dc_cmd_t cmd = { .type = DC_CMD_HEARTBEAT };
    write_table(&cmd);
    table[1] = 1;
    dc_slice_t frames[3] = { { NULL, { table, table_len } }, { 0 }, { NULL, DC_STR("{}") } };

    ck_assert_int_eq(read_frames(DC_FROM_CLIENT, frames, 3), DC_OK);
    ck_assert_int_eq(read_frames(DC_FROM_CLIENT, frames, 2), DC_ERR_PROTOCOL);
    table[1] = 2;
    ck_assert_int_eq(read_frames(DC_FROM_CLIENT, frames, 3), DC_ERR_PROTOCOL);
}
END_TEST

START_TEST(more_than_eight_programs_are_refused)
{
    dc_cmd_t cmd = { .type = DC_CMD_HEARTBEAT };
    write_table(&cmd);
    dc_slice_t frames[FRAMES_MAX + 1] = { { NULL, { table, table_len } } };

    ck_assert_int_eq(read_frames(DC_FROM_CLIENT, frames, FRAMES_MAX), DC_OK);
    ck_assert_int_eq(read_frames(DC_FROM_CLIENT, frames, FRAMES_MAX + 1), DC_ERR_PROTOCOL);
}
END_TEST

START_TEST(only_its_sender_may_send_a_command)
{
    dc_cmd_t cmd = { .type = dc_random_types[_i] };
    dc_rng_t rng;
    dc_rng_init(&rng, 1);
    dc_wire_from_t sender;
    bool has_sender = dc_random_sender(cmd.type, &sender);
    memset(table, 0, sizeof table);
    table[0] = (char)cmd.type;
    table[2] = DC_WIRE_VERSION;
    dc_slice_t frames[2] = { { NULL, { table, sizeof table } } };
    if (has_sender) {
        cmd = dc_random_cmd(&rng, cmd.type, NULL, 0);
        ck_assert(dc_wire_add(&writer, &cmd));
        dc_wire_frames(&writer, frames);
    }

    for (int from = DC_FROM_CLIENT; from <= DC_FROM_SLOT; from++) {
        bool both_ways = cmd.type == DC_CMD_WHO ||
                         (cmd.type == DC_CMD_HEARTBEAT && from == DC_FROM_BROKER_TO_CLIENT);
        bool may = has_sender && ((dc_wire_from_t)from == sender || both_ways);
        dc_err_t err = read_frames((dc_wire_from_t)from, frames, 2);
        ck_assert_int_eq(err, may ? DC_OK : DC_ERR_PROTOCOL);
    }
    dc_slice_drop(&cmd.data);
}
END_TEST

static const struct {
    dc_cmd_t cmd;
    size_t data_len; // of bytes "\0\0..."
    bool is_valid;
} contents[] = {
    { { .type = DC_CMD_OPEN, .open = { .handle = 1 } }, 0, true },
    { { .type = DC_CMD_OPEN, .open = { .handle = 0 } }, 0, false },
    { { .type = DC_CMD_OPEN, .open = { .handle = 1, .name_bytes = 5 } }, 5, true },
    { { .type = DC_CMD_OPEN, .open = { .handle = 1, .name_bytes = 5 } }, 4, false },
    { { .type = DC_CMD_OPEN, .open = { .handle = 1, .name_bytes = 5 } }, 6, false },
    { { .type = DC_CMD_OPEN, .open = { .handle = 1, .name_bytes = 2, .tag_bytes = 3 } }, 5, true },
    { { .type = DC_CMD_OPEN, .open = { .handle = 1, .name_bytes = 2, .tag_bytes = 3 } }, 4, false },
    { { .type = DC_CMD_OPEN, .open = { .handle = 1, .tag_bytes = 65 } }, 65, false },
    { { .type = DC_CMD_OPEN, .open = { .handle = 1, .lack_count = 1 } }, 16, false }, // [0, 0)
    { { .type = DC_CMD_OPEN, .open = { .handle = 1, .lack_count = UINT32_MAX } }, 48, false },
    { { .type = DC_CMD_CHUNK, .chunk = { .count = 1 } }, 0, true }, // one empty line
    { { .type = DC_CMD_CHUNK, .chunk = { .count = 0 } }, 0, false },
    { { .type = DC_CMD_CHUNK, .chunk = { .count = DC_CHUNK_JOBS_MAX + 1 } }, 0, false },
    { { .type = DC_CMD_CHUNK, .chunk = { .count = 2, .first = UINT64_MAX - 1 } }, 4, false },
    { { .type = DC_CMD_CHUNK, .chunk = { .count = 2, .width = 8 } }, 16, true },
    { { .type = DC_CMD_CHUNK, .chunk = { .count = 2, .width = 8 } }, 15, false },
    { { .type = DC_CMD_CHUNK, .chunk = { .count = 2, .width = 0x80000000 } }, 0, false }, // wraps
    { { .type = DC_CMD_CHUNK, .chunk = { .count = 1, .flags = DC_CHUNK_RECORD } }, 9, true },
    { { .type = DC_CMD_CHUNK, .chunk = { .count = 2, .flags = DC_CHUNK_RECORD } }, 9, false },
    { { .type = DC_CMD_LEASE, .lease = { .count = 1, .flags = DC_LEASE_CHILD } }, 9, true },
    { { .type = DC_CMD_LEASE, .lease = { .count = 2, .flags = DC_LEASE_CHILD } }, 9, false },
    { { .type = DC_CMD_LEASE, .lease = { .count = 1, .flags = DC_LEASE_CHILD | DC_LEASE_RECORD } },
      9,
      false },
    { { .type = DC_CMD_LEASE, .lease = { .count = 1, .flags = DC_LEASE_CHILD | DC_LEASE_JOIN } },
      9,
      false },
    { { .type = DC_CMD_LEASE, .lease = { .count = 1, .flags = DC_LEASE_JOIN } }, 4, false },
    { { .type = DC_CMD_RESULT, .result = { .count = 1, .flags = DC_RESULT_FORK } }, 0, false },
    { { .type = DC_CMD_RESULT, .result = { .count = 1, .flags = DC_RESULT_FORK } }, 20, false },
    { { .type = DC_CMD_PROGRESS, .progress = { .done = 5, .total = 5 } }, 0, true },
    { { .type = DC_CMD_PROGRESS, .progress = { .done = 5, .total = 4 } }, 0, false },
    { { .type = DC_CMD_PROGRESS, .progress = { .total = 0 } }, 0, false },
    { { .type = DC_CMD_ACK, .ack = { .first = 5, .end = 4 } }, 0, false },
    { { .type = DC_CMD_ACK, .ack = { .first = 5, .end = 5 } }, 0, true },
};

START_TEST(a_record_must_make_sense)
{
    dc_cmd_t cmd = contents[_i].cmd;
    ck_assert_uint_le(contents[_i].data_len, sizeof data);
    memset(data, 0, sizeof data);
    cmd.data = (dc_slice_t){ NULL, { data, contents[_i].data_len } };
    write_table(&cmd);
    dc_wire_from_t from;
    ck_assert(dc_random_sender(cmd.type, &from));

    ck_assert_int_eq(read_table_from(from, contents[_i].data_len),
                     contents[_i].is_valid ? DC_OK : DC_ERR_PROTOCOL);
}
END_TEST

START_TEST(ranges_must_be_in_order_and_in_their_piece)
{
    static const struct {
        dc_range_t ranges[2];
        bool is_valid;
    } cases[] = {
        { { { 10, 12 }, { 12, 20 } }, true },  // they may touch
        { { { 10, 12 }, { 11, 20 } }, false }, // not overlap
        { { { 12, 14 }, { 10, 12 } }, false }, // nor be out of order
        { { { 10, 12 }, { 13, 13 } }, false }, // nor empty
        { { { 9, 12 }, { 13, 20 } }, false },  // nor begin before the piece
        { { { 10, 12 }, { 13, 21 } }, false }, // nor end behind it
    };
    for (size_t i = 0; i < DC_ARRAY_LEN(cases); i++) {
        dc_buf_t pairs = { 0 };
        dc_wire_put_range(&pairs, &cases[i].ranges[0]);
        dc_wire_put_range(&pairs, &cases[i].ranges[1]);
        dc_cmd_t cmd = { .type = DC_CMD_PIECE,
                         .piece = { .first = 10, .count = 10, .range_count = 2 },
                         .data = { NULL, dc_buf_str(&pairs) } };
        ck_assert(dc_wire_add(&writer, &cmd));
        dc_err_t expected = cases[i].is_valid ? DC_OK : DC_ERR_PROTOCOL;
        ck_assert_int_eq(read_written(DC_FROM_BROKER_TO_CLIENT), expected);
        dc_wire_writer_clear(&writer);
        dc_buf_fini(&pairs);
    }
}
END_TEST

// The name stands before all else, so that it can be left out without looking at the rest.
START_TEST(a_piece_has_its_workers_name_in_front)
{
    static const struct {
        uint8_t worker_bytes;
        uint32_t faults_bytes;
        bool is_valid;
    } cases[] = {
        { 0, 0, true },
        { 5, 0, true },
        { DC_NAME_BYTES_MAX, 0, true },
        { DC_NAME_BYTES_MAX + 1, 0, false }, // more than a name may have
        { DC_NAME_BYTES_MAX, 17, false },    // more than there are
        { DC_NAME_BYTES_MAX - 1, 17, true },
    };
    char text[DC_NAME_BYTES_MAX + 32] = "";
    dc_buf_t bytes = { 0 };
    for (size_t i = 0; i < DC_ARRAY_LEN(cases); i++) {
        bytes.len = 0;
        dc_buf_append(&bytes, text, cases[i].worker_bytes);
        dc_wire_put_range(&bytes, &(dc_range_t){ 10, 12 });
        dc_buf_append(&bytes, text, DC_NAME_BYTES_MAX + 32 - bytes.len);
        dc_cmd_t cmd = { .type = DC_CMD_PIECE,
                         .piece = { .first = 10,
                                    .count = 10,
                                    .range_count = 1,
                                    .faults_bytes = cases[i].faults_bytes,
                                    .worker_bytes = cases[i].worker_bytes },
                         .data = { NULL, dc_buf_str(&bytes) } };
        ck_assert(dc_wire_add(&writer, &cmd));
        dc_err_t expected = cases[i].is_valid ? DC_OK : DC_ERR_PROTOCOL;
        ck_assert_int_eq(read_written(DC_FROM_BROKER_TO_CLIENT), expected);
        dc_wire_writer_clear(&writer);
    }
    dc_buf_fini(&bytes);
}
END_TEST

// Whatever is cut off or changed: either the message is refused, or all of it reads well.
START_TEST(a_mutilated_message_is_refused_or_read_whole)
{
    static dc_cmd_t cmds[20];
    dc_rng_t rng;
    dc_rng_init(&rng, 11);
    size_t refused = 0;
    for (int round = 0; round < 3000; round++) {
        dc_slice_t program = { NULL, DC_STR("one") };
        size_t count = write_some(&rng, DC_FROM_CLIENT, &program, 1, cmds, 20);
        dc_slice_t frames[FRAMES_MAX];
        size_t frame_count = dc_wire_frames(&writer, frames);
        // An exact copy on the heap, so that a sanitizer sees every read behind its end.
        size_t len = (size_t)dc_rng_below(&rng, frames[0].bytes.len + 1);
        char *copy = malloc(len ? len : 1);
        if (!copy) abort();
        memcpy(copy, frames[0].bytes.data, len);
        if (len) {
            char *spoiled = &copy[dc_rng_below(&rng, len)];
            *spoiled = (char)(*spoiled ^ 1 << dc_rng_below(&rng, 8));
        }
        frames[0].bytes = dc_str(copy, len);
        dc_cmd_t back;
        if (read_frames(DC_FROM_CLIENT, frames, frame_count) != DC_OK) {
            ck_assert_ptr_nonnull(why);
            refused++;
        } else {
            while (dc_wire_next(&reader, &back)) {
            }
            ck_assert_uint_eq(reader.data.bytes.len, 0);
        }
        free(copy);
        for (size_t i = 0; i < count; i++) {
            drop_cmd(&cmds[i]);
        }
        dc_wire_writer_clear(&writer);
    }
    ck_assert_uint_gt(refused, 2000);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("wire");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, each_command_comes_back, 0, (int)dc_random_type_count);
    tcase_add_test(tests, any_mixture_comes_back_in_order);
    tcase_add_test(tests, layout_is_the_documented_one);
    tcase_add_test(tests, empty_frames_at_the_end_are_left_out);
    tcase_add_test(tests, big_data_travel_alone_and_uncopied);
    tcase_add_test(tests, equal_programs_share_a_frame);
    tcase_add_test(tests, one_program_too_many_does_not_fit);
    tcase_add_test(tests, a_message_holds_so_many_records_and_no_more);
    tcase_add_test(tests, a_message_holds_so_many_questions_and_no_more);
    tcase_add_test(tests, small_data_fill_a_message_up_to_its_limit);
    tcase_add_test(tests, of_another_version_nothing_is_read);
    tcase_add_test(tests, sizes_must_add_up);
    tcase_add_test(tests, sizes_may_not_wrap_around);
    tcase_add_test(tests, a_program_must_be_in_the_message);
    tcase_add_test(tests, more_than_eight_programs_are_refused);
    tcase_add_loop_test(tests, only_its_sender_may_send_a_command, 0, (int)dc_random_type_count);
    tcase_add_loop_test(tests, a_record_must_make_sense, 0, DC_ARRAY_LEN(contents));
    tcase_add_test(tests, ranges_must_be_in_order_and_in_their_piece);
    tcase_add_test(tests, a_piece_has_its_workers_name_in_front);
    tcase_add_test(tests, a_mutilated_message_is_refused_or_read_whole);
    Suite *all = suite_create("wire");
    suite_add_tcase(all, tests);
    return all;
}
