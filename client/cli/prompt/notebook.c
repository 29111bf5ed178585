#include "client/cli/prompt/notebook.h"

#include <stdlib.h>

#include "client/cli/text/text.h"
#include "common/limits.h"
#include "common/map.h"

struct dc_note {
    dc_buf_t key;                // owned: a letter for what it is, then the name
    dc_buf_t text;               // owned, padded
    size_t body;                 // where in it stands what it is
    uint64_t used;               // the last text that it was written for
    struct dc_note *prev, *next; // in the list of those that a text uses
    UT_hash_handle hh;
};

struct dc_notebook {
    dc_note_t *notes; // owned
    uint64_t texts;   // written so far
    dc_buf_t own;     // owned: what one is asked for, padded
};

#define KEY_VARIABLE 'v'
#define KEY_FUNCTION 'f'

dc_notebook_t *dc_notebook_new(void)
{
    return calloc(1, sizeof(dc_notebook_t));
}

void dc_notebook_destroy(dc_notebook_t **self_p)
{
    if (*self_p) dc_notebook_forget_all(*self_p);
    if (*self_p) dc_buf_fini(&(*self_p)->own);
    free(*self_p);
    *self_p = NULL;
}

dc_str_t dc_note_name(const dc_note_t *self)
{
    return dc_str_behind(dc_buf_str(&self->key), 1);
}

bool dc_note_is_function(const dc_note_t *self)
{
    return self->key.data[0] == KEY_FUNCTION;
}

dc_str_t dc_note_text(const dc_note_t *self)
{
    return dc_buf_str(&self->text);
}

static void destroy_note(dc_note_t *note)
{
    dc_buf_fini(&note->key);
    dc_buf_fini(&note->text);
    free(note);
}

// --- what there is -----------------------------------------------------------------------------

// Longer names are none: what they are in does not fit a job.
static dc_note_t *find(const dc_notebook_t *self, char kind, dc_str_t name)
{
    char key[1 + DC_NOTEBOOK_NAME_MAX];
    dc_note_t *note = NULL;
    if (name.len > DC_NOTEBOOK_NAME_MAX) return NULL;
    key[0] = kind;
    if (name.len) memcpy(key + 1, name.data, name.len);
    HASH_FIND(hh, self->notes, key, name.len + 1, note);
    return note;
}

bool dc_notebook_has(const dc_notebook_t *self, dc_str_t name)
{
    return find(self, KEY_VARIABLE, name) || find(self, KEY_FUNCTION, name);
}

bool dc_notebook_get_variable(const dc_notebook_t *self, dc_str_t name, dc_str_t *value)
{
    const dc_note_t *note = find(self, KEY_VARIABLE, name);
    if (note) *value = dc_str_behind(dc_note_text(note), note->body);
    return note;
}

const dc_note_t *dc_notebook_next(const dc_notebook_t *self, const dc_note_t *note)
{
    return note ? note->hh.next : self->notes;
}

static void remove_note(dc_notebook_t *self, dc_note_t *note)
{
    HASH_DEL(self->notes, note);
    destroy_note(note);
}

bool dc_notebook_forget(dc_notebook_t *self, dc_str_t name)
{
    dc_note_t *variable = find(self, KEY_VARIABLE, name);
    dc_note_t *function = find(self, KEY_FUNCTION, name);
    if (variable) remove_note(self, variable);
    if (function) remove_note(self, function);
    return variable || function;
}

void dc_notebook_forget_all(dc_notebook_t *self)
{
    dc_note_t *note, *next;
    HASH_ITER(hh, self->notes, note, next)
    {
        remove_note(self, note);
    }
}

// --- defining ----------------------------------------------------------------------------------

static dc_note_t *new_note(char kind, dc_str_t name)
{
    dc_note_t *note = calloc(1, sizeof *note);
    if (!note) return NULL;
    dc_buf_append_char(&note->key, kind);
    dc_buf_append_str(&note->key, name);
    if (!note->key.failed) return note;
    destroy_note(note);
    return NULL;
}

static dc_err_t add(dc_notebook_t *self, char kind, dc_str_t name, dc_note_t **added)
{
    if (HASH_COUNT(self->notes) >= DC_NOTEBOOK_NOTES_MAX) return DC_ERR_FULL;
    dc_note_t *note = new_note(kind, name);
    if (!note) return DC_ERR_NOMEM;
    HASH_ADD_KEYPTR(hh, self->notes, note->key.data, note->key.len, note);
    if (!DC_MAP_ADDED(note)) {
        destroy_note(note);
        return DC_ERR_NOMEM;
    }
    *added = note;
    return DC_OK;
}

// Take `text`, which is the caller's no more. A name that there is keeps its place.
static dc_err_t set(dc_notebook_t *self, char kind, dc_str_t name, dc_buf_t *text, size_t body)
{
    dc_note_t *note = find(self, kind, name);
    dc_statement_pad(text);
    dc_err_t err = text->failed ? DC_ERR_NOMEM : DC_OK;
    if (!err && name.len > DC_NOTEBOOK_NAME_MAX) err = DC_ERR_TOO_LONG;
    if (!err && !note) err = add(self, kind, name, &note);
    if (err) {
        dc_buf_fini(text);
        return err;
    }
    dc_buf_fini(&note->text);
    note->text = *text;
    note->body = body;
    return DC_OK;
}

