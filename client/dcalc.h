// dcalc — the client library: send jobs to a dcalc broker, get each one's result exactly once.
//
//     dcalc_t *dcalc = dcalc_new(NULL);                            // tcp://127.0.0.1:5555
//     char text[64];
//     if (dcalc_eval(dcalc, "2+3*4", 10000, text, sizeof text) == DCALC_OK) puts(text);
//     dcalc_destroy(&dcalc);
//
// That is the blocking way, for one expression. The other way is for many, and for programs that
// have other things to wait for. It has one loop:
//
//     dcalc_open(dcalc, NULL, &batch);
//     for (;;) {
//         while (more to send && dcalc_room(dcalc, batch) >= size) {
//             dcalc_send(dcalc, batch, &chunk);
//         }
//         if (nothing more to send) dcalc_close(dcalc, batch);     // once
//         dcalc_turn(dcalc);                                       // send, receive, look at clocks
//         while (dcalc_next(dcalc, &event)) {
//             PIECE: use the results, then dcalc_ack(dcalc, batch, first, end)
//             END:   the batch is over
//         }
//         poll({ dcalc_fd(dcalc), POLLIN }, your own..., dcalc_timeout_ms(dcalc));
//     }
//
// Nothing blocks but dcalc_eval, dcalc_ask and dcalc_wait, and nothing is sent or received outside
// of dcalc_turn and these: what is at hand at a turn travels together, so that opening, one chunk
// and closing are one message. All calls on one dcalc_t come from one thread (any number of them
// may exist, in any threads); calls without one may come from any thread. The library calls nobody
// back, raises and takes no signals, and writes to no file that it has not been given. A child
// process that was forked leaves its parent's dcalc_t alone.
//
// Whole programs are in client/examples/: eval.c is the first way, batch.c the second. Compile with
// `pkg-config --cflags --libs dcalc`, where only the archive is there with --static.
//
// What is promised: each job is answered once, whichever process dies on the way. The library keeps
// what was sent until it is acknowledged, notices a lost broker within some seconds, looks for it
// (and for the next of several) for as long as the program wants, and sends again what is
// unanswered. Pieces come in any order, those of one chunk too; the program puts them in order by
// `first`, if it wants order. Memory is bounded: dcalc_send takes no more than what the broker
// gives credit for, and credit comes back with dcalc_ack.
//
// Memory: what goes in is copied, but for a chunk's `memory`; what comes out is the library's, for
// as long as is said where it comes out. The one exception is dcalc_ask. Texts that come out are
// UTF-8, and end in NUL unless a size stands beside them. Out-parameters are written on success
// only.
//
// The header stands alone: it includes nothing of dcalc's, so it can be installed by itself, and
// the library's insides can change under it. A program that was compiled with this one runs with
// any later libdcalc.so.1: structs that it makes begin with their size, or have room for more.
// Numbers of errors are those on the wire, and never change; new ones may come, so be ready for
// numbers that are not in your list. Inside dcalc's tree a cast turns dcalc_err_t into dc_err_t.
#ifndef DCALC_H
#define DCALC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Of the library, nothing but what this header declares is visible.
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

// Of this header; dcalc_version() tells the library's, which may be later.
#define DCALC_VERSION_MAJOR 1
#define DCALC_VERSION_MINOR 0

// "1.0". Static.
const char *dcalc_version(void);

#define DCALC_URL_DEFAULT "tcp://127.0.0.1:5555"

// --- errors ------------------------------------------------------------------------------------

