#include "client/cli/prompt/words.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Copy the word that `rest` begins with to `at`, and a NUL behind it; move both. False if a quote
// is open at the end.
static bool copy_word(dc_str_t *rest, char **at)
{
    char quote = 0;
    while (rest->len && (quote || !is_blank(rest->data[0]))) {
        char c = rest->data[0];
        *rest = dc_str_behind(*rest, 1);
        if (c == quote) {
            quote = 0;
        } else if (!quote && (c == '\'' || c == '"')) {
            quote = c;
        } else {
            bool is_escape = c == '\\' && quote != '\'' && rest->len;
            if (is_escape) c = rest->data[0];
            if (is_escape) *rest = dc_str_behind(*rest, 1);
            *(*at)++ = c;
        }
    }
    *(*at)++ = '\0';
    return quote == 0;
}

bool dc_words_cut(dc_str_t line, dc_arena_t *arena, dc_words_t *words)
{
    // Of two bytes one is a blank; and a NUL is not longer than that.
    *words = (dc_words_t){ .items = dc_arena_alloc(arena, line.len / 2 + 2, sizeof(char *)) };
    char *at = dc_arena_alloc(arena, line.len + 1, 1);
    if (!words->items || !at) return false;
    for (;;) {
        while (line.len && is_blank(line.data[0])) {
            line = dc_str_behind(line, 1);
        }
        if (line.len == 0) break;
        words->items[words->count++] = at;
        if (!copy_word(&line, &at)) return false;
    }
    words->items[words->count] = NULL;
    return true;
}
