// eval — one expression, the blocking way.
//
//     cc -o eval eval.c $(pkg-config --cflags --libs dcalc)
//     ./eval '2+3*4' tcp://127.0.0.1:5555
#include <dcalc.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc < 2) return fputs("usage: eval EXPR [URL]\n", stderr), 2;
    char text[4096];
    const char *url = argc > 2 ? argv[2] : DCALC_URL_DEFAULT;
    dcalc_options_t options = { .size = sizeof options, .urls = &url, .url_count = 1 };
    dcalc_t *dcalc = dcalc_new(&options);
    if (!dcalc) return perror("eval"), 1;
    dcalc_err_t error = dcalc_eval(dcalc, argv[1], 10000, text, sizeof text);
    if (error) fprintf(stderr, "eval: %s: %s\n", dcalc_err_name(error), text);
    if (!error) puts(text);
    dcalc_destroy(&dcalc);
    return error ? 1 : 0;
}