typedef enum dcalc_err {
    DCALC_OK = 0,
    // The expression is at fault.
    DCALC_ERR_SYNTAX = 1,
    DCALC_ERR_EMPTY = 2,
    DCALC_ERR_NAME = 3,
    DCALC_ERR_FUNCTION = 4,
    DCALC_ERR_ARGUMENTS = 5,
    DCALC_ERR_TYPE = 6,
    DCALC_ERR_NULL = 7,
    DCALC_ERR_DIVIDE_BY_ZERO = 8,
    DCALC_ERR_DOMAIN = 9,
    DCALC_ERR_OVERFLOW = 10,
    DCALC_ERR_INTEGER = 11,
    DCALC_ERR_NUMBER = 12,
    DCALC_ERR_ENCODING = 13,
    DCALC_ERR_FIELDS = 14,
    DCALC_ERR_RECURSION = 15,
    DCALC_ERR_NO_TERMS = 16,
    DCALC_ERR_NO_CONVERGENCE = 17,
    DCALC_ERR_INEXACT = 18, // with exact numbers only
    // A limit was met.
    DCALC_ERR_TOO_LONG = 32,
    DCALC_ERR_TOO_DEEP = 33,
    DCALC_ERR_TOO_LARGE = 34,
    DCALC_ERR_STEPS = 35,
    DCALC_ERR_TIME = 36,
    DCALC_ERR_CANCELLED = 37,
    DCALC_ERR_DEADLINE = 38,
    DCALC_ERR_SKIPPED = 39, // a job or a batch that it depends on has failed
    // The cluster is at fault.
    DCALC_ERR_LOST = 64,
    DCALC_ERR_BUSY = 65,
    DCALC_ERR_NO_WORKER = 66,
    DCALC_ERR_NO_BROKER = 67,
    DCALC_ERR_TAKEN_OVER = 68,
    DCALC_ERR_UNKNOWN_BATCH = 69,
    DCALC_ERR_PROTOCOL = 70,
    DCALC_ERR_VERSION = 71,
    DCALC_ERR_NOT_STORED = 72,
    DCALC_ERR_STORE_FULL = 73,
    DCALC_ERR_STORE_FAILED = 74,
    DCALC_ERR_DISAGREE = 75,
    DCALC_ERR_ADDRESS = 76, // a broker's address for workers
    DCALC_ERR_DAMAGED = 77, // the disk of the broker's store has spoiled it
    DCALC_ERR_STORE_LOCKED = 78,
    // This program or its machine is at fault.
    DCALC_ERR_NOMEM = 96,
    DCALC_ERR_FULL = 97,
    DCALC_ERR_INVALID = 98,
    DCALC_ERR_IO = 99,
    DCALC_ERR_INTERNAL = 100,
} dcalc_err_t;

// The printed name of `error`, such as "divide-by-zero"; "unknown" for a number not in the list.
// Static.
const char *dcalc_err_name(dcalc_err_t error);

// What a person is told, such as "division by zero". Static.
const char *dcalc_err_text(dcalc_err_t error);

// --- a connection ------------------------------------------------------------------------------

typedef struct dcalc dcalc_t;

// Zero means the default, everywhere. What is pointed to is needed during the call only.
typedef struct dcalc_options {
    size_t size;             // sizeof(dcalc_options_t), so that a later library knows which members
                             // there are; 0: those of version 1.0
    const char *const *urls; // where the broker may be, tried in turn; copied. DCALC_URL_DEFAULT
    size_t url_count;
    uint32_t heartbeat_ms;     // how often both sides say that they live: 1000
    uint32_t liveness_beats;   // after how many silent heartbeats the broker is lost: 3
    uint32_t reconnect_ms_min; // a connection that failed is tried again after this: 100 (ipc: 5)
    uint32_t reconnect_ms_max; // doubled with each failure, up to this: 2000 (ipc: 100)
    size_t inputs_bytes_max;   // sent and not acknowledged, whatever the broker allows: 32 MiB
    // Called with each command that is sent or received, in words for people, which have no form
    // that stays; they are there during the call only. It calls nothing of this library.
    void (*trace)(void *context, bool is_sent, const char *words);
    void *trace_context;
    bool workers; // pieces name the worker that computed them
} dcalc_options_t;

// Prepare a connection; `options` may be NULL. Connecting goes on in the background: whether a
// broker is there is seen when it answers. NULL, and errno set: EINVAL (a URL is not one, or
// `options` has what this library does not know), ENOMEM, EMFILE.
dcalc_t *dcalc_new(const dcalc_options_t *options);

// Cancel the batches that are open, send what is at hand (for 0.2 s at most), free everything and
// set `*self_p` to NULL; NULL is fine. Held pieces must have been released.
void dcalc_destroy(dcalc_t **self_p);

