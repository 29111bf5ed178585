// dcalc-broker — takes jobs from clients and gives them to workers.
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "broker/shell.h"
#include "common/log.h"
#include "common/net_url.h"
#include "common/options.h"

typedef struct options {
    const char *frontend, *backend;
    uint64_t heartbeat_ms;
    int64_t liveness_beats;
    uint64_t memory_bytes_max;
    uint64_t orphan_ms;
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

static int run(const options_t *options)
{
    if (!is_allowed(options, options->frontend, "frontend")) return EX_USAGE;
    if (!is_allowed(options, options->backend, "backend")) return EX_USAGE;
    dc_shell_options_t shell = {
        .frontend_url = options->frontend,
        .backend_url = options->backend,
        .settings = {
            .heartbeat_ms = options->heartbeat_ms,
            .liveness_beats = (uint32_t)options->liveness_beats,
            .orphan_ms = options->orphan_ms,
            .memory_bytes_max = options->memory_bytes_max ? options->memory_bytes_max
                                                          : get_memory_default(),
        },
        .lifeline_fd = (int)options->lifeline_fd,
    };
    dc_log_set_level((dc_log_level_t)options->log_level);
    return dc_shell_run(&shell);
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
