#!/bin/sh
# make-pow10.sh — compute common/expr/pow10.inc, the powers of ten as 128-bit significands.
#
# Usage: scripts/make-pow10.sh > common/expr/pow10.inc
#
# Row n is 10^n for n = -342 .. 324, cut (not rounded) to its first 128 bits. Ten and five have the
# same significands. Long numbers are arrays of 16-bit digits, lowest first: awk counts in doubles.
set -eu
if [ $# -gt 0 ]; then
    sed -n 's/^# Usage/Usage/p' "$0" >&2
    exit 64
fi

exec awk '
function multiply_by_5(    i, carry) {
    carry = 0
    for (i = 0; i < len || carry; i++) {
        carry += 5 * word[i]
        word[i] = carry % 65536
        carry = int(carry / 65536)
    }
    len = i
}
# Drops the remainder; floors of floors are the floor of the whole quotient.
function divide_by_5(    i, rest) {
    rest = 0
    for (i = len - 1; i >= 0; i--) {
        rest = rest * 65536 + word[i]
        word[i] = int(rest / 5)
        rest -= 5 * word[i]
    }
    while (word[len - 1] == 0) len--
}
# The first 128 bits: each word is cut at the bit where the top one begins, and joined to the next.
function significand(    i, low, high, factor, text) {
    factor = 1
    while (word[len - 1] * factor < 32768) factor *= 2
    text = ""
    for (i = len - 1; i >= len - 8; i--) {
        high = (word[i] * factor) % 65536
        low = int(word[i - 1] * factor / 65536)
        text = text sprintf("%04x", high + low)
    }
    return "{ 0x" substr(text, 1, 16) ", 0x" substr(text, 17) " },"
}
BEGIN {
    print "// Made by scripts/make-pow10.sh, checked by tests/unit/test_number.c: 10^-342 .. 10^324."
    # 2^1024 / 5^342 has 230 bits left.
    len = 65
    for (i = 0; i < len; i++) word[i] = 0
    word[len - 1] = 1
    for (n = 1; n <= 342; n++) {
        divide_by_5()
        row[-n] = significand()
    }
    # 2^160 * 5^n, so that there are 128 bits from the first row on.
    len = 11
    for (i = 0; i < 80; i++) word[i] = 0
    word[len - 1] = 1
    for (n = 0; n <= 324; n++) {
        row[n] = significand()
        multiply_by_5()
    }
    for (n = -342; n <= 324; n++) print row[n]
}'
