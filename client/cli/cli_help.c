#include "client/cli/cli_help.h"

#include "client/cli/cli_commands.h"
#include "client/cli/exit_status.h"
#include "client/cli/help_language.h"
#include "common/expr/expr.h"
#include "common/option_help.h"

static const char overview[] =
    "dcalc '2+3*4' 'sqrt(2)'                     evaluate, one value a line\n"
    "dcalc batch loans.csv -t 'amount*rate'      a table, a formula for each row\n"
    "\n"
    "Usage: dcalc [OPTIONS] EXPR...           or  dcalc COMMAND [OPTIONS] [ARG...]\n"
    "       dcalc [OPTIONS] [< FILE]             a prompt, or one expression a line\n"
    "\n"
    "compute   eval EXPR...        evaluate (the implied command)\n"
    "          batch [FILE|-]      many jobs: lines, CSV, TSV, JSONL or ranges (-r)\n"
    "follow    list, status ID...  the batches; how far one is, and why it waits\n"
    "          attach, results ID  of a batch sent with -d: follow it; print its rows\n"
    "steer     cancel, delete ID   stop batches; drop their results\n"
    "          set, retry ID       priority, deadline, hold; failed jobs again\n"
    "look      workers, top, ping  who computes; live; is it there? bench: how fast\n"
    "set up    config, completion  settings and where they come from; for your shell\n"
    "          help [TOPIC]        commands, expressions, functions, examples, ...\n"
    "\n"
    "  -l, --local[=N]        compute right here, in a private cluster of N slots\n"
    "  -b, --broker URL       where the broker is (tcp://127.0.0.1:5555)\n"
    "  -t, --template EXPR    formula for each row    -O FILE           write there\n"
    "  -r NAME=A:B[:STEP]     rows from a range       --priority N      -10 to 10\n"
    "  -o, --output FORMAT    text, json, csv, tsv    --let NAME=VALUE  a variable\n"
    "\n"
    "exit code: 0 all computed, 1 some failed, 64 and up: see dcalc help exit-codes\n"
    "more: dcalc help examples   dcalc help options   dcalc batch --help\n";

static void put_expressions(dc_buf_t *out)
{
    dc_buf_append_text(out, "Expressions: numbers, names, operators, functions. Loosest first:\n\n"
                            "  a = 2; f(x) = x^2; f(a)\n"
                            "                       definitions, each visible after its ;\n");
    dc_help_put_operators(out);
    dc_buf_append_text(
        out, "\n"
             "Numbers: 12  1.5  .5  1e-3  1_000_000  0x1F  0b101. Strings: 'abc' \"abc\".\n"
             "true, false, null.\n"
             "Constants: pi e tau phi inf nan. Odd names stand in braces: {unit price} * qty.\n"
             "No implicit multiplication: write 2*pi. Division by zero is an error (with\n"
             "--ieee: inf).\n"
             "Results are printed with the shortest digits that read back to the same number.\n"
             "--numbers exact computes with fractions of any size, --numbers decimal=34 with\n"
             "decimals of so many digits.\n"
             "dcalc --explain EXPR shows how it is read, what it costs and how it would run;\n"
             "of a sheet, which cells wait for which. All of it: man dcalc-expressions.\n");
}

static void put_functions(dc_buf_t *out)
{
    dc_help_put_functions(out);
    dc_buf_append_text(
        out, "\n"
             "A reduction is for many values of a name, which is known in its first argument\n"
             "only, as in sum(1/k^2, k, 1, 1e6). log is the natural logarithm; round goes half\n"
             "away from zero. Random numbers: the same seed and k give the same everywhere.\n"
             "integrate, solve, diff, uniform, normal and norminv are for doubles, and not for\n"
             "--numbers exact or decimal=N.\n"
             "What each one does, and how precisely: man dcalc-expressions.\n");
}

