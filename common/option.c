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
    bool is_shared = table->options[index].flags & DC_OPTION_FINDS_FILE;
    dc_buf_append_text(out, is_shared ? "DCALC_" : table->env_prefix);
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

static bool find_word(const dc_option_t *option, const char *text, int64_t *number)
{
    for (const dc_option_word_t *at = option->words; at && at->word; at++) {
        if (strcmp(at->word, text) != 0) continue;
        *number = at->number;
        return true;
    }
    return false;
}

static bool set_choice(int64_t *field, const dc_option_t *option, const char *text,
                       dc_buf_t *message)
{
    dc_suggest_t suggest;
    dc_suggest_init(&suggest, dc_str_from(text));
    dc_str_t meant = { 0 };
    int64_t index = 0, meant_index = -1;
    (void)find_word(option, text, &meant_index);
    for (const char *at = option->choices; *at; index++) {
        dc_str_t word = dc_str(at, strcspn(at, " "));
        if (dc_str_eq(word, dc_str_from(text))) {
            *field = index;
            return true;
        }
        dc_suggest_offer(&suggest, word);
        if (index == meant_index) meant = word;
        at += word.len + (at[word.len] == ' ');
    }
    dc_buf_printf(message, "'%s' is none of: %s", text, option->choices);
    dc_str_t best = meant.len ? meant : dc_suggest_best(&suggest);
    if (best.len) dc_buf_printf(message, "; did you mean '%.*s'?", (int)best.len, best.data);
    return false;
}

static bool is_within(const dc_option_t *option, uint64_t value)
{
    if (option->min == 0 && option->max == 0) return true;
    return value >= (uint64_t)option->min && value <= (uint64_t)option->max;
}

// Examples have to be ones that are taken.
static void say_no_duration(const dc_option_t *option, const char *text, dc_buf_t *message)
{
    char guess[32];
    uint64_t value;
    dc_buf_printf(message, "'%s' is not a duration, such as 500ms, 30s, 1h30m", text);
    if (is_within(option, 0)) dc_buf_append_text(message, ", 0");
    if (is_within(option, DC_DURATION_INF)) dc_buf_append_text(message, ", inf");
    bool is_whole = strlen(text) < sizeof guess - 1;
    if (is_whole) snprintf(guess, sizeof guess, "%ss", text);
    bool is_meant = is_whole && dc_duration_read(guess, &value) && is_within(option, value);
    if (is_meant) dc_buf_printf(message, "; did you mean '%s'?", guess);
}

static bool set_unsigned(uint64_t *field, const dc_option_t *option, const char *text,
                         dc_buf_t *message)
{
    bool is_size = option->kind == DC_OPTION_SIZE;
    uint64_t value;
    if (!(is_size ? dc_size_read(text, &value) : dc_duration_read(text, &value))) {
        if (is_size) {
            dc_buf_printf(message, "'%s' is not a size, such as 4096, 64k, 10M, 1G", text);
        } else {
            say_no_duration(option, text, message);
        }
        return false;
    }
    if (!is_within(option, value)) {
        char min[DC_QUANTITY_TEXT_MAX], max[DC_QUANTITY_TEXT_MAX];
        void (*print)(uint64_t, char *) = is_size ? dc_size_print : dc_duration_print;
        print((uint64_t)option->min, min);
        print((uint64_t)option->max, max);
        if (!is_size && (uint64_t)option->max == DC_DURATION_INF) {
            dc_buf_printf(message, "'%s' is too short: %s is the least", text, min);
        } else {
            dc_buf_printf(message, "'%s' is not within %s and %s", text, min, max);
        }
        return false;
    }
    *field = value;
    return true;
}

