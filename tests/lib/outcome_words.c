#include "tests/lib/outcome_words.h"

#include <inttypes.h>

#include "common/ranges.h"

static void put_quoted(dc_buf_t *words, dc_str_t bytes)
{
    dc_buf_append_text(words, " \"");
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.data[i] == '\n') {
            dc_buf_append_text(words, "\\n");
        } else {
            dc_buf_append_char(words, bytes.data[i]);
        }
    }
    dc_buf_append_char(words, '"');
}

static void put_range(dc_buf_t *words, uint64_t first, uint64_t end)
{
    dc_buf_printf(words, "[%" PRIu64 ",%" PRIu64 ")", first, end);
}

static void put_open(dc_buf_t *words, const dc_cmd_t *cmd)
{
    const struct dc_cmd_open *open = &cmd->open;
    dc_buf_printf(words, " %u", open->handle);
    if (open->flags & DC_OPEN_AGAIN) dc_buf_append_text(words, " again");
    if (open->flags & DC_OPEN_COLUMNS) dc_buf_append_text(words, " columns");
    if (open->flags & DC_OPEN_DETACHED) dc_buf_append_text(words, " detached");
    if (open->keep_ms) dc_buf_printf(words, " keep=%" PRIu64, open->keep_ms);
    if (open->number) dc_buf_printf(words, " b%" PRIu64, open->number);
    if (open->name_bytes) put_quoted(words, dc_open_name(cmd));
    if (open->tag_bytes) {
        dc_buf_append_text(words, " tag=");
        dc_buf_append_str(words, dc_open_tag(cmd));
    }
    dc_str_t pairs = dc_open_lacks(cmd);
    if (open->lack_count) dc_buf_append_text(words, " lacks=");
    for (size_t i = 0; i < open->lack_count; i++) {
        dc_range_t range = dc_wire_get_range(pairs, i);
        put_range(words, range.first, range.end);
    }
    if (cmd->program.bytes.len) put_quoted(words, cmd->program.bytes);
}

static void put_send(dc_buf_t *words, const dc_cmd_t *cmd)
{
    dc_buf_append_text(words, dc_command_name(cmd->type));
    switch ((int)cmd->type) {
    case DC_CMD_OPEN: put_open(words, cmd); break;
    case DC_CMD_CHUNK:
        dc_buf_printf(words, " %u ", cmd->chunk.handle);
        put_range(words, cmd->chunk.first, cmd->chunk.first + cmd->chunk.count);
        if (cmd->chunk.width) dc_buf_printf(words, " width=%u", cmd->chunk.width);
        if (cmd->chunk.flags) dc_buf_append_text(words, " record");
        put_quoted(words, cmd->data.bytes);
        break;
    case DC_CMD_CLOSE:
        dc_buf_printf(words, " %u %" PRIu64, cmd->close.handle, cmd->close.jobs);
        break;
    case DC_CMD_ACK:
        dc_buf_printf(words, " %u ", cmd->ack.handle);
        put_range(words, cmd->ack.first, cmd->ack.end);
        break;
    case DC_CMD_CANCEL:
        dc_buf_printf(words, " %u", cmd->cancel.handle);
        if (cmd->cancel.number) dc_buf_printf(words, " b%" PRIu64, cmd->cancel.number);
        break;
    case DC_CMD_ATTACH:
        dc_buf_printf(words, " %u b%" PRIu64 " from=%" PRIu64, cmd->attach.handle,
                      cmd->attach.number, cmd->attach.first);
        if (cmd->attach.flags & DC_ATTACH_INPUTS) dc_buf_append_text(words, " inputs");
        break;
    case DC_CMD_DELETE:
        dc_buf_printf(words, " %u b%" PRIu64, cmd->delete.handle, cmd->delete.number);
        break;
    case DC_CMD_QUERY:
        dc_buf_printf(words, " %u", cmd->query.handle);
        put_quoted(words, cmd->data.bytes);
        break;
    default: break;
    }
    dc_buf_append_char(words, '\n');
}

static void put_piece(dc_buf_t *words, const dcalc_piece_t *piece)
{
    dc_buf_printf(words, "piece %u ", piece->batch);
    put_range(words, piece->first, piece->first + piece->count);
    const dcalc_range_t *fresh = piece->fresh;
    if (piece->fresh_count > 1 || fresh->end - fresh->first < piece->count) {
        dc_buf_append_text(words, " fresh=");
        for (uint32_t i = 0; i < piece->fresh_count; i++) {
            put_range(words, fresh[i].first, fresh[i].end);
        }
    }
    if (piece->worker_bytes) dc_buf_append_text(words, " by ");
    dc_buf_append_str(words, dc_str(piece->worker, piece->worker_bytes));
    put_quoted(words, dc_str(piece->results, piece->results_bytes));
}

static void put_news(dc_buf_t *words, const dcalc_event_t *event)
{
    const char *error = dcalc_err_name(event->error);
    switch (event->type) {
    case DCALC_EVENT_PIECE: put_piece(words, event->piece); break;
    case DCALC_EVENT_OPENED:
        dc_buf_printf(words, "opened %u b%" PRIu64, event->id, event->number);
        if (event->found) dc_buf_printf(words, " found=%" PRIu64, event->found);
        if (event->program) put_quoted(words, dc_str(event->program, event->program_bytes));
        break;
    case DCALC_EVENT_BUSY:
        dc_buf_printf(words, "busy %u %s waiting=%" PRIu64, event->id, error, event->waiting_ms);
        break;
    case DCALC_EVENT_END:
        dc_buf_printf(words, "end %u %s", event->id, error);
        if (event->program) put_quoted(words, dc_str(event->program, event->program_bytes));
        break;
    case DCALC_EVENT_ANSWER:
        dc_buf_printf(words, "answer %u %s", event->id, error);
        put_quoted(words, dc_str(event->text, event->text_bytes));
        break;
    case DCALC_EVENT_LOST:
        dc_buf_append_text(words, "lost");
        if (event->text_bytes) put_quoted(words, dc_str(event->text, event->text_bytes));
        break;
    case DCALC_EVENT_FOUND: dc_buf_append_text(words, "found"); break;
    case DCALC_EVENT_RECEIPT:
        dc_buf_printf(words, "receipt %u %" PRIu64 "/%" PRIu64, event->id, event->done,
                      event->total);
        break;
    case DCALC_EVENT_PROGRESS:
        dc_buf_printf(words, "progress %u job=%" PRIu64 " %" PRIu64 "/%" PRIu64, event->id,
                      event->job, event->done, event->total);
        break;
    }
    dc_buf_append_char(words, '\n');
}

void dc_outcome_put_words(dc_outcome_t *self, dc_buf_t *words)
{
    if (self->connect) dc_buf_append_text(words, "connect\n");
    self->connect = false;
    for (size_t i = 0; i < self->send_count; i++) {
        put_send(words, &self->sends[i]);
    }
    dc_outcome_clear_sends(self);
    dc_news_t news;
    while (dc_outcome_take(self, &news)) {
        put_news(words, &news.event);
        dc_news_fini(&news);
    }
}
