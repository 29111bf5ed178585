#include "tests/sim/runner.h"

#include "tests/sim/parts.h"

#define PIECE_NS (DC_PIECE_AGE_MS * UINT64_C(1000000))

// How long it takes to see that a job is too big, and to split it.
#define SPLIT_NS 200000

// What a tiny lease may take that does not wait for others, and how far the thread that computes
// such may be ahead of the time.
#define QUICK_NS 1000000

// How many of the widest results fit a piece.
#define WIDE_JOBS_MAX (DC_PIECE_BYTES_MAX / (JOB_WIDE_BYTES + 64))

static void begin(sim_t *sim, runner_t *self);

// --- pieces ------------------------------------------------------------------------------------

// What the slot says instead of the truth, always the same of one job (or part of it), which no
// other says; 0: it is honest about it.
static uint64_t lie_about(sim_t *sim, const runner_t *self, const job_t *job)
{
    batch_t *batch = sim->batches[job->batch];
    if (!self->lie || !batch->is_verified) return 0;
    uint64_t lie = job_mix(job_mix(self->lie, job->batch), job_mix(job->index, job->path.len));
    if (lie % 1000 >= sim->plan.lie_per_mille) return 0;
    batch->lied[job->index] = true;
    return lie | 1;
}

// Give back jobs [next, until) of the first lease, or split the one that they are; it ends with
// that if that `is_last`.
static void give_back(sim_t *sim, runner_t *self, uint64_t until, uint64_t spent_us, bool is_last)
{
    run_lease_t *lease = self->leases;
    const struct dc_cmd_lease *from = &lease->cmd.lease;
    run_result_t to = { .flags = is_last ? DC_RESULT_LAST : 0 };
    uint64_t first = lease->next;
    for (uint64_t index = first; index < until; index++) {
        job_t job;
        if (!run_lease_take(sim, lease, index, &lease->rest, &job)) break;
        if (lease->is_split && parts_split(&job, lease->cmd.data.bytes, &to.results)) {
            to.flags |= DC_RESULT_FORK;
            sim->forks++;
        } else {
            uint64_t lie = lie_about(sim, self, &job);
            if (lie) {
                run_lease_put_lie(lease, lie, &to);
            } else {
                run_lease_put(sim, lease, &job, &to);
            }
        }
    }
    uint32_t faults_bytes = (uint32_t)to.faults.len;
    dc_buf_append_str(&to.faults, dc_buf_str(&to.results));
    dc_cmd_t cmd = { .type = DC_CMD_RESULT,
                     .result = { .id = from->id,
                                 .first = first,
                                 .count = (uint32_t)(until - first),
                                 .faults_bytes = faults_bytes,
                                 .spent_us = (uint32_t)spent_us,
                                 .flags = to.flags,
                                 .steps = to.steps },
                     .data = { NULL, dc_buf_str(&to.faults) } };
    lease->next = until;
    lease->is_decided = lease->is_split = false;
    if (is_last) {
        self->leases = lease->following;
        run_lease_free(lease);
    }
    self->piece(sim, self->owner, &cmd);
    dc_buf_fini(&to.results);
    dc_buf_fini(&to.faults);
}

static void due(sim_t *sim, void *object, uint64_t turn)
{
    runner_t *self = object;
    if (self->turn != turn || self->is_stopped || !self->leases) return;
    run_lease_t *lease = self->leases;
    self->is_running = false;
    uint64_t spent_us = sim->now_us - self->begun_us;
    if (self->crashes) {
        uint64_t block = sim_chance(sim, 500) ? 1 : 1 + sim_below(sim, 8);
        uint64_t at = self->until - lease->cmd.lease.first;
        uint64_t first = dc_max_u64(lease->cmd.lease.first + at / block * block, lease->next);
        uint64_t end = dc_min_u64(lease->cmd.lease.first + (at / block + 1) * block, lease->end);
        if (end <= first) end = first + 1;
        self->crash(sim, self->owner, lease->cmd.lease.id, first, (uint32_t)(end - first));
        return;
    }
    bool is_end = self->until >= lease->end;
    // Some runners see only afterwards that it was the last.
    bool is_apart = is_end && sim_chance(sim, 50);
    give_back(sim, self, self->until, spent_us, is_end && !is_apart);
    if (self->turn != turn) return; // what became of the piece changed the plan
    if (is_apart && self->leases == lease) give_back(sim, self, self->until, 0, true);
    if (self->turn == turn) begin(sim, self);
}

// --- the plan ----------------------------------------------------------------------------------

// How far it comes from `next` within `limit_ns`: sets the index at which it is then, and returns
// the time that it needs up to there. It stops at a job that crashes. What may be split has a piece
// of its own.
static uint64_t look_ahead(sim_t *sim, const run_lease_t *lease, uint64_t limit_ns, uint64_t *index,
                           bool *crashes)
{
    uint64_t ns = 0;
    dc_str_t rest = lease->rest;
    uint64_t end = job_is_wide(run_lease_letter(lease)) ? lease->next + WIDE_JOBS_MAX : UINT64_MAX;
    end = dc_min_u64(end, lease->end);
    *crashes = false;
    for (*index = lease->next; *index < end && ns < limit_ns; (*index)++) {
        job_t job;
        if (!run_lease_take(sim, lease, *index, &rest, &job)) return ns;
        bool is_apart = parts_are_in(&job);
        if (is_apart && *index > lease->next) return ns;
        if (is_apart && lease->is_split) {
            (*index)++;
            return SPLIT_NS;
        }
        outcome_t outcome = run_lease_outcome(sim, lease, &job);
        if (outcome.kind == 'p') {
            *crashes = true;
            return ns + outcome.ns;
        }
        ns += outcome.ns;
        if (is_apart) {
            (*index)++;
            return ns;
        }
    }
    return ns;
}

