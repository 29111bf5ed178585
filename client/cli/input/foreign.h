// foreign — bytes that no rows begin with, and what to do with them.
#ifndef DC_CLIENT_CLI_INPUT_FOREIGN_H
#define DC_CLIENT_CLI_INPUT_FOREIGN_H

#include "common/str.h"

// What input is that begins with `bytes`, as the end of a sentence; static. NULL if it may be rows.
const char *dc_foreign_format(dc_str_t bytes);

#endif
