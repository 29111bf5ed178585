// loop — sum(1/k^2, k, 1, TERMS) as a program in C has it, on two threads: the measure for what a
// reduction on two slots costs (bench_split.py).
//
//   loop TERMS
#pragma GCC optimize("O3")

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 2

typedef struct part {
    pthread_t thread;
    long first, end;
    double sum;
} part_t;

static void *add(void *argument)
{
    part_t *part = argument;
    double sum = 0;
    for (long k = part->first; k < part->end; k++)
        sum += 1.0 / ((double)k * (double)k);
    part->sum = sum;
    return NULL;
}

int main(int argc, char **argv)
{
    long terms = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    part_t parts[THREADS];
    double sum = 0;
    for (int i = 0; i < THREADS; i++) {
        parts[i].first = 1 + terms / THREADS * i;
        parts[i].end = i + 1 < THREADS ? 1 + terms / THREADS * (i + 1) : terms + 1;
        if (pthread_create(&parts[i].thread, NULL, add, &parts[i]) != 0) return EXIT_FAILURE;
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(parts[i].thread, NULL);
        sum += parts[i].sum;
    }
    printf("%.17g\n", sum);
    return EXIT_SUCCESS;
}
