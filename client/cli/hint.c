#include "client/cli/hint.h"

#include <sys/stat.h>

#include "client/cli/cli_settings.h"
#include "client/cli/text/text.h"
#include "client/dcalc.h"
#include "common/net_url.h"

// A longer command line is not repeated.
#define COMMAND_BYTES_MAX 100

#define INDENT "       "

void dc_hint_init(dc_hint_t *self, const char *program)
{
    *self = (dc_hint_t){ 0 };
    const char *slash = program ? strrchr(program, '/') : NULL;
    if (slash) dc_buf_append(&self->folder, program, (size_t)(slash - program) + 1);
}

void dc_hint_fini(dc_hint_t *self)
{
    dc_buf_fini(&self->folder);
    dc_buf_fini(&self->here);
    dc_buf_fini(&self->resume);
}

// --- the same with --local ---------------------------------------------------------------------

static bool takes_next(const dc_option_t *option)
{
    return dc_option_takes_argument(option) && !option->implied;
}

// How many arguments the option at the front of `argv` is, with what it takes.
static int option_count(char *const *argv)
{
    const char *word = argv[0];
    if (strncmp(word, "--", 2) == 0) {
        size_t i;
        bool is_apart =
            dc_option_find(&dc_cli_options, word + 2, &i) && takes_next(&dc_cli_options.options[i]);
        return is_apart && argv[1] ? 2 : 1;
    }
    for (const char *letter = word + 1; *letter; letter++) {
        size_t i;
        if (!dc_option_find_letter(&dc_cli_options, *letter, &i)) continue;
        const dc_option_t *option = &dc_cli_options.options[i];
        if (!dc_option_takes_argument(option)) continue;
        return takes_next(option) && !letter[1] && argv[1] ? 2 : 1;
    }
    return 1;
}

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] && !dc_option_is_expression(word);
}

// Whether it says where the broker is, or how long to wait for one.
static bool is_of_broker(const char *word)
{
    static const char *const names[] = { "--broker", "--wait" };
    for (size_t i = 0; i < DC_ARRAY_LEN(names); i++) {
        size_t len = strlen(names[i]);
        if (strncmp(word, names[i], len) == 0 && (word[len] == '\0' || word[len] == '='))
            return true;
    }
    return strncmp(word, "-b", 2) == 0;
}

// Append the words of a command line, without those that are of a broker elsewhere. False if one of
// them cannot be shown as it is.
static bool put_words(dc_buf_t *out, int argc, char *const *argv)
{
    bool are_options_over = false;
    for (int i = 1, count; i < argc; i += count) {
        bool is_one = !are_options_over && is_option(argv[i]);
        count = is_one ? option_count(argv + i) : 1;
        are_options_over = are_options_over || strcmp(argv[i], "--") == 0;
        if (is_one && is_of_broker(argv[i])) continue;
        for (int j = i; j < i + count; j++) {
            dc_str_t word = dc_str_from(argv[j]);
            if (!dc_text_is_safe(word)) return false;
            dc_buf_append_char(out, ' ');
            dc_text_put_shell(out, word);
        }
    }
    return true;
}

// --- the same with --resume --------------------------------------------------------------------

// The command line word for word, with one option more, before the mark that ends options.
static void set_resume(dc_hint_t *self, int argc, char *const *argv)
{
    dc_buf_t *out = &self->resume;
    bool has_it = false;
    out->len = 0;
    for (int i = 0; i < argc; i++) {
        dc_str_t word = dc_str_from(argv[i]);
        bool is_end = strcmp(argv[i], "--") == 0;
        has_it = has_it || strcmp(argv[i], "--resume") == 0;
        if (!dc_text_is_safe(word)) out->len = 0;
        if (!dc_text_is_safe(word)) return;
        if (is_end && !has_it) dc_buf_append_text(out, " --resume");
        has_it = has_it || is_end;
        if (i) dc_buf_append_char(out, ' ');
        dc_text_put_shell(out, word);
    }
    if (!has_it) dc_buf_append_text(out, " --resume");
}

void dc_hint_put_resume(const dc_hint_t *self, dc_buf_t *out)
{
    if (self->resume.len) {
        dc_buf_append_str(out, dc_buf_str(&self->resume));
    } else {
        dc_buf_append_text(out, "the same command, with the same input, and --resume");
    }
}

// --- both --------------------------------------------------------------------------------------

void dc_hint_set_command(dc_hint_t *self, int argc, char *const *argv, bool has_stdin,
                         bool can_be_local)
{
    if (!has_stdin) set_resume(self, argc, argv);
    if (!can_be_local) return;
    static const char phrase[] = "compute right here:  ";
    dc_buf_t *out = &self->here;
    out->len = 0;
    dc_buf_append_text(out, phrase);
    dc_text_put_shell(out, dc_str_from(argc ? argv[0] : "dcalc"));
    dc_buf_append_text(out, " --local");
    bool is_shown = !has_stdin && put_words(out, argc, argv);
    if (is_shown && out->len <= sizeof phrase + COMMAND_BYTES_MAX) return;
    out->len = 0;
    dc_buf_append_text(out, "compute right here, with --local");
}

// --- lines -------------------------------------------------------------------------------------

static void put_program(const dc_hint_t *self, const char *name, dc_buf_t *out)
{
    dc_buf_t path = { 0 };
    dc_buf_append_str(&path, dc_buf_str(&self->folder));
    dc_buf_append_text(&path, name);
    dc_text_put_shell(out, dc_buf_str(&path));
    dc_buf_fini(&path);
}

static void end_line(const dc_hint_t *self, dc_buf_t *out)
{
    if (self->here.len) dc_buf_append_text(out, "      or ");
    dc_buf_append_str(out, dc_buf_str(&self->here));
    dc_buf_append_char(out, '\n');
}

void dc_hint_put_no_broker(const dc_hint_t *self, const char *url, dc_buf_t *out)
{
    if (self->is_private) return;
    if (dc_net_is_taken(url)) {
        dc_buf_append_text(out, INDENT "what listens there is no broker, or one that hangs; name "
                                       "another with --broker");
    } else if (dc_net_is_local(url)) {
        dc_buf_append_text(out, INDENT "start one:  ");
        put_program(self, "dcalc-broker", out);
        if (strcmp(url, DCALC_URL_DEFAULT) != 0) {
            dc_buf_append_text(out, " --frontend ");
            dc_text_put_shell(out, dc_str_from(url));
        }
        dc_buf_append_text(out, " & ");
        put_program(self, "dcalc-worker", out);
        dc_buf_append_text(out, " &");
    } else {
        dc_buf_append_text(out, INDENT "start one there");
    }
    end_line(self, out);
}

void dc_hint_put_no_worker(const dc_hint_t *self, const char *url, dc_buf_t *out)
{
    if (self->is_private) return;
    // Where workers find another broker only its own command line knows.
    if (strcmp(url, DCALC_URL_DEFAULT) == 0) {
        dc_buf_append_text(out, INDENT "start one:  ");
        put_program(self, "dcalc-worker", out);
        dc_buf_append_text(out, " &");
    } else {
        dc_buf_append_text(out, INDENT "start a dcalc-worker with that broker's --backend");
    }
    end_line(self, out);
}

void dc_hint_put_file(const char *argument, dc_buf_t *out)
{
    struct stat info;
    if (stat(argument, &info) != 0 || !S_ISREG(info.st_mode)) return;
    dc_buf_append_text(out,
                       INDENT "there is a file of that name; to compute its rows: dcalc batch ");
    dc_text_put_shell(out, dc_str_from(argument));
    dc_buf_append_char(out, '\n');
}
