// jobs — what is computed: a job is a text, and its result, its fate and how long it takes follow
// from the text and its batch's program alone, as with expressions.
//
// A job's text is its kind, its batch and its index, so that a result that strays to another job or
// batch is a wrong one: `n3.1f` is a job of batch 3. Kinds: n is a number, f fails, p crashes the
// process that computes it, s takes some 50 ms, l up to minutes, r is a record of two lines, t may
// be split, and T likewise, with a part that may crash (tests/sim/parts.h). In a batch of columns a
// job has 8 bytes instead, and so has its result.
#ifndef DC_TESTS_SIM_JOBS_H
#define DC_TESTS_SIM_JOBS_H

#include "common/buf.h"
#include "common/ranges.h"
#include "common/wire.h"

struct app;

// How often a job was leased since something last went wrong with it.
typedef struct given {
    uint64_t upsets; // what had gone wrong until then
    uint32_t leases;
    uint32_t doubles; // those of them that were beside another
} given_t;

// Everything about the jobs of one client, for as long as the simulation lasts.
typedef struct batch {
    uint32_t number; // in sim_t's list; part of the key
    dc_key_t key;
    char letter; // its program: results end in it, and are wide if it is a small one
    uint32_t width;
    bool is_columns, is_records, is_plain;
    bool is_needing; // its chunks may need results of jobs before them
    bool is_verified;
    const struct batch *after; // one that is kept, before which it must not begin; NULL: none
    bool is_careless;          // its client minds no credit
    uint8_t retries;
    uint32_t tag; // 0: it has none
    uint64_t jobs;
    uint64_t job_ns;
    uint32_t fault_per_mille, slow_per_mille, tree_per_mille;
    uint64_t poison, long_job; // index of one such job; UINT64_MAX: there is none
    uint64_t long_ns;

    // What has become of it.
    uint8_t *answers;      // by index: how often the application got an answer
    uint32_t *losses;      // by index: how often a slot was lost while it may have been at this job
    uint8_t *lied;         // by index: whether a slot has computed it wrongly
    uint64_t *forked_us;   // by index: when a slot split it first; 0: none has
    uint32_t *told_serial; // by index: the session in which it was last delivered
    given_t *given;        // by index
    uint64_t upsets;       // of the batch: how often it was opened, or a job of it split or long
    uint64_t *begun_life;  // by index: in which life of the broker it was last leased
    uint32_t
        *chunk_serial; // by index of a chunk's first job: the session in which it was last sent
    uint32_t serial;   // sessions that opened it
    uint8_t *errors;   // by index: why it failed, as its answer said; 0: it did not
    dc_range_t *needs; // by index: the jobs whose results it is to get; none where `end` is 0
    uint64_t answered;
    bool is_ended;

    // The broker's terms, see tests/sim/terms.h.
    bool is_new; // the OPEN that is looked at is its first
    bool is_held;
    uint64_t due_ms; // its deadline, as the broker's shell counts time; 0: it has none
} batch_t;

// Results of a program with a small letter are so many bytes wider than others.
#define JOB_WIDE_BYTES 4000

static inline bool job_is_wide(char letter)
{
    return letter >= 'a' && letter <= 'z';
}

batch_t *batch_new(uint32_t number, uint64_t jobs, uint64_t seed);
void batch_destroy(batch_t **self_p);

// Append the text of job `index`, with its newline (not in a batch of columns).
void job_put_text(const batch_t *self, uint64_t index, dc_buf_t *out);

// What a text says.
typedef struct job {
    char kind;
    uint32_t batch;
    uint64_t index;
    dc_str_t path; // of a part: what stands behind the slash; borrowed from the text
} job_t;

// A number that depends on both, as by chance.
uint64_t job_mix(uint64_t a, uint64_t b);

// Numbers in texts. Each returns where it ends.
char *job_put_number(char *at, uint64_t number);
const char *job_take_number(const char *at, const char *end, uint64_t *number);

// Read a text without its newline (`width` bytes, if that is not 0). False if it is none of ours.
bool job_read(dc_str_t text, uint32_t width, job_t *job);

// Append the result line without newline, or 8 bytes with `is_columns`; a failed job's fault goes
// to `faults`, which may be NULL: then its line says all. False if it has none, but crashes.
bool job_put_result(const job_t *job, char letter, bool is_columns, dc_buf_t *out,
                    dc_buf_t *faults);

// The same for a job of which it is known what its parts come to: the value, or at which leaf it
// fails.
void job_put_value(const job_t *job, uint64_t value, char letter, bool is_columns, dc_buf_t *out);
void job_put_failure(const job_t *job, uint64_t leaf, bool is_columns, dc_buf_t *out,
                     dc_buf_t *faults);

// How long it takes.
uint64_t job_ns(const job_t *job, const batch_t *batch);

#endif
