#include "tests/sim/jobs.h"

#include <stdlib.h>

#include "common/bytes.h"
#include "common/fault.h"
#include "tests/sim/parts.h"

uint64_t job_mix(uint64_t a, uint64_t b)
{
    uint64_t x = (a + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ (b + 1) * UINT64_C(0xd6e8feb86659fd93);
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 29;
}

static void *make_array(uint64_t count, size_t bytes)
{
    void *array = calloc(count ? count : 1, bytes);
    if (!array) abort();
    return array;
}

batch_t *batch_new(uint32_t number, uint64_t jobs, uint64_t seed)
{
    batch_t *self = make_array(1, sizeof *self);
    self->number = number;
    self->jobs = jobs;
    dc_put_u64(self->key.bytes, number);
    dc_put_u64(self->key.bytes + 8, seed);
    self->letter = (char)('A' + number % 26);
    self->poison = self->long_job = UINT64_MAX;
    self->answers = make_array(jobs, sizeof *self->answers);
    self->given = make_array(jobs, sizeof *self->given);
    self->losses = make_array(jobs, sizeof *self->losses);
    self->lied = make_array(jobs, sizeof *self->lied);
    self->forked_us = make_array(jobs, sizeof *self->forked_us);
    self->told_serial = make_array(jobs, sizeof *self->told_serial);
    self->begun_life = make_array(jobs, sizeof *self->begun_life);
    self->errors = make_array(jobs, sizeof *self->errors);
    self->needs = make_array(jobs, sizeof *self->needs);
    self->chunk_serial = make_array(jobs, sizeof *self->chunk_serial);
    return self;
}

void batch_destroy(batch_t **self_p)
{
    batch_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    free(self->answers);
    free(self->given);
    free(self->losses);
    free(self->lied);
    free(self->forked_us);
    free(self->told_serial);
    free(self->begun_life);
    free(self->errors);
    free(self->needs);
    free(self->chunk_serial);
    free(self);
}

static char kind_of(const batch_t *batch, uint64_t index)
{
    if (index == batch->poison) return batch->tree_per_mille ? 'T' : 'p';
    if (index == batch->long_job) return 'l';
    uint64_t chance = job_mix(batch->number, index) % 1000;
    if (chance < batch->fault_per_mille) return 'f';
    if (chance < batch->fault_per_mille + batch->slow_per_mille) return 's';
    if (job_mix(index, chance) % 1000 < batch->tree_per_mille) return 't';
    return batch->is_records ? 'r' : 'n';
}

// --- texts -------------------------------------------------------------------------------------

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

char *job_put_number(char *at, uint64_t number)
{
    char reversed[16];
    size_t len = 0;
    do {
        reversed[len++] = digits[number % 36];
        number /= 36;
    } while (number);
    while (len) {
        *at++ = reversed[--len];
    }
    return at;
}

const char *job_take_number(const char *at, const char *end, uint64_t *number)
{
    *number = 0;
    for (; at < end; at++) {
        if (*at >= '0' && *at <= '9') {
            *number = *number * 36 + (uint64_t)(*at - '0');
        } else if (*at >= 'a' && *at <= 'z') {
            *number = *number * 36 + (uint64_t)(*at - 'a') + 10;
        } else {
            break;
        }
    }
    return at;
}

static void put_columns(const batch_t *self, uint64_t index, dc_buf_t *out)
{
    char bytes[8] = { kind_of(self, index), 'c' };
    dc_put_u16(bytes + 2, (uint16_t)self->number);
    dc_put_u32(bytes + 4, (uint32_t)index);
    dc_buf_append(out, bytes, sizeof bytes);
}

void job_put_text(const batch_t *self, uint64_t index, dc_buf_t *out)
{
    if (self->width) {
        put_columns(self, index, out);
        return;
    }
    if (!dc_buf_reserve(out, 64)) abort();
    char *at = out->data + out->len;
    *at++ = kind_of(self, index);
    at = job_put_number(at, self->number);
    *at++ = '.';
    at = job_put_number(at, index);
    // Some are longer than others, so that no width fits all.
    for (uint64_t more = job_mix(index, self->number) % 4; more; more--) {
        *at++ = ' ';
    }
    if (self->is_records) {
        *at++ = '\n';
        *at++ = '!';
    }
    *at++ = '\n';
    out->len = (size_t)(at - out->data);
}

bool job_read(dc_str_t text, uint32_t width, job_t *job)
{
    if (width) {
        if (text.len != 8 || text.data[1] != 'c') return false;
        *job = (job_t){ .kind = text.data[0],
                        .batch = dc_get_u16(text.data + 2),
                        .index = dc_get_u32(text.data + 4) };
        return true;
    }
    if (text.len < 4) return false;
    const char *end = text.data + text.len;
    uint64_t batch, index;
    const char *at = job_take_number(text.data + 1, end, &batch);
    if (at == end || *at != '.') return false;
    at = job_take_number(at + 1, end, &index);
    *job = (job_t){ .kind = text.data[0], .batch = (uint32_t)batch, .index = index };
    if (at < end && *at == '/') job->path = dc_str(at + 1, (size_t)(end - at - 1));
    return true;
}

// --- results -----------------------------------------------------------------------------------

void job_put_failure(const job_t *job, uint64_t leaf, bool is_columns, dc_buf_t *out,
                     dc_buf_t *faults)
{
    dc_diag_t diag;
    dc_diag_set(&diag, DC_ERR_DIVIDE_BY_ZERO, (size_t)(job->index % 7), 1, "job %llu at %llx",
                (unsigned long long)job->index, (unsigned long long)leaf);
    if (faults) dc_fault_put(faults, job->index, &diag);
    if (is_columns) {
        const uint64_t quiet_nan = UINT64_C(0x7ff8000000000000);
        dc_buf_append(out, &quiet_nan, sizeof quiet_nan);
    } else {
        dc_fault_put_line(out, &diag, !faults);
    }
}

void job_put_value(const job_t *job, uint64_t value, char letter, bool is_columns, dc_buf_t *out)
{
    if (is_columns) {
        value += (uint64_t)letter;
        dc_buf_append(out, &value, sizeof value);
        return;
    }
    if (!dc_buf_reserve(out, 64)) abort();
    char *at = out->data + out->len;
    *at++ = '=';
    at = job_put_number(at, job->batch);
    *at++ = '.';
    at = job_put_number(at, job->index);
    *at++ = '.';
    at = job_put_number(at, value);
    *at++ = letter;
    out->len = (size_t)(at - out->data);
    if (!job_is_wide(letter)) return;
    if (!dc_buf_reserve(out, JOB_WIDE_BYTES)) abort();
    memset(out->data + out->len, letter, JOB_WIDE_BYTES);
    out->len += JOB_WIDE_BYTES;
}

bool job_put_result(const job_t *job, char letter, bool is_columns, dc_buf_t *out, dc_buf_t *faults)
{
    outcome_t outcome = { .kind = job->kind, .value = job_mix(job->batch, job->index) };
    if (parts_are_in(job)) outcome = parts_outcome(job);
    if (outcome.kind == 'p') return false;
    if (outcome.kind == 'f') {
        job_put_failure(job, outcome.value, is_columns, out, faults);
    } else {
        job_put_value(job, outcome.value, letter, is_columns, out);
    }
    return true;
}

uint64_t job_ns(const job_t *job, const batch_t *batch)
{
    if (job->kind == 'l') return batch->long_ns;
    if (parts_are_in(job)) return parts_outcome(job).ns;
    uint64_t chance = job_mix(job->index, job->batch);
    if (job->kind == 's') return 1000000 * (20 + chance % 80);
    return batch->job_ns / 2 + chance % (batch->job_ns + 1);
}
