// slot — a worker process's session: what it said of itself and the leases that it holds.
#ifndef DC_BROKER_CORE_SLOTS_SLOT_H
#define DC_BROKER_CORE_SLOTS_SLOT_H

#include "broker/core/jobs/chunk.h"
#include "broker/core/report/stats.h"
#include "common/map.h"

struct dc_kind;
struct dc_slot;

// The right of one slot to compute [next, end) of a chunk.
typedef struct dc_lease {
    uint64_t id; // a random number, never 0; the address in a plain worker's messages
    struct dc_slot *slot;
    dc_chunk_t *chunk;    // NULL: nobody wants the results any more
    uint64_t next, end;   // what it covers: not yet given back, not yet trimmed off
    uint64_t offered_end; // what the slot was told first
    uint64_t open;        // how many of [next, end) are not answered
    uint32_t nodes;       // that are kept for what it may give back (broker/core/schedule/ready.h)
    double cost_us;       // how long [next, end) should take
    double expected_bytes;
    dc_ms_t since_ms; // when it was given, its turn came in its slot, or it last gave results
    dc_us_t given_us; // when it was given, for statistics
    uint8_t attempt;
    bool is_guess;         // its cost was not known when it was given
    bool is_double;        // its one job was leased before, to its twin, and counts as that one's
    struct dc_lease *twin; // of a job that was leased twice: the other lease; else NULL
    double again_us;       // doubles of it made way: it has none before it has run so long
    struct dc_lease *double_prev, *double_next; // all doubles, the oldest first
    struct dc_lease *prev, *next_in_slot;       // its slot's, in the order in which they run
    struct dc_lease *chunk_prev, *chunk_next;   // its chunk's
} dc_lease_t;

typedef enum dc_room {
    DC_ROOM_IDLE,  // no lease at all
    DC_ROOM_SOME,  // fewer than it should hold
    DC_ROOM_PLAIN, // a plain worker without a job
    DC_ROOM_NONE,  // as many as it should hold, or it takes no more
} dc_room_t;

// A worker: all slots that give the same name for it.
typedef struct dc_worker {
    char name[65];
    uint32_t slot_count;
    struct dc_slot *slots; // list of these
    bool is_draining;      // all of them are to leave
    dc_stats_t *stats;     // owned; NULL: nothing is measured
    UT_hash_handle hh;
} dc_worker_t;

// What a slot says of itself with its heartbeats; nothing of it is trusted further than to itself.
typedef struct dc_beat {
    bool is_known;
    char text[96]; // as it came, if it fits; an idle slot says the same again and again
    size_t text_len;
    double load;           // of its machine, a core: the mean number of processes that want it
    uint64_t memory_bytes; // that its machine has left
    double speed;          // steps a second
    uint64_t lease;        // that it is at; 0: none
    uint64_t first, count; // jobs of that lease
    dc_ms_t since_ms;      // when it began with them
} dc_beat_t;

typedef struct dc_slot {
    dc_peer_t peer;
    uint64_t number; // s1, s2, ... for people
    bool is_plain;   // a plain Paranoid Pirate worker: one expression at a time
    bool is_draining;
    bool is_preempted;    // gets nothing more until it has done with what it has
    bool has_yielded;     // what waited behind the lease that runs was taken back for who came
    bool is_cut;          // ... of which nothing more can be taken back for what is urgent
    dc_key_t session;     // zero if it is plain
    dc_worker_t *worker;  // NULL if it is plain
    struct dc_kind *kind; // those with the same tags
    char name[DC_NAME_BYTES_MAX + 1]; // its worker's, of ...
    uint8_t name_len;                 // ... so many bytes
    char host[65];
    char engine[17];
    uint64_t pid;
    dc_ms_t heard_ms, ready_ms;
    dc_ms_t beat_ms; // when its next heartbeat is due

    uint64_t memory_bytes_max; // what a job may use there, as it says; 0: it does not
    dc_beat_t beat;
    bool is_loaded;  // its machine has more to do than it can
    bool is_short;   // ... too little memory for a job
    bool is_fit;     // neither, and it takes work: counted by its kind
    double pace;     // how many times as long as usual it takes for a job
    double spent_us; // that is: what its last jobs took, ...
    double usual_us; // ... and what they take by their batches' means

    dc_lease_t *leases;
    uint32_t lease_count;
    uint32_t guess_count; // of these, leases whose cost nobody knew when they were given
    double work_us;       // sum of its leases' cost
    uint64_t jobs_done;
    double busy_us; // worker time that it reported

    struct dc_slot *worker_prev, *worker_next; // its worker's slots

    dc_room_t room;
    struct dc_slot *room_prev, *room_next;   // the slots of its kind with as much room
    struct dc_slot *busy_prev, *busy_next;   // those of its kind, plain or ours, with leases
    struct dc_slot *guess_prev, *guess_next; // ours with leases of unknown cost that are not cut
    struct dc_slot *heard_prev, *heard_next; // all slots, longest silent first
    struct dc_slot *told_prev, *told_next;   // those that are plain as it is, first due first
    UT_hash_handle hh, hh_session;
} dc_slot_t;

#endif
