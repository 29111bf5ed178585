#include "client/answer.h"

#include <stdlib.h>

#include "common/fault.h"
#include "common/lines.h"

// Cut the data apart. False if there is less than the piece says.
static bool cut_data(dc_answer_t *self)
{
    dc_str_t data = self->data.bytes;
    uint64_t worker_bytes = self->piece->worker_bytes;
    uint64_t ranges_bytes = (uint64_t)self->piece->range_count * DC_WIRE_RANGE_BYTES;
    uint64_t offset = worker_bytes + ranges_bytes + self->piece->faults_bytes;
    if (offset > data.len) return false;
    self->worker = dc_str(data.data, worker_bytes);
    self->ranges = dc_str(data.data + worker_bytes, ranges_bytes);
    self->faults = dc_str(self->ranges.data + ranges_bytes, self->piece->faults_bytes);
    self->results = dc_str_behind(data, offset);
    return true;
}

// Are there as many results as the piece has jobs?
static bool are_results_sound(const dc_answer_t *self)
{
    dc_str_t results = self->results;
    if (self->columns) return results.len == (uint64_t)self->piece->count * sizeof(double);
    if (results.len == 0 || results.data[results.len - 1] != '\n') return false;
    return dc_lines_count(results) == self->piece->count;
}

dc_err_t dc_answer_begin(dc_answer_t *self, const dc_sent_t *sent, const dc_cmd_t *cmd,
                         bool columns)
{
    const struct dc_cmd_piece *piece = &cmd->piece;
    *self = (dc_answer_t){
        .piece = piece, .data = cmd->data, .columns = columns, .next = piece->first
    };
    if (piece->count == 0 || piece->first > UINT64_MAX - piece->count) return DC_ERR_PROTOCOL;
    if (piece->first + piece->count > sent->jobs) return DC_ERR_PROTOCOL;
    if (!cut_data(self)) return DC_ERR_PROTOCOL;
    dc_range_t borders = { piece->first, piece->first + piece->count };
    if (!dc_wire_are_ranges(self->ranges, piece->range_count, borders)) return DC_ERR_PROTOCOL;
    return are_results_sound(self) ? DC_OK : DC_ERR_PROTOCOL;
}

// Write what of `from` has no answer yet to `fresh`, unless that is NULL; returns how many ranges
// these are.
static uint32_t find_fresh_in(const dc_sent_chunk_t *chunk, dc_range_t from, dcalc_range_t *fresh)
{
    uint32_t count = 0;
    dc_range_t gap = { .end = from.first };
    while (dc_ranges_next_gap(&chunk->answered, gap.end, from.end, &gap)) {
        if (fresh) fresh[count] = (dcalc_range_t){ gap.first, gap.end };
        count++;
    }
    return count;
}

// The same for those jobs of `part` that count.
static uint32_t find_fresh(const dc_answer_t *self, const dc_sent_chunk_t *chunk, dc_range_t part,
                           dcalc_range_t *fresh)
{
    if (self->piece->range_count == 0) return find_fresh_in(chunk, part, fresh);
    uint32_t count = 0;
    for (size_t i = 0; i < self->piece->range_count; i++) {
        dc_range_t range = dc_wire_get_range(self->ranges, i);
        range.first = dc_max_u64(range.first, part.first);
        range.end = dc_min_u64(range.end, part.end);
        if (range.first >= range.end) continue;
        count += find_fresh_in(chunk, range, fresh ? fresh + count : NULL);
    }
    return count;
}

// Mark the `count` ranges `fresh` as answered; returns how many there was memory for.
static uint32_t mark_answered(dc_sent_t *sent, dc_sent_chunk_t *chunk, const dcalc_range_t *fresh,
                              uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!dc_ranges_add(&chunk->answered, fresh[i].first, fresh[i].end)) return i;
        sent->answered += fresh[i].end - fresh[i].first;
    }
    return count;
}