// Is there a broker? True from its first answer until it is lost.
bool dcalc_is_connected(const dcalc_t *self);

// For how long the program has waited for a broker that does not answer; 0 while one is there or
// nothing is wanted of it. A program that has waited enough cancels its batches, or just leaves.
uint64_t dcalc_waiting_ms(const dcalc_t *self);

// Where the broker is, or is being looked for at present. The library's, as long as it is there.
const char *dcalc_url(const dcalc_t *self);

// Why the last connection failed, for people ("connection refused", "it does not answer"); "" if
// none has. The library's, valid until the next turn.
const char *dcalc_reason(const dcalc_t *self);

// Place `index`, from 0, of those where the broker may be, as they were given; NULL: there are no
// more. `*reason` says why the last connection there failed; "" if none has. Both as dcalc_url.
const char *dcalc_place(const dcalc_t *self, size_t index, const char **reason);

// --- the loop ----------------------------------------------------------------------------------

// Send what is at hand, receive what has come, look at the clock. Never blocks.
// DCALC_ERR_NOMEM, DCALC_ERR_IO (no more file descriptors): nothing is lost, the next turn tries
// again.
dcalc_err_t dcalc_turn(dcalc_t *self);

// A file descriptor for poll(), readable (POLLIN) when there is something to do. It stays the same.
// It is edge-triggered in effect: take a turn and all events before each poll.
int dcalc_fd(const dcalc_t *self);

// How long to wait in poll() at most: 0 if there is something to do at once.
int dcalc_timeout_ms(const dcalc_t *self);

// For programs with nothing else to wait for: poll for at most `timeout_ms` (-1: for as long as it
// takes), then take a turn. Returns early when a signal comes. Errors: those of dcalc_turn.
dcalc_err_t dcalc_wait(dcalc_t *self, int timeout_ms);

// --- batches -----------------------------------------------------------------------------------

// Names a batch or a question of this dcalc_t; never 0, never used twice.
typedef uint32_t dcalc_id_t;

