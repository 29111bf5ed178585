#include "broker/store/store.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "broker/store/store_work.h"
#include "common/clock.h"
#include "common/thread.h"

// One of the two threads: they take turns at the work, each doing what is for it.
typedef struct hand {
    dc_store_t *store;
    pthread_t thread;
    bool is_there;
    pthread_cond_t is_next;
} hand_t;

struct dc_store {
    dc_store_work_t work; // of whose turn it is, once the threads are started

    int cpu;     // that the threads are for, or DC_STORE_ANY_CPU
    hand_t main; // does anything
    hand_t mild; // commits what is little, and gives way to all other threads meanwhile
    int done_fd;

    pthread_mutex_t mutex;   // of what follows
    const hand_t *next;      // whose turn it is
    dc_us_t mild_from_us;    // it was slow: its next turn is not before then
    bool is_over;            // there will be no more turns
    pthread_cond_t has_more; // by the clock that stops while the machine does
    dc_store_queue_t queue;  // to do
    size_t queued;           // groups in it
    dc_us_t due_us;          // when they have to be begun; 0: now
    dc_store_queue_t done;
    bool is_closing;
    char trouble[DC_STORE_TROUBLE_MAX];
    uint64_t stalled_bytes; // of the log
    bool has_rest;          // there is something to tidy
    bool is_untidy;         // ... since the mild hand's last turn: it leaves that to the other

    char told[DC_STORE_TROUBLE_MAX]; // the caller's copy of `trouble`
};

