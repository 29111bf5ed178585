// sheet — a file of lines `name = expression`, in any order, and in which order they are computed.
//
// A name may stand in braces, lines that are blank or begin with `#` are none, and behind an
// expression a `#` begins a comment. An expression uses other cells by their names; what it defines
// itself, and the variables of its reductions, hide these. Each cell is a job, ordered so that what
// it uses comes before it: by level (cells that use none, cells that use only these, ...), and
// within a level so that cells which use the same ones lie together and can share a chunk.
#ifndef DC_CLIENT_CLI_SHEET_SHEET_H
#define DC_CLIENT_CLI_SHEET_SHEET_H

#include "client/cli/recipe/constants.h"
#include "common/map.h"

// More cells than this are no sheet that anybody has written, or can read.
#define DC_SHEET_CELLS_MAX 10000000

// What is said of --reduce.
#define DC_SHEET_IS_NOT_REDUCED "a sheet has cells, and no rows: --reduce goes with rows"

// What is said of a batch that some other program has sent under this one's name.
#define DC_SHEET_IS_NONE "the batch is no sheet that dcalc has sent: a job is no cell"

typedef struct dc_cell {
    dc_str_t name;       // without braces
    dc_str_t text;       // its expression
    uint64_t line;       // of the file, from 1
    uint32_t row;        // which cell of the file it is, from 0
    uint32_t *uses;      // in the arena: cells that it uses, by their rows
    uint32_t use_count;  //
    uint32_t user_count; // how many cells use it
    uint32_t level;      // 0: it uses none
    uint32_t hidden_in; // the row, plus 1, of the cell looked at last that defines this name itself
    uint32_t job;       // its place in the order
    uint64_t uses_hash; // of cells with the same uses it is the same
    UT_hash_handle hh;  // by name
} dc_cell_t;

typedef struct dc_sheet {
    dc_buf_t bytes;          // owned: the file
    dc_cell_t *cells;        // owned: by rows
    dc_cell_t *by_name;      // a map of them
    uint32_t *order;         // owned: rows, by jobs
    uint32_t count;          //
    uint32_t capacity;       //
    uint32_t level_count;    //
    const char *file;        // borrowed: its name
    dc_arena_t arena;        // owned
    dc_constants_t *lets;    // borrowed
    dc_messages_t *messages; // borrowed
} dc_sheet_t;

void dc_sheet_init(dc_sheet_t *self, const char *file, dc_constants_t *lets,
                   dc_messages_t *messages);
void dc_sheet_fini(dc_sheet_t *self);

// Understand the file's `bytes`, which are the sheet's from now on. Returns 0, or EX_DATAERR or
// EX_TEMPFAIL after saying what is wrong, and where: a line that is no cell, a name that there is
// twice or not at all, cells that use each other in a circle.
DC_MUST_USE int dc_sheet_read(dc_sheet_t *self, dc_buf_t *bytes);

// How many uses there are: of each cell those that it uses.
size_t dc_sheet_use_count(const dc_sheet_t *self);

// Lists of who uses each cell, one behind the other: those of row r begin at starts[r], and there
// are as many as the cell says. `users` has room for all uses.
void dc_sheet_list_users(const dc_sheet_t *self, uint32_t *starts, uint32_t *users);

static inline const dc_cell_t *dc_sheet_cell(const dc_sheet_t *self, uint64_t job)
{
    return &self->cells[self->order[job]];
}

#endif
