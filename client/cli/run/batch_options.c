#include "client/cli/run/batch_options.h"

#include <sysexits.h>

#include "client/cli/deadline.h"
#include "client/cli/look/ids.h"
#include "client/cli/text/text.h"
#include "common/tag.h"
#include "common/utf8.h"

// Why nothing can have this name; NULL if it can.
static const char *flaw_of_name(const char *name)
{
    dc_str_t text = dc_str_from(name);
    if (text.len == 0 || !dc_utf8_is_valid(text) || !dc_text_is_safe(text)) return "is no name";
    if (text.len > DC_NAME_BYTES_MAX) return "is too long for a name: 64 bytes are the limit";
    return dc_ids_is_name(name) ? NULL : "means other batches to 'status' and 'cancel'";
}
static_assert(DC_NAME_BYTES_MAX == 64, "what is said of a long name");

static int check_name(const char *name, dc_buf_t *said)
{
    const char *flaw = name ? flaw_of_name(name) : NULL;
    if (!flaw) return 0;
    dc_buf_append_text(said, "dcalc: --name: '");
    dc_text_put_safe(said, dc_str_from(name));
    dc_buf_printf(said, "' %s\n", flaw);
    return EX_USAGE;
}

static int check_tag(const dc_cli_settings_t *settings, dc_buf_t *said)
{
    if (!settings->tag) return 0;
    const char *flaw = dc_tag_flaw(dc_str_from(settings->tag));
    if (!flaw && settings->local >= 0)
        flaw = "is no tag of a private cluster: its workers have none";
    if (!flaw) return 0;
    dc_buf_append_text(said, "dcalc: --tag: '");
    dc_text_put_safe(said, dc_str_from(settings->tag));
    dc_buf_printf(said, "' %s\n", flaw);
    return EX_USAGE;
}

// The number of slots is known here only where it was said.
static int check_verify(const dc_cli_settings_t *settings, dc_buf_t *said)
{
    if (!settings->verify || settings->local != 1) return 0;
    dc_buf_append_text(said,
                       "dcalc: --verify: each job is computed by two slots, and --local=1 has one "
                       "of them; say --local=2\n");
    return EX_USAGE;
}

static int check_key(const char *key, dc_buf_t *said)
{
    if (!key || *key) return 0;
    dc_buf_append_text(said, "dcalc: --key: '' names no batch\n");
    return EX_USAGE;
}

int dc_batch_options_read(const dc_cli_settings_t *settings, dcalc_batch_options_t *options,
                          dc_buf_t *said)
{
    *options = dcalc_batch_options_default();
    options->name = settings->name;
    options->tag = settings->tag;
    options->retries = (uint8_t)settings->retries;
    options->verify = settings->verify;
    if (settings->priority != DC_CLI_UNSAID) options->priority = (int8_t)settings->priority;
    int status = check_name(settings->name, said);
    if (!status) status = check_tag(settings, said);
    if (!status) status = check_verify(settings, said);
    if (!status) status = check_key(settings->key, said);
    if (status) return status;
    return dc_deadline_read(settings->deadline, &options->deadline_ms, said);
}
