#include "common/numbers.h"

#include <stdio.h>

#include "common/limits.h"

static_assert(DC_NUMBERS_DIGITS_MAX == 1000, "DC_NUMBERS_WORDS and the help of --numbers say so");

static const char decimal_prefix[] = "decimal=";

// One to four digits, the first of them not 0.
static bool read_digits(dc_str_t text, uint32_t *digits)
{
    if (text.len == 0 || text.len > 4 || text.data[0] == '0') return false;
    uint32_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return false;
        value = value * 10 + (uint32_t)(text.data[i] - '0');
    }
    if (value > DC_NUMBERS_DIGITS_MAX) return false;
    *digits = value;
    return true;
}

bool dc_numbers_read(dc_str_t text, dc_numbers_t *numbers)
{
    dc_numbers_t read = { .kind = DC_NUMBERS_DOUBLE };
    if (dc_str_eq(text, DC_STR("exact"))) {
        read.kind = DC_NUMBERS_EXACT;
    } else if (dc_str_begins(text, dc_str_from(decimal_prefix))) {
        read.kind = DC_NUMBERS_DECIMAL;
        if (!read_digits(dc_str_behind(text, sizeof decimal_prefix - 1), &read.digits))
            return false;
    } else if (!dc_str_eq(text, DC_STR("double"))) {
        return false;
    }
    *numbers = read;
    return true;
}

void dc_numbers_print(dc_numbers_t numbers, char *text)
{
    switch (numbers.kind) {
    case DC_NUMBERS_DOUBLE: snprintf(text, DC_NUMBERS_TEXT_MAX, "double"); break;
    case DC_NUMBERS_EXACT: snprintf(text, DC_NUMBERS_TEXT_MAX, "exact"); break;
    case DC_NUMBERS_DECIMAL:
        snprintf(text, DC_NUMBERS_TEXT_MAX, "%s%u", decimal_prefix, (unsigned)numbers.digits);
        break;
    }
}
