// Exact and decimal numbers: what expressions are worth, and what is wrong with them and where.
#include "common/wide/wide.h"

#include "common/limits.h"
#include "tests/lib/main.h"
#include "tests/lib/wide_eval.h"

typedef struct row {
    const char *expression;
    const char *value;
} row_t;

static void check(const char *numbers, const row_t *row)
{
    const char *value = wide_eval(numbers, row->expression);
    ck_assert_msg(strcmp(value, row->value) == 0, "%s is %s with --numbers %s, not %s",
                  row->expression, value, numbers, row->value);
}

// --- what is the same with both ----------------------------------------------------------------

static const row_t common_rows[] = {
    { "0.1 + 0.2", "0.3" },
    { "1.10", "1.1" },
    { "1_000.5e3", "1000500" },
    { "0x1F + 0b101", "36" },
    { ".5", "0.5" },
    { "-0", "0" },
    { "0.000001", "0.000001" },
    { "-2^2", "-4" },
    { "2^3^2", "512" },
    { "2^-1", "0.5" },
    { "0^0", "1" },
    { "0^0.5", "0" },
    { "(-8)^3", "-512" },
    { "(-2)^-2", "0.25" },
    { "1^1e9999", "1" },
    { "4^0.5", "2" },
    { "32^0.2", "2" },
    { "7 % 3", "1" },
    { "-7 % 3", "-1" }, // the dividend's sign
    { "7.5 % -2", "1.5" },
    { "-7 // 2", "-4" },
    { "7 // 2", "3" },
    { "mod(-7, 3)", "2" },
    { "mod(7, -3)", "-2" },
    { "mod(6, -3)", "0" },
    { "idiv(-7, 2)", "-3" },
    { "idiv(7, -2)", "-3" },
    { "1e30 % 7", "1" },
    { "6 & 3 | 8", "10" },
    { "-1 & 0xFF", "255" },
    { "xor(5, 1)", "4" },
    { "~5", "-6" },
    { "1 << 10", "1024" },
    { "0 << 10^20", "0" },
    { "-5 >> 1", "-3" },
    { "-5 >> 10^20", "-1" },
    { "5 >> 200", "0" },
    { "abs(-1.5)", "1.5" },
    { "sign(-0.1) + sign(0)", "-1" },
    { "floor(-1.5)", "-2" },
    { "ceil(-1.5)", "-1" },
    { "trunc(-1.7)", "-1" },
    { "frac(-1.25)", "-0.25" },
    { "round(2.5)", "3" },
    { "round(-2.5)", "-3" },
    { "round(2.345, 2)", "2.35" }, // which it is not as a double
    { "round(1250, -2)", "1300" },
    { "round(1250, -4)", "0" },
    { "round(1.5, 10^30)", "1.5" },
    { "round(15, -10^30)", "0" },
    { "min(3, 1, 2)", "1" },
    { "max(3, 1, 2)", "3" },
    { "clamp(7, 1, 5)", "5" },
    { "gcd(12, -18, 30)", "6" },
    { "lcm(4, 6)", "12" },
    { "lcm(4, 0)", "0" },
    { "fact(20)", "2432902008176640000" },
    { "choose(50, 25)", "126410606437752" },
    { "choose(5, 6)", "0" },
    { "perm(10, 3)", "720" },
    { "gamma(11)", "3628800" },
    { "sqrt(1.44)", "1.2" },
    { "cbrt(-27)", "-3" },
    { "root(32, 5)", "2" },
    { "root(0.25, -2)", "2" },
    { "root(-32, 5)", "-2" },
    { "root(0, 3)", "0" },
    { "hypot(3, -4)", "5" },
    { "pow(2, 10)", "1024" },
    { "exp2(-2)", "0.25" },
    { "log(8, 2)", "3" },
    { "log(8, 4)", "1.5" },
    { "log(0.125, 2)", "-3" },
    { "log(2, 2^0x80) * 128", "1" },
    { "log(2^3, 2^5000) * 5000", "3" },
    { "log(6^1597, 6^987) * 987", "1597" },
    { "log(1/8, 1/4)", "1.5" },
    { "log10(0.001)", "-3" },
    { "log2(2^100)", "100" },
    { "log(1) + ln(1) + log(1, 7)", "0" },
    { "exp(0) + sin(0) + cos(0) + tan(0)", "2" },
    { "asin(0) + acos(1) + atan(0) + atan2(0, 3)", "0" },
    { "sinh(0) + cosh(0) + tanh(0)", "1" },
    { "asinh(0) + acosh(1) + atanh(0)", "0" },
    { "erf(0) + erfc(0) + normcdf(0)", "1.5" },
    { "log1p(0) + expm1(0) + deg(0) + rad(0)", "0" },
    { "sinpi(0.5) + sinpi(1.5) + sinpi(1e50)", "0" },
    { "cospi(0) - cospi(1) + cospi(0.5)", "2" },
    { "1 < 2 && 0.3 == 0.1 + 0.2", "true" },
    { "1 != 1.0", "false" },
    { "1e20 >= 1e20 + 1", "false" },
    { "isnan(1) || isinf(1e300 * 1e300)", "false" },
    { "true + true", "2" }, // bools count as numbers
    { "number(true) + +true - -true", "3" },
    { "min(true, 0.5)", "0.5" },
    { "sum(true, k, 1, 3)", "3" },
    { "bool(0.0) || bool(1)", "true" },
    { "if(2 > 1, 'yes', 'no')", "\"yes\"" },
    { "false ? 1/0 : 2", "2" },
    { "null ?? 5", "5" },
    { "isnull(null)", "true" },
    { "null", "null" },
    { "true", "true" },
    { "'a' + string(0.5) + string(true)", "\"a0.5true\"" },
    { "number(' -1.5e1 ') * 2", "-30" },
    { "'b' in 'abc' && 'a' < 'b'", "true" },
    { "x = 0.1; f(a, b) = a * b + x; f(3, f(1, 2))", "6.4" },
    { "p(n) = n * n; sum(p(k), k, 1, 10)", "385" },
    { "sum(k, k, 1, 0)", "0" },
    { "sum(0.1, k, 1, 10)", "1" },
    { "sum(k, k, 1, 2, 0.25)", "7.5" },
    { "sum(k, k, 3, 1, -1)", "6" },
    { "count(k > 0.3, k, 0, 1, 0.1)", "7" }, // a tenth is a tenth
    { "prod(k, k, 1, 20)", "2432902008176640000" },
    { "prod(k, k, 1, 0)", "1" },
    { "mean(k, k, 1, 4)", "2.5" },
    { "any(k == 3, k, 1, 10^15)", "true" },
    { "all(k < 3, k, 1, 10^15)", "false" },
    { "all(false, k, 1, 0)", "true" },
    { "least((k - 3)^2 + 1, k, 0, 9)", "1" },
    { "greatest(k * (9 - k), k, 1, 8)", "20" },
    { "argmin((k - 3)^2, k, 0, 9)", "3" },
    { "argmax(k * (9 - k), k, 1, 8)", "4" }, // of equals the first
    { "sum(sum(j, j, 1, k), k, 1, 4)", "20" },
    // Faults.
    { "1/0", "error: divide-by-zero at 2+1" },
    { "5 % 0", "error: divide-by-zero at 3+1" },
    { "5 // 0", "error: divide-by-zero at 3+2" },
    { "mod(5, 0)", "error: divide-by-zero at 1+3" },
    { "idiv(5, 0)", "error: divide-by-zero at 1+4" },
    { "0^-1", "error: divide-by-zero at 2+1" },
    { "(-8)^(1/3)", "error: domain at 5+1" },
    { "sqrt(-4)", "error: domain at 1+4" },
    { "1 + root(-4, 2)", "error: domain at 5+4" },
    { "root(4, 0)", "error: domain at 1+4" },
    { "root(0, -1)", "error: domain at 1+4" },
    { "log(0)", "error: domain at 1+3" },
    { "log(8, 1)", "error: domain at 1+3" },
    { "log(8, -2)", "error: domain at 1+3" },
    { "log2(-1)", "error: domain at 1+4" },
    { "log1p(-1)", "error: domain at 1+5" },
    { "asin(1.01)", "error: domain at 1+4" },
    { "acosh(0.99)", "error: domain at 1+5" },
    { "atanh(1)", "error: domain at 1+5" },
    { "gamma(-3)", "error: domain at 1+5" },
    { "fact(-1)", "error: domain at 1+4" },
    { "choose(-1, 2)", "error: domain at 1+6" },
    { "1 << -1", "error: domain at 3+2" },
    { "sum(k, k, 1, 2, 0)", "error: domain at 1+3" },
    { "fact(0.5)", "error: not-an-integer at 1+4" },
    { "gcd(4, 2.5)", "error: not-an-integer at 1+3" },
    { "1.5 | 2", "error: not-an-integer at 5+1" },
    { "root(4, 1.5)", "error: not-an-integer at 1+4" },
    { "round(4, 1.5)", "error: not-an-integer at 1+5" },
    { "number('x')", "error: not-a-number at 1+6" },
    { "number('1/0')", "error: not-a-number at 1+6" },
    { "bool('x')", "error: type at 1+4" },
    { "null + 1", "error: null at 1+4" },
    { "1 + 'a'", "error: type at 3+1" },
    { "1 * 'a'", "error: type at 5+3" },
    { "mean(k, k, 1, 0)", "error: no-terms at 1+4" },
    { "argmax(k, k, 1, 0)", "error: no-terms at 1+6" },
    { "sum(1/k, k, -1, 1)", "error: divide-by-zero at 6+1" },
    { "1 + inf", "error: domain at 5+3" },
    { "nan", "error: domain at 1+3" },
    { "uniform(1, 2)", "error: not-exact at 1+7" },
    { "normal(1, 2)", "error: not-exact at 1+6" },
    { "norminv(0.5)", "error: not-exact at 1+7" },
    { "integrate(x, x, 0, 1)", "error: not-exact at 1+9" },
    { "1 + solve(x, x, 0, 1)", "error: not-exact at 5+5" },
    { "diff(x, x, 0)", "error: not-exact at 1+4" },
    { "2 pi", "error: syntax at 3+2" },
    { "1 2", "error: syntax at 3+1" },
    { "", "error: empty at 1+0" },
    { "y + 1", "error: unknown-name at 1+1" },
};

