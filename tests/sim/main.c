// The simulation's program: runs one seed after another, and says which of them do not hold.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/sim/cluster.h"

typedef struct options {
    uint64_t seed, seed_count;
    bool stops_at_first;
    cluster_options_t cluster;
} options_t;

static const char usage[] =
    "Usage: sim [--seed N] [--seeds COUNT] [--size N] [--large] [--steps MAX] "
    "[--first] [--trace]\n"
    "\n"
    "Simulate the cluster, with faults, from seed N (1) to N + COUNT - 1 (1000; 1 with --seed). "
    "What\n"
    "does not hold is printed with its seed, which alone brings it back.\n"
    "\n"
    "  --size N     N times as many jobs (1)\n"
    "  --large      10,000 slots and 250,000 chunks; one seed, if COUNT is not given\n"
    "  --steps MAX  stop each seed after so many events into cores\n"
    "  --first      stop at the first seed that fails\n"
    "  --trace      print what happens\n";

static bool take_number(const char *text, uint64_t *number)
{
    char *end;
    *number = text ? strtoull(text, &end, 10) : 0;
    return text && end != text && *end == '\0';
}

static bool read_options(char **args, options_t *options)
{
    uint64_t number = 0;
    bool has_count = false;
    for (; *args; args++) {
        if (strcmp(*args, "--trace") == 0) {
            options->cluster.is_tracing = true;
            continue;
        }
        if (strcmp(*args, "--first") == 0) {
            options->stops_at_first = true;
            continue;
        }
        if (strcmp(*args, "--large") == 0) {
            options->cluster.is_large = true;
            if (!has_count) options->seed_count = 1;
            continue;
        }
        const char *name = *args++;
        if (!*args || !take_number(*args, &number)) return false;
        if (strcmp(name, "--seed") == 0) {
            options->seed = number;
            if (!has_count) options->seed_count = 1;
        } else if (strcmp(name, "--seeds") == 0) {
            options->seed_count = number;
            has_count = true;
        } else if (strcmp(name, "--size") == 0) {
            options->cluster.size = (uint32_t)number;
        } else if (strcmp(name, "--steps") == 0) {
            options->cluster.steps_max = number;
        } else {
            return false;
        }
    }
    return true;
}

// An assertion that fails is a finding as well: say in which seed.
static char last_words[64];

static void on_abort(int signal_number)
{
    if (write(STDOUT_FILENO, last_words, strlen(last_words)) < 0) _exit(2);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

// Say how much of everything there was.
static void print_tally(const tally_t *tally, double seconds)
{
    const struct {
        const char *before;
        uint64_t count;
        const char *behind;
    } counts[] = {
        { "; ", tally->chunks, " chunks" },
        { ", ", tally->packed, " of them packed" },
        { ", ", tally->answered, " jobs answered" },
        { ", ", tally->failed, " of them failed" },
        { ", ", tally->skipped, " skipped" },
        { ", ", tally->needs, " results given to others" },
        { ", ", tally->blamed, " blamed" },
        { ", ", tally->doubled, " leased twice" },
        { ", ", tally->disputed, " disputed" },
        { "; ", tally->forks, " splits" },
        { ", told ", tally->tidings, " times" },
        { ", ", tally->kills, " slots killed" },
        { ", ", tally->breaks, " connections broken" },
        { ", ", tally->stops, " processes stopped" },
        { ", ", tally->broker_deaths, " brokers killed" },
        { ", ", tally->spoiled, " jobs spoiled by the disk" },
        { ", ", tally->others, " who go on with other jobs" },
    };
    printf("%llu steps and %llu ticks in %.1f s of processor time: %.0f/s",
           (unsigned long long)(tally->steps - tally->ticks), (unsigned long long)tally->ticks,
           seconds, (double)tally->steps / seconds);
    for (size_t i = 0; i < DC_ARRAY_LEN(counts); i++) {
        printf("%s%llu%s", counts[i].before, (unsigned long long)counts[i].count, counts[i].behind);
    }
    putchar('\n');
}

int main(int argc, char **argv)
{
    (void)argc;
    options_t options = { .seed = 1,
                          .seed_count = 1000,
                          .cluster = { .size = 1, .steps_max = UINT64_MAX } };
    if (!read_options(argv + 1, &options)) {
        fputs(usage, stderr);
        return 2;
    }
    signal(SIGABRT, on_abort);
    signal(SIGSEGV, on_abort);
    setvbuf(stdout, NULL, _IOLBF, 0);
    tally_t tally = { 0 };
    clock_t begun = clock();
    uint64_t passed = 0;
    uint64_t failed = 0;
    for (uint64_t i = 0; i < options.seed_count && !(failed && options.stops_at_first); i++) {
        uint64_t seed = options.seed + i;
        snprintf(last_words, sizeof last_words, "seed %llu: it crashes\n",
                 (unsigned long long)seed);
        bool is_passed = cluster_run(seed, &options.cluster, &tally);
        passed += is_passed;
        failed += !is_passed;
    }
    double seconds = (double)(clock() - begun) / CLOCKS_PER_SEC;
    print_tally(&tally, seconds);
    printf("%llu passed, %llu failed\n", (unsigned long long)passed, (unsigned long long)failed);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
