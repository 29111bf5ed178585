#include "client/request.h"

#include <stdlib.h>

#include "common/program.h"

// What the program allows a job, for the broker to hold a job that forks to. A program that cannot
// be read is a fault of each of its jobs, whatever is allowed. False if memory is short.
static bool read_limits(dc_request_t *self)
{
    dc_arena_t arena;
    dc_program_t program;
    dc_diag_t diag;
    dc_arena_init(&arena, DC_PROGRAM_ARENA_BYTES_MAX);
    dc_err_t err = dc_program_decode(&program, self->program.bytes, &arena, &diag);
    if (!err) {
        self->steps_max = dc_max_u64(program.steps_max, 1);
        bool has_timeout = program.timeout_ms && program.timeout_ms < UINT32_MAX;
        self->timeout_ms = has_timeout ? (uint32_t)program.timeout_ms : UINT32_MAX;
        self->template_bytes = program.template.len;
    }
    dc_arena_fini(&arena);
    return err != DC_ERR_NOMEM;
}

static uint8_t copy_text(char *to, size_t capacity, const char *from)
{
    dc_str_t text = dc_str_from(from);
    size_t len = dc_min_size(text.len, capacity);
    if (len) memcpy(to, text.data, len);
    return (uint8_t)len;
}

static bool copy_after(dc_request_t *self, const dcalc_batch_options_t *options)
{
    if (options->after_count == 0) return true;
    self->after = calloc(options->after_count, sizeof *self->after);
    if (!self->after) return false;
    memcpy(self->after, options->after, options->after_count * sizeof *self->after);
    self->after_count = (uint32_t)options->after_count;
    return true;
}

dc_request_t *dc_request_new(dcalc_id_t id, const dc_key_t *key,
                             const dcalc_batch_options_t *options)
{
    dc_request_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    dc_slice_t program = { .bytes = dc_str(options->program, options->program_bytes) };
    if (!dc_slice_keep(&program, &self->program)) {
        free(self);
        return NULL;
    }
    self->id = id;
    self->kind = options->detached ? DC_REQUEST_DETACHED : DC_REQUEST_INTERACTIVE;
    self->key = *key;
    self->is_keyed = options->key != NULL;
    self->options = *options;
    self->options.program = NULL;
    self->options.name = self->options.tag = self->options.key = NULL;
    self->options.after = NULL;
    self->name_bytes = copy_text(self->name, sizeof self->name, options->name);
    self->tag_bytes = copy_text(self->tag, sizeof self->tag, options->tag);
    dc_sent_init(&self->sent);
    dc_ranges_init(&self->lacks);
    dc_ranges_init(&self->done);
    dc_theirs_init(&self->theirs);
    if (!copy_after(self, options) || !read_limits(self)) dc_request_destroy(&self);
    return self;
}

void dc_request_destroy(dc_request_t **self_p)
{
    dc_request_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    dc_slice_drop(&self->program);
    dc_sent_fini(&self->sent);
    dc_given_fini(&self->given);
    free(self->after);
    dc_ranges_fini(&self->lacks);
    dc_ranges_fini(&self->done);
    dc_theirs_fini(&self->theirs);
    free(self);
}

// --- checking ----------------------------------------------------------------------------------

// Nothing is done with before it is answered; what is committed counts as both.
static const char *audit_done(const dc_request_t *self, const dc_sent_chunk_t *chunk)
{
    uint64_t end = dc_sent_end(chunk);
    uint64_t count = dc_ranges_count_in(&self->done, chunk->chunk.first, end);
    if (self->kind == DC_REQUEST_DETACHED && count != chunk->answered.count) {
        return "receipts and what is kept do not add up";
    }
    if (count == chunk->chunk.jobs) return "a chunk that is done with is kept";
    dc_range_t run = { .end = chunk->chunk.first };
    while (dc_ranges_next_run(&self->done, run.end, end, &run)) {
        if (dc_ranges_count_in(&chunk->answered, run.first, run.end) != run.end - run.first) {
            return "a job is done with that has no answer";
        }
    }
    return NULL;
}

static const char *audit_chunk(const dc_request_t *self, const dc_sent_chunk_t *chunk)
{
    uint64_t first = chunk->chunk.first;
    uint64_t end = dc_sent_end(chunk);
    if (dc_ranges_count_in(&chunk->answered, first, end) != chunk->answered.count) {
        return "an answer for a job that its chunk does not have";
    }
    return audit_done(self, chunk);
}

const char *dc_request_audit(const dc_request_t *self)
{
    uint64_t bytes = 0;
    uint64_t unanswered = 0;
    dc_sent_chunk_t *chunk;
    for (uint64_t at = 0; (chunk = dc_sent_next(&self->sent, at)); at = dc_sent_end(chunk)) {
        const char *why = audit_chunk(self, chunk);
        if (why) return why;
        bytes += dc_sent_cost(&chunk->chunk);
        unanswered += chunk->chunk.jobs - chunk->answered.count;
    }
    if (bytes != self->sent.bytes) return "the bytes of a batch's chunks do not add up";
    if (self->sent.answered + unanswered != self->sent.jobs) {
        return "the answered and unanswered jobs of a batch do not add up";
    }
    if (self->state != DC_REQUEST_OVER && dc_request_is_complete(self)) {
        return "a batch that is complete is not over";
    }
    return NULL;
}