START_TEST(both_kinds_have_this_value)
{
    check("exact", &common_rows[_i]);
    check("decimal=50", &common_rows[_i]);
}
END_TEST

// --- exact -------------------------------------------------------------------------------------

static const row_t exact_rows[] = {
    { "1/3", "1/3" },
    { "-2/6", "-1/3" },
    { "1/3 + 1/6", "0.5" },
    { "1/3 * 3", "1" },
    { "1/2^10", "0.0009765625" },
    { "1/5^4", "0.0016" },
    { "3/40", "0.075" },
    { "2^100", "1267650600228229401496703205376" },
    { "10^-10", "0.0000000001" },
    { "1e25", "10000000000000000000000000" },
    { "123456789012345678901234567890.5", "123456789012345678901234567890.5" },
    { "(1/3)^-3", "27" },
    { "(4/9)^0.5", "2/3" },
    { "(8/27)^(2/3)", "4/9" },
    { "(1/7) % (1/11)", "4/77" },
    { "(1/3) // (1/10)", "3" },
    { "round(2/3, 3)", "0.667" },
    { "sqrt(1/9)", "1/3" },
    { "hypot(1/2, 2/3)", "5/6" },
    { "log(1/27, 9)", "-1.5" },
    { "sinpi(1/6) + cospi(1/3)", "1" },
    { "sinpi(-1/6)", "-0.5" },
    { "cospi(5/3)", "0.5" },
    { "fact(30)", "265252859812191058636308480000000" },
    { "1 << 100", "1267650600228229401496703205376" },
    { "~(2^100)", "-1267650600228229401496703205377" },
    { "gcd(2^100, 6^50)", "1125899906842624" },
    { "number('1/3') + number(' -5/15 ')", "0" },
    { "'x' + string(1/7)", "\"x1/7\"" },
    { "sum(1/k, k, 1, 20)", "55835135/15519504" },
    { "mean(k^2, k, 1, 4)", "7.5" },
    { "argmin((k - 1/3)^2, k, 0, 1, 1/6)", "1/3" },
    { "count(k < 1, k, 0, 1, 1/3)", "3" },
    { "2^0.5 * 0", "error: not-exact at 2+1" },
    { "sqrt(2)", "error: not-exact at 1+4" },
    { "cbrt(4/27)", "error: not-exact at 1+4" },
    { "hypot(1, 1)", "error: not-exact at 1+5" },
    { "1 + sin(1)", "error: not-exact at 5+3" },
    { "exp(1)", "error: not-exact at 1+3" },
    { "log(6^2000, 6^1999)", "2000/1999" },
    { "log((4/9)^21, (27/8)^34)", "-7/17" },
    { "log(2)", "error: not-exact at 1+3" },
    { "log(12, 18)", "error: not-exact at 1+3" },
    { "log(4/9, 2)", "error: not-exact at 1+3" },
    { "log(4/27, 2/3)", "error: not-exact at 1+3" },
    { "log(6, 2)", "error: not-exact at 1+3" },
    { "log10(2)", "error: not-exact at 1+5" },
    { "acos(0)", "error: not-exact at 1+4" },
    { "sinpi(1/3)", "error: not-exact at 1+5" },
    { "gamma(0.5)", "error: not-exact at 1+5" },
    { "atan2(0, -1)", "error: not-exact at 1+5" },
    { "normpdf(0)", "error: not-exact at 1+7" },
    { "2 * pi", "error: not-exact at 5+2" },
    { "false ? pi : 2", "2" },
};

