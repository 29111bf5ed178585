#include "client/cli/run/detach.h"

#include <stdio.h>
#include <sysexits.h>

#include "client/cli/cluster/facts.h"
#include "client/cli/exit_status.h"
#include "client/cli/run/keepsake.h"
#include "client/cli/text/numfmt.h"
#include "client/cli/text/text.h"
#include "common/json_writer.h"
#include "common/limits.h"

dc_submit_result_t dc_detach_submit(dc_computation_t *self, dc_str_t program)
{
    const dc_cli_settings_t *settings = self->settings;
    dc_when_t when = (dc_when_t)settings->progress;
    bool is_seen = self->console->can_erase && !settings->quiet;
    self->options.program = program.data;
    self->options.program_bytes = program.len;
    self->options.detached = true;
    self->options.key = settings->key;
    if (settings->keep_ms) self->options.keep_ms = settings->keep_ms;
    dc_submit_t submit = {
        .connection = &self->connection,
        .options = &self->options,
        .source = self->source,
        .console = self->console,
        .name = self->name,
        .deadline_ms = self->deadline_ms,
        .is_quiet = settings->quiet,
        .has_progress = when == DC_WHEN_ALWAYS || (when == DC_WHEN_AUTO && is_seen),
        .has_progress_json = when == DC_WHEN_JSON,
    };
    return dc_submit(&submit);
}

// --- what is printed ---------------------------------------------------------------------------

int dc_detach_print(dc_computation_t *self, dc_str_t text)
{
    int error = dc_sink_open(&self->sink, self->settings->output_file);
    if (error)
        return dc_exit_status_say_uncreated(self->console, self->settings->output_file, error);
    dc_buf_append_str(&self->sink.buf, text);
    error = dc_sink_finish(&self->sink);
    const char *what = self->sink.path ? self->sink.path : "the id";
    return error ? dc_exit_status_say_unwritten(self->console, what, error) : 0;
}

static void put_json(const dc_submit_result_t *result, const char *name, uint64_t of, dc_buf_t *out)
{
    char id[24];
    dc_json_writer_t json = dc_json_writer(out);
    dc_json_begin_object(&json);
    dc_json_put_member_u64(&json, "v", 1);
    snprintf(id, sizeof id, "b%llu", (unsigned long long)result->number);
    dc_json_put_member_string(&json, "batch", dc_str_from(id));
    if (name) dc_json_put_member_string(&json, "name", dc_str_from(name));
    dc_json_put_member_u64(&json, "jobs", result->row_count);
    if (of) {
        snprintf(id, sizeof id, "b%llu", (unsigned long long)of);
        dc_json_put_member_string(&json, "of", dc_str_from(id));
    }
    dc_json_end_object(&json);
    dc_buf_append_char(out, '\n');
}

void dc_detach_put_row(const dc_computation_t *self, const dc_submit_result_t *result, uint64_t of,
                       dc_buf_t *out)
{
    unsigned long long number = result->number;
    unsigned long long jobs = result->row_count;
    char c = self->settings->output == DC_PRINT_TSV ? '\t' : ',';
    if (self->settings->output == DC_PRINT_JSON) {
        put_json(result, self->options.name, of, out);
    } else if (of) {
        dc_buf_printf(out, "id%cjobs%cof\nb%llu%c%llu%cb%llu\n", c, c, number, c, jobs, c,
                      (unsigned long long)of);
    } else {
        dc_buf_printf(out, "id%cjobs\nb%llu%c%llu\n", c, number, c, jobs);
    }
}

static void put_id(const dc_computation_t *self, const dc_submit_result_t *result, dc_buf_t *out)
{
    if (self->settings->output > DC_PRINT_TEXT) {
        dc_detach_put_row(self, result, 0, out);
    } else {
        dc_buf_printf(out, "b%llu\n", (unsigned long long)result->number);
    }
}

static void put_jobs(dc_buf_t *out, uint64_t count)
{
    dc_numfmt_put_counted(out, count, " job", " jobs");
}

static void put_how(const dc_submit_result_t *result, dc_buf_t *out)
{
    if (result->found == DCALC_FOUND_ALL) {
        dc_buf_append_text(out, "is there already, ");
        put_jobs(out, result->row_count);
    } else if (result->found == DCALC_FOUND_PART && result->found_count) {
        dc_buf_append_text(out, "completed, ");
        put_jobs(out, result->row_count);
        dc_buf_append_text(out, ", of which ");
        dc_numfmt_put_counted(out, result->found_count, " was there", " were there");
    } else {
        dc_buf_append_text(out, "queued, ");
        put_jobs(out, result->row_count);
    }
}

// `dcalc: batch b17 'nightly' queued, 12,000,000 jobs      follow: ...      stop: ...`
static void put_queued(const dc_computation_t *self, const dc_submit_result_t *result)
{
    dc_buf_t *out = &self->console->buf;
    unsigned long long number = result->number;
    dc_buf_printf(out, "dcalc: batch b%llu ", number);
    if (self->options.name) {
        dc_buf_append_char(out, '\'');
        dc_text_put_safe(out, dc_str_from(self->options.name));
        dc_buf_append_text(out, "' ");
    }
    put_how(result, out);
    if (self->found_has_ended) {
        dc_buf_printf(out, "      its rows: dcalc results b%llu\n", number);
        return;
    }
    dc_buf_printf(out, "      follow: dcalc attach b%llu      stop: dcalc cancel b%llu\n", number,
                  number);
}

