// code — what an expression is compiled to: typed register code.
//
// An instruction is eight bytes: an operation, and the numbers of the registers it writes and
// reads. Operations are typed, so executing one asks no value for its type. Numbers and bools (1
// and 0) are doubles in a register; a string is a pointer to its view; null is one bit pattern that
// no computation makes, whatever the type.
//
// Constants, variables and intermediate results are registers of one file, each constant with its
// value from the start. Local functions cannot recurse, so each has registers of its own, and a
// call is a few copies and a jump. The same holds for what a reduction evaluates (reduction.h).
#ifndef DC_COMMON_EXPR_CODE_H
#define DC_COMMON_EXPR_CODE_H

#include <math.h>
#include <string.h>

#include "common/arena.h"
#include "common/expr/expr.h"
#include "common/expr/reduction.h"

// X(name, registers read: 0, a, or a and b; writes d; text in messages)
#define DC_OP_LIST(X)                                                                       \
    X(END, 1, 0, "")                                                                        \
    X(MOVE, 1, 1, "")                                                                       \
    X(LITERAL, 1, 1, "") /* d = a, a constant that is not finite: here it comes from */     \
    /* Arithmetic: ADD .. POW. */                                                           \
    X(ADD, 2, 1, "+")                                                                       \
    X(SUB, 2, 1, "-")                                                                       \
    X(MUL, 2, 1, "*")                                                                       \
    X(DIV, 2, 1, "/")                                                                       \
    X(MOD, 2, 1, "%")                                                                       \
    X(FLOORDIV, 2, 1, "//")                                                                 \
    X(POW, 2, 1, "^")                                                                       \
    X(NEG, 1, 1, "-")                                                                       \
    X(BITOR, 2, 1, "|")                                                                     \
    X(BITAND, 2, 1, "&")                                                                    \
    X(BITXOR, 2, 1, "xor")                                                                  \
    X(SHL, 2, 1, "<<")                                                                      \
    X(SHR, 2, 1, ">>")                                                                      \
    X(INVERT, 1, 1, "~")                                                                    \
    X(EQ, 2, 1, "==")                                                                       \
    X(NE, 2, 1, "!=")                                                                       \
    X(LT, 2, 1, "<")                                                                        \
    X(LE, 2, 1, "<=")                                                                       \
    X(GT, 2, 1, ">")                                                                        \
    X(GE, 2, 1, ">=")                                                                       \
    X(NOT, 1, 1, "not")                                                                     \
    X(IS_NAN, 1, 1, "isnan")                                                                \
    X(IS_INF, 1, 1, "isinf")                                                                \
    X(BOOL_OF_NUMBER, 1, 1, "bool")                                                         \
    /* The same order as EQ .. GE. */                                                       \
    X(EQ_STRING, 2, 1, "==")                                                                \
    X(NE_STRING, 2, 1, "!=")                                                                \
    X(LT_STRING, 2, 1, "<")                                                                 \
    X(LE_STRING, 2, 1, "<=")                                                                \
    X(GT_STRING, 2, 1, ">")                                                                 \
    X(GE_STRING, 2, 1, ">=")                                                                \
    X(IN_STRING, 2, 1, "in")                                                                \
    X(CONCAT, 2, 1, "+")                                                                    \
    X(NUMBER_OF_STRING, 1, 1, "number")                                                     \
    X(BOOL_OF_STRING, 1, 1, "bool")                                                         \
    X(STRING_OF_NUMBER, 1, 1, "string")                                                     \
    X(STRING_OF_BOOL, 1, 1, "string")                                                       \
    X(IS_NULL, 1, 1, "isnull")                                                              \
    X(CHECK, 1, 0, "")      /* a fault if a is null */                                      \
    X(FAULT_NULL, 0, 0, "") /* a fault: null stands where it must not */                    \
    X(MATH1, 1, 1, "")      /* d = function x of a */                                       \
    X(MATH2, 2, 1, "")      /* d = function x of a, b */                                    \
    X(MATHN, 0, 1, "")      /* d = function x of a values, in the ARGS that follow */       \
    X(CALL, 0, 1, "")       /* d = local function a of b values, in the ARGS that follow */ \
    X(ARGS, 0, 0, "")       /* up to three registers: d, a, b */                            \
    X(RETURN, 1, 0, "")                                                                     \
    X(YIELD, 1, 0, "")        /* the end of a reduction's f, whose value is a */            \
    X(REDUCE, 0, 1, "")       /* d = reduction a */                                         \
    X(JUMP, 0, 0, "")         /* to a | b << 16, likewise the next three */                 \
    X(JUMP_FALSE, 0, 0, "")   /* if the bool d is false */                                  \
    X(JUMP_TRUE, 0, 0, "")    /* if the bool d is true */                                   \
    X(JUMP_VALUE, 0, 0, "")   /* if d is not null */                                        \
    X(CRASH, 0, 1, "__crash") /* only made in test builds: die by SIGSEGV */

