#include "worker/link_actions.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void dc_link_actions_init(dc_link_actions_t *self)
{
    *self = (dc_link_actions_t){ 0 };
}

void dc_link_actions_fini(dc_link_actions_t *self)
{
    dc_link_actions_clear(self);
    free(self->list);
    dc_link_actions_init(self);
}

void dc_link_actions_clear(dc_link_actions_t *self)
{
    for (size_t i = 0; i < self->len; i++) {
        dc_slice_drop(&self->list[i].cmd.data);
        dc_slice_drop(&self->list[i].cmd.program);
    }
    self->len = 0;
    self->failed = false;
}

// Room for one more action at the end of the list, which is not in yet.
static dc_link_action_t *make_room(dc_link_actions_t *self)
{
    if (self->len == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 16;
        dc_link_action_t *list = realloc(self->list, capacity * sizeof *list);
        if (!list) {
            self->failed = true;
            return NULL;
        }
        self->list = list;
        self->capacity = capacity;
    }
    return &self->list[self->len];
}

void dc_link_actions_add(dc_link_actions_t *self, dc_link_action_type_t type, const dc_cmd_t *cmd)
{
    dc_link_action_t *action = make_room(self);
    if (!action) return;
    action->type = type;
    if (cmd) action->cmd = *cmd;
    action->cmd.data = action->cmd.program = (dc_slice_t){ 0 };
    if (cmd && !(dc_slice_keep(&cmd->data, &action->cmd.data) &&
                 dc_slice_keep(&cmd->program, &action->cmd.program))) {
        dc_slice_drop(&action->cmd.data);
        self->failed = true;
        return;
    }
    self->len++;
}

void dc_link_actions_log(dc_link_actions_t *self, dc_log_level_t level, const char *format, ...)
{
    char line[256];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (len < 0) return;
    dc_slice_t text = { NULL, { line, dc_min_size((size_t)len, sizeof line - 1) } };
    size_t before = self->len;
    dc_link_actions_add(self, DC_LINK_LOG, &(dc_cmd_t){ .data = text });
    if (self->len > before) self->list[before].level = level;
}