START_TEST(exact_number_has_this_value)
{
    check("exact", &exact_rows[_i]);
}
END_TEST

// --- decimal -----------------------------------------------------------------------------------

typedef struct decimal_row {
    const char *numbers;
    row_t row;
} decimal_row_t;

static const decimal_row_t decimal_rows[] = {
    { "decimal=5", { "1/3", "0.33333" } },
    { "decimal=5", { "2/3", "0.66667" } },
    { "decimal=5", { "123456", "123460" } },
    { "decimal=5", { "123465", "123460" } }, // halves to the even digit
    { "decimal=5", { "123475", "123480" } },
    { "decimal=5", { "1234.65", "1234.6" } },
    { "decimal=5", { "1234.65000001", "1234.7" } }, // a little more than half
    { "decimal=5", { "1 + 0.00005", "1" } },
    { "decimal=5", { "1 + 0.000050001", "1.0001" } },
    { "decimal=5", { "9999.95", "10000" } },
    { "decimal=5", { "1e5 - 0.1", "100000" } },
    { "decimal=1", { "0.1 * 0.35", "0.04" } },
    { "decimal=1", { "2 + 9", "10" } },
    { "decimal=1", { "-5 - 9", "-10" } },
    { "decimal=3", { "1/3 * 3", "0.999" } },
    { "decimal=20", { "1e20 + 1", "100000000000000000000" } },
    { "decimal=21", { "1e20 + 1", "100000000000000000001" } },
    { "decimal=30", { "2^100", "1.26765060022822940149670320538e30" } },
    { "decimal=31", { "2^100", "1.267650600228229401496703205376e30" } },
    { "decimal=20", { "1e21", "1e21" } },
    { "decimal=20", { "123456e15", "123456000000000000000" } },
    { "decimal=20", { "-0.0000015", "-0.0000015" } },
    { "decimal=20", { "0.00000015", "1.5e-7" } },
    { "decimal=20", { "1.5e30 / 3", "5e29" } },
    { "decimal=20", { "1e30 // 3", "3.3333333333333333333e29" } },
    { "decimal=3", { "1e9999 % 7", "6" } }, // the remainder is exact
    { "decimal=3", { "1.5e-9999 % 1e-9999", "5e-10000" } },
    { "decimal=10", { "9.999999999e9999", "9.999999999e9999" } },
    { "decimal=10", { "1e-9999 / 1e9", "1e-10008" } }, // subnormal
    { "decimal=10", { "1e-9999 / 2e9", "0" } },        // half of the least one, to even
    { "decimal=10", { "1e-9999 / 1.9e9", "1e-10008" } },
    { "decimal=10", { "1.23456789e-10004", "1.2346e-10004" } },
    { "decimal=10", { "1e-999999999", "0" } },
    { "decimal=4", { "sum(0.1, k, 1, 100000)", "10000" } }, // sums are rounded once
    { "decimal=4", { "sum(k == 2 ? 0.001 : k == 1 ? 1e9 : -1e9, k, 1, 3)", "0.001" } },
    { "decimal=4", { "mean(1/3, k, 1, 3)", "0.3333" } },
    { "decimal=4", { "prod(1.001, k, 1, 3)", "1.003" } },
    { "decimal=3", { "count(true, k, 1, 1e3)", "1000" } },
    { "decimal=3", { "round(99.95, 1)", "100" } },
    { "decimal=10", { "string(1/3)", "\"0.3333333333\"" } },
    { "decimal=10", { "number('2/3')", "0.6666666667" } },
    { "decimal=10", { "1 << 33", "8589934592" } },
    { "decimal=10", { "1 << 34", "error: overflow at 3+2" } },
    { "decimal=10", { "10^10 | 1", "error: not-an-integer at 7+1" } },
    { "decimal=10", { "1e9999 * 10", "error: overflow at 8+1" } },
    { "decimal=10", { "9.9999999999e9999", "error: overflow at 1+17" } },
    { "decimal=10", { "10^10000", "error: overflow at 3+1" } },
    { "decimal=10", { "-1e9999 - 9e9999", "error: overflow at 9+1" } },
    { "decimal=10", { "sum(9e9999, k, 1, 2)", "error: overflow at 1+3" } },
    { "decimal=10", { "1e10000", "error: overflow at 1+7" } },
    // Digits of what is not rational, which bc has as well.
    { "decimal=40", { "pi", "3.141592653589793238462643383279502884197" } },
    { "decimal=40", { "e", "2.718281828459045235360287471352662497757" } },
    { "decimal=40", { "tau", "6.283185307179586476925286766559005768394" } },
    { "decimal=40", { "phi", "1.61803398874989484820458683436563811772" } },
    { "decimal=40", { "sin(1)", "0.8414709848078965066525023216302989996226" } },
    { "decimal=40", { "cos(1)", "0.5403023058681397174009366074429766037323" } },
    { "decimal=40", { "tan(1)", "1.557407724654902230506974807458360173087" } },
    { "decimal=40", { "asin(0.5)", "0.5235987755982988730771072305465838140329" } },
    { "decimal=40", { "acos(0.5)", "1.047197551196597746154214461093167628066" } },
    { "decimal=40", { "atan(2)", "1.10714871779409050301706546017853704007" } },
    { "decimal=40", { "atan2(-1, -2)", "-2.677945044588987122248387151818288482169" } },
    { "decimal=40", { "atan2(0, -1)", "3.141592653589793238462643383279502884197" } },
    { "decimal=40", { "sinh(1)", "1.175201193643801456882381850595600815156" } },
    { "decimal=40", { "cosh(-1)", "1.543080634815243778477905620757061682602" } },
    { "decimal=40", { "tanh(0.5)", "0.4621171572600097585023184836436725487303" } },
    { "decimal=40", { "asinh(2)", "1.443635475178810342493276740273105269406" } },
    { "decimal=40", { "acosh(2)", "1.316957896924816708625046347307968444027" } },
    { "decimal=40", { "atanh(0.5)", "0.5493061443340548456976226184612628523237" } },
    { "decimal=40", { "exp(-1)", "0.3678794411714423215955237701614608674458" } },
    { "decimal=40", { "log(10, 3)", "2.095903274289384604296567522021401250608" } },
    { "decimal=40", { "log10(2)", "0.3010299956639811952137388947244930267682" } },
    { "decimal=40", { "log2(10)", "3.321928094887362347870319429489390175865" } },
    { "decimal=40", { "log1p(1e-20)", "9.99999999999999999995e-21" } },
    { "decimal=40", { "expm1(1e-20)", "1.000000000000000000005e-20" } },
    { "decimal=40", { "sqrt(2)", "1.41421356237309504880168872420969807857" } },
    { "decimal=40", { "root(-2, 3)", "-1.25992104989487316476721060727822835057" } },
    { "decimal=40", { "root(2, -5)", "0.8705505632961241391362700174797460989791" } },
    { "decimal=40", { "2^-0.1", "0.9330329915368074159813432661499421670272" } },
    { "decimal=40", { "deg(1)", "57.29577951308232087679815481410517033241" } },
    { "decimal=40", { "rad(-1)", "-0.01745329251994329576923690768488612713443" } },
    { "decimal=40", { "sinpi(0.2)", "0.5877852522924731291687059546390727685977" } },
    { "decimal=40", { "cospi(0.2)", "0.8090169943749474241022934171828190588602" } },
    { "decimal=1",
      { "gamma(30)", "9e30" } }, // of 29!, which is rounded to one digit, not 29 itself
    { "decimal=40", { "gamma(0.5)", "1.772453850905516027298167483341145182798" } },
    { "decimal=40", { "gamma(-0.5)", "-3.544907701811032054596334966682290365595" } },
    { "decimal=40", { "gamma(4.5)", "11.63172839656744892914422410942626526211" } },
    { "decimal=40", { "normpdf(2)", "0.05399096651318805195056420041071358173981" } },
    { "decimal=40", { "normcdf(-1)", "0.1586552539314570514147674543679620775221" } },
    { "decimal=40", { "erf(1)", "0.8427007929497148693412206350826092592961" } },
    { "decimal=40", { "erfc(3)", "0.00002209049699858544137277612958232037984771" } },
    // Where the result is almost a decimal number, or almost halfway between two.
    { "decimal=100", { "cos(1e-50)", "1" } },
    { "decimal=101", { "cos(1e-50) - 1", "-5e-101" } },
    { "decimal=99", { "exp(5e-99) - 1", "1e-98" } },
    { "decimal=99", { "exp(-1e-9000)", "1" } },
    { "decimal=9", { "tanh(1e9999) + erf(100)", "2" } },
    { "decimal=9", { "sin(1e-9999) / 1e-9999", "1" } },
    { "decimal=1", { "atan2(3e-5000, 2)", "1e-5000" } }, // a little below 1.5e-5000
    { "decimal=2", { "atan2(-3e-2000, 8)", "-3.7e-2001" } },
    { "decimal=2", { "atan2(1e-9999, 3)", "3e-10000" } }, // with a digit less
    { "decimal=5", { "atan2(1e-6, 3)", "3.3333e-7" } },
    { "decimal=5", { "atan2(1e-7, 3)", "3.3333e-8" } }, // from here on by the quotient
};