static const char prompt[] =
    "The prompt: dcalc without arguments, on a terminal. A line is typed, its value\n"
    "comes; several statements in a line are parted by ;\n"
    "\n"
    "  > 2^10                   an expression: its value is printed, and is `ans`\n"
    "  > rate = 0.19            a variable. It stays until it is defined again, or\n"
    "  > f(x) = x*(1 + rate)    forgotten, and so does a function\n"
    "  > sum(f(k), k, 1, 1e9)   the cluster computes it; Ctrl-C stops it\n"
    "  > round(ans,             what is open goes on in the next line\n"
    "    2)                     # and this is a comment; an empty line gives it up\n"
    "\n"
    "  vars                     all definitions      forget rate, forget all\n"
    "  help [TOPIC]             functions, expressions, ...; help sqrt tells of one\n"
    "  list, workers, top, status b17, batch FILE -t EXPR, ...   as in the shell; a\n"
    "                           variable that is called so goes before\n"
    "  quit, or Ctrl-D          the end\n"
    "\n"
    "Tab completes names, arrows and Ctrl-R look into the history: lines are kept in\n"
    "~/.local/state/dcalc/history, save those that begin with a blank. Ctrl-C drops\n"
    "what is typed. -o, -O, -p, --let, --numbers, --ieee and --timeout, given when\n"
    "the prompt is started, hold for all lines; with --local the private cluster\n"
    "lives as long.\n";

static const char examples[] =
    "Examples:\n"
    "\n"
    "  dcalc --local '2+3*4' 'sqrt(2)'\n"
    "  dcalc -2+3\n"
    "  echo '6*7' | dcalc\n"
    "  dcalc 'total/365' --let total=1e6 -p 6\n"
    "  t=$(dcalc batch -d sales.csv -t 'qty*price' --reduce sum)\n"
    "  dcalc 'total/365' --let total=@$t -p 6\n"
    "  dcalc batch measurements.txt > answers.txt\n"
    "  dcalc batch loans.csv -t 'amount*rate' -p 6 -O paid.csv\n"
    "  dcalc batch loans.csv -t 'amount*rate' -O paid.csv --resume  # after a stop\n"
    "  dcalc batch loans.csv -t 'amount*rate' -o json | jq .value\n"
    "  dcalc batch --from jsonl -t 'hypot(x,y)' < points.jsonl\n"
    "  dcalc batch -r x=0:1:0.1 -r y=1:3 -t 'sin(x)*y' -o csv\n"
    "  dcalc batch loans.csv -t 'amount*rate' --reduce sum\n"
    "  dcalc batch bill.sheet              # lines `name = expression`, in any order\n"
    "  dcalc batch big.txt --errors failed.jsonl    # then: dcalc batch failed.jsonl\n"
    "  dcalc batch nightly.csv -t 'f' --priority low --deadline 'tomorrow 07:00'\n"
    "  dcalc set b17 --priority high\n"
    "  id=$(dcalc batch -d huge.csv -t 'f' --name nightly)\n"
    "  dcalc results $id -O huge.out.csv\n"
    "  dcalc batch -d huge.csv -t 'f' --key 2026-11-29  # once, however often\n";

static void put_exit_codes(dc_buf_t *out)
{
    dc_buf_append_text(out,
                       "Exit codes: 0 and 1 speak of the maths, 64 to 78 of the plumbing, 124 and\n"
                       "130 of time and you.\n\n");
    dc_exit_told_t told;
    for (size_t at = 0; dc_exit_status_next(&at, &told);) {
        dc_buf_printf(out, "  %3d  %s\n", told.status, told.help);
    }
}

