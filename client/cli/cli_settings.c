#include "client/cli/cli_settings.h"

#include "client/cli/recipe/reducer.h"
#include "client/cli/text/numfmt.h"
#include "client/dcalc.h"
#include "common/limits.h"
#include "common/quantity.h"

// How long a person is ready to wait for a broker that starts at the same time.
#define WAIT_MS 10000

// No number has more digits that mean something.
#define DIGITS_MAX 17

// 255 is what fits; nobody waits for so many.
#define RETRIES_MAX 255

// How often a live view looks: as often as rates are counted. The least is what a person can read.
#define TOP_INTERVAL_MS     1000
#define TOP_INTERVAL_MS_MIN 100
#define TOP_INTERVAL_MS_MAX 3600000

// How long a cluster is measured: each of the ways long enough that it settles, all of them so
// short that nobody minds; and an hour at most, for who watches it.
#define BENCH_SECONDS     5
#define BENCH_SECONDS_MAX 3600

// What other languages call them.
static const dc_option_word_t reductions[] = {
    { "min", DC_REDUCER_LEAST },
    { "max", DC_REDUCER_GREATEST },
    { "avg", DC_REDUCER_MEAN },
    { "average", DC_REDUCER_MEAN },
    { "product", DC_REDUCER_PROD },
    { "stddev", DC_REDUCER_STD },
    { NULL, 0 },
};

static const dc_option_word_t priorities[] = {
    { "low", -5 }, { "normal", 0 }, { "high", 5 }, { NULL, 0 }
};

static bool check_numbers(const char *text, dc_buf_t *message)
{
    dc_numbers_t numbers;
    if (dc_numbers_read(dc_str_from(text), &numbers)) return true;
    dc_buf_printf(message, "'%s' is not %s", text, DC_NUMBERS_WORDS);
    return false;
}

dc_numbers_t dc_cli_settings_numbers(const dc_cli_settings_t *self)
{
    dc_numbers_t numbers = { .kind = DC_NUMBERS_DOUBLE };
    bool is_read = !self->numbers || dc_numbers_read(dc_str_from(self->numbers), &numbers);
    assert(is_read); // it was checked
    (void)is_read;
    return numbers;
}

static bool check_format(const char *text, dc_buf_t *message)
{
    if (dc_numfmt_is_format(text)) return true;
    dc_buf_printf(message, "'%s' is not a format of one number, such as %%.3f or %%12.4e", text);
    return false;
}

#define COMPUTES (DC_CLI_EVAL | DC_CLI_BATCH)

// What prints rows, whenever they were computed.
#define FETCHES (DC_CLI_ATTACH | DC_CLI_RESULTS)
#define PRINTS  (COMPUTES | FETCHES)

// What makes a batch that is there from now on.
#define SENDS (DC_CLI_BATCH | DC_CLI_RETRY)

#define AT(field) DC_OPTION_AT(dc_cli_settings_t, field)

