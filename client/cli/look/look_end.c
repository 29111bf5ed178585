// What ends batches: cancel, and delete.
#include "client/cli/look/look_part.h"

#include <sysexits.h>

#include "client/cli/cluster/consent.h"
#include "client/cli/exit_status.h"
#include "client/cli/look/ids.h"
#include "client/cli/look/toll.h"
#include "client/cli/text/numfmt.h"
#include "client/cli/text/text.h"

static const dc_grid_column_t titles[] = { { "ID", false, NULL }, { "STATE", false, NULL } };

// Print what has become of `batch`: "b17: cancelled".
static void put_end(dc_look_t *self, const dc_json_t *batch, const char *state)
{
    dc_str_t id = dc_facts_text(batch, "batch");
    if (self->format == DC_PRINT_JSON) {
        dc_buf_append_text(self->out, "{\"v\":1,\"batch\":\"");
        dc_text_put_safe(self->out, id);
        dc_buf_printf(self->out, "\",\"state\":\"%s\"}\n", state);
    } else if (self->format == DC_PRINT_TEXT) {
        dc_text_put_safe(self->out, id);
        dc_buf_printf(self->out, ": %s\n", state);
    } else {
        dc_grid_put(&self->grid, id);
        dc_grid_put(&self->grid, dc_str_from(state));
    }
}

// --- all of them, whoever sent them ------------------------------------------------------------

int dc_look_check_end(dc_look_t *self, dc_cli_command_t command, const char *const *ids,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        self->is_for_all = self->is_for_all || dc_ids_is_all(ids[i]);
    }
    bool can_go_on = self->settings->yes || dc_consent_can_ask(self->console);
    if (!self->is_for_all || can_go_on) return 0;
    const char *name = command == DC_CLI_DELETE ? "delete" : "cancel";
    dc_buf_printf(&self->console->buf,
                  "dcalc: %s: 'all' are everybody's batches, and there is no terminal to ask at\n"
                  "       if that is meant: dcalc %s all --yes      which there are: dcalc list\n",
                  name, name);
    return EX_USAGE;
}

static int ask(dc_look_t *self, dc_cli_command_t command, const dc_toll_t *toll)
{
    dc_buf_t question = { 0 };
    dc_toll_put(command, toll, &question);
    bool is_agreed = dc_consent_ask(&self->connection, self->console, dc_buf_str(&question));
    dc_buf_fini(&question);
    if (is_agreed) return 0;
    dc_buf_printf(&self->console->buf, "dcalc: nothing was %s\n",
                  command == DC_CLI_DELETE ? "deleted" : "cancelled");
    return DC_EXIT_INTERRUPTED;
}

// Of those that all are meant of, what stays is said in one line.
static void say_rest(dc_look_t *self, dc_cli_command_t command, const dc_toll_t *toll)
{
    dc_buf_t *out = &self->console->buf;
    size_t count = dc_json_len(dc_json_member(self->json, "batches")) - toll->batch_count;
    if (self->settings->quiet) return;
    if (!toll->batch_count) {
        dc_buf_printf(out, "dcalc: there is nothing to %s\n",
                      command == DC_CLI_DELETE ? "delete" : "cancel");
    }
    if (!count || command != DC_CLI_DELETE) return;
    dc_buf_append_text(out, "dcalc: ");
    dc_numfmt_put_counted(out, count, " batch stays, which has not ended\n",
                          " batches stay, which have not ended\n");
}

// What was on the list is what is agreed to: what comes while a person thinks is not meant.
static int prepare(dc_look_t *self, dc_cli_command_t command, const char *const *ids, size_t count)
{
    dc_toll_t toll;
    int status = dc_look_ask(self, "list");
    if (status) return status;
    dc_look_say_last(self, ids, count);
    if (!self->is_for_all) return 0;
    if (dc_toll_count(command, dc_json_member(self->json, "batches"), &toll)) {
        dc_buf_printf(&self->console->buf, "dcalc: %s\n", dc_err_text(DC_ERR_NOMEM));
        return EX_TEMPFAIL;
    }
    say_rest(self, command, &toll);
    return toll.batch_count && !self->settings->yes ? ask(self, command, &toll) : 0;
}

// --- cancel ------------------------------------------------------------------------------------

static int cancel(dc_look_t *self, const dc_json_t *batch)
{
    if (!dc_toll_ends(DC_CLI_CANCEL, batch)) {
        if (self->is_for_all) return 0;
        dc_buf_append_text(&self->console->buf, "dcalc: ");
        dc_text_put_safe(&self->console->buf, dc_facts_text(batch, "batch"));
        dc_buf_append_text(&self->console->buf, " has ended already\n");
        return 0;
    }
    self->answer.len = 0;
    int status = dc_connection_ask(&self->connection, self->settings, self->console, NULL,
                                   dc_facts_number(batch, "number"), &self->answer);
    if (!status) put_end(self, batch, "cancelled");
    return status;
}

int dc_look_cancel(dc_look_t *self, const char *const *ids, size_t count)
{
    int status = prepare(self, DC_CLI_CANCEL, ids, count);
    if (status) return status;
    return dc_look_with_batches(self, ids, count, cancel, titles, DC_ARRAY_LEN(titles));
}

// --- delete ------------------------------------------------------------------------------------

// What cannot be deleted is told of, and the others are.
static void refuse(dc_look_t *self, const dc_json_t *batch)
{
    dc_buf_t *out = &self->console->buf;
    dc_str_t id = dc_facts_text(batch, "batch");
    self->refused = EX_TEMPFAIL;
    dc_buf_append_text(out, "dcalc: ");
    dc_text_put_safe(out, id);
    if (!dc_facts_flag(batch, "detached")) {
        dc_buf_append_text(out, " is not kept: it was sent without -d, and ends with its client\n");
        return;
    }
    dc_buf_append_text(out, " has not ended: stop it first (dcalc cancel ");
    dc_text_put_safe(out, id);
    dc_buf_append_text(out, ")\n");
}

static int delete_one(dc_look_t *self, const dc_json_t *batch)
{
    if (!dc_toll_ends(DC_CLI_DELETE, batch)) {
        if (!self->is_for_all) refuse(self, batch);
        return 0;
    }
    self->answer.len = 0;
    int status = dc_connection_delete(&self->connection, self->settings, self->console,
                                      dc_facts_number(batch, "number"), &self->answer);
    if (!status) put_end(self, batch, "deleted");
    return status;
}

int dc_look_delete(dc_look_t *self, const char *const *ids, size_t count)
{
    int status = prepare(self, DC_CLI_DELETE, ids, count);
    if (!status)
        status = dc_look_with_batches(self, ids, count, delete_one, titles, DC_ARRAY_LEN(titles));
    return status ? status : self->refused;
}
