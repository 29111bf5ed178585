#include "client/cli/run/after.h"

#include <sysexits.h>

#include "client/cli/look/find.h"
#include "client/cli/look/ids.h"

static int add(dc_after_list_t *self, uint64_t number, dc_console_t *console)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->numbers[i] == number) return 0;
    }
    if (self->count == DC_AFTERS_MAX) {
        dc_buf_printf(&console->buf, "dcalc: --after: more than %d batches\n", DC_AFTERS_MAX);
        return EX_USAGE;
    }
    self->numbers[self->count++] = number;
    return 0;
}

// Of a batch with a key, which may be there already, only the broker can say whether what it comes
// after need still be there.
static int find_number(dc_connection_t *connection, const dc_cli_settings_t *settings,
                       dc_console_t *console, const char *id, uint64_t *number)
{
    if (settings->key && dc_ids_is_number(id, number)) return 0;
    dc_found_t found;
    int status = dc_find_one(connection, settings, console, id, &found);
    if (!status) *number = found.number;
    return status;
}

// `17,19` are several, each with a name of its own.
static int find_each(dc_after_list_t *self, dc_connection_t *connection,
                     const dc_cli_settings_t *settings, dc_console_t *console, const char *ids)
{
    int status = 0;
    while (*ids && !status) {
        char id[256];
        size_t len = strcspn(ids, ",");
        if (len >= sizeof id) return dc_find_complain(ids, NULL, console);
        memcpy(id, ids, len);
        id[len] = '\0';
        ids += len + (ids[len] == ',');
        uint64_t number;
        status = find_number(connection, settings, console, id, &number);
        if (!status) status = add(self, number, console);
    }
    return status;
}

int dc_after_find(dc_after_list_t *list, dc_connection_t *connection,
                  const dc_cli_settings_t *settings, dc_console_t *console,
                  dcalc_batch_options_t *options)
{
    const dc_option_list_t *ids = settings->after.count ? &settings->after : &settings->after_any;
    list->count = 0;
    if (settings->after.count && settings->after_any.count) {
        dc_buf_append_text(&console->buf, "dcalc: a batch comes --after others, or --after-any "
                                          "end of others, not both\n");
        return EX_USAGE;
    }
    int status = 0;
    for (size_t i = 0; i < ids->count && !status; i++) {
        status = find_each(list, connection, settings, console, ids->items[i]);
    }
    options->after = list->numbers;
    options->after_count = list->count;
    options->after_any = settings->after_any.count > 0;
    return status;
}
