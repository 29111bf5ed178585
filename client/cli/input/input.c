#include "client/cli/input/input.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "client/cli/exit_status.h"
#include "client/cli/input/foreign.h"
#include "client/cli/text/text.h"
#include "common/csv.h"
#include "common/limits.h"

// A line of an expression may have CR and LF behind it.
#define LINE_BYTES_MAX (DC_EXPR_BYTES_MAX + 2)

static dc_format_t format_of(const char *file)
{
    static const struct {
        const char *ending;
        dc_format_t format;
    } endings[] = {
        { ".csv", DC_FORMAT_CSV },      { ".tsv", DC_FORMAT_TSV },
        { ".tab", DC_FORMAT_TSV },      { ".jsonl", DC_FORMAT_JSONL },
        { ".ndjson", DC_FORMAT_JSONL }, { ".sheet", DC_FORMAT_SHEET },
    };
    const char *ending = file ? strrchr(file, '.') : NULL;
    for (size_t i = 0; ending && i < DC_ARRAY_LEN(endings); i++) {
        if (strcasecmp(endings[i].ending, ending) == 0) return endings[i].format;
    }
    return DC_FORMAT_LINES;
}

static int complain_file(dc_recipe_t *recipe, const char *name, int error, int status)
{
    dc_buf_t *out = recipe->messages->out;
    dc_buf_append_text(out, "dcalc: cannot read ");
    dc_text_put_safe(out, dc_str_from(name));
    dc_buf_printf(out, ": %s\n", strerror(error));
    return dc_exit_status_of_errno(error, status);
}

static int complain_input(dc_recipe_t *recipe, const char *name, const char *why)
{
    dc_buf_t *out = recipe->messages->out;
    dc_buf_append_text(out, "dcalc: ");
    dc_text_put_safe(out, dc_str_from(name));
    dc_buf_printf(out, ": %s\n", why);
    return EX_DATAERR;
}

// How many bytes the header has, its line end included; 0 if more must be read to know.
static size_t header_bytes(dc_csv_scan_t *scan, dc_format_t format, dc_str_t bytes, bool is_end)
{
    size_t size = 0;
    if (format == DC_FORMAT_CSV) {
        size = dc_csv_record_end(scan, bytes);
    } else if (bytes.len) {
        const char *newline = memchr(bytes.data, '\n', bytes.len);
        if (newline) size = (size_t)(newline - bytes.data) + 1;
    }
    return size == 0 && is_end ? bytes.len : size;
}

// Look at what a plain file begins with: whoever types, or a pipe, is not waited for, and looked at
// when its rows are cut.
static int check_beginning(dc_input_t *self, dc_reader_t *reader, dc_format_t format,
                           dc_recipe_t *recipe)
{
    if (!reader->is_regular) return 0;
    dc_reader_fill(reader);
    dc_str_t bytes = dc_reader_bytes(reader);
    const char *what = dc_foreign_format(bytes);
    dc_str_t text = dc_str_trim(bytes);
    bool is_array = format == DC_FORMAT_JSONL && text.len && text.data[0] == '[';
    if (is_array) what = "it is an array; rows are objects, one a line: jq -c '.[]' FILE";
    return what ? complain_input(recipe, self->name, what) : 0;
}

// Whether a CR ends a line of the header: one that is not in quotes, and has no LF behind it.
static bool has_lone_cr(dc_str_t header)
{
    bool is_quoted = false;
    for (size_t i = 0; i < header.len; i++) {
        char c = header.data[i];
        if (c == '"') is_quoted = !is_quoted;
        bool is_alone = i + 1 == header.len || header.data[i + 1] != '\n';
        if (c == '\r' && !is_quoted && is_alone) return true;
    }
    return false;
}

// Read the header and make the columns. Returns in `*lines` how many lines it has.
static int read_header(dc_input_t *self, dc_reader_t *reader, dc_format_t format, dc_str_t template,
                       dc_recipe_t *recipe, uint64_t *lines)
{
    dc_csv_scan_t scan = { 0 };
    size_t size;
    while (!(size = header_bytes(&scan, format, dc_reader_bytes(reader), reader->is_end))) {
        size_t held = dc_reader_bytes(reader).len;
        if (reader->error) return complain_file(recipe, self->name, reader->error, EX_IOERR);
        if (reader->is_end) return complain_input(recipe, self->name, "there is no header");
        if (held > DC_RECORD_BYTES_MAX) {
            return complain_input(recipe, self->name, "the header is too long");
        }
        dc_reader_fill(reader);
    }
    if (dc_csv_is_open(&scan)) {
        return complain_input(recipe, self->name, "a quote in the header is never closed");
    }
    dc_str_t header = dc_str(dc_reader_bytes(reader).data, size);
    if (dc_str_trim(header).len == 0) {
        return complain_input(recipe, self->name, "there is no header");
    }
    const char *foreign = dc_foreign_format(header);
    if (foreign) return complain_input(recipe, self->name, foreign);
    if (has_lone_cr(header)) {
        return complain_input(recipe, self->name,
                              "its lines end with CR alone: tr '\\r' '\\n' < FILE | dcalc batch "
                              "- ...");
    }
    *lines = scan.breaks + 1;
    int status = dc_recipe_set_header(recipe, format, header, template);
    dc_reader_take(reader, size);
    return status;
}

static int set_columns(dc_input_t *self, dc_reader_t *reader, dc_format_t format, dc_str_t template,
                       dc_recipe_t *recipe, uint64_t *header_lines)
{
    switch (format) {
    case DC_FORMAT_LINES: return dc_recipe_set_lines(recipe, template);
    case DC_FORMAT_JSONL: return dc_recipe_set_members(recipe, template);
    case DC_FORMAT_CSV:
    case DC_FORMAT_TSV: return read_header(self, reader, format, template, recipe, header_lines);
    case DC_FORMAT_SHEET:
    case DC_FORMAT_DOUBLES:
    case DC_FORMAT_POINTS: break;
    }
    return EX_SOFTWARE;
}

