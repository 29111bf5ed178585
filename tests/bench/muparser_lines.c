// muparser_lines — what a program that links muParser makes of a file of expressions: read,
// evaluate, print. One of those that bench_peers.py compares with.
//
//   muparser_lines FILE
#include <muParserDLL.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_error(muParserHandle_t parser)
{
    fprintf(stderr, "muparser_lines: %s\n", mupGetErrorMsg(parser));
    exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
    char line[4096];
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    muParserHandle_t parser = mupCreate(muBASETYPE_FLOAT);
    if (!file || !parser) {
        fputs("usage: muparser_lines FILE\n", stderr);
        return 64;
    }
    mupSetErrorHandler(parser, on_error);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        mupSetExpr(parser, line);
        printf("%.17g\n", mupEval(parser));
    }
    mupRelease(parser);
    fclose(file);
    return EXIT_SUCCESS;
}
