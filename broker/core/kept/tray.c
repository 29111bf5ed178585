#include "broker/core/kept/tray.h"

#include <stdlib.h>

#include "broker/core/clients/deliver.h"
#include "broker/core/clients/viewer.h"
#include "broker/core/jobs/pieces.h"
#include "broker/core/report/measure.h"
#include "common/fault.h"
#include "common/quantity.h"

// What a tray may hold: half as much again as is stored, so that little is copied often.
#define HELD_BYTES_MAX (DC_STORE_RESULT_BYTES_MAX + DC_STORE_RESULT_BYTES_MAX / 2)

// More than what stands beside the line of a job, were it in a piece of its own: its fault, and
// heads; and more than a job takes that fails because its result does not fit.
#define BESIDE_BYTES_MAX 384
static_assert(DC_DIAG_MESSAGE_MAX + DC_NAME_BYTES_MAX + 100 <= BESIDE_BYTES_MAX,
              "beside a message and a name: heads and a line");
static_assert(DC_CHUNK_RESULTS_BYTES_MAX + DC_CHUNK_JOBS_MAX * BESIDE_BYTES_MAX <=
                  DC_STORE_RESULT_BYTES_MAX,
              "what is kept can be stored");

// Jobs that fail are put so many at a time.
#define FAILURES_MAX 256

// The result of one job, as it lies in the tray.
typedef struct row {
    dc_str_t line; // with its newline; no data: it has none
    dc_str_t fault;
    uint32_t spent_us;
    uint8_t attempt;
    dc_str_t worker;
} row_t;

// --- reading -----------------------------------------------------------------------------------

static dc_str_t take_line(const dc_batch_t *batch, dc_str_t *rest)
{
    dc_str_t line;
    const char *start = rest->data;
    if (batch->flags & DC_OPEN_COLUMNS) {
        *rest = dc_str_behind(*rest, 8);
    } else {
        dc_str_take_line(rest, &line);
    }
    return dc_str(start, (size_t)(rest->data - start));
}

static bool read_piece(const dc_chunk_t *chunk, const dc_cmd_t *piece, row_t *rows)
{
    dc_ranges_t fresh;
    dc_slice_t data = { 0 };
    dc_ranges_init(&fresh);
    bool is_read = dc_pieces_split(piece, &fresh, &data);
    dc_str_t faults = dc_str(data.bytes.data, is_read ? piece->piece.faults_bytes : 0);
    dc_str_t lines = dc_str_behind(data.bytes, faults.len);
    uint32_t spent_us = piece->piece.spent_us;
    for (uint32_t i = 0; is_read && i < piece->piece.count; i++) {
        uint64_t index = piece->piece.first + i;
        dc_str_t line = take_line(chunk->batch, &lines);
        if (!dc_ranges_has(&fresh, index)) continue;
        rows[index - chunk->first] = (row_t){ .line = line,
                                              .fault = dc_fault_take_of(&faults, index),
                                              .spent_us = spent_us,
                                              .attempt = piece->piece.attempt,
                                              .worker = dc_piece_worker(piece) };
        spent_us = 0;
    }
    dc_ranges_fini(&fresh);
    return is_read;
}

static bool read_rows(const dc_chunk_t *chunk, row_t *rows)
{
    dc_cmd_t piece;
    dc_slice_t rest = { NULL, dc_buf_str(&chunk->tray->pieces) };
    while (dc_pieces_take(&rest, &piece)) {
        if (!read_piece(chunk, &piece, rows)) return false;
    }
    return true;
}

// --- writing -----------------------------------------------------------------------------------

static void put_piece(const dc_results_t *results, dc_buf_t *out)
{
    dc_ranges_t all;
    dc_ranges_init(&all);
    bool is_added = dc_ranges_add(&all, results->first, results->first + results->count);
    assert(is_added); // one range needs no memory
    (void)is_added;
    dc_pieces_put(out, results, &all);
    dc_ranges_fini(&all);
}

// Put those of `rows`, which are `count` from job `first` on, that follow one another and make one
// piece. Returns how many they are.
static uint32_t put_some(const row_t *rows, uint64_t first, uint32_t count, dc_buf_t *out)
{
    dc_buf_t data = { 0 };
    dc_buf_t lines = { 0 };
    dc_results_t piece = { .first = first, .attempt = rows->attempt, .worker = rows->worker };
    for (const row_t *row = rows; piece.count < count && row->line.data; row++) {
        if (!dc_str_eq(row->worker, rows->worker)) break;
        if (piece.count && lines.len + row->line.len > DC_PIECE_BYTES_MAX) break;
        dc_buf_append_str(&data, row->fault);
        dc_buf_append_str(&lines, row->line);
        piece.spent_us += row->spent_us;
        piece.count++;
    }
    piece.faults_bytes = (uint32_t)data.len;
    dc_buf_append_str(&data, dc_buf_str(&lines));
    piece.data = (dc_slice_t){ NULL, dc_buf_str(&data) };
    put_piece(&piece, out);
    out->failed |= data.failed || lines.failed;
    dc_buf_fini(&data);
    dc_buf_fini(&lines);
    return piece.count;
}