static int open_file(dc_input_t *self, const char *file, dc_recipe_t *recipe)
{
    struct stat info;
    bool is_stdin = !file || strcmp(file, "-") == 0;
    self->name = is_stdin ? "stdin" : file;
    self->fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    if (self->fd < 0) return complain_file(recipe, file, errno, EX_NOINPUT);
    if (fstat(self->fd, &info)) return complain_file(recipe, self->name, errno, EX_NOINPUT);
    if (S_ISDIR(info.st_mode)) return complain_file(recipe, self->name, EISDIR, EX_NOINPUT);
    if (is_stdin && isatty(self->fd) && !recipe->messages->is_quiet) {
        dc_messages_put_sentence(recipe->messages,
                                 "reading rows from the terminal, one a line; Ctrl-D ends them");
    }
    return 0;
}

// What a sheet cannot be combined with; NULL if that is not asked for.
static const char *sheet_conflict(const dc_cli_settings_t *settings)
{
    if (dc_str_from(settings->template).len)
        return "a sheet has no template: --template goes with rows";
    if (settings->types.count) return "a sheet has no columns: --types goes with rows";
    if (settings->reduce >= 0) return DC_SHEET_IS_NOT_REDUCED;
    return NULL;
}

// All of a sheet is read before any of it can be sent.
static int read_all(dc_input_t *self, dc_recipe_t *recipe, dc_buf_t *bytes)
{
    dc_reader_t reader;
    dc_reader_init(&reader, self->fd);
    while (!reader.is_end && !reader.error) {
        dc_reader_fill(&reader);
        dc_str_t more = dc_reader_bytes(&reader);
        dc_buf_append_str(bytes, more);
        dc_reader_take(&reader, more.len);
    }
    int error = bytes->failed ? ENOMEM : reader.error;
    dc_reader_fini(&reader);
    return error ? complain_file(recipe, self->name, error, EX_IOERR) : 0;
}

static int open_sheet(dc_input_t *self, const dc_cli_settings_t *settings, const char *file,
                      dc_recipe_t *recipe)
{
    dc_buf_t bytes = { 0 };
    const char *conflict = sheet_conflict(settings);
    if (conflict) dc_messages_put_sentence(recipe->messages, conflict);
    if (conflict) return EX_USAGE;
    int status = open_file(self, file, recipe);
    if (!status) status = read_all(self, recipe, &bytes);
    if (!status) {
        dc_sheet_init(&self->sheet, self->name, &recipe->lets, recipe->messages);
        self->has_sheet = true;
        status = dc_sheet_read(&self->sheet, &bytes);
    }
    dc_buf_fini(&bytes);
    if (status) return status;
    bool is_ready = dc_sheet_feed_init(&self->feed, &self->sheet);
    is_ready &= dc_sheet_rows_init(&self->rows, self->sheet.count, settings->unordered);
    dc_source_init_sheet(&self->source, &self->feed);
    if (!is_ready) return dc_messages_put_no_memory(recipe->messages);
    status = dc_sheet_feed_check(&self->feed);
    return status ? status : dc_recipe_set_sheet(recipe);
}

static int open_rows(dc_input_t *self, const dc_cli_settings_t *settings, const char *file,
                     dc_recipe_t *recipe)
{
    dc_str_t template = dc_str_from(settings->template);
    dc_format_t format = settings->from >= 0 ? (dc_format_t)settings->from : format_of(file);
    dc_reader_t reader;
    uint64_t header_lines = 0;
    if (format == DC_FORMAT_SHEET) return open_sheet(self, settings, file, recipe);
    int status = open_file(self, file, recipe);
    if (status) return status;
    dc_reader_init(&reader, self->fd);
    status = check_beginning(self, &reader, format, recipe);
    if (!status) {
        status = set_columns(self, &reader, format, template, recipe, &header_lines);
    }
    bool is_expression = format == DC_FORMAT_LINES && !template.len;
    dc_source_init_stream(&self->source, &reader, format, header_lines + 1,
                          is_expression ? LINE_BYTES_MAX : DC_RECORD_BYTES_MAX);
    return status;
}

static int open_ranges(dc_input_t *self, const dc_cli_settings_t *settings, const char *file,
                       dc_recipe_t *recipe)
{
    self->name = "";
    if (file || settings->from >= 0) {
        dc_messages_put_sentence(recipe->messages,
                                 "rows come from a file or from --range, not from both");
        return EX_USAGE;
    }
    int status = dc_recipe_set_ranges(recipe, settings->ranges.items, settings->ranges.count,
                                      dc_str_from(settings->template));
    bool has_points = recipe->layout.format == DC_FORMAT_POINTS;
    dc_source_init_sweep(&self->source, &recipe->sweep, has_points ? &recipe->points : NULL);
    return status;
}

int dc_input_open(dc_input_t *self, const dc_cli_settings_t *settings, const char *file,
                  dc_recipe_t *recipe)
{
    *self = (dc_input_t){ .fd = -1 };
    self->source.reader.fd = -1;
    if (settings->ranges.count) return open_ranges(self, settings, file, recipe);
    return open_rows(self, settings, file, recipe);
}

void dc_input_close(dc_input_t *self)
{
    dc_source_fini(&self->source);
    if (self->has_sheet) {
        dc_sheet_rows_fini(&self->rows);
        dc_sheet_feed_fini(&self->feed);
        dc_sheet_fini(&self->sheet);
    }
    if (self->fd > STDERR_FILENO) close(self->fd);
}
