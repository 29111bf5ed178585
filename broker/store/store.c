#include "broker/store/store.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "broker/store/store_work.h"
#include "common/clock.h"

struct dc_store {
    dc_store_work_t work; // the thread's, once that is started

    int cpu; // that the thread is for, or DC_STORE_ANY_CPU
    pthread_t thread;
    bool has_thread;
    int done_fd;

    pthread_mutex_t mutex;   // of what follows
    pthread_cond_t has_more; // waits by the clock that stops while the machine does
    dc_store_queue_t queue;  // to do
    size_t queued;           // groups in it
    dc_us_t due_us;          // when they have to be begun; 0: now
    dc_store_queue_t done;
    bool is_closing;
    char trouble[DC_STORE_TROUBLE_MAX];
    uint64_t stalled_bytes; // of the log
    bool has_rest;          // there is something to tidy

    char told[DC_STORE_TROUBLE_MAX]; // the caller's copy of `trouble`
};

// --- the thread --------------------------------------------------------------------------------

// Have the caller look at what is done, and whether there is trouble.
static void wake(const dc_store_t *self)
{
    uint64_t one = 1;
    // It can only be full, which says the same.
    if (write(self->done_fd, &one, sizeof one) < 0) return;
}

// How many rows and bytes a group has, those that it is to bring too.
static void weigh(const dc_store_op_t *group, size_t *rows, size_t *bytes)
{
    for (; group; group = group->also) {
        *rows += 1;
        *bytes += group->data.bytes.len + group->program.bytes.len;
        if (group->what == DC_STORE_READ) *bytes += group->read.expected;
    }
}

// Wait until there is something to do.
static void wait_for_more(dc_store_t *self)
{
    while (!self->is_closing && !self->has_rest) {
        if (!self->queue.first) {
            pthread_cond_wait(&self->has_more, &self->mutex);
        } else if (dc_clock_awake_us() < self->due_us) {
            struct timespec due = { .tv_sec = (time_t)(self->due_us / 1000000),
                                    .tv_nsec = (long)(self->due_us % 1000000 * 1000) };
            pthread_cond_timedwait(&self->has_more, &self->mutex, &due);
        } else {
            return;
        }
    }
}

// Take what is to be done at once. NULL when the store is to close, and has nothing to do; or, if
// there is something to tidy.
static dc_store_op_t *take(dc_store_t *self, bool *is_over)
{
    pthread_mutex_lock(&self->mutex);
    wait_for_more(self);
    dc_store_queue_t taken;
    dc_store_queue_init(&taken);
    size_t rows = 0;
    size_t bytes = 0;
    while (self->queue.first && rows < DC_STORE_ROWS_MAX && bytes < DC_STORE_COMMIT_BYTES) {
        weigh(self->queue.first, &rows, &bytes);
        dc_store_queue_push(&taken, dc_store_queue_pop(&self->queue));
        self->queued--;
    }
    *is_over = !taken.first && self->is_closing;
    pthread_mutex_unlock(&self->mutex);
    return taken.first;
}

// The groups from `first` are done, and the caller's again, with what went wrong meanwhile.
static void give_back(dc_store_t *self, dc_store_op_t *first)
{
    dc_store_work_t *work = &self->work;
    pthread_mutex_lock(&self->mutex);
    while (first) {
        dc_store_op_t *following = first->next;
        dc_store_queue_push(&self->done, first);
        first = following;
    }
    if (work->trouble[0]) memcpy(self->trouble, work->trouble, sizeof self->trouble);
    work->trouble[0] = '\0';
    self->stalled_bytes = work->stalled_bytes;
    self->has_rest = !work->is_clean && !work->has_failed;
    pthread_mutex_unlock(&self->mutex);
}

// Let the calling thread run there only. False if it may not.
static bool move_to(int cpu)
{
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET((size_t)cpu, &cpus);
    return pthread_setaffinity_np(pthread_self(), sizeof cpus, &cpus) == 0;
}

static void *run(void *context)
{
    dc_store_t *self = context;
    bool is_over = false;
    // It could when it was asked; if not any more, any other one does as well.
    if (self->cpu != DC_STORE_ANY_CPU && !move_to(self->cpu)) self->cpu = DC_STORE_ANY_CPU;
    while (!is_over) {
        dc_store_op_t *taken = take(self, &is_over);
        if (taken) {
            dc_store_work_do(&self->work, taken);
            give_back(self, taken);
            wake(self);
        }
        bool is_worth_telling = !is_over && dc_store_work_tidy(&self->work);
        give_back(self, NULL);
        if (is_worth_telling) wake(self);
    }
    return NULL;
}

// --- calls -------------------------------------------------------------------------------------

// Whether the thread has to be told that `group` has come.
static bool enqueue(dc_store_t *self, dc_store_op_t *group)
{
    dc_us_t due_us = 0;
    bool was_empty = !self->queue.first;
    dc_store_queue_push(&self->queue, group);
    self->queued++;
    if (group->patience_ms && self->queued < DC_STORE_PATIENT_MAX) {
        due_us = dc_clock_awake_us() + (dc_us_t)group->patience_ms * 1000;
    }
    if (!was_empty && due_us >= self->due_us) return false;
    self->due_us = due_us;
    return true;
}

