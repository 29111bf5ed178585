// clock — the only place that reads the time. Monotonic, except where a person names a date.
#ifndef DC_COMMON_CLOCK_H
#define DC_COMMON_CLOCK_H

#include "common/base.h"

dc_ms_t dc_clock_ms(void);
dc_us_t dc_clock_us(void);

// Milliseconds since 1970, UTC. May jump, so nothing is measured with it.
uint64_t dc_clock_date_ms(void);

// What all threads of this process have computed, however long they waited meanwhile.
dc_us_t dc_clock_cpu_us(void);

#endif
