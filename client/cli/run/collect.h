// collect — the results of a batch on their way to the output: put in order, written, acknowledged.
//
// Pieces come in any order, and rows that were not sent have their places between them: those that
// are too long, and those whose results are known already. In order, a
// piece that comes too early is kept; unordered, it is written at once. Nothing is written while
// the sink has no room: what then comes is kept too, and the broker's credit bounds it.
//
// When the batch ends before its time, the rest of its rows is written with the reason in place of
// results.
#ifndef DC_CLIENT_CLI_RUN_COLLECT_H
#define DC_CLIENT_CLI_RUN_COLLECT_H

#include "client/cli/journal/journal.h"
#include "client/cli/journal/kept.h"
#include "client/cli/print/sink.h"
#include "client/cli/run/emit.h"
#include "client/cli/run/order.h"

// Rows that were not sent and wait for their turn: beyond, no more input is read.
#define DC_COLLECT_UNSENT_MAX 1024

typedef struct dc_unsent_row {
    uint64_t job;       // it stands before this one
    uint64_t row, line; //
    dc_kept_t *kept;    // owned: rows that have results; NULL: a row that is too long
} dc_unsent_row_t;

typedef struct dc_collect {
    dcalc_t *dcalc; // borrowed, like the next two
    dc_emit_t *emit;
    dc_sink_t *sink;
    dc_journal_t *journal;   // where results are recorded; borrowed; NULL: nowhere
    dcalc_id_t batch;        // 0 until it is open
    bool is_unordered;       //
    uint64_t first, end;     // which jobs are wanted: all, unless somebody says otherwise
    uint64_t answered_count; // jobs whose results have come, of these
    dc_order_t order;
    dc_unsent_row_t unsent[DC_COLLECT_UNSENT_MAX]; // a ring
    size_t unsent_first, unsent_count;
    size_t kept_bytes;      // of these
    dcalc_err_t rest_error; // why what has no result gets none; DCALC_OK: it may get one
    bool has_failed;        // memory was short: results are missing
} dc_collect_t;

void dc_collect_init(dc_collect_t *self, dcalc_t *dcalc, dc_emit_t *emit, dc_sink_t *sink);

// Of a batch that is fetched only jobs [first, end) are wanted: the others are passed over. Before
// any piece.
void dc_collect_set_window(dc_collect_t *self, uint64_t first, uint64_t end);

// Whether all of a window are written.
bool dc_collect_has_window(const dc_collect_t *self);

// Release what is kept.
void dc_collect_fini(dc_collect_t *self);

// Results have come.
void dc_collect_piece(dc_collect_t *self, const dcalc_piece_t *piece);

// Row `row` (from 0), at line `line`, was not sent: it stands before job `job`. Not while there is
// no room for it.
void dc_collect_lost(dc_collect_t *self, uint64_t job, uint64_t row, uint64_t line);

// Likewise rows that were not sent, since their results are known: these are written when it is
// their turn, at once or from a copy.
void dc_collect_kept(dc_collect_t *self, uint64_t job, const dc_kept_t *kept);
bool dc_collect_has_room(const dc_collect_t *self);

// No more results come, because of `error`: what was sent and has none is due with that.
void dc_collect_give_up(dc_collect_t *self, dcalc_err_t error);

// Write `chunk`, which was not sent, likewise: its first job is the one behind all that were.
// Only when all of these are written.
void dc_collect_unsent(dc_collect_t *self, const dcalc_chunk_t *chunk);
bool dc_collect_has_written_all(const dc_collect_t *self);

// Write what is due, as long as the sink has room.
void dc_collect_drain(dc_collect_t *self);

// True if nothing is due and nothing is kept.
bool dc_collect_is_empty(const dc_collect_t *self);

#endif
