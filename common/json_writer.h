// json_writer — JSON onto the end of a buffer, compact, as it is said: no tree is built.
//
//   dc_json_writer_t json = dc_json_writer(&out);
//   dc_json_begin_object(&json);
//   dc_json_put_key(&json, "slots");
//   dc_json_put_u64(&json, 4);
//   dc_json_end_object(&json);
//
// What is written is always valid JSON if begins and ends match and each member has a key: bytes of
// strings that are not UTF-8 become U+FFFD, a number that JSON cannot hold becomes null. Memory
// that is short is remembered by the buffer.
#ifndef DC_COMMON_JSON_WRITER_H
#define DC_COMMON_JSON_WRITER_H

#include "common/buf.h"

typedef struct dc_json_writer {
    dc_buf_t *out;   // borrowed
    bool has_before; // the next value needs a comma before it
} dc_json_writer_t;

// Begin behind what is in `out`, which is borrowed while writing.
static inline dc_json_writer_t dc_json_writer(dc_buf_t *out)
{
    return (dc_json_writer_t){ .out = out };
}

void dc_json_begin_object(dc_json_writer_t *self);
void dc_json_end_object(dc_json_writer_t *self);
void dc_json_begin_array(dc_json_writer_t *self);
void dc_json_end_array(dc_json_writer_t *self);

// The key of the value that comes next.
void dc_json_put_key(dc_json_writer_t *self, const char *key);

// A value: of an array, or behind a key.
void dc_json_put_string(dc_json_writer_t *self, dc_str_t text);
// Integers of 2^63 and more are written as 2^63 - 1, since Jansson and others refuse the whole text
// for one that is larger.
void dc_json_put_u64(dc_json_writer_t *self, uint64_t value);
void dc_json_put_number(dc_json_writer_t *self, double value); // shortest that reads back equal
void dc_json_put_bool(dc_json_writer_t *self, bool value);
void dc_json_put_null(dc_json_writer_t *self);

// A member: key and value at once.
void dc_json_put_member_string(dc_json_writer_t *self, const char *key, dc_str_t text);
void dc_json_put_member_u64(dc_json_writer_t *self, const char *key, uint64_t value);
void dc_json_put_member_number(dc_json_writer_t *self, const char *key, double value);
void dc_json_put_member_bool(dc_json_writer_t *self, const char *key, bool value);

#endif
