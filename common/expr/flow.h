// flow — compiled code without its jumps: a list of values, each computed once from earlier ones.
//
// Registers that are written on several ways become one value a write; where ways meet, a choice
// (SELECT) between the two takes the place of the jump. Calls of local functions are replaced by
// their bodies. So every row goes the same way through all of it, which is what blocks need: what a
// row does not choose is computed for it all the same, and thrown away. Operations that can fail
// carry a mask, the bool that says which rows get there.
//
// Values that are the same in all rows are single. Null and strings have no place here.
#ifndef DC_COMMON_EXPR_FLOW_H
#define DC_COMMON_EXPR_FLOW_H

#include "common/expr/code.h"

#define DC_FLOW_NONE UINT32_MAX

// More than this is left to the VM: what takes so long is no faster in blocks.
#define DC_FLOW_VALUES_MAX 2048

typedef enum dc_flow_kind {
    DC_FLOW_ROWS,    // an input: `source` is its place in the list of rows
    DC_FLOW_SINGLE,  // an input: `source` is the register that has it
    DC_FLOW_NUMBER,  // `number`
    DC_FLOW_OP,      // `op` of a, b
    DC_FLOW_MATH,    // function `x` of math.h of `arg_count` values at `args`
    DC_FLOW_CUBE,    // a^3, a^4, a^0.5 as dc_math_pow has them
    DC_FLOW_FOURTH,  //
    DC_FLOW_ROOT,    //
    DC_FLOW_AND,     // bools: a and b
    DC_FLOW_AND_NOT, // a and not b
    DC_FLOW_SELECT,  // a ? b : c
    DC_FLOW_FAULT,   // the rows of `mask` fail here
    DC_FLOW_STEPS,   // the rows of `mask` take `source` steps more
    DC_FLOW_PAIR,    // (a op b) second c: made by the vectorizer
} dc_flow_kind_t;

typedef struct dc_flow_value {
    uint8_t kind;   // dc_flow_kind_t
    uint8_t op;     // dc_op_t
    uint8_t second; // dc_op_t, of a PAIR
    uint8_t x;
    bool is_turned; // of a PAIR: c second (a op b)
    bool is_single;
    bool can_fail;
    uint32_t a, b, c;
    uint32_t mask; // of what can fail; NONE: all rows get there
    uint32_t source;
    uint32_t arg_count;
    const uint32_t *args;
    double number;
    uint32_t uses; // how many values read it
} dc_flow_value_t;

typedef struct dc_flow {
    dc_arena_t *arena;       // what it lives in
    dc_flow_value_t *values; // each reads values before it
    uint32_t count;
    uint32_t result; // the value of all
    uint64_t steps;  // that every row takes
} dc_flow_t;

// Which part of the code, and what differs from row to row.
typedef struct dc_flow_source {
    const dc_code_t *code;
    uint32_t entry;        // it begins there, and ends at the first END, RETURN or YIELD on its way
    const uint16_t *rows;  // registers that have a value of their own in each row, not null
    size_t row_count;      //
    const uint64_t *fixed; // dc_code_fixed
} dc_flow_source_t;

// Turn it into values in `arena`; all other registers that it reads are single. False if it has
// what cannot be in blocks (strings, null, too many values) or memory is short.
DC_MUST_USE bool dc_flow_build(const dc_flow_source_t *source, dc_arena_t *arena, dc_flow_t *flow);

#endif
