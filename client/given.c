#include "client/given.h"

#include <stdlib.h>

#include "common/piece_reader.h"
#include "common/wire_needs.h"

void dc_given_fini(dc_given_t *self)
{
    dc_given_result_t *result, *following;
    HASH_ITER(hh, self->results, result, following)
    {
        HASH_DEL(self->results, result);
        dc_slice_drop(&result->result);
        free(result);
    }
}

static dc_given_result_t *find(const dc_given_t *self, uint64_t index)
{
    dc_given_result_t *result;
    HASH_FIND(hh, self->results, &index, sizeof index, result);
    return result;
}

// --- keeping -----------------------------------------------------------------------------------

static bool keep(dc_given_t *self, uint64_t session, uint64_t index, bool is_failed, dc_str_t bytes)
{
    dc_slice_t copy = { .bytes = bytes };
    dc_given_result_t *result = find(self, index) ? NULL : calloc(1, sizeof *result);
    if (!result) return find(self, index) != NULL;
    result->index = index;
    result->session = session;
    result->is_failed = is_failed;
    if (is_failed || dc_slice_keep(&copy, &result->result)) {
        HASH_ADD(hh, self->results, index, sizeof result->index, result);
        if (DC_MAP_ADDED(result)) return true;
    }
    dc_slice_drop(&result->result);
    free(result);
    return false;
}

bool dc_given_keep(dc_given_t *self, uint64_t session, const dc_news_t *news, bool columns)
{
    const dcalc_piece_t *piece = &news->piece;
    const dcalc_range_t *fresh = news->many ? news->many : &news->one;
    const dcalc_range_t *end = fresh + piece->fresh_count;
    dc_piece_reader_t reader = { .faults = dc_str(piece->faults, piece->faults_bytes),
                                 .results = dc_str(piece->results, piece->results_bytes),
                                 .is_columns = columns };
    for (uint64_t i = piece->first; i < piece->first + piece->count && fresh < end; i++) {
        dc_str_t fault;
        dc_str_t result = dc_piece_reader_take(&reader, i, &fault);
        if (i < fresh->first) continue;
        if (!keep(self, session, i, fault.len > 0, result)) return false;
        fresh += i + 1 == fresh->end;
    }
    return true;
}

// --- giving ------------------------------------------------------------------------------------

// What makes one GIVE: results of consecutive jobs that came to the same end.
typedef struct run {
    dc_given_result_t *list[DC_NEEDS_MAX];
    uint32_t count;
    size_t bytes;
} run_t;

static bool fits(const run_t *run, const dc_given_result_t *result)
{
    if (run->count == 0) return true;
    const dc_given_result_t *last = run->list[run->count - 1];
    return run->count < DC_NEEDS_MAX && last->index + 1 == result->index &&
           last->is_failed == result->is_failed &&
           run->bytes + result->result.bytes.len <= DC_CHUNK_BYTES_MAX;
}

// Send the run, and begin a new one. False if memory is short.
static bool send_run(run_t *run, dc_session_t *session, uint32_t handle, dc_outcome_t *out)
{
    if (run->count == 0) return true;
    dc_buf_t data = { 0 };
    bool is_failed = run->list[0]->is_failed;
    size_t sizes = is_failed ? 0 : dc_wire_begin_needs(&data, run->count);
    for (uint32_t i = 0; !is_failed && i < run->count; i++) {
        dc_wire_add_need(&data, sizes, i, run->list[i]->result.bytes);
    }
    dc_cmd_t cmd = { .type = DC_CMD_GIVE,
                     .give = { .handle = handle,
                               .count = run->count,
                               .first = run->list[0]->index,
                               .flags = is_failed ? DC_GIVE_FAILED : 0 },
                     .data = { .bytes = dc_buf_str(&data) } };
    if (data.failed) session->is_broken = true;
    bool is_sent = !data.failed && dc_session_send(session, &cmd, out);
    dc_buf_fini(&data);
    if (!is_sent) return false;
    for (uint32_t i = 0; i < run->count; i++) {
        run->list[i]->session = session->session_count;
    }
    run->count = 0;
    run->bytes = 0;
    return true;
}

static bool add_to_run(run_t *run, dc_given_result_t *result, dc_session_t *session,
                       uint32_t handle, dc_outcome_t *out)
{
    if (!fits(run, result) && !send_run(run, session, handle, out)) return false;
    run->list[run->count++] = result;
    run->bytes += result->result.bytes.len;
    return true;
}

bool dc_given_send(dc_given_t *self, dc_session_t *session, uint32_t handle,
                   const dcalc_chunk_t *chunk, dc_outcome_t *out)
{
    run_t run;
    run.count = 0;
    run.bytes = 0;
    for (uint32_t i = 0; i < chunk->need_count; i++) {
        for (uint64_t index = chunk->needs[i].first; index < chunk->needs[i].end; index++) {
            dc_given_result_t *result = find(self, index);
            if (!result || result->session == session->session_count) continue;
            if (!add_to_run(&run, result, session, handle, out)) return false;
        }
    }
    return send_run(&run, session, handle, out);
}