START_TEST(decimal_number_has_this_value)
{
    check(decimal_rows[_i].numbers, &decimal_rows[_i].row);
}
END_TEST

// --- messages ----------------------------------------------------------------------------------

static const struct {
    const char *numbers, *expression, *message;
} messages[] = {
    { "exact", "sqrt(2)",
      "the result of 'sqrt' is not rational; --numbers decimal=50 gives its digits" },
    { "exact", "pi", "'pi' is not rational; --numbers decimal=50 gives its digits" },
    { "exact", "log(-1/3)", "'log' is not defined for -1/3" },
    { "exact", "(-8)^0.5", "'^' is not defined for -8 and 0.5" },
    { "exact", "1 << -2", "'<<' cannot shift by -2" },
    { "exact", "gcd(4, 6, 1/3)", "'gcd' takes integers, not 1/3" },
    { "exact", "gcd(10^300 + 1/3, 2)",
      "'gcd' takes integers, not 300000000000000000000000000000000000000000000000…" },
    { "decimal=20", "gcd(1e30, 1.5)", "'gcd' takes integers, not 1.5" },
    { "decimal=20", "fact(1.5)", "'fact' takes an integer, not 1.5" },
    { "decimal=20", "2^70 | 1",
      "'|' takes integers of up to 20 digits, not 1.1805916207174113034e21" },
    { "exact", "round(4, 0.5)", "'round' takes an integer behind its first number, not 0.5" },
    { "exact", "2^2^100", "the result of '^' has more than some 315,000 digits" },
    { "exact", "1e400000", "1e400000 has more than some 315,000 digits" },
    { "exact", "inf", "there is no 'inf' among exact and decimal numbers" },
    { "exact", "mean(k, k, 1/2, 0)", "'mean' has no terms from 0.5 to 0" },
    { "exact", "sum(k, k, 1, 10^30)",
      "'sum' has 1000000000000000000000000000000 terms here, more than 2^53" },
    { "exact", "sum(k, k, 1, 10^12)",
      "'sum' needs some 1,000,000,000,000 steps here, and the limit is 100,000,000,000" },
    { "decimal=9", "1e9999 * 10", "the result of '*' is too large" },
    { "decimal=9", "1e10000", "1e10000 is too large" },
    { "decimal=9", "norminv(0.5)", "'norminv' is for doubles only (--numbers double)" },
    { "decimal=9", "number('one')", "'one' is not a number" },
};

