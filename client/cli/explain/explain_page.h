// explain_page — what the files that explain for people share: explain_text.c, and explain_tree.c
// for the tree. Nobody else includes it.
#ifndef DC_CLIENT_CLI_EXPLAIN_EXPLAIN_PAGE_H
#define DC_CLIENT_CLI_EXPLAIN_EXPLAIN_PAGE_H

#include "client/cli/explain/explain_part.h"
#include "client/cli/text/fit.h"

// Characters of a text that stand beside something else.
#define DC_EXPLAIN_CHARACTERS_MAX 32

// What follows a block's name, and what its further lines begin with.
#define DC_EXPLAIN_INDENT "       "

#define DC_EXPLAIN_FAINT "\033[2m"
#define DC_EXPLAIN_PLAIN "\033[0m"

typedef struct dc_explain_page {
    dc_explained_t *explained;
    const dc_explanation_t *explanation;
    dc_buf_t *out;
    dc_fit_t fit;
} dc_explain_page_t;

// Append `style`, where there are colours.
void dc_explain_put_style(const dc_explain_page_t *self, const char *style);

// Begin a block: `name` in the room of the indentation.
void dc_explain_put_name(const dc_explain_page_t *self, const char *name);

// Append at most `characters` of `text`.
void dc_explain_put_short(const dc_explain_page_t *self, dc_str_t text, size_t characters);

// client/cli/explain/explain_tree.c: append the block of the tree.
void dc_explain_put_tree(const dc_explain_page_t *self);

#endif
