#include "common/cell.h"

#include <math.h>

#include "common/digits.h"
#include "common/expr/number.h"
#include "common/quote.h"
#include "common/utf8.h"

dc_err_t dc_cell_blame(const dc_var_t *var, dc_err_t code, dc_str_t text, const char *what,
                       dc_diag_t *diag)
{
    dc_quote_t name = dc_quote(var->name);
    dc_quote_t cell = dc_quote(text);
    return dc_diag_set(diag, code, 0, 0, "column '%s': '%s' %s", name.text, cell.text, what);
}

dc_err_t dc_cell_blame_number(const dc_var_t *var, dc_str_t text, dc_diag_t *diag)
{
    bool has_slash = text.len && memchr(text.data, '/', text.len);
    bool is_fraction =
        has_slash && var->type == DC_VAR_NUMBER && dc_digits_are_number(dc_str_trim(text));
    return dc_cell_blame(var, DC_ERR_NUMBER, text,
                         is_fraction ? "is not a number; with --numbers exact it is, and a column "
                                       "'expr' takes expressions"
                                     : "is not a number",
                         diag);
}

dc_err_t dc_cell_set_null(const dc_var_t *var, dc_value_t *value, dc_diag_t *diag)
{
    value->type = DC_TYPE_NULL;
    if (var->nullable || var->type == DC_VAR_ANY) return DC_OK;
    dc_quote_t name = dc_quote(var->name);
    return dc_diag_set(diag, DC_ERR_NULL, 0, 0, "column '%s': empty", name.text);
}

dc_err_t dc_cell_set_number(const dc_var_t *var, double number, dc_str_t text, dc_value_t *value,
                            dc_diag_t *diag)
{
    if (var->type == DC_VAR_INT && !(isfinite(number) && floor(number) == number)) {
        return dc_cell_blame(var, DC_ERR_INTEGER, text, "is not an integer", diag);
    }
    value->type = DC_TYPE_NUMBER;
    value->number = number;
    return DC_OK;
}

dc_err_t dc_cell_set_digits(const dc_var_t *var, dc_str_t digits, dc_value_t *value,
                            dc_diag_t *diag)
{
    if (var->type == DC_VAR_INT && !dc_digits_are_integer(digits)) {
        return dc_cell_blame(var, DC_ERR_INTEGER, digits, "is not an integer", diag);
    }
    value->type = DC_TYPE_DIGITS;
    value->string = digits;
    return DC_OK;
}

dc_err_t dc_cell_set_string(const dc_var_t *var, dc_str_t text, dc_value_t *value, dc_diag_t *diag)
{
    if (!dc_utf8_is_valid(text))
        return dc_cell_blame(var, DC_ERR_ENCODING, text, "is not UTF-8", diag);
    value->type = DC_TYPE_STRING;
    value->string = text;
    return DC_OK;
}

// `word` in lower, upper or mixed case, as spreadsheets write it.
static bool is_word(dc_str_t text, dc_str_t word)
{
    if (text.len != word.len) return false;
    for (size_t i = 0; i < text.len; i++) {
        if ((text.data[i] | 0x20) != word.data[i]) return false;
    }
    return true;
}

static bool read_bool(dc_str_t text, dc_value_t *value)
{
    bool is_true = is_word(text, DC_STR("true"));
    if (!is_true && !is_word(text, DC_STR("false"))) return false;
    value->type = DC_TYPE_BOOL;
    value->boolean = is_true;
    return true;
}

// Of a cell that is a number: set `*value`, or `*err` is why it cannot be. False if it is none.
static bool read_number(const dc_var_t *var, dc_cell_text_t cell, dc_str_t trimmed,
                        dc_value_t *value, dc_err_t *err, dc_diag_t *diag)
{
    double number;
    if (cell.is_wide) {
        if (!dc_digits_are_number(trimmed)) return false;
        *err = dc_cell_set_digits(var, trimmed, value, diag);
    } else {
        if (!dc_number_from_text(trimmed, &number)) return false;
        *err = dc_cell_set_number(var, number, trimmed, value, diag);
    }
    return true;
}

// A variable without a type takes that of its cell.
static dc_err_t read_any(const dc_var_t *var, dc_cell_text_t cell, dc_str_t trimmed,
                         dc_value_t *value, dc_diag_t *diag)
{
    dc_err_t err;
    if (read_number(var, cell, trimmed, value, &err, diag)) return err;
    if (read_bool(trimmed, value)) return DC_OK;
    return dc_cell_set_string(var, cell.text, value, diag);
}

dc_err_t dc_cell_read(const dc_var_t *var, dc_cell_text_t cell, dc_value_t *value, dc_diag_t *diag)
{
    double number;
    dc_err_t err;
    bool is_plain = var->type == DC_VAR_NUMBER && !cell.is_wide;
    if (is_plain && dc_number_from_text(cell.text, &number)) {
        value->type = DC_TYPE_NUMBER;
        value->number = number;
        return DC_OK;
    }
    if (var->type == DC_VAR_STRING && (cell.text.len || cell.quoted)) {
        return dc_cell_set_string(var, cell.text, value, diag);
    }
    dc_str_t trimmed = dc_str_trim(cell.text);
    if (trimmed.len == 0) return dc_cell_set_null(var, value, diag);
    switch (var->type) {
    case DC_VAR_ANY: return read_any(var, cell, trimmed, value, diag);
    case DC_VAR_BOOL:
        if (read_bool(trimmed, value)) return DC_OK;
        return dc_cell_blame(var, DC_ERR_TYPE, cell.text, "is neither true nor false", diag);
    case DC_VAR_INT:
    case DC_VAR_NUMBER:
        if (read_number(var, cell, trimmed, value, &err, diag)) return err;
        break;
    case DC_VAR_STRING: break;
    }
    return dc_cell_blame_number(var, cell.text, diag);
}
