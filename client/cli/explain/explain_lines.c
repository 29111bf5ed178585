#include "client/cli/explain/explain_lines.h"

#include <sysexits.h>

#include "common/clock.h"

// Explain the lines of a chunk. Returns 1 if some are in error.
static int explain_chunk(dc_explainer_t *self, const dc_source_item_t *item)
{
    dc_str_t rest = dc_str(item->chunk.bytes, item->chunk.size);
    dc_str_t line;
    int status = 0;
    for (uint64_t number = item->line; dc_str_take_line(&rest, &line); number++) {
        if (dc_explain_line(self, line, number)) status = 1;
    }
    if (item->chunk.memory) dcalc_memory_release(item->chunk.memory);
    return status;
}

static int tell_too_long(const dc_explainer_t *self, const dc_source_item_t *item)
{
    dc_fault_t fault = { .code = DC_ERR_TOO_LONG };
    dc_place_t place = { .line = item->line, .row = item->row + 1 };
    dc_messages_put_row(self->recipe->messages, &fault, &place);
    return 1;
}

// Explain line after line, and show each before the next is awaited.
static int explain_all(dc_explainer_t *self, dc_source_t *source)
{
    dc_source_item_t item;
    int status = 0;
    while (!self->sink.error) {
        dc_source_state_t state = dc_source_next(source, true, dc_clock_ms(), &item);
        switch (state) {
        case DC_SOURCE_CHUNK: status |= explain_chunk(self, &item); break;
        case DC_SOURCE_LOST: status |= tell_too_long(self, &item); break;
        case DC_SOURCE_WAIT: dc_source_await(source); break;
        case DC_SOURCE_END: return status;
        case DC_SOURCE_UNCLOSED: // lines have no quotes
        case DC_SOURCE_FOREIGN:
        case DC_SOURCE_ERROR:
            return dc_source_complain(source, state, self->recipe->messages->file,
                                      &self->console->buf);
        }
        dc_sink_drain(&self->sink);
        dc_console_flush(self->console);
    }
    return status;
}

int dc_explain_lines(const dc_cli_settings_t *settings, dc_recipe_t *recipe, dc_source_t *source,
                     dc_console_t *console)
{
    dc_explainer_t self;
    if (recipe->layout.format != DC_FORMAT_LINES) {
        dc_messages_put_sentence(recipe->messages,
                                 "--explain takes a template (-t EXPR), or lines with an "
                                 "expression each\n"
                                 "       of a table or JSON lines: give it what stands in 'expr', "
                                 "one a line");
        return EX_USAGE;
    }
    int status = dc_explain_begin(&self, settings, recipe, console);
    if (!status) status = explain_all(&self, source);
    dc_messages_finish(recipe->messages);
    return dc_explain_end(&self, status);
}
