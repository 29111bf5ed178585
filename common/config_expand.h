// config_expand — the variables of a configuration's value, put in.
//
// `${NAME}` must be set; `${NAME:default}` need not be: the first colon splits, so that a default
// may be a URL, and `:-` is taken too, as shells have it; `${NAME:}` is then empty. A variable that
// is empty counts as unset. `$$` is a dollar. A default has no variables in it, and no `}`.
#ifndef DC_COMMON_CONFIG_EXPAND_H
#define DC_COMMON_CONFIG_EXPAND_H

#include "common/buf.h"

// The value of a variable; NULL if it is not set.
typedef const char *(dc_config_lookup_t)(const char *name);

typedef enum dc_config_expanded {
    DC_CONFIG_EXPANDED,
    DC_CONFIG_UNSET, // a variable that must be set is not
    DC_CONFIG_WRONG, // it is not well-formed
} dc_config_expanded_t;

// Append `value` with its variables put in. If that cannot be, what is wrong is appended to
// `message` as a phrase.
DC_MUST_USE dc_config_expanded_t dc_config_expand(const char *value, dc_config_lookup_t *lookup,
                                                  dc_buf_t *out, dc_buf_t *message);

#endif