typedef enum dc_op {
#define X(name, reads, writes, text) DC_OP_##name,
    DC_OP_LIST(X)
#undef X
    DC_OP_COUNT
} dc_op_t;

typedef struct dc_ins {
    uint8_t op; // dc_op_t
    uint8_t x;  // number of a function of math.h
    uint16_t d, a, b;
} dc_ins_t;
static_assert(sizeof(dc_ins_t) == 8, "code stays small enough for the first-level cache");

typedef union dc_reg {
    double number; // bools too: 1 or 0
    const dc_str_t *string;
    uint64_t bits;
} dc_reg_t;
static_assert(sizeof(dc_reg_t) == 8, "a register is a double, or as large as one");

// Null: a quiet NaN with a payload of its own. Arithmetic never sees it (CHECK comes first), so
// it cannot make it, and inputs that are NaN are loaded as the plain NaN.
#define DC_NULL_BITS UINT64_C(0x7FFCDCA100000000)

static inline bool dc_reg_is_null(dc_reg_t reg)
{
    return reg.bits == DC_NULL_BITS;
}

// The register of an input; a string in it points to `value`. Any NaN becomes the plain one, so
// that none is taken for null.
static inline dc_reg_t dc_reg_of_value(const dc_value_t *value)
{
    switch (value->type) {
    case DC_TYPE_NULL:
    case DC_TYPE_DIGITS: break; // which is never given to this engine
    case DC_TYPE_NUMBER:
        return (dc_reg_t){ .number = isnan(value->number) ? (double)NAN : value->number };
    case DC_TYPE_BOOL: return (dc_reg_t){ .number = value->boolean };
    case DC_TYPE_STRING: return (dc_reg_t){ .string = &value->string };
    }
    return (dc_reg_t){ .bits = DC_NULL_BITS };
}

static inline uint32_t dc_ins_target(dc_ins_t ins)
{
    return (uint32_t)ins.a | (uint32_t)ins.b << 16;
}

static inline bool dc_ins_is_jump(dc_ins_t ins)
{
    return ins.op >= DC_OP_JUMP && ins.op <= DC_OP_JUMP_VALUE;
}

static inline bool dc_ins_is_math(dc_ins_t ins)
{
    return ins.op == DC_OP_MATH1 || ins.op == DC_OP_MATH2 || ins.op == DC_OP_MATHN;
}

// Register number `index` of the list of arguments that begins at `list`: three stand in each ARGS.
static inline uint16_t dc_list_reg(const dc_ins_t *list, uint32_t index)
{
    const dc_ins_t *ins = list + index / 3;
    uint32_t place = index % 3;
    return place == 0 ? ins->d : place == 1 ? ins->a : ins->b;
}

// How many instructions a list of so many arguments takes.
static inline uint32_t dc_list_length(uint32_t arg_count)
{
    return (arg_count + 2) / 3;
}

