// former — what an earlier failure has left in a JSON line.
//
// A row that failed is kept (--errors) as its inputs and two members more, `row` and `error`.
// Mended and sent again it still has these, and where it fails once more new ones take their place:
// they are neither doubled nor nested. Where the inputs have such names themselves, both words have
// the same number behind them, from 2. An error of ours is told from such an input by its code.
#ifndef DC_CLIENT_CLI_PRINT_FORMER_H
#define DC_CLIENT_CLI_PRINT_FORMER_H

#include "common/str.h"

// A word and a number.
#define DC_FORMER_NAME_BYTES 32

typedef struct dc_former {
    char row[DC_FORMER_NAME_BYTES], error[DC_FORMER_NAME_BYTES];
} dc_former_t;

// The names with `number`, of which 1 is not written.
dc_former_t dc_former_named(size_t number);

// Find in `object`, a JSON object, what an earlier failure has left, under names whose number is at
// least `first`. False if there is nothing, or if it is no object.
bool dc_former_find(dc_str_t object, size_t first, dc_former_t *former);

// The names to use for a failure of `object`: those of the earlier one, if there was one; else the
// first pair from `first` on of which the object has neither.
dc_former_t dc_former_choose(dc_str_t object, size_t first);

#endif
