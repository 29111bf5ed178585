// numfmt — numbers for people: results with fewer digits, counts, rates and times.
#ifndef DC_CLIENT_CLI_TEXT_NUMFMT_H
#define DC_CLIENT_CLI_TEXT_NUMFMT_H

#include "common/buf.h"

// Append the result line `text` with its number rounded to `digits` (1 .. 17) significant digits,
// in the same notation as the canonical one (no exponent from 1e-6 to below 1e21, no zeros at the
// end). What is not a finite number is appended as it is.
void dc_numfmt_put_rounded(dc_buf_t *out, dc_str_t text, int digits);

// How the numbers of results are printed.
typedef struct dc_number_style {
    int digits;         // so many significant ones; 0: as they are
    const char *format; // borrowed, which is stronger: one that dc_numfmt_is_format; NULL: none
} dc_number_style_t;

// Whether `format` says, as printf has it, how one number is printed, and nothing else: `%`, flags
// (`-+ #0`), a width and a precision of at most two figures each, and one of `fFeEgGaA`.
bool dc_numfmt_is_format(const char *format);

// Append the result line `text`, with its number in this style. What is not a finite number is
// appended as it is.
void dc_numfmt_put_styled(dc_buf_t *out, dc_str_t text, const dc_number_style_t *style);

// Whether this style leaves every number as it is.
static inline bool dc_number_style_is_none(const dc_number_style_t *style)
{
    return !style->digits && !style->format;
}

// `1204`: what printf would, in a tenth of its time, for what is printed once a row.
void dc_numfmt_put_u64(dc_buf_t *out, uint64_t number);

// `1,204`.
void dc_numfmt_put_count(dc_buf_t *out, uint64_t count);

// `1,204 rows`: a count, and behind it `one` (" row") or, unless it is 1, `many` (" rows").
void dc_numfmt_put_counted(dc_buf_t *out, uint64_t count, const char *one, const char *many);

// Three digits and a letter, and two digits of what is small: `0.33`, `612`, `40k`, `1.00M`,
// `184k`.
void dc_numfmt_put_short(dc_buf_t *out, double count);

// `0.15 s`, `5.4 s`, `38 s`, `12 min`, `3 h 20 min`, `4 h`.
void dc_numfmt_put_seconds(dc_buf_t *out, double seconds);

// `0.2 ms`, `12 ms`, then as seconds: how long something takes that should take no time.
void dc_numfmt_put_latency(dc_buf_t *out, double seconds);

// `20s`, `2m`, `3h`, `5d`: how old something is.
void dc_numfmt_put_age(dc_buf_t *out, double seconds);

// `20s`, `4m30s`, `1h30m`, `7d`, as durations are typed: how much time is left. Rounded, so that
// what was typed is what is shown at first.
void dc_numfmt_put_left(dc_buf_t *out, double seconds);

#endif