static const char output[] =
    "Output: people read text, programs -o json, csv or tsv.\n"
    "\n"
    "Rows of eval, batch, attach and results:\n"
    "  text      a line a row, in order: the value, or error: CODE\n"
    "  json      {\"v\":1,\"batch\":\"b17\",\"row\":3,\"value\":14,\"expr\":\"2+3*4\"}; instead "
    "of\n"
    "            a value \"error\":{\"code\":...,\"message\":...,\"column\":N,\"width\":N};\n"
    "            with -v also \"worker\":NAME,\"attempt\":N,\"ms\":N: who computed it (of a\n"
    "            job that was split no one did), in which attempt, its piece's time;\n"
    "            a fraction (--numbers exact) is a string, \"1/3\"\n"
    "  csv, tsv  the input's columns (of JSON lines: what the first row has, and the\n"
    "            template uses), then result and error\n"
    "\n"
    "Of other commands, csv and tsv have a header and these columns; json has an\n"
    "object a line with \"v\":1, these names and more: tests/schemas has them all. A\n"
    "name of json that differs stands behind a slash; - is none.\n"
    "  list      id/batch name state jobs done failed jobs_per_s/rate age_ms\n"
    "            priority deadline_ms keep_ms; jobs is empty while they still come\n"
    "            in, deadline_ms without one, keep_ms until the end (inf/null: for\n"
    "            ever); of json an empty one is not there\n"
    "  status    likewise, then waiting running left_ms/- why\n"
    "  workers   worker slot/id host state jobs silent_ms age_ms load\n"
    "            memory_bytes/memory_free steps_per_s/speed runs tags; load and\n"
    "            memory are its machine's, the load for each core; runs and tags\n"
    "            have a form of their own in json; with --drain: worker state/- slots\n"
    "  set       id/batch state priority deadline_ms\n"
    "  cancel    id/batch state             delete   likewise\n"
    "  ping      url version workers slots ms\n"
    "  batch -d  id/batch jobs              retry    likewise, then of\n"
    "  bench     phase (alone, packed, chunks) jobs jobs_per_s p50_ms p95_ms p99_ms\n"
    "            max_ms client_cpu; json: an object with these three\n"
    "  top       json only: all that the broker counts\n"
    "\n"
    "_ms are milliseconds, _per_s so many a second. Numbers are whole but for load,\n"
    "client_cpu, the times of ping and bench, and in json rate, speed and pace.\n"
    "What the states are: dcalc help states\n";

static const char states[] =
    "States of a batch (list, status):\n"
    "\n"
    "  waiting    nothing of it runs; status says why\n"
    "  running    slots are at jobs of it; with `, held` they finish what they began\n"
    "  held       by dcalc set ID --hold; --release lets it go on\n"
    "  orphaned   its client is gone, and may come back for a while\n"
    "  done       every job has ended, if only with an error: FAILED counts these\n"
    "  cancelled, deadline   ended before its time; what was computed is kept\n"
    "  failed     ended since it could not go on: what it comes after failed, or the\n"
    "             broker could not keep it\n"
    "\n"
    "States of a slot (workers):\n"
    "\n"
    "  idle       ready for jobs          busy   at some\n"
    "  loaded     its machine has far too much to do for its cores: it gets no job\n"
    "             while others that may have it are less loaded\n"
    "  short      its machine is short of memory: it gets no job until there is more\n"
    "  draining   it finishes what it is at, and leaves\n"
    "  LATE       it has missed a heartbeat; soon its jobs go to others\n";

static const char configuration[] =
    "One file has options for all programs: that of --config or DCALC_CONFIG, else\n"
    "$XDG_CONFIG_HOME/dcalc/dcalc.conf (~/.config), else /etc/dcalc/dcalc.conf.\n"
    "\n"
    "  [broker]              ; a section a program; keys are options without --\n"
    "  frontend = tcp://${HOST:127.0.0.1}:5555\n"
    "  [client]\n"
    "  timeout = 1m          ; as --timeout 1m, or DCALC_TIMEOUT=1m\n"
    "  let = k=3             ; what may be repeated may be so here\n"
    "  let = rate=0.19\n"
    "  [prod.client]         ; with --profile prod\n"
    "  broker = tcp://calc.internal:5555\n"
    "  [prod]                ; for all programs with that profile\n"
    "  log-level = warn\n"
    "\n"
    "${NAME} must be set; ${NAME:text} is text where it is not; $$ is a dollar. An\n"
    "empty value says nothing. A comment begins with ; at the start of a line, or\n"
    "with a blank and ; behind a value. Strongest first: flag, environment,\n"
    "[prod.client], [prod], [client], default.\n";

