#include "client/cli/look/look_part.h"

#include <sysexits.h>

#include "client/cli/look/top.h"
#include "client/cli/look/top_layout.h"

static int put_frame(dc_look_t *self)
{
    dc_frame_t frame;
    dc_frame_init(&frame, dc_console_columns());
    dc_top_view_t view = { .stats = self->json,
                           .url = dcalc_url(self->connection.dcalc),
                           .is_utf8 = self->console->is_utf8 };
    dc_top_layout(&view, &frame);
    dc_frame_put_text(&frame, self->out);
    dc_frame_fini(&frame);
    return 0;
}

static int complain(dc_look_t *self, const char *sentence)
{
    dc_buf_printf(&self->console->buf, "dcalc: top: %s\n", sentence);
    return EX_USAGE;
}

int dc_look_top(dc_look_t *self)
{
    bool is_json = self->format == DC_PRINT_JSON;
    bool is_live = !is_json && !self->settings->once;
    if (!is_json && self->format != DC_PRINT_TEXT) {
        return complain(self,
                        "-o is text or json; tables are made by dcalc workers and dcalc list");
    }
    if (is_live && self->settings->output_file) {
        return complain(self, "a live view goes to no file: --once, or -o json, does");
    }
    if (is_live && !dc_top_has_terminal()) {
        return complain(self, "a live view needs a terminal; one frame without: dcalc top --once");
    }
    if (is_live) return dc_top_run(&self->connection, self->settings, self->console);
    int status = dc_look_ask(self, "stats");
    if (status) return status;
    if (!is_json) return put_frame(self);
    dc_buf_append_str(self->out, dc_buf_str(&self->answer));
    dc_buf_append_char(self->out, '\n');
    return 0;
}
