// dcalc-broker — takes jobs from clients and gives them to workers.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "broker/shell/shell.h"
#include "broker/store/store_backup.h"
#include "common/log.h"
#include "common/net_url.h"
#include "common/options.h"
#include "common/quantity.h"

typedef struct options {
    const char *frontend, *backend;
    uint64_t heartbeat_ms;
    int64_t liveness_beats;
    uint64_t memory_bytes_max;
    uint64_t orphan_ms;
    const char *data, *backup;
    uint64_t keep_ms;
    uint64_t batch_bytes_max;
    uint64_t store_bytes_max;
    int64_t store_batches_max;
    int64_t rate_max, burst, outstanding_max; // 0: not given
    uint64_t rate_bytes_max, burst_bytes;     // likewise
    bool is_insecure;
    int64_t log_level;
    int64_t lifeline_fd;
    bool help, version;
} options_t;

static const dc_option_t list[] = {
    { .name = "frontend",
      .kind = DC_OPTION_STRING,
      DC_OPTION_AT(options_t, frontend),
      .argument = "URL",
      .initial_text = "tcp://127.0.0.1:5555",
      .help = "where clients find it" },
    { .name = "backend",
      .kind = DC_OPTION_STRING,
      DC_OPTION_AT(options_t, backend),
      .argument = "URL",
      .initial_text = "tcp://127.0.0.1:5556",
      .help = "where workers find it" },
    DC_OPTION_HEARTBEAT(options_t, heartbeat_ms),
    DC_OPTION_LIVENESS(options_t, liveness_beats, "who misses this many heartbeats is lost"),
    { .name = "memory-max",
      .kind = DC_OPTION_SIZE,
      DC_OPTION_AT(options_t, memory_bytes_max),
      .argument = "SIZE",
      .initial_text = "half of the machine's",
      .min = 1 << 20,
      .max = INT64_MAX,
      .help = "what jobs and results may take; beyond it new batches are refused" },
    { .name = "orphan",
      .kind = DC_OPTION_DURATION,
      DC_OPTION_AT(options_t, orphan_ms),
      .argument = "DUR",
      .initial = DC_ORPHAN_MS,
      .help = "how long a batch outlives its client's connection" },
    { .name = "data",
      .kind = DC_OPTION_STRING,
      DC_OPTION_AT(options_t, data),
      .argument = "DIR",
      .help = "where detached batches are kept, or `none`; by default $STATE_DIRECTORY, else "
              "dcalc in $XDG_STATE_HOME or ~/.local/state" },
    { .name = "keep",
      .kind = DC_OPTION_DURATION,
      DC_OPTION_AT(options_t, keep_ms),
      .argument = "DUR",
      .initial = DC_KEEP_MS,
      .min = 1,
      .max = (int64_t)DC_DURATION_INF,
      .help = "how long the results of a detached batch stay after its end" },
    { .name = "max-batch",
      .kind = DC_OPTION_SIZE,
      DC_OPTION_AT(options_t, batch_bytes_max),
      .argument = "SIZE",
      .initial = DC_BATCH_BYTES_MAX,
      .min = 1 << 16,
      .max = INT64_C(1) << 32,
      .help = "what a detached batch may have, inputs and results" },
    { .name = "max-store",
      .kind = DC_OPTION_SIZE,
      DC_OPTION_AT(options_t, store_bytes_max),
      .argument = "SIZE",
      .initial_text = "what the disk has",
      .min = 1 << 20,
      .max = INT64_MAX,
      .help = "what all detached batches may have" },
    { .name = "max-batches",
      .kind = DC_OPTION_NUMBER,
      DC_OPTION_AT(options_t, store_batches_max),
      .argument = "N",
      .initial = DC_STORED_BATCHES_MAX,
      .min = 1,
      .max = INT64_MAX,
      .help = "how many detached batches are kept" },
    { .name = "backup",
      .kind = DC_OPTION_STRING,
      DC_OPTION_AT(options_t, backup),
      .argument = "FILE",
      .flags = DC_OPTION_NO_ENVIRONMENT,
      .help = "copy what is kept in --data to FILE and end; a broker may be at work with it. To "
              "start from the copy, put it into a folder as store.db" },
    { .name = "rate",
      .kind = DC_OPTION_NUMBER,
      DC_OPTION_AT(options_t, rate_max),
      .argument = "N",
      .initial_text = "any number",
      .min = 1,
      .max = 1000000000,
      .help = "jobs a second of each client: what is over it waits" },
    { .name = "burst",
      .kind = DC_OPTION_NUMBER,
      DC_OPTION_AT(options_t, burst),
      .argument = "N",
      .initial_text = "those of a second",
      .min = 1,
      .max = 1000000000,
      .help = "how many of them at once, after a pause" },
    { .name = "rate-bytes",
      .kind = DC_OPTION_SIZE,
      DC_OPTION_AT(options_t, rate_bytes_max),
      .argument = "SIZE",
      .initial_text = "any number",
      .min = 1,
      .max = INT64_C(1) << 40,
      .help = "bytes of jobs a second of each client, as it wrote them: what is over that waits" },
    { .name = "burst-bytes",
      .kind = DC_OPTION_SIZE,
      DC_OPTION_AT(options_t, burst_bytes),
      .argument = "SIZE",
      .initial_text = "those of a second",
      .min = 1,
      .max = INT64_C(1) << 40,
      .help = "how many of them at once, after a pause" },
    { .name = "outstanding-max",
      .kind = DC_OPTION_NUMBER,
      DC_OPTION_AT(options_t, outstanding_max),
      .argument = "N",
      .initial_text = "any number",
      .min = 1,
      .max = 1000000000,
      .help = "jobs that each client may have open: then it sends no more, and a plain client is "
              "told when to try again" },
    { .name = "insecure",
      .kind = DC_OPTION_FLAG,
      DC_OPTION_AT(options_t, is_insecure),
      .help = "listen at addresses that other machines can reach: all that they send is computed, "
              "for whoever they are" },
    DC_OPTION_LOG_LEVEL(options_t, log_level),
    DC_OPTION_LIFELINE(options_t, lifeline_fd),
    DC_OPTION_HELP(options_t, help),
    DC_OPTION_VERSION(options_t, version),
};