static void put_environment(dc_buf_t *out)
{
    dc_buf_append_text(out, "Each option is a variable too; a flag is stronger:\n\n");
    for (size_t i = 0; i < dc_cli_options.count; i++) {
        const dc_option_t *option = &dc_cli_options.options[i];
        if (option->flags & (DC_OPTION_HIDDEN | DC_OPTION_NO_ENVIRONMENT)) continue;
        dc_buf_append_text(out, "  ");
        dc_option_put_variable(&dc_cli_options, i, out);
        dc_buf_printf(out, "=%s\n", option->argument ? option->argument : "yes");
    }
    dc_buf_append_text(out, "\nNO_COLOR, CLICOLOR_FORCE, TERM and COLUMNS count as usual; with "
                            "NO_COLOR,\nwhatever it is, and TERM=dumb no progress is drawn.\n");
}

static void put_options(dc_buf_t *out)
{
    dc_buf_t first = { 0 };
    dc_option_put_help(&dc_cli_options, 0, &first);
    // A group is parted from what is in front of it: here nothing is.
    dc_buf_append_str(out, dc_str_behind(dc_buf_str(&first), first.len && first.data[0] == '\n'));
    dc_buf_fini(&first);
    dc_option_put_help(&dc_cli_options, DC_CLI_BATCH | DC_CLI_SET, out);
}

void dc_cli_help_overview(dc_buf_t *out)
{
    dc_buf_append_text(out, overview);
}

void dc_cli_help_command(dc_cli_command_t command, dc_buf_t *out)
{
    dc_cli_put_usage(command, out);
    if (command == DC_CLI_HELP) {
        dc_buf_t names = { 0 };
        dc_buf_append_text(&names, "Topics: ");
        dc_cli_help_put_topics(&names);
        dc_buf_append_char(&names, '\0');
        if (!names.failed) dc_help_put_wrapped(out, 0, names.data);
        dc_buf_fini(&names);
    }
    dc_option_put_help(&dc_cli_options, command, out);
    dc_option_put_help(&dc_cli_options, 0, out);
}

static const struct {
    const char *name;
    const char *text;           // or
    void (*put)(dc_buf_t *out); // what makes it
} topics[] = {
    { "commands", NULL, dc_cli_put_commands },
    { "expressions", NULL, put_expressions },
    { "prompt", prompt, NULL },
    { "functions", NULL, put_functions },
    { "examples", examples, NULL },
    { "output", output, NULL },
    { "states", states, NULL },
    { "exit-codes", NULL, put_exit_codes },
    { "environment", NULL, put_environment },
    { "options", NULL, put_options },
    { "configuration", configuration, NULL },
};

bool dc_cli_help_topic(const char *topic, dc_buf_t *out)
{
    dc_cli_command_t command;
    for (size_t i = 0; i < DC_ARRAY_LEN(topics); i++) {
        if (strcmp(topics[i].name, topic) != 0) continue;
        if (topics[i].put) {
            topics[i].put(out);
        } else {
            dc_buf_append_text(out, topics[i].text);
        }
        return true;
    }
    if (!dc_cli_find_command(topic, &command)) return dc_help_put_function(topic, out);
    dc_cli_help_command(command, out);
    return true;
}

void dc_cli_help_put_topics(dc_buf_t *out)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(topics); i++) {
        dc_buf_printf(out, "%s%s", i ? ", " : "", topics[i].name);
    }
    dc_buf_append_text(out, "; and each command and function");
}

void dc_cli_help_offer(dc_suggest_t *suggest)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(topics); i++) {
        dc_suggest_offer(suggest, dc_str_from(topics[i].name));
    }
    const char *function;
    for (size_t i = 0; (function = dc_engine_function(i)); i++) {
        dc_suggest_offer(suggest, dc_str_from(function));
    }
}

const char *dc_cli_help_next_topic(size_t *at)
{
    return *at < DC_ARRAY_LEN(topics) ? topics[(*at)++].name : NULL;
}
