// emit — results become output: rows to the sink, faults to the messages, failed rows to --errors.
//
// It gets the results of consecutive jobs, in whatever order the caller wants them written. Where a
// row is nothing but its result line, lines are passed on unparsed and only faults are looked at.
// Where rows are not wanted, something else takes the results.
#ifndef DC_CLIENT_CLI_RUN_EMIT_H
#define DC_CLIENT_CLI_RUN_EMIT_H

#include "client/cli/input/again.h"
#include "client/cli/journal/kept.h"
#include "client/cli/print/printer.h"
#include "client/cli/recipe/reducer.h"
#include "client/cli/run/sheet_again.h"
#include "client/cli/sheet/sheet_rows.h"
#include "client/cli/text/messages.h"
#include "client/dcalc.h"

// What became of a job, for who wants no row.
typedef struct dc_taken {
    dc_buf_t result;            // owned: the result line, without its newline
    dc_buf_t message;           // owned: what the fault says
    dc_fault_t fault;           // its message is in `message`; of code DC_OK: there is none
    uint32_t attempt, spent_us; // of the piece ...
    dc_buf_t worker;            // ... and who computed it, owned
} dc_taken_t;

// What becomes of results, each with what it needs for that.
typedef enum dc_emit_to {
    DC_EMIT_ROWS,        // they are written
    DC_EMIT_CELLS,       // likewise: jobs are cells of `sheet`, and have another order than rows
    DC_EMIT_REDUCED,     // they are taken in order by `reducer`
    DC_EMIT_TAKEN,       // there is one, and it is `taken` as it is
    DC_EMIT_AGAIN,       // failed ones are gathered by `again`, to be sent again
    DC_EMIT_CELLS_AGAIN, // likewise of a sheet: all of its cells are, by `cells_again`
} dc_emit_to_t;

typedef struct dc_emit {
    dc_printer_t *printer;   // borrowed, like all that follow
    dc_messages_t *messages; //
    dc_buf_t *out;           // where rows go
    dc_buf_t *failed_out;    // where failed rows go as JSON; NULL: nowhere
    dc_emit_to_t to;
    union {
        dc_sheet_rows_t *sheet;
        dc_reducer_t *reducer;
        dc_taken_t *taken;
        dc_again_t *again;
        dc_sheet_again_t *cells_again;
    };
    bool has_lines;        // rows have a line in a file
    bool is_failed_only;   // of all rows those that failed are written
    uint64_t line_first;   // of a batch that is fetched: the line of its first row
    uint64_t row_count;    // of all rows
    uint64_t failed_count; // of failed ones, with the next
    uint64_t rest_count;   // of those that nobody computed: the batch ended before
    uint64_t lost_count;   // of those that cannot be sent again: nobody has their inputs any more
    // Where in the bytes of a chunk the last row ended, so that the next is found without looking
    // at those before it.
    const char *chunk_bytes;
    uint64_t chunk_job;
    size_t chunk_at;
} dc_emit_t;

// A chunk's tag says where its first row is: jobs count what was sent, rows what was read, and
// lines what a file has.
uint64_t dc_emit_tag(uint64_t job, uint64_t row, uint64_t line);

// Write or take the results of jobs [first, end) of `piece`, which has them.
void dc_emit_piece(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end);

// Write or take rows whose results were known before.
void dc_emit_kept(dc_emit_t *self, const dc_kept_t *kept);

// Write jobs [first, end) of `chunk` as failed: nobody computes them, because of `error`. They are
// counted and not told of one by one, since all have the same fault.
void dc_emit_rest(dc_emit_t *self, const dcalc_chunk_t *chunk, uint64_t first, uint64_t end,
                  dcalc_err_t error);

// No more cells come (DC_EMIT_CELLS): write those that wait for others, and those that the broker's
// store has spoiled, as failed. Nothing is left to do when it is called again.
void dc_emit_end_cells(dc_emit_t *self);

// Write a row that was not sent, since it is too long.
void dc_emit_lost(dc_emit_t *self, uint64_t row, uint64_t line);

#endif
