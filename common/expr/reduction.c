#include "common/expr/reduction.h"

const dc_reduce_info_t dc_reduce_infos[DC_REDUCE_KINDS] = {
#define X(name, text, from, to, of_bools, is_bool, terms, args) \
    { text, from, to, of_bools, is_bool, terms, args },
    DC_REDUCE_LIST(X)
#undef X
};

bool dc_reduce_find(dc_str_t name, dc_reduce_t *kind)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(dc_reduce_infos); i++) {
        const char *candidate = dc_reduce_infos[i].name;
        bool is_near = name.len && candidate[0] == name.data[0];
        if (!is_near || !dc_str_eq(dc_str_from(candidate), name)) continue;
        *kind = (dc_reduce_t)i;
        return true;
    }
    return false;
}
