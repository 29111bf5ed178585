#include "common/option.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/quantity.h"
#include "common/suggest.h"

bool dc_option_find(const dc_option_table_t *table, const char *name, size_t *index)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->options[i].name, name) != 0) continue;
        *index = i;
        return true;
    }
    return false;
}

bool dc_option_find_letter(const dc_option_table_t *table, int letter, size_t *index)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->options[i].letter != letter) continue;
        *index = i;
        return true;
    }
    return false;
}

bool dc_option_takes_argument(const dc_option_t *option)
{
    return option->kind != DC_OPTION_FLAG && option->kind != DC_OPTION_COUNT;
}

bool dc_option_is_expression(const char *argument)
{
    if (argument[0] != '-') return false;
    return isdigit((unsigned char)argument[1]) || argument[1] == '.' || argument[1] == '(';
}

void dc_option_put_variable(const dc_option_table_t *table, size_t index, dc_buf_t *out)
{
    dc_buf_append_text(out, table->env_prefix);
    for (const char *at = table->options[index].name; *at; at++) {
        dc_buf_append_char(out, (char)(*at == '-' ? '_' : toupper((unsigned char)*at)));
    }
}

// --- reading ----------------------------------------------------------------------------------

static bool set_flag(bool *field, const char *text, dc_buf_t *message)
{
    static const char *const yes[] = { "1", "true", "yes", "on" };
    static const char *const no[] = { "0", "false", "no", "off" };
    for (size_t i = 0; i < DC_ARRAY_LEN(yes); i++) {
        if (strcmp(text, yes[i]) != 0 && strcmp(text, no[i]) != 0) continue;
        *field = strcmp(text, yes[i]) == 0;
        return true;
    }
    dc_buf_printf(message, "'%s' is neither yes nor no", text);
    return false;
}

static bool append_item(dc_option_list_t *list, const char *text, dc_buf_t *message)
{
    const char **items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (!items) {
        dc_buf_append_text(message, "out of memory");
        return false;
    }
    items[list->count++] = text;
    list->items = items;
    return true;
}

static bool set_choice(int64_t *field, const dc_option_t *option, const char *text,
                       dc_buf_t *message)
{
    dc_suggest_t suggest;
    dc_suggest_init(&suggest, dc_str_from(text));
    int64_t index = 0;
    for (const char *at = option->choices; *at; index++) {
        dc_str_t word = dc_str(at, strcspn(at, " "));
        if (dc_str_eq(word, dc_str_from(text))) {
            *field = index;
            return true;
        }
        dc_suggest_offer(&suggest, word);
        at += word.len + (at[word.len] == ' ');
    }
    dc_buf_printf(message, "'%s' is none of: %s", text, option->choices);
    dc_str_t best = dc_suggest_best(&suggest);
    if (best.len) dc_buf_printf(message, "; did you mean '%.*s'?", (int)best.len, best.data);
    return false;
}

static bool is_within(const dc_option_t *option, uint64_t value)
{
    if (option->min == 0 && option->max == 0) return true;
    return value >= (uint64_t)option->min && value <= (uint64_t)option->max;
}

static bool set_unsigned(uint64_t *field, const dc_option_t *option, const char *text,
                         dc_buf_t *message)
{
    bool is_size = option->kind == DC_OPTION_SIZE;
    uint64_t value;
    if (!(is_size ? dc_size_read(text, &value) : dc_duration_read(text, &value))) {
        dc_buf_printf(message,
                      is_size ? "'%s' is not a size, such as 4096, 64k, 10M, 1G"
                              : "'%s' is not a duration, such as 500ms, 30s, 1h30m, 0, inf",
                      text);
        return false;
    }
    if (!is_within(option, value)) {
        char min[DC_QUANTITY_TEXT_MAX], max[DC_QUANTITY_TEXT_MAX];
        void (*print)(uint64_t, char *) = is_size ? dc_size_print : dc_duration_print;
        print((uint64_t)option->min, min);
        print((uint64_t)option->max, max);
        dc_buf_printf(message, "'%s' is not within %s and %s", text, min, max);
        return false;
    }
    *field = value;
    return true;
}

static bool find_word(const dc_option_t *option, const char *text, int64_t *number)
{
    for (const dc_option_word_t *at = option->words; at && at->word; at++) {
        if (strcmp(at->word, text) != 0) continue;
        *number = at->number;
        return true;
    }
    return false;
}

static void say_no_number(const dc_option_t *option, const char *text, dc_buf_t *message)
{
    dc_buf_printf(message, "'%s' is not a whole number, such as 8, 1e6, 64k", text);
    for (const dc_option_word_t *at = option->words; at && at->word; at++) {
        dc_buf_printf(message, "%s %s", at == option->words ? ", nor one of:" : "", at->word);
    }
}

static bool set_number(int64_t *field, const dc_option_t *option, const char *text,
                       dc_buf_t *message)
{
    int64_t value;
    if (find_word(option, text, field)) return true;
    if (!dc_count_read(text, &value)) {
        say_no_number(option, text, message);
        return false;
    }
    bool is_bounded = option->min != 0 || option->max != 0;
    if (is_bounded && (value < option->min || value > option->max)) {
        dc_buf_printf(message, "'%s' is not within %lld and %lld", text, (long long)option->min,
                      (long long)option->max);
        return false;
    }
    *field = value;
    return true;
}

bool dc_option_read(const dc_option_t *option, void *field, const char *text, dc_buf_t *message)
{
    switch (option->kind) {
    case DC_OPTION_FLAG: return set_flag(field, text, message);
    case DC_OPTION_COUNT: return set_number(field, option, text, message);
    case DC_OPTION_STRING: *(const char **)field = text; return true;
    case DC_OPTION_LIST: return append_item(field, text, message);
    case DC_OPTION_DURATION:
    case DC_OPTION_SIZE: return set_unsigned(field, option, text, message);
    case DC_OPTION_NUMBER: return set_number(field, option, text, message);
    case DC_OPTION_CHOICE: return set_choice(field, option, text, message);
    }
    return false;
}

void dc_option_set_default(const dc_option_t *option, void *field)
{
    switch (option->kind) {
    case DC_OPTION_FLAG: *(bool *)field = false; break;
    case DC_OPTION_STRING: *(const char **)field = option->initial_text; break;
    case DC_OPTION_LIST: *(dc_option_list_t *)field = (dc_option_list_t){ 0 }; break;
    case DC_OPTION_DURATION:
    case DC_OPTION_SIZE: *(uint64_t *)field = (uint64_t)option->initial; break;
    case DC_OPTION_COUNT:
    case DC_OPTION_NUMBER:
    case DC_OPTION_CHOICE: *(int64_t *)field = option->initial; break;
    }
}
