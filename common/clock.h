// clock — the only place that reads the time. Monotonic, except where a person names a date.
//
// A machine can be suspended: people go on waiting, and their deadlines come; what is computed does
// not go on, and has lost nothing of its time limit. So there are two clocks, of which nobody may
// compare times.
#ifndef DC_COMMON_CLOCK_H
#define DC_COMMON_CLOCK_H

#include "common/base.h"

// As people count it: also while the machine is suspended.
dc_ms_t dc_clock_ms(void);
dc_us_t dc_clock_us(void);

// As slots count it: while the machine runs.
dc_us_t dc_clock_awake_us(void);

// Milliseconds since 1970, UTC. May jump, so nothing is measured with it.
uint64_t dc_clock_date_ms(void);

// What all threads of this process have computed, however long they waited meanwhile.
dc_us_t dc_clock_cpu_us(void);

#endif