START_TEST(fault_is_told_in_these_words)
{
    const char *value = wide_eval(messages[_i].numbers, messages[_i].expression);
    ck_assert_msg(strncmp(value, "error: ", 7) == 0, "%s", value);
    ck_assert_str_eq(wide_diag.message, messages[_i].message);
}
END_TEST

// --- variables ---------------------------------------------------------------------------------

static dc_wide_t *exact;
static dc_wide_code_t *code;
static dc_budget_t budget;
static dc_diag_t diag;
static dc_value_t value;

static void set_up(void)
{
    exact = dc_wide_new((dc_numbers_t){ DC_NUMBERS_EXACT, 0 });
    budget = (dc_budget_t){ .steps_max = DC_STEPS_MAX };
}

static void tear_down(void)
{
    dc_wide_code_destroy(&code);
    dc_wide_destroy(&exact);
    ck_assert_ptr_null(exact);
}

static dc_value_t digits(const char *text)
{
    return (dc_value_t){ .type = DC_TYPE_DIGITS, .string = dc_str_from(text) };
}

static void check_digits(dc_err_t err, const char *expected)
{
    ck_assert_msg(!err, "%s", diag.message);
    ck_assert_int_eq(value.type, DC_TYPE_DIGITS);
    ck_assert_msg(dc_str_eq(value.string, dc_str_from(expected)), "%.*s", (int)value.string.len,
                  value.string.data);
}

