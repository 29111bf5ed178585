// What a person is told of a fault: where it is, under what was typed, and what it is.
#include "client/cli/prompt/prompt_part.h"

#include "client/cli/text/text.h"
#include "common/suggest.h"
#include "common/tables.h"

#define MARK_ON  "\033[1;31m"
#define MARK_OFF "\033[0m"

// --- better words ------------------------------------------------------------------------------

// Habits: what others call the last value.
static bool is_ans_elsewhere(dc_str_t name)
{
    static const char *const names[] = { "_", "last", "Ans", "ANS" };
    for (size_t i = 0; i < DC_ARRAY_LEN(names); i++) {
        if (dc_str_eq(name, dc_str_from(names[i]))) return true;
    }
    return false;
}

// The definition whose name is nearest to `name`: what was not sent the engine cannot know of.
static dc_str_t find_near(const dc_prompt_t *self, dc_str_t name, bool is_function)
{
    dc_suggest_t suggest;
    dc_suggest_init(&suggest, name);
    const dc_note_t *note = NULL;
    while ((note = dc_notebook_next(self->notebook, note))) {
        if (dc_note_is_function(note) == is_function) {
            dc_suggest_offer(&suggest, dc_note_name(note));
        }
    }
    return dc_suggest_best(&suggest);
}

static bool has_function(const dc_prompt_t *self, dc_str_t name)
{
    const dc_note_t *note = NULL;
    while ((note = dc_notebook_next(self->notebook, note))) {
        if (dc_note_is_function(note) && dc_str_eq(dc_note_name(note), name)) return true;
    }
    return false;
}

static bool is_ans(dc_str_t name)
{
    return dc_str_eq(name, DC_STR(DC_NOTEBOOK_ANS));
}

// Put what the engine could not say about a name that is not known into `room`. False if there is
// nothing.
static bool put_better(const dc_prompt_t *self, dc_str_t name, bool is_function, dc_buf_t *room)
{
    bool is_variable = !is_function;
    dc_str_t near = find_near(self, name, is_function);
    bool has_ans = dc_notebook_has(self->notebook, DC_STR(DC_NOTEBOOK_ANS));
    if (is_variable && is_ans(name) && !has_ans) {
        dc_buf_append_text(room, "there is no last value yet");
        return true;
    }
    if (is_variable && has_function(self, name)) {
        dc_buf_append_char(room, '\'');
        dc_text_put_name(room, name);
        dc_buf_append_text(room, "' is a function; write ");
        dc_text_put_name(room, name);
        dc_buf_append_text(room, "(...)");
        return true;
    }
    if (is_variable && is_ans_elsewhere(name)) near = DC_STR(DC_NOTEBOOK_ANS);
    if (!near.len) return false;
    dc_buf_append_text(room, is_function ? "unknown function '" : "unknown name '");
    dc_text_put_name(room, name);
    dc_buf_append_text(room, "'; did you mean '");
    dc_text_put_name(room, near);
    dc_buf_append_text(room, "'?");
    return true;
}

static void find_words(const dc_prompt_t *self, dc_fault_t *fault, dc_buf_t *room)
{
    dc_str_t text = dc_buf_str(&self->job.text);
    bool is_in = fault->column + (size_t)fault->width <= text.len;
    bool is_function = fault->code == DC_ERR_FUNCTION;
    bool is_name = (is_function || fault->code == DC_ERR_NAME) && fault->width && is_in;
    dc_str_t name = is_name ? dc_str(text.data + fault->column, fault->width) : DC_STR("");
    room->len = 0;
    if (is_name && put_better(self, name, is_function, room)) {
        fault->message = dc_buf_str(room);
        return;
    }
    dc_buf_append_str(room,
                      fault->message.len ? fault->message : dc_str_from(dc_err_text(fault->code)));
    fault->message = dc_buf_str(room);
}

// --- marks -------------------------------------------------------------------------------------

static const char *mark_on(const dc_prompt_t *self)
{
    return self->console->is_coloured ? MARK_ON : "";
}

static const char *mark_off(const dc_prompt_t *self)
{
    return self->console->is_coloured ? MARK_OFF : "";
}

// The mark for `width` bytes at byte `column` of the line goes into the row under it, if it fits
// there. False, and nothing said, if not.
static bool mark_below(dc_prompt_t *self, size_t column, size_t width)
{
    dc_buf_t *out = &self->console->buf;
    dc_str_t line = dc_buf_str(&self->line);
    size_t indent = sizeof DC_PROMPT_FIRST - 1 + dc_text_column(line, column);
    size_t end = sizeof DC_PROMPT_FIRST - 1 + dc_text_column(line, column + width);
    size_t line_end = sizeof DC_PROMPT_FIRST - 1 + dc_text_column(line, line.len);
    bool fits = dc_max_size(indent, line_end) + 1 < dc_console_columns();
    if (!self->is_shown || !fits) return false;
    dc_buf_printf(out, "%*s%s^", (int)indent, "", mark_on(self));
    for (size_t at = indent + 1; at < end; at++) {
        dc_buf_append_char(out, '~');
    }
    dc_buf_printf(out, "%s\n", mark_off(self));
    return true;
}