// A *program* says what is common to the jobs of a batch: how the bytes of a job become inputs, and
// the expression over them. It is a JSON object:
//
//     {"v":1, "format":"csv", "template":"qty*price+fee", "fields":4,
//      "vars":[{"name":"qty", "type":"int", "field":1}, {"name":"price", "field":3, "null":true}],
//      "lets":[{"name":"fee", "number":2.5}], "timeout_ms":30000}
//
//   v           1, or 2 with `numbers`; the only member that must be there
//   format      what a job is: "lines" (the default), a line of text; "sheet", a line with a JSON
//               list of names, a tab and an expression, in which each name is the result that the
//               chunk `needs` in its place ("" where it is not used; a pair ["a","12"] has a result
//               of its own; what is between list and tab is left alone); "csv", a record as RFC
//               4180 has it (send one with line breaks in it as a `record`); "tsv", fields between
//               tabs, without quotes; "jsonl", a JSON object; "doubles", binary64 numbers,
//               little-endian, one behind the other (send chunks with their `width`, 8 bytes a
//               number); "points", with `numbers`: the digits of numbers between tabs
//   template    the expression, evaluated for each job. Without it each job has its own: the line;
//               field `expr_field` of a record; the member "expr" of an object. Doubles need one
//   fields      csv, tsv, points: how many fields a record has; another number of them is a fault
//   expr_field  csv, tsv: which of them is the expression, from 0; 0 if absent
//   vars        the variables that jobs bring. `name`; `field`: which field or which double it is,
//               from 0 (an object's member has the variable's name; lines have at most one
//               variable, and with a template `x` if none is named); `type`: "number", "int" (a
//               number that must be integral), "bool", "string", or "any", the default: with a
//               template what it is used as, else what its text looks like; `null`: true if it may
//               be empty, which else is a fault
//   lets        constants: `name`, and one of `number` (as a number or, to keep infinities and nan,
//               in a string), `digits` (with `numbers`: a string such as "0.1" or "1/3"), `bool`,
//               `string`, `null`
//   numbers     "exact" or "decimal=34": numbers are fractions of any size, or decimals of so many
//               significant digits, 1 to 1000, and results are their digits; then there are no
//               `columns`, no "doubles" and no infinities. Doubles if absent
//   ieee        true: infinities and nan are results and no faults
//   timeout_ms  what a job may take; 30000 if absent, 0: no limit
//   steps_max   likewise in operations, which end a job in the same way everywhere; 10^11 if absent
//
// Other members are left alone. It is read by workers: what is wrong with it is a fault of every
// job (DCALC_ERR_PROTOCOL, or what is wrong with the template).
typedef struct dcalc_batch_options {
    size_t size;           // as in dcalc_options_t
    const void *program;   // what is common to the jobs, as said above; copied. NULL: nothing is,
                           // each line is an expression
    size_t program_bytes;  // up to 256 KiB
    const char *name;      // for people, at most 64 bytes of UTF-8; copied. NULL: none
    const char *tag;       // only workers that carry it compute the batch: 1 to 64 bytes of UTF-8
                           // without blanks; copied. NULL: any worker does
    int8_t priority;       // -10 .. 10: the higher goes first, but for a twentieth of the cluster's
                           // time that each below it has while it waits
    uint8_t retries;       // how often a job whose worker is lost is tried again
    bool columns;          // results are 8 bytes a job, NaN where it failed, instead of lines
    bool verify;           // two workers compute each job; DCALC_ERR_DISAGREE where they differ
    bool held;             // nothing of it is computed until dcalc_set releases it
    bool detached;         // the broker keeps it, and its results for dcalc_attach: see there
    const char *key;       // of a detached batch: a word that names it, so that sending it again
                           // makes no second one; copied. NULL: it is always a new one
    uint64_t keep_ms;      // of a detached batch: how long its results are kept after its end;
                           // 0: as long as the broker usually does
    const uint64_t *after; // numbers of batches, at most 256, that must have ended before anything
    size_t after_count;    // of it is computed; copied. Where one of them has not computed every
                           // job, it ends with DCALC_ERR_SKIPPED; where one is not there (any
                           // more), with DCALC_ERR_INVALID
    bool after_any;        // they may end in any way
    uint64_t deadline_ms;  // the batch ends so long after it was opened (DCALC_ERR_DEADLINE), with
                           // what is answered by then; 0: it has as long as it takes
} dcalc_batch_options_t;

// Write the defaults, and `size`, to `*options`, which has `size` bytes: no program, no name,
// priority 0, 3 retries, lines, not detached. The second is shorter to write.
void dcalc_batch_options_init(dcalc_batch_options_t *options, size_t size);
static inline dcalc_batch_options_t dcalc_batch_options_default(void)
{
    dcalc_batch_options_t options;
    dcalc_batch_options_init(&options, sizeof options);
    return options;
}

// Open a batch; `options` may be NULL. Many may be open at once, and get turns by the broker.
// DCALC_ERR_INVALID (name, tag, program or priority out of their limits; an empty key; a key or a
// time to keep without `detached`; an option that this library does not know), DCALC_ERR_NOMEM,
// DCALC_ERR_IO (the system has no randomness for its key).
dcalc_err_t dcalc_open(dcalc_t *self, const dcalc_batch_options_t *options, dcalc_id_t *batch);

typedef struct dcalc_range {
    uint64_t first;
    uint64_t end; // half-open
} dcalc_range_t;

#define DCALC_CHUNK_BYTES_MAX  65536u // of several jobs
#define DCALC_CHUNK_JOBS_MAX   4096u
#define DCALC_RECORD_BYTES_MAX 262144u // of a single job

