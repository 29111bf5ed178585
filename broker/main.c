// dcalc-broker — takes jobs from clients and gives them to workers.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "broker/options.h"
#include "broker/reload.h"
#include "broker/shell/shell.h"
#include "broker/store/store_backup.h"
#include "common/log.h"
#include "common/net_url.h"

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
static int check_reach(const dc_broker_options_t *settings, const dc_options_t *options,
                       const char *name, const char *url)
{
    if (settings->is_insecure || dc_net_is_local(url)) return 0;
    dc_buf_t message = { 0 };
    int status = dc_options_blame(options, name, &message);
    dc_buf_printf(&message,
                  "%s can be reached from other machines, and whoever reaches it\n"
                  "              can use it. Choose a loopback address, or say --insecure if that "
                  "is meant.\n",
                  url);
    fwrite(message.data, 1, message.len, stderr);
    dc_buf_fini(&message);
    return status;
}

// Unless the system chooses its port, an address can be had once.
static int check_two(const dc_broker_options_t *options)
{
    const char *port = strrchr(options->frontend, ':');
    bool is_chosen = port && (strcmp(port, ":*") == 0 || strcmp(port, ":0") == 0);
    if (is_chosen || strcmp(options->frontend, options->backend) != 0) return 0;
    fprintf(stderr,
            "dcalc-broker: --frontend and --backend are both %s: clients and workers need an\n"
            "              address each\n",
            options->frontend);
    return EX_USAGE;
}

// What may be saved up is a part of a limit: alone it would limit nothing, and look as if it did.
static int check_burst(const dc_options_t *options, const char *burst, bool is_given,
                       const char *rate, bool is_limited)
{
    if (!is_given || is_limited) return 0;
    dc_buf_t message = { 0 };
    int status = dc_options_blame(options, burst, &message);
    dc_buf_printf(&message,
                  "it does nothing without --%s: say how much a client may have\n"
                  "              each second as well\n",
                  rate);
    fwrite(message.data, 1, message.len, stderr);
    dc_buf_fini(&message);
    return status;
}

static int check(const dc_broker_options_t *settings, const dc_options_t *options)
{
    int status = check_reach(settings, options, "frontend", settings->frontend);
    if (!status) status = check_reach(settings, options, "backend", settings->backend);
    if (!status) status = check_two(settings);
    if (!status)
        status = check_burst(options, "burst", settings->burst, "rate", settings->rate_max);
    if (status) return status;
    return check_burst(options, "burst-bytes", settings->burst_bytes, "rate-bytes",
                       settings->rate_bytes_max);
}

static int back_up(const char *data, const char *file)
{
    dc_diag_t diag;
    if (!data) {
        fprintf(stderr,
                "dcalc-broker: --backup needs --data: say where the broker keeps batches\n");
        return EX_USAGE;
    }
    if (dc_store_backup(data, file, &diag) == DC_OK) {
        printf("copied the store in %s to %s\n", data, file);
        return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
    }
    fprintf(stderr, "dcalc-broker: %s\n", diag.message);
    return diag.code == DC_ERR_INVALID ? EX_NOINPUT : EX_CANTCREAT;
}

static int serve(const dc_reload_t *reload, const char *data)
{
    const dc_broker_options_t *options = reload->started;
    dc_shell_options_t shell = {
        .frontend_url = options->frontend,
        .backend_url = options->backend,
        .data = data,
        .store_bytes_max = options->store_bytes_max,
        .store_cpu = (int)options->data_cpu,
        .settings = dc_reload_settings(options),
        .reload = reload,
        .drain_ms = options->drain_ms,
        .lifeline_fd = (int)options->daemon.lifeline_fd,
    };
    dc_log_set_format((dc_log_format_t)options->daemon.log_format);
    dc_log_set_level((dc_log_level_t)options->daemon.log_level);
    return dc_shell_run(&shell);
}

static int run(const dc_reload_t *reload, const dc_options_t *options)
{
    const dc_broker_options_t *settings = reload->started;
    char *data = NULL;
    int status = settings->backup ? 0 : check(settings, options);
    if (status) return settings->daemon.check_config ? EX_CONFIG : status;
    if (settings->daemon.check_config) return dc_options_say_sound(options);
    if (!find_data(settings->data, &data)) {
        fprintf(stderr, "dcalc-broker: out of memory\n");
        return EX_OSERR;
    }
    status = settings->backup ? back_up(data, settings->backup) : serve(reload, data);
    free(data);
    return status;
}

int main(int argc, char **argv)
{
    dc_broker_options_t settings;
    dc_options_t *options = dc_options_new(&dc_broker_options, &settings);
    int status = EX_OSERR;
    if (options && dc_options_start(options, argc, argv, &status)) {
        dc_reload_t reload = { .argc = argc, .argv = argv, .started = &settings };
        status = run(&reload, options);
    }
    dc_options_destroy(&options);
    return status;
}
