#include "common/wire_needs.h"

#include "common/bytes.h"

#define COUNT_BYTES 4
#define SIZE_BYTES  4

static void put_u32(dc_buf_t *out, uint32_t value)
{
    char bytes[4];
    dc_put_u32(bytes, value);
    dc_buf_append(out, bytes, sizeof bytes);
}

size_t dc_wire_begin_needs(dc_buf_t *out, uint32_t count)
{
    put_u32(out, count);
    size_t sizes = out->len;
    for (uint32_t i = 0; i < count; i++) {
        put_u32(out, 0);
    }
    return sizes;
}

void dc_wire_add_need(dc_buf_t *out, size_t sizes, uint32_t index, dc_str_t result)
{
    dc_buf_append_str(out, result);
    if (!out->failed)
        dc_put_u32(out->data + sizes + (size_t)index * SIZE_BYTES, (uint32_t)result.len);
}

bool dc_wire_read_needs(dc_str_t *data, dc_wire_needs_t *needs)
{
    if (data->len < COUNT_BYTES) return false;
    uint32_t count = dc_get_u32(data->data);
    if (count > DC_NEEDS_MAX || (data->len - COUNT_BYTES) / SIZE_BYTES < count) return false;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        bytes += dc_get_u32(data->data + COUNT_BYTES + (size_t)i * SIZE_BYTES);
    }
    size_t head = COUNT_BYTES + (size_t)count * SIZE_BYTES;
    if (bytes > data->len - head) return false;
    *needs = (dc_wire_needs_t){
        .count = count,
        .all = dc_str(data->data, head + (size_t)bytes),
        .sizes = dc_str(data->data + COUNT_BYTES, head - COUNT_BYTES),
        .bodies = dc_str(data->data + head, (size_t)bytes),
    };
    *data = dc_str_behind(*data, head + (size_t)bytes);
    return true;
}

dc_str_t dc_wire_take_need(dc_wire_needs_t *needs)
{
    assert(needs->sizes.len >= SIZE_BYTES);
    dc_str_t result = dc_str(needs->bodies.data, dc_get_u32(needs->sizes.data));
    needs->sizes = dc_str_behind(needs->sizes, SIZE_BYTES);
    needs->bodies = dc_str_behind(needs->bodies, result.len);
    return result;
}
