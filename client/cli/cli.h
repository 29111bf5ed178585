// cli — the command line: finds out what is wanted, and has it done.
//
// What belongs to it stands in rooms, in the order in which they know each other:
//
//   text        what is written for people: numbers, names, times, tables, the screen, messages
//   recipe      what is to be computed of each row: template, variables, constants, ranges
//   print       results as rows, in all formats, and where these go
//   sheet       cells that use each other's results
//   input       where rows come from: files, pipes, ranges, arguments, batches that are kept
//   journal     results that a run keeps beside its output, for another to go on with
//   explain     what an expression means, without computing anything
//   cluster     the way to a broker, a private one too, waiting for it, and what it says
//   look        what there is: batches, workers, the picture of `top`, how fast it is; and what is
//               changed of it
//   run         batches: sent and awaited, sent to be kept, fetched
//   prompt      what is typed line by line
//   completion  what shells complete
//
// Beside them is what most of them need: the settings, the console, exit codes, signals. Who may
// include whom is said in scripts/layers.
#ifndef DC_CLIENT_CLI_CLI_H
#define DC_CLIENT_CLI_CLI_H

// Run the program with its arguments. Returns the exit status.
int dc_cli(int argc, char **argv);

#endif
