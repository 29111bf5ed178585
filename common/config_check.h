// config_check — is everything in a configuration known, and does it make sense?
//
// A file is for all programs of a family, and right or wrong whoever reads it: names are checked in
// all of its sections. Values are checked by the program that they are for, as they may need
// variables that only its machine has; `dcalc config --check` looks at all of them.
#ifndef DC_COMMON_CONFIG_CHECK_H
#define DC_COMMON_CONFIG_CHECK_H

#include "common/config.h"
#include "common/config_expand.h"
#include "common/option.h"

// Whether each section is a program's or a profile's, has keys that its program has, or where it is
// for all of them one of them, and each once unless it is a list. If not, a line for each that is
// wrong is appended to `message`, with file and line.
DC_MUST_USE bool dc_config_check_names(const dc_config_t *config,
                                       const dc_option_table_t *const *family, dc_buf_t *message);

// Whether each value can be read by each program that it is for, under whatever profile; else
// likewise. One whose variable is not set here is passed over, unless it is for all or `profile`
// (NULL: none).
DC_MUST_USE bool dc_config_check_values(const dc_config_t *config,
                                        const dc_option_table_t *const *family, const char *profile,
                                        dc_config_lookup_t *lookup, dc_buf_t *message);

// The value of an entry with its variables put in. Not DC_CONFIG_EXPANDED: a line is appended to
// `message`.
DC_MUST_USE dc_config_expanded_t dc_config_value(const dc_config_t *config,
                                                 const dc_config_entry_t *entry,
                                                 dc_config_lookup_t *lookup, dc_buf_t *value,
                                                 dc_buf_t *message);

// Append `dcalc.conf:7: timeout: `.
void dc_config_put_place(const dc_config_t *config, const dc_config_entry_t *entry, dc_buf_t *out);

// The next profile that the file has sections for, in its order: `*at` is 0 before the first. False
// if there are no more.
bool dc_config_next_profile(const dc_config_t *config, const dc_option_table_t *const *family,
                            size_t *at, dc_str_t *profile);

#endif
