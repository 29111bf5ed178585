// output — the results of the lease that is being computed, and the pieces that they are sent in.
//
// One thread writes, job after job; any thread may take what is finished at any moment, so that
// what is finished gets out though the next job takes an hour. Writing a number takes no lock and
// copies nothing: results are printed into a block that two threads share, the writer says how far
// it has come, and a piece is a view of a part that will not change any more. Blocks are counted
// and used again.
//
// Calling sequence of the writer: dc_output_begin, then one dc_output_put... for each job in turn,
// dc_output_finish. If memory runs out while results are waiting, nothing sensible can
// be done for them: see dc_output_has_failed.
#ifndef DC_WORKER_OUTPUT_H
#define DC_WORKER_OUTPUT_H

#include "common/expr/value.h"
#include "common/wire.h"
#include "worker/pieces.h"

typedef struct dc_output dc_output_t;

// An empty output. `fd` (an eventfd that does not block, borrowed until destroy, or -1) can be read
// while there are pieces. NULL if memory is short.
dc_output_t *dc_output_new(int fd);
void dc_output_destroy(dc_output_t **self_p);

// Begin the results of `lease` (a LEASE, borrowed for the call). It is `now_us` on
// dc_clock_awake_us().
void dc_output_begin(dc_output_t *self, const dc_cmd_t *lease, dc_us_t now_us);

// Results of the lease that was begun are for other jobs too: -0 is printed as `-0`, else as `0`.
void dc_output_keep_signs(dc_output_t *self, bool is_wanted);

// The next job's value, which took `steps`. DC_ERR_TOO_LARGE, with `diag` filled, if it is too long
// to be sent; with COLUMNS DC_ERR_TYPE if it is not a number: nothing was put then.
DC_MUST_USE dc_err_t dc_output_put(dc_output_t *self, const dc_value_t *value, uint64_t steps,
                                   dc_diag_t *diag);

// The values of the next `count` jobs, numbers or bools (1 and 0), which took `steps` together.
void dc_output_put_many(dc_output_t *self, const double *values, size_t count, bool are_bools,
                        uint64_t steps);

// The next job, of a CHILD lease, gives `bytes` for its join. DC_ERR_TOO_LARGE, with `diag` filled,
// if they are too many to be sent: nothing was put then.
DC_MUST_USE dc_err_t dc_output_put_part(dc_output_t *self, dc_str_t bytes, uint64_t steps,
                                        dc_diag_t *diag);

// The next job is split as `data` (common/wire_fork.h) say: that is a piece of its own. `steps` is
// what it took to find out. Errors as above.
DC_MUST_USE dc_err_t dc_output_put_fork(dc_output_t *self, dc_str_t data, uint64_t steps,
                                        dc_diag_t *diag);

// The next job has failed. Of a CHILD or JOIN lease its piece says so too.
void dc_output_put_fault(dc_output_t *self, const dc_diag_t *diag, uint64_t steps);

// The lease ends here: what was not taken becomes its last piece, which may be empty; or, unless
// `is_last`, a piece if there is anything, since somebody else goes on with the lease. Returns when
// the last piece was made, or the lease begun, on dc_clock_awake_us().
dc_us_t dc_output_finish(dc_output_t *self, bool is_last);

// Forget what is begun and not taken: no more pieces come of this lease, also of what is put from
// now until the next begin. For any thread.
void dc_output_drop(dc_output_t *self);

// Move the pieces into `pieces` (empty; its memory is used further), and with `partly` what the
// lease that is being computed has finished. For any thread.
void dc_output_take(dc_output_t *self, bool partly, dc_pieces_t *pieces);

// True once memory was short where it must not be: results are lost, so the process must end, and
// others compute them again. For any thread.
bool dc_output_has_failed(const dc_output_t *self);

#endif
