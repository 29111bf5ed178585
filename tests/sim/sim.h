// sim — the whole cluster in one process, in virtual time: the real cores of broker, worker and
// client, joined by connections that delay, break and double, with processes that stop, die and
// come back. Everything follows from a seed.
//
// This is what the files here share: time, chance, trace and failure. Beside it there are
//
//   plan       how big a simulation is and what goes wrong in it, drawn from the seed
//   agenda     what happens next
//   net        connections and the messages on them
//   parts      jobs that are split, and what their parts are
//   jobs       texts of jobs, their results and how long they take: a pure function of the text
//   hub        the broker's process: its core, and what ROUTER sockets do
//   watch      what must hold whatever the broker does, counted beside it; and likewise
//   patience   who is given up, and when
//   terms      deadlines and holds
//   fair       whose jobs are computed: priorities and turns
//   rate       how many jobs a client begins
//   thrift     that jobs are not leased in vain
//   kept       what is on the disk, and what is said of it
//   slot       a slot's process: its core, and its supervisor
//   runner     the thread of a slot that evaluates
//   inbox      what has arrived at a process
//   caller     what clients' processes have in common: their core, connection and turns
//   app        a client's process: an application that checks every answer
//   plain      plain clients and plain workers, written from the guide
//   depositor  a client that leaves a batch with the broker, and comes back for it
//   greedy     a client that does not care for credit
//   faults     who breaks, stops, kills and restarts
//
// `defects/` holds patches that take one rule each out of a core: the simulation must find them.
#ifndef DC_TESTS_SIM_SIM_H
#define DC_TESTS_SIM_SIM_H

#include "common/buf.h"
#include "common/rng.h"
#include "tests/sim/agenda.h"
#include "tests/sim/jobs.h"
#include "tests/sim/plan.h"

// Cores take 0 for no time at all.
#define ORIGIN_MS 1000000

#define TICK_US (DC_TICK_MS * UINT64_C(1000))

struct msg;
struct conn;

typedef struct sim {
    uint64_t seed;
    plan_t plan;
    dc_rng_t rng;
    uint64_t now_us;
    agenda_t agenda;
    uint64_t steps; // events into cores, ...
    uint64_t ticks; // ... of which so many are ticks
    uint64_t steps_max;
    bool is_tracing;
    bool has_failed;
    dc_buf_t failure;     // what does not hold
    dc_buf_t line;        // of the trace
    bool is_calm;         // faults have stopped
    bool is_closing;      // everybody is to leave
    bool was_preempt_due; // something urgent may have had to wait before the dispatch
    // How it was before the step that the broker has made: whether it had no memory left, and the
    // client that had the batch which is opened; 0: none.
    bool was_full;
    uint64_t former_client;
    bool is_idle_due; // in the dispatch that is going on all busy slots are looked at for idle ones

    struct msg *spare_msgs;
    struct conn *conns; // all that ever were
    uint64_t msg_count;
    uint64_t upsets; // how often a slot, or the broker, was lost or began anew

    struct hub *hub;
    struct fair *fair; // NULL: nobody looks
    // As many as the plan says; the lists are owned, as is what is in them.
    struct slot **slots;
    size_t slot_count;
    struct app **apps;
    size_t app_count;
    struct depositor **depositors; // owned, with its capacity in the plan
    size_t depositor_count;
    struct greedy *greedy; // NULL: there is none
    struct plain_client **plain_clients;
    size_t plain_client_count;
    struct plain_worker **plain_workers;
    size_t plain_worker_count;

    batch_t **batches; // owned: of all clients, by number
    size_t batch_count, batch_capacity;
    const batch_t **named; // owned: of these, by the broker's numbers; NULL: nobody ever had it
    size_t named_capacity;
    uint64_t chunks_sent, chunks_packed, jobs_answered, jobs_failed, jobs_skipped, needs_met,
        jobs_blamed, jobs_doubled, jobs_disputed, forks, tidings, kills, breaks, stops,
        broker_deaths, jobs_spoiled, others_refused;
} sim_t;

static inline dc_us_t sim_now_us(const sim_t *self)
{
    return (dc_us_t)ORIGIN_MS * 1000 + self->now_us;
}

static inline dc_ms_t sim_now_ms(const sim_t *self)
{
    return sim_now_us(self) / 1000;
}

// Something does not hold. The first failure counts; the simulation ends before its next event.
void sim_fail(sim_t *self, const char *format, ...) DC_PRINTF(2, 3);

// A flaw that a core's check returned; NULL is none.
static inline void sim_check(sim_t *self, const char *who, const char *flaw)
{
    if (flaw) sim_fail(self, "%s: %s", who, flaw);
}

// Chance: one of `count`, between two borders (both included), true in `per_mille` of 1000.
static inline uint64_t sim_below(sim_t *self, uint64_t count)
{
    return dc_rng_below(&self->rng, count);
}

static inline uint64_t sim_between(sim_t *self, uint64_t low, uint64_t high)
{
    return low + dc_rng_below(&self->rng, high - low + 1);
}

static inline bool sim_chance(sim_t *self, uint32_t per_mille)
{
    return per_mille && dc_rng_below(&self->rng, 1000) < per_mille;
}

// A line of the trace: what is appended to the buffer that this returns is printed by sim_say_end.
// NULL where nothing is traced.
dc_buf_t *sim_say(sim_t *self);
void sim_say_end(sim_t *self);

// A whole line.
void sim_note(sim_t *self, const char *format, ...) DC_PRINTF(2, 3);

#endif