// --- the threads -------------------------------------------------------------------------------

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
    while (!self->is_closing && !self->has_rest && !self->is_untidy) {
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

// Whether all that there is to do is little.
static bool is_little(const dc_store_t *self)
{
    size_t rows = 0;
    size_t bytes = 0;
    for (const dc_store_op_t *group = self->queue.first; group; group = group->next) {
        weigh(group, &rows, &bytes);
        if (rows > DC_STORE_MILD_ROWS_MAX || bytes > DC_STORE_MILD_BYTES_MAX) return false;
    }
    return true;
}

// Whom what there is to do is for.
static hand_t *find_hand(dc_store_t *self)
{
    bool is_mains = self->is_closing || self->has_rest || self->is_untidy || !self->mild.is_there;
    bool is_mild = !is_mains && is_little(self) && dc_clock_us() >= self->mild_from_us;
    return is_mild ? &self->mild : &self->main;
}

// Wait until there is something to do for `hand`. False when all is over.
static bool wait_for_turn(hand_t *hand)
{
    dc_store_t *self = hand->store;
    while (!self->is_over) {
        if (self->next != hand) {
            pthread_cond_wait(&hand->is_next, &self->mutex);
            continue;
        }
        wait_for_more(self);
        hand_t *other = find_hand(self);
        if (other == hand) return true;
        self->next = other;
        pthread_cond_signal(&other->is_next);
    }
    return false;
}

// Take what is to be done at once. NULL: there is only something to tidy, or the store is to close.
static dc_store_op_t *take(dc_store_t *self)
{
    dc_store_queue_t taken;
    dc_store_queue_init(&taken);
    size_t rows = 0;
    size_t bytes = 0;
    while (self->queue.first && rows < DC_STORE_ROWS_MAX && bytes < DC_STORE_COMMIT_BYTES) {
        weigh(self->queue.first, &rows, &bytes);
        dc_store_queue_push(&taken, dc_store_queue_pop(&self->queue));
        self->queued--;
    }
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

// Returns how long it took.
static dc_us_t do_taken(dc_store_t *self, dc_store_op_t *taken)
{
    dc_us_t since_us = dc_clock_us();
    if (taken) {
        dc_store_work_do(&self->work, taken);
        give_back(self, taken);
        wake(self);
    }
    return dc_clock_us() - since_us;
}

static void tidy_up(dc_store_t *self)
{
    if (dc_store_work_is_tidy(&self->work)) return;
    bool is_worth_telling = dc_store_work_tidy(&self->work);
    give_back(self, NULL);
    if (is_worth_telling) wake(self);
}

static void end_turns(dc_store_t *self)
{
    self->is_over = true;
    pthread_cond_signal(&self->main.is_next);
    pthread_cond_signal(&self->mild.is_next);
}

// The mild hand was slow: it does not even wait for more for a while, since who waits has to be
// woken before another is.
static void let_rest(dc_store_t *self, dc_us_t took_us)
{
    dc_us_t rest_us = dc_max_u64(DC_STORE_MILD_REST_MS * 1000, DC_STORE_MILD_REST_TIMES * took_us);
    self->mild_from_us = dc_clock_us() + rest_us;
    self->next = &self->main;
    pthread_cond_signal(&self->main.is_next);
}

// The mutex is locked, save while the turn's work is done.
static void take_turn(const hand_t *hand)
{
    dc_store_t *self = hand->store;
    bool is_mild = hand == &self->mild;
    dc_store_op_t *taken = take(self);
    if (!taken && self->is_closing) {
        end_turns(self);
        return;
    }
    pthread_mutex_unlock(&self->mutex);
    dc_us_t took_us = do_taken(self, taken);
    if (!is_mild) tidy_up(self);
    pthread_mutex_lock(&self->mutex);
    self->is_untidy = is_mild && !dc_store_work_is_tidy(&self->work);
    if (is_mild && took_us >= DC_STORE_MILD_SLOW_MS * 1000) let_rest(self, took_us);
}

static void *run(void *context)
{
    hand_t *hand = context;
    dc_store_t *self = hand->store;
    // It could when it was asked; if not any more, any other one does as well.
    if (self->cpu != DC_STORE_ANY_CPU) (void)move_to(self->cpu);
    if (hand == &self->mild) dc_thread_give_way();
    pthread_mutex_lock(&self->mutex);
    while (wait_for_turn(hand)) {
        take_turn(hand);
    }
    pthread_mutex_unlock(&self->mutex);
    return NULL;
}

// --- calls -------------------------------------------------------------------------------------

// Whether whose turn it is has to be told that `group` has come.
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

static void start_hand(hand_t *hand)
{
    hand->is_there = pthread_create(&hand->thread, NULL, run, hand) == 0;
}

// Signals are the broker's main thread's. Without the mild hand the other one does all.
static bool start_hands(dc_store_t *self)
{
    sigset_t all, former;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    pthread_mutex_lock(&self->mutex);
    start_hand(&self->main);
    if (self->main.is_there) start_hand(&self->mild);
    pthread_mutex_unlock(&self->mutex);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    return self->main.is_there;
}

// The threads begin when there is nothing more to be found: until then the database is the
// caller's.
dc_err_t dc_store_start(dc_store_t *self, dc_store_found_fn *found, void *context)
{
    dc_err_t err = dc_store_work_recover(&self->work, found, context);
    give_back(self, NULL);
    if (err != DC_OK) return err;
    return start_hands(self) ? DC_OK : DC_ERR_NOMEM;
}

// --- life cycle --------------------------------------------------------------------------------

// Only has_more is ever waited for up to some time.
static void init_conditions(dc_store_t *self)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&self->has_more, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_cond_init(&self->main.is_next, NULL);
    pthread_cond_init(&self->mild.is_next, NULL);
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
    init_conditions(self);
    self->main.store = self->mild.store = self;
    self->next = &self->main;
    dc_store_queue_init(&self->queue);
    dc_store_queue_init(&self->done);
    if (open_all(self, dir, bytes_max, diag) != DC_OK) dc_store_close(&self);
    return self;
}

static void end_hands(dc_store_t *self)
{
    if (!self->main.is_there) return;
    pthread_mutex_lock(&self->mutex);
    self->is_closing = true;
    pthread_cond_signal(&self->has_more);
    pthread_mutex_unlock(&self->mutex);
    pthread_join(self->main.thread, NULL);
    if (self->mild.is_there) pthread_join(self->mild.thread, NULL);
}

void dc_store_close(dc_store_t **self_p)
{
    dc_store_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    end_hands(self);
    dc_store_work_close(&self->work);
    dc_store_queue_fini(&self->queue);
    dc_store_queue_fini(&self->done);
    if (self->done_fd >= 0) close(self->done_fd);
    pthread_cond_destroy(&self->main.is_next);
    pthread_cond_destroy(&self->mild.is_next);
    pthread_cond_destroy(&self->has_more);
    pthread_mutex_destroy(&self->mutex);
    free(self);
}
