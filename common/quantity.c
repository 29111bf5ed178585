#include "common/quantity.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/limits.h"

typedef struct unit {
    const char *name;
    uint64_t scale;
} unit_t;

// From large to small; `m` is tried before `ms` only where no `s` follows.
static const unit_t duration_units[] = {
    { "d", 86400000 }, { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 },
};

static const unit_t size_units[] = {
    { "T", UINT64_C(1) << 40 },
    { "G", 1 << 30 },
    { "M", 1 << 20 },
    { "k", 1 << 10 },
};

// Read digits with at most one underscore between two of them, and perhaps a fraction. What would
// pass 2^53 loses digits, and no quantity of ours is that large.
static bool read_decimal(const char **at, double *value)
{
    char digits[40];
    size_t len = 0;
    const char *next = *at;
    for (; isdigit((unsigned char)*next) || *next == '.' || *next == '_'; next++) {
        bool is_between =
            next > *at && isdigit((unsigned char)next[-1]) && isdigit((unsigned char)next[1]);
        if (*next == '_' && !is_between) return false;
        if (*next == '_') continue;
        if (len + 1 == sizeof digits) return false;
        digits[len++] = *next;
    }
    digits[len] = '\0';
    char *end;
    *value = strtod(digits, &end);
    if (len == 0 || *end || !isdigit((unsigned char)next[-1])) return false;
    *at = next;
    return true;
}

// The unit that stands at `*at`, looked for behind `*index`, which then says which one it was.
static const unit_t *take_duration_unit(const char **at, size_t *index)
{
    size_t letters = strspn(*at, "dhms");
    for (size_t i = *index; i < DC_ARRAY_LEN(duration_units); i++) {
        if (strlen(duration_units[i].name) != letters) continue;
        if (memcmp(*at, duration_units[i].name, letters) != 0) continue;
        *at += letters;
        *index = i + 1;
        return &duration_units[i];
    }
    return NULL;
}

bool dc_duration_read(const char *text, uint64_t *duration_ms)
{
    if (strcmp(text, "0") == 0 || strcmp(text, "inf") == 0) {
        *duration_ms = text[0] == '0' ? 0 : DC_DURATION_INF;
        return true;
    }
    double total = 0;
    size_t index = 0;
    const char *at = text;
    do {
        double value;
        if (!read_decimal(&at, &value)) return false;
        const unit_t *unit = take_duration_unit(&at, &index);
        if (!unit) return false;
        total += value * (double)unit->scale;
    } while (*at);
    if (total > DC_INTEGER_MAX) return false;
    *duration_ms = (uint64_t)round(total);
    return true;
}

// Where `text` is a size's unit: k, kB, KiB and so on.
static bool read_size_unit(const char *text, uint64_t *scale)
{
    if (strcmp(text, "") == 0 || strcmp(text, "B") == 0) {
        *scale = 1;
        return true;
    }
    char letter = (char)(*text == 'K' ? 'k' : *text);
    const char *rest = text + 1;
    if (*rest && strcmp(rest, "B") != 0 && strcmp(rest, "iB") != 0) return false;
    for (size_t i = 0; i < DC_ARRAY_LEN(size_units); i++) {
        if (size_units[i].name[0] != letter) continue;
        *scale = size_units[i].scale;
        return true;
    }
    return false;
}

bool dc_size_read(const char *text, uint64_t *bytes)
{
    double value;
    uint64_t scale;
    if (!read_decimal(&text, &value) || !read_size_unit(text, &scale)) return false;
    value *= (double)scale;
    if (value > DC_INTEGER_MAX) return false;
    *bytes = (uint64_t)round(value);
    return true;
}

// `e6`, `k`, `M`, `G` behind a count.
static bool read_count_scale(const char *text, double *scale)
{
    static const char letters[] = "kMGT";
    *scale = 1;
    if (*text == 'e' && isdigit((unsigned char)text[1])) {
        char *end;
        long exponent = strtol(text + 1, &end, 10);
        *scale = exponent <= 18 ? pow(10, (double)exponent) : HUGE_VAL;
        return *end == '\0';
    }
    if (!*text) return true;
    const char *letter = strchr(letters, *text == 'K' ? 'k' : *text);
    if (!letter || text[1]) return false;
    *scale = pow(1000, (double)(letter - letters + 1));
    return true;
}

bool dc_count_read(const char *text, int64_t *count)
{
    bool is_negative = *text == '-';
    const char *at = text + is_negative;
    double value, scale;
    if (!read_decimal(&at, &value) || !read_count_scale(at, &scale)) return false;
    value *= scale;
    if (!(value <= DC_INTEGER_MAX) || value != floor(value)) return false;
    *count = is_negative ? -(int64_t)value : (int64_t)value;
    return true;
}

void dc_duration_print(uint64_t duration_ms, char *text)
{
    if (duration_ms == DC_DURATION_INF || duration_ms == 0) {
        snprintf(text, DC_QUANTITY_TEXT_MAX, "%s", duration_ms ? "inf" : "0");
        return;
    }
    size_t len = 0;
    for (size_t i = 0; i < DC_ARRAY_LEN(duration_units); i++) {
        uint64_t count = duration_ms / duration_units[i].scale;
        duration_ms %= duration_units[i].scale;
        if (count == 0) continue;
        len += (size_t)snprintf(text + len, DC_QUANTITY_TEXT_MAX - len, "%" PRIu64 "%s", count,
                                duration_units[i].name);
    }
}

void dc_size_print(uint64_t bytes, char *text)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(size_units); i++) {
        if (bytes == 0 || bytes % size_units[i].scale) continue;
        snprintf(text, DC_QUANTITY_TEXT_MAX, "%" PRIu64 "%s", bytes / size_units[i].scale,
                 size_units[i].name);
        return;
    }
    snprintf(text, DC_QUANTITY_TEXT_MAX, "%" PRIu64, bytes);
}

void dc_count_print(uint64_t count, char *text)
{
    char digits[DC_QUANTITY_TEXT_MAX];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, count);
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0) *text++ = ',';
        *text++ = digits[i];
    }
    *text = '\0';
}

void dc_wait_print(uint64_t duration_ms, char *text)
{
    uint64_t tenths = duration_ms / 100 + (duration_ms % 100 != 0);
    if (tenths == 0) tenths = 1;
    snprintf(text, DC_QUANTITY_TEXT_MAX, "%" PRIu64 ".%" PRIu64 " s", tenths / 10, tenths % 10);
}
