#include "common/fault.h"

#include "common/bytes.h"

#define HEAD_BYTES 24

void dc_fault_put(dc_buf_t *out, uint64_t index, const dc_diag_t *diag)
{
    size_t len = strnlen(diag->message, sizeof diag->message);
    if (!dc_buf_reserve(out, HEAD_BYTES + len)) return;
    char *at = out->data + out->len;
    dc_put_u64(at, index);
    dc_put_u32(at + 8, (uint32_t)diag->code);
    dc_put_u32(at + 12, diag->column);
    dc_put_u32(at + 16, diag->width);
    dc_put_u32(at + 20, (uint32_t)len);
    memcpy(at + HEAD_BYTES, diag->message, len);
    out->len += HEAD_BYTES + len;
}

static bool read_fault(dc_str_t rest, dc_fault_t *fault)
{
    if (rest.len < HEAD_BYTES) return false;
    dc_err_t code;
    uint32_t len = dc_get_u32(rest.data + 20);
    if (!dc_err_from_number(dc_get_u32(rest.data + 8), &code) || code == DC_OK) return false;
    if (len > DC_DIAG_MESSAGE_MAX || len > rest.len - HEAD_BYTES) return false;
    *fault = (dc_fault_t){
        .index = dc_get_u64(rest.data),
        .code = code,
        .column = dc_get_u32(rest.data + 12),
        .width = dc_get_u32(rest.data + 16),
        .message = { rest.data + HEAD_BYTES, len },
    };
    return true;
}

bool dc_fault_take(dc_str_t *rest, dc_fault_t *fault)
{
    if (!read_fault(*rest, fault)) {
        *rest = (dc_str_t){ 0 };
        return false;
    }
    size_t used = HEAD_BYTES + fault->message.len;
    *rest = dc_str(rest->data + used, rest->len - used);
    return true;
}

// A message may quote what a person typed, but a result is one line whatever that was.
static void put_without_line_breaks(dc_buf_t *out, dc_str_t text)
{
    size_t start = out->len;
    dc_buf_append_str(out, text);
    if (out->failed) return;
    for (size_t i = start; i < out->len; i++) {
        if ((unsigned char)out->data[i] < ' ' || out->data[i] == 0x7F) out->data[i] = ' ';
    }
}

dc_str_t dc_fault_take_of(dc_str_t *faults, uint64_t index)
{
    dc_fault_t fault;
    dc_str_t before = *faults;
    dc_str_t rest = before;
    while (dc_fault_take(&rest, &fault) && fault.index <= index) {
        *faults = rest;
        if (fault.index == index) return dc_str(before.data, before.len - rest.len);
        before = rest;
    }
    return (dc_str_t){ 0 };
}

void dc_fault_put_line(dc_buf_t *out, const dc_diag_t *diag, bool in_full)
{
    dc_buf_append(out, "error: ", 7);
    dc_buf_append_text(out, dc_err_name(diag->code));
    if (!in_full) return;
    dc_buf_printf(out, " at %llu: ", (unsigned long long)diag->column + 1);
    size_t len = strnlen(diag->message, sizeof diag->message);
    put_without_line_breaks(out, dc_str(diag->message, len));
}
