#include "client/answer.h"

#include <stdlib.h>

#include "common/lines.h"

// A piece, with its data cut apart.
typedef struct dc_answer {
    const struct dc_cmd_piece *piece;
    dc_str_t ranges, faults, results;
} dc_answer_t;

// Cut the data of `cmd`. False if there is less than it says.
static bool cut_data(const dc_cmd_t *cmd, dc_str_t data, dc_answer_t *answer)
{
    uint64_t ranges_bytes = (uint64_t)cmd->piece.range_count * DC_WIRE_RANGE_BYTES;
    uint64_t offset = ranges_bytes + cmd->piece.faults_bytes;
    if (offset > data.len) return false;
    *answer = (dc_answer_t){
        .piece = &cmd->piece,
        .ranges = dc_str(data.data, ranges_bytes),
        .faults = dc_str(data.data + ranges_bytes, cmd->piece.faults_bytes),
        .results = dc_str_behind(data, offset),
    };
    return true;
}

// Are there as many results as the piece has jobs?
static bool are_results_sound(const dc_answer_t *answer, bool columns)
{
    dc_str_t results = answer->results;
    if (columns) return results.len == (uint64_t)answer->piece->count * sizeof(double);
    if (results.len == 0 || results.data[results.len - 1] != '\n') return false;
    return dc_lines_count(results) == answer->piece->count;
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

// The same for all jobs of the answer that count.
static uint32_t find_fresh(const dc_sent_chunk_t *chunk, const dc_answer_t *answer,
                           dcalc_range_t *fresh)
{
    if (answer->piece->range_count == 0) {
        uint64_t end = answer->piece->first + answer->piece->count;
        return find_fresh_in(chunk, (dc_range_t){ answer->piece->first, end }, fresh);
    }
    uint32_t count = 0;
    for (size_t i = 0; i < answer->piece->range_count; i++) {
        dc_range_t range = dc_wire_get_range(answer->ranges, i);
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

static void fill_piece(const dc_answer_t *answer, dcalc_piece_t *piece)
{
    piece->attempt = answer->piece->attempt;
    piece->spent_us = answer->piece->spent_us;
    piece->first = answer->piece->first;
    piece->count = answer->piece->count;
    piece->results = answer->results.data;
    piece->results_bytes = answer->results.len;
    piece->faults = answer->faults.data;
    piece->faults_bytes = answer->faults.len;
}

// Deliver what is new, if anything is.
static dc_err_t deliver(dc_sent_t *sent, dc_sent_chunk_t *chunk, const dc_cmd_t *cmd,
                        dc_answer_t *answer, dc_news_t *news)
{
    uint32_t count = find_fresh(chunk, answer, NULL);
    if (count == 0) return DC_OK;
    if (count > 1) {
        news->many = calloc(count, sizeof *news->many);
        if (!news->many) return DC_ERR_NOMEM;
    }
    if (!dc_slice_keep(&cmd->data, &news->data)) return DC_ERR_NOMEM;
    // Bytes that were borrowed are copied now: look at those that are kept.
    if (!cut_data(cmd, news->data.bytes, answer)) return DC_ERR_INTERNAL;
    dcalc_range_t *fresh = news->many ? news->many : &news->one;
    find_fresh(chunk, answer, fresh);
    fill_piece(answer, &news->piece);
    news->piece.fresh = news->many;
    news->piece.fresh_count = mark_answered(sent, chunk, fresh, count);
    return news->piece.fresh_count == count ? DC_OK : DC_ERR_NOMEM;
}

dc_err_t dc_answer_take(dc_sent_t *sent, const dc_cmd_t *cmd, bool columns, dc_news_t *news)
{
    const struct dc_cmd_piece *piece = &cmd->piece;
    if (piece->count == 0 || piece->first > UINT64_MAX - piece->count) return DC_ERR_PROTOCOL;
    if (piece->first + piece->count > sent->jobs) return DC_ERR_PROTOCOL;
    dc_sent_chunk_t *chunk = dc_sent_find(sent, piece->first);
    if (!chunk) return DC_OK; // done with long ago
    if (piece->first + piece->count > dc_sent_end(chunk)) return DC_ERR_PROTOCOL;
    dc_answer_t answer;
    if (!cut_data(cmd, cmd->data.bytes, &answer)) return DC_ERR_PROTOCOL;
    dc_range_t borders = { piece->first, piece->first + piece->count };
    if (!dc_wire_are_ranges(answer.ranges, piece->range_count, borders)) return DC_ERR_PROTOCOL;
    if (!are_results_sound(&answer, columns)) return DC_ERR_PROTOCOL;
    return deliver(sent, chunk, cmd, &answer, news);
}
