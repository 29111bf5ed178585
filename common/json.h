// json — reading JSON that somebody else wrote. The only door to Jansson.
//
// A text is bounded in size and depth before it is parsed (Jansson recurses), and an object with
// the same key twice is refused: two readers could take different ones. Members are read by type,
// into a variable that keeps its default where the member is absent; what is there and of another
// type is an error with a sentence. Writing needs no tree: common/json_writer.h.
#ifndef DC_COMMON_JSON_H
#define DC_COMMON_JSON_H

#include "common/err.h"
#include "common/str.h"

typedef struct json_t dc_json_t;

typedef enum dc_json_type {
    DC_JSON_NULL,
    DC_JSON_BOOL,
    DC_JSON_NUMBER,
    DC_JSON_STRING,
    DC_JSON_ARRAY,
    DC_JSON_OBJECT,
} dc_json_type_t;

// How numbers without a fraction are read.
typedef enum dc_json_integers {
    DC_JSON_INTEGERS_EXACT,  // as 64-bit integers; a larger one is an error. For settings, counts.
    DC_JSON_INTEGERS_DOUBLE, // as doubles, like all others. For rows of data.
} dc_json_integers_t;

// Parse an object or array of at most `bytes_max` bytes, of at most DC_JSON_DEPTH_MAX levels. The
// caller owns it. NULL with `diag` filled (column: the byte where it went wrong): DC_ERR_TOO_LONG,
// DC_ERR_TOO_DEEP, DC_ERR_SYNTAX, DC_ERR_ENCODING, DC_ERR_NOMEM.
dc_json_t *dc_json_parse(dc_str_t text, size_t bytes_max, dc_json_integers_t integers,
                         dc_diag_t *diag);

// Destroy it with all that is in it and set `*self_p` to NULL; NULL is fine.
void dc_json_destroy(dc_json_t **self_p);

dc_json_type_t dc_json_type(const dc_json_t *self);

// What a value of the right type holds; strings are borrowed until it is destroyed, and may have
// NULs in them.
double dc_json_number(const dc_json_t *self);
dc_str_t dc_json_string(const dc_json_t *self);

// The elements of an array, borrowed; 0 and NULL where it is none, or for an index that is too
// large.
size_t dc_json_len(const dc_json_t *self);
const dc_json_t *dc_json_at(const dc_json_t *self, size_t index);

// The member of an object, borrowed; NULL where it is none or has no such member.
const dc_json_t *dc_json_member(const dc_json_t *self, const char *name);

// Read a member of `self` into `*value`. Absent or null: `*value` stays, true. Of another type, or
// out of range: `*value` stays, false, and `diag` is DC_ERR_PROTOCOL with a sentence that names it.
DC_MUST_USE bool dc_json_read_string(const dc_json_t *self, const char *name, dc_str_t *value,
                                     dc_diag_t *diag);
DC_MUST_USE bool dc_json_read_u64(const dc_json_t *self, const char *name, uint64_t max,
                                  uint64_t *value, dc_diag_t *diag);
DC_MUST_USE bool dc_json_read_number(const dc_json_t *self, const char *name, double *value,
                                     dc_diag_t *diag);
DC_MUST_USE bool dc_json_read_bool(const dc_json_t *self, const char *name, bool *value,
                                   dc_diag_t *diag);
DC_MUST_USE bool dc_json_read_array(const dc_json_t *self, const char *name,
                                    const dc_json_t **value, dc_diag_t *diag);

#endif