static const dc_option_table_t table = {
    .program = "dcalc-broker",
    .env_prefix = "DCALC_BROKER_",
    .options = list,
    .count = DC_ARRAY_LEN(list),
    .usage =
        "Usage: dcalc-broker [OPTIONS]\n"
        "\n"
        "Take expressions from clients and spread them over workers. SIGTERM, SIGINT and SIGHUP\n"
        "end it, SIGUSR1 writes a summary of its state to the log.\n",
};

// Half of the machine's memory, since workers often run beside the broker.
static uint64_t get_memory_default(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page_bytes = sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page_bytes <= 0) return dc_settings_default().memory_bytes_max;
    return (uint64_t)pages * (uint64_t)page_bytes / 2;
}

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

// Where batches are kept, in `*data`, which is the caller's; NULL: nowhere. False if memory is
// short.
static bool find_data(const char *option, char **data)
{
    const char *home = getenv("HOME");
    const char *state = getenv("STATE_DIRECTORY"); // from systemd; several have colons between
    const char *xdg = getenv("XDG_STATE_HOME");
    *data = NULL;
    if (option && strcmp(option, "none") == 0) return true;
    if (option) {
        *data = strdup(option);
    } else if (state && *state) {
        *data = strndup(state, strcspn(state, ":"));
    } else if (xdg && *xdg == '/') {
        *data = join(xdg, "dcalc");
    } else if (home && *home == '/') {
        *data = join(home, ".local/state/dcalc");
    } else {
        return true;
    }
    return *data;
}

// Nobody has to prove who they are yet, so the network stays outside unless it is asked for.
static bool is_allowed(const options_t *options, const char *url, const char *option)
{
    // What is no address at all is explained when it is used.
    if (options->is_insecure || dc_net_is_local(url) || !strstr(url, "://")) return true;
    fprintf(
        stderr,
        "dcalc-broker: --%s %s can be reached from other machines, and whoever reaches it can\n"
        "              use it. Choose a loopback address, or say --insecure if that is meant.\n",
        option, url);
    return false;
}

// Unless the system chooses its port, an address can be had once.
static bool are_two(const options_t *options)
{
    const char *port = strrchr(options->frontend, ':');
    bool is_chosen = port && (strcmp(port, ":*") == 0 || strcmp(port, ":0") == 0);
    if (is_chosen || strcmp(options->frontend, options->backend) != 0) return true;
    fprintf(stderr,
            "dcalc-broker: --frontend and --backend are both %s: clients and workers need an\n"
            "              address each\n",
            options->frontend);
    return false;
}

static int back_up(const char *data, const char *file)
{
    dc_diag_t diag;
    if (!data) {
        fprintf(stderr,
                "dcalc-broker: --backup needs --data: say where the broker keeps batches\n");
        return EX_USAGE;
    }
    if (dc_store_backup(data, file, &diag) == DC_OK) return EX_OK;
    fprintf(stderr, "dcalc-broker: %s\n", diag.message);
    return diag.code == DC_ERR_INVALID ? EX_NOINPUT : EX_CANTCREAT;
}

static int serve(const options_t *options, const char *data)
{
    if (!is_allowed(options, options->frontend, "frontend")) return EX_USAGE;
    if (!is_allowed(options, options->backend, "backend")) return EX_USAGE;
    if (!are_two(options)) return EX_USAGE;
    dc_shell_options_t shell = {
        .frontend_url = options->frontend,
        .backend_url = options->backend,
        .data = data,
        .store_bytes_max = options->store_bytes_max,
        .settings = {
            .heartbeat_ms = options->heartbeat_ms,
            .liveness_beats = (uint32_t)options->liveness_beats,
            .orphan_ms = options->orphan_ms,
            .keep_ms = options->keep_ms,
            .batch_bytes_max = options->batch_bytes_max,
            .store_bytes_max = options->store_bytes_max ? options->store_bytes_max : UINT64_MAX,
            .store_batches_max = (uint64_t)options->store_batches_max,
            .rate_max = (uint64_t)options->rate_max,
            .burst = (uint64_t)options->burst,
            .rate_bytes_max = options->rate_bytes_max,
            .burst_bytes = options->burst_bytes,
            .outstanding_max = (uint64_t)options->outstanding_max,
            .memory_bytes_max = options->memory_bytes_max ? options->memory_bytes_max
                                                          : get_memory_default(),
        },
        .lifeline_fd = (int)options->lifeline_fd,
    };
    dc_log_set_level((dc_log_level_t)options->log_level);
    return dc_shell_run(&shell);
}

static int run(const options_t *options)
{
    char *data = NULL;
    if (!find_data(options->data, &data)) {
        fprintf(stderr, "dcalc-broker: out of memory\n");
        return EX_OSERR;
    }
    int status = options->backup ? back_up(data, options->backup) : serve(options, data);
    free(data);
    return status;
}

int main(int argc, char **argv)
{
    options_t settings;
    dc_options_t *options = dc_options_new(&table, &settings);
    int status = EX_OSERR;
    if (options && dc_options_start(options, argc, argv, &status)) status = run(&settings);
    dc_options_destroy(&options);
    return status;
}
