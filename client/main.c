// dcalc-client — evaluates expressions on a cluster, from the command line.
#include <fcntl.h>
#include <unistd.h>

#include "client/cli/cli.h"

// Put something where a standard file is closed, or the next socket would be taken for it. Writing
// to a file that is open for reading fails, as writing to a closed one does.
static void fill_standard_files(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0) continue;
        int opened = open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        if (opened < 0) _exit(74); // there is not even a /dev/null
    }
}

int main(int argc, char **argv)
{
    fill_standard_files();
    return dc_cli(argc, argv);
}