static const dc_option_t options[] = {
    { .name = "broker",
      .letter = 'b',
      .alias = "frontend", // the broker's
      .kind = DC_OPTION_STRING,
      AT(broker),
      .argument = "URL",
      .initial_text = DCALC_URL_DEFAULT,
      .help = "where the broker is",
      .group = "Options of every command:" },
    { .name = "local",
      .letter = 'l',
      .kind = DC_OPTION_NUMBER,
      AT(local),
      .argument = "N",
      .implied = "0",
      .initial = -1,
      .min = 0,
      .max = DC_SLOTS_MAX,
      .help = "a private cluster for this command only, of N slots (default: one a core)" },
    { .name = "output",
      .letter = 'o',
      .kind = DC_OPTION_CHOICE,
      AT(output),
      .argument = "FORMAT",
      .choices = "text json csv tsv",
      .initial = -1,
      .help = "text, json, csv or tsv (as FILE of -O is called, else text; of batch: the format of "
              "the input)" },
    { .name = "output-file",
      .letter = 'O',
      .kind = DC_OPTION_STRING,
      AT(output_file),
      .argument = "FILE",
      .help = "write results there, - is stdout; it gets its name when it is complete" },
    { .name = "wait",
      .kind = DC_OPTION_DURATION,
      AT(wait_ms),
      .argument = "DUR",
      .initial = WAIT_MS,
      .help = "how long to wait for a broker, or for a first worker" },
    { .name = "color",
      .kind = DC_OPTION_CHOICE,
      AT(color),
      .argument = "WHEN",
      .choices = "auto always never",
      .initial = 0,
      .help = "colours on stderr" },
    { .name = "progress",
      .kind = DC_OPTION_CHOICE,
      AT(progress),
      .argument = "WHEN",
      .choices = "auto always never json",
      .initial = 0,
      .help = "a progress bar on stderr; json: an object a second" },
    { .name = "quiet", .letter = 'q', .kind = DC_OPTION_FLAG, AT(quiet), .help = "less on stderr" },
    { .name = "verbose",
      .letter = 'v',
      .kind = DC_OPTION_COUNT,
      AT(verbose),
      .help = "more on stderr, and in JSON rows (who computed them, and how long); twice (-vv): "
              "what is "
              "said to the broker, and what it says" },
    DC_OPTION_CONFIG(dc_cli_settings_t, config),
    DC_OPTION_PROFILE(dc_cli_settings_t, profile),
    DC_OPTION_HELP(dc_cli_settings_t, help),
    DC_OPTION_VERSION(dc_cli_settings_t, version),

    { .name = "timeout",
      .kind = DC_OPTION_DURATION,
      AT(timeout_ms),
      .argument = "DUR",
      .initial = DC_JOB_TIMEOUT_MS,
      .commands = COMPUTES,
      .help = "limit for each job: the time that it runs; once it is split over the cluster, "
              "the time on the clock, waiting for slots included",
      .group = "Options of commands that compute:" },
    { .name = "digits",
      .letter = 'p',
      .kind = DC_OPTION_NUMBER,
      AT(digits),
      .argument = "N",
      .min = 1,
      .max = DIGITS_MAX,
      .commands = PRINTS,
      .help = "significant digits of printed numbers (shortest exact)" },
    { .name = "format",
      .kind = DC_OPTION_STRING,
      AT(format),
      .argument = "%.Nf",
      .check = check_format,
      .commands = PRINTS,
      .help = "numbers as printf prints them: '%.3f', '%12.4e', '%a'; stronger than --digits. JSON "
              "has them as they are" },
    { .name = "numbers",
      .kind = DC_OPTION_STRING,
      AT(numbers),
      .argument = "MODE",
      .initial_text = "double",
      .check = check_numbers,
      .known = "numbers",
      .commands = COMPUTES | DC_CLI_BENCH,
      .help = "what numbers are: double; exact: rationals of any size, where 1/3 is 1/3; "
              "decimal=N: decimals of N significant digits, 1 to 1000" },
    { .name = "ieee",
      .kind = DC_OPTION_FLAG,
      AT(ieee),
      .commands = COMPUTES,
      .help = "let 1/0 be inf and 0/0 nan instead of errors" },
    { .name = "explain",
      .kind = DC_OPTION_FLAG,
      AT(explain),
      .commands = COMPUTES,
      .help = "show types, cost, split, tree and code of the expression, or which cells of a sheet "
              "wait for which; compute nothing" },
    { .name = "let",
      .kind = DC_OPTION_LIST,
      AT(lets),
      .argument = "NAME=VALUE",
      .commands = COMPUTES,
      .help = "bind a variable; the value is an expression, or with @b12 the one result of that "
              "batch, which was sent with -d; repeatable" },
    { .name = "unordered",
      .letter = 'u',
      .kind = DC_OPTION_FLAG,
      AT(unordered),
      .commands = PRINTS,
      .help = "print as completed; text lines are then ROW<TAB>VALUE" },
    { .name = "errors",
      .kind = DC_OPTION_STRING,
      AT(errors),
      .argument = "FILE",
      .commands = PRINTS,
      .help = "failed jobs as JSON lines, to be edited and sent again with --from jsonl" },

    { .name = "template",
      .letter = 't',
      .kind = DC_OPTION_STRING,
      AT(template),
      .argument = "EXPR",
      .commands = DC_CLI_BATCH,
      .flags = DC_OPTION_ONCE,
      .help = "expression evaluated for each row; columns are variables, odd names stand in "
              "braces: {unit price}*qty; a line is x (column 'expr', or the line itself)",
      .group = "Options of batch:" },
    { .name = "range",
      .letter = 'r',
      .kind = DC_OPTION_LIST,
      AT(ranges),
      .argument = "NAME=A:B[:STEP]",
      .commands = DC_CLI_BATCH,
      .help = "rows from a range; repeat for the product" },
    { .name = "from",
      .kind = DC_OPTION_CHOICE,
      AT(from),
      .argument = "FORMAT",
      .choices = "lines csv tsv jsonl sheet",
      .initial = -1,
      .commands = DC_CLI_BATCH,
      .help = "lines, csv, tsv, jsonl, or sheet: lines `name = expression` in any order, that use "
              "each other (by the file's name, else lines)" },
    { .name = "reduce",
      .kind = DC_OPTION_CHOICE,
      AT(reduce),
      .argument = "OP",
      .choices = DC_REDUCER_CHOICES,
      .words = reductions,
      .initial = -1,
      .commands = DC_CLI_BATCH | FETCHES,
      .flags = DC_OPTION_ONCE,
      .help = "one value of all rows: sum, prod, least, greatest, mean, count, any, all, argmin, "
              "argmax (the row), var, std; rows that fail are left out" },
    { .name = "types",
      .kind = DC_OPTION_LIST,
      AT(types),
      .argument = "NAME:TYPE[?],...",
      .commands = DC_CLI_BATCH,
      .help = "types of columns: number, int, bool, string; with ? an empty cell is null "
              "(by use)" },
    { .name = "name",
      .kind = DC_OPTION_STRING,
      AT(name),
      .argument = "NAME",
      .commands = SENDS,
      .help = "what to call it; status, cancel and all others take it for an ID" },
    { .name = "tag",
      .kind = DC_OPTION_STRING,
      AT(tag),
      .argument = "TAG",
      .commands = SENDS,
      .help = "only workers compute it that were started with this --tag" },
    { .name = "retries",
      .kind = DC_OPTION_NUMBER,
      AT(retries),
      .argument = "N",
      .initial = DC_RETRIES,
      .min = 0,
      .max = RETRIES_MAX,
      .commands = SENDS,
      .help = "how often a row is tried again whose worker is lost" },
    { .name = "max-errors",
      .kind = DC_OPTION_NUMBER,
      AT(failed_max),
      .argument = "N",
      .initial = -1,
      .initial_text = "unlimited",
      .min = 0,
      .max = INT64_MAX,
      .commands = DC_CLI_BATCH,
      .help = "stop when more than N rows have failed, 0: at the first; what is not computed then "
              "says cancelled" },
    { .name = "verify",
      .kind = DC_OPTION_FLAG,
      AT(verify),
      .commands = SENDS,
      .help = "two slots compute each row, of two hosts where there is a choice; one of which they "
              "say different things fails (workers-disagree)" },
    { .name = "dry-run",
      .kind = DC_OPTION_FLAG,
      AT(dry_run),
      .commands = DC_CLI_BATCH,
      .help = "read and check all of the input, show its first rows as the template gets them, how "
              "many are malformed and what all would cost; send nothing" },
    { .name = "resume",
      .kind = DC_OPTION_FLAG,
      AT(resume),
      .commands = DC_CLI_BATCH,
      .help = "go on with the run that was stopped while it wrote to -O FILE: only rows that are "
              "missing or have changed are computed" },
    { .name = "detach",
      .letter = 'd',
      .kind = DC_OPTION_FLAG,
      AT(detach),
      .commands = DC_CLI_BATCH,
      .help = "print the batch's id and return, once all of it is on the broker's disk; "
              "for attach and results" },
    { .name = "key",
      .kind = DC_OPTION_STRING,
      AT(key),
      .argument = "KEY",
      .commands = DC_CLI_BATCH,
      .help = "with -d: a word of yours; the same command with the same key makes no second batch, "
              "and completes one that was interrupted" },
    { .name = "keep",
      .kind = DC_OPTION_DURATION,
      AT(keep_ms),
      .argument = "DUR",
      .commands = SENDS,
      .min = 1,
      .max = (int64_t)DC_DURATION_INF,
      .help = "with -d: how long results stay on the broker after the end (as the broker has it: "
              "1d)" },

    { .name = "priority",
      .kind = DC_OPTION_NUMBER,
      AT(priority),
      .argument = "N",
      .initial = DC_CLI_UNSAID,
      .words = priorities,
      .min = DC_PRIORITY_MIN,
      .max = DC_PRIORITY_MAX,
      .commands = SENDS | DC_CLI_SET,
      .help = "-10 to 10, or low (-5), normal (0), high (5): the higher goes first, and what waits "
              "below has a twentieth of the time",
      .group = "Options of batch, retry and set:" },
    { .name = "deadline",
      .kind = DC_OPTION_STRING,
      AT(deadline),
      .argument = "WHEN",
      .commands = SENDS | DC_CLI_SET,
      .help = "give up then what is not computed, with exit code 124: 5m, 18:30, tomorrow 07:00, "
              "2026-11-24T18:30, 2026-11-24 (when it ends), none" },
    { .name = "after",
      .kind = DC_OPTION_LIST,
      AT(after),
      .argument = "ID",
      .known = "ids names",
      .commands = DC_CLI_BATCH,
      .help = "start when that batch has ended, with every job computed; if not, it is skipped",
      .group = "Options of batch that others come before:" },
    { .name = "after-any",
      .kind = DC_OPTION_LIST,
      AT(after_any),
      .argument = "ID",
      .known = "ids names",
      .commands = DC_CLI_BATCH,
      .help = "likewise, however that has ended" },

    { .name = "hold",
      .kind = DC_OPTION_FLAG,
      AT(hold),
      .commands = DC_CLI_SET,
      .help = "begin nothing more of it; what runs is finished",
      .group = "Options of set:" },
    { .name = "release",
      .kind = DC_OPTION_FLAG,
      AT(release),
      .commands = DC_CLI_SET,
      .help = "go on with what was held" },

    { .name = "exit-code",
      .kind = DC_OPTION_FLAG,
      AT(exit_code),
      .commands = DC_CLI_STATUS,
      .help = "end with the outcome of the batch: 0, 1 if rows failed, what attach would end with "
              "if it ended early, 75 while it goes on; of several with the greatest",
      .group = "Options of status:" },

    { .name = "yes",
      .letter = 'y',
      .kind = DC_OPTION_FLAG,
      AT(yes),
      .commands = DC_CLI_CANCEL | DC_CLI_DELETE,
      .flags = DC_OPTION_NO_ENVIRONMENT,
      .help = "of all, which is everybody's: do not ask; without a terminal nobody can be asked",
      .group = "Options of cancel and delete:" },

    { .name = "check",
      .kind = DC_OPTION_FLAG,
      AT(check),
      .commands = DC_CLI_CONFIG,
      .flags = DC_OPTION_NO_ENVIRONMENT,
      .help = "look at all of the configuration file, of all programs and profiles; exit code 78 "
              "if something in it is wrong",
      .group = "Options of config:" },

    { .name = "drain",
      .kind = DC_OPTION_STRING,
      AT(drain),
      .argument = "NAME",
      .known = "workers",
      .commands = DC_CLI_WORKERS,
      .flags = DC_OPTION_NO_ENVIRONMENT,
      .help = "let this worker finish the jobs that it is at, give the rest to others, and end",
      .group = "Options of workers:" },
    { .name = "once",
      .kind = DC_OPTION_FLAG,
      AT(once),
      .commands = DC_CLI_TOP,
      .help = "print one frame, without colours, and end",
      .group = "Options of top:" },
    { .name = "interval",
      .kind = DC_OPTION_DURATION,
      AT(interval_ms),
      .argument = "DUR",
      .initial = TOP_INTERVAL_MS,
      .min = TOP_INTERVAL_MS_MIN,
      .max = TOP_INTERVAL_MS_MAX,
      .commands = DC_CLI_TOP,
      .help = "how often it looks" },
    { .name = "seconds",
      .kind = DC_OPTION_NUMBER,
      AT(seconds),
      .argument = "N",
      .initial = BENCH_SECONDS,
      .min = 1,
      .max = BENCH_SECONDS_MAX,
      .commands = DC_CLI_BENCH,
      .help = "how long it measures, a third of that each way",
      .group = "Options of bench:" },
    { .name = "failed",
      .kind = DC_OPTION_FLAG,
      AT(failed),
      .commands = DC_CLI_RESULTS,
      .help = "only rows that failed; text lines are then ROW<TAB>error: CODE",
      .group = "Options of results:" },
    { .name = "jobs",
      .kind = DC_OPTION_STRING,
      AT(jobs),
      .argument = "A-B",
      .commands = DC_CLI_RESULTS,
      .help = "only these rows, counted from 1: 10-20, 17, 1000-" },

    // The prompt starts its commands with it.
    { .name = "private",
      .kind = DC_OPTION_FLAG,
      AT(is_private),
      .flags = DC_OPTION_HIDDEN | DC_OPTION_NO_ENVIRONMENT },
};

const dc_option_table_t dc_cli_options = { .program = "dcalc",
                                           .section = "client",
                                           .family = dc_tables,
                                           .env_prefix = "DCALC_",
                                           .options = options,
                                           .count = DC_ARRAY_LEN(options),
                                           .usage = "",
                                           .list_command = "help options" };
