// log — one line an event on stderr: time, level, a fixed phrase, then key=value.
//
//   2026-11-23T10:00:00.123Z warn slot lost id=s3 silent_ms=3004 leases=2
//
// error: an operator must act. warn: the system helped itself. info: start, stop, a worker comes or
// goes. debug: each event and action. Payloads are never logged.
#ifndef DC_COMMON_LOG_H
#define DC_COMMON_LOG_H

#include "common/base.h"

typedef enum dc_log_level {
    DC_LOG_ERROR,
    DC_LOG_WARN,
    DC_LOG_INFO,
    DC_LOG_DEBUG,
} dc_log_level_t;

// Lines above this level are dropped from now on; DC_LOG_INFO at the start.
void dc_log_set_level(dc_log_level_t level);
bool dc_log_is_on(dc_log_level_t level);

// Write a line, whole or not at all, in one write(2).
void dc_log(dc_log_level_t level, const char *format, ...) DC_PRINTF(2, 3);

#endif
