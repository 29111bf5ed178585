// sheet_part — what the files of sheet share: sheet.c reads the cells and finds what they use,
// sheet_order.c puts them in order, sheet_feed.c writes them as jobs.
#ifndef DC_CLIENT_CLI_SHEET_SHEET_PART_H
#define DC_CLIENT_CLI_SHEET_SHEET_PART_H

#include "client/cli/sheet/sheet.h"

// Append `FILE:LINE`, or a name in quotes, to what is being said.
void dc_sheet_put_place(const dc_sheet_t *self, uint64_t line);
void dc_sheet_put_name(const dc_sheet_t *self, dc_str_t name);

// For qsort: which of two rows or jobs (uint32_t) is first.
int dc_sheet_compare(const void *a, const void *b);

// Set level and job of each cell, whose uses are known, and the order. Returns 0, or EX_DATAERR or
// EX_TEMPFAIL after saying why.
DC_MUST_USE int dc_sheet_order(dc_sheet_t *self);

#endif
