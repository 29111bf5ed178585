#include <sysexits.h>

#include "client/cli/deadline.h"
#include "client/cli/look/look_part.h"
#include "client/cli/text/text.h"
#include "common/limits.h"

// --- what is to be changed ---------------------------------------------------------------------

static void add(dc_look_t *self, dcalc_set_t what, int64_t value)
{
    self->changes[self->change_count++] = (dc_look_change_t){ what, value };
}

static int complain(dc_look_t *self, const char *sentence)
{
    dc_buf_printf(&self->console->buf, "dcalc: set: %s\n", sentence);
    return EX_USAGE;
}

int dc_look_read_changes(dc_look_t *self)
{
    const dc_cli_settings_t *settings = self->settings;
    uint64_t left_ms;
    int status = dc_deadline_read(settings->deadline, &left_ms, &self->console->buf);
    if (status) return status;
    if (settings->hold && settings->release)
        return complain(self, "--hold and --release exclude each other");
    if (settings->priority != DC_CLI_UNSAID) add(self, DCALC_SET_PRIORITY, settings->priority);
    if (settings->deadline) add(self, DCALC_SET_DEADLINE_MS, (int64_t)left_ms);
    if (settings->hold || settings->release) add(self, DCALC_SET_HELD, settings->hold);
    if (self->change_count) return 0;
    return complain(self, "what is to change? --priority N, --deadline WHEN, --hold or --release");
}

// --- what the batch is then --------------------------------------------------------------------

static void put_sentence(dc_look_t *self, const dc_json_t *batch)
{
    dc_text_put_safe(self->out, dc_facts_text(batch, "batch"));
    dc_buf_printf(self->out, ": priority %d, ", dc_facts_priority(batch));
    dc_look_put_state(self->out, batch);
    dc_look_put_deadline(self->out, ", ", batch);
    dc_buf_append_char(self->out, '\n');
}

static const dc_grid_column_t columns[] = {
    { "ID", false, NULL },
    { "STATE", false, NULL },
    { "PRIORITY", true, NULL },
    { "DEADLINE", true, "deadline_ms" },
};

static void put_row(dc_look_t *self, const dc_json_t *batch)
{
    dc_grid_put(&self->grid, dc_facts_text(batch, "batch"));
    dc_grid_put(&self->grid, dc_facts_text(batch, "state"));
    dc_look_put_terms(self, &self->grid, batch);
}

// Print the broker's last answer.
static int put_changed(dc_look_t *self)
{
    dc_diag_t diag;
    dc_str_t answer = dc_buf_str(&self->answer);
    if (self->format == DC_PRINT_JSON) {
        dc_buf_append_str(self->out, answer);
        dc_buf_append_char(self->out, '\n');
        return 0;
    }
    dc_json_t *batch = dc_json_parse(answer, DC_FRAME_BYTES_MAX, DC_JSON_INTEGERS_EXACT, &diag);
    if (!batch) return dc_look_complain(self->console, &diag);
    if (self->format == DC_PRINT_TEXT) {
        put_sentence(self, batch);
    } else {
        put_row(self, batch);
    }
    dc_json_destroy(&batch);
    return 0;
}

// Of what has ended nothing can be changed; others that were named as well are.
static int refuse(dc_look_t *self, const dc_json_t *batch)
{
    dc_buf_append_text(&self->console->buf, "dcalc: ");
    dc_text_put_safe(&self->console->buf, dc_facts_text(batch, "batch"));
    dc_buf_append_text(&self->console->buf, " has ended: nothing of it can be changed\n");
    self->refused = EX_NOINPUT; // as of one that ends meanwhile
    return 0;
}

static int set(dc_look_t *self, const dc_json_t *batch)
{
    int status = 0;
    if (dc_facts_has_ended(batch)) return refuse(self, batch);
    for (size_t i = 0; i < self->change_count && !status; i++) {
        self->answer.len = 0;
        status = dc_connection_set(&self->connection, self->settings, self->console,
                                   dc_facts_number(batch, "number"), self->changes[i].what,
                                   self->changes[i].value, &self->answer);
    }
    if (status == EX_SOFTWARE) status = EX_NOINPUT; // it has ended meanwhile
    return status ? status : put_changed(self);
}

int dc_look_set(dc_look_t *self, const char *const *ids, size_t count)
{
    int status = dc_look_ask(self, "list");
    if (!status) {
        dc_look_say_last(self, ids, count);
        status = dc_look_with_batches(self, ids, count, set, columns, DC_ARRAY_LEN(columns));
    }
    return status ? status : self->refused;
}
