#include "common/expr/pow10.h"

const dc_pow10_t dc_pow10_table[] = {
#include "common/expr/pow10.inc"
};
