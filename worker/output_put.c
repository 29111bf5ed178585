#include "worker/output_part.h"

#include <math.h>

#include "common/fault.h"

// The longest line that a result may be: with its faults it must fit a frame.
#define RESULT_BYTES_MAX DC_RECORD_BYTES_MAX

static void make_room_alone(dc_output_t *self, size_t bytes)
{
    pthread_mutex_lock(&self->mutex);
    dc_output_make_room(self, bytes);
    pthread_mutex_unlock(&self->mutex);
}

// Say that so many more jobs are finished.
static void publish_many(dc_output_t *self, uint32_t count, uint64_t steps)
{
    self->steps += steps;
    self->count += count;
    atomic_store_explicit(&self->steps_done, self->steps, memory_order_relaxed);
    atomic_store_explicit(&self->progress, dc_output_pack(self->count, self->len),
                          memory_order_release);
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

// A value whose text may be of any length.
static dc_err_t put_text(dc_output_t *self, const dc_value_t *value, uint64_t steps,
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
    } else if (value->type == DC_TYPE_DIGITS) {
        return dc_diag_set(diag, DC_ERR_TYPE, 0, 0,
                           "the result is a number of any size, not a double");
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
    if (self->len > self->len_max) make_room_alone(self, DC_OUTPUT_RESULT_ROOM);
    if (!self->block) return DC_OK;
    if (self->flags & DC_LEASE_COLUMNS) return put_column(self, value, steps, diag);
    bool is_text = value->type == DC_TYPE_STRING || value->type == DC_TYPE_DIGITS;
    if (is_text) return put_text(self, value, steps, diag);
    // There is room for the longest number, so the view does not grow.
    dc_buf_t view = { self->block->data, self->len, self->block->capacity, false };
    bool is_signed = value->type == DC_TYPE_NUMBER && value->number == 0 && signbit(value->number);
    if (is_signed && self->keeps_signs) dc_buf_append_char(&view, '-');
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
        if (self->len > self->len_max) make_room_alone(self, DC_OUTPUT_RESULT_ROOM);
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
    dc_output_make_room(self, bytes.len);
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
    if (dc_output_has_untaken(self)) dc_output_cut_piece(self, 0);
    append_bytes(self, data, steps);
    if (dc_output_has_untaken(self)) dc_output_cut_piece(self, DC_RESULT_FORK);
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
    if (self->faults.len > DC_PIECE_BYTES_MAX) dc_output_cut_piece(self, 0);
    dc_output_make_room(self, self->text.len);
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
        dc_output_fail(self);
    }
    pthread_mutex_unlock(&self->mutex);
}
