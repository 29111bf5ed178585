// The editor of a program that was built without libedit: there is none.
#include "client/cli/prompt/editor.h"

#ifndef DC_HAS_LIBEDIT

bool dc_editor_is_there(void)
{
    return false;
}

dc_editor_t *dc_editor_new(const dc_editor_hooks_t *hooks)
{
    (void)hooks;
    return NULL;
}

void dc_editor_destroy(dc_editor_t **self_p)
{
    *self_p = NULL;
}

dc_editor_end_t dc_editor_read(dc_editor_t *self, const char *prompt, dc_buf_t *line)
{
    (void)self;
    (void)prompt;
    (void)line;
    return DC_EDITOR_CLOSED;
}

void dc_editor_remember(dc_editor_t *self, dc_str_t line)
{
    (void)self;
    (void)line;
}

void dc_editor_lend(dc_editor_t *self, bool is_lent)
{
    (void)self;
    (void)is_lent;
}

#endif
