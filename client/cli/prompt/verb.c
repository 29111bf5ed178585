#include "client/cli/prompt/verb.h"

#include "client/cli/cli_commands.h"

static const struct {
    const char *name;
    dc_verb_t verb;
} own[] = {
    { "help", DC_VERB_HELP }, { "vars", DC_VERB_VARS }, { "forget", DC_VERB_FORGET },
    { "quit", DC_VERB_QUIT }, { "exit", DC_VERB_QUIT },
};

static bool is_for_shells(dc_cli_command_t command)
{
    return command & (DC_CLI_EVAL | DC_CLI_COMPLETION | DC_CLI_HELP);
}

const char *dc_verb_next(size_t *at)
{
    dc_cli_command_info_t info;
    if (*at < DC_ARRAY_LEN(own)) return own[(*at)++].name;
    size_t next = *at - DC_ARRAY_LEN(own);
    const char *name = NULL;
    while (!name && dc_cli_next_command(&next, &info)) {
        if (!is_for_shells(info.command)) name = info.name;
    }
    *at = next + DC_ARRAY_LEN(own);
    return name;
}

// The verb that is called so, whatever was defined.
static dc_verb_t verb_of(dc_str_t name)
{
    const char *verb;
    for (size_t at = 0; (verb = dc_verb_next(&at));) {
        if (!dc_str_eq(dc_str_from(verb), name)) continue;
        return at <= DC_ARRAY_LEN(own) ? own[at - 1].verb : DC_VERB_COMMAND;
    }
    return DC_VERB_NONE;
}

// The letters and hyphens that `line` begins with.
static dc_str_t first_word(dc_str_t line)
{
    size_t len = 0;
    while (len < line.len &&
           ((line.data[len] >= 'a' && line.data[len] <= 'z') || (len && line.data[len] == '-'))) {
        len++;
    }
    return dc_str(line.data, len);
}

static bool is_one_of(char c, const char *characters)
{
    return c && strchr(characters, c);
}

// What can begin an option or a path as well is an operator where a blank follows.
static bool begins_operator(dc_str_t text)
{
    if (text.len == 0) return false;
    bool is_alone = text.len == 1 || text.data[1] == ' ';
    return is_one_of(text.data[0], "=(),;?[]") ||
           (is_alone && is_one_of(text.data[0], "+-*/%^<>&|!~"));
}

dc_verb_t dc_verb_find(const dc_notebook_t *notebook, dc_str_t line, dc_str_t *rest)
{
    line = dc_str_trim(line);
    dc_str_t word = first_word(line);
    dc_verb_t verb = verb_of(word);
    dc_str_t behind = dc_str_behind(line, word.len);
    *rest = dc_str_trim(behind);
    if (verb == DC_VERB_NONE || dc_notebook_has(notebook, word)) return DC_VERB_NONE;
    // The habit of some.
    if (verb == DC_VERB_QUIT && dc_str_eq(*rest, DC_STR("()"))) return verb;
    bool is_apart = behind.len == 0 || behind.data[0] == ' ' || behind.data[0] == '\t';
    return is_apart && !begins_operator(*rest) ? verb : DC_VERB_NONE;
}
