// Any bytes as faults: what is read can be written again, and is bounded.
#include <stdlib.h>

#include "common/fault.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dc_str_t rest = { (const char *)data, size };
    dc_buf_t line = { 0 };
    dc_fault_t fault;
    size_t count = 0;
    while (dc_fault_take(&rest, &fault)) {
        dc_diag_t diag;
        dc_diag_set(&diag, fault.code, fault.column, fault.width, "%.*s", (int)fault.message.len,
                    fault.message.data);
        dc_fault_put_line(&line, &diag, true);
        count++;
    }
    if (rest.len || count > size / 24) abort();
    if (line.len && memchr(line.data, '\n', line.len)) abort();
    dc_buf_fini(&line);
    return 0;
}
