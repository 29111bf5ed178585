// explanation — what the engine makes of an expression, for whoever wants to see it before it runs.
//
//   dc_explanation_init(&explanation, &source, varies, &diag)
//   explanation.code.type, .variables, .syntax, .steps_min ...
//   dc_listing_init(&listing, &explanation.code, &explanation.syntax, &explanation.arena)
//
// It translates the text as an evaluation does, so what it says is what runs.
#ifndef DC_COMMON_EXPR_EXPLANATION_H
#define DC_COMMON_EXPR_EXPLANATION_H

#include "common/expr/listing.h"
#include "common/expr/range.h"
#include "common/expr/translate.h"

typedef struct dc_explanation {
    dc_code_t code;        // with its lists in the arenas; wide, if it has literals: then one row
                           // and one term follow the other
    dc_syntax_t syntax;    // what was folded is marked
    double steps_min;      // of one evaluation; with what was folded
    bool is_exact;         // no evaluation takes more, short of a fault
    const uint64_t *fixed; // dc_code_fixed
    bool has_blocks;       // rows are evaluated DC_BLOCK_ROWS at a time ...
    size_t block_ops;      // in so many operations
    dc_arena_t parsing;    // owned, as is the next: the code
    dc_arena_t lasting;
    dc_arena_t arena; // owned: the tree, and room for a listing
} dc_explanation_t;

// Explain `source`, whose variables and values are borrowed until fini. Variable i has another
// value in each row if `varies[i]`; NULL: there are no rows. A fault of the text is returned and
// told in `diag`; then, too, fini frees what there is.
DC_MUST_USE dc_err_t dc_explanation_init(dc_explanation_t *self, const dc_expr_source_t *source,
                                         const bool *varies, dc_diag_t *diag);
void dc_explanation_fini(dc_explanation_t *self);

// How a reduction is computed, and shared out.
typedef struct dc_split {
    dc_reduce_t kind;
    dc_str_t text;     // of the whole call
    double term_steps; // of one term at least
    bool has_blocks;   // terms are evaluated DC_BLOCK_ROWS at a time ...
    size_t block_ops;  // in so many operations
    bool is_range;     // it counts from a to b; else it chooses its terms as it goes, on one slot
    dc_err_t refusal;  // the bounds are constants, and there is no such range: it fails so
    bool is_known;     // the bounds are constants, and what follows is there
    dc_number_range_t range; //
    bool is_at_once; // it costs so much that it is split before it begins; else if it takes long
    uint64_t part_terms; // of each part but the last
    uint64_t part_count; // at most DC_FORK_CHILDREN_MAX; 1: it cannot be split
} dc_split_t;

// What becomes of reduction `index` (below code.reduction_count). False if it is a part of another
// one's terms, and goes with these, or is never computed; and if code is wide.
bool dc_explanation_split(const dc_explanation_t *self, uint32_t index, dc_split_t *split);

#endif
