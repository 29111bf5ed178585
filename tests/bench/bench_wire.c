// What the codec costs: one job a message, and many.
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/wire.h"

#define RECORDS 20000000

// Write and read `per_message` leases of 12 bytes a message; prints the time for one.
static void measure(size_t per_message)
{
    dc_wire_writer_t writer;
    dc_wire_writer_init(&writer);
    dc_cmd_t cmd = { .type = DC_CMD_LEASE,
                     .lease = { .id = 1, .count = 1 },
                     .data = { NULL, DC_STR("sqrt(2)+1.25") } };
    uint64_t sum = 0;
    dc_us_t start = dc_clock_us();
    for (size_t i = 0; i < RECORDS; i += per_message) {
        for (size_t k = 0; k < per_message; k++) {
            cmd.lease.first = i + k;
            if (!dc_wire_add(&writer, &cmd)) abort();
        }
        dc_slice_t frames[2 + DC_WIRE_PROGRAMS_MAX];
        dc_wire_reader_t reader;
        const char *why;
        size_t count = dc_wire_frames(&writer, frames);
        if (dc_wire_read(&reader, DC_FROM_BROKER_TO_SLOT, frames, count, &why) != DC_OK) abort();
        dc_cmd_t back;
        while (dc_wire_next(&reader, &back)) {
            sum += back.lease.first + back.data.bytes.len;
        }
        dc_wire_writer_clear(&writer);
    }
    dc_us_t spent = dc_clock_us() - start;
    printf("wire: %4zu records a message: %5.1f ns to write, check and read one (sum %llu)\n",
           per_message, (double)spent * 1000 / RECORDS, (unsigned long long)sum);
    dc_wire_writer_fini(&writer);
}

int main(void)
{
    measure(1);
    measure(10);
    measure(1000);
    return 0;
}
