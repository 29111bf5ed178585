#include "client/cli/completion/completion_part.h"

#include <string.h>

static const char *const shells[] = { "bash", "zsh", "fish", NULL };

bool dc_completion_put(const char *shell, dc_buf_t *out)
{
    static void (*const puts[])(dc_buf_t * out) = { dc_completion_put_bash, dc_completion_put_zsh,
                                                    dc_completion_put_fish };
    for (size_t i = 0; shells[i]; i++) {
        if (strcmp(shells[i], shell) != 0) continue;
        puts[i](out);
        return true;
    }
    return false;
}

// --- what is offered ---------------------------------------------------------------------------

dc_completion_source_t dc_completion_of_option(const dc_option_t *option, dc_buf_t *words)
{
    if (option->known) {
        dc_buf_append_text(words, option->known);
        return DC_COMPLETION_KNOWN;
    }
    if (option->kind == DC_OPTION_CHOICE) {
        dc_buf_append_text(words, option->choices);
        return DC_COMPLETION_WORDS;
    }
    for (const dc_option_word_t *at = option->words; at && at->word; at++) {
        dc_buf_printf(words, "%s%s", at == option->words ? "" : " ", at->word);
    }
    if (option->words) return DC_COMPLETION_WORDS;
    const char *argument = option->argument ? option->argument : "";
    if (strcmp(argument, "EXPR") == 0) return DC_COMPLETION_FORMULA;
    if (strcmp(argument, "FILE") == 0) return DC_COMPLETION_FILES;
    return strcmp(argument, "DIR") == 0 ? DC_COMPLETION_FOLDERS : DC_COMPLETION_NOTHING;
}

dc_completion_source_t dc_completion_of_command(const dc_cli_command_info_t *info, dc_buf_t *words)
{
    static const struct {
        const char *argument; // what its usage says
        dc_completion_source_t source;
        const char *words;
    } sources[] = {
        { "ID", DC_COMPLETION_KNOWN, "ids names" },
        { "EXPR", DC_COMPLETION_FORMULA, "" },
        { "TOPIC", DC_COMPLETION_KNOWN, "topics" },
        { "FILE", DC_COMPLETION_FILES, "" },
    };
    if (info->command == DC_CLI_COMPLETION) {
        for (size_t i = 0; shells[i]; i++) {
            dc_buf_printf(words, "%s%s", i ? " " : "", shells[i]);
        }
        return DC_COMPLETION_WORDS;
    }
    for (size_t i = 0; i < DC_ARRAY_LEN(sources); i++) {
        if (!strstr(info->arguments, sources[i].argument)) continue;
        dc_buf_append_text(words, sources[i].words);
        return sources[i].source;
    }
    return DC_COMPLETION_NOTHING;
}

bool dc_completion_is_offered(const dc_option_t *option, uint32_t command)
{
    if (option->flags & DC_OPTION_HIDDEN) return false;
    uint32_t taken_by = command ? command : DC_CLI_EVAL;
    return !option->commands || option->commands & taken_by;
}

bool dc_completion_needs_argument(const dc_option_t *option)
{
    return dc_option_takes_argument(option) && !option->implied &&
           !(option->flags & DC_OPTION_HIDDEN);
}

// --- words -------------------------------------------------------------------------------------

void dc_completion_put_forms(const dc_option_t *option, const char *between, dc_buf_t *out)
{
    if (option->letter) dc_buf_printf(out, "-%c%s", option->letter, between);
    dc_buf_printf(out, "--%s%s", option->name, between);
}

void dc_completion_put_brief(const char *help, dc_buf_t *out)
{
    dc_str_t phrase = dc_str(help, strcspn(help, ".:;("));
    phrase = dc_str_trim(phrase);
    for (size_t i = 0; i < phrase.len; i++) {
        // These mean something in one of the shells' descriptions.
        if (!strchr("'`[]$\\", phrase.data[i])) dc_buf_append_char(out, phrase.data[i]);
    }
}
