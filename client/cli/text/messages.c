#include "client/cli/text/messages.h"

#include <inttypes.h>
#include <sysexits.h>

#include "client/cli/text/numfmt.h"
#include "client/cli/text/text.h"

#define MARK_ON  "\033[1;31m"
#define MARK_OFF "\033[0m"

void dc_messages_init(dc_messages_t *self, dc_buf_t *out)
{
    *self = (dc_messages_t){ .out = out, .file = "", .columns = 80 };
}

// A fault that a text has, as opposed to one that befell it. What does not parse has a place,
// though that be the beginning.
static bool is_in_text(const dc_fault_t *fault)
{
    if (fault->code == DC_ERR_SYNTAX) return true;
    return fault->code < DC_ERR_LOST && (fault->column || fault->width);
}

static void put_reason(dc_buf_t *out, const dc_fault_t *fault)
{
    if (fault->message.len) {
        dc_text_put_safe(out, fault->message);
    } else {
        dc_buf_append_text(out, dc_err_text(fault->code));
    }
}

// "syntax error at column 3: expected ..." or whatever the fault says, safe to print.
static void put_text(dc_buf_t *out, const dc_fault_t *fault, dc_str_t source)
{
    if (fault->code == DC_ERR_SYNTAX) {
        dc_buf_printf(out,
                      "syntax error at column %zu: ", dc_text_column(source, fault->column) + 1);
    }
    put_reason(out, fault);
}

// The rest of a message: what is wrong, and where.
static void put_marked(dc_messages_t *self, const dc_fault_t *fault, dc_str_t source)
{
    put_text(self->out, fault, source);
    dc_buf_append_char(self->out, '\n');
    if (!is_in_text(fault) || fault->column > source.len) return;
    dc_text_put_marked(self->out, source, fault->column, fault->width, self->columns,
                       self->is_coloured ? MARK_ON : "", self->is_coloured ? MARK_OFF : "");
}

void dc_messages_put_argument(dc_messages_t *self, const dc_fault_t *fault, dc_str_t source)
{
    dc_buf_append_text(self->out, "dcalc: ");
    put_marked(self, fault, source);
}

void dc_messages_put_option(dc_messages_t *self, const char *option, dc_str_t name,
                            const dc_fault_t *fault, dc_str_t source)
{
    dc_buf_printf(self->out, "dcalc: %s", option);
    if (name.len) dc_buf_append_char(self->out, ' ');
    dc_text_put_safe(self->out, name);
    dc_buf_append_text(self->out, ": ");
    put_marked(self, fault, source);
}

bool dc_messages_count_only(dc_messages_t *self, dc_err_t code)
{
    uint64_t *count = &self->counts[(size_t)code % DC_MESSAGES_KINDS_MAX];
    if (!self->is_quiet && *count < DC_MESSAGES_SHOWN_MAX) return false;
    ++*count;
    return true;
}

static void put_place(dc_messages_t *self, const dc_fault_t *fault, const dc_place_t *place)
{
    dc_text_put_safe(self->out, dc_str_from(self->file));
    if (place->line) {
        dc_buf_printf(self->out, ":%" PRIu64, place->line);
    } else {
        dc_buf_printf(self->out, "%srow %" PRIu64, *self->file ? ": " : "", place->row);
    }
    if (!place->within && is_in_text(fault)) {
        dc_buf_printf(self->out, ":%zu", dc_text_column(place->source, fault->column) + 1);
    }
    dc_buf_append_text(self->out, ": ");
}

void dc_messages_put_row(dc_messages_t *self, const dc_fault_t *fault, const dc_place_t *place)
{
    if (dc_messages_count_only(self, fault->code)) return;
    self->counts[(size_t)fault->code % DC_MESSAGES_KINDS_MAX]++;
    put_place(self, fault, place);
    put_reason(self->out, fault);
    // The message names the cell where one is at fault.
    bool is_cell = fault->message.len >= 7 && memcmp(fault->message.data, "column ", 7) == 0;
    if (place->within && is_in_text(fault) && !is_cell) {
        dc_buf_printf(self->out, " at column %zu of %s",
                      dc_text_column(place->source, fault->column) + 1, place->within);
    }
    dc_buf_append_char(self->out, '\n');
}

void dc_messages_finish(dc_messages_t *self)
{
    if (self->is_quiet) return;
    for (size_t code = 0; code < DC_MESSAGES_KINDS_MAX; code++) {
        if (self->counts[code] <= DC_MESSAGES_SHOWN_MAX) continue;
        dc_buf_append_text(self->out, self->is_utf8 ? "… and " : "... and ");
        dc_numfmt_put_count(self->out, self->counts[code] - DC_MESSAGES_SHOWN_MAX);
        dc_buf_printf(self->out, " more of the same kind, %s%s\n", dc_err_name((dc_err_t)code),
                      self->keeps_all ? "" : " (--errors FILE keeps them all)");
    }
}

void dc_messages_put_usage(dc_messages_t *self, const char *option, dc_str_t word,
                           const char *reason)
{
    dc_buf_printf(self->out, "dcalc: %s: '", option);
    dc_text_put_safe(self->out, word);
    dc_buf_printf(self->out, "' %s\n", reason);
}

void dc_messages_put_sentence(dc_messages_t *self, const char *sentence)
{
    dc_buf_printf(self->out, "dcalc: %s\n", sentence);
}

int dc_messages_put_no_memory(dc_messages_t *self)
{
    dc_messages_put_sentence(self, "out of memory");
    return EX_TEMPFAIL;
}