// Some consecutive jobs of a batch, which travel together. Bigger chunks are cheaper; what comes
// one by one may be sent one by one: the library packs, and makes one chunk for the broker of small
// ones that are sent between two turns, once it has seen that the batch's jobs are short. Their
// results come chunk by chunk, as they were sent. What is not used is zero.
typedef struct dcalc_chunk {
    const char *bytes; // the inputs of the jobs
    size_t size;       // in bytes; 1 ..
    void *memory;   // NULL: the bytes are copied. Else they lie in it, and its reference is taken
    uint32_t width; // bytes of a job; 0: each job is a line, the last newline may be missing
    bool record;    // the chunk is a single job, whatever line breaks it has; width is 0
    bool needed;    // results of it may be needed by jobs behind it
    const dcalc_range_t *needs; // jobs before it, in order and at most 4096 in all, of chunks that
    uint32_t need_count;        // are `needed`: it is computed when these have their results,
                                // which its jobs get (see "sheet" for what a program does with
                                // them). Where one fails, all of its jobs do (DCALC_ERR_SKIPPED).
                                // Copied; each takes some of the batch's room
    uint64_t tag;               // the program's own, to know the chunk by when its results come
    uint64_t first; // set by dcalc_send: the index of its first job within the batch, from 0
    uint32_t jobs;  // set by dcalc_send: how many jobs it has
    uint32_t zero;  // is 0, as all below: for versions to come
    uint64_t zeros[2];
} dcalc_chunk_t;

// Memory to read inputs into, so that they need not be copied: `size` bytes with one reference;
// NULL if memory is short. Several chunks may lie in one memory: share it for each but the last.
void *dcalc_memory_new(size_t size);
void *dcalc_memory_share(void *memory);
void dcalc_memory_release(void *memory);

// How much of `bytes` makes the next chunk of lines: the size of as many whole lines as fit one,
// and in `*jobs` how many. 0 if no line ends within what a single job may have: read on if `size`
// is less than DCALC_RECORD_BYTES_MAX, else the line is too long for any worker.
size_t dcalc_chunk_cut(const char *bytes, size_t size, uint32_t *jobs);

// How many bytes dcalc_send takes for `batch` now, 0 if none: then take a turn and wait. Changes
// with turns, sends and acknowledgements only.
size_t dcalc_room(const dcalc_t *self, dcalc_id_t batch);

// Append `chunk` to `batch`; sets its `first` and `jobs`. On success a given `memory` is taken,
// else nothing has changed. DCALC_ERR_FULL: there is no room, try again later; DCALC_ERR_INVALID:
// sizes, or the batch is closed; DCALC_ERR_UNKNOWN_BATCH: it is over; DCALC_ERR_NOMEM.
dcalc_err_t dcalc_send(dcalc_t *self, dcalc_id_t batch, dcalc_chunk_t *chunk);

// What the jobs of `chunk` (sizes and bytes; the others are not looked at) add up to, `first` being
// the index of the first of them: sums of it, modulo 2^64, tell whether two batches are of the same
// jobs, however these were cut into chunks.
uint64_t dcalc_digest(uint64_t first, const dcalc_chunk_t *chunk);

// No more chunks come: the batch ends when every job is answered. Twice is fine.
// DCALC_ERR_UNKNOWN_BATCH: it is over.
dcalc_err_t dcalc_close(dcalc_t *self, dcalc_id_t batch);

// Done with the results of jobs [first, end), and with their inputs. The ranges may come in any
// order and size, but only after the events with their results. Results of 8 MiB that are not
// acknowledged keep the broker from going on with any but the oldest chunk that is not: so a slow
// program is not sent more than it can use. A batch that is over and acknowledged as a whole is
// forgotten.
// DCALC_ERR_INVALID: they have not all been answered, and nothing has changed;
// DCALC_ERR_UNKNOWN_BATCH: there is no such batch any more; DCALC_ERR_NOMEM.
dcalc_err_t dcalc_ack(dcalc_t *self, dcalc_id_t batch, uint64_t first, uint64_t end);

// What was sent and has no result: the first jobs at or behind `from` of a batch, all of one chunk,
// which is returned, with its bytes; valid until the batch is cancelled. For a batch that ended
// before its time, to tell of each job that it has none: begin with 0, go on with the `end` of the
// range before. NULL if there are no more.
const dcalc_chunk_t *dcalc_unanswered(const dcalc_t *self, dcalc_id_t batch, uint64_t from,
                                      dcalc_range_t *jobs);

