#include "common/expr/integers.h"

#include <math.h>
#include <string.h>

#include "common/expr/bigint.h"
#include "common/expr/twofold.h"

__extension__ typedef unsigned __int128 u128_t;

// The factorials up to 170!, rounded correctly; 171! is infinite.
static const double factorials[] = {
    1.0, 1.0, 2.0, 6.0, 24.0, 120.0, 720.0, 5040.0, 40320.0, 362880.0, 3628800.0, 39916800.0,
    479001600.0, 6227020800.0, 87178291200.0, 1307674368000.0, 20922789888000.0, 355687428096000.0,
    6402373705728000.0, 1.21645100408832e+17, 2.43290200817664e+18, 5.109094217170944e+19,
    1.1240007277776077e+21, 2.585201673888498e+22, 6.204484017332394e+23, 1.5511210043330986e+25,
    4.0329146112660565e+26, 1.0888869450418352e+28, 3.0488834461171387e+29, 8.841761993739702e+30,
    2.6525285981219107e+32, 8.222838654177922e+33, 2.631308369336935e+35, 8.683317618811886e+36,
    2.9523279903960416e+38, 1.0333147966386145e+40, 3.7199332678990125e+41, 1.3763753091226346e+43,
    5.230226174666011e+44, 2.0397882081197444e+46, 8.159152832478977e+47, 3.345252661316381e+49,
    1.40500611775288e+51, 6.041526306337383e+52, 2.658271574788449e+54, 1.1962222086548019e+56,
    5.502622159812089e+57, 2.5862324151116818e+59, 1.2413915592536073e+61, 6.082818640342675e+62,
    3.0414093201713376e+64, 1.5511187532873822e+66, 8.065817517094388e+67, 4.2748832840600255e+69,
    2.308436973392414e+71, 1.2696403353658276e+73, 7.109985878048635e+74, 4.0526919504877214e+76,
    2.3505613312828785e+78, 1.3868311854568984e+80, 8.32098711274139e+81, 5.075802138772248e+83,
    3.146997326038794e+85, 1.98260831540444e+87, 1.2688693218588417e+89, 8.247650592082472e+90,
    5.443449390774431e+92, 3.647111091818868e+94, 2.4800355424368305e+96, 1.711224524281413e+98,
    1.1978571669969892e+100, 8.504785885678623e+101, 6.1234458376886085e+103,
    4.4701154615126844e+105, 3.307885441519386e+107, 2.48091408113954e+109, 1.8854947016660504e+111,
    1.4518309202828587e+113, 1.1324281178206297e+115, 8.946182130782976e+116,
    7.156945704626381e+118, 5.797126020747368e+120, 4.753643337012842e+122, 3.945523969720659e+124,
    3.314240134565353e+126, 2.81710411438055e+128, 2.4227095383672734e+130, 2.107757298379528e+132,
    1.8548264225739844e+134, 1.650795516090846e+136, 1.4857159644817615e+138,
    1.352001527678403e+140, 1.2438414054641308e+142, 1.1567725070816416e+144,
    1.087366156656743e+146, 1.032997848823906e+148, 9.916779348709496e+149, 9.619275968248212e+151,
    9.426890448883248e+153, 9.332621544394415e+155, 9.332621544394415e+157, 9.42594775983836e+159,
    9.614466715035127e+161, 9.90290071648618e+163, 1.0299016745145628e+166, 1.081396758240291e+168,
    1.1462805637347084e+170, 1.226520203196138e+172, 1.324641819451829e+174,
    1.4438595832024937e+176, 1.588245541522743e+178, 1.7629525510902446e+180,
    1.974506857221074e+182, 2.2311927486598138e+184, 2.5435597334721877e+186,
    2.925093693493016e+188, 3.393108684451898e+190, 3.969937160808721e+192, 4.684525849754291e+194,
    5.574585761207606e+196, 6.689502913449127e+198, 8.094298525273444e+200, 9.875044200833601e+202,
    1.214630436702533e+205, 1.506141741511141e+207, 1.882677176888926e+209, 2.372173242880047e+211,
    3.0126600184576594e+213, 3.856204823625804e+215, 4.974504222477287e+217, 6.466855489220474e+219,
    8.47158069087882e+221, 1.1182486511960043e+224, 1.4872707060906857e+226,
    1.9929427461615188e+228, 2.6904727073180504e+230, 3.659042881952549e+232,
    5.012888748274992e+234, 6.917786472619489e+236, 9.615723196941089e+238, 1.3462012475717526e+241,
    1.898143759076171e+243, 2.695364137888163e+245, 3.854370717180073e+247, 5.5502938327393044e+249,
    8.047926057471992e+251, 1.1749972043909107e+254, 1.727245890454639e+256,
    2.5563239178728654e+258, 3.80892263763057e+260, 5.713383956445855e+262, 8.62720977423324e+264,
    1.3113358856834524e+267, 2.0063439050956823e+269, 3.0897696138473508e+271,
    4.789142901463394e+273, 7.471062926282894e+275, 1.1729568794264145e+278, 1.853271869493735e+280,
    2.9467022724950384e+282, 4.7147236359920616e+284, 7.590705053947219e+286,
    1.2296942187394494e+289, 2.0044015765453026e+291, 3.287218585534296e+293,
    5.423910666131589e+295, 9.003691705778438e+297, 1.503616514864999e+300, 2.5260757449731984e+302,
    4.269068009004705e+304, 7.257415615307999e+306,
};

