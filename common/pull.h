// pull — JSON (RFC 8259) that is read value by value, without a tree and without an allocation.
//
// For what is hot or simple: rows of JSON lines, programs. The reader says what it expects, and
// gets it or a fault; afterwards every call fails, so it is enough to ask at the end.
//
//   dc_pull_t pull;
//   dc_pull_begin(&pull, text);
//   if (dc_pull_object(&pull)) {
//       while (dc_pull_member(&pull, &key)) {
//           if (dc_str_eq(key, DC_STR("a"))) dc_pull_number(&pull, &a);
//           else dc_pull_skip(&pull);
//       }
//   }
//   if (!dc_pull_end(&pull)) ... pull.fault
//
// Each member's and item's value must be read or skipped before the next.
#ifndef DC_COMMON_PULL_H
#define DC_COMMON_PULL_H

#include "common/buf.h"

typedef enum dc_pull_type {
    DC_PULL_NONE, // no value begins there
    DC_PULL_OBJECT,
    DC_PULL_ARRAY,
    DC_PULL_STRING,
    DC_PULL_NUMBER,
    DC_PULL_BOOL,
    DC_PULL_NULL,
} dc_pull_type_t;

typedef struct dc_pull {
    const char *start, *at, *end;
    const char *fault; // a sentence (static), or NULL; then `at` is where
    bool is_first;     // of the members or items
} dc_pull_t;

// Begin to read `text`, borrowed while reading.
void dc_pull_begin(dc_pull_t *self, dc_str_t text);

// What comes next; takes nothing.
dc_pull_type_t dc_pull_next(dc_pull_t *self);

// Go into an object; then take the next member's key as it is written, escapes and all (see
// dc_pull_unescape). False at the end of the object, which is then behind.
bool dc_pull_object(dc_pull_t *self);
bool dc_pull_member(dc_pull_t *self, dc_str_t *key);

// Go into an array; then step to its next item. False at the end, likewise.
bool dc_pull_array(dc_pull_t *self);
bool dc_pull_item(dc_pull_t *self);

// Take a value of this type. A string is what stands between its quotes: UTF-8, its escapes valid.
// A number too large is infinite.
bool dc_pull_string(dc_pull_t *self, dc_str_t *string);
bool dc_pull_number(dc_pull_t *self, double *number);
bool dc_pull_bool(dc_pull_t *self, bool *boolean);
bool dc_pull_null(dc_pull_t *self);

// Take a number that is an integer of at most 19 digits, exactly.
bool dc_pull_u64(dc_pull_t *self, uint64_t *number);

// Take a value, whatever it is; 64 levels deep at most.
bool dc_pull_skip(dc_pull_t *self);

// True if nothing was wrong and nothing is left.
bool dc_pull_end(dc_pull_t *self);

// What `string`, as dc_pull_string gave it, stands for: itself where it has no escapes, else a copy
// behind what is in `room`, never longer. Half a surrogate pair becomes U+FFFD. If memory is short
// `room->failed` is set.
dc_str_t dc_pull_unescape(dc_str_t string, dc_buf_t *room);

// Whether the text `object` is an object that has the member `name`; then `*value` is its value, as
// it is written. What stands behind it is not looked at.
bool dc_pull_find(dc_str_t object, dc_str_t name, dc_str_t *value);

#endif
