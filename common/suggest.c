#include "common/suggest.h"

#define WORD_BYTES_MAX 40

// At the word's own length or the candidate's, whichever is longer: `sn` may mean `sin`.
static size_t edits_max(size_t a_len, size_t b_len)
{
    return (a_len > b_len ? a_len : b_len) / 3;
}

static size_t min_of_three(size_t a, size_t b, size_t c)
{
    return dc_min_size(a, dc_min_size(b, c));
}

static char to_lower(char c)
{
    if (c >= 'A' && c <= 'Z') return (char)(c - 'A' + 'a');
    return c;
}

// Who writes SQRT means sqrt, so capitals are no edits.
static bool is_same(char a, char b)
{
    return to_lower(a) == to_lower(b);
}

// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours,
// none of which touches a place that was edited before (Damerau 1964, in its restricted form).
//
// `rows` are the last three rows of the table, by turns: a swap looks two rows back.
static size_t alignment_distance(dc_str_t a, dc_str_t b)
{
    size_t rows[3][WORD_BYTES_MAX + 1];
    for (size_t j = 0; j <= b.len; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            bool is_equal = is_same(a.data[i - 1], b.data[j - 1]);
            row[j] = min_of_three(above[j] + 1, row[j - 1] + 1, above[j - 1] + !is_equal);
            bool is_swap = i > 1 && j > 1 && is_same(a.data[i - 1], b.data[j - 2]) &&
                           is_same(a.data[i - 2], b.data[j - 1]);
            if (is_swap) row[j] = dc_min_size(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

void dc_suggest_init(dc_suggest_t *self, dc_str_t word)
{
    *self = (dc_suggest_t){ .word = word, .distance = SIZE_MAX };
}

// Only what is near enough is ever kept: how near that is depends on the candidate's own length, so
// a short one that is too far must not stand in the way of a longer one at the same distance.
void dc_suggest_offer(dc_suggest_t *self, dc_str_t candidate)
{
    if (self->word.len > WORD_BYTES_MAX || candidate.len > WORD_BYTES_MAX) return;
    size_t distance_max = edits_max(self->word.len, candidate.len);
    size_t difference = self->word.len > candidate.len ? self->word.len - candidate.len
                                                       : candidate.len - self->word.len;
    if (difference > distance_max) return;
    size_t distance = alignment_distance(self->word, candidate);
    if (distance > distance_max || distance >= self->distance) return;
    self->best = candidate;
    self->distance = distance;
}

dc_str_t dc_suggest_best(const dc_suggest_t *self)
{
    return self->best;
}
