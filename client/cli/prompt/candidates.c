#include "client/cli/prompt/candidates.h"

#include <ctype.h>
#include <stdlib.h>

#include "client/cli/cli_help.h"
#include "client/cli/prompt/verb.h"
#include "client/cli/text/text.h"
#include "common/expr/expr.h"

// Between columns of names.
#define GAP 2

// More names than there are, whoever defined them.
#define NAMES_MAX 2048

typedef struct finder {
    dc_candidates_t *found;
    dc_str_t word; // what was typed of it
} finder_t;

// Names that stand behind a word of this line's beginning are other names, and may have hyphens.
static bool is_part(char c, bool is_verbs)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80 ||
           (is_verbs && c == '-');
}

static size_t word_start(dc_str_t line, size_t cursor, bool is_verbs)
{
    while (cursor && is_part(line.data[cursor - 1], is_verbs)) {
        cursor--;
    }
    return cursor;
}

static void offer(finder_t *self, dc_str_t name, bool is_function)
{
    if (!dc_str_begins(name, self->word) || self->found->count == NAMES_MAX) return;
    dc_buf_append_str(&self->found->names, name);
    if (is_function) dc_buf_append_char(&self->found->names, '(');
    dc_buf_append_char(&self->found->names, '\0');
    self->found->count++;
}

static void offer_text(finder_t *self, const char *name, bool is_function)
{
    offer(self, dc_str_from(name), is_function);
}

static void offer_notes(finder_t *self, const dc_notebook_t *notebook)
{
    const dc_note_t *note = NULL;
    while ((note = dc_notebook_next(notebook, note))) {
        offer(self, dc_note_name(note), dc_note_is_function(note));
    }
}

static void offer_language(finder_t *self)
{
    const char *name;
    for (size_t i = 0; (name = dc_engine_function(i)); i++) {
        offer_text(self, name, true);
    }
    for (size_t i = 0; (name = dc_engine_constant(i)); i++) {
        offer_text(self, name, false);
    }
}

static void offer_verbs(finder_t *self)
{
    const char *name;
    for (size_t at = 0; (name = dc_verb_next(&at));) {
        offer_text(self, name, false);
    }
}

static void offer_topics(finder_t *self)
{
    const char *name;
    for (size_t at = 0; (name = dc_cli_help_next_topic(&at));) {
        offer_text(self, name, false);
    }
    offer_verbs(self);
}

// --- order -------------------------------------------------------------------------------------

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t same_bytes(const char *a, const char *b)
{
    size_t bytes = 0;
    while (a[bytes] && a[bytes] == b[bytes]) {
        bytes++;
    }
    return bytes;
}

// Sort the names and leave out what comes twice. False if memory is short.
static bool sort(dc_candidates_t *self)
{
    const char **names = calloc(self->count + 1, sizeof *names);
    dc_buf_t sorted = { 0 };
    size_t count = self->count;
    if (!names || self->names.failed) {
        free(names);
        return false;
    }
    for (size_t i = 0, at = 0; i < count; i++) {
        names[i] = self->names.data + at;
        at += strlen(names[i]) + 1;
    }
    qsort(names, count, sizeof *names, compare);
    self->same_bytes = strlen(names[0]);
    self->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (i && strcmp(names[i - 1], names[i]) == 0) continue;
        self->same_bytes = dc_min_size(self->same_bytes, same_bytes(names[0], names[i]));
        dc_buf_append(&sorted, names[i], strlen(names[i]) + 1);
        self->count++;
    }
    free(names);
    dc_buf_fini(&self->names);
    self->names = sorted;
    return !sorted.failed;
}

void dc_candidates_find(const dc_notebook_t *notebook, dc_str_t line, size_t cursor,
                        dc_candidates_t *candidates)
{
    dc_str_t rest;
    dc_str_t before = dc_str(line.data, cursor);
    dc_verb_t verb = dc_verb_find(notebook, before, &rest);
    // What is typed may be the verb itself still, or the beginning of another word.
    bool is_typed = cursor && is_part(line.data[cursor - 1], true);
    bool is_behind = verb != DC_VERB_NONE && (rest.len || !is_typed);
    size_t start = word_start(line, cursor, is_behind);
    bool is_first = dc_str_trim(dc_str(line.data, start)).len == 0;
    *candidates = (dc_candidates_t){ .typed_bytes = cursor - start };
    finder_t finder = { candidates, dc_str(line.data + start, cursor - start) };
    if (is_behind && verb == DC_VERB_HELP) {
        offer_topics(&finder);
    } else if (is_behind && verb == DC_VERB_FORGET) {
        offer_notes(&finder, notebook);
    } else if (!is_behind && finder.word.len && !isdigit((unsigned char)finder.word.data[0])) {
        offer_language(&finder);
        offer_notes(&finder, notebook);
        if (is_first) offer_verbs(&finder);
    }
    if (!candidates->count || !sort(candidates)) dc_candidates_fini(candidates);
}

void dc_candidates_fini(dc_candidates_t *self)
{
    dc_buf_fini(&self->names);
    *self = (dc_candidates_t){ 0 };
}

// --- showing -----------------------------------------------------------------------------------

static size_t widest(const dc_candidates_t *self)
{
    size_t width = 1;
    const char *name = self->names.data;
    for (size_t i = 0; i < self->count; i++, name += strlen(name) + 1) {
        width = dc_max_size(width, dc_text_column(dc_str_from(name), strlen(name)));
    }
    return width;
}

void dc_candidates_put(const dc_candidates_t *self, size_t columns, dc_buf_t *out)
{
    size_t width = widest(self) + GAP;
    // The last column of a terminal is left alone: some break the line there.
    size_t across = columns > width ? (columns - 1 + GAP) / width : 1;
    const char *name = self->names.data;
    for (size_t i = 0; i < self->count; i++, name += strlen(name) + 1) {
        dc_str_t text = dc_str_from(name);
        bool is_last = (i + 1) % across == 0 || i + 1 == self->count;
        size_t pad = width - dc_text_column(text, text.len);
        dc_text_put_safe(out, text);
        dc_buf_printf(out, "%*s", is_last ? 0 : (int)pad, "");
        if (is_last) dc_buf_append_char(out, '\n');
    }
}
