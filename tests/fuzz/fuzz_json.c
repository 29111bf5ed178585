// Any bytes as JSON: it is refused with a reason, or everything in it can be read and written.
#include <stdlib.h>

#include "common/json.h"
#include "common/json_writer.h"
#include "common/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Each member is asked for as every type; what it is not is refused with a reason.
static void read_member(const dc_json_t *json, const char *name, dc_json_writer_t *out)
{
    dc_diag_t diag = { 0 };
    dc_str_t string = DC_STR("");
    double number = 0;
    bool truth = false;
    bool is_string = dc_json_read_string(json, name, &string, &diag);
    bool is_number = dc_json_read_number(json, name, &number, &diag);
    bool is_bool = dc_json_read_bool(json, name, &truth, &diag);
    if (is_string + is_number + is_bool < 3 && diag.code != DC_ERR_PROTOCOL) abort();
    dc_json_put_string(out, string);
    dc_json_put_number(out, number);
    dc_json_put_bool(out, truth);
}

// NOLINTNEXTLINE(misc-no-recursion): its depth is what dc_json_parse bounds.
static void walk(const dc_json_t *json, dc_json_writer_t *out, int depth)
{
    if (depth > DC_JSON_DEPTH_MAX) abort();
    static const char *const names[] = { "v", "key", "tags", "load", "free", "drain", "x", "a" };
    switch (dc_json_type(json)) {
    case DC_JSON_NULL:
    case DC_JSON_BOOL:
        dc_json_put_null(out);
        break; // of a bool, only members are ever asked for it
    case DC_JSON_NUMBER: dc_json_put_number(out, dc_json_number(json)); break;
    case DC_JSON_STRING: dc_json_put_string(out, dc_json_string(json)); break;
    case DC_JSON_ARRAY:
        dc_json_begin_array(out);
        for (size_t i = 0; i < dc_json_len(json); i++) {
            walk(dc_json_at(json, i), out, depth + 1);
        }
        dc_json_end_array(out);
        break;
    case DC_JSON_OBJECT:
        dc_json_begin_array(out);
        for (size_t i = 0; i < DC_ARRAY_LEN(names); i++) {
            const dc_json_t *member = dc_json_member(json, names[i]);
            read_member(json, names[i], out);
            if (member) walk(member, out, depth + 1);
        }
        dc_json_end_array(out);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dc_diag_t diag = { 0 };
    dc_str_t text = { (const char *)data, size };
    dc_json_t *json = dc_json_parse(text, DC_JSON_BYTES_MAX, DC_JSON_INTEGERS_DOUBLE, &diag);
    if (!json) {
        if (diag.code == DC_OK || diag.message[0] == '\0' || diag.column > size) abort();
        return 0;
    }
    dc_buf_t out = { 0 };
    dc_json_writer_t writer = dc_json_writer(&out);
    walk(json, &writer, 0);
    dc_json_destroy(&json);
    // What we write, we read.
    json = dc_json_parse(dc_buf_str(&out), out.len, DC_JSON_INTEGERS_DOUBLE, &diag);
    if (!json) abort();
    dc_json_destroy(&json);
    dc_buf_fini(&out);
    return 0;
}
