// fault — why a job failed, as it travels beside the results of a piece.
//
// Faults of a piece lie one after another, ordered by index:
// index (u64, within the batch), code (u32), column (u32), width (u32), message size (u32), message
// (UTF-8, at most DC_DIAG_MESSAGE_MAX). Columns are bytes of the job's text from
// 0; with a template those of the template, and the message begins with the column's name where a
// cell is at fault.
#ifndef DC_COMMON_FAULT_H
#define DC_COMMON_FAULT_H

#include "common/buf.h"
#include "common/err.h"

typedef struct dc_fault {
    uint64_t index;
    dc_err_t code;
    uint32_t column, width;
    dc_str_t message; // borrowed from the bytes that were read
} dc_fault_t;

// Append the fault of job `index`.
void dc_fault_put(dc_buf_t *out, uint64_t index, const dc_diag_t *diag);

// Take the next fault off `rest`. False at the end, and where the bytes are not a fault (`rest` is
// then emptied): they come from another process.
bool dc_fault_take(dc_str_t *rest, dc_fault_t *fault);

// Take the fault of job `index` off `faults`, and drop those of jobs before it. Returns its bytes,
// none if there is no such fault.
dc_str_t dc_fault_take_of(dc_str_t *faults, uint64_t index);

// Append the result line of a failed job: `error: CODE`, and in full ` at COLUMN: MESSAGE` with the
// column counted from 1; no newline.
void dc_fault_put_line(dc_buf_t *out, const dc_diag_t *diag, bool in_full);

#endif
