#include "worker/runner.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utlist.h>

#include "common/clock.h"
#include "worker/results.h"

// The clock is read once for so many jobs or steps, whichever are first: at some nanoseconds a step
// that is less than a millisecond, and reading costs less than a nanosecond a job.
#define CLOCK_JOBS  64
#define CLOCK_STEPS 100000

typedef struct lease {
    dc_cmd_t cmd;         // its slices hold references of their own
    _Atomic uint64_t end; // index; trimmed by the other thread
    struct lease *prev, *next;
} lease_t;

struct dc_runner {
    dc_evaluator_t *evaluator; // the thread's, like the next
    dc_output_t *output;       // shared, with a lock of its own
    _Atomic uint64_t at;       // index of the job that runs
    atomic_bool is_cancelled;  // that job is not wanted any more
    _Atomic uint64_t timeout_ms;
    int fd;
    pthread_t thread;

    // Under the mutex.
    pthread_mutex_t mutex;
    pthread_cond_t has_work;
    lease_t *waiting; // in their order
    lease_t *running; // NULL if none
    bool is_asleep;   // the thread waits for `has_work`
    bool is_ending;
};

static void free_lease(lease_t *lease)
{
    dc_slice_drop(&lease->cmd.data);
    dc_slice_drop(&lease->cmd.program);
    free(lease);
}

// --- the thread --------------------------------------------------------------------------------

// When the current job must be over, on the clock.
typedef struct deadline {
    dc_us_t now_us; // when the clock was read last
    uint64_t timeout_us;
    uint32_t jobs; // since then, the current one included
    uint64_t steps;
} deadline_t;

static void read_clock(deadline_t *self)
{
    self->now_us = dc_clock_awake_us();
    self->jobs = 1;
    self->steps = 0;
}

static dc_us_t next_deadline(deadline_t *self)
{
    if (self->jobs++ == CLOCK_JOBS || self->steps > CLOCK_STEPS) read_clock(self);
    dc_us_t deadline_us;
    bool is_none = self->timeout_us == 0 ||
                   __builtin_add_overflow(self->now_us, self->timeout_us, &deadline_us);
    return is_none ? 0 : deadline_us;
}

static deadline_t begin_deadlines(const dc_program_t *program)
{
    deadline_t self = { 0 };
    if (__builtin_mul_overflow(program->timeout_ms, (uint64_t)1000, &self.timeout_us)) {
        self.timeout_us = 0;
    }
    read_clock(&self);
    self.jobs = 0;
    return self;
}

// Evaluate the current job. One that ran out of time may have been charged with the time of those
// before it, since the clock was read: it is given another try with all of its own.
static dc_err_t eval_job(dc_runner_t *self, deadline_t *deadline, dc_budget_t *budget,
                         dc_value_t *value, dc_diag_t *diag)
{
    budget->deadline_us = next_deadline(deadline);
    dc_err_t err = dc_evaluator_eval(self->evaluator, budget, value, diag);
    if (err == DC_ERR_TIME && deadline->jobs > 1) {
        read_clock(deadline);
        budget->deadline_us = next_deadline(deadline);
        err = dc_evaluator_eval(self->evaluator, budget, value, diag);
    }
    deadline->steps += budget->steps_used;
    return err;
}

static void run_jobs(dc_runner_t *self, const lease_t *lease)
{
    const dc_program_t *program = dc_evaluator_program(self->evaluator);
    dc_budget_t budget = { .steps_max = program->steps_max, .cancel = &self->is_cancelled };
    deadline_t deadline = begin_deadlines(program);
    uint64_t index = lease->cmd.lease.first;
    dc_value_t value;
    dc_evaluated_t evaluated;
    dc_diag_t diag;
    for (; dc_evaluator_take(self->evaluator); index++) {
        atomic_store_explicit(&self->at, index, memory_order_relaxed);
        uint64_t end = atomic_load_explicit(&lease->end, memory_order_relaxed);
        if (index >= end) break;
        if (dc_evaluator_take_values(self->evaluator, end - index, &evaluated)) {
            dc_output_put_many(self->output, evaluated.values, evaluated.count, evaluated.are_bools,
                               evaluated.steps);
            deadline.steps += evaluated.steps;
            index += evaluated.count - 1;
            continue;
        }
        dc_err_t err = eval_job(self, &deadline, &budget, &value, &diag);
        bool is_put =
            dc_results_put(self->output, self->evaluator, err, &value, budget.steps_used, &diag);
        if (!is_put) break;
    }
}

