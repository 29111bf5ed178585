// source — the rows of a batch, chunk by chunk, wherever they come from: arguments, a file, a pipe,
// ranges, another batch.
//
// What has been read is handed out at once where nothing is under way, else in full chunks, or when
// it has waited some milliseconds: so a line that a person types is computed at once, and a pipe
// that dribbles is not sent in crumbs.
#ifndef DC_CLIENT_CLI_INPUT_SOURCE_H
#define DC_CLIENT_CLI_INPUT_SOURCE_H

#include "client/cli/input/again.h"
#include "client/cli/input/cutter.h"
#include "client/cli/input/reader.h"
#include "client/cli/recipe/layout.h"
#include "client/cli/recipe/points.h"
#include "client/cli/sheet/sheet_feed.h"
#include "client/dcalc.h"

typedef struct dc_source {
    dc_reader_t reader;           // of a file or pipe
    dc_cutter_t cutter;           //
    dc_format_t format;           //
    const dc_sweep_t *sweep;      // or ranges; borrowed, as is the next
    dc_points_t *points;          // of wide numbers; else NULL
    const char *const *arguments; // or arguments; borrowed
    size_t argument_count;        //
    dc_sheet_feed_t *sheet;       // or cells; borrowed
    dc_again_t *again;            // or rows that were sent before; borrowed
    dc_buf_t joined;              // owned: arguments or points, as they are sent
    uint64_t row;                 // the next one, from 0
    uint64_t line;                // where it begins in the file, from 1
    uint64_t line_first;          // ... and where the first one did
    dc_ms_t waiting_ms;           // since when bytes wait to be a full chunk; 0: none do
} dc_source_t;

// Rows of a file or pipe that begin at line `line` behind what the reader has taken; the reader is
// taken over. `row_bytes_max` is what a row may have.
void dc_source_init_stream(dc_source_t *self, dc_reader_t *reader, dc_format_t format,
                           uint64_t line, size_t row_bytes_max);
void dc_source_init_sweep(dc_source_t *self, const dc_sweep_t *sweep, dc_points_t *points);
void dc_source_init_arguments(dc_source_t *self, const char *const *arguments, size_t count);
void dc_source_init_sheet(dc_source_t *self, dc_sheet_feed_t *sheet);
void dc_source_init_again(dc_source_t *self, dc_again_t *again);
void dc_source_fini(dc_source_t *self);

// Of a stream: the first line, which stays to be read and is borrowed until then. Waits for it; one
// that is too long, or cannot be read, is cut.
dc_str_t dc_source_peek_line(dc_source_t *self);

typedef enum dc_source_state {
    DC_SOURCE_CHUNK,    // the next rows are there
    DC_SOURCE_LOST,     // the next row is too long to be sent
    DC_SOURCE_WAIT,     // wait until the reader's descriptor is readable, or some milliseconds
    DC_SOURCE_END,      // there are no more
    DC_SOURCE_UNCLOSED, // there are no more: the file ends inside quotes that opened in `line`
    DC_SOURCE_FOREIGN,  // there are none: what a pipe brings is no text
    DC_SOURCE_ERROR,    // reading failed: see the reader's error
} dc_source_state_t;

typedef struct dc_source_item {
    bool is_held;        // by whoever got it, and has neither sent nor dropped it
    dcalc_chunk_t chunk; // its bytes are valid until the next call; `memory` is a reference for
                         // whoever gets the item, or NULL
    uint32_t jobs;       // in it; a lost row counts as one
    size_t room;         // what it takes of a batch's room
    uint64_t row;        // the first one, from 0
    uint64_t line;       // where it is in the file, from 1
    const struct dc_kept
        *kept; // their results, if these are known (client/cli/run/resume.h); else NULL
} dc_source_item_t;

// The next rows. `is_idle` says that nothing is under way, `now` is the time.
dc_source_state_t dc_source_next(dc_source_t *self, bool is_idle, dc_ms_t now,
                                 dc_source_item_t *item);

// Give up an item that is held, if one is: nobody needs its rows any more.
void dc_source_drop_item(dc_source_item_t *item);

// Say in `out` why there are no more rows of the input that is called `name`: `state` is UNCLOSED,
// FOREIGN or ERROR. Returns the exit status.
DC_MUST_USE int dc_source_complain(const dc_source_t *self, dc_source_state_t state,
                                   const char *name, dc_buf_t *out);

// Where poll must wait for more input: a descriptor, or -1 if there is no need.
int dc_source_fd(const dc_source_t *self);

// Whether a person at a terminal may type more of them: that line of the terminal is the person's.
bool dc_source_is_typed(const dc_source_t *self);

// How long poll may wait at most until what was read must go; -1 for any time.
int dc_source_timeout_ms(const dc_source_t *self, dc_ms_t now);

// Wait until there is more input, or what was read must go: for who has nothing else to wait for.
void dc_source_await(const dc_source_t *self);

// Whether what dc_source_rows_expected says is exact.
bool dc_source_is_counted(const dc_source_t *self);

// How many rows there will be, as far as can be told: exactly for ranges and arguments; of a file,
// some pieces of which are read for it, by how long its lines are; 0 if unknown.
uint64_t dc_source_rows_expected(const dc_source_t *self);

#endif
