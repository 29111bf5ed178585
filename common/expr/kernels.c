#include "common/expr/kernels_part.h"
#include "common/expr/math.h"

const dc_kernels_t *dc_kernels_best(void)
{
    return __builtin_cpu_supports("avx512f") ? &dc_kernels_8 : &dc_kernels_4;
}

dc_kernel_t dc_kernels_binary(const dc_kernels_t *self, dc_op_t op, dc_kernel_form_t form)
{
    return self->binary[op][form];
}

dc_kernel_t dc_kernels_unary(const dc_kernels_t *self, dc_op_t op)
{
    return self->unary[op];
}

dc_kernel_t dc_kernels_special(const dc_kernels_t *self, dc_kernel_special_t which)
{
    return self->special[which];
}

// --- two operations ----------------------------------------------------------------------------

static dc_kernel_tail_t find_tail(dc_op_t op, bool is_turned)
{
    if (op == DC_OP_ADD) return DC_TAIL_ADD;
    if (op == DC_OP_SUB) return is_turned ? DC_TAIL_SUB_FROM : DC_TAIL_SUB;
    if (op == DC_OP_MUL) return DC_TAIL_MUL;
    if (op == DC_OP_DIV) return is_turned ? DC_TAIL_DIV_INTO : DC_TAIL_DIV;
    return DC_TAIL_COUNT;
}

dc_kernel_t dc_kernels_pair(const dc_kernels_t *self, dc_op_t first, dc_kernel_form_t form,
                            dc_op_t second, bool is_turned, bool c_is_single)
{
    dc_kernel_tail_t tail = find_tail(second, is_turned);
    return tail == DC_TAIL_COUNT ? NULL : self->pair[first][form][tail][c_is_single];
}

// --- functions ---------------------------------------------------------------------------------

dc_kernel_t dc_kernels_function(const dc_kernels_t *self, size_t index, size_t arg_count)
{
    const char *name = dc_math_at(index)->name;
    const dc_math_kernel_t *at = self->functions;
    while (at->name && (at->arg_count != arg_count || strcmp(at->name, name) != 0))
        at++;
    return at->kernel;
}

void dc_kernel_mend(dc_row_fn_t function, int good, int lane_count, const double *x,
                    const double *y, double *result)
{
    for (int lane = 0; lane < lane_count; lane++) {
        if (good >> lane & 1) continue;
        result[lane] =
            function.of_one ? function.of_one(x[lane]) : function.of_two(x[lane], y[lane]);
    }
}
