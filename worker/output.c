#include "worker/output.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fault.h"
#include "worker/block.h"

// Two pieces of the longest kind.
#define BLOCK_BYTES ((size_t)2 * DC_PIECE_BYTES_MAX)

// What each result needs at least: the longest number and its newline, or eight bytes.
#define RESULT_ROOM (DC_NUMBER_TEXT_MAX + 1)

// The longest line that a result may be: with its faults it must fit a frame.
#define RESULT_BYTES_MAX DC_RECORD_BYTES_MAX

// How far the writer has come, in one word, so that both numbers change at once: jobs of the lease
// in the upper half, bytes of the block in the lower.
static uint64_t pack(uint32_t count, size_t len)
{
    return (uint64_t)count << 32 | (uint32_t)len;
}

struct dc_output {
    // The writer's own.
    dc_block_t *block; // NULL after a failure
    size_t len;        // of what is in the block
    size_t len_max;    // beyond this length there is no room for a result, or the piece is full
    uint64_t steps;    // of the jobs that are finished
    uint32_t count;    // of these
    uint8_t flags;     // the lease's
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

// --- blocks ------------------------------------------------------------------------------------

static void fail(dc_output_t *self)
{
    atomic_store(&self->has_failed, true);
}

// Go on in a block with room for `bytes`; all of the old one must have been taken. A block of which
// no piece is left is used again. Under the mutex.
static void change_block(dc_output_t *self, size_t bytes)
{
    dc_block_t *block = self->block;
    bool is_free = block && dc_block_is_alone(block);
    if (!is_free || block->capacity < bytes) {
        dc_block_release(&self->block);
        self->block = dc_block_new(bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES);
        if (!self->block) fail(self);
    }
    self->len = 0;
    self->taken_len = 0;
    atomic_store_explicit(&self->progress, pack(self->count, 0), memory_order_release);
}

// Where the piece that begins now is full. Under the mutex.
static void set_len_max(dc_output_t *self)
{
    if (!self->block) {
        self->len_max = 0;
        return;
    }
    size_t end = dc_min_size(self->len + DC_PIECE_BYTES_MAX, self->block->capacity);
    self->len_max = end > RESULT_ROOM ? end - RESULT_ROOM : 0;
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

// Make a piece of what is finished, marked with `flags`. Under the mutex; by any thread.
static void cut_piece(dc_output_t *self, uint8_t flags)
{
    uint64_t progress = atomic_load_explicit(&self->progress, memory_order_acquire);
    uint64_t steps = atomic_load_explicit(&self->steps_done, memory_order_relaxed);
    uint32_t count = (uint32_t)(progress >> 32);
    size_t len = (uint32_t)progress;
    size_t faults_bytes = self->faults.len;
    dc_cmd_t *piece = dc_pieces_append(&self->pieces);
    if (!piece || !cut_data(self, len, &piece->data)) {
        if (piece) self->pieces.len--;
        fail(self);
        wake_reader(self);
        return;
    }
    if (self->is_part_failed && count > self->taken_count) flags |= DC_RESULT_FAILED;
    dc_us_t now_us = dc_clock_us();
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

// Is there a finished job that is in no piece yet? Under the mutex.
static bool has_untaken(const dc_output_t *self)
{
    uint64_t progress = atomic_load_explicit(&self->progress, memory_order_acquire);
    return self->is_open && (uint32_t)(progress >> 32) > self->taken_count;
}

// --- the writer --------------------------------------------------------------------------------

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
    size_t expected = dc_min_size(lease->data.bytes.len + RESULT_ROOM, DC_PIECE_BYTES_MAX);
    if (!self->block || self->block->capacity - self->len < expected) {
        change_block(self, BLOCK_BYTES);
    }
    self->taken_len = self->len;
    atomic_store_explicit(&self->progress, pack(0, self->len), memory_order_release);
    set_len_max(self);
    pthread_mutex_unlock(&self->mutex);
}

// Have room for a result of `bytes` with its newline: hand over what is finished, and where need be
// go on in another block. Under the mutex.
static void make_room(dc_output_t *self, size_t bytes)
{
    if (self->len + bytes <= self->len_max + RESULT_ROOM) return;
    if (has_untaken(self)) cut_piece(self, 0);
    self->taken_len = self->len;
    if (!self->block || self->block->capacity - self->len < bytes) change_block(self, bytes);
    set_len_max(self);
}

static void make_room_alone(dc_output_t *self, size_t bytes)
{
    pthread_mutex_lock(&self->mutex);
    make_room(self, bytes);
    pthread_mutex_unlock(&self->mutex);
}

// Say that so many more jobs are finished.
static void publish_many(dc_output_t *self, uint32_t count, uint64_t steps)
{
    self->steps += steps;
    self->count += count;
    atomic_store_explicit(&self->steps_done, self->steps, memory_order_relaxed);
    atomic_store_explicit(&self->progress, pack(self->count, self->len), memory_order_release);
}

static void publish(dc_output_t *self, uint64_t steps)
{
    publish_many(self, 1, steps);
}

// Append a line to the block, where there is room for it.
static void append_line(dc_output_t *self, dc_str_t line)
{
    memcpy(self->block->data + self->len, line.data, line.len);
    self->block->data[self->len + line.len] = '\n';
    self->len += line.len + 1;
}

static dc_err_t put_string(dc_output_t *self, const dc_value_t *value, uint64_t steps,
                           dc_diag_t *diag)
{
    self->text.len = 0;
    self->text.failed = false;
    dc_value_print(value, &self->text);
    if (self->text.failed || self->text.len > RESULT_BYTES_MAX) {
        return dc_diag_set(diag, DC_ERR_TOO_LARGE, 0, 0, "the result is longer than %d bytes",
                           RESULT_BYTES_MAX);
    }
    if (self->len + self->text.len > self->len_max) make_room_alone(self, self->text.len + 1);
    if (!self->block) return DC_OK; // lost, and said by has_failed
    append_line(self, dc_buf_str(&self->text));
    publish(self, steps);
    return DC_OK;
}

static dc_err_t put_column(dc_output_t *self, const dc_value_t *value, uint64_t steps,
                           dc_diag_t *diag)
{
    double number;
    if (value->type == DC_TYPE_NUMBER) {
        number = value->number;
    } else if (value->type == DC_TYPE_BOOL) {
        number = value->boolean;
    } else {
        return dc_diag_set(diag, DC_ERR_TYPE, 0, 0, "the result is a %s, not a number",
                           dc_type_name(value->type));
    }
    memcpy(self->block->data + self->len, &number, sizeof number);
    self->len += sizeof number;
    publish(self, steps);
    return DC_OK;
}

dc_err_t dc_output_put(dc_output_t *self, const dc_value_t *value, uint64_t steps, dc_diag_t *diag)
{
    if (self->len > self->len_max) make_room_alone(self, RESULT_ROOM);
    if (!self->block) return DC_OK;
    if (self->flags & DC_LEASE_COLUMNS) return put_column(self, value, steps, diag);
    if (value->type == DC_TYPE_STRING) return put_string(self, value, steps, diag);
    // There is room for the longest number, so the view does not grow.
    dc_buf_t view = { self->block->data, self->len, self->block->capacity, false };
    dc_value_print(value, &view);
    view.data[view.len++] = '\n';
    self->len = view.len;
    publish(self, steps);
    return DC_OK;
}

// Append as many of the values as fit behind each other, and return how many that is: 1 at least,
// as there is room for one.
static uint32_t append_values(dc_output_t *self, const double *values, size_t count, bool are_bools)
{
    bool are_columns = self->flags & DC_LEASE_COLUMNS;
    dc_buf_t view = { self->block->data, self->len, self->block->capacity, false };
    uint32_t done = 0;
    while (done < count && view.len <= self->len_max) {
        double number = values[done++];
        dc_value_t value = { .type = DC_TYPE_NUMBER, .number = number };
        if (are_columns) {
            memcpy(view.data + view.len, &number, sizeof number);
            view.len += sizeof number;
            continue;
        }
        if (are_bools) value = (dc_value_t){ .type = DC_TYPE_BOOL, .boolean = number != 0 };
        dc_value_print(&value, &view);
        view.data[view.len++] = '\n';
    }
    self->len = view.len;
    return done;
}

void dc_output_put_many(dc_output_t *self, const double *values, size_t count, bool are_bools,
                        uint64_t steps)
{
    while (count) {
        if (self->len > self->len_max) make_room_alone(self, RESULT_ROOM);
        if (!self->block) return; // lost, and said by has_failed
        uint32_t done = append_values(self, values, count, are_bools);
        // Of steps the first ones are counted with all, the others with none.
        publish_many(self, done, steps);
        steps = 0;
        values += done;
        count -= done;
    }
}

// Append bytes that are no line. Under the mutex, like the next.
static void append_bytes(dc_output_t *self, dc_str_t bytes, uint64_t steps)
{
    make_room(self, bytes.len);
    if (!self->block) return; // lost, and said by has_failed
    if (bytes.len) memcpy(self->block->data + self->len, bytes.data, bytes.len);
    self->len += bytes.len;
    publish(self, steps);
}

dc_err_t dc_output_put_part(dc_output_t *self, dc_str_t bytes, uint64_t steps, dc_diag_t *diag)
{
    if (bytes.len > RESULT_BYTES_MAX) {
        return dc_diag_set(diag, DC_ERR_TOO_LARGE, 0, 0, "a part's result is longer than %d bytes",
                           RESULT_BYTES_MAX);
    }
    pthread_mutex_lock(&self->mutex);
    append_bytes(self, bytes, steps);
    pthread_mutex_unlock(&self->mutex);
    return DC_OK;
}

dc_err_t dc_output_put_fork(dc_output_t *self, dc_str_t data, uint64_t steps, dc_diag_t *diag)
{
    if (data.len > DC_FRAME_BYTES_MAX) {
        return dc_diag_set(diag, DC_ERR_TOO_LARGE, 0, 0, "the job's parts are longer than %d bytes",
                           DC_FRAME_BYTES_MAX);
    }
    pthread_mutex_lock(&self->mutex);
    if (has_untaken(self)) cut_piece(self, 0);
    append_bytes(self, data, steps);
    if (has_untaken(self)) cut_piece(self, DC_RESULT_FORK);
    pthread_mutex_unlock(&self->mutex);
    return DC_OK;
}

// What stands in the results for a job that has failed, in `text`.
static void print_fault(dc_output_t *self, const dc_diag_t *diag)
{
    static const uint64_t quiet_nan = UINT64_C(0x7FF8000000000000);
    self->text.len = 0;
    self->text.failed = false;
    if (self->flags & DC_LEASE_COLUMNS) {
        dc_buf_append(&self->text, &quiet_nan, sizeof quiet_nan);
    } else {
        dc_fault_put_line(&self->text, diag, self->flags & DC_LEASE_TEXT);
        dc_buf_append_char(&self->text, '\n');
    }
}

void dc_output_put_fault(dc_output_t *self, const dc_diag_t *diag, uint64_t steps)
{
    print_fault(self, diag);
    pthread_mutex_lock(&self->mutex);
    if (self->faults.len > DC_PIECE_BYTES_MAX) cut_piece(self, 0);
    make_room(self, self->text.len);
    if (self->block && !self->text.failed) {
        // Fault, line and progress together: whoever takes a piece finds all of a job or nothing.
        if (self->is_open && !(self->flags & DC_LEASE_TEXT)) {
            dc_fault_put(&self->faults, self->lease_first + self->count, diag);
        }
        self->is_part_failed = self->flags & (DC_LEASE_CHILD | DC_LEASE_JOIN);
        memcpy(self->block->data + self->len, self->text.data, self->text.len);
        self->len += self->text.len;
        publish(self, steps);
    } else {
        fail(self);
    }
    pthread_mutex_unlock(&self->mutex);
}

dc_us_t dc_output_finish(dc_output_t *self, bool is_last)
{
    pthread_mutex_lock(&self->mutex);
    if (self->is_open && is_last) cut_piece(self, DC_RESULT_LAST);
    if (!is_last && has_untaken(self)) cut_piece(self, 0);
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
    if (partly && has_untaken(self)) cut_piece(self, 0);
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
