#include "broker/core/actions.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "broker/core/kept/store_op.h"

void dc_actions_init(dc_actions_t *self)
{
    *self = (dc_actions_t){ 0 };
}

void dc_actions_fini(dc_actions_t *self)
{
    dc_actions_clear(self);
    free(self->list);
    dc_actions_init(self);
}

void dc_actions_clear(dc_actions_t *self)
{
    for (size_t i = 0; i < self->len; i++) {
        dc_slice_drop(&self->list[i].cmd.data);
        dc_slice_drop(&self->list[i].cmd.program);
        if (self->list[i].type == DC_ACTION_STORE) dc_store_op_destroy(&self->list[i].op);
    }
    self->len = 0;
    self->failed = false;
}

static dc_action_t *append(dc_actions_t *self, dc_action_type_t type, dc_peer_t peer)
{
    if (self->len == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 64;
        dc_action_t *list = realloc(self->list, capacity * sizeof *list);
        if (!list) {
            self->failed = true;
            return NULL;
        }
        self->list = list;
        self->capacity = capacity;
    }
    dc_action_t *action = &self->list[self->len++];
    action->type = type;
    action->peer = peer;
    action->cmd.data = (dc_slice_t){ 0 };
    action->cmd.program = (dc_slice_t){ 0 };
    return action;
}

static void append_cmd(dc_actions_t *self, dc_action_type_t type, dc_peer_t peer,
                       const dc_cmd_t *cmd)
{
    dc_action_t *action = append(self, type, peer);
    if (!action) return;
    action->cmd = *cmd;
    action->cmd.data = action->cmd.program = (dc_slice_t){ 0 };
    if (dc_slice_keep(&cmd->data, &action->cmd.data) &&
        dc_slice_keep(&cmd->program, &action->cmd.program)) {
        return;
    }
    dc_slice_drop(&action->cmd.data);
    self->len--;
    self->failed = true;
}

void dc_actions_to_client(dc_actions_t *self, dc_peer_t peer, const dc_cmd_t *cmd)
{
    append_cmd(self, DC_ACTION_TO_CLIENT, peer, cmd);
}

void dc_actions_to_worker(dc_actions_t *self, dc_peer_t peer, const dc_cmd_t *cmd)
{
    append_cmd(self, DC_ACTION_TO_WORKER, peer, cmd);
}

void dc_actions_forget_client(dc_actions_t *self, dc_peer_t peer)
{
    append(self, DC_ACTION_FORGET_CLIENT, peer);
}

void dc_actions_forget_worker(dc_actions_t *self, dc_peer_t peer)
{
    append(self, DC_ACTION_FORGET_WORKER, peer);
}

void dc_actions_store(dc_actions_t *self, struct dc_store_op **op_p)
{
    dc_action_t *action = append(self, DC_ACTION_STORE, 0);
    if (action) {
        action->op = *op_p;
        *op_p = NULL;
    } else {
        dc_store_op_destroy(op_p);
    }
}

void dc_actions_log(dc_actions_t *self, dc_log_level_t level, const char *format, ...)
{
    char line[256];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    dc_action_t *action = append(self, DC_ACTION_LOG, 0);
    if (!action || len < 0) return;
    action->level = level;
    dc_slice_t text = { NULL, { line, dc_min_size((size_t)len, sizeof line - 1) } };
    if (!dc_slice_keep(&text, &action->cmd.data)) self->failed = true;
}
