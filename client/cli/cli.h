// cli — the command line: finds out what is wanted, and has it done.
#ifndef DC_CLIENT_CLI_CLI_H
#define DC_CLIENT_CLI_CLI_H

// Run the program with its arguments. Returns the exit status.
int dc_cli(int argc, char **argv);

#endif
