// clock — the only place that reads the time. Monotonic, never wall time.
#ifndef DC_COMMON_CLOCK_H
#define DC_COMMON_CLOCK_H

#include "common/base.h"

dc_ms_t dc_clock_ms(void);
dc_us_t dc_clock_us(void);

#endif
