#include "worker/number_rows.h"

#include <stdlib.h>

#include "common/bytes.h"
#include "common/csv.h"
#include "common/expr/number.h"
#include "common/expr/short_number.h"
#include "common/limits.h"

// So many bytes may be read from where a short number begins.
#define SHORT_NUMBER_BYTES 24

struct dc_number_rows {
    double **fields; // owned: the column of each field, NULL if nobody wants it
    size_t field_count;
    char delimiter; // '\n' for a line: no byte of it is one; 0 for doubles
};

static bool has_numbers_only(const dc_program_t *program, const dc_var_t *vars)
{
    for (size_t i = 0; i < program->var_count; i++) {
        bool is_number = vars[i].type == DC_VAR_NUMBER || vars[i].type == DC_VAR_INT;
        if (vars[i].is_used && !is_number) return false;
    }
    return true;
}

static char delimiter_of(dc_format_t format)
{
    switch (format) {
    case DC_FORMAT_CSV: return DC_CSV_COMMA;
    case DC_FORMAT_TSV: return DC_CSV_TAB;
    case DC_FORMAT_LINES: return '\n';
    case DC_FORMAT_DOUBLES:
    case DC_FORMAT_POINTS:
    case DC_FORMAT_JSONL:
    case DC_FORMAT_SHEET: break;
    }
    return 0;
}

// How many fields a row has; of doubles, as many as are looked at.
static size_t count_fields(const dc_program_t *program)
{
    size_t count = program->format == DC_FORMAT_LINES ? 1 : program->field_count;
    if (program->format != DC_FORMAT_DOUBLES) return count;
    for (size_t i = 0; i < program->var_count; i++) {
        if (count <= program->vars[i].field) count = (size_t)program->vars[i].field + 1;
    }
    return count;
}

dc_number_rows_t *dc_number_rows_new(const dc_program_t *program, const dc_var_t *vars,
                                     double *const *columns)
{
    bool is_long = count_fields(program) > DC_RECORD_BYTES_MAX;
    if (program->format == DC_FORMAT_JSONL || is_long || !has_numbers_only(program, vars)) {
        return NULL;
    }
    char delimiter = delimiter_of(program->format);
    dc_number_rows_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->delimiter = delimiter;
    self->field_count = count_fields(program);
    self->fields = calloc(self->field_count + 1, sizeof *self->fields);
    if (!self->fields) {
        dc_number_rows_destroy(&self);
        return NULL;
    }
    for (size_t i = 0; i < program->var_count; i++) {
        size_t field = delimiter == '\n' ? 0 : program->vars[i].field;
        if (columns[i]) self->fields[field] = columns[i];
    }
    return self;
}

void dc_number_rows_destroy(dc_number_rows_t **self_p)
{
    dc_number_rows_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    free(self->fields);
    free(self);
}

static bool is_end(char c)
{
    return c == ',' || c == '\t' || c == '\n' || c == '\r';
}

// Read a number at `at`, a digit. Returns its end.
static const char *read_digits(const char *at, const char *end, const char *limit, double *number)
{
    if (limit - at > SHORT_NUMBER_BYTES) {
        const char *behind = dc_short_number_read(at, number);
        if (behind && is_end(*behind)) return behind; // no exponent, no 0x
    }
    return at + dc_number_read(dc_str(at, (size_t)(end - at)), number);
}

// Read the cell at `at` into `target`; returns its end, NULL if it does not begin like a number.
static const char *read_cell(const char *at, const char *end, const char *limit, double *target)
{
    bool is_negative = at < end && *at == '-';
    at += is_negative;
    if (at == end || *at < '0' || *at > '9') return NULL;
    double number;
    at = read_digits(at, end, limit, &number);
    *target = is_negative ? -number : number;
    return at;
}

// The end of a cell that nobody wants; NULL if it is in quotes.
static const char *skip_cell(const char *at, const char *end, char delimiter)
{
    if (at < end && *at == '"') return NULL;
    const char *found = memchr(at, delimiter, (size_t)(end - at));
    return found ? found : end;
}

static bool read_doubles(const dc_number_rows_t *self, dc_str_t bytes, size_t row)
{
    if (bytes.len / sizeof(double) < self->field_count) return false;
    for (size_t field = 0; field < self->field_count; field++) {
        uint64_t bits = dc_get_u64(bytes.data + field * sizeof bits);
        if (self->fields[field]) memcpy(&self->fields[field][row], &bits, sizeof bits);
    }
    return true;
}

bool dc_number_rows_read(const dc_number_rows_t *self, dc_str_t bytes, const char *limit,
                         size_t row)
{
    if (!self->delimiter) return read_doubles(self, bytes, row);
    const char *at = bytes.data;
    const char *end = at + bytes.len;
    if (at < end && end[-1] == '\n') end--;
    if (at < end && end[-1] == '\r') end--;
    for (size_t field = 0; field < self->field_count; field++) {
        if (field > 0) {
            if (at == end || *at != self->delimiter) return false;
            at++;
        }
        double *column = self->fields[field];
        at = column ? read_cell(at, end, limit, &column[row]) : skip_cell(at, end, self->delimiter);
        if (!at) return false;
    }
    return at == end;
}
