#include "worker/output_part.h"

#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"

// Two pieces of the longest kind.
#define BLOCK_BYTES ((size_t)2 * DC_PIECE_BYTES_MAX)

// --- blocks ------------------------------------------------------------------------------------

// Go on in a block with room for `bytes`; all of the old one must have been taken. A block of which
// no piece is left is used again. Under the mutex.
static void change_block(dc_output_t *self, size_t bytes)
{
    dc_block_t *block = self->block;
    bool is_free = block && dc_block_is_alone(block);
    if (!is_free || block->capacity < bytes) {
        dc_block_release(&self->block);
        self->block = dc_block_new(bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES);
        if (!self->block) dc_output_fail(self);
    }
    self->len = 0;
    self->taken_len = 0;
    atomic_store_explicit(&self->progress, dc_output_pack(self->count, 0), memory_order_release);
}

// Where the piece that begins now is full. Under the mutex.
static void set_len_max(dc_output_t *self)
{
    if (!self->block) {
        self->len_max = 0;
        return;
    }
    size_t end = dc_min_size(self->len + DC_PIECE_BYTES_MAX, self->block->capacity);
    self->len_max = end > DC_OUTPUT_RESULT_ROOM ? end - DC_OUTPUT_RESULT_ROOM : 0;
}

dc_output_t *dc_output_new(int fd)
{
    dc_output_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->fd = fd;
    self->block = dc_block_new(BLOCK_BYTES);
    if (self->block && pthread_mutex_init(&self->mutex, NULL) == 0) return self;
    dc_block_release(&self->block);
    free(self);
    return NULL;
}

void dc_output_destroy(dc_output_t **self_p)
{
    dc_output_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    dc_pieces_fini(&self->pieces);
    dc_block_release(&self->block);
    dc_buf_fini(&self->faults);
    dc_buf_fini(&self->text);
    pthread_mutex_destroy(&self->mutex);
    free(self);
}

// --- pieces ------------------------------------------------------------------------------------

// Faults and results in one piece of memory of their own.
static bool join_faults(dc_output_t *self, dc_str_t results, dc_slice_t *data)
{
    dc_block_t *block = dc_block_new(self->faults.len + results.len);
    if (!block) return false;
    memcpy(block->data, self->faults.data, self->faults.len);
    if (results.len) memcpy(block->data + self->faults.len, results.data, results.len);
    *data = (dc_slice_t){ &block->blob, { block->data, block->capacity } };
    self->faults.len = 0;
    return true;
}

// What was finished since the last piece, as a slice with a reference of its own.
static bool cut_data(dc_output_t *self, size_t len, dc_slice_t *data)
{
    if (!self->block || self->faults.failed) return false;
    dc_str_t results = dc_str(self->block->data + self->taken_len, len - self->taken_len);
    if (self->faults.len) return join_faults(self, results, data);
    *data = (dc_slice_t){ 0 };
    if (results.len) *data = (dc_slice_t){ dc_blob_retain(&self->block->blob), results };
    return true;
}

// Call the reader. Under the mutex, so that the descriptor can be read if and only if there are
// pieces.
static void wake_reader(dc_output_t *self)
{
    uint64_t one = 1;
    if (self->fd < 0) return;
    ssize_t written = write(self->fd, &one, sizeof one);
    (void)written; // it can only fail where the reader is due to wake anyway
}

