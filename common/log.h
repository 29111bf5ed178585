// log — one line an event on stderr: time, level, a fixed phrase, then key=value.
//
//   2026-11-23T10:00:00.123Z warn slot lost id=s3 silent_ms=3004 leases=2
//
// systemd's journal has the time itself, and takes the level as a prefix (sd-daemon(3)); for other
// collectors there is JSON (common/log_json.h); on a terminal the level has a colour.
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

typedef enum dc_log_format {
    DC_LOG_AUTO,  // for the journal where stderr is one, with colours on a terminal, else plain
    DC_LOG_PLAIN, //
    DC_LOG_JOURNAL,
    DC_LOG_JSON,
} dc_log_format_t;

// Lines have this format from now on; DC_LOG_PLAIN at the start. Before there are threads that log.
void dc_log_set_format(dc_log_format_t format);

// Lines above this level are dropped from now on; DC_LOG_INFO at the start.
void dc_log_set_level(dc_log_level_t level);
bool dc_log_is_on(dc_log_level_t level);

// Write a line, whole or not at all, in one write(2).
void dc_log(dc_log_level_t level, const char *format, ...) DC_PRINTF(2, 3);

#endif