static void run_lease(dc_runner_t *self, const lease_t *lease)
{
    dc_evaluator_begin(self->evaluator, &lease->cmd);
    dc_output_keep_signs(self->output,
                         dc_evaluator_program(self->evaluator)->format == DC_FORMAT_SHEET);
    atomic_store_explicit(&self->timeout_ms, dc_evaluator_program(self->evaluator)->timeout_ms,
                          memory_order_relaxed);
    run_jobs(self, lease);
    dc_evaluator_end(self->evaluator);
    dc_output_finish(self->output, true);
}

// Wait for the next lease and make it the running one, which is ready to be trimmed. NULL at the
// end.
static lease_t *begin_next(dc_runner_t *self)
{
    pthread_mutex_lock(&self->mutex);
    if (self->running) free_lease(self->running);
    self->running = NULL;
    while (!self->waiting && !self->is_ending) {
        self->is_asleep = true;
        pthread_cond_wait(&self->has_work, &self->mutex);
        self->is_asleep = false;
    }
    lease_t *lease = self->is_ending ? NULL : self->waiting;
    if (lease) {
        DL_DELETE(self->waiting, lease);
        self->running = lease;
        atomic_store_explicit(&self->at, lease->cmd.lease.first, memory_order_relaxed);
        atomic_store_explicit(&self->is_cancelled, false, memory_order_relaxed);
        dc_output_begin(self->output, &lease->cmd, dc_clock_awake_us());
    }
    pthread_mutex_unlock(&self->mutex);
    return lease;
}

static void *run(void *argument)
{
    dc_runner_t *self = argument;
    const lease_t *lease;
    while ((lease = begin_next(self)))
        run_lease(self, lease);
    return NULL;
}

// --- life --------------------------------------------------------------------------------------

static void free_parts(dc_runner_t *self)
{
    dc_output_destroy(&self->output);
    dc_evaluator_destroy(&self->evaluator);
    if (self->fd >= 0) close(self->fd);
    free(self);
}

static bool start_thread(dc_runner_t *self)
{
    if (pthread_mutex_init(&self->mutex, NULL) != 0) return false;
    if (pthread_cond_init(&self->has_work, NULL) == 0) {
        if (pthread_create(&self->thread, NULL, run, self) == 0) return true;
        pthread_cond_destroy(&self->has_work);
    }
    pthread_mutex_destroy(&self->mutex);
    return false;
}

dc_runner_t *dc_runner_new(dc_spot_t *spot)
{
    dc_runner_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    atomic_init(&self->timeout_ms, DC_JOB_TIMEOUT_MS);
    self->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    self->evaluator = dc_evaluator_new(spot, false);
    self->output = dc_output_new(self->fd);
    if (self->fd >= 0 && self->evaluator && self->output && start_thread(self)) return self;
    free_parts(self);
    return NULL;
}

void dc_runner_destroy(dc_runner_t **self_p)
{
    dc_runner_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    dc_runner_stop(self);
    pthread_mutex_lock(&self->mutex);
    self->is_ending = true;
    pthread_cond_signal(&self->has_work);
    pthread_mutex_unlock(&self->mutex);
    pthread_join(self->thread, NULL);
    pthread_cond_destroy(&self->has_work);
    pthread_mutex_destroy(&self->mutex);
    free_parts(self);
}

// --- the other thread --------------------------------------------------------------------------

