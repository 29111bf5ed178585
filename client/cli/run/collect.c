#include "client/cli/run/collect.h"

#include <stdlib.h>

#include "common/limits.h"

void dc_collect_init(dc_collect_t *self, dcalc_t *dcalc, dc_emit_t *emit, dc_sink_t *sink)
{
    *self = (dc_collect_t){ .dcalc = dcalc, .emit = emit, .sink = sink, .end = UINT64_MAX };
    dc_order_init(&self->order);
}

void dc_collect_set_window(dc_collect_t *self, uint64_t first, uint64_t end)
{
    self->first = first;
    self->end = end;
    dc_order_pass(&self->order, first);
}

bool dc_collect_has_window(const dc_collect_t *self)
{
    return self->answered_count == self->end - self->first && dc_collect_is_empty(self);
}

void dc_collect_fini(dc_collect_t *self)
{
    dcalc_piece_t *piece;
    while ((piece = dc_order_take_any(&self->order))) {
        dcalc_piece_release(&piece);
    }
    dc_order_fini(&self->order);
    for (; self->unsent_count; self->unsent_count--, self->unsent_first++) {
        free(self->unsent[self->unsent_first % DC_COLLECT_UNSENT_MAX].kept);
    }
}

static void write_piece(dc_collect_t *self, const dcalc_piece_t *piece, uint64_t first,
                        uint64_t end)
{
    if (self->journal)
        dc_journal_record(self->journal, piece, first, end, self->emit->printer->batch);
    dc_emit_piece(self->emit, piece, first, end);
    // The library keeps what it must send again; what is written it need not.
    if (dcalc_ack(self->dcalc, self->batch, first, end)) self->has_failed = true;
}

static void keep_piece(dc_collect_t *self, const dcalc_piece_t *piece, dcalc_range_t range)
{
    dcalc_piece_t *kept = dcalc_piece_hold(piece);
    if (!kept) {
        self->has_failed = true;
    } else if (!dc_order_put(&self->order, range.first, range.end, kept)) {
        dcalc_piece_release(&kept);
        self->has_failed = true;
    }
}

// Whether a row that was not sent must be written before job `job`.
static bool is_unsent_due(const dc_collect_t *self, uint64_t job)
{
    return self->unsent_count && self->unsent[self->unsent_first].job <= job;
}

// Those of `jobs` that are wanted. The others are done with.
static dcalc_range_t wanted_of(dc_collect_t *self, dcalc_range_t jobs)
{
    dcalc_range_t wanted = { dc_min_u64(dc_max_u64(jobs.first, self->first), jobs.end),
                             dc_max_u64(dc_min_u64(jobs.end, self->end), jobs.first) };
    if (wanted.first > wanted.end) wanted.first = wanted.end;
    dcalc_err_t err = DCALC_OK;
    if (jobs.first < wanted.first)
        err = dcalc_ack(self->dcalc, self->batch, jobs.first, wanted.first);
    if (!err && wanted.end < jobs.end)
        err = dcalc_ack(self->dcalc, self->batch, wanted.end, jobs.end);
    if (err) self->has_failed = true;
    return wanted;
}

void dc_collect_piece(dc_collect_t *self, const dcalc_piece_t *piece)
{
    for (uint32_t i = 0; i < piece->fresh_count; i++) {
        dcalc_range_t range = wanted_of(self, piece->fresh[i]);
        if (range.first == range.end) continue;
        // Late: it was written as a part of the rest.
        if (range.first < self->order.next) continue;
        self->answered_count += range.end - range.first;
        bool is_due = range.first == self->order.next && !is_unsent_due(self, range.first) &&
                      dc_sink_has_room(self->sink);
        if (self->is_unordered) {
            write_piece(self, piece, range.first, range.end);
        } else if (is_due) {
            write_piece(self, piece, range.first, range.end);
            dc_order_pass(&self->order, range.end);
        } else {
            keep_piece(self, piece, range);
        }
    }
}

