// dry_run — a batch that is not sent (--dry-run): all of its input is read and checked, and a
// person is told what would be sent, what would fail before it is evaluated, and what all of it
// would cost.
//
// Text, or with -o json one object:
//
//   {"v":1,"input":"loans.csv","format":"csv","rows":3,"chunks":1,"bytes":71,"malformed":1,
//    "too_long":0,"template":...,"type":"number","variables":[{"name":...,"type":...,
//    "nullable":...}],"first":[{"row":1,"inputs":{...}},{"row":2,"error":{"code":...,
//    "message":...}}],"steps":72,"cut":false,"seconds":0.000001}
//
// Of what takes long just a part is evaluated: with "cut" steps and seconds are more than that.
// With an expression in each row there are "expr" instead of "inputs", and no "template". Where
// numbers are no doubles "numbers" says what they are.
#ifndef DC_CLIENT_CLI_RUN_DRY_RUN_H
#define DC_CLIENT_CLI_RUN_DRY_RUN_H

#include "client/cli/run/computation.h"

// Read the rows of `self->source`, whose recipe is finished. Returns the exit status: 0, 1 where
// rows would fail, or why the input cannot be read; all has been said.
DC_MUST_USE int dc_dry_run(dc_computation_t *self);

#endif