bool dc_runner_run(dc_runner_t *self, const dc_cmd_t *cmd)
{
    lease_t *lease = malloc(sizeof *lease);
    if (!lease) return false;
    lease->cmd = *cmd;
    lease->cmd.data = lease->cmd.program = (dc_slice_t){ 0 };
    if (!dc_slice_keep(&cmd->data, &lease->cmd.data) ||
        !dc_slice_keep(&cmd->program, &lease->cmd.program)) {
        free_lease(lease);
        return false;
    }
    atomic_init(&lease->end, cmd->lease.first + cmd->lease.count);
    pthread_mutex_lock(&self->mutex);
    DL_APPEND(self->waiting, lease);
    if (self->is_asleep) pthread_cond_signal(&self->has_work);
    pthread_mutex_unlock(&self->mutex);
    return true;
}

// Break off the job that runs if it is behind the end of its lease. Under the mutex.
static void break_off(dc_runner_t *self)
{
    if (!self->running) return;
    uint64_t at = atomic_load_explicit(&self->at, memory_order_relaxed);
    uint64_t end = atomic_load_explicit(&self->running->end, memory_order_relaxed);
    if (at >= end) atomic_store_explicit(&self->is_cancelled, true, memory_order_relaxed);
}

void dc_runner_trim(dc_runner_t *self, uint64_t id, uint64_t end)
{
    pthread_mutex_lock(&self->mutex);
    lease_t *lease = self->running;
    if (!lease || lease->cmd.lease.id != id) {
        DL_SEARCH_SCALAR(self->waiting, lease, cmd.lease.id, id);
    }
    if (lease && end < atomic_load_explicit(&lease->end, memory_order_relaxed)) {
        atomic_store_explicit(&lease->end, end, memory_order_relaxed);
        break_off(self);
    }
    pthread_mutex_unlock(&self->mutex);
}

// Forget the lease that runs. Under the mutex.
static void drop_running(dc_runner_t *self)
{
    atomic_store_explicit(&self->running->end, 0, memory_order_relaxed);
    atomic_store_explicit(&self->is_cancelled, true, memory_order_relaxed);
    dc_output_drop(self->output);
}

static void drop_waiting(dc_runner_t *self, lease_t *lease)
{
    DL_DELETE(self->waiting, lease);
    free_lease(lease);
}

void dc_runner_cancel(dc_runner_t *self, uint64_t id)
{
    pthread_mutex_lock(&self->mutex);
    if (self->running && self->running->cmd.lease.id == id) {
        drop_running(self);
    } else {
        lease_t *lease;
        DL_SEARCH_SCALAR(self->waiting, lease, cmd.lease.id, id);
        if (lease) drop_waiting(self, lease);
    }
    pthread_mutex_unlock(&self->mutex);
}

void dc_runner_stop(dc_runner_t *self)
{
    pthread_mutex_lock(&self->mutex);
    while (self->waiting)
        drop_waiting(self, self->waiting);
    if (self->running) drop_running(self);
    pthread_mutex_unlock(&self->mutex);
}

bool dc_runner_is_idle(dc_runner_t *self)
{
    pthread_mutex_lock(&self->mutex);
    bool is_idle = !self->running && !self->waiting;
    pthread_mutex_unlock(&self->mutex);
    return is_idle;
}

void dc_runner_take(dc_runner_t *self, bool partly, dc_pieces_t *pieces)
{
    if (partly) {
        // A trim may have met the runner between two jobs, and missed the second one.
        pthread_mutex_lock(&self->mutex);
        break_off(self);
        pthread_mutex_unlock(&self->mutex);
    }
    dc_output_take(self->output, partly, pieces);
}

int dc_runner_fd(const dc_runner_t *self)
{
    return self->fd;
}

uint64_t dc_runner_timeout_ms(const dc_runner_t *self)
{
    return atomic_load_explicit(&self->timeout_ms, memory_order_relaxed);
}

bool dc_runner_has_failed(const dc_runner_t *self)
{
    return dc_output_has_failed(self->output);
}
