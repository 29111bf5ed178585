#include "worker/options.h"

#include "common/limits.h"
#include "common/net_url.h"
#include "common/tag.h"

static bool check_tag(const char *text, dc_buf_t *message)
{
    const char *flaw = dc_tag_flaw(dc_str_from(text));
    if (flaw) dc_buf_printf(message, "'%s' %s", text, flaw);
    return !flaw;
}

// People type it, and the broker's log has it between blanks: so it is a word, as a tag is. An
// empty one is none.
static bool check_name(const char *text, dc_buf_t *message)
{
    static_assert(DC_NAME_BYTES_MAX == DC_TAG_BYTES_MAX, "a name is looked at as a tag is");
    return *text == '\0' || check_tag(text, message);
}

// What is usual can be said, where a file or a variable says otherwise.
static const dc_option_word_t slot_words[] = { { "auto", 0 }, { NULL, 0 } };

#define AT(field) DC_OPTION_AT(dc_worker_options_t, field)

static const dc_option_t list[] = {
    { .name = "backend",
      .letter = 'b',
      .alias = "broker", // the client's
      .kind = DC_OPTION_LIST,
      AT(backends),
      .argument = "URL",
      .initial_text = DC_WORKER_BACKEND,
      .check = dc_net_check_address,
      .help = "the broker's worker side; give several to have them tried in turn; those whose "
              "name is not found are left out for a while" },
    { .name = "slots",
      .letter = 'j',
      .kind = DC_OPTION_NUMBER,
      AT(slot_count),
      .argument = "N",
      .initial_text = "usable cores",
      .words = slot_words,
      .min = 1,
      .max = DC_SLOTS_MAX,
      .help = "jobs at a time, or auto: an evaluating process for each" },
    { .name = "name",
      .kind = DC_OPTION_STRING,
      AT(name),
      .argument = "NAME",
      .check = check_name,
      .initial_text = NULL,
      .help = "shown wherever workers are; HOST-PID if it is not given" },
    { .name = "tag",
      .kind = DC_OPTION_LIST,
      AT(tags),
      .argument = "TAG",
      .check = check_tag,
      .help = "a word for what this worker can do that others cannot: `dcalc batch --tag` picks "
              "those that have it; may be repeated" },
    { .name = "max-memory",
      .kind = DC_OPTION_SIZE,
      AT(memory_bytes_max),
      .argument = "SIZE",
      .initial_text = "80 % of the machine's, shared",
      .min = DC_WORKER_MEMORY_MIN,
      .max = INT64_MAX,
      .help = "for each slot; a job that needs more fails with too-large" },
    { .name = "drain",
      .kind = DC_OPTION_DURATION,
      AT(drain_ms),
      .argument = "DUR",
      .initial = DC_DRAIN_MS,
      .help = "how long after SIGTERM what runs may go on" },
    { .name = "idle-exit",
      .kind = DC_OPTION_DURATION,
      AT(idle_exit_ms),
      .argument = "DUR",
      .initial_text = "never",
      .help = "leave after so long without work" },
    { .name = "reconnect",
      .kind = DC_OPTION_DURATION,
      AT(reconnect_ms),
      .argument = "DUR",
      .initial = DC_RECONNECT_MS_MAX,
      .min = 10,
      .max = 3600000,
      .help = "the longest pause before a lost broker is looked for again; pauses begin with 1s "
              "and double" },
    DC_OPTION_HEARTBEAT(dc_worker_options_t, heartbeat_ms),
    DC_OPTION_LIVENESS(dc_worker_options_t, liveness_beats,
                       "a broker that misses this many of its heartbeats is lost; to slots it "
                       "sends every second one"),
    // The supervisor starts its slots with it.
    { .name = "slot",
      .kind = DC_OPTION_FLAG,
      AT(is_slot),
      .flags = DC_OPTION_HIDDEN | DC_OPTION_NO_ENVIRONMENT },
    DC_DAEMON_OPTIONS(dc_worker_options_t, daemon),
};

const dc_option_table_t dc_worker_options = {
    .program = "dcalc-worker",
    .section = "worker",
    .family = dc_tables,
    .env_prefix = "DCALC_WORKER_",
    .options = list,
    .count = DC_ARRAY_LEN(list),
    .usage = "Usage: dcalc-worker [OPTIONS]\n"
             "\n"
             "Compute for a broker, in a process for each core. SIGTERM lets it finish what it is\n"
             "at, a second one ends it.\n",
};
