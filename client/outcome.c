#include "client/outcome.h"

#include <stdlib.h>

#include "common/gather.h"

#define CAPACITY_FIRST 16

void dc_news_fini(dc_news_t *self)
{
    free(self->many);
    free(self->text);
    dc_slice_drop(&self->data);
    *self = (dc_news_t){ 0 };
}

void dc_outcome_init(dc_outcome_t *self)
{
    *self = (dc_outcome_t){ 0 };
}

void dc_outcome_fini(dc_outcome_t *self)
{
    dc_outcome_clear_sends(self);
    free(self->sends);
    dc_news_t news;
    while (dc_outcome_take(self, &news)) {
        dc_news_fini(&news);
    }
    free(self->news);
    dc_outcome_init(self);
}

// Make room for one more item of `item_bytes` in an array. False if memory is short.
static bool grow(void **list, size_t len, size_t *capacity, size_t item_bytes)
{
    if (len < *capacity) return true;
    size_t wanted = *capacity ? *capacity : CAPACITY_FIRST / 2;
    size_t bytes;
    if (__builtin_mul_overflow(wanted, 2, &wanted)) return false;
    if (__builtin_mul_overflow(wanted, item_bytes, &bytes)) return false;
    void *grown = realloc(*list, bytes);
    if (!grown) return false;
    *list = grown;
    *capacity = wanted;
    return true;
}

bool dc_outcome_send(dc_outcome_t *self, const dc_cmd_t *cmd)
{
    void *list = self->sends;
    if (!grow(&list, self->send_count, &self->send_capacity, sizeof *self->sends)) return false;
    self->sends = list;
    dc_cmd_t kept = *cmd;
    if (!dc_slice_keep(&cmd->data, &kept.data)) return false;
    if (!dc_slice_keep(&cmd->program, &kept.program)) {
        dc_slice_drop(&kept.data);
        return false;
    }
    self->sends[self->send_count++] = kept;
    return true;
}

// Lines that nothing else is known of.
static bool is_plain_chunk(const dc_cmd_t *cmd)
{
    return cmd->type == DC_CMD_CHUNK && !cmd->chunk.width && !cmd->chunk.flags &&
           !cmd->chunk.need_count;
}

bool dc_outcome_join(dc_outcome_t *self, const dc_cmd_t *cmd, size_t *added_bytes)
{
    if (self->send_count == 0) return false;
    dc_cmd_t *last = &self->sends[self->send_count - 1];
    if (!is_plain_chunk(last) || !is_plain_chunk(cmd)) return false;
    struct dc_cmd_chunk *chunk = &last->chunk;
    if (chunk->handle != cmd->chunk.handle) return false;
    if (chunk->first + chunk->count != cmd->chunk.first) return false;
    if (chunk->count + cmd->chunk.count > DC_GATHER_JOBS_MAX) return false;
    size_t before = last->data.bytes.len;
    if (!dc_gather(&last->data, cmd->data.bytes)) return false;
    chunk->count += cmd->chunk.count;
    *added_bytes = last->data.bytes.len - before;
    return true;
}

void dc_outcome_drop_sends(dc_outcome_t *self, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        dc_slice_drop(&self->sends[i].data);
        dc_slice_drop(&self->sends[i].program);
    }
    self->send_count -= count;
    if (self->send_count) {
        memmove(self->sends, self->sends + count, self->send_count * sizeof *self->sends);
    }
}

void dc_outcome_clear_sends(dc_outcome_t *self)
{
    dc_outcome_drop_sends(self, self->send_count);
}

bool dc_outcome_reserve(dc_outcome_t *self)
{
    if (self->news_taken == self->news_count) {
        self->news_taken = self->news_count = 0;
    }
    void *list = self->news;
    if (!grow(&list, self->news_count, &self->news_capacity, sizeof *self->news)) return false;
    self->news = list;
    return true;
}

dc_news_t *dc_outcome_add(dc_outcome_t *self, dcalc_event_type_t type, dcalc_id_t id, dc_str_t text)
{
    assert(self->news_count < self->news_capacity);
    dc_news_t *news = &self->news[self->news_count++];
    *news = (dc_news_t){ .event = { .type = type, .id = id, .text = "" } };
    if (text.len) news->text = strndup(text.data, text.len);
    if (news->text) {
        news->event.text = news->text;
        news->event.text_bytes = strlen(news->text);
    }
    return news;
}

void dc_outcome_drop_last(dc_outcome_t *self)
{
    assert(dc_outcome_has_news(self));
    dc_news_fini(&self->news[--self->news_count]);
}

bool dc_outcome_take(dc_outcome_t *self, dc_news_t *news)
{
    if (!dc_outcome_has_news(self)) return false;
    *news = self->news[self->news_taken++];
    if (news->event.type != DCALC_EVENT_PIECE) return true;
    news->event.piece = &news->piece;
    // Where there are several ranges they stand in memory of their own, which has not moved.
    if (!news->many) news->piece.fresh = &news->one;
    return true;
}
