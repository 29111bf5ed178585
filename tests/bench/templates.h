// templates — what the benches of templates evaluate: X(name, our text, the same in C).
#ifndef DC_TESTS_BENCH_TEMPLATES_H
#define DC_TESTS_BENCH_TEMPLATES_H

#define DC_BENCH_ARITHMETIC(X)                                                    \
    X(line, "2.5*x+y", 2.5 * x + y)                                               \
    X(price, "x*y*(1-z/100)", x *y *(1 - z / 100))                                \
    X(products, "x*y+y*z+z*x", x *y + y * z + z * x)                              \
    X(quadratic, "3*x^2-2*x*y+y^2/4", 3 * (x * x) - 2 * x * y + (y * y) / 4)      \
    X(rational, "(x+1)/(y+2)-(z-3)/(x+5)", (x + 1) / (y + 2) - (z - 3) / (x + 5)) \
    X(polynomial, "((((1.5*x-2)*x+0.25)*x-7)*x+3)*x-11",                          \
      ((((1.5 * x - 2) * x + 0.25) * x - 7) * x + 3) * x - 11)                    \
    X(distance, "sqrt((x-y)^2+(y-z)^2+(z-x)^2)",                                  \
      sqrt((x - y) * (x - y) + (y - z) * (y - z) + (z - x) * (z - x)))            \
    X(choice, "x>y?x*0.2+100:y*0.1", x > y ? x * 0.2 + 100 : y * 0.1)             \
    X(steps, "x<1?x*0.1:x<3?0.1+(x-1)*0.2:0.5+(x-3)*0.3",                         \
      x < 1   ? x * 0.1                                                           \
      : x < 3 ? 0.1 + (x - 1) * 0.2                                               \
              : 0.5 + (x - 3) * 0.3)                                              \
    X(mixed, "(x*1.19+y*1.07)*(z+0.5)-x/(y+10)", (x * 1.19 + y * 1.07) * (z + 0.5) - x / (y + 10))

#define DC_BENCH_FUNCTIONS(X)                                                            \
    X(sine, "sin(x)", sin(x))                                                            \
    X(cosine, "cos(x)*y", cos(x) * y)                                                    \
    X(exponential, "exp(-x*y)", exp(-x *y))                                              \
    X(logarithm, "ln(x)+z", log(x) + z)                                                  \
    X(power, "x^2.5", pow(x, 2.5))                                                       \
    X(interest, "z*(1+y/1200)^(12*x)", z *pow(1 + y / 1200, 12 * x))                     \
    X(wave, "exp(-x/4)*sin(2*pi*y+z)", exp(-x / 4) * sin(2 * 3.141592653589793 * y + z)) \
    X(sphere, "sin(x)*sin(y)+cos(x)*cos(y)*cos(z)", sin(x) * sin(y) + cos(x) * cos(y) * cos(z))

#endif
