#include "tests/sim/plain.h"

#include <stdlib.h>

#include "tests/sim/answers.h"

#define STUCK_NS    (UINT64_C(60) * 1000000000)
#define BEAT_US     1000000
#define PATIENCE_US 3000000

// --- clients -----------------------------------------------------------------------------------

static void begin(sim_t *sim, void *object, uint64_t attempt);
static void client_deliver(sim_t *sim, void *owner, msg_t *msg);

static void client_broken(sim_t *sim, void *owner)
{
    (void)sim;
    (void)owner; // time will tell
}

static void ask(sim_t *sim, plain_client_t *self)
{
    uint64_t first = self->waiting ? self->ends[self->waiting - 1] : self->answered;
    uint64_t count = 1 + sim_below(sim, self->lines_max);
    uint64_t end = dc_min_u64(first + count, self->batch->jobs);
    dc_buf_t text = { 0 };
    for (uint64_t i = first; i < end; i++) {
        job_put_text(self->batch, i, &text);
    }
    if (sim_chance(sim, 500)) text.len--; // most people send no newline at the end
    dc_cmd_t cmd = { .type = DC_CMD_ASK, .data = { NULL, dc_buf_str(&text) } };
    msg_t *msg = msg_new(sim);
    msg_copy(msg, &cmd);
    conn_send(sim, self->conn, msg, true);
    dc_buf_fini(&text);
    self->ends[self->waiting++] = end;
}

static void ask_on(sim_t *sim, plain_client_t *self)
{
    while (self->waiting < self->waiting_max &&
           (self->waiting ? self->ends[self->waiting - 1] : self->answered) < self->batch->jobs) {
        ask(sim, self);
    }
}

static void begin(sim_t *sim, void *object, uint64_t attempt)
{
    plain_client_t *self = object;
    if (self->attempt != attempt || plain_client_is_done(self) || sim->is_closing) return;
    self->waiting = 0;
    conn_close(sim, &self->conn);
    self->conn = conn_new(sim, self, true, client_deliver, client_broken);
    self->conn->is_doubling = false; // it could not tell one reply from the other
    ask_on(sim, self);
    agenda_add(&sim->agenda, sim->now_us + sim->plan.plain_retry_us, begin, self, ++self->attempt);
}

static void take_reply(sim_t *sim, plain_client_t *self, dc_str_t reply)
{
    static const char busy[] = "error: busy";
    if (self->waiting == 0) {
        sim_fail(sim, "a plain client gets a reply to nothing");
        return;
    }
    if (reply.len >= sizeof busy - 1 && memcmp(reply.data, busy, sizeof busy - 1) == 0) {
        // So many at once may never fit.
        self->waiting_max = (self->waiting_max + 1) / 2;
        uint64_t later_us = sim->now_us + sim_between(sim, 100000, 1000000);
        agenda_add(&sim->agenda, later_us, begin, self, ++self->attempt);
        conn_close(sim, &self->conn);
        return;
    }
    answers_take_reply(sim, self->batch, self->answered, self->ends[0], reply);
    self->answered = self->ends[0];
    memmove(self->ends, self->ends + 1, --self->waiting * sizeof *self->ends);
    if (self->answered == self->batch->jobs) {
        self->batch->is_ended = true;
        conn_close(sim, &self->conn);
        return;
    }
    ask_on(sim, self);
    agenda_add(&sim->agenda, sim->now_us + sim->plan.plain_retry_us, begin, self, ++self->attempt);
}

static void client_deliver(sim_t *sim, void *owner, msg_t *msg)
{
    plain_client_t *self = owner;
    for (size_t i = 0; i < msg->len && self->conn && msg->conn == self->conn; i++) {
        if (msg->cmds[i].type != DC_CMD_ANSWER) {
            sim_fail(sim, "a plain client gets %s", dc_command_name(msg->cmds[i].type));
        } else {
            take_reply(sim, self, msg->cmds[i].data.bytes);
        }
    }
    msg_free(sim, msg);
}

plain_client_t *plain_client_new(sim_t *sim, unsigned number)
{
    plain_client_t *self = calloc(1, sizeof *self);
    if (!self) abort();
    self->number = number;
    self->batch = answers_new_batch(sim, 1 + sim_below(sim, 80));
    self->batch->is_plain = true;
    self->batch->long_job = UINT64_MAX;
    self->batch->letter = '@';
    self->batch->retries = DC_RETRIES;
    self->lines_max = sim->plan.plain_lines_max;
    unsigned most = sim_chance(sim, 500) ? 4 : PLAIN_WAITING_MAX;
    self->waiting_max = sim_chance(sim, 500) ? 1 : (unsigned)sim_between(sim, 2, most);
    agenda_add(&sim->agenda, sim_below(sim, 3000000), begin, self, 0);
    return self;
}

void plain_client_destroy(sim_t *sim, plain_client_t **self_p)
{
    conn_close(sim, &(*self_p)->conn);
    free(*self_p);
    *self_p = NULL;
}

bool plain_client_is_done(const plain_client_t *self)
{
    return self->answered == self->batch->jobs;
}

void plain_client_leave(sim_t *sim, plain_client_t *self)
{
    conn_close(sim, &self->conn);
}