bool dc_collect_has_room(const dc_collect_t *self)
{
    return self->unsent_count < DC_COLLECT_UNSENT_MAX && self->kept_bytes < DC_KEPT_BYTES_MAX;
}

static void put_unsent(dc_collect_t *self, dc_unsent_row_t row)
{
    assert(dc_collect_has_room(self));
    size_t last = (self->unsent_first + self->unsent_count++) % DC_COLLECT_UNSENT_MAX;
    self->unsent[last] = row;
}

void dc_collect_lost(dc_collect_t *self, uint64_t job, uint64_t row, uint64_t line)
{
    put_unsent(self, (dc_unsent_row_t){ .job = job, .row = row, .line = line });
}

void dc_collect_kept(dc_collect_t *self, uint64_t job, const dc_kept_t *kept)
{
    bool is_due = self->order.next == job && !self->unsent_count && dc_sink_has_room(self->sink);
    if (is_due) {
        dc_emit_kept(self->emit, kept);
        return;
    }
    dc_kept_t *copy = dc_kept_copy(kept);
    if (!copy) self->has_failed = true;
    if (!copy) return;
    put_unsent(self, (dc_unsent_row_t){ .job = job, .kept = copy });
    self->kept_bytes += dc_kept_bytes(copy);
}

static void write_unsent(dc_collect_t *self)
{
    const dc_unsent_row_t *row = &self->unsent[self->unsent_first];
    if (row->kept) {
        dc_emit_kept(self->emit, row->kept);
        self->kept_bytes -= dc_kept_bytes(row->kept);
        free(row->kept);
    } else {
        dc_emit_lost(self->emit, row->row, row->line);
    }
    self->unsent_first = (self->unsent_first + 1) % DC_COLLECT_UNSENT_MAX;
    self->unsent_count--;
}

void dc_collect_give_up(dc_collect_t *self, dcalc_err_t error)
{
    self->rest_error = error;
}

static void write_rest(dc_collect_t *self, const dcalc_chunk_t *chunk, uint64_t first, uint64_t end)
{
    dc_emit_rest(self->emit, chunk, first, end, self->rest_error);
    dc_order_pass(&self->order, end);
}

// The next jobs that are wanted and have no result.
static const dcalc_chunk_t *next_unanswered(const dc_collect_t *self, dcalc_range_t *jobs)
{
    const dcalc_chunk_t *chunk = dcalc_unanswered(self->dcalc, self->batch, self->order.next, jobs);
    if (!chunk || jobs->first >= self->end) return NULL;
    jobs->end = dc_min_u64(jobs->end, self->end);
    return chunk;
}

// Write the next jobs that have no result. False if there are none, or others are due before.
static bool write_unanswered(dc_collect_t *self)
{
    dcalc_range_t jobs;
    if (!self->rest_error) return false;
    const dcalc_chunk_t *chunk = next_unanswered(self, &jobs);
    if (!chunk || (!self->is_unordered && jobs.first != self->order.next)) return false;
    write_rest(self, chunk, jobs.first, jobs.end);
    return true;
}

void dc_collect_unsent(dc_collect_t *self, const dcalc_chunk_t *chunk)
{
    write_rest(self, chunk, chunk->first, chunk->first + chunk->jobs);
}

bool dc_collect_has_written_all(const dc_collect_t *self)
{
    dcalc_range_t jobs;
    return dc_collect_is_empty(self) && !next_unanswered(self, &jobs);
}

void dc_collect_drain(dc_collect_t *self)
{
    while (dc_sink_has_room(self->sink)) {
        uint64_t first, end;
        void *item;
        if (is_unsent_due(self, self->is_unordered ? UINT64_MAX : self->order.next)) {
            write_unsent(self);
        } else if (dc_order_take(&self->order, &first, &end, &item)) {
            dcalc_piece_t *piece = item;
            write_piece(self, piece, first, end);
            dcalc_piece_release(&piece);
        } else if (!write_unanswered(self)) {
            return;
        }
    }
}

bool dc_collect_is_empty(const dc_collect_t *self)
{
    return self->unsent_count == 0 && !self->order.front;
}
