// Lines of the prompt that are commands.
#include "client/cli/prompt/prompt_part.h"

#include <string.h>

#include "client/cli/cli_help.h"
#include "client/cli/prompt/errand.h"
#include "client/cli/text/text.h"
#include "common/json_writer.h"

// A line, cut into words.
#define ARENA_BYTES_MAX (8u << 20)

// --- vars, forget ------------------------------------------------------------------------------

static void put_note_json(const dc_note_t *note, dc_buf_t *out)
{
    dc_json_writer_t json = dc_json_writer(out);
    dc_json_begin_object(&json);
    dc_json_put_key(&json, "v");
    dc_json_put_u64(&json, 1);
    dc_json_put_key(&json, "name");
    dc_json_put_string(&json, dc_note_name(note));
    dc_json_put_key(&json, "definition");
    dc_json_put_string(&json, dc_note_text(note));
    dc_json_end_object(&json);
}

// All definitions, as they can be typed again.
static void show_vars(dc_prompt_t *self)
{
    const dc_note_t *note = NULL;
    while ((note = dc_notebook_next(self->notebook, note))) {
        if (self->printer.format == DC_PRINT_JSON) {
            put_note_json(note, &self->sink.buf);
        } else {
            dc_text_put_safe(&self->sink.buf, dc_note_text(note));
        }
        dc_buf_append_char(&self->sink.buf, '\n');
    }
    if (!dc_notebook_next(self->notebook, NULL)) {
        dc_prompt_say(self, "nothing is defined; for example:  rate = 0.19      f(x) = x^2");
    }
    dc_sink_drain(&self->sink);
}

static void forget(dc_prompt_t *self, const dc_words_t *words)
{
    if (words->count == 0) dc_prompt_say(self, "forget what? vars shows all there is");
    for (size_t i = 0; i < words->count; i++) {
        dc_str_t word = dc_str_from(words->items[i]);
        bool is_all = dc_str_eq(word, DC_STR("all")) && !dc_notebook_has(self->notebook, word);
        if (is_all) {
            dc_notebook_forget_all(self->notebook);
        } else if (!dc_notebook_forget(self->notebook, word)) {
            dc_buf_append_char(&self->console->buf, '\'');
            dc_text_put_safe(&self->console->buf, word);
            dc_buf_append_text(&self->console->buf, "' is not defined\n");
        }
    }
}

// --- help --------------------------------------------------------------------------------------

static void say_no_topic(dc_prompt_t *self, const char *topic)
{
    dc_buf_t *out = &self->console->buf;
    dc_suggest_t suggest;
    dc_suggest_init(&suggest, dc_str_from(topic));
    dc_cli_help_offer(&suggest);
    dc_str_t near = dc_suggest_best(&suggest);
    dc_buf_append_text(out, "there is no help about '");
    dc_text_put_safe(out, dc_str_from(topic));
    dc_buf_append_char(out, '\'');
    if (near.len) dc_buf_printf(out, "; did you mean '%.*s'?", (int)near.len, near.data);
    dc_buf_append_text(out, "\ntopics: ");
    dc_cli_help_put_topics(out);
    dc_buf_append_char(out, '\n');
}

static void help(dc_prompt_t *self, const dc_words_t *words)
{
    const char *topic = words->count ? words->items[0] : "prompt";
    if (!dc_cli_help_topic(topic, &self->console->buf)) say_no_topic(self, topic);
}

// --- commands ----------------------------------------------------------------------------------

static int timeout_ms(void *context)
{
    return dc_evaluator_timeout_ms(context);
}

static void turn(void *context)
{
    dc_evaluator_turn(context);
}

static void run(dc_prompt_t *self, const dc_words_t *words, dc_arena_t *arena)
{
    dc_errand_t errand = { .settings = self->settings,
                           .options = self->options,
                           .program = self->program,
                           .notebook = self->notebook,
                           .url = dc_evaluator_url(&self->evaluator),
                           .is_private = self->settings->local >= 0,
                           .signal_fd = self->evaluator.signal_fd,
                           .context = &self->evaluator,
                           .fd = dc_evaluator_fd(&self->evaluator),
                           .timeout_ms = timeout_ms,
                           .turn = turn };
    dc_editor_lend(self->editor, true);
    int error = dc_errand_run(&errand, words, arena);
    dc_editor_lend(self->editor, false);
    if (error) dc_prompt_say(self, "cannot start a command: %s", strerror(error));
}

void dc_prompt_do_verb(dc_prompt_t *self, dc_verb_t verb, dc_str_t rest)
{
    dc_arena_t arena;
    dc_words_t words;
    // A command is its first word.
    bool is_command = verb == DC_VERB_COMMAND;
    dc_arena_init(&arena, ARENA_BYTES_MAX);
    if (!dc_words_cut(is_command ? dc_str_trim(dc_buf_str(&self->line)) : rest, &arena, &words)) {
        dc_prompt_say(self, "a quote is opened and not closed");
        verb = DC_VERB_NONE;
    }
    switch (verb) {
    case DC_VERB_NONE: break;
    case DC_VERB_HELP: help(self, &words); break;
    case DC_VERB_VARS: show_vars(self); break;
    case DC_VERB_FORGET: forget(self, &words); break;
    case DC_VERB_QUIT: self->is_ending = true; break;
    case DC_VERB_COMMAND: run(self, &words, &arena); break;
    }
    dc_arena_fini(&arena);
}
