// version — of the programs. What they speak and compute has versions of its own: DC_WIRE_VERSION,
// dc_engine_version().
#ifndef DC_COMMON_VERSION_H
#define DC_COMMON_VERSION_H

#define DC_VERSION "1.0"

#endif
