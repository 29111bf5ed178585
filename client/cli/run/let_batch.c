#include "client/cli/run/let_batch.h"

#include <sysexits.h>

#include "client/cli/interrupt.h"
#include "client/cli/run/fetch.h"
#include "client/cli/text/text.h"
#include "common/expr/value.h"
#include "common/str.h"

// Whether `text`, of option --let, is `NAME=@ID`; `*id` is then the ID.
static bool is_batch(const char *text, const char **id)
{
    const char *sign = strchr(text, '=');
    if (!sign || sign[1] != '@') return false;
    *id = sign + 2;
    return true;
}

// Begin to say something about the option, or about the batch that it names.
static dc_buf_t *say(dc_computation_t *self, const char *text)
{
    dc_buf_t *out = &self->console->buf;
    dc_buf_append_text(out, "dcalc: --let ");
    dc_text_put_safe(out, dc_str_from(text));
    dc_buf_append_text(out, ": ");
    return out;
}

static int complain_several(dc_computation_t *self, const char *text, const dc_found_t *found)
{
    unsigned long long number = found->number;
    dc_buf_t *out = say(self, text);
    if (found->jobs == UINT64_MAX) {
        dc_buf_printf(out, "b%llu is still being sent: try again when it is complete\n", number);
        return EX_TEMPFAIL;
    }
    dc_buf_printf(out,
                  "b%llu has %llu results, and not one: send it with --reduce, or see them with "
                  "dcalc results b%llu\n",
                  number, (unsigned long long)found->jobs, number);
    return EX_DATAERR;
}

static int complain_failed(dc_computation_t *self, const char *text, const dc_run_result_t *result)
{
    unsigned long long number = self->number;
    dcalc_err_t error = result->rest_error ? result->rest_error : result->cut_error;
    if (error) {
        dc_buf_printf(say(self, text), "b%llu ended before its time (%s): ", number,
                      dc_err_name((dc_err_t)error));
    } else {
        dc_buf_printf(say(self, text), "%llu of the jobs of b%llu failed: ",
                      (unsigned long long)result->failed_count, number);
    }
    dc_buf_printf(&self->console->buf, "see dcalc results b%llu --failed, and dcalc retry b%llu\n",
                  number, number);
    return EX_DATAERR;
}

// What all rows make, where they were to be reduced.
static int finish_reduction(dc_computation_t *self, const char *text, dc_buf_t *out)
{
    dc_value_t value;
    dc_diag_t diag;
    if (self->reduce < 0) return 0;
    dc_err_t err = dc_reducer_finish(&self->reducer, self->ieee, &value, &diag);
    if (!err) {
        dc_value_print(&value, out);
        return 0;
    }
    dc_buf_printf(say(self, text), "b%llu has no value: %s\n", (unsigned long long)self->number,
                  diag.message);
    return err == DC_ERR_NOMEM ? EX_TEMPFAIL : EX_DATAERR;
}

// Fetch all of its rows: one is the result, and others are taken by the reducer.
static int fetch(dc_computation_t *self, const char *text, dc_buf_t *out)
{
    dc_printer_init(&self->printer, &self->recipe.layout, DC_PRINT_TEXT);
    self->emit = (dc_emit_t){ .printer = &self->printer,
                              .messages = &self->messages,
                              .out = out,
                              .to = self->sheet ? DC_EMIT_CELLS : DC_EMIT_ROWS,
                              .sheet = self->sheet,
                              .has_lines = self->sheet };
    if (!self->emit.has_lines) self->messages.file = "";
    if (self->reduce >= 0) {
        dc_reducer_init(&self->reducer, (dc_reducer_op_t)self->reduce);
        self->emit.to = DC_EMIT_REDUCED;
        self->emit.reducer = &self->reducer;
    }
    dc_run_t run = { .connection = &self->connection,
                     .emit = &self->emit,
                     .sink = &self->sink,
                     .console = self->console,
                     .name = self->name,
                     .fetched = self->fetched,
                     .number = self->number,
                     .job_end = self->job_end,
                     .wait_ms = self->connection.wait_ms,
                     .signal_fd = dc_interrupt_begin(),
                     .is_quiet = self->settings->quiet };
    dc_run_result_t result = dc_run(&run);
    dc_interrupt_end(run.signal_fd);
    if (result.failed_count || result.rest_error || result.cut_error)
        return complain_failed(self, text, &result);
    if (result.status) return result.status;
    int status = finish_reduction(self, text, out);
    if (!status && out->failed) status = dc_messages_put_no_memory(&self->messages);
    return status;
}

