#include "common/config_expand.h"

// How many bytes of `text` are a variable's name.
static size_t name_len(dc_str_t text)
{
    size_t len = 0;
    while (len < text.len) {
        char c = text.data[len];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!is_letter && (len == 0 || c < '0' || c > '9')) break;
        len++;
    }
    return len;
}

// A variable's value; NULL if it is not set, or memory is short.
static const char *look_up(dc_str_t name, dc_config_lookup_t *lookup)
{
    dc_buf_t word = { 0 };
    dc_buf_append_str(&word, name);
    dc_buf_append_char(&word, '\0');
    const char *value = word.failed ? NULL : lookup(word.data);
    dc_buf_fini(&word);
    return value && *value ? value : NULL;
}

// Put in what stands between `${` and `}`.
static dc_config_expanded_t expand_one(dc_str_t inner, dc_config_lookup_t *lookup, dc_buf_t *out,
                                       dc_buf_t *message)
{
    dc_str_t name = dc_str(inner.data, name_len(inner));
    dc_str_t rest = dc_str_behind(inner, name.len);
    if (name.len == 0 || (rest.len && rest.data[0] != ':')) {
        dc_buf_printf(message, "'${%.*s}' is neither ${NAME} nor ${NAME:default}", (int)inner.len,
                      inner.data);
        return DC_CONFIG_WRONG;
    }
    const char *value = look_up(name, lookup);
    if (value) {
        dc_buf_append_text(out, value);
    } else if (dc_str_take_char(&rest, ':')) {
        dc_str_take_char(&rest, '-');
        dc_buf_append_str(out, rest);
    } else {
        dc_buf_printf(message, "the variable %.*s is not set; ${%.*s:default} needs no variable",
                      (int)name.len, name.data, (int)name.len, name.data);
        return DC_CONFIG_UNSET;
    }
    return DC_CONFIG_EXPANDED;
}

dc_config_expanded_t dc_config_expand(const char *value, dc_config_lookup_t *lookup, dc_buf_t *out,
                                      dc_buf_t *message)
{
    while (*value) {
        size_t plain = strcspn(value, "$");
        dc_buf_append(out, value, plain);
        value += plain;
        if (*value == '\0') break;
        if (value[1] == '$') {
            dc_buf_append_char(out, '$');
            value += 2;
            continue;
        }
        size_t len = value[1] == '{' ? strcspn(value + 2, "}") : 0;
        if (value[1] != '{' || value[2 + len] != '}') {
            dc_buf_append_text(message, value[1] == '{'
                                            ? "'${' without '}'"
                                            : "a '$' alone: ${NAME} is a variable, $$ a dollar");
            return DC_CONFIG_WRONG;
        }
        dc_config_expanded_t expanded = expand_one(dc_str(value + 2, len), lookup, out, message);
        if (expanded != DC_CONFIG_EXPANDED) return expanded;
        value += 2 + len + 1;
    }
    return DC_CONFIG_EXPANDED;
}