// End the batch now, here and in the cluster: nothing more comes of it but its END
// (DCALC_ERR_CANCELLED). Chunks and pieces of it are no longer valid. One that is over is fine. A
// detached batch is dropped, unless it is over; one that is attached goes on in the cluster.
void dcalc_cancel(dcalc_t *self, dcalc_id_t batch);

// --- batches that the broker keeps -------------------------------------------------------------
//
// A *detached* batch goes on without its client. It is sent like any other: open (with `detached`),
// send, close; but no pieces come, nothing is acknowledged, and room comes back as the broker
// writes what was sent to its disk (RECEIPT). Its END with DCALC_OK says that all of it is there:
// from now on it is computed whatever dies, the program may leave, and its results are had with
// dcalc_attach by its number, by anybody, as often as is wished, for `keep_ms` after it has ended.
// A program that dies before the END has left what the broker drops after a while (its --orphan);
// one that comes sooner with the same `key`, sends the same jobs and closes, makes that batch
// whole, and what is there already does not travel again. If it was whole before, it ends at once;
// if the program or the kind of the batch differs, or jobs that are there are others, it ends with
// DCALC_ERR_INVALID: these are compared as they are sent. Who has nothing to send, since all is
// there, can compare what it would have sent by its digest (OPENED).
//
// Errors in END, besides those of other batches: DCALC_ERR_NOT_STORED, this broker keeps nothing;
// DCALC_ERR_STORE_FAILED, its disk cannot be written; DCALC_ERR_UNKNOWN_BATCH, it has dropped what
// was sent, since this program was away for too long. A store that is full is BUSY.

// Fetch detached batch `number`, from the chunk that holds job `first` on, finished or not. It is a
// batch like one that this program has sent: OPENED (with its program), PIECEs, which have the
// chunks with the jobs' inputs, to be acknowledged, and END: DCALC_OK when every job has its
// result, else why some have none (DCALC_ERR_CANCELLED, DCALC_ERR_DEADLINE; see dcalc_unanswered).
// DCALC_ERR_UNKNOWN_BATCH: there is none (any more); DCALC_ERR_NOT_STORED: it is not a detached
// one. Chunks have no tags. dcalc_cancel ends the fetching and nothing else.
// DCALC_ERR_INVALID (number 0), DCALC_ERR_NOMEM.
dcalc_err_t dcalc_attach(dcalc_t *self, uint64_t number, uint64_t first, dcalc_id_t *batch);

// --- events ------------------------------------------------------------------------------------

// Results of jobs [first, first + count) of a batch.
typedef struct dcalc_piece {
    dcalc_id_t batch;
    uint8_t attempt;   // 1: computed by the first worker that got it
    uint32_t spent_us; // what the worker needed
    uint64_t first;
    uint32_t count;
    uint32_t fresh_count;       // at least 1
    const dcalc_range_t *fresh; // the jobs that count, in order; skip the lines of the others
    const char *results;        // `count` lines, each with its newline; a failed job's line begins
    size_t results_bytes;       // with "error: ". With `columns` 8 bytes each
    const char *faults;         // read them with dcalc_fault_next
    size_t faults_bytes;
    const dcalc_chunk_t *chunk; // what these jobs were sent in, with all its bytes; valid until its
                                // jobs are all acknowledged
    const void *inside;         // the library's own
    const char *worker;         // with `workers`: the name of the worker that computed them, or of
    size_t worker_bytes;        // the second one that did (`verify`); 0: no single one did
} dcalc_piece_t;

// Keep a piece beyond the next call of dcalc_next. The results are not copied where they are most
// of what came with them. NULL if memory is short. Release it before dcalc_destroy.
dcalc_piece_t *dcalc_piece_hold(const dcalc_piece_t *piece);
void dcalc_piece_release(dcalc_piece_t **piece_p);

// Why a job failed.
typedef struct dcalc_fault {
    uint64_t index; // of the job, within the batch
    dcalc_err_t error;
    uint32_t column;     // bytes of the job's text (with a template: of the template), from 0
    uint32_t width;      // in bytes; 0 where the end of the text is meant
    const char *message; // UTF-8, does not end in NUL; as long valid as the piece
    size_t message_bytes;
    uint64_t zeros[2]; // for versions to come
} dcalc_fault_t;