// Whether the lease's next job is split, should it be one that may.
static void decide(sim_t *sim, run_lease_t *lease)
{
    job_t job;
    dc_str_t rest = lease->rest;
    if (lease->is_decided || lease->next >= lease->end) return;
    lease->is_decided = true;
    if (!run_lease_take(sim, lease, lease->next, &rest, &job) || !parts_are_in(&job)) return;
    dc_buf_t data = { 0 };
    lease->is_split = sim_chance(sim, sim->plan.fork_per_mille) &&
                      parts_split(&job, lease->cmd.data.bytes, &data);
    dc_buf_fini(&data);
}

static void begin(sim_t *sim, runner_t *self)
{
    if (self->is_running || self->is_stopped || !self->leases) return;
    run_lease_t *lease = self->leases;
    self->is_running = true;
    self->begun_us = sim->now_us;
    decide(sim, lease);
    uint64_t ns = look_ahead(sim, lease, PIECE_NS, &self->until, &self->crashes);
    self->due_us = sim->now_us + 1 + ns / 1000;
    agenda_add(&sim->agenda, self->due_us, due, self, ++self->turn);
}

// The thread that received `lease` computes it at once, beside the one that is being computed, if
// it is small, needs little time and nothing happens in it. Then it has gone. That thread has no
// more time than others.
static bool try_quick(sim_t *sim, runner_t *self, run_lease_t *lease)
{
    if (!self->is_running || self->is_stopped || lease->cmd.lease.count > DC_TINY_JOBS_MAX) {
        return false;
    }
    if (self->quick_us > sim->now_us + QUICK_NS / 1000) return false;
    decide(sim, lease);
    uint64_t until;
    bool crashes;
    uint64_t ns = look_ahead(sim, lease, QUICK_NS, &until, &crashes);
    bool is_quick = ns <= QUICK_NS && until == lease->end; // the last job may be a long one
    if (crashes || lease->is_split || !is_quick || !sim_chance(sim, 700)) return false;
    self->quick_us = dc_max_u64(self->quick_us, sim->now_us) + ns / 1000;
    lease->following = self->leases;
    self->leases = lease;
    give_back(sim, self, lease->end, ns / 1000, true);
    return true;
}

void runner_add(sim_t *sim, runner_t *self, const dc_cmd_t *cmd)
{
    run_lease_t *lease = run_lease_new(sim, cmd);
    if (try_quick(sim, self, lease)) return;
    run_lease_t **last = &self->leases;
    while (*last) {
        last = &(*last)->following;
    }
    *last = lease;
    begin(sim, self);
}

static run_lease_t **find(runner_t *self, uint64_t id)
{
    run_lease_t **at = &self->leases;
    while (*at && (*at)->cmd.lease.id != id) {
        at = &(*at)->following;
    }
    return at;
}

// The piece that is being computed ends at `until` by now.
static void cut_short(sim_t *sim, runner_t *self, uint64_t until)
{
    self->until = until;
    self->crashes = false;
    self->due_us = sim->now_us + 1;
    agenda_add(&sim->agenda, self->due_us, due, self, ++self->turn);
}

void runner_trim(sim_t *sim, runner_t *self, uint64_t id, uint64_t end)
{
    run_lease_t *lease = *find(self, id);
    if (!lease || end >= lease->end) return;
    uint64_t old_end = lease->end;
    lease->end = dc_max_u64(end, lease->next);
    if (lease != self->leases || !self->is_running || self->is_stopped) return;
    if (self->until < lease->end || (self->until == lease->end && !self->crashes)) return;
    // It may be beyond the new end already: where it has come to is its end then.
    uint64_t at;
    bool crashes;
    lease->end = old_end;
    look_ahead(sim, lease, (sim->now_us - self->begun_us) * 1000, &at, &crashes);
    lease->end = dc_max_u64(end, lease->next);
    if (at > lease->end) lease->end = at;
    if (at >= lease->end) {
        cut_short(sim, self, lease->end);
        return;
    }
    uint64_t ns = look_ahead(sim, lease, UINT64_MAX, &self->until, &self->crashes);
    self->due_us = dc_max_u64(self->begun_us + 1 + ns / 1000, sim->now_us);
    agenda_add(&sim->agenda, self->due_us, due, self, ++self->turn);
}

void runner_cancel(sim_t *sim, runner_t *self, uint64_t id)
{
    run_lease_t **at = find(self, id);
    run_lease_t *lease = *at;
    if (!lease) return;
    *at = lease->following;
    if (at == &self->leases) {
        self->is_running = false;
        self->turn++;
    }
    run_lease_free(lease);
    begin(sim, self);
}

void runner_clear(sim_t *sim, runner_t *self)
{
    (void)sim;
    while (self->leases) {
        run_lease_t *lease = self->leases;
        self->leases = lease->following;
        run_lease_free(lease);
    }
    self->is_running = false;
    self->turn++;
}

void runner_stop(sim_t *sim, runner_t *self)
{
    self->is_stopped = true;
    self->left_us = self->due_us > sim->now_us ? self->due_us - sim->now_us : 0;
}

void runner_resume(sim_t *sim, runner_t *self)
{
    if (!self->is_stopped) return;
    self->is_stopped = false;
    if (!self->is_running) {
        begin(sim, self);
        return;
    }
    uint64_t due_us = sim->now_us + self->left_us;
    self->begun_us += due_us - self->due_us; // as if it had not been stopped
    self->due_us = due_us;
    agenda_add(&sim->agenda, self->due_us, due, self, ++self->turn);
}