void plain_client_break(sim_t *sim, plain_client_t *self)
{
    if (self->conn) conn_break(sim, self->conn);
}

// --- workers -----------------------------------------------------------------------------------

static void worker_start(sim_t *sim, void *object, uint64_t life);
static void worker_deliver(sim_t *sim, void *owner, msg_t *msg);

static void say(sim_t *sim, plain_worker_t *self, const dc_cmd_t *cmd)
{
    msg_t *msg = msg_new(sim);
    msg_copy(msg, cmd);
    conn_send(sim, self->conn, msg, true);
}

static void drop_work(plain_worker_t *self)
{
    dc_slice_drop(&self->work.data);
    self->is_busy = false;
}

static void worker_connect(sim_t *sim, plain_worker_t *self)
{
    conn_close(sim, &self->conn);
    self->conn = conn_new(sim, self, false, worker_deliver, NULL);
    self->heard_us = self->beat_us = sim->now_us;
    dc_cmd_t ready = { .type = DC_CMD_READY };
    say(sim, self, &ready);
}

void plain_worker_kill(sim_t *sim, plain_worker_t *self)
{
    if (!self->conn) return;
    sim_note(sim, "        plain worker %u dies", self->number);
    drop_work(self);
    conn_close(sim, &self->conn);
    uint64_t later_us = sim->now_us + sim_between(sim, 10000, 1000000);
    agenda_add(&sim->agenda, later_us, worker_start, self, ++self->life);
}

static void worked(sim_t *sim, void *object, uint64_t life)
{
    plain_worker_t *self = object;
    if (self->life != life || !self->is_busy) return;
    job_t job;
    if (!job_read(self->work.data.bytes, 0, &job)) {
        sim_fail(sim, "a plain worker gets what is no job");
        return;
    }
    dc_buf_t line = { 0 };
    if (!job_put_result(&job, '@', false, &line, NULL)) {
        plain_worker_kill(sim, self);
        return;
    }
    dc_cmd_t cmd = { .type = DC_CMD_WORKED,
                     .worked = { .id = self->work.work.id },
                     .data = { NULL, dc_buf_str(&line) } };
    drop_work(self);
    say(sim, self, &cmd);
    dc_buf_fini(&line);
}

static void begin_work(sim_t *sim, plain_worker_t *self, dc_cmd_t *cmd)
{
    job_t job;
    if (self->is_busy) return; // the second copy of a message
    self->work = *cmd;
    cmd->data = (dc_slice_t){ 0 };
    self->is_busy = true;
    uint64_t ns = 1000;
    bool is_job = job_read(self->work.data.bytes, 0, &job) && job.batch < sim->batch_count;
    if (is_job) ns = job_ns(&job, sim->batches[job.batch]);
    // Nobody ends a plain worker's job that goes on and on: the broker takes it for lost.
    if (is_job && sim_chance(sim, sim->plan.stuck_per_mille)) {
        ns += STUCK_NS;
        sim->batches[job.batch]->losses[job.index]++;
    }
    agenda_add(&sim->agenda, sim->now_us + 1 + ns / 1000, worked, self, self->life);
}

static void worker_deliver(sim_t *sim, void *owner, msg_t *msg)
{
    plain_worker_t *self = owner;
    for (size_t i = 0; i < msg->len && msg->conn == self->conn; i++) {
        self->heard_us = sim->now_us;
        if (msg->cmds[i].type == DC_CMD_WORK) {
            begin_work(sim, self, &msg->cmds[i]);
        } else if (msg->cmds[i].type != DC_CMD_BEAT) {
            sim_fail(sim, "a plain worker gets %s", dc_command_name(msg->cmds[i].type));
        }
    }
    msg_free(sim, msg);
}

static void worker_tick(sim_t *sim, void *object, uint64_t life)
{
    plain_worker_t *self = object;
    if (self->life != life || !self->conn) return;
    agenda_add(&sim->agenda, sim->now_us + TICK_US, worker_tick, self, life);
    if (sim->now_us - self->heard_us > PATIENCE_US) {
        drop_work(self);
        worker_connect(sim, self);
    } else if (sim->now_us - self->beat_us >= BEAT_US) {
        self->beat_us = sim->now_us;
        dc_cmd_t beat = { .type = DC_CMD_BEAT };
        say(sim, self, &beat);
    }
}

static void worker_start(sim_t *sim, void *object, uint64_t life)
{
    plain_worker_t *self = object;
    if (self->life != life || sim->is_closing) return;
    worker_connect(sim, self);
    agenda_add(&sim->agenda, sim->now_us + TICK_US, worker_tick, self, self->life);
}

plain_worker_t *plain_worker_new(sim_t *sim, unsigned number)
{
    plain_worker_t *self = calloc(1, sizeof *self);
    if (!self) abort();
    self->number = number;
    agenda_add(&sim->agenda, sim_below(sim, 500000), worker_start, self, 0);
    return self;
}

void plain_worker_destroy(sim_t *sim, plain_worker_t **self_p)
{
    plain_worker_kill(sim, *self_p);
    free(*self_p);
    *self_p = NULL;
}