static void say_waiting(dc_computation_t *self, const char *text, const dc_found_t *found)
{
    if (found->has_ended || self->settings->quiet) return;
    dc_buf_printf(say(self, text), "waiting for b%llu to end\n", (unsigned long long)found->number);
    dc_console_flush(self->console);
}

static int get(dc_computation_t *self, const char *text, const char *id, dc_buf_t *out)
{
    dc_found_t found;
    dc_keepsake_t keepsake;
    if (self->settings->local >= 0) {
        dc_buf_append_text(say(self, text),
                           "a private cluster (--local) has no batches of before\n");
        return EX_USAGE;
    }
    int status = dc_connection_open(&self->connection, self->settings, self->console);
    if (!status) {
        status = dc_find_stored(&self->connection, self->settings, self->console, id, &found);
    }
    if (status) return status;
    status = dc_fetch_begin(self, &found, 0, &keepsake, &self->ieee);
    if (status) return status;
    self->reduce = keepsake.reduce;
    if (self->reduce < 0 && found.jobs != 1) return complain_several(self, text, &found);
    say_waiting(self, text, &found);
    if (keepsake.cells < 0) return fetch(self, text, out);
    dc_sheet_rows_t sheet;
    self->sheet = &sheet;
    bool is_ready = dc_sheet_rows_init(&sheet, 1, true);
    status = is_ready ? fetch(self, text, out) : dc_messages_put_no_memory(&self->messages);
    self->sheet = NULL;
    dc_sheet_rows_fini(&sheet);
    return status;
}

// Append the result of the batch that `text` names, as expressions write it.
static int get_value(const dc_cli_settings_t *settings, const char *text, dc_console_t *console,
                     dc_buf_t *out)
{
    dc_computation_t self;
    const char *id = "";
    bool is_one = is_batch(text, &id);
    assert(is_one);
    (void)is_one;
    dc_computation_begin(&self, settings, console);
    int status = get(&self, text, id, out);
    dc_computation_end(&self);
    return status;
}

// Bind what a batch has for a result: as an expression, which a result is as well.
static int bind_batch(const dc_cli_settings_t *settings, dc_console_t *console, const char *text,
                      dc_recipe_t *recipe)
{
    dc_buf_t bound = { 0 };
    dc_buf_append(&bound, text, strcspn(text, "=") + 1);
    int status = get_value(settings, text, console, &bound);
    dc_buf_append_char(&bound, '\0');
    // The name is a part of it, for as long as the recipe lives.
    char *kept = status || bound.failed ? NULL : dc_arena_alloc(&recipe->arena, bound.len, 1);
    if (kept) memcpy(kept, bound.data, bound.len);
    dc_buf_fini(&bound);
    if (status) return status;
    if (!kept) return dc_messages_put_no_memory(recipe->messages);
    return dc_constants_add(&recipe->lets, kept);
}

int dc_let_batch_bind(const dc_cli_settings_t *settings, dc_console_t *console, dc_recipe_t *recipe)
{
    int status = 0;
    for (size_t i = 0; i < settings->lets.count && !status; i++) {
        const char *text = settings->lets.items[i];
        const char *id;
        status = is_batch(text, &id) ? bind_batch(settings, console, text, recipe)
                                     : dc_constants_add(&recipe->lets, text);
    }
    return status;
}
