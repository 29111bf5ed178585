// config_file — where the configuration file is, and its bytes.
#ifndef DC_COMMON_CONFIG_FILE_H
#define DC_COMMON_CONFIG_FILE_H

#include "common/buf.h"

// Find the file and read it: `wanted`, or if that is NULL the first that is there of
// $XDG_CONFIG_HOME/dcalc/dcalc.conf (~/.config where that is not set) and /etc/dcalc/dcalc.conf.
// Then `*path`, the caller's to free, is its name; NULL: there is none, and `wanted` was NULL or
// "none". False, and a line appended to `message`, if it cannot be read.
DC_MUST_USE bool dc_config_file_read(const char *wanted, char **path, dc_buf_t *text,
                                     dc_buf_t *message);

// Append where it was looked for: "/home/a/.config/dcalc/dcalc.conf, /etc/dcalc/dcalc.conf".
void dc_config_file_put_places(dc_buf_t *out);

#endif
