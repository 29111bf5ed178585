// What a computation keeps for another one, and takes from those before: the journal beside its
// output file.
#include "client/cli/run/computation.h"

#include <errno.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "client/cli/exit_status.h"
#include "client/cli/journal/journal_plan.h"
#include "client/cli/text/numfmt.h"
#include "client/cli/text/text.h"
#include "common/limits.h"

// --- whether there is one ----------------------------------------------------------------------

// Devices, pipes and links are written to as they are, and what is in them nobody can tell later.
static bool is_plain(const char *path)
{
    struct stat info;
    return lstat(path, &info) != 0 || S_ISREG(info.st_mode);
}

// Why there can be no journal; NULL: there can.
static const char *flaw(const dc_computation_t *self)
{
    const dc_cli_settings_t *settings = self->settings;
    if (!settings->output_file)
        return "--resume needs -O FILE: what it goes on with is beside that file";
    if (!is_plain(settings->output_file)) {
        return "--resume needs a plain file for -O: nothing is kept beside a device, a pipe or a "
               "link";
    }
    if (self->sheet) return "a sheet is computed anew: --resume goes with rows";
    if (settings->unordered) return "--resume writes rows in their order: not with --unordered";
    return NULL;
}

// --- opening it --------------------------------------------------------------------------------

static void put_name(dc_computation_t *self)
{
    dc_text_put_safe(&self->console->buf, dc_str_from(self->settings->output_file));
}

static void put_text(dc_buf_t *out, dc_str_t text)
{
    dc_buf_append_char(out, '\'');
    dc_text_put_safe(out, text);
    dc_buf_append_char(out, '\'');
}

static int complain_plan(dc_computation_t *self, dc_str_t plan)
{
    dc_buf_t *out = &self->console->buf;
    dc_journal_plan_difference_t difference;
    if (!dc_journal_plan_differs(dc_buf_str(&self->journal.plan), plan, &difference))
        return EX_SOFTWARE;
    dc_buf_append_text(out, "dcalc: ");
    put_name(self);
    dc_buf_append_text(out, " was begun otherwise: ");
    dc_text_put_safe(out, difference.name);
    dc_buf_append_text(out, " was ");
    put_text(out, difference.then);
    dc_buf_append_text(out, ", and is ");
    put_text(out, difference.now);
    dc_buf_append_text(out, "\n       nothing has changed; give what it was, or begin anew without "
                            "--resume\n");
    return EX_USAGE;
}

static int complain(dc_computation_t *self, dc_journal_state_t state, dc_str_t plan)
{
    dc_buf_t *out = &self->console->buf;
    const char *path = self->journal.path ? self->journal.path : self->settings->output_file;
    switch (state) {
    case DC_JOURNAL_OPEN: return 0;
    case DC_JOURNAL_OTHER: return complain_plan(self, plan);
    case DC_JOURNAL_FOREIGN:
        dc_buf_append_text(out, "dcalc: ");
        dc_text_put_safe(out, dc_str_from(path));
        dc_buf_append_text(out,
                           " is there and is no journal that this dcalc reads: its beginning is "
                           "another's, or damaged\n       move it away, and all is computed; "
                           "or write elsewhere\n");
        return EX_CANTCREAT;
    case DC_JOURNAL_BUSY:
        return dc_exit_status_say_uncreated(self->console, self->settings->output_file, EBUSY);
    case DC_JOURNAL_ERROR:
        return dc_exit_status_say_uncreated(self->console, path, self->journal.error);
    }
    return EX_SOFTWARE;
}

// A person may have forgotten to say so, and loses nothing: all stays in the journal.
static void offer_resume(dc_computation_t *self)
{
    dc_buf_t *out = &self->console->buf;
    if (self->settings->quiet || !self->journal.rows_before) return;
    dc_buf_append_text(out, "dcalc: ");
    put_name(self);
    dc_buf_append_text(out, " was begun before: with --resume ");
    dc_numfmt_put_counted(out, self->journal.rows_before, " row of it is kept\n",
                          " rows of it are kept\n");
}

static void say_nothing_to_resume(dc_computation_t *self)
{
    dc_buf_t *out = &self->console->buf;
    dc_buf_append_text(out, "dcalc: ");
    if (self->journal.was_damaged) {
        dc_text_put_safe(out, dc_str_from(self->journal.path));
        dc_buf_append_text(out, " is damaged at its beginning, and cannot be gone on with");
    } else {
        dc_buf_append_text(out, "there is nothing to go on with beside ");
        put_name(self);
    }
    dc_buf_append_text(out, ": computing all of it\n");
}

static int begin_resume(dc_computation_t *self)
{
    if (!self->journal.rows_before && !self->settings->quiet) say_nothing_to_resume(self);
    if (!self->journal.rows_before) return 0;
    self->resume = dc_resume_new(&self->journal, self->recall);
    return self->resume ? 0 : dc_messages_put_no_memory(&self->messages);
}

static int open_journal(dc_computation_t *self, dc_str_t plan)
{
    const dc_cli_settings_t *settings = self->settings;
    if (settings->resume) {
        self->recall = dc_recall_new(DC_RECALL_ROWS_MAX);
        if (!self->recall) return dc_messages_put_no_memory(&self->messages);
    }
    dc_journal_state_t state = dc_journal_open(&self->journal, settings->output_file, plan,
                                               !settings->resume, self->recall);
    int status = complain(self, state, plan);
    if (status) {
        dc_journal_fini(&self->journal);
        return status;
    }
    if (settings->resume) return begin_resume(self);
    offer_resume(self);
    return 0;
}

int dc_computation_open_journal(dc_computation_t *self)
{
    dc_buf_t plan = { 0 };
    const char *why = flaw(self);
    if (why && !self->settings->resume) return 0;
    if (why) dc_messages_put_sentence(&self->messages, why);
    if (why) return EX_USAGE;
    dc_journal_plan_put(&plan, &self->recipe, self->ieee, self->settings->verify);
    int status = plan.failed ? dc_messages_put_no_memory(&self->messages)
                             : open_journal(self, dc_buf_str(&plan));
    dc_buf_fini(&plan);
    return status;
}

// --- the end -----------------------------------------------------------------------------------

uint64_t dc_computation_kept_rows(const dc_computation_t *self)
{
    return self->journal.fd < 0 ? 0 : self->journal.rows.count;
}

bool dc_computation_put_continue(dc_computation_t *self, const char *before)
{
    dc_buf_t *out = &self->console->buf;
    if (!dc_computation_kept_rows(self)) return false;
    dc_buf_append_text(out, before);
    dc_buf_append_text(out, "continue: ");
    dc_hint_put_resume(&self->console->hint, out);
    dc_buf_append_char(out, '\n');
    return true;
}
