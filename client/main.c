// dcalc-client — evaluates expressions on a cluster, from the command line.
#include "client/cli.h"

int main(int argc, char **argv)
{
    return dc_cli(argc, argv);
}
