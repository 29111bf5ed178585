#include "tests/lib/action_words.h"

#include <ctype.h>

#include "broker/core/trace.h"
#include "common/wire_fork.h"
#include "common/wire_needs.h"
#include "tests/lib/words.h"

#define QUOTED_BYTES_MAX 350

// Whether the data of `cmd` are those that its jobs should have.
static bool are_data_expected(const dc_cmd_t *cmd)
{
    dc_buf_t expected = { 0 };
    dc_str_t data = cmd->data.bytes;
    if (cmd->type == DC_CMD_LEASE) {
        dc_words_put_jobs(cmd->lease.first, cmd->lease.first + cmd->lease.count, &expected);
    } else if (cmd->type == DC_CMD_PIECE) {
        size_t skipped = (size_t)cmd->piece.range_count * DC_WIRE_RANGE_BYTES;
        dc_words_put_results(cmd->piece.first, cmd->piece.first + cmd->piece.count, &expected);
        data = dc_str(data.data + skipped, data.len - skipped);
    } else if (cmd->type == DC_CMD_OPENED) {
        return true; // its ranges are shown
    }
    bool is_expected = expected.len && dc_str_eq(dc_buf_str(&expected), data);
    dc_buf_fini(&expected);
    return is_expected;
}

// What a join gets, as ` results="a,b" join="c"`.
static void put_join(dc_str_t data, dc_buf_t *out)
{
    dc_wire_join_t join;
    if (!dc_wire_read_join(data, &join)) return;
    dc_buf_append_text(out, " results=\"");
    for (uint32_t i = 0; i < join.count; i++) {
        if (i) dc_buf_append_char(out, ',');
        dc_buf_append_str(out, dc_wire_take_result(&join));
    }
    dc_buf_append_text(out, "\" join=\"");
    dc_buf_append_str(out, join.join);
    dc_buf_append_char(out, '"');
}

// What people can read of `cmd`: its text, or the results behind the ranges and faults.
static dc_str_t readable_part(const dc_cmd_t *cmd)
{
    dc_str_t data = cmd->data.bytes;
    if (cmd->type != DC_CMD_PIECE) return data;
    size_t skipped = (size_t)cmd->piece.range_count * DC_WIRE_RANGE_BYTES + cmd->piece.faults_bytes;
    return dc_str(data.data + skipped, data.len - skipped);
}

static void put_quoted(dc_str_t text, dc_buf_t *out)
{
    dc_buf_append_text(out, " \"");
    for (size_t i = 0; i < text.len && i < QUOTED_BYTES_MAX; i++) {
        if (text.data[i] == '\n') {
            dc_buf_append_text(out, "\\n");
        } else {
            dc_buf_append_char(out, isprint((unsigned char)text.data[i]) ? text.data[i] : '?');
        }
    }
    dc_buf_append_text(out, text.len > QUOTED_BYTES_MAX ? "...\"" : "\"");
}

// Cut the results that a lease brings off its data, and show them, as ` needs="=0,=1"`.
static void show_needs(dc_cmd_t *cmd, dc_buf_t *out)
{
    dc_wire_needs_t needs;
    dc_str_t rest = cmd->data.bytes;
    if (cmd->type != DC_CMD_LEASE || !(cmd->lease.flags & DC_LEASE_NEEDS)) return;
    if (!dc_wire_read_needs(&rest, &needs)) return;
    dc_buf_append_text(out, " needs=\"");
    for (uint32_t i = 0; i < needs.count && i < 8; i++) {
        if (i) dc_buf_append_char(out, ',');
        dc_buf_append_str(out, dc_wire_take_need(&needs));
    }
    dc_buf_append_char(out, '"');
    cmd->data = dc_slice_part(cmd->data, needs.all.len, rest.len);
}

// Take ` data=N` out of the line that begins at `start`: what it counts is shown, or as expected.
static void cut_count(dc_buf_t *out, size_t start)
{
    static const char word[] = " data=";
    dc_buf_append_char(out, '\0');
    out->len--;
    char *at = out->failed ? NULL : strstr(out->data + start, word);
    if (!at) return;
    size_t len = sizeof word - 1;
    len += strspn(at + len, "0123456789");
    memmove(at, at + len, strlen(at + len));
    out->len -= len;
}

static void put_data(dc_cmd_t *cmd, size_t start, dc_buf_t *out)
{
    show_needs(cmd, out);
    dc_str_t text = readable_part(cmd);
    bool is_expected = are_data_expected(cmd);
    bool is_join = cmd->type == DC_CMD_LEASE && cmd->lease.flags & DC_LEASE_JOIN;
    bool is_short = text.len <= QUOTED_BYTES_MAX;
    if (is_expected || is_short) cut_count(out, start);
    if (is_join) {
        if (is_short) put_join(text, out);
    } else if (!is_expected && is_short && text.len) {
        put_quoted(text, out);
    }
}

void dc_action_put_words(const dc_action_t *action, dc_buf_t *out)
{
    size_t start = out->len;
    dc_action_t shown = *action;
    dc_trace_action(&shown, out);
    if (action->type <= DC_ACTION_TO_WORKER) put_data(&shown.cmd, start, out);
}
