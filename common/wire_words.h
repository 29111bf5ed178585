// wire_words — commands in words, for people who follow what programs say to each other.
//
//   chunk handle=1 jobs=[0,512) data=6144
//   result L8c1f jobs=[0,200) last data=1100
//
// Fields that are 0 are left out, flags are words, ids and keys are cut to four hex digits, ranges
// of jobs are half-open. Payloads are only counted.
#ifndef DC_COMMON_WIRE_WORDS_H
#define DC_COMMON_WIRE_WORDS_H

#include "common/buf.h"
#include "common/wire.h"

// Append the words of a command: its name in lower case, its fields, the sizes of data and program.
void dc_wire_put_words(const dc_cmd_t *cmd, dc_buf_t *out);

// The words for the flags of a command, from the lowest bit: so many, NULL where a bit has none.
#define DC_WIRE_FLAGS_MAX 16
const char *const *dc_wire_flag_words(dc_command_t type);

// Parts of them: `[first,end)`; ` name=value` unless that is 0; ` error=CODE` likewise.
void dc_wire_words_put_jobs(uint64_t first, uint64_t end, dc_buf_t *out);
void dc_wire_words_put_number(const char *name, uint64_t value, dc_buf_t *out);
void dc_wire_words_put_error(uint64_t number, dc_buf_t *out);

#endif