// Put failures, because of `diag`, for those of `rows` likewise.
static uint32_t fail_some(const dc_batch_t *batch, const row_t *rows, uint64_t first,
                          uint32_t count, const dc_diag_t *diag, dc_buf_t *out)
{
    dc_buf_t data = { 0 };
    dc_results_t piece = { .first = first };
    while (piece.count < dc_min_u64(count, FAILURES_MAX) && rows[piece.count].line.data) {
        piece.count++;
    }
    piece.faults_bytes = dc_deliver_put_failures(batch, first, piece.count, diag, &data);
    piece.data = (dc_slice_t){ NULL, dc_buf_str(&data) };
    put_piece(&piece, out);
    out->failed |= data.failed;
    dc_buf_fini(&data);
    return piece.count;
}

// Put the first `kept` of `rows`, which are all of `chunk`, and let the others fail that have a
// result.
static void put_rows(const dc_chunk_t *chunk, const row_t *rows, uint32_t kept,
                     const dc_diag_t *diag, dc_buf_t *out)
{
    for (uint32_t i = 0; i < chunk->count && !out->failed;) {
        uint64_t first = chunk->first + i;
        if (!rows[i].line.data) {
            i++;
        } else if (i < kept) {
            i += put_some(&rows[i], first, kept - i, out);
        } else {
            i += fail_some(chunk->batch, &rows[i], first, chunk->count - i, diag, out);
        }
    }
}

// --- what fits ---------------------------------------------------------------------------------

// How many jobs from the front have lines of `bytes_max` or less, of those that fit before.
static uint32_t count_kept(const dc_chunk_t *chunk, const row_t *rows, uint64_t bytes_max)
{
    uint32_t kept = 0;
    uint64_t bytes = rows[0].line.len;
    uint32_t most = chunk->count - chunk->tray->cut;
    while (kept < most && bytes <= bytes_max) {
        kept++;
        if (kept < most) bytes += rows[kept].line.len;
    }
    return kept;
}

// Those that fail now and had not by themselves.
static uint32_t count_failing(const dc_chunk_t *chunk, const row_t *rows, uint32_t kept)
{
    uint32_t count = 0;
    for (uint32_t i = kept; i < chunk->count; i++) {
        count += rows[i].line.data && !rows[i].fault.len;
    }
    return count;
}

static void explain(const dc_core_t *self, uint64_t bytes_max, dc_diag_t *diag)
{
    char size[DC_QUANTITY_TEXT_MAX];
    if (bytes_max == DC_CHUNK_RESULTS_BYTES_MAX) {
        dc_diag_set(diag, DC_ERR_TOO_LARGE, 0, 0,
                    "the results of its chunk are more than %u MiB up to here, and no more of one "
                    "are stored: retry what failed, or do not detach it",
                    DC_CHUNK_RESULTS_BYTES_MAX >> 20);
        return;
    }
    dc_size_print(self->settings.batch_bytes_max, size);
    dc_diag_set(diag, DC_ERR_TOO_LARGE, 0, 0,
                "its batch has more than %s, and no more of one is stored (--max-batch of "
                "dcalc-broker): retry what failed, or do not detach it",
                size);
}

static void replace(dc_core_t *self, dc_chunk_t *chunk, dc_buf_t *pieces, dc_actions_t *actions)
{
    dc_buf_t *former = &chunk->tray->pieces;
    chunk->held_bytes += pieces->len - former->len;
    self->memory_bytes += pieces->len - former->len;
    dc_buf_fini(former);
    *former = *pieces;
    *pieces = (dc_buf_t){ 0 };
    // Who looks at it has come to some place in what was there.
    dc_viewer_restart(self, chunk->batch, chunk->first,
                      "its results are more than can be stored: what is has to be read again",
                      actions);
}

// Keep lines of `bytes_max`. False, nothing changed, if memory is short.
static bool fit(dc_core_t *self, dc_chunk_t *chunk, uint64_t bytes_max, dc_actions_t *actions)
{
    dc_diag_t diag;
    dc_buf_t pieces = { 0 };
    row_t *rows = calloc(chunk->count, sizeof *rows);
    if (!rows || !read_rows(chunk, rows)) {
        free(rows);
        return false;
    }
    explain(self, bytes_max, &diag);
    uint32_t kept = count_kept(chunk, rows, bytes_max);
    uint32_t failing = count_failing(chunk, rows, kept);
    put_rows(chunk, rows, kept, &diag, &pieces);
    bool is_made = !pieces.failed;
    if (is_made) {
        chunk->tray->cut = chunk->count - kept;
        dc_measure_failed(self, chunk, failing);
        replace(self, chunk, &pieces, actions);
    }
    dc_buf_fini(&pieces);
    free(rows);
    return is_made;
}

bool dc_tray_see(dc_core_t *self, dc_chunk_t *chunk, dc_actions_t *actions)
{
    if (chunk->tray->pieces.len <= HELD_BYTES_MAX) return true;
    return fit(self, chunk, DC_CHUNK_RESULTS_BYTES_MAX, actions);
}

bool dc_tray_close(dc_core_t *self, dc_chunk_t *chunk, dc_actions_t *actions)
{
    uint64_t stored = chunk->batch->detached->bytes;
    uint64_t most = self->settings.batch_bytes_max;
    uint64_t bytes_max = most > stored ? most - stored : 0;
    if (bytes_max > DC_CHUNK_RESULTS_BYTES_MAX) bytes_max = DC_CHUNK_RESULTS_BYTES_MAX;
    if (chunk->tray->pieces.len <= bytes_max && !chunk->tray->cut) return true;
    return fit(self, chunk, bytes_max, actions);
}