// Take the results of the next `count` jobs off the others.
static dc_str_t take_results(dc_answer_t *self, uint64_t count)
{
    size_t len = self->columns ? (size_t)count * sizeof(double)
                               : dc_lines_offset(self->results, (size_t)count);
    dc_str_t results = dc_str(self->results.data, len);
    self->results = dc_str_behind(self->results, len);
    return results;
}

// Take the faults of jobs before `end` off the others.
static dc_str_t take_faults(dc_answer_t *self, uint64_t end)
{
    dc_str_t all = self->faults;
    dc_str_t rest = all;
    dc_fault_t fault;
    while (dc_fault_take(&rest, &fault) && fault.index < end) {
        self->faults = rest;
    }
    return dc_str(all.data, all.len - self->faults.len);
}

// How long its jobs before `end` took, if all took as long.
static uint64_t spent_us(const dc_answer_t *self, uint64_t end)
{
    return self->piece->spent_us * (end - self->piece->first) / self->piece->count;
}

// Take what belongs to `part` off the rest, as a piece of its own.
static dcalc_piece_t take_part(dc_answer_t *self, dc_range_t part)
{
    bool is_rest = part.end == self->piece->first + self->piece->count;
    dc_str_t results = is_rest ? self->results : take_results(self, part.end - part.first);
    dc_str_t faults = is_rest ? self->faults : take_faults(self, part.end);
    return (dcalc_piece_t){
        .attempt = self->piece->attempt,
        .spent_us = (uint32_t)(spent_us(self, part.end) - spent_us(self, part.first)),
        .first = part.first,
        .count = (uint32_t)(part.end - part.first),
        .results = results.data,
        .results_bytes = results.len,
        .faults = faults.data,
        .faults_bytes = faults.len,
        .worker = self->worker.data,
        .worker_bytes = self->worker.len,
    };
}

// Bytes that were borrowed are copied once, for all parts: go on with those that are kept.
static bool keep_data(dc_answer_t *self, dc_slice_t *kept)
{
    if (!dc_slice_keep(&self->data, kept)) return false;
    const char *from = self->data.bytes.data;
    const char *to = kept->bytes.data;
    self->worker.data = to + (self->worker.data - from);
    self->ranges.data = to + (self->ranges.data - from);
    self->faults.data = to + (self->faults.data - from);
    self->results.data = to + (self->results.data - from);
    self->data = *kept;
    return true;
}

// Deliver what is new of `part`, all of it in `chunk`, if anything is.
static dc_err_t deliver(dc_answer_t *self, dc_sent_t *sent, dc_sent_chunk_t *chunk, dc_range_t part,
                        dc_news_t *news)
{
    uint32_t count = find_fresh(self, chunk, part, NULL);
    if (count == 0) {
        take_part(self, part);
        return DC_OK;
    }
    if (count > 1) {
        news->many = calloc(count, sizeof *news->many);
        if (!news->many) return DC_ERR_NOMEM;
    }
    if (!keep_data(self, &news->data)) return DC_ERR_NOMEM;
    dcalc_range_t *fresh = news->many ? news->many : &news->one;
    find_fresh(self, chunk, part, fresh);
    news->piece = take_part(self, part);
    news->piece.fresh = news->many;
    news->piece.fresh_count = mark_answered(sent, chunk, fresh, count);
    return news->piece.fresh_count == count ? DC_OK : DC_ERR_NOMEM;
}

dc_err_t dc_answer_next(dc_answer_t *self, dc_sent_t *sent, dc_news_t *news)
{
    dc_range_t part = { self->next, self->piece->first + self->piece->count };
    dc_sent_chunk_t *chunk = dc_sent_next(sent, part.first);
    bool is_open = chunk && chunk->chunk.first <= part.first;
    if (chunk) part.end = dc_min_u64(part.end, is_open ? dc_sent_end(chunk) : chunk->chunk.first);
    self->next = part.end;
    if (is_open) return deliver(self, sent, chunk, part, news);
    take_part(self, part); // done with long ago
    return DC_OK;
}
