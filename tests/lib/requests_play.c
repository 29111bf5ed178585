#include "tests/lib/requests_play.h"

#include "tests/lib/main.h"
#include "tests/lib/outcome_words.h"

dc_requests_t *core;
dc_outcome_t out;
dc_ms_t now;
static uint8_t key_next;

void begin_play(void)
{
    dc_session_settings_t settings = dc_requests_settings_default();
    core = dc_requests_new(&settings, 1);
    ck_assert_ptr_nonnull(core);
    dc_outcome_init(&out);
    tick_at(1000);
    expect("connect\n");
}

void end_play(void)
{
    dc_requests_destroy(&core);
    dc_outcome_fini(&out);
}

void tick_at(dc_ms_t time)
{
    now = time;
    dc_requests_tick(core, now, &out);
}

void expect(const char *words)
{
    dc_buf_t got = { 0 };
    dc_outcome_put_words(&out, &got);
    dc_buf_append_char(&got, '\0');
    ck_assert(!got.failed);
    ck_assert_str_eq(got.data, words);
    dc_buf_fini(&got);
    ck_assert_pstr_eq(dc_requests_audit(core), NULL);
}

// --- the application ---------------------------------------------------------------------------

dcalc_id_t open_batch(void)
{
    dc_key_t key = { .bytes = { ++key_next } };
    dcalc_batch_options_t options = { .retries = DC_RETRIES };
    dcalc_id_t batch = 0;
    ck_assert_int_eq(dc_requests_open(core, now, &key, &options, &batch, &out), DC_OK);
    return batch;
}

dcalc_id_t open_detached(const char *word)
{
    dc_key_t key = { .bytes = { ++key_next } };
    dcalc_batch_options_t options = { .retries = DC_RETRIES, .detached = true, .key = word };
    dcalc_id_t batch = 0;
    ck_assert_int_eq(dc_requests_open(core, now, &key, &options, &batch, &out), DC_OK);
    return batch;
}

dcalc_id_t attach(uint64_t number, uint64_t first)
{
    dcalc_id_t batch = 0;
    ck_assert_int_eq(dc_requests_attach(core, now, number, first, &batch, &out), DC_OK);
    return batch;
}

dc_err_t send_lines(dcalc_id_t batch, const char *lines)
{
    dc_slice_t data = { .bytes = dc_str_from(lines) };
    dcalc_chunk_t chunk = { .size = data.bytes.len };
    return dc_requests_send(core, now, batch, &chunk, &data, &out);
}

void close_batch(dcalc_id_t batch)
{
    ck_assert_int_eq(dc_requests_close(core, now, batch, &out), DC_OK);
}

dc_err_t ack(dcalc_id_t batch, uint64_t first, uint64_t end)
{
    return dc_requests_ack(core, batch, first, end, &out);
}

// --- the broker --------------------------------------------------------------------------------

void hear(const dc_cmd_t *cmd)
{
    dc_requests_receive(core, now, cmd, &out);
}

static void put_ranges(dc_buf_t *data, const dc_range_t *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        dc_wire_put_range(data, &ranges[i]);
    }
}

void hear_opened(dcalc_id_t batch, uint64_t number, const dc_range_t *has, size_t has_count)
{
    dc_buf_t data = { 0 };
    put_ranges(&data, has, has_count);
    hear(&(dc_cmd_t){ .type = DC_CMD_OPENED,
                      .opened = { .handle = batch, .number = number },
                      .data = { .bytes = dc_buf_str(&data) } });
    dc_buf_fini(&data);
}

void hear_receipt(dcalc_id_t batch, uint64_t first, uint64_t end, uint8_t flags)
{
    hear(&(dc_cmd_t){ .type = DC_CMD_RECEIPT,
                      .receipt = { .handle = batch, .first = first, .end = end, .flags = flags } });
}

void hear_input(dcalc_id_t batch, uint64_t first, uint32_t count, const char *lines)
{
    hear(&(dc_cmd_t){ .type = DC_CMD_INPUT,
                      .input = { .handle = batch, .count = count, .first = first },
                      .data = { .bytes = dc_str_from(lines) } });
}

void hear_attached(dcalc_id_t batch, uint64_t number, const char *program)
{
    hear(&(dc_cmd_t){ .type = DC_CMD_OPENED,
                      .opened = { .handle = batch, .number = number, .flags = DC_OPEN_DETACHED },
                      .program = { .bytes = dc_str_from(program) } });
}

void hear_credit(uint64_t sent_max)
{
    hear(&(dc_cmd_t){ .type = DC_CMD_CREDIT, .credit = { .sent_max = sent_max } });
}

void hear_piece(dcalc_id_t batch, uint64_t first, uint32_t count, const char *results)
{
    hear_piece_of(batch, first, count, NULL, 0, results);
}

void hear_piece_of(dcalc_id_t batch, uint64_t first, uint32_t count, const dc_range_t *ranges,
                   size_t range_count, const char *results)
{
    dc_buf_t data = { 0 };
    put_ranges(&data, ranges, range_count);
    dc_buf_append_text(&data, results);
    hear(&(dc_cmd_t){ .type = DC_CMD_PIECE,
                      .piece = { .handle = batch,
                                 .count = count,
                                 .first = first,
                                 .range_count = (uint16_t)range_count,
                                 .attempt = 1 },
                      .data = { .bytes = dc_buf_str(&data) } });
    dc_buf_fini(&data);
}

void hear_refused_for_now(dcalc_id_t batch, dc_err_t error, uint32_t retry_ms)
{
    hear(&(dc_cmd_t){
        .type = DC_CMD_REFUSED,
        .refused = { .handle = batch, .error = (uint32_t)error, .retry_ms = retry_ms } });
}

void hear_refused(dcalc_id_t batch, dc_err_t error)
{
    hear_refused_for_now(batch, error, 0);
}

void hear_done(dcalc_id_t batch, dc_err_t error)
{
    hear(&(dc_cmd_t){ .type = DC_CMD_DONE, .done = { .handle = batch, .error = (uint32_t)error } });
}

void hear_bare(dc_command_t type)
{
    hear(&(dc_cmd_t){ .type = type });
}
