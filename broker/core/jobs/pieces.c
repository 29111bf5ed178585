#include "broker/core/jobs/pieces.h"

#include "common/bytes.h"

#define HEAD_BYTES 28

// Which ranges are said: none where all jobs count.
static uint32_t count_ranges(const dc_results_t *results, const dc_ranges_t *fresh)
{
    return fresh->count == results->count ? 0 : fresh->len;
}

size_t dc_pieces_bytes(const dc_results_t *results, const dc_ranges_t *fresh)
{
    return HEAD_BYTES + results->worker.len +
           (size_t)count_ranges(results, fresh) * DC_WIRE_RANGE_BYTES + results->data.bytes.len;
}

void dc_pieces_put(dc_buf_t *out, const dc_results_t *results, const dc_ranges_t *fresh)
{
    uint32_t range_count = count_ranges(results, fresh);
    size_t data_bytes = dc_pieces_bytes(results, fresh) - HEAD_BYTES;
    char head[HEAD_BYTES] = "";
    dc_put_u64(head, results->first);
    dc_put_u32(head + 8, results->count);
    dc_put_u32(head + 12, results->faults_bytes);
    dc_put_u32(head + 16, results->spent_us);
    dc_put_u16(head + 20, (uint16_t)range_count);
    head[22] = (char)results->attempt;
    head[23] = (char)results->worker.len;
    dc_put_u32(head + 24, (uint32_t)data_bytes);
    dc_buf_append(out, head, sizeof head);
    dc_buf_append_str(out, results->worker);
    for (uint32_t i = 0; i < range_count; i++) {
        dc_wire_put_range(out, &fresh->list[i]);
    }
    dc_buf_append_str(out, results->data.bytes);
}

// Rows of a former version have no sums, and a disk may have spoiled them.
static bool is_valid(const dc_cmd_t *piece)
{
    uint64_t at = piece->piece.first;
    uint64_t end = at + piece->piece.count;
    size_t front_bytes = piece->piece.worker_bytes + dc_piece_ranges(piece).len;
    if (piece->piece.count > DC_CHUNK_JOBS_MAX || end < at) return false;
    if (piece->piece.worker_bytes > DC_NAME_BYTES_MAX) return false;
    if (front_bytes + piece->piece.faults_bytes > piece->data.bytes.len) return false;
    for (size_t i = 0; i < piece->piece.range_count; i++) {
        dc_range_t range = dc_wire_get_range(dc_piece_ranges(piece), i);
        if (range.first < at || range.first >= range.end || range.end > end) return false;
        at = range.end;
    }
    return true;
}

bool dc_pieces_take(dc_slice_t *rest, dc_cmd_t *piece)
{
    const char *head = rest->bytes.data;
    if (rest->bytes.len < HEAD_BYTES) return false;
    size_t data_bytes = dc_get_u32(head + 24);
    if (data_bytes > rest->bytes.len - HEAD_BYTES) return false;
    *piece = (dc_cmd_t){
        .type = DC_CMD_PIECE,
        .piece = { .first = dc_get_u64(head),
                   .count = dc_get_u32(head + 8),
                   .faults_bytes = dc_get_u32(head + 12),
                   .spent_us = dc_get_u32(head + 16),
                   .range_count = dc_get_u16(head + 20),
                   .attempt = (uint8_t)head[22],
                   .worker_bytes = (uint8_t)head[23] },
        .data = dc_slice_part(*rest, HEAD_BYTES, data_bytes),
    };
    if (!is_valid(piece)) return false;
    size_t used = HEAD_BYTES + data_bytes;
    *rest = dc_slice_part(*rest, used, rest->bytes.len - used);
    return true;
}

// How many of its jobs count.
static uint64_t jobs_of(const dc_cmd_t *piece)
{
    uint64_t jobs = 0;
    for (size_t i = 0; i < piece->piece.range_count; i++) {
        dc_range_t range = dc_wire_get_range(dc_piece_ranges(piece), i);
        jobs += range.end - range.first;
    }
    return piece->piece.range_count ? jobs : piece->piece.count;
}

bool dc_pieces_are_of(dc_str_t bytes, uint64_t first, uint32_t count, uint64_t answered)
{
    dc_slice_t rest = { NULL, bytes };
    dc_cmd_t piece;
    uint64_t jobs = 0;
    while (dc_pieces_take(&rest, &piece)) {
        if (piece.piece.first < first) return false;
        if (piece.piece.first + piece.piece.count > first + count) return false;
        jobs += jobs_of(&piece);
    }
    return rest.bytes.len == 0 && jobs == answered;
}

bool dc_pieces_split(const dc_cmd_t *piece, dc_ranges_t *fresh, dc_slice_t *data)
{
    uint64_t first = piece->piece.first;
    *data = dc_piece_results(piece);
    if (!piece->piece.range_count) return dc_ranges_add(fresh, first, first + piece->piece.count);
    for (size_t i = 0; i < piece->piece.range_count; i++) {
        dc_range_t range = dc_wire_get_range(dc_piece_ranges(piece), i);
        if (!dc_ranges_add(fresh, range.first, range.end)) return false;
    }
    return true;
}
