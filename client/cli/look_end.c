// What ends batches: cancel, and delete.
#include "client/cli/look_part.h"

#include <sysexits.h>

#include "client/cli/find.h"
#include "client/cli/text.h"

static const dc_grid_column_t titles[] = { { "ID", false }, { "STATE", false } };

// Print what has become of `batch`: "b17: cancelled".
static void put_end(dc_look_t *self, const dc_json_t *batch, const char *state)
{
    dc_str_t id = dc_look_text(batch, "batch");
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

// --- cancel ------------------------------------------------------------------------------------

// A batch that is kept stays in the list when it has ended.
static bool is_kept_end(const dc_json_t *batch)
{
    bool is_detached = false;
    dc_diag_t diag;
    bool is_read = dc_json_read_bool(batch, "detached", &is_detached, &diag);
    return is_read && is_detached && dc_find_has_ended(batch);
}

static int cancel(dc_look_t *self, const dc_json_t *batch)
{
    if (is_kept_end(batch)) {
        dc_buf_append_text(&self->console->buf, "dcalc: ");
        dc_text_put_safe(&self->console->buf, dc_look_text(batch, "batch"));
        dc_buf_append_text(&self->console->buf, " has ended already\n");
        return 0;
    }
    self->answer.len = 0;
    int status = dc_connection_ask(&self->connection, self->settings, self->console, NULL,
                                   dc_look_number(batch, "number"), &self->answer);
    if (!status) put_end(self, batch, "cancelled");
    return status;
}

int dc_look_cancel(dc_look_t *self, const char *const *ids, size_t count)
{
    return dc_look_with_batches(self, ids, count, cancel, titles, DC_ARRAY_LEN(titles));
}

// --- delete ------------------------------------------------------------------------------------

// What cannot be deleted is told of, and the others are.
static void refuse(dc_look_t *self, const dc_json_t *batch, bool is_detached)
{
    dc_buf_t *out = &self->console->buf;
    dc_str_t id = dc_look_text(batch, "batch");
    self->refused = EX_TEMPFAIL;
    dc_buf_append_text(out, "dcalc: ");
    dc_text_put_safe(out, id);
    if (!is_detached) {
        dc_buf_append_text(out, " is not kept: it was sent without -d, and ends with its client\n");
        return;
    }
    dc_buf_append_text(out, " has not ended: stop it first (dcalc cancel ");
    dc_text_put_safe(out, id);
    dc_buf_append_text(out, ")\n");
}

static int delete_one(dc_look_t *self, const dc_json_t *batch)
{
    bool is_detached = false;
    dc_diag_t diag;
    bool is_read = dc_json_read_bool(batch, "detached", &is_detached, &diag);
    if (!is_read || !is_detached || !dc_find_has_ended(batch)) {
        refuse(self, batch, is_read && is_detached);
        return 0;
    }
    self->answer.len = 0;
    int status = dc_connection_delete(&self->connection, self->settings, self->console,
                                      dc_look_number(batch, "number"), &self->answer);
    if (!status) put_end(self, batch, "deleted");
    return status;
}

int dc_look_delete(dc_look_t *self, const char *const *ids, size_t count)
{
    int status = dc_look_with_batches(self, ids, count, delete_one, titles, DC_ARRAY_LEN(titles));
    return status ? status : self->refused;
}
