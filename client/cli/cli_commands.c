#include "client/cli/cli_commands.h"

#include "common/option_help.h"
#include "common/suggest.h"

static const struct {
    dc_cli_command_t command;
    const char *name;
    const char *arguments;
    const char *help; // the first sentence says what it does
} commands[] = {
    { DC_CLI_EVAL, "eval", "EXPR...", "Evaluate expressions, print one value a line." },
    { DC_CLI_BATCH, "batch", "[FILE|-]",
      "Evaluate many: lines, CSV, TSV, JSON lines or ranges. With -t a formula for each row: "
      "columns are variables; of lines, x is the line." },
    { DC_CLI_LIST, "list", "", "Show the batches that the broker knows, newest last." },
    { DC_CLI_STATUS, "status", "ID...",
      "Show how far a batch is, and why it waits. b17 and 17 are the same, 3-7 and 3,9 are "
      "several, 'nightly*' those with such names, last the newest and all every batch, whoever "
      "sent it." },
    { DC_CLI_ATTACH, "attach", "ID",
      "Follow a batch that was sent with -d: progress and results as if it had been run here. "
      "Ctrl-C only detaches." },
    { DC_CLI_RESULTS, "results", "ID",
      "Print the results of a batch that was sent with -d, as often as wished. What is still "
      "computed is waited for." },
    { DC_CLI_CANCEL, "cancel", "ID...",
      "Stop batches. One that was sent with -d keeps its results so far. What an ID is, status "
      "says; all and last are everybody's: before all are stopped you are asked, unless you say "
      "--yes." },
    { DC_CLI_RETRY, "retry", "ID",
      "Send the failed, cancelled or lost jobs of a batch again, as a new one. It was sent with "
      "-d, as the new one is." },
    { DC_CLI_SET, "set", "ID...",
      "Change batches: --priority, --deadline, --hold, --release. What runs is finished." },
    { DC_CLI_DELETE, "delete", "ID...",
      "Drop finished batches and their results. Of batches that were sent with -d. What an ID is, "
      "status says; all and last are everybody's: before all are dropped you are asked, unless you "
      "say --yes." },
    { DC_CLI_WORKERS, "workers", "",
      "Show the workers, their slots and what they do. --drain NAME lets one leave." },
    { DC_CLI_TOP, "top", "",
      "Watch the cluster in the terminal: workers, batches, rates. q ends it; up and down choose a "
      "batch, c cancels it, + and - change its priority, h holds or releases it, enter shows all "
      "about it." },
    { DC_CLI_PING, "ping", "",
      "Say whether the broker is there, and how fast it answers. Exit code 0 or 69." },
    { DC_CLI_BENCH, "bench", "",
      "Measure this cluster: round trips of single jobs, jobs a second sent one by one and in "
      "chunks. For 5 s (--seconds), with the lowest priority." },
    { DC_CLI_CONFIG, "config", "",
      "Show each setting, its value, and where that comes from. --check looks at all of the "
      "configuration file, and says what is wrong in it." },
    { DC_CLI_COMPLETION, "completion", "SHELL",
      "Print what completes command lines of dcalc in bash, zsh or fish. In ~/.bashrc: source "
      "<(dcalc completion bash); in ~/.zshrc, behind compinit: source <(dcalc completion zsh); in "
      "~/.config/fish/config.fish: dcalc completion fish | source." },
    { DC_CLI_HELP, "help", "[TOPIC]", "Explain a topic, a command or a function." },
    // Between a completion and us.
    { DC_CLI_COMPLETE, "complete", "KIND...", NULL },
};

// What other systems call it.
static const struct {
    const char *word, *command;
} neighbours[] = {
    { "ps", "list" },        { "squeue", "list" },      { "jobs", "list" },
    { "ls", "list" },        { "kill", "cancel" },      { "stop", "cancel" },
    { "scancel", "cancel" }, { "revoke", "cancel" },    { "hold", "set" },
    { "release", "set" },    { "renice", "set" },       { "scontrol", "set" },
    { "logs", "attach" },    { "tail", "attach" },      { "watch", "attach" },
    { "follow", "attach" },  { "get", "results" },      { "fetch", "results" },
    { "cat", "results" },    { "output", "results" },   { "resubmit", "retry" },
    { "rerun", "retry" },    { "rm", "delete" },        { "purge", "delete" },
    { "remove", "delete" },  { "submit", "batch" },     { "run", "batch" },
    { "sbatch", "batch" },   { "map", "batch" },        { "nodes", "workers" },
    { "sinfo", "workers" },  { "slots", "workers" },    { "htop", "top" },
    { "stats", "top" },      { "calc", "eval" },        { "evaluate", "eval" },
    { "man", "help" },       { "settings", "config" },  { "configure", "config" },
    { "resume", "batch" },   { "shell", "completion" }, { "benchmark", "bench" },
    { "speed", "bench" },
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

bool dc_cli_next_command(size_t *at, dc_cli_command_info_t *info)
{
    while (*at < DC_ARRAY_LEN(commands)) {
        size_t i = (*at)++;
        if (!commands[i].help) continue;
        *info = (dc_cli_command_info_t){ commands[i].command, commands[i].name,
                                         commands[i].arguments, commands[i].help };
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

void dc_cli_put_usage(dc_cli_command_t command, dc_buf_t *out)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(commands); i++) {
        if (commands[i].command != command) continue;
        bool has_arguments = *commands[i].arguments;
        const char *text = commands[i].help ? commands[i].help : "For completion in a shell.";
        dc_buf_printf(out, "Usage: dcalc %s [OPTIONS]%s%s\n\n", commands[i].name,
                      has_arguments ? " " : "", commands[i].arguments);
        dc_help_put_wrapped(out, 0, text);
    }
}

void dc_cli_put_commands(dc_buf_t *out)
{
    dc_buf_append_text(out, "Commands; each says more with --help:\n\n");
    for (size_t i = 0; i < DC_ARRAY_LEN(commands); i++) {
        if (!commands[i].help) continue;
        dc_buf_t sentence = { 0 };
        dc_buf_append(&sentence, commands[i].help, strcspn(commands[i].help, ".") + 1);
        dc_buf_append_char(&sentence, '\0');
        dc_buf_printf(out, "  %-11s%s", commands[i].name, commands[i].arguments);
        if (!sentence.failed) dc_help_put_wrapped(out, 23, sentence.data);
        dc_buf_fini(&sentence);
    }
}

const char *dc_cli_suggest_command(const char *word)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(neighbours); i++) {
        if (strcmp(neighbours[i].word, word) == 0) return neighbours[i].command;
    }
    dc_suggest_t suggest;
    dc_suggest_init(&suggest, dc_str_from(word));
    for (size_t i = 0; i < DC_ARRAY_LEN(commands); i++) {
        if (commands[i].help) dc_suggest_offer(&suggest, dc_str_from(commands[i].name));
    }
    return dc_suggest_best(&suggest).data; // a name of ours, which ends in NUL
}