static void mark_apart(dc_prompt_t *self, dc_str_t source, size_t column, size_t width)
{
    dc_text_put_marked(&self->console->buf, source, column, width, dc_console_columns(),
                       mark_on(self), mark_off(self));
}

static bool is_in_text(const dc_fault_t *fault)
{
    return fault->code < DC_ERR_LOST && (fault->width || fault->code == DC_ERR_SYNTAX);
}

// --- options -----------------------------------------------------------------------------------

#define OPTION_BYTES 32

// Does `text` begin with an option of this program?
static bool is_option(dc_str_t text)
{
    char name[OPTION_BYTES];
    size_t len = 0;
    size_t index;
    bool is_word = dc_str_begins(text, DC_STR("--"));
    dc_str_t rest = dc_str_behind(text, is_word ? 2 : 1);
    while (len < rest.len && len < sizeof name - 1 && rest.data[len] != ' ' &&
           rest.data[len] != '=') {
        name[len] = rest.data[len];
        len++;
    }
    name[len] = '\0';
    if (is_word) return dc_option_find(&dc_cli_options, name, &index);
    dc_str_t behind = dc_str_trim(dc_str_behind(rest, len));
    bool is_operand = behind.len && strchr("+-*/%^<>=!&|?,;", behind.data[0]);
    return len == 1 && !is_operand && dc_option_find_letter(&dc_cli_options, name[0], &index);
}

// The option that somebody typed here, and what follows it; empty if there is none. One of a letter
// is looked for in front only, since behind a value it is subtracted.
static dc_str_t find_option(dc_str_t own)
{
    for (size_t at = 0; at + 1 < own.len; at++) {
        bool is_begun = own.data[at] == '-' && (at == 0 || own.data[at - 1] == ' ');
        bool is_meant = is_begun && (at == 0 || own.data[at + 1] == '-');
        if (is_meant && is_option(dc_str_behind(own, at))) return dc_str_behind(own, at);
    }
    return DC_STR("");
}

// To the language an option is a name with signs in front of it.
static void say_option(dc_prompt_t *self, dc_str_t own, const dc_fault_t *fault)
{
    dc_str_t option = find_option(own);
    if (!option.len || (fault->code != DC_ERR_NAME && fault->code != DC_ERR_SYNTAX)) return;
    dc_buf_append_text(&self->console->buf, "options stand where dcalc is started: dcalc ");
    dc_text_put_safe(&self->console->buf, option);
    dc_buf_append_char(&self->console->buf, '\n');
}

// --- all of it ---------------------------------------------------------------------------------

static void say_message(dc_prompt_t *self, const dc_fault_t *fault)
{
    dc_text_put_safe(&self->console->buf, fault->message);
    dc_buf_append_char(&self->console->buf, '\n');
}

// What was typed is at fault.
static void say_own(dc_prompt_t *self, dc_str_t own, const dc_fault_t *fault)
{
    size_t before = (size_t)(own.data - self->line.data);
    size_t column = dc_min_size(fault->column, own.len);
    bool is_marked = is_in_text(fault) && mark_below(self, before + column, fault->width);
    say_message(self, fault);
    if (is_in_text(fault) && !is_marked) mark_apart(self, own, column, fault->width);
    say_option(self, own, fault);
}

// What it uses is: this cannot be shown where it was typed.
static void say_note(dc_prompt_t *self, const dc_note_t *note, const dc_fault_t *fault)
{
    dc_text_put_safe(&self->console->buf, fault->message);
    dc_buf_append_text(&self->console->buf, ", in '");
    dc_text_put_name(&self->console->buf, dc_note_name(note));
    dc_buf_append_text(&self->console->buf, "':\n");
    mark_apart(self, dc_note_text(note), fault->column, fault->width);
}

void dc_prompt_say_fault(dc_prompt_t *self, dc_str_t own, dc_fault_t *fault, dc_buf_t *room)
{
    size_t within;
    dc_buf_t words = { 0 };
    find_words(self, fault, &words);
    dc_buf_fini(room);
    *room = words;
    const dc_note_t *note = dc_job_text_locate(&self->job, fault->column, &within);
    fault->column = (uint32_t)within;
    if (note && is_in_text(fault)) {
        say_note(self, note, fault);
        fault->column = fault->width = 0;
    } else {
        say_own(self, own, fault);
    }
}