dc_err_t dc_notebook_set_variable(dc_notebook_t *self, dc_str_t name, dc_str_t value)
{
    dc_buf_t text = { 0 };
    dc_text_put_name(&text, name);
    dc_buf_append_text(&text, " = ");
    size_t body = text.len;
    dc_buf_append_str(&text, value);
    return set(self, KEY_VARIABLE, name, &text, body);
}

dc_err_t dc_notebook_set_function(dc_notebook_t *self, const dc_statement_t *function)
{
    dc_buf_t text = { 0 };
    dc_buf_append_str(&text, function->text);
    size_t body = (size_t)(function->body.data - function->text.data);
    return set(self, KEY_FUNCTION, function->name, &text, body);
}

// --- the text that is sent ---------------------------------------------------------------------

// What a text uses, as it is found out.
typedef struct uses {
    dc_notebook_t *notebook;
    dc_str_t making;         // the function that is being made; empty: none is
    dc_note_t *variables;    // lists
    dc_note_t *functions;    // each behind those that it uses
    const dc_note_t *circle; //
} uses_t;

// Infinities and nan are written as the constants of these names, which a variable may hide: those
// that need them go first.
static bool is_number(dc_str_t value)
{
    const char *digits = "0123456789\"tfn"; // and what begins another value: a string, true, null
    bool is_nan = dc_str_eq(value, DC_STR("nan"));
    size_t sign = value.len && value.data[0] == '-';
    return !is_nan && value.len > sign && strchr(digits, value.data[sign]);
}

static void use_variable(uses_t *self, dc_note_t *note)
{
    if (is_number(dc_str_behind(dc_note_text(note), note->body))) {
        DL_APPEND(self->variables, note);
    } else {
        DL_PREPEND(self->variables, note);
    }
}

// Find what `text`, which is padded, uses: it is what `user` is, or what is asked for. Functions
// are inside each other at most as deep as there are any.
static void find_uses(uses_t *self, dc_str_t text, const dc_note_t *user)
{
    dc_mention_t mention;
    size_t at = 0;
    while (dc_statement_next_mention(text, &at, &mention)) {
        bool is_making = mention.is_call && dc_str_eq(mention.name, self->making);
        if (is_making && user) self->circle = user;
        if (is_making) continue;
        char kind = mention.is_call ? KEY_FUNCTION : KEY_VARIABLE;
        dc_note_t *note = find(self->notebook, kind, mention.name);
        if (!note || note->used == self->notebook->texts) continue;
        note->used = self->notebook->texts;
        if (mention.is_call) {
            find_uses(self, dc_str_behind(dc_note_text(note), note->body), note);
            DL_APPEND(self->functions, note);
        } else {
            use_variable(self, note);
        }
    }
}

static bool put_part(dc_job_text_t *job, const dc_note_t *note)
{
    dc_job_part_t *parts = realloc(job->parts, (job->part_count + 1) * sizeof *parts);
    if (!parts) return false;
    job->parts = parts;
    parts[job->part_count++] = (dc_job_part_t){ job->text.len, note };
    dc_buf_append_str(&job->text, dc_note_text(note));
    dc_buf_append_text(&job->text, "; ");
    return true;
}

static bool put_parts(dc_job_text_t *job, const dc_note_t *list)
{
    const dc_note_t *note;
    DL_FOREACH(list, note)
    {
        if (!put_part(job, note)) return false;
    }
    return true;
}

dc_err_t dc_notebook_write(dc_notebook_t *self, dc_str_t own, const dc_str_t *making,
                           dc_job_text_t *job)
{
    uses_t uses = { .notebook = self, .making = making ? *making : DC_STR("") };
    self->texts++;
    self->own.len = 0;
    dc_buf_append_str(&self->own, own);
    dc_statement_pad(&self->own);
    if (self->own.failed) {
        dc_buf_fini(&self->own);
        return DC_ERR_NOMEM;
    }
    find_uses(&uses, dc_buf_str(&self->own), NULL);
    job->text.len = 0;
    job->part_count = 0;
    job->circle = uses.circle;
    bool is_whole = put_parts(job, uses.variables) && put_parts(job, uses.functions);
    job->own_first = job->text.len;
    dc_buf_append_str(&job->text, own);
    dc_statement_pad(&job->text);
    if (!is_whole || job->text.failed) return DC_ERR_NOMEM;
    return uses.circle ? DC_ERR_RECURSION : DC_OK;
}

void dc_job_text_fini(dc_job_text_t *self)
{
    dc_buf_fini(&self->text);
    free(self->parts);
    self->parts = NULL;
    self->part_count = 0;
}

const dc_note_t *dc_job_text_locate(const dc_job_text_t *self, size_t column, size_t *within)
{
    *within = column - dc_min_size(column, self->own_first);
    if (column >= self->own_first) return NULL;
    size_t at = self->part_count;
    while (at > 1 && self->parts[at - 1].first > column) {
        at--;
    }
    if (at == 0) return NULL;
    *within = column - self->parts[at - 1].first;
    return self->parts[at - 1].note;
}
