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

void sim_note(sim_t *self, const char *format, ...)
{
    dc_buf_t *line = sim_say(self);
    if (!line) return;
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    dc_buf_append_text(line, text);
    sim_say_end(self);
}

void sim_fail(sim_t *self, const char *format, ...)
{
    if (self->has_failed) return;
    self->has_failed = true;
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    dc_buf_append_text(&self->failure, text);
    sim_note(self, "!!! %.*s", (int)self->failure.len, self->failure.data);
}