// The next fault of the jobs of `piece` that count, ordered by index; `*cursor` begins with 0.
// False at the end.
bool dcalc_fault_next(const dcalc_piece_t *piece, size_t *cursor, dcalc_fault_t *fault);

typedef enum dcalc_event_type {
    DCALC_EVENT_PIECE,   // results: `piece`
    DCALC_EVENT_OPENED,  // batch `id` is known to the broker as number `number`; of one that is
                         // attached there is its `program`
    DCALC_EVENT_BUSY,    // the broker has no room for batch `id` now, `text` says why; the library
                         // tries again when the broker says so, or later each time where it says
                         // nothing, until the program cancels it
    DCALC_EVENT_END,     // batch `id` is over: every job is answered (DCALC_OK), or it ended before
                         // (`error`, `text`). Its pieces have all come; they may still be
                         // acknowledged, and the chunks live on until they are. What is left of a
                         // batch that ended before is freed by dcalc_cancel. One that is
                         // detached is over for this program when the broker's disk has it
    DCALC_EVENT_ANSWER,  // question `id`: `text` is the answer in JSON, or with `error` a sentence
    DCALC_EVENT_LOST,    // the broker, or the connection to it, is lost: dcalc_reason says how,
                         // unless `text` does, in the broker's own words: it is stopping. Being
                         // looked for from now on
    DCALC_EVENT_FOUND,   // a broker answers (for the first time, or again)
    DCALC_EVENT_RECEIPT, // `done` of the `total` jobs that are known so far of batch `id`, which is
                         // detached, are on the broker's disk
    DCALC_EVENT_PROGRESS, // job `job` of batch `id` is so big that many workers compute it
                          // together: `done` of `total` terms, or the like, are computed. About
                          // once a second
} dcalc_event_type_t;

// What the broker had of a detached batch under its key before it was opened.
typedef enum dcalc_found {
    DCALC_FOUND_NOTHING = 0, // or the connection was lost, and it may be what this one brought
    DCALC_FOUND_PART = 1,    // somebody began to send it: this one goes on with it
    DCALC_FOUND_ALL = 2,     // its END is next: nothing need be sent
} dcalc_found_t;

typedef struct dcalc_event {
    dcalc_event_type_t type;
    dcalc_id_t id; // of a batch or question
    dcalc_err_t error;
    uint64_t number;     // the broker's number of the batch: 17 is b17
    uint64_t waiting_ms; // BUSY: since it was refused first; or its jobs, if it is detached
    uint64_t retry_ms;   // ... and in how long the library tries again
    const char *text;    // ends in NUL, and may be empty
    size_t text_bytes;
    const dcalc_piece_t *piece;
    uint64_t job;         // PROGRESS: index of the job within the batch
    uint64_t done, total; // ... how much of it is done, of how much; `total` is at least 1. OPENED
                          // with `found`: so many jobs were on the broker's disk (`done`). END
                          // with INVALID: so many were there under the key, and are others (else 0)
    const void *program;  // OPENED of a batch that is attached: what is common to its jobs. END
    size_t program_bytes; // with INVALID: what the batch has that the key is in use for; or NULL
    uint64_t found;       // OPENED: a dcalc_found_t
    uint64_t digest;      // ... with FOUND_ALL: dcalc_digest of all of its jobs; 0: not known
    uint64_t zeros[2];    // for versions to come
} dcalc_event_t;

// The next event; what it points to is valid until the next call of dcalc_next or dcalc_turn. False
// if there is none: take a turn.
bool dcalc_next(dcalc_t *self, dcalc_event_t *event);

// --- questions ---------------------------------------------------------------------------------

