#include "tests/sim/net.h"

#include <stdlib.h>

#include "tests/sim/codec.h"
#include "tests/sim/hub.h"

// --- messages ----------------------------------------------------------------------------------

msg_t *msg_new(sim_t *sim)
{
    msg_t *self = sim->spare_msgs;
    if (self) {
        sim->spare_msgs = self->next;
        self->next = NULL;
        return self;
    }
    self = calloc(1, sizeof *self);
    if (!self) abort();
    return self;
}

void msg_free(sim_t *sim, msg_t *self)
{
    for (size_t i = 0; i < self->len; i++) {
        dc_slice_drop(&self->cmds[i].data);
        dc_slice_drop(&self->cmds[i].program);
    }
    self->len = 0;
    self->next = sim->spare_msgs;
    sim->spare_msgs = self;
}

static dc_cmd_t *append(msg_t *self)
{
    if (self->len == self->capacity) {
        self->capacity = self->capacity ? 2 * self->capacity : 4;
        self->cmds = realloc(self->cmds, self->capacity * sizeof *self->cmds);
        if (!self->cmds) abort();
    }
    return &self->cmds[self->len++];
}

void msg_take(msg_t *self, dc_cmd_t *cmd)
{
    *append(self) = *cmd;
    cmd->data = cmd->program = (dc_slice_t){ 0 };
}

void msg_copy(msg_t *self, const dc_cmd_t *cmd)
{
    dc_cmd_t *kept = append(self);
    *kept = *cmd;
    kept->data = kept->program = (dc_slice_t){ 0 };
    if (!dc_slice_keep(&cmd->data, &kept->data)) abort();
    if (!dc_slice_keep(&cmd->program, &kept->program)) abort();
}

static msg_t *msg_double(sim_t *sim, const msg_t *self)
{
    msg_t *copy = msg_new(sim);
    for (size_t i = 0; i < self->len; i++) {
        msg_copy(copy, &self->cmds[i]);
    }
    copy->conn = self->conn;
    copy->epoch = self->epoch;
    copy->is_to_broker = self->is_to_broker;
    return copy;
}

// --- connections -------------------------------------------------------------------------------

static void arrive(sim_t *sim, void *object, uint64_t number)
{
    (void)number;
    msg_t *msg = object;
    conn_t *conn = msg->conn;
    bool is_lost = msg->epoch != conn->epoch;
    bool is_heard = !conn->is_closed && conn->deliver;
    if (!is_lost && msg->is_to_broker) {
        hub_deliver(sim, msg);
    } else if (!is_lost && is_heard) {
        conn->deliver(sim, conn->owner, msg);
    } else {
        msg_free(sim, msg);
    }
}

static uint64_t draw_delay(sim_t *sim, const conn_t *conn)
{
    const plan_t *plan = &sim->plan;
    uint64_t delay_us = conn->latency_us + sim_below(sim, conn->latency_us + 1);
    if (!sim->is_calm && sim_chance(sim, plan->spike_per_mille)) {
        delay_us += sim_below(sim, plan->spike_us_max);
    }
    return delay_us;
}

static void transmit(sim_t *sim, msg_t *msg)
{
    conn_t *conn = msg->conn;
    uint64_t *last_us = &conn->last_us[msg->is_to_broker];
    *last_us = dc_max_u64(*last_us, sim->now_us + draw_delay(sim, conn));
    msg->epoch = conn->epoch;
    agenda_add(&sim->agenda, *last_us, arrive, msg, 0);
    if (!conn->is_doubling || sim->is_calm || !sim_chance(sim, sim->plan.double_per_mille)) return;
    agenda_add(&sim->agenda, *last_us, arrive, msg_double(sim, msg), 0);
}

