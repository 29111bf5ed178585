#include "tests/sim/sim.h"

#include <stdarg.h>
#include <stdio.h>

dc_buf_t *sim_say(sim_t *self)
{
    if (!self->is_tracing) return NULL;
    self->line.len = 0;
    dc_buf_printf(&self->line, "%10.3f  ", (double)self->now_us / 1000);
    return &self->line;
}

void sim_say_end(sim_t *self)
{
    printf("%.*s\n", (int)self->line.len, self->line.data);
}

static void put_formatted(dc_buf_t *out, const char *format, va_list args)
{
    char text[512];
    int len = vsnprintf(text, sizeof text, format, args);
    if (len > 0) dc_buf_append(out, text, dc_min_size((size_t)len, sizeof text - 1));
}

void sim_note(sim_t *self, const char *format, ...)
{
    dc_buf_t *line = sim_say(self);
    if (!line) return;
    va_list args;
    va_start(args, format);
    put_formatted(line, format, args);
    va_end(args);
    sim_say_end(self);
}

void sim_fail(sim_t *self, const char *format, ...)
{
    if (self->has_failed) return;
    self->has_failed = true;
    va_list args;
    va_start(args, format);
    put_formatted(&self->failure, format, args);
    va_end(args);
    sim_note(self, "!!! %.*s", (int)self->failure.len, self->failure.data);
}
