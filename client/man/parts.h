// parts — what pages of the manual have from the tables of the programs.
//
//   options PROGRAM       the options of broker, worker or client, behind what they have in common
//   environment PROGRAM   the variables that stand for them
//   keys PROGRAM          those that can stand in a configuration file
//   files                 where that file is
//   commands              the client's commands
//   exit-status           what its exit codes say
//   operators, functions, limits  of expressions
//   faults FIRST LAST     the codes of errors with these numbers (common/err.h)
//   topic NAME            what `dcalc help NAME` prints, as it is
#ifndef DC_CLIENT_MAN_PARTS_H
#define DC_CLIENT_MAN_PARTS_H

#include "common/buf.h"

// Append the part of that name, in mdoc(7). False, and nothing appended, if there is none.
bool dc_man_put_part(dc_str_t name, dc_buf_t *out);

#endif