conn_t *conn_new(sim_t *sim, void *owner, bool is_client, net_deliver_t *deliver,
                 net_broken_t *broken)
{
    conn_t *self = calloc(1, sizeof *self);
    if (!self) abort();
    self->owner = owner;
    self->is_client = is_client;
    self->deliver = deliver;
    self->broken = broken;
    self->is_doubling = true;
    self->latency_us = 1 + sim_below(sim, sim->plan.latency_us_max);
    self->next = sim->conns;
    sim->conns = self;
    self->is_up = hub_is_alive(sim->hub);
    if (!self->is_up) conn_break(sim, self);
    return self;
}

static void queue(conn_t *conn, msg_t *msg)
{
    if (conn->waiting) {
        conn->waiting_last->next = msg;
    } else {
        conn->waiting = msg;
    }
    conn->waiting_last = msg;
}

void conn_send(sim_t *sim, conn_t *conn, msg_t *msg, bool is_to_broker)
{
    msg->conn = conn;
    msg->is_to_broker = is_to_broker;
    if (++sim->msg_count % 16 == 0) codec_check(sim, msg);
    if (conn->is_closed || (!conn->is_up && !is_to_broker)) {
        msg_free(sim, msg);
    } else if (!conn->is_up) {
        queue(conn, msg);
    } else {
        transmit(sim, msg);
    }
}

static void drop_waiting(sim_t *sim, conn_t *conn)
{
    while (conn->waiting) {
        msg_t *msg = conn->waiting;
        conn->waiting = msg->next;
        msg->next = NULL;
        msg_free(sim, msg);
    }
}

void conn_close(sim_t *sim, conn_t **conn_p)
{
    conn_t *conn = *conn_p;
    *conn_p = NULL;
    if (!conn || conn->is_closed) return;
    conn->is_closed = true;
    drop_waiting(sim, conn);
    if (conn->peer) hub_lose_peer(sim, conn->peer);
}

static void revive(sim_t *sim, conn_t *conn);

static void come_back(sim_t *sim, void *object, uint64_t epoch)
{
    conn_t *conn = object;
    if (conn->epoch != epoch) return;
    revive(sim, conn);
}

static void tell_owner(sim_t *sim, void *object, uint64_t epoch)
{
    conn_t *conn = object;
    if (conn->is_closed || conn->epoch != epoch) return;
    conn->broken(sim, conn->owner);
}

void conn_break(sim_t *sim, conn_t *conn)
{
    if (conn->is_closed) return;
    conn->is_up = false;
    conn->epoch++;
    if (conn->peer) hub_lose_peer(sim, conn->peer);
    conn->peer = NULL;
    uint64_t later_us = sim->now_us + sim_between(sim, 100, 200000);
    if (!conn->broken) {
        agenda_add(&sim->agenda, later_us, come_back, conn, conn->epoch);
    } else if (sim_chance(sim, sim->plan.noticed_per_mille)) {
        agenda_add(&sim->agenda, later_us, tell_owner, conn, conn->epoch);
    }
}

// It carries again as soon as there is a broker; what waited goes out first.
static void revive(sim_t *sim, conn_t *conn)
{
    if (conn->is_closed || conn->is_up) return;
    if (!hub_is_alive(sim->hub)) {
        uint64_t later_us = sim->now_us + sim_between(sim, 50000, 150000);
        agenda_add(&sim->agenda, later_us, come_back, conn, conn->epoch);
        return;
    }
    conn->is_up = true;
    while (conn->waiting) {
        msg_t *msg = conn->waiting;
        conn->waiting = msg->next;
        msg->next = NULL;
        transmit(sim, msg);
    }
}

void net_fini(sim_t *sim)
{
    agenda_entry_t entry;
    while (agenda_take(&sim->agenda, &entry)) {
        if (entry.run == arrive) msg_free(sim, entry.object);
    }
    while (sim->conns) {
        conn_t *conn = sim->conns;
        sim->conns = conn->next;
        drop_waiting(sim, conn);
        free(conn);
    }
    while (sim->spare_msgs) {
        msg_t *msg = sim->spare_msgs;
        sim->spare_msgs = msg->next;
        free(msg->cmds);
        free(msg);
    }
}