void dc_output_cut_piece(dc_output_t *self, uint8_t flags)
{
    uint64_t progress = atomic_load_explicit(&self->progress, memory_order_acquire);
    uint64_t steps = atomic_load_explicit(&self->steps_done, memory_order_relaxed);
    uint32_t count = (uint32_t)(progress >> 32);
    size_t len = (uint32_t)progress;
    size_t faults_bytes = self->faults.len;
    dc_cmd_t *piece = dc_pieces_append(&self->pieces);
    if (!piece || !cut_data(self, len, &piece->data)) {
        if (piece) self->pieces.len--;
        dc_output_fail(self);
        wake_reader(self);
        return;
    }
    if (self->is_part_failed && count > self->taken_count) flags |= DC_RESULT_FAILED;
    dc_us_t now_us = dc_clock_awake_us();
    piece->type = DC_CMD_RESULT;
    piece->result = (struct dc_cmd_result){
        .id = self->lease_id,
        .first = self->lease_first + self->taken_count,
        .count = count - self->taken_count,
        .faults_bytes = (uint32_t)faults_bytes,
        .spent_us = (uint32_t)dc_min_u64(now_us - self->taken_us, UINT32_MAX),
        .flags = flags,
        .steps = steps - self->taken_steps,
    };
    piece->program = (dc_slice_t){ 0 };
    self->taken_count = count;
    self->taken_len = len;
    self->taken_steps = steps;
    self->taken_us = now_us;
    if (self->pieces.len == 1) wake_reader(self);
}

// --- the writer --------------------------------------------------------------------------------

void dc_output_keep_signs(dc_output_t *self, bool is_wanted)
{
    self->keeps_signs = is_wanted;
}

void dc_output_begin(dc_output_t *self, const dc_cmd_t *lease, dc_us_t now_us)
{
    pthread_mutex_lock(&self->mutex);
    self->flags = lease->lease.flags;
    self->lease_id = lease->lease.id;
    self->lease_first = lease->lease.first;
    self->count = self->taken_count = 0;
    self->steps = self->taken_steps = 0;
    self->taken_us = now_us;
    self->faults.len = 0;
    self->is_open = true;
    self->is_part_failed = false;
    atomic_store_explicit(&self->steps_done, 0, memory_order_relaxed);
    // About as many bytes come out as go in: a piece should not end at the block's end.
    size_t expected =
        dc_min_size(lease->data.bytes.len + DC_OUTPUT_RESULT_ROOM, DC_PIECE_BYTES_MAX);
    if (!self->block || self->block->capacity - self->len < expected) {
        change_block(self, BLOCK_BYTES);
    }
    self->taken_len = self->len;
    atomic_store_explicit(&self->progress, dc_output_pack(0, self->len), memory_order_release);
    set_len_max(self);
    pthread_mutex_unlock(&self->mutex);
}

void dc_output_make_room(dc_output_t *self, size_t bytes)
{
    if (self->len + bytes <= self->len_max + DC_OUTPUT_RESULT_ROOM) return;
    if (dc_output_has_untaken(self)) dc_output_cut_piece(self, 0);
    self->taken_len = self->len;
    if (!self->block || self->block->capacity - self->len < bytes) change_block(self, bytes);
    set_len_max(self);
}

dc_us_t dc_output_finish(dc_output_t *self, bool is_last)
{
    pthread_mutex_lock(&self->mutex);
    if (self->is_open && is_last) dc_output_cut_piece(self, DC_RESULT_LAST);
    if (!is_last && dc_output_has_untaken(self)) dc_output_cut_piece(self, 0);
    self->is_open = false;
    self->faults.len = 0;
    dc_us_t taken_us = self->taken_us;
    pthread_mutex_unlock(&self->mutex);
    return taken_us;
}

// --- any thread --------------------------------------------------------------------------------

void dc_output_drop(dc_output_t *self)
{
    pthread_mutex_lock(&self->mutex);
    self->is_open = false;
    self->faults.len = 0;
    pthread_mutex_unlock(&self->mutex);
}

void dc_output_take(dc_output_t *self, bool partly, dc_pieces_t *pieces)
{
    assert(pieces->len == 0);
    pthread_mutex_lock(&self->mutex);
    if (partly && dc_output_has_untaken(self)) dc_output_cut_piece(self, 0);
    bool was_empty = self->pieces.len == 0;
    dc_pieces_t taken = self->pieces;
    self->pieces = *pieces;
    *pieces = taken;
    if (!was_empty && self->fd >= 0) {
        uint64_t count;
        ssize_t got = read(self->fd, &count, sizeof count);
        (void)got;
    }
    pthread_mutex_unlock(&self->mutex);
}

bool dc_output_has_failed(const dc_output_t *self)
{
    return atomic_load_explicit(&self->has_failed, memory_order_relaxed);
}
