#include "client/cli/look/toll.h"

#include <stdlib.h>

#include "client/cli/cluster/facts.h"
#include "client/cli/text/numfmt.h"

bool dc_toll_ends(dc_cli_command_t command, const dc_json_t *batch)
{
    bool has_ended = dc_facts_has_ended(batch);
    return command == DC_CLI_DELETE ? has_ended && dc_facts_flag(batch, "detached") : !has_ended;
}

// --- counting ----------------------------------------------------------------------------------

static int compare(const void *a, const void *b)
{
    const dc_str_t *one = a;
    const dc_str_t *other = b;
    if (one->len != other->len) return one->len < other->len ? -1 : 1;
    return memcmp(one->data, other->data, one->len);
}

static size_t count_different(dc_str_t *names, size_t count)
{
    size_t different = 0;
    if (count) qsort(names, count, sizeof *names, compare);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !dc_str_eq(names[i], names[i - 1])) different++;
    }
    return different;
}

// Of a batch that still comes in, what is there.
static uint64_t open_jobs_of(const dc_json_t *batch)
{
    uint64_t jobs = dc_facts_number(batch, "jobs");
    uint64_t done = dc_facts_number(batch, "done");
    if (dc_facts_has_number(batch, "jobs")) return jobs - dc_min_u64(jobs, done);
    return dc_facts_number(batch, "waiting") + dc_facts_number(batch, "running") +
           dc_facts_number(batch, "forked");
}

dc_err_t dc_toll_count(dc_cli_command_t command, const dc_json_t *batches, dc_toll_t *toll)
{
    size_t len = dc_json_len(batches);
    dc_str_t *clients = calloc(len + 1, sizeof *clients);
    size_t client_count = 0;
    if (!clients) return DC_ERR_NOMEM;
    *toll = (dc_toll_t){ 0 };
    for (size_t i = 0; i < len; i++) {
        const dc_json_t *batch = dc_json_at(batches, i);
        if (!dc_toll_ends(command, batch)) continue;
        toll->batch_count++;
        toll->open_jobs += open_jobs_of(batch);
        toll->done_jobs += dc_facts_number(batch, "done");
        if (dc_facts_flag(batch, "detached")) toll->kept_count++;
        dc_str_t client = dc_facts_text(batch, "client");
        if (client.len) clients[client_count++] = client;
    }
    toll->client_count = count_different(clients, client_count);
    free(clients);
    return DC_OK;
}

// --- asking ------------------------------------------------------------------------------------

// Whose they are: " of 3 clients", ", of 3 clients and 4 sent with -d", " sent with -d".
static void put_whose(const dc_toll_t *toll, dc_buf_t *out)
{
    bool has_both = toll->client_count && toll->kept_count;
    if (has_both) dc_buf_append_char(out, ',');
    if (toll->client_count) {
        dc_buf_append_text(out, " of ");
        dc_numfmt_put_counted(out, toll->client_count, " client", " clients");
    }
    if (has_both) {
        dc_buf_append_text(out, " and ");
        dc_numfmt_put_count(out, toll->kept_count);
    }
    if (toll->kept_count) dc_buf_append_text(out, " sent with -d");
}

void dc_toll_put(dc_cli_command_t command, const dc_toll_t *toll, dc_buf_t *out)
{
    bool deletes = command == DC_CLI_DELETE;
    dc_numfmt_put_counted(out, toll->batch_count, " batch", " batches");
    if (deletes) {
        dc_buf_append_text(out, " with the results of ");
        dc_numfmt_put_counted(out, toll->done_jobs, " job", " jobs");
    } else {
        put_whose(toll, out);
        dc_buf_append_text(out, ", ");
        dc_numfmt_put_counted(out, toll->open_jobs, " job", " jobs");
        dc_buf_append_text(out, " not computed yet");
    }
    dc_buf_printf(out, ": %s %s? [y/N] ", deletes ? "delete" : "cancel",
                  toll->batch_count == 1 ? "it" : "them");
}