// Whether all arguments are integers; if not, NaN is the result.
static bool are_integers(const double *args, size_t count, dc_err_t *error)
{
    bool are = true;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(args[i])) {
            are = false;
        } else if (args[i] != trunc(args[i])) {
            *error = DC_ERR_INTEGER;
            are = false;
        }
    }
    return are;
}

// Euclid's algorithm; every remainder is exact.
static double gcd_of_two(double a, double b)
{
    while (a >= 0x1p63 || b >= 0x1p63) {
        if (b == 0) return a;
        double rest = fmod(a, b);
        a = b;
        b = rest;
    }
    uint64_t m = (uint64_t)a, n = (uint64_t)b;
    while (n) {
        uint64_t rest = m % n;
        m = n;
        n = rest;
    }
    return (double)m;
}

double dc_integers_gcd(const double *args, size_t count, dc_err_t *error)
{
    if (!are_integers(args, count, error)) return NAN;
    double result = 0;
    for (size_t i = 0; i < count; i++) {
        result = gcd_of_two(fabs(args[i]), result);
    }
    return result;
}

// `value` (an integer, not 0) as odd * 2^twos.
static uint64_t split_twos(double value, int *twos)
{
    int exponent;
    uint64_t integer = (uint64_t)ldexp(frexp(fabs(value), &exponent), 53);
    int zeros = __builtin_ctzll(integer);
    *twos = exponent - 53 + zeros;
    return integer >> zeros;
}

static uint64_t gcd_of_words(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

// The odd part grows as a long number, so that the result is exact until it is rounded, however
// many arguments there are. It only grows, so what has passed the doubles stays infinite.
double dc_integers_lcm(const double *args, size_t count, dc_err_t *error)
{
    if (!are_integers(args, count, error)) return NAN;
    for (size_t i = 0; i < count; i++) {
        if (args[i] == 0) return 0;
    }
    dc_bigint_t odd;
    dc_bigint_set(&odd, 1);
    int twos = 0;
    for (size_t i = 0; i < count; i++) {
        int arg_twos;
        uint64_t arg_odd = split_twos(args[i], &arg_twos);
        uint64_t common = gcd_of_words(arg_odd, dc_bigint_mod(&odd, arg_odd));
        dc_bigint_mul_add(&odd, arg_odd / common, 0);
        twos = arg_twos > twos ? arg_twos : twos;
        if (dc_bigint_bit_count(&odd) > 1024) return INFINITY;
    }
    return dc_bigint_to_double(&odd, twos);
}

double dc_integers_fact(const double *args, size_t count, dc_err_t *error)
{
    if (!are_integers(args, count, error) || args[0] < 0) return NAN;
    if (args[0] >= (double)DC_ARRAY_LEN(factorials)) return INFINITY;
    return factorials[(int)args[0]];
}

// Exact, for value < 2^63.
static dc_twofold_t twofold_from(uint64_t value)
{
    double high = (double)value;
    return (dc_twofold_t){ high, (double)((int64_t)value - (int64_t)high) };
}

// The product of (n - k + i) / i for i = 1 .. k. Each step's quotient is an integer, exact while it
// is below 2^63. With k <= n / 2 each step at least doubles, so there are at most some 1000 of them
// before the result is infinite.
double dc_integers_choose(const double *args, size_t count, dc_err_t *error)
{
    double n = args[0], k = args[1];
    if (!are_integers(args, count, error) || n < 0 || k < 0) return NAN;
    if (k > n) return 0;
    k = fmin(k, n - k);
    double i = 1;
    uint64_t exact = 1;
    for (; i <= k && n < 0x1p63; i++) {
        u128_t product = (u128_t)exact * ((uint64_t)(n - k) + (uint64_t)i);
        u128_t quotient = product / (uint64_t)i;
        if (quotient >> 63) break;
        exact = (uint64_t)quotient;
    }
    if (i > k) return (double)exact;

    // Scaled, so that a product may pass the largest double before it is divided.
    dc_twofold_t value = twofold_from(exact);
    value = (dc_twofold_t){ value.high * 0x1p-64, value.low * 0x1p-64 };
    for (; i <= k; i++) {
        dc_twofold_t factor = dc_twofold_sum(n, i - k);
        value = dc_twofold_div(dc_twofold_mul(value, factor), i);
        if (!(value.high < 0x1p960)) return INFINITY;
    }
    return value.high * 0x1p64;
}

// n * (n - 1) * ..., k factors: after 171 of them it is 0 or infinite, if not done.
double dc_integers_perm(const double *args, size_t count, dc_err_t *error)
{
    double n = args[0], k = args[1];
    if (!are_integers(args, count, error) || n < 0 || k < 0) return NAN;
    if (k > n) return 0;
    double i = 0;
    uint64_t exact = 1;
    for (; i < k && n < 0x1p63; i++) {
        u128_t product = (u128_t)exact * ((uint64_t)n - (uint64_t)i);
        if (product >> 63) break;
        exact = (uint64_t)product;
    }
    if (i == k) return (double)exact;

    dc_twofold_t value = twofold_from(exact);
    for (; i < k; i++) {
        value = dc_twofold_mul(value, dc_twofold_sum(n, -i));
        if (!isfinite(value.high)) return INFINITY;
    }
    return value.high;
}
