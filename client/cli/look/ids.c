#include "client/cli/look/ids.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>

// `17` or `b17` at the front of `*at`.
static bool take_number(const char **at, uint64_t *number)
{
    const char *digits = *at + (**at == 'b');
    char *end;
    if (!isdigit((unsigned char)*digits)) return false;
    *number = strtoull(digits, &end, 10);
    *at = end;
    return true;
}

// `17` or `3-7`, all of `word`.
static bool read_range(const char *word, uint64_t *first, uint64_t *last)
{
    if (!take_number(&word, first)) return false;
    *last = *first;
    if (*word == '-') {
        word++;
        if (!take_number(&word, last)) return false;
    }
    return *word == '\0';
}

bool dc_ids_is_number(const char *text, uint64_t *number)
{
    return take_number(&text, number) && *text == '\0';
}

static bool matches_word(const char *word, uint64_t number, const char *name, bool is_last)
{
    uint64_t first, last;
    if (strcmp(word, "all") == 0) return true;
    if (strcmp(word, "last") == 0) return is_last;
    if (read_range(word, &first, &last)) return number >= first && number <= last;
    return *name && fnmatch(word, name, 0) == 0;
}

bool dc_ids_match(const char *text, uint64_t number, const char *name, bool is_last)
{
    char *copy = strdup(text);
    char *rest = copy;
    char *word;
    bool is_match = false;
    while (!is_match && (word = strsep(&rest, ","))) {
        is_match = matches_word(word, number, name, is_last);
    }
    free(copy);
    return is_match;
}

static bool has_word(const char *text, bool (*is_meant)(const char *word))
{
    char *copy = strdup(text);
    char *rest = copy;
    char *word;
    bool has_it = false;
    while (!has_it && (word = strsep(&rest, ","))) {
        has_it = is_meant(word);
    }
    free(copy);
    return has_it;
}

static bool is_all(const char *word)
{
    return strcmp(word, "all") == 0 || (*word && word[strspn(word, "*")] == '\0');
}

static bool is_last(const char *word)
{
    return strcmp(word, "last") == 0;
}

bool dc_ids_is_all(const char *text)
{
    return has_word(text, is_all);
}

bool dc_ids_is_last(const char *text)
{
    return has_word(text, is_last);
}

bool dc_ids_is_name(const char *word)
{
    uint64_t first, last;
    if (strcmp(word, "all") == 0 || strcmp(word, "last") == 0) return false;
    return !strchr(word, ',') && !read_range(word, &first, &last);
}