// How many instructions the one at the beginning takes, with its list.
static inline uint32_t dc_ins_length(dc_ins_t ins)
{
    if (ins.op == DC_OP_MATHN) return 1 + dc_list_length(ins.a);
    if (ins.op == DC_OP_CALL) return 1 + dc_list_length(ins.b);
    return 1;
}

// Where in the text an instruction has its fault.
typedef struct dc_span {
    uint32_t column; // byte offset from 0
    uint32_t width;  // in bytes
} dc_span_t;

// A number as it is written, or a constant by its name, which has a register of its own: in code
// for numbers that are wider than a double, where whoever runs it reads the text.
typedef struct dc_literal {
    dc_str_t text;
    dc_span_t span;
    uint16_t reg;
} dc_literal_t;

typedef struct dc_literals {
    dc_literal_t *items; // in the arena of the code
    uint32_t count, capacity;
} dc_literals_t;

// A local function.
typedef struct dc_function {
    dc_str_t name;
    uint32_t entry;       // its first instruction
    uint32_t steps;       // charged per call: the length of its code, without reductions' f
    uint32_t calls;       // of local functions inside each other, its own included
    uint32_t reductions;  // inside each other
    double cost;          // steps that one call takes at least, all told
    uint32_t param_first; // its parameters in the list of variables
    uint32_t param_count;
    dc_type_t type; // of what it returns
    bool nullable;
} dc_function_t;

// A variable or a parameter: what is known of it, and where it lives.
typedef struct dc_variable {
    dc_str_t name;
    dc_type_t type;  // DC_TYPE_NUMBER while by_use is not settled
    bool by_use;     // its type follows from how it is used ...
    bool is_settled; // ... and some use has decided
    bool is_numeric; // some use needs a number (a bool serves too)
    bool is_int;     // must be integral
    bool nullable;   // may be null: declared so, or handled by ?? == isnull
    bool is_used;    // in this text; the following are valid then
    bool has_value;  // `value` is its constant value
    uint16_t reg;    // where it lives
    dc_span_t span;  // of its first use
    dc_reg_t value;  // if has_value; strings point to the caller's
} dc_variable_t;

struct dc_code {
    dc_ins_t *ins;    // ends in END, which names the register of the value; empty for a constant
    dc_span_t *spans; // of each instruction
    uint32_t ins_count;
    uint32_t main_steps; // charged for one evaluation without its calls
    uint32_t reg_count;
    uint32_t args_max; // of one MATHN
    dc_reg_t *regs;    // constants have their values here
    dc_function_t *functions;
    dc_reduction_t *reductions;
    uint32_t function_count, reduction_count;
    const dc_literals_t *literals; // of wide code; else NULL
    dc_variable_t *variables;      // the declared ones first, then parameters
    uint32_t declared_count, variable_count;
    uint32_t folded_steps; // operations that were done while compiling
    dc_type_t type;
    dc_reg_t value;   // if ins_count is 0
    uint64_t serial;  // no two compilations have the same
    dc_arena_t arena; // owns all of the above if it came from dc_engine_compile
};

// Has reduction `index` code? One on a side that is never chosen has none.
static inline bool dc_code_has_reduction(const dc_code_t *self, uint32_t index)
{
    uint32_t at = self->reductions[index].at;
    if (at >= self->ins_count) return false;
    return self->ins[at].op == DC_OP_REDUCE && self->ins[at].a == index;
}

// Which registers have the same value in every run, and have it in `regs`: a bit each, in `arena`.
// NULL if memory is short.
const uint64_t *dc_code_fixed(const dc_code_t *self, dc_arena_t *arena);

static inline bool dc_code_is_fixed(const uint64_t *fixed, uint16_t reg)
{
    return fixed[reg / 64] >> (reg % 64) & 1;
}

// What an operation reads and writes, and its text.
typedef struct dc_op_info {
    uint8_t reads, writes;
    const char *text;
} dc_op_info_t;
extern const dc_op_info_t dc_op_infos[DC_OP_COUNT];

#endif
