// log_json — a line of the log as a JSON object, for what collects the logs of many programs.
//
//   slot lost id=s3 why=not heard silent_ms=3004
//   {"time":"2026-11-23T10:00:00.123Z","level":"warn","message":"slot lost","id":"s3",
//    "why":"not heard","silent_ms":3004}
//
// A value reaches to the next word that is a key and `=`, so it may have blanks; one between quotes
// comes without them. One that is an integer is a number. What comes before the first key is the
// message; a key that stands there twice is one with its first value.
#ifndef DC_COMMON_LOG_JSON_H
#define DC_COMMON_LOG_JSON_H

#include "common/buf.h"

// Append the object, and a newline. Where memory is short `out` says so.
void dc_log_json_put(dc_buf_t *out, const char *time, const char *level, dc_str_t text);

#endif
