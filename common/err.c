#include "common/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *dc_err_name(dc_err_t err)
{
    switch (err) {
#define X(code, number, name, text) \
    case code: return name;
        DC_ERR_LIST(X)
#undef X
    }
    return "unknown";
}

const char *dc_err_text(dc_err_t err)
{
    switch (err) {
#define X(code, number, name, text) \
    case code: return text;
        DC_ERR_LIST(X)
#undef X
    }
    return "an error of a newer version";
}

bool dc_err_from_number(uint32_t number, dc_err_t *err)
{
    switch (number) {
#define X(code, number, name, text) case number:
        DC_ERR_LIST(X)
#undef X
        *err = (dc_err_t)number;
        return true;
    default: return false;
    }
}

bool dc_err_from_name(dc_str_t word, dc_err_t *err)
{
#define X(code, number, name, text)      \
    if (dc_str_eq(word, DC_STR(name))) { \
        *err = code;                     \
        return true;                     \
    }
    DC_ERR_LIST(X)
#undef X
    return false;
}

// Drop the bytes of a character that was cut at the end of `text`.
static void drop_cut_character(char *text)
{
    size_t len = strlen(text);
    size_t start = len;
    while (start && ((unsigned char)text[start - 1] & 0xC0) == 0x80) {
        start--;
    }
    if (start == 0) return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t need = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (len - start < need) text[start - 1] = '\0';
}

dc_err_t dc_diag_set(dc_diag_t *diag, dc_err_t code, size_t column, size_t width,
                     const char *format, ...)
{
    diag->code = code;
    diag->column = (uint32_t)column;
    diag->width = (uint32_t)width;
    va_list args;
    va_start(args, format);
    int len = vsnprintf(diag->message, sizeof diag->message, format, args);
    va_end(args);
    if (len >= (int)sizeof diag->message) drop_cut_character(diag->message);
    return code;
}

dc_err_t dc_diag_set_no_memory(dc_diag_t *diag)
{
    return dc_diag_set(diag, DC_ERR_NOMEM, 0, 0, "%s", dc_err_text(DC_ERR_NOMEM));
}