START_TEST(template_runs_over_rows)
{
    dc_var_t vars[] = { { .name = DC_STR("x") },
                        { .name = DC_STR("y"), .type = DC_VAR_NUMBER },
                        { .name = DC_STR("unused") } };
    const struct {
        const char *x, *y, *value;
    } cells[] = {
        { "1", "3", "4/3" },
        { " 0.1 ", "+1e1", "1.01" },
        { "-1/3", "2", "5/6" },
        { "0x10", "1_000", "1.016" },
    };
    dc_err_t err = dc_wide_compile(exact, DC_STR("z = 1; x / y + z"), vars, 3, &code, &diag);
    ck_assert_msg(!err, "%s", diag.message);
    ck_assert_int_eq(dc_wide_code_type(code), DC_TYPE_NUMBER);
    ck_assert_int_eq(vars[0].type, DC_VAR_NUMBER);
    ck_assert(vars[0].is_used && vars[1].is_used && !vars[2].is_used);
    for (size_t i = 0; i < DC_ARRAY_LEN(cells); i++) {
        dc_value_t inputs[] = { digits(cells[i].x), digits(cells[i].y), { .type = DC_TYPE_NULL } };
        check_digits(dc_wide_run(exact, code, inputs, &budget, &value, &diag), cells[i].value);
        ck_assert_uint_gt(budget.steps_used, 0);
    }
}
END_TEST