// Ask the broker: "ping", "stats", "status" of batch `number`; or "workers", "list", whose answers
// may be parts of a long list: where more follows they have "next", the `number` to ask for it with
// (0 for the first, and with "ping" and "stats"). The answer comes as an event, in JSON.
// DCALC_ERR_INVALID (no such question), DCALC_ERR_NOMEM.
dcalc_err_t dcalc_query(dcalc_t *self, const char *what, uint64_t number, dcalc_id_t *question);

// End a batch of any client by its number. Answered like a question. DCALC_ERR_NOMEM.
dcalc_err_t dcalc_cancel_number(dcalc_t *self, uint64_t number, dcalc_id_t *question);

// Delete a detached batch and its results, of any client by its number. Answered like a question,
// with what it was; DCALC_ERR_BUSY: it has not ended, cancel it first. DCALC_ERR_NOMEM.
dcalc_err_t dcalc_delete(dcalc_t *self, uint64_t number, dcalc_id_t *question);

typedef enum dcalc_set {
    DCALC_SET_PRIORITY = 1,    // to -10 .. 10
    DCALC_SET_DEADLINE_MS = 2, // to so many milliseconds from now; 0: it has none
    DCALC_SET_HELD = 3,        // 1: nothing more of it is begun; 0: it goes on
} dcalc_set_t;

// Change a batch of any client by its number. Answered like a question, with what `status` says of
// it then. DCALC_ERR_NOMEM.
dcalc_err_t dcalc_set(dcalc_t *self, uint64_t number, dcalc_set_t what, int64_t value,
                      dcalc_id_t *question);

// The worker of this name is to leave: each of its slots finishes the job that it is at, and others
// do the rest. Answered like a question, with how many slots it has; DCALC_ERR_NO_WORKER: there is
// no such worker. DCALC_ERR_INVALID (more than 64 bytes), DCALC_ERR_NOMEM.
dcalc_err_t dcalc_drain(dcalc_t *self, const char *worker, dcalc_id_t *question);

// Forget a question: its answer is not wanted any more.
void dcalc_forget(dcalc_t *self, dcalc_id_t question);

// --- the blocking way --------------------------------------------------------------------------

// Evaluate one expression, and write the result (or what is wrong) to `text`, which has room for
// `size` bytes and always ends in NUL; what does not fit is cut off. Waits for a broker, for one
// that is lost (which is noticed after `liveness_beats` heartbeats, if not at once), for its room
// and for a worker at most `wait_ms` each; while there is a worker, for as long as a job may take
// and those before it. DCALC_ERR_NO_BROKER, DCALC_ERR_NO_WORKER, DCALC_ERR_BUSY: nobody was there
// in time, trying again later may help. DCALC_ERR_LOST: every worker that tried it was lost.
// DCALC_ERR_CANCELLED: somebody cancelled it by its number. DCALC_ERR_INVALID: batches are open or
// questions asked. DCALC_ERR_EMPTY, DCALC_ERR_TOO_LONG and all others of the first two groups: what
// the expression's fault is. DCALC_ERR_VERSION, DCALC_ERR_PROTOCOL: the broker does not speak as it
// should. DCALC_ERR_ADDRESS: it is there for workers; `text` says where clients go.
// DCALC_ERR_NOMEM, DCALC_ERR_IO (no file descriptors, or no randomness). Whatever it is, nothing of
// the evaluation is left behind.
dcalc_err_t dcalc_eval(dcalc_t *self, const char *expression, uint32_t wait_ms, char *text,
                       size_t size);

// Ask likewise (dcalc_query), and wait for the answer at most `wait_ms`. On success `*json` is the
// caller's, to be released with free(); otherwise it is unchanged. DCALC_ERR_NO_BROKER: no answer
// in time; DCALC_ERR_INVALID: no such question, or batches are open or questions asked; what the
// broker refuses it with, as DCALC_ERR_UNKNOWN_BATCH or DCALC_ERR_BUSY; DCALC_ERR_VERSION,
// DCALC_ERR_PROTOCOL, DCALC_ERR_ADDRESS, DCALC_ERR_NOMEM, DCALC_ERR_IO: as for dcalc_eval.
dcalc_err_t dcalc_ask(dcalc_t *self, const char *what, uint64_t number, uint32_t wait_ms,
                      char **json);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
