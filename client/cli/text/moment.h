// moment — points in time as people write them.
//
// 5m, 1h30m                  so long from now
// 18:30, 18:30:15            today
// tomorrow 07:00             or today
// 2026-11-24T18:30:15Z       ISO 8601: a blank for the T and no seconds are fine; an offset such as
//                            +01:00 may stand for the Z; without either it is local time
// 2026-11-24, today          when that day ends: until then it is that day
//
// Local time is what TZ says.
#ifndef DC_CLIENT_CLI_TEXT_MOMENT_H
#define DC_CLIENT_CLI_TEXT_MOMENT_H

#include "common/base.h"

// Read all of `text`, seen from `now_ms`: both times are milliseconds since 1970, UTC. The moment
// may have passed. False, and the result unchanged, if it is none.
DC_MUST_USE bool dc_moment_read(const char *text, uint64_t now_ms, uint64_t *moment_ms);

#endif
