#include "common/expr/reference.h"

#include <string.h>

#include "common/expr/math.h"
#include "common/expr/reduction.h"

// --- operators ---------------------------------------------------------------------------------

static const dc_reference_level_t levels[] = {
    { "? :", "right", "c ? a : b: only the chosen side is evaluated" },
    { "??", "right", "a ?? b is b where a is null" },
    { "|| or", "left", "of bools; stops at the first that is true" },
    { "&& and", "left", "of bools; stops at the first that is false" },
    { "! not", "prefix", "of a bool; !a == b is !(a == b)" },
    { "== != < <= > >= in", "no", "no chains: write 1 < x && x < 2; 'b' in 'abc' is true" },
    { "|", "left", "bitwise, on integers below 2^53, as are & << >> ~" },
    { "&", "left", "bitwise and; for exclusive or there is xor(a, b)" },
    { "<< >>", "left", "shifts" },
    { "+ -", "left", "of numbers; + of two strings joins them" },
    { "* / % //", "left", "% has the dividend's sign, // rounds down" },
    { "- + ~", "prefix", "looser than a power: -2^2 is -4" },
    { "^ **", "right", "2^3^2 is 512, 2^-1 is 0.5" },
};

const dc_reference_level_t *dc_reference_next_level(size_t *at)
{
    return *at < DC_ARRAY_LEN(levels) ? &levels[(*at)++] : NULL;
}

// --- functions ---------------------------------------------------------------------------------

// Behind the families of functions over numbers stand two more.
#define OTHERS     DC_MATH_FAMILY_COUNT
#define REDUCTIONS (DC_MATH_FAMILY_COUNT + 1)
static_assert(REDUCTIONS < DC_REFERENCE_FAMILIES_MAX, "there is room for all families");

const char *dc_reference_family(size_t index)
{
    static const char *const titles[] = {
#define X(family, title) [DC_MATH_##family] = (title),
        DC_MATH_FAMILIES(X)
#undef X
            [OTHERS] = "Choices and types",
        [REDUCTIONS] = "Reductions",
    };
    return index < DC_ARRAY_LEN(titles) ? titles[index] : NULL;
}

// Those that math.h does not have.
static const struct {
    const char *name, *args, *help;
} others[] = {
    { "if", "c, a, b", "c ? a : b" },
    { "isnan", "x", "is it not a number, as 0/0?" },
    { "isinf", "x", "is it infinite?" },
    { "isnull", "x", "is it missing?" },
    { "number", "x", "a text or bool as a number" },
    { "bool", "x", "a number as a bool: is it not 0?" },
    { "string", "x", "a value as a text" },
    { "xor", "a, b", "bitwise exclusive or" },
};

// [dc_reduce_t]
static const char *const reductions[] = {
    [DC_REDUCE_SUM] = "the exact sum of the terms, rounded once",
    [DC_REDUCE_PROD] = "their product, with 100 bits on the way",
    [DC_REDUCE_MEAN] = "the exact sum, divided by how many there are",
    [DC_REDUCE_COUNT] = "for how many k the condition is true",
    [DC_REDUCE_ANY] = "is it true for one?",
    [DC_REDUCE_ALL] = "is it true for all?",
    [DC_REDUCE_LEAST] = "the least term",
    [DC_REDUCE_GREATEST] = "the greatest term",
    [DC_REDUCE_ARGMIN] = "the first k for which f is least",
    [DC_REDUCE_ARGMAX] = "the first k for which f is greatest",
    [DC_REDUCE_INTEGRATE] = "the integral, within 1e-10 unless told otherwise",
    [DC_REDUCE_SOLVE] = "where f changes its sign between a and b",
    [DC_REDUCE_DIFF] = "the slope, to some 12 digits where f is smooth",
};
static_assert(DC_ARRAY_LEN(reductions) == DC_REDUCE_KINDS, "each reduction is told");

// What the table of functions tells is "ARGUMENTS: HELP".
static void describe(const dc_math_function_t *from, dc_reference_function_t *function)
{
    size_t args = strcspn(from->help, ":");
    *function = (dc_reference_function_t){ .name = from->name,
                                           .args = dc_str(from->help, args),
                                           .help = from->help + args + 2,
                                           .domain = from->domain,
                                           .error_ulp = from->error_ulp };
}

static bool next_math(dc_math_family_t family, size_t *at, dc_reference_function_t *function)
{
    size_t count;
    const dc_math_function_t *functions = dc_math_functions(&count);
    while (*at < count) {
        const dc_math_function_t *candidate = &functions[(*at)++];
        if (candidate->family != family) continue;
        describe(candidate, function);
        return true;
    }
    return false;
}

bool dc_reference_next_function(size_t family, size_t *at, dc_reference_function_t *function)
{
    if (family < DC_MATH_FAMILY_COUNT) return next_math((dc_math_family_t)family, at, function);
    size_t index = (*at)++;
    if (family == OTHERS) {
        if (index >= DC_ARRAY_LEN(others)) return false;
        *function = (dc_reference_function_t){ .name = others[index].name,
                                               .args = dc_str_from(others[index].args),
                                               .help = others[index].help };
        return true;
    }
    if (family != REDUCTIONS || index >= DC_REDUCE_KINDS) return false;
    *function = (dc_reference_function_t){ .name = dc_reduce_infos[index].name,
                                           .args = dc_str_from(dc_reduce_infos[index].args),
                                           .help = reductions[index] };
    return true;
}
