#include "client/cli/text/numfmt.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/expr/number.h"
#include "common/quantity.h"

#define DIGITS_MAX 17

// Of a width, and of a precision.
#define FIGURES_MAX 2

// Where ECMAScript's notation, which is ours, changes to exponents.
#define POINT_MIN (-6)
#define POINT_MAX 21

// Write digits d1 d2 .. dn times 10^(point - n) as ECMA-262, 6.1.6.1.20 says.
static void put_digits(dc_buf_t *out, const char *digits, int count, int point)
{
    if (point > POINT_MAX || point <= POINT_MIN) {
        dc_buf_append_char(out, digits[0]);
        if (count > 1) dc_buf_printf(out, ".%.*s", count - 1, digits + 1);
        dc_buf_printf(out, "e%d", point - 1);
    } else if (point <= 0) {
        dc_buf_printf(out, "0.%.*s%.*s", -point, "000000", count, digits);
    } else if (point >= count) {
        dc_buf_printf(out, "%.*s%.*s", count, digits, point - count, "00000000000000000000");
    } else {
        dc_buf_printf(out, "%.*s.%.*s", point, digits, count - point, digits + point);
    }
}

void dc_numfmt_put_rounded(dc_buf_t *out, dc_str_t text, int digits)
{
    double number;
    if (!dc_number_from_text(text, &number) || !isfinite(number) || number == 0) {
        dc_buf_append_str(out, text);
        return;
    }
    // "-d.ddde-ddd": printf rounds correctly.
    char scientific[DIGITS_MAX + 16];
    snprintf(scientific, sizeof scientific, "%.*e", digits - 1, fabs(number));
    char significant[DIGITS_MAX + 1] = { 0 };
    int count = 0;
    const char *at = scientific;
    for (; *at != 'e'; at++) {
        if (*at != '.') significant[count++] = *at;
    }
    int exponent = (int)strtol(at + 1, NULL, 10);
    while (count > 1 && significant[count - 1] == '0') {
        count--;
    }
    if (number < 0) dc_buf_append_char(out, '-');
    put_digits(out, significant, count, exponent + 1);
}

// Skip the one or two figures at `at`, if there are any.
static const char *skip_figures(const char *at)
{
    for (int i = 0; i < FIGURES_MAX && isdigit((unsigned char)*at); i++) {
        at++;
    }
    return at;
}

bool dc_numfmt_is_format(const char *format)
{
    if (*format != '%') return false;
    const char *at = format + 1;
    at += strspn(at, "-+ #0");
    at = skip_figures(at);
    if (*at == '.') at = skip_figures(at + 1);
    return *at && strchr("fFeEgGaA", *at) && !at[1];
}

static void put_formatted(dc_buf_t *out, dc_str_t text, const char *format)
{
    double number;
    if (dc_number_from_text(text, &number) && isfinite(number)) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" // dc_numfmt_is_format has looked at it
        dc_buf_printf(out, format, number);
#pragma GCC diagnostic pop
    } else {
        dc_buf_append_str(out, text);
    }
}

void dc_numfmt_put_styled(dc_buf_t *out, dc_str_t text, const dc_number_style_t *style)
{
    if (style->format) {
        put_formatted(out, text, style->format);
    } else if (style->digits) {
        dc_numfmt_put_rounded(out, text, style->digits);
    } else {
        dc_buf_append_str(out, text);
    }
}

void dc_numfmt_put_u64(dc_buf_t *out, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    dc_buf_append(out, digits + at, sizeof digits - at);
}

void dc_numfmt_put_count(dc_buf_t *out, uint64_t count)
{
    char text[DC_QUANTITY_TEXT_MAX];
    dc_count_print(count, text);
    dc_buf_append_text(out, text);
}

void dc_numfmt_put_counted(dc_buf_t *out, uint64_t count, const char *one, const char *many)
{
    dc_numfmt_put_count(out, count);
    dc_buf_append_text(out, count == 1 ? one : many);
}

void dc_numfmt_put_short(dc_buf_t *out, double count)
{
    static const char letters[] = "kMGTP";
    if (count < 999.5) {
        // Of big jobs there are fewer than one a second.
        dc_buf_printf(out, count < 9.95 ? "%.2g" : "%.0f", count);
        return;
    }
    size_t power = 0;
    count /= 1000;
    while (count >= 999.5 && letters[power + 1]) {
        count /= 1000;
        power++;
    }
    // Thousands are shown whole, so that a rate does not flicker.
    int decimals = power == 0 ? 0 : count < 9.995 ? 2 : count < 99.95 ? 1 : 0;
    if (power == 0 && count < 9.95) decimals = 1;
    dc_buf_printf(out, "%.*f%c", decimals, count, letters[power]);
}

static void put_hours(dc_buf_t *out, double minutes)
{
    double hours = floor(minutes / 60);
    minutes -= 60 * hours;
    dc_buf_printf(out, "%.0f h", hours);
    if (minutes > 0) dc_buf_printf(out, " %.0f min", minutes);
}

void dc_numfmt_put_seconds(dc_buf_t *out, double seconds)
{
    if (seconds < 0.995) {
        dc_buf_printf(out, "%.2f s", seconds);
    } else if (seconds < 9.95) {
        dc_buf_printf(out, "%.1f s", seconds);
    } else if (seconds < 119.5) {
        dc_buf_printf(out, "%.0f s", seconds);
    } else if (seconds < 7170) {
        dc_buf_printf(out, "%.0f min", seconds / 60);
    } else {
        put_hours(out, round(seconds / 60));
    }
}

void dc_numfmt_put_latency(dc_buf_t *out, double seconds)
{
    if (seconds >= 0.9995) {
        dc_numfmt_put_seconds(out, seconds);
    } else {
        dc_buf_printf(out, "%.*f ms", seconds < 0.00995 ? 1 : 0, seconds * 1000);
    }
}

static const struct {
    double seconds;
    char letter;
} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
#define LAST_UNIT (DC_ARRAY_LEN(units) - 1)

void dc_numfmt_put_age(dc_buf_t *out, double seconds)
{
    size_t i = 0;
    while (i < LAST_UNIT && seconds < units[i].seconds) {
        i++;
    }
    dc_buf_printf(out, "%.0f%c", floor(seconds / units[i].seconds), units[i].letter);
}

void dc_numfmt_put_left(dc_buf_t *out, double seconds)
{
    for (size_t i = 0; i <= LAST_UNIT; i++) {
        size_t fine = i < LAST_UNIT ? i + 1 : i;
        double rounded = round(seconds / units[fine].seconds) * units[fine].seconds;
        if (i < LAST_UNIT && rounded < units[i].seconds) continue;
        double whole = floor(rounded / units[i].seconds);
        double rest = rounded - whole * units[i].seconds;
        dc_buf_printf(out, "%.0f%c", whole, units[i].letter);
        if (rest > 0) dc_buf_printf(out, "%.0f%c", rest / units[fine].seconds, units[fine].letter);
        return;
    }
}
