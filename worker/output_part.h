// output_part — what output.c, which makes pieces, and output_put.c, which writes results, share of
// dc_output_t.
#ifndef DC_WORKER_OUTPUT_PART_H
#define DC_WORKER_OUTPUT_PART_H

#include <pthread.h>

#include "common/buf.h"
#include "worker/block.h"
#include "worker/output.h"

// What each result needs at least: the longest number and its newline, or eight bytes.
#define DC_OUTPUT_RESULT_ROOM (DC_NUMBER_TEXT_MAX + 1)

struct dc_output {
    // The writer's own.
    dc_block_t *block; // NULL after a failure
    size_t len;        // of what is in the block
    size_t len_max;    // beyond this length there is no room for a result, or the piece is full
    uint64_t steps;    // of the jobs that are finished
    uint32_t count;    // of these
    uint8_t flags;     // the lease's
    bool keeps_signs;  // -0 is printed as such, as others need it
    dc_buf_t text;     // a result that may be long

    // What the writer publishes.
    _Atomic uint64_t progress;
    _Atomic uint64_t steps_done;

    // Under the mutex.
    pthread_mutex_t mutex;
    uint64_t lease_id, lease_first;
    size_t taken_len; // of the block
    uint64_t taken_steps;
    dc_us_t taken_us; // when the last piece was made
    dc_buf_t faults;  // of jobs that are not taken yet
    dc_pieces_t pieces;
    uint32_t taken_count; // of the lease's jobs
    int fd;               // an eventfd, borrowed; or -1
    bool is_open;         // a lease is being computed, and is not dropped
    bool is_part_failed;  // the lease is of a part of a job, and that has failed

    atomic_bool has_failed; // anybody's
};

// How far the writer has come, in one word, so that both numbers change at once: jobs of the lease
// in the upper half, bytes of the block in the lower.
static inline uint64_t dc_output_pack(uint32_t count, size_t len)
{
    return (uint64_t)count << 32 | (uint32_t)len;
}

// Memory is short where it must not be.
static inline void dc_output_fail(dc_output_t *self)
{
    atomic_store(&self->has_failed, true);
}

// Is there a finished job that is in no piece yet? Under the mutex.
static inline bool dc_output_has_untaken(const dc_output_t *self)
{
    uint64_t progress = atomic_load_explicit(&self->progress, memory_order_acquire);
    return self->is_open && (uint32_t)(progress >> 32) > self->taken_count;
}

// Make a piece of what is finished, marked with `flags`. Under the mutex; by any thread.
void dc_output_cut_piece(dc_output_t *self, uint8_t flags);

// Have room for a result of `bytes` with its newline: hand over what is finished, and where need be
// go on in another block. Under the mutex. There is no block afterwards if memory is short.
void dc_output_make_room(dc_output_t *self, size_t bytes);

#endif
