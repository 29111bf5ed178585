// The public list of errors, which stands alone, beside the one that it repeats.
#include "client/dcalc.h"
#include "common/err.h"

#define SAME(name) static_assert((int)DCALC_##name == (int)DC_##name, "one number, two names");
// clang-format off
SAME(OK)
SAME(ERR_SYNTAX)
SAME(ERR_EMPTY)
SAME(ERR_NAME)
SAME(ERR_FUNCTION)
SAME(ERR_ARGUMENTS)
SAME(ERR_TYPE)
SAME(ERR_NULL)
SAME(ERR_DIVIDE_BY_ZERO)
SAME(ERR_DOMAIN)
SAME(ERR_OVERFLOW)
SAME(ERR_INTEGER)
SAME(ERR_NUMBER)
SAME(ERR_ENCODING)
SAME(ERR_FIELDS)
SAME(ERR_RECURSION)
SAME(ERR_NO_TERMS)
SAME(ERR_NO_CONVERGENCE)
SAME(ERR_INEXACT)
SAME(ERR_TOO_LONG)
SAME(ERR_TOO_DEEP)
SAME(ERR_TOO_LARGE)
SAME(ERR_STEPS)
SAME(ERR_TIME)
SAME(ERR_CANCELLED)
SAME(ERR_DEADLINE)
SAME(ERR_SKIPPED)
SAME(ERR_LOST)
SAME(ERR_BUSY)
SAME(ERR_NO_WORKER)
SAME(ERR_NO_BROKER)
SAME(ERR_TAKEN_OVER)
SAME(ERR_UNKNOWN_BATCH)
SAME(ERR_PROTOCOL)
SAME(ERR_VERSION)
SAME(ERR_NOT_STORED)
SAME(ERR_STORE_FULL)
SAME(ERR_STORE_FAILED)
SAME(ERR_DISAGREE)
SAME(ERR_ADDRESS)
SAME(ERR_DAMAGED)
SAME(ERR_STORE_LOCKED)
SAME(ERR_NOMEM)
SAME(ERR_FULL)
SAME(ERR_INVALID)
SAME(ERR_IO)
SAME(ERR_INTERNAL)
// clang-format on

// Are there others? One more in common/err.h must stand above, too.
typedef enum dc_err_count {
#define X(code, number, name, text) COUNTED_##code,
    DC_ERR_LIST(X)
#undef X
    ERR_COUNT
} dc_err_count_t;
static_assert(ERR_COUNT == 47, "every error has a public name");

const char *dcalc_err_name(dcalc_err_t error)
{
    return dc_err_name((dc_err_t)error);
}

const char *dcalc_err_text(dcalc_err_t error)
{
    return dc_err_text((dc_err_t)error);
}
