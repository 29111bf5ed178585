#include "client/cli/cli_commands.h"

#include "common/suggest.h"

static const struct {
    dc_cli_command_t command;
    const char *name;
    const char *usage;
} commands[] = {
    { DC_CLI_EVAL, "eval", "EXPR...\n\nEvaluate expressions, print one value a line.\n" },
    { DC_CLI_BATCH, "batch",
      "[FILE|-]\n\nEvaluate many: lines, CSV, TSV, JSON lines or ranges, with or without a "
      "template.\n" },
    { DC_CLI_LIST, "list", "\n\nShow the batches that the broker knows, newest last.\n" },
    { DC_CLI_STATUS, "status",
      "ID...\n\nShow how far a batch is, and why it waits. b17 and 17 are "
      "the same, 3-7 and 3,9 are several.\n" },
    { DC_CLI_CANCEL, "cancel", "ID...\n\nStop batches.\n" },
    { DC_CLI_WORKERS, "workers", "\n\nShow the workers, their slots and what they do.\n" },
    { DC_CLI_PING, "ping",
      "\n\nSay whether the broker is there (exit code 0 or 69), and how fast "
      "it answers.\n" },
    { DC_CLI_HELP, "help",
      "[TOPIC]\n\nTopics: the commands, expressions, functions, examples, exit-codes, "
      "environment, options.\n" },
};

// What other systems call it.
static const struct {
    const char *word, *command;
} neighbours[] = {
    { "ps", "list" },       { "squeue", "list" },   { "jobs", "list" },      { "ls", "list" },
    { "kill", "cancel" },   { "stop", "cancel" },   { "scancel", "cancel" }, { "revoke", "cancel" },
    { "submit", "batch" },  { "run", "batch" },     { "sbatch", "batch" },   { "map", "batch" },
    { "nodes", "workers" }, { "sinfo", "workers" }, { "slots", "workers" },  { "calc", "eval" },
    { "evaluate", "eval" }, { "man", "help" },
};

bool dc_cli_is_word(const char *operand)
{
    if (*operand < 'a' || *operand > 'z') return false;
    return operand[strspn(operand, "abcdefghijklmnopqrstuvwxyz-")] == '\0';
}

bool dc_cli_find_command(const char *name, dc_cli_command_t *command)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(commands); i++) {
        if (strcmp(commands[i].name, name) != 0) continue;
        *command = commands[i].command;
        return true;
    }
    return false;
}

const char *dc_cli_command_name(dc_cli_command_t command)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(commands); i++) {
        if (commands[i].command == command) return commands[i].name;
    }
    return "";
}

const char *dc_cli_command_usage(dc_cli_command_t command)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(commands); i++) {
        if (commands[i].command == command) return commands[i].usage;
    }
    return "";
}

const char *dc_cli_suggest_command(const char *word)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(neighbours); i++) {
        if (strcmp(neighbours[i].word, word) == 0) return neighbours[i].command;
    }
    dc_suggest_t suggest;
    dc_suggest_init(&suggest, dc_str_from(word));
    for (size_t i = 0; i < DC_ARRAY_LEN(commands); i++) {
        dc_suggest_offer(&suggest, dc_str_from(commands[i].name));
    }
    return dc_suggest_best(&suggest).data; // a name of ours, which ends in NUL
}
