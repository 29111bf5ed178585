// Any bytes as a program: refused, or read so that it can be written and read again.
#include <stdlib.h>

#include "common/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// What is written of a program that was read must be a program, and the same bytes once more.
static void check_again(const dc_program_t *program, dc_arena_t *arena)
{
    dc_buf_t once = { 0 };
    dc_buf_t twice = { 0 };
    dc_program_t again;
    dc_diag_t diag;
    dc_program_encode(program, &once);
    dc_err_t err = dc_program_decode(&again, dc_buf_str(&once), arena, &diag);
    if (err == DC_ERR_PROTOCOL) abort();
    if (!err) {
        dc_program_encode(&again, &twice);
        if (!dc_str_eq(dc_buf_str(&once), dc_buf_str(&twice))) abort();
    }
    dc_buf_fini(&once);
    dc_buf_fini(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dc_arena_t arena;
    dc_program_t program;
    dc_diag_t diag;
    dc_arena_init(&arena, 1 << 22);
    dc_err_t err = dc_program_decode(&program, dc_str((const char *)data, size), &arena, &diag);
    if (err && diag.code != err) abort();
    if (!err) check_again(&program, &arena);
    dc_arena_fini(&arena);
    return 0;
}
