#include "worker/hello.h"

#include <math.h>
#include <stdio.h>

#include "common/expr/expr.h"
#include "common/json_writer.h"
#include "common/version.h"

// As fine as the broker can use it, and so coarse that a slot which does nothing mostly says what
// it said before: that costs the broker nothing to read.
#define LOADS_PER_ONE      20
#define MEMORY_GRAIN_BYTES (UINT64_C(8) << 20)

static void put_session(const dc_key_t *session, dc_json_writer_t *json)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * DC_KEY_BYTES];
    for (size_t i = 0; i < DC_KEY_BYTES; i++) {
        text[2 * i] = digits[session->bytes[i] >> 4];
        text[2 * i + 1] = digits[session->bytes[i] & 15];
    }
    dc_json_put_member_string(json, "session", dc_str(text, sizeof text));
}

void dc_hello_put(const dc_hello_t *self, dc_buf_t *out)
{
    dc_json_writer_t json = dc_json_writer(out);
    dc_json_begin_object(&json);
    dc_json_put_member_u64(&json, "v", DC_WIRE_VERSION);
    put_session(&self->session, &json);
    dc_json_put_member_string(&json, "name", self->name);
    dc_json_put_member_string(&json, "host", self->host);
    dc_json_put_key(&json, "tags");
    dc_json_begin_array(&json);
    for (size_t i = 0; i < self->tag_count; i++) {
        dc_json_put_string(&json, dc_str_from(self->tags[i]));
    }
    dc_json_end_array(&json);
    dc_json_put_member_string(&json, "engine", dc_str_from(dc_engine_version()));
    dc_json_put_member_string(&json, "version", DC_STR(DC_VERSION));
    dc_json_put_member_u64(&json, "pid", self->pid);
    dc_json_put_member_u64(&json, "slot", self->slot_index);
    dc_json_put_key(&json, "limits");
    dc_json_begin_object(&json);
    dc_json_put_member_u64(&json, "memory", self->memory_bytes_max);
    dc_json_end_object(&json);
    dc_json_end_object(&json);
}

static void put_run(const dc_load_t *self, dc_json_writer_t *json)
{
    char id[24];
    snprintf(id, sizeof id, "%llx", (unsigned long long)self->run_lease);
    dc_json_put_key(json, "runs");
    dc_json_begin_object(json);
    dc_json_put_member_string(json, "lease", dc_str_from(id));
    dc_json_put_member_u64(json, "first", self->run_first);
    dc_json_put_member_u64(json, "count", self->run_count);
    dc_json_put_member_u64(json, "ms", self->run_ms);
    dc_json_end_object(json);
}

void dc_load_put(const dc_load_t *self, dc_buf_t *out)
{
    dc_json_writer_t json = dc_json_writer(out);
    uint64_t memory_bytes = self->memory_free_bytes;
    if (memory_bytes > MEMORY_GRAIN_BYTES) memory_bytes -= memory_bytes % MEMORY_GRAIN_BYTES;
    dc_json_begin_object(&json);
    dc_json_put_member_number(&json, "load", round(self->load * LOADS_PER_ONE) / LOADS_PER_ONE);
    dc_json_put_member_u64(&json, "memory_free", memory_bytes);
    dc_json_put_member_number(&json, "speed", round(self->speed));
    if (self->run_lease) put_run(self, &json);
    dc_json_end_object(&json);
}