START_TEST(other_evaluator_runs_the_same_code)
{
    dc_var_t x = { .name = DC_STR("x") };
    ck_assert(!dc_wide_compile(exact, DC_STR("x + 0.5"), &x, 1, &code, &diag));
    dc_wide_destroy(&exact);
    exact = dc_wide_new((dc_numbers_t){ DC_NUMBERS_EXACT, 0 });
    dc_value_t input = digits("2");
    check_digits(dc_wide_run(exact, code, &input, &budget, &value, &diag), "2.5");
}
END_TEST

static const struct {
    const char *expression;
    dc_var_type_t type;
    bool nullable;
    dc_type_t input_type;
    const char *input; // of strings and digits; "1": true
    const char *value; // NULL: there is a fault
    dc_err_t err;
} inputs[] = {
    { "2 * x", DC_VAR_NUMBER, false, DC_TYPE_BOOL, "1", "2", DC_OK },
    { "x ? 1 : 2", DC_VAR_ANY, false, DC_TYPE_BOOL, "0", "2", DC_OK },
    { "x == 'a' ? 1 : 2", DC_VAR_ANY, false, DC_TYPE_STRING, "a", "1", DC_OK },
    { "x ?? 7", DC_VAR_ANY, false, DC_TYPE_NULL, "", "7", DC_OK },
    { "isnull(x) ? 1 : x", DC_VAR_NUMBER, true, DC_TYPE_NULL, "", "1", DC_OK },
    { "x + 1", DC_VAR_ANY, false, DC_TYPE_NULL, "", NULL, DC_ERR_NULL },
    { "x + 1", DC_VAR_NUMBER, true, DC_TYPE_NULL, "", NULL, DC_ERR_NULL },
    { "x", DC_VAR_INT, false, DC_TYPE_DIGITS, "6/2", "3", DC_OK },
    { "x", DC_VAR_INT, false, DC_TYPE_DIGITS, "1.5", NULL, DC_ERR_INTEGER },
    { "x", DC_VAR_NUMBER, false, DC_TYPE_STRING, "1", NULL, DC_ERR_TYPE },
    { "x + 'a'", DC_VAR_STRING, false, DC_TYPE_DIGITS, "1", NULL, DC_ERR_TYPE },
    { "x + 'a'", DC_VAR_STRING, false, DC_TYPE_BOOL, "1", NULL, DC_ERR_TYPE },
    { "x", DC_VAR_NUMBER, false, DC_TYPE_NUMBER, "", NULL, DC_ERR_TYPE },
    { "x", DC_VAR_NUMBER, false, DC_TYPE_DIGITS, "n/a", NULL, DC_ERR_NUMBER },
    { "x", DC_VAR_NUMBER, false, DC_TYPE_DIGITS, "inf", NULL, DC_ERR_NUMBER },
    { "x", DC_VAR_NUMBER, false, DC_TYPE_DIGITS, "1e999999999", NULL, DC_ERR_OVERFLOW },
};

