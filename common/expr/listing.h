// listing — compiled code, one instruction after the other, as a person can read it.
//
//   dc_listing_init(&listing, &code, &syntax, &arena)
//   while (dc_listing_next(&listing, &line))
//       for (i < line.operand_count) dc_listing_operand(&listing, &line, i)
//
// Arguments in lists belong to the instruction before them and have no lines of their own. Nothing
// is owned: names and texts are those of the code and of the tree.
#ifndef DC_COMMON_EXPR_LISTING_H
#define DC_COMMON_EXPR_LISTING_H

#include "common/expr/syntax.h"

typedef struct dc_listing {
    const dc_code_t *code;     // borrowed, as is the next
    const dc_syntax_t *syntax; //
    const uint64_t *fixed;     // dc_code_fixed
    dc_str_t *names;           // [register]: of a variable; else empty
    uint32_t next;             // the next instruction
} dc_listing_t;

// Longer than the name of any operation.
#define DC_LISTING_OP_MAX 24

typedef struct dc_listing_line {
    uint32_t at;
    char op[DC_LISTING_OP_MAX]; // "add", "jump-false", "call", or the function's name
    dc_str_t callee;            // of a call: which local function; else empty
    bool has_result;
    uint16_t result;        // the register that is written
    uint32_t operand_count; // of a reduction: its variable, then its bounds
    bool has_target;
    uint32_t target; // of a jump: where it leads; of a reduction: where its f begins
    dc_str_t text;   // what it was made from; empty where nothing of the text says it
} dc_listing_line_t;

typedef enum dc_listed_kind {
    DC_LISTED_REGISTER, // an intermediate result: `reg`
    DC_LISTED_NAME,     // a variable: `name`
    DC_LISTED_CONSTANT, // `value`
} dc_listed_kind_t;

typedef struct dc_listed {
    dc_listed_kind_t kind;
    uint16_t reg;
    dc_str_t name;
    dc_value_t value;
} dc_listed_t;

// List `code`, whose text is that of `syntax`. What it takes is in `arena`. False if memory is
// short.
DC_MUST_USE bool dc_listing_init(dc_listing_t *self, const dc_code_t *code,
                                 const dc_syntax_t *syntax, dc_arena_t *arena);

// The next line; false behind the last.
bool dc_listing_next(dc_listing_t *self, dc_listing_line_t *line);

// Operand `index` of `line`, below its operand_count; and what it writes, if it has a result.
dc_listed_t dc_listing_operand(const dc_listing_t *self, const dc_listing_line_t *line,
                               uint32_t index);
dc_listed_t dc_listing_result(const dc_listing_t *self, const dc_listing_line_t *line);

#endif
