// quantity — numbers as people write them: durations, sizes, counts; and the way back.
//
// Reading takes all of a text or nothing: false, and the result unchanged, if it is not such a
// quantity or does not fit.
#ifndef DC_COMMON_QUANTITY_H
#define DC_COMMON_QUANTITY_H

#include "common/base.h"

// What `inf` means as a duration.
#define DC_DURATION_INF UINT64_MAX

// `500ms` `30s` `1.5s` `5m` `2h` `1h30m` `1d` (units from large to small, each once), `0`, `inf`.
// A number without a unit is none: who writes `30` may mean seconds or minutes.
DC_MUST_USE bool dc_duration_read(const char *text, uint64_t *duration_ms);

// `4096` `64k` `10M` `1.5G` `2T`: bytes, where k is 1024. `kB` and `KiB` are the same.
DC_MUST_USE bool dc_size_read(const char *text, uint64_t *bytes);

// `-5` `1e6` `1_000_000` `64k` `10M`: a whole number, where k is 1000.
DC_MUST_USE bool dc_count_read(const char *text, int64_t *count);

#define DC_QUANTITY_TEXT_MAX 32

// The shortest text that reads back to the same: `1h30m`, `500ms`, `0`, `inf`. Writes at most
// DC_QUANTITY_TEXT_MAX bytes with the NUL, as does the next.
void dc_duration_print(uint64_t duration_ms, char *text);

// Likewise: `64k`, `1000`.
void dc_size_print(uint64_t bytes, char *text);

// For people to read, and for nobody to read back; of the same length at most. `1,204`; and
// `0.1 s`, `2.0 s`: how long it is until something, to the tenth of a second behind it, hence never
// `0.0 s`.
void dc_count_print(uint64_t count, char *text);
void dc_wait_print(uint64_t duration_ms, char *text);

#endif