static dc_value_t make_input(dc_type_t type, const char *text)
{
    dc_value_t input = { .type = type, .string = dc_str_from(text) };
    if (type == DC_TYPE_BOOL) input.boolean = text[0] == '1';
    if (type == DC_TYPE_NUMBER) input.number = 1;
    return input;
}

START_TEST(input_is_taken_or_told)
{
    dc_var_t var = { .name = DC_STR("x"),
                     .type = inputs[_i].type,
                     .nullable = inputs[_i].nullable };
    dc_str_t text = dc_str_from(inputs[_i].expression);
    dc_value_t input = make_input(inputs[_i].input_type, inputs[_i].input);
    ck_assert_msg(!dc_wide_compile(exact, text, &var, 1, &code, &diag), "%s", diag.message);
    dc_err_t err = dc_wide_run(exact, code, &input, &budget, &value, &diag);
    ck_assert_int_eq(err, inputs[_i].err);
    if (!err) check_digits(err, inputs[_i].value);
    if (err) ck_assert_int_eq(diag.code, err);
}
END_TEST

START_TEST(values_give_types)
{
    const dc_var_t vars[] = { { .name = DC_STR("a") }, { .name = DC_STR("b") } };
    const dc_value_t values[] = { digits("1/3"), { .type = DC_TYPE_BOOL, .boolean = true } };
    dc_err_t err =
        dc_wide_eval(exact, DC_STR("b ? a * 6 : 0"), vars, values, 2, &budget, &value, &diag);
    check_digits(err, "2");
}
END_TEST

static const struct {
    const char *text;
    bool is_number;
} cells[] = {
    { "1", true },      { " -1.5e3 ", true }, { "+.5", true },   { "0xFF", true },
    { "1_000", true },  { "1/3", true },      { "-10/4", true }, { "1e999999999", true },
    { "", false },      { "-", false },       { "1/0", false },  { "1/-3", false },
    { "1.5/2", false }, { "/2", false },      { "1/", false },   { "1/2/3", false },
    { "inf", false },   { "nan", false },     { "1e", false },   { "--1", false },
    { "1 2", false },   { "0x", false },      { "1__0", false }, { "true", false },
};

START_TEST(cell_is_a_number_or_is_not)
{
    dc_var_t x = { .name = DC_STR("x"), .type = DC_VAR_NUMBER };
    dc_value_t input = digits(cells[_i].text);
    ck_assert(!dc_wide_compile(exact, DC_STR("x > 0"), &x, 1, &code, &diag));
    dc_err_t err = dc_wide_run(exact, code, &input, &budget, &value, &diag);
    ck_assert_int_eq(err != DC_ERR_NUMBER, cells[_i].is_number);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("wide");
    TCase *values = tcase_create("values");
    tcase_add_loop_test(values, both_kinds_have_this_value, 0, (int)DC_ARRAY_LEN(common_rows));
    tcase_add_loop_test(values, exact_number_has_this_value, 0, (int)DC_ARRAY_LEN(exact_rows));
    tcase_add_loop_test(values, decimal_number_has_this_value, 0, (int)DC_ARRAY_LEN(decimal_rows));
    tcase_add_loop_test(values, fault_is_told_in_these_words, 0, (int)DC_ARRAY_LEN(messages));
    suite_add_tcase(all, values);
    TCase *variables = tcase_create("variables");
    tcase_add_checked_fixture(variables, set_up, tear_down);
    tcase_add_test(variables, template_runs_over_rows);
    tcase_add_test(variables, other_evaluator_runs_the_same_code);
    tcase_add_loop_test(variables, input_is_taken_or_told, 0, (int)DC_ARRAY_LEN(inputs));
    tcase_add_test(variables, values_give_types);
    tcase_add_loop_test(variables, cell_is_a_number_or_is_not, 0, (int)DC_ARRAY_LEN(cells));
    suite_add_tcase(all, variables);
    return all;
}