static void say_no_number(const dc_option_t *option, const char *text, dc_buf_t *message)
{
    // Examples have to be ones that are taken.
    bool takes_all = option->max == 0 || option->max >= 1000000;
    dc_buf_printf(message, "'%s' is not a whole number", text);
    if (takes_all) {
        dc_buf_append_text(message, ", such as 8, 1e6, 64k");
    } else {
        dc_buf_printf(message, " from %lld to %lld", (long long)option->min,
                      (long long)option->max);
    }
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
    if (option->check && !option->check(text, message)) return false;
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

bool dc_option_check(const dc_option_t *option, const char *text, dc_buf_t *message)
{
    union {
        dc_option_list_t list;
        bool flag;
        int64_t number;
        uint64_t quantity;
        const char *text;
    } field = { 0 };
    dc_option_set_default(option, &field);
    bool is_sound = dc_option_read(option, &field, text, message);
    // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it does not see what was put into the union.
    if (option->kind == DC_OPTION_LIST) free(field.list.items);
    return is_sound;
}

bool dc_option_is_key(const dc_option_t *option)
{
    return !(option->flags & (DC_OPTION_HIDDEN | DC_OPTION_NO_ENVIRONMENT | DC_OPTION_FINDS_FILE));
}

// --- writing -----------------------------------------------------------------------------------

static void put_choice(const dc_option_t *option, int64_t index, dc_buf_t *out)
{
    const char *at = option->choices;
    for (int64_t i = 0; i < index && *at; i++) {
        at += strcspn(at, " ");
        at += *at == ' ';
    }
    if (index >= 0) dc_buf_append(out, at, strcspn(at, " "));
}

static void put_number(const dc_option_t *option, int64_t number, dc_buf_t *out)
{
    for (const dc_option_word_t *at = option->words; at && at->word; at++) {
        if (at->number != number) continue;
        dc_buf_append_text(out, at->word);
        return;
    }
    dc_buf_printf(out, "%lld", (long long)number);
}

static void put_quantity(const dc_option_t *option, uint64_t quantity, dc_buf_t *out)
{
    char text[DC_QUANTITY_TEXT_MAX];
    if (option->kind == DC_OPTION_SIZE) {
        dc_size_print(quantity, text);
    } else {
        dc_duration_print(quantity, text);
    }
    dc_buf_append_text(out, text);
}

void dc_option_put_value(const dc_option_t *option, const void *field, dc_buf_t *out)
{
    const dc_option_list_t *list = field;
    switch (option->kind) {
    case DC_OPTION_FLAG: dc_buf_append_text(out, *(const bool *)field ? "yes" : "no"); break;
    case DC_OPTION_STRING:
        if (*(const char *const *)field) dc_buf_append_text(out, *(const char *const *)field);
        break;
    case DC_OPTION_LIST:
        for (size_t i = 0; i < list->count; i++) {
            dc_buf_printf(out, "%s%s", i ? ", " : "", list->items[i]);
        }
        break;
    case DC_OPTION_DURATION:
    case DC_OPTION_SIZE: put_quantity(option, *(const uint64_t *)field, out); break;
    case DC_OPTION_COUNT:
    case DC_OPTION_NUMBER: put_number(option, *(const int64_t *)field, out); break;
    case DC_OPTION_CHOICE: put_choice(option, *(const int64_t *)field, out); break;
    }
}

void dc_option_put_default(const dc_option_t *option, dc_buf_t *out)
{
    if (option->initial_text) {
        dc_buf_append_text(out, option->initial_text);
        return;
    }
    switch (option->kind) {
    case DC_OPTION_FLAG:
    case DC_OPTION_COUNT:
    case DC_OPTION_STRING:
    case DC_OPTION_LIST: break;
    case DC_OPTION_CHOICE: put_choice(option, option->initial, out); break;
    case DC_OPTION_DURATION:
    case DC_OPTION_SIZE:
        if (option->initial > 0) put_quantity(option, (uint64_t)option->initial, out);
        break;
    case DC_OPTION_NUMBER:
        if (option->initial > 0) put_number(option, option->initial, out);
        break;
    }
}
