// sheet_part — what the files of sheet share: sheet.c reads the cells and finds what they use,
// sheet_order.c puts them in order, explain_sheet.c tells of both. Nobody else includes it.
#ifndef DC_CLIENT_CLI_SHEET_SHEET_PART_H
#define DC_CLIENT_CLI_SHEET_SHEET_PART_H

#include "client/cli/sheet/sheet.h"

// Append `FILE:LINE`, or a name in quotes, to what is being said.
void dc_sheet_put_place(const dc_sheet_t *self, uint64_t line);
void dc_sheet_put_name(const dc_sheet_t *self, dc_str_t name);

// Lists of who uses each cell, one behind the other: those of row r begin at starts[r], and there
// are as many as the cell says. `users` has room for all uses.
void dc_sheet_list_users(const dc_sheet_t *self, uint32_t *starts, uint32_t *users);

// How many uses there are: of each cell those that it uses.
size_t dc_sheet_use_count(const dc_sheet_t *self);

// Set level and job of each cell, whose uses are known, and the order. Returns 0, or EX_DATAERR or
// EX_TEMPFAIL after saying why.
DC_MUST_USE int dc_sheet_order(dc_sheet_t *self);

#endif
