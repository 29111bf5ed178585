// vector_part — what vector.c, which runs, and vectorize.c, which makes, share of dc_vector_t.
#ifndef DC_COMMON_EXPR_VECTOR_PART_H
#define DC_COMMON_EXPR_VECTOR_PART_H

#include "common/expr/kernels.h"
#include "common/expr/vector.h"

typedef enum dc_vector_kind {
    DC_VECTOR_KERNEL,
    DC_VECTOR_BITWISE, // row by row, since a row may fail
    DC_VECTOR_MATH,    //
    DC_VECTOR_FAULT,
    DC_VECTOR_STEPS,
} dc_vector_kind_t;

#define DC_VECTOR_NO_MASK UINT16_MAX

// Functions of more arguments are the VM's.
#define DC_VECTOR_ARGS_MAX 64

// One operation. Operands are numbers of places: the rows that are given, then buffers, then
// singles.
typedef struct dc_vector_ins {
    dc_kernel_t kernel;
    uint8_t kind; // dc_vector_kind_t
    uint8_t op;   // dc_op_t, of BITWISE
    uint8_t x;    // of MATH
    uint16_t d, a, b, c;
    uint16_t mask; // which rows get there, or NO_MASK
    uint32_t steps;
    uint32_t arg_count;   // of MATH
    const uint16_t *args; //
} dc_vector_ins_t;

// A single that is known before the rows: a number, or what a register holds.
typedef struct dc_vector_single {
    bool is_number;
    uint16_t reg;
    double number;
} dc_vector_single_t;

struct dc_vector {
    dc_vector_ins_t *once; // computes singles
    size_t once_count;
    dc_vector_ins_t *ins; // computes rows
    size_t ins_count;
    dc_vector_single_t *inputs; // the first of the singles
    size_t input_count;
    size_t row_count, buffer_count, single_count;
    uint16_t result;
    uint64_t steps;
};

#endif