// --- whose key it is ---------------------------------------------------------------------------

// A batch that was there keeps its name, whatever this command calls it.
static int adopt_name(dc_computation_t *self, dc_str_t name)
{
    dc_buf_t *out = &self->console->buf;
    const char *ours = self->options.name;
    char *copy = dc_arena_alloc(&self->recipe.arena, name.len + 1, 1);
    if (!copy) return dc_messages_put_no_memory(&self->messages);
    if (name.len) memcpy(copy, name.data, name.len);
    copy[name.len] = '\0';
    self->options.name = name.len ? copy : NULL;
    if (!ours || dc_str_eq(dc_str_from(ours), name) || self->settings->quiet) return 0;
    dc_buf_append_text(out, "dcalc: --name '");
    dc_text_put_safe(out, dc_str_from(ours));
    dc_buf_append_text(out, "' is not taken: the batch that has the --key ");
    dc_buf_append_text(out, name.len ? "is called '" : "has no name");
    dc_text_put_safe(out, name);
    dc_buf_append_text(out, name.len ? "'\n" : "\n");
    return 0;
}

// What an operator may change is no part of what the key stands for: it is as it was made, or was
// changed to since.
static void tell_priority(dc_computation_t *self, const dc_json_t *batch, uint64_t number)
{
    int theirs = dc_facts_priority(batch);
    int64_t ours = self->settings->priority;
    if (self->found_has_ended || ours == DC_CLI_UNSAID || ours == theirs) return;
    dc_buf_printf(&self->console->buf,
                  "dcalc: --priority %d is not taken: the batch that has the --key has %d "
                  "(dcalc set b%llu --priority %d)\n",
                  (int)ours, theirs, (unsigned long long)number, (int)ours);
}

// The same of a deadline. One from now on says another time with each command, so whether there is
// one has to do.
static void tell_deadline(dc_computation_t *self, const dc_json_t *batch, uint64_t number)
{
    bool is_same = !self->settings->deadline || dc_facts_has_number(batch, "deadline_ms");
    if (self->found_has_ended || is_same) return;
    dc_buf_printf(&self->console->buf,
                  "dcalc: --deadline is not taken: the batch that has the --key has none "
                  "(dcalc set b%llu --deadline WHEN)\n",
                  (unsigned long long)number);
}

// Ask what the batch is called that was there, and what it has that this command has not.
static int find_former(dc_computation_t *self, uint64_t number)
{
    dc_buf_t answer = { 0 };
    dc_diag_t diag;
    int status = dc_connection_ask(&self->connection, self->settings, self->console, "status",
                                   number, &answer);
    if (!status) {
        dc_json_t *batch =
            dc_json_parse(dc_buf_str(&answer), DC_FRAME_BYTES_MAX, DC_JSON_INTEGERS_EXACT, &diag);
        self->found_has_ended = batch && dc_facts_has_ended(batch);
        if (batch) status = adopt_name(self, dc_facts_text(batch, "name"));
        bool is_told = batch && !self->settings->quiet;
        if (is_told) tell_priority(self, batch, number);
        if (is_told) tell_deadline(self, batch, number);
        dc_json_destroy(&batch);
    }
    dc_buf_fini(&answer);
    return status;
}

// --- all of it ---------------------------------------------------------------------------------

static int add_keepsake(dc_computation_t *self)
{
    dc_recipe_t *recipe = &self->recipe;
    bool has_lines = !dc_format_is_made(recipe->layout.format);
    dc_keepsake_t keepsake = { .file = dc_str_from(self->name),
                               .line = has_lines ? self->source->line : 0,
                               .style = self->style,
                               .reduce = self->reduce,
                               .cells = self->sheet ? (int64_t)self->sheet->count : -1 };
    dc_keepsake_put(&keepsake, &recipe->layout, &recipe->program);
    if (recipe->program.failed) return dc_messages_put_no_memory(&self->messages);
    if (recipe->program.len <= DC_PROGRAM_BYTES_MAX) return 0;
    dc_messages_put_sentence(&self->messages,
                             "the template, its variables and the header are too long together");
    return EX_USAGE;
}

int dc_detach(dc_computation_t *self)
{
    int status = add_keepsake(self);
    if (!status && !self->connection.dcalc)
        status = dc_connection_open(&self->connection, self->settings, self->console);
    if (status) return status;
    dc_submit_result_t result = dc_detach_submit(self, dc_buf_str(&self->recipe.program));
    if (result.status) return result.status;
    if (result.found) status = find_former(self, result.number);
    if (status) return status;
    dc_buf_t text = { 0 };
    put_id(self, &result, &text);
    if (!self->settings->quiet) put_queued(self, &result);
    status = text.failed ? dc_messages_put_no_memory(&self->messages)
                         : dc_detach_print(self, dc_buf_str(&text));
    dc_buf_fini(&text);
    return status;
}
