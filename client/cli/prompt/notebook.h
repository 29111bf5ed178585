// notebook — what a person has defined at the prompt, and the text that is sent for a statement.
//
// A cluster remembers nothing of what was typed before, so each job brings along what it uses: the
// definitions that its text mentions, and those that these mention, in an order in which each
// comes before its use. They are local definitions of the language, in the text of the job:
//
//   > rate = 0.19                      a variable: its value is kept, as the text of that
//   > f(x) = x * (1 + rate)            a function: its text is kept as it was typed
//   > f(100)                           sent: rate = 0.19; f(x) = x * (1 + rate); f(100)
//
// So a variable has the value that it got, whatever becomes of what that was computed from, and a
// function uses what its names mean when it is called: both as in other languages. A name may be
// defined again, and be a variable and a function at once. The value of the last expression is the
// variable `ans`. Values are canonical texts (dc_value_print), which read back to the same bits.
//
// Pure. Costs: a definition is found by its hash; a text is written in time linear in its length
// and in that of what it uses.
#ifndef DC_CLIENT_CLI_PROMPT_NOTEBOOK_H
#define DC_CLIENT_CLI_PROMPT_NOTEBOOK_H

#include "client/cli/prompt/statement.h"
#include "common/err.h"

// What the value of the last expression is called.
#define DC_NOTEBOOK_ANS "ans"

typedef struct dc_notebook dc_notebook_t;

// A definition; the notebook's until it is replaced or forgotten.
typedef struct dc_note dc_note_t;

// An empty notebook; the caller owns it. NULL if memory is short.
dc_notebook_t *dc_notebook_new(void);

// Destroy it and set `*self_p` to NULL; NULL is fine.
void dc_notebook_destroy(dc_notebook_t **self_p);

// Let variable `name` be `value`, the canonical text of a value.
// DC_ERR_FULL: there are DC_NOTEBOOK_NOTES_MAX definitions; DC_ERR_TOO_LONG: the name has more than
// DC_NOTEBOOK_NAME_MAX bytes; DC_ERR_NOMEM. Nothing has changed then.
DC_MUST_USE dc_err_t dc_notebook_set_variable(dc_notebook_t *self, dc_str_t name, dc_str_t value);

// Keep the definition `function`, of kind DC_STATEMENT_FUNCTION. Errors likewise.
DC_MUST_USE dc_err_t dc_notebook_set_function(dc_notebook_t *self, const dc_statement_t *function);

// Forget what is called `name`, variable and function. False if there is none.
bool dc_notebook_forget(dc_notebook_t *self, dc_str_t name);
void dc_notebook_forget_all(dc_notebook_t *self);

// Whether `name` is a variable, or a function, of the notebook.
bool dc_notebook_has(const dc_notebook_t *self, dc_str_t name);

// The value of variable `name`, as canonical text; valid until it is defined again or forgotten.
// False if there is none.
DC_MUST_USE bool dc_notebook_get_variable(const dc_notebook_t *self, dc_str_t name,
                                          dc_str_t *value);

// The definition behind `note`, NULL for the first one, in the order in which their names came.
// NULL if there are no more.
const dc_note_t *dc_notebook_next(const dc_notebook_t *self, const dc_note_t *note);

dc_str_t dc_note_name(const dc_note_t *self);
bool dc_note_is_function(const dc_note_t *self);

// `rate = 0.19`, `f(x) = x * (1 + rate)`: as it is sent, and can be typed again.
dc_str_t dc_note_text(const dc_note_t *self);

// --- the text that is sent ---------------------------------------------------------------------

// Where a part of a job's text comes from.
typedef struct dc_job_part {
    size_t first;          // byte of the job's text
    const dc_note_t *note; // borrowed
} dc_job_part_t;

typedef struct dc_job_text {
    dc_buf_t text;           // owned: what is sent
    size_t own_first;        // where what was asked for begins in it, behind the definitions
    dc_job_part_t *parts;    // owned: the definitions, in order
    size_t part_count;       //
    const dc_note_t *circle; // the definition that leads back to the one that is made; or NULL
} dc_job_text_t;

// Write the definitions that `own` uses, and `own`, into `job`, whatever was in there. If it is a
// definition that is being made, `making` is its name; else NULL. It does not see the one that it
// replaces, if it is a function: that is all that a function and itself have to do with each other.
// DC_ERR_RECURSION: a function that it uses would use it, see `circle`; DC_ERR_NOMEM.
DC_MUST_USE dc_err_t dc_notebook_write(dc_notebook_t *self, dc_str_t own, const dc_str_t *making,
                                       dc_job_text_t *job);
void dc_job_text_fini(dc_job_text_t *self);

// The definition that byte `column` of the job's text is in; NULL if it is what was asked for.
// `*within` is which byte of that it is.
const dc_note_t *dc_job_text_locate(const dc_job_text_t *self, size_t column, size_t *within);

#endif