void dc_store_put(dc_store_t *self, dc_store_queue_t *groups)
{
    dc_store_op_t *group;
    bool is_news = false;
    pthread_mutex_lock(&self->mutex);
    while ((group = dc_store_queue_pop(groups))) {
        is_news |= enqueue(self, group);
    }
    if (is_news) pthread_cond_signal(&self->has_more);
    pthread_mutex_unlock(&self->mutex);
}

int dc_store_fd(const dc_store_t *self)
{
    return self->done_fd;
}

dc_store_op_t *dc_store_poll(dc_store_t *self)
{
    pthread_mutex_lock(&self->mutex);
    dc_store_op_t *op = dc_store_queue_pop(&self->done);
    pthread_mutex_unlock(&self->mutex);
    uint64_t count;
    // Only when nothing is left is the next one worth waking up for.
    if (op || read(self->done_fd, &count, sizeof count) < 0) return op;
    pthread_mutex_lock(&self->mutex);
    op = dc_store_queue_pop(&self->done);
    pthread_mutex_unlock(&self->mutex);
    if (!op) return NULL;
    // It came between the look and the reading; others may have come with it.
    uint64_t one = 1;
    if (write(self->done_fd, &one, sizeof one) < 0) return op;
    return op;
}

uint64_t dc_store_stalled_bytes(dc_store_t *self)
{
    pthread_mutex_lock(&self->mutex);
    uint64_t bytes = self->stalled_bytes;
    pthread_mutex_unlock(&self->mutex);
    return bytes;
}

const char *dc_store_trouble(dc_store_t *self)
{
    pthread_mutex_lock(&self->mutex);
    memcpy(self->told, self->trouble, sizeof self->told);
    self->trouble[0] = '\0';
    pthread_mutex_unlock(&self->mutex);
    return self->told;
}

bool dc_store_use_cpu(dc_store_t *self, int cpu)
{
    cpu_set_t mine;
    self->cpu = cpu;
    if (cpu == DC_STORE_ANY_CPU) return true;
    if (pthread_getaffinity_np(pthread_self(), sizeof mine, &mine) != 0 || !move_to(cpu)) {
        return false;
    }
    return pthread_setaffinity_np(pthread_self(), sizeof mine, &mine) == 0;
}

uint64_t dc_store_epoch(const dc_store_t *self)
{
    return dc_store_db_epoch(self->work.db);
}

uint64_t dc_store_highest(const dc_store_t *self)
{
    return dc_store_db_highest(self->work.db);
}

// Signals are the main thread's.
static bool start_thread(dc_store_t *self)
{
    sigset_t all, former;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    self->has_thread = pthread_create(&self->thread, NULL, run, self) == 0;
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    return self->has_thread;
}

// The thread begins when there is nothing more to be found: until then the database is the
// caller's.
dc_err_t dc_store_start(dc_store_t *self, dc_store_found_fn *found, void *context)
{
    dc_err_t err = dc_store_work_recover(&self->work, found, context);
    give_back(self, NULL);
    if (err != DC_OK) return err;
    return start_thread(self) ? DC_OK : DC_ERR_NOMEM;
}

// --- life cycle --------------------------------------------------------------------------------

static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

static dc_err_t open_all(dc_store_t *self, const char *dir, uint64_t bytes_max, dc_diag_t *diag)
{
    self->done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (self->done_fd < 0) {
        return dc_diag_set(diag, DC_ERR_IO, 0, 0, "cannot open the store: no descriptor is left");
    }
    return dc_store_work_open(&self->work, dir, bytes_max, diag);
}

dc_store_t *dc_store_open(const char *dir, uint64_t bytes_max, dc_diag_t *diag)
{
    dc_store_t *self = calloc(1, sizeof *self);
    if (!self) {
        dc_diag_set_no_memory(diag);
        return NULL;
    }
    self->done_fd = -1;
    self->cpu = DC_STORE_ANY_CPU;
    pthread_mutex_init(&self->mutex, NULL);
    init_condition(&self->has_more);
    dc_store_queue_init(&self->queue);
    dc_store_queue_init(&self->done);
    if (open_all(self, dir, bytes_max, diag) != DC_OK) dc_store_close(&self);
    return self;
}

static void end_thread(dc_store_t *self)
{
    if (!self->has_thread) return;
    pthread_mutex_lock(&self->mutex);
    self->is_closing = true;
    pthread_cond_signal(&self->has_more);
    pthread_mutex_unlock(&self->mutex);
    pthread_join(self->thread, NULL);
}

void dc_store_close(dc_store_t **self_p)
{
    dc_store_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    end_thread(self);
    dc_store_work_close(&self->work);
    dc_store_queue_fini(&self->queue);
    dc_store_queue_fini(&self->done);
    if (self->done_fd >= 0) close(self->done_fd);
    pthread_cond_destroy(&self->has_more);
    pthread_mutex_destroy(&self->mutex);
    free(self);
}
