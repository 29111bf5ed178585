// limits — the limits and defaults that are shared or promised, each with the reason for its value.
//
// What an operator may change is also an option of a program, with the number here as its default.
#ifndef DC_COMMON_LIMITS_H
#define DC_COMMON_LIMITS_H

#include "common/base.h"

// --- expressions -------------------------------------------------------------------------------

// A formula of this size is a program; what is longer is data in the wrong place.
#define DC_EXPR_BYTES_MAX 65536

// Parentheses, calls and unary operators inside each other. The parser recurses once a level, with
// less than 512 bytes of stack each, and no formula written by a person comes near.
#define DC_EXPR_DEPTH_MAX 1000

// What the compilation of one expression may take: 64 KiB of one-character operands need some 64
// bytes each.
#define DC_EXPR_ARENA_BYTES_MAX (16u << 20)

// What the strings of one evaluation may take.
#define DC_EXPR_STRINGS_BYTES_MAX (16u << 20)

// Calls of local functions inside each other while evaluating.
#define DC_EXPR_CALLS_MAX 256

// Reductions inside each other, in the text and by way of local functions: who reads a text looks
// ahead once a level, and who runs it needs some 50 KiB of stack a level at most.
#define DC_EXPR_REDUCTIONS_MAX 16

// Of exact numbers: bits of a numerator or a denominator, some 315,000 decimal digits. A quotient
// of two as long is in lowest terms after some 0.1 s, and can be ended in the midst of it.
#define DC_WIDE_BITS_MAX (1u << 20)

// Decimal digits that can be asked for: of so many a sine still takes less than a millisecond.
#define DC_NUMBERS_DIGITS_MAX 1000

// Of decimal numbers: powers of ten, as a pocket calculator has them and twice as many again. Exact
// sums and remainders take no more digits than twice this.
#define DC_WIDE_EXPONENT_MAX 9999

// What the numbers of one evaluation may take, wide ones; and those in the text of an expression.
#define DC_WIDE_BYTES_MAX         (64u << 20)
#define DC_WIDE_LITERAL_BYTES_MAX (4u << 20)

// Integers up to this are doubles, each of them, and so are the neighbours of those below: terms of
// a reduction and rows are counted no further.
#define DC_INTEGER_MAX 0x1p53

// Some minutes of one core; the same everywhere, so a job ends in the same way on any worker.
#define DC_STEPS_MAX UINT64_C(100000000000)

// Wall time of one job.
#define DC_JOB_TIMEOUT_MS 30000

// Longest text of a number: sign, 17 digits, point, 21 zeros or an exponent, with room to spare.
#define DC_NUMBER_TEXT_MAX 32

// One block is 256 doubles = 2 KiB, so that a dozen live registers fit a 32 KiB L1 cache.
#define DC_BLOCK_ROWS 256

// Where blocks begin: at a cache line, which is what the widest vector register holds. A load that
// crosses into the next line costs twice; nothing breaks where one does.
#define DC_BLOCK_ALIGNMENT 64

// --- chunks, leases, pieces --------------------------------------------------------------------

// A chunk is big enough that a message's cost vanishes beside its jobs', small enough that a few
// of them in flight are milliseconds and that a lost one is soon done again.
#define DC_CHUNK_BYTES_MAX 65536
#define DC_CHUNK_JOBS_MAX  4096
static_assert(DC_CHUNK_JOBS_MAX % DC_BLOCK_ROWS == 0, "a full chunk is a whole number of blocks");

// A single record may be longer than a chunk: it travels alone, up to this.
#define DC_RECORD_BYTES_MAX 262144

// Results are sent on when they are this many bytes or this old, whichever is first.
#define DC_PIECE_BYTES_MAX 65536
#define DC_PIECE_AGE_MS    50

// Bytes below this are copied together into one frame; above, the frame itself is passed on.
#define DC_COPY_BYTES_MAX 4096

// A job that is too big for one lease forks: into at most so many children, which may fork in turn,
// so many levels deep. At 64 a level that is more leases than anybody has time for. A join that
// goes on with the job may fork as well, at the same level, so many times: a job has that many long
// parts one after the other.
#define DC_FORK_CHILDREN_MAX 64
#define DC_FORK_LEVELS_MAX   7
#define DC_FORK_CHAIN_MAX    100

// What a join may be given: its children's results, which lie here until it is leased.
#define DC_JOIN_DATA_BYTES_MAX (768u << 10)

// How many results a chunk may need, which is looked at one by one: as many as one has jobs.
#define DC_NEEDS_MAX 4096

// ... and how long one of them may be: as what it goes into.
#define DC_NEED_BYTES_MAX DC_RECORD_BYTES_MAX

// How many other batches one may come after: nobody counts so far.
#define DC_AFTERS_MAX 256

// How often a client is told how far a job that forked has come.
#define DC_PROGRESS_MS 1000

// --- messages ----------------------------------------------------------------------------------

// libzmq drops the connection of a peer that sends a larger frame.
#define DC_FRAME_BYTES_MAX (1 << 20)

// Small commands for one peer are packed up to this, so that a message stays below a frame's limit
// and the receiver's first job does not wait for the last one's bytes.
#define DC_MESSAGE_DATA_BYTES_MAX 131072
#define DC_MESSAGE_RECORDS_MAX    4096

// Questions in a message, each of which the broker looks through all that it has for: some 2 ms.
#define DC_MESSAGE_QUERIES_MAX 16
static_assert(DC_RECORD_BYTES_MAX < DC_FRAME_BYTES_MAX, "a record fits a frame");

// The program of a batch: a template, its variables, constants.
#define DC_PROGRAM_BYTES_MAX 262144

// What a decoded one may take: some ten times its frame, as a variable of 10 bytes takes 100.
#define DC_PROGRAM_ARENA_BYTES_MAX ((size_t)32 * DC_PROGRAM_BYTES_MAX)

// A batch's name for people, in bytes of UTF-8.
#define DC_NAME_BYTES_MAX 64

// A tag that workers carry and batches ask for, in bytes of UTF-8, and how many a worker may have.
#define DC_TAG_BYTES_MAX 64
#define DC_TAGS_MAX      16

// The JSON of READY, heartbeats, questions.
#define DC_JSON_BYTES_MAX 16384

// Brackets inside each other in any JSON that is read: the parser recurses, and nothing of ours is
// nested deeper than five.
#define DC_JSON_DEPTH_MAX 32

// --- configuration -----------------------------------------------------------------------------

// A configuration file is written by hand. All options of all programs under twenty profiles are
// fewer settings than this; each is compared with all others, to find those that are there twice.
#define DC_CONFIG_BYTES_MAX   (256u << 10)
#define DC_CONFIG_ENTRIES_MAX 4096

// What its texts may take in memory, once with the names of their sections and once with variables
// put in.
#define DC_CONFIG_TEXTS_BYTES_MAX (4u << 20)

// --- connections -------------------------------------------------------------------------------

// How many messages libzmq keeps for one connection in each direction. Credit bounds their bytes;
// this is only above what credit allows of the smallest, so that no queue of libzmq's is ever full
// in normal work.
#define DC_NET_MESSAGES_MAX 4000

// Who has not said by then that it speaks ZeroMQ is not going to. Later than silence is judged
// (DC_LIVENESS_BEATS): whoever says nothing is told to be silent, and not to break off.
#define DC_NET_HANDSHAKE_MS 5000

// How often libzmq itself looks whether the other side is alive; three times this is dead. Our own
// heartbeats are the ones that decide: these close connections to hosts that have vanished.
#define DC_NET_PING_MS 3000

// How many connections each door of the broker has at most; fewer if the system gives it fewer
// descriptors. A slot is one connection.
#define DC_CONNECTIONS_MAX 10000

// What a connection may have brought of a message that is not complete. The longest that we make
// has a table, a frame of data and eight programs: less than 3.5 MiB.
#define DC_UNFINISHED_BYTES_MAX (4u << 20)
static_assert(DC_UNFINISHED_BYTES_MAX >
                  DC_FRAME_BYTES_MAX + 8 * DC_PROGRAM_BYTES_MAX + 64 * DC_MESSAGE_RECORDS_MAX,
              "the longest message is not too long");

// Handshake and pings of libzmq, which are no messages: some 20 bytes every DC_NET_PING_MS.
#define DC_UNFINISHED_BYTES_PER_S 32

// What may wait to be sent to one peer that does not read. Credit keeps what waits for a dcalc
// client below DC_RESULTS_BYTES_MAX; who asks and never listens is disconnected.
#define DC_OUTBOX_BYTES_MAX (32u << 20)

// How soon to try again where there was no room to send.
#define DC_SEND_RETRY_MS 5

// How soon a client that was refused for want of memory may try again: what is there is computed,
// or read by its client, meanwhile, and a thousand clients that ask so often cost nothing.
#define DC_BUSY_RETRY_MS 1000

// Messages that a door reads before the other has its turn: what is read in one turn is packed
// together.
#define DC_TURN_MESSAGES_MAX 64

// What the store has done that is looked at in one turn: a commit may be of hundreds of rows, and
// whoever waits for a small answer is to wait for a few of them.
#define DC_TURN_STORED_MAX 16

// And how long it goes on reading, whatever they ask for, if that takes long: doors, clock and
// signals have their turn soon.
#define DC_DOOR_US 10000

// After SIGTERM the broker waits so long for the results of what slots are at: most jobs take less,
// and whoever waits for a restart does not mind. What takes longer is computed again.
#define DC_BROKER_DRAIN_MS 2000

// How long the broker tries to deliver what it still has to say when it is to end.
#define DC_FAREWELL_MS 1000

// The highest number that a client may wish for a batch, as it does after a broker's restart.
// Counting on from there to twice as much takes years, JSON's numbers hold it, and with the number
// of a chunk below it (DC_STORE_CHUNK_BITS) it is a key of the store.
#define DC_BATCH_NUMBER_MAX (UINT64_C(1) << 38)

// --- flow --------------------------------------------------------------------------------------

// What a client may have sent and not acknowledged. At two slots and 250 ns a job 8 MiB are 50 ms
// of work: enough that the pipe never runs dry, little enough that a thousand clients fit a
// machine.
#define DC_CREDIT_BYTES (8u << 20)

// Before the broker has said anything: several chunks, so that a batch starts at once.
#define DC_CREDIT_INITIAL_BYTES (512u << 10)

// What a chunk counts beside its data: about what the broker spends on remembering it.
#define DC_CHUNK_COST_BYTES 256

// ... and for each job whose result it needs, or that others need: likewise.
#define DC_NEED_COST_BYTES 32
static_assert(DC_CHUNK_COST_BYTES + DC_RECORD_BYTES_MAX + DC_NEEDS_MAX * (16 + DC_NEED_COST_BYTES) +
                      DC_NEED_COST_BYTES <=
                  DC_CREDIT_INITIAL_BYTES,
              "any chunk can be sent with the least credit");
static_assert(DC_CHUNK_COST_BYTES + DC_CHUNK_BYTES_MAX + DC_NEEDS_MAX * (16 + DC_NEED_COST_BYTES) +
                      DC_CHUNK_JOBS_MAX * DC_NEED_COST_BYTES <=
                  DC_CREDIT_INITIAL_BYTES,
              "any chunk can be sent with the least credit");

// Results that are expected or sent and not acknowledged; beyond, of each of a client's batches
// only the oldest chunk that is not acknowledged is leased.
#define DC_RESULTS_BYTES_MAX (8u << 20)

// --- liveness ----------------------------------------------------------------------------------

// Silence is judged in whole heartbeats: three allow for one lost and one late.
#define DC_HEARTBEAT_MS   1000
#define DC_LIVENESS_BEATS 3

// The broker beats its slots every second heartbeat, and they wait for as many beats of it. Half of
// what idle slots cost the broker is what it tells them, and less hangs on it: a broker that died
// is seen at once, and whom it does not hear it gives up at its own pace.
#define DC_BROKER_BEAT_EVERY 2

// How often each program looks at its deadlines.
#define DC_TICK_MS 100

// How often a service manager is told what a program does: what a person looks at is some seconds
// old at most, and making it costs nothing that could be measured.
#define DC_NOTIFY_STATUS_MS 5000

// An interactive batch whose client is gone is dropped after this.
#define DC_ORPHAN_MS 30000

// Reconnecting: doubled after each failure, with jitter.
#define DC_RECONNECT_MS_MIN 1000
#define DC_RECONNECT_MS_MAX 32000

// A worker that finds no broker says so at once, and then this often: it may wait for days.
#define DC_NOBODY_WARN_MS 600000

// --- scheduling --------------------------------------------------------------------------------

// Of a batch: the higher goes first. As many as people can tell apart.
#define DC_PRIORITY_MIN (-10)
#define DC_PRIORITY_MAX 10

// A slot gets another lease while it holds less than this much of its time: enough to hide a round
// trip, little enough that it can be given to others.
#define DC_SLOT_WORK_US 2000

// A lease of several jobs is worth this much at most: another client waits for the one that runs.
#define DC_LEASE_WORK_US 1000

// Jobs that take so many times what they were thought to are another kind of job: what was leased
// of them is looked at again. A client's next batch is thought to be like the last when so many in
// a row were, or of jobs too short to matter (DC_GATHER_JOB_US).
#define DC_DEARER        4
#define DC_ALIKE_BATCHES 3

// What waits in a slot is taken back for a client that goes before others if it is worth this much
// at least; less is over before a message could have gone both ways.
#define DC_YIELD_US_MIN 200

// What a job may take beside its slot's buffers: strings, a compilation, its results. A slot whose
// machine has less gets nothing until there is twice as much.
#define DC_JOB_MEMORY_BYTES (64u << 20)

// A slot on a machine where so many processes want each core gets nothing while others of its kind
// are better off, until it falls below the second. Our own slots make 1 a core when they are busy.
#define DC_LOAD_HIGH 4.0
#define DC_LOAD_LOW  2.0

// What a slot's own results say of its speed is believed within these borders: how many times as
// long as others it takes. Nobody gets many times more, whatever he claims.
#define DC_PACE_MIN 0.5
#define DC_PACE_MAX 4.0

// One runs, one waits, unless what runs takes so long that a round trip is nothing beside it: what
// waits here is left for whoever is ready first.
#define DC_SLOT_LEASES_MIN 2
#define DC_SLOT_LONG_US    50000
#define DC_SLOT_LEASES_MAX 1024

// A lease with less left than this is not worth stealing from: a round trip costs about as much.
#define DC_STEAL_US_MIN 1000

// A job that takes this many times as long as most of its batch's is leased a second time, should a
// slot have nothing else to do: its slot may be slow, or stopped. For less than some round trips
// and a piece's age a slot need not be slow.
#define DC_STRAGGLER_RATIO  4
#define DC_STRAGGLER_MS_MIN 20

// A lost job is tried again this often before it fails.
#define DC_RETRIES 3

// A client's turn: it may have this much worker time, then it is the next client's.
#define DC_TURN_US 4000

// Requests of one line that a plain client has sent one behind the other share a chunk while nobody
// computes it, as though they were lines of one request, so long as its jobs are this short: what
// is done for a chunk is done once for all of them. Longer jobs are worth a lease of their own. So
// do small chunks that a program sends within a turn of the client library.
#define DC_GATHER_JOBS_MAX  64
#define DC_GATHER_BYTES_MAX 2048
#define DC_GATHER_JOB_US    20

// --- jobs that are split -----------------------------------------------------------------------

// A job of more steps, as far as that is known before it runs, is split over the cluster, as is one
// that has taken so long: what is thrown away then is little, and so is what a part costs beside
// its work, some 0.1 ms.
#define DC_SPLIT_STEPS 1e8
#define DC_SLICE_MS    200

// --- the store ---------------------------------------------------------------------------------

// One commit: what one fsync pays for. Beyond, the rows themselves cost more than the fsync.
#define DC_STORE_ROWS_MAX     256
#define DC_STORE_COMMIT_BYTES (1u << 20)

// A commit of so little is done by a thread that gives way to all others: of 25 batches of one job,
// or one chunk. More of them is a load that is to be done with rather than to be polite. One that
// was slow takes next to nothing of a processor, as others compute all the time, or waits for a
// slow disk: after it that thread rests, so long or so many times as long as the commit took.
#define DC_STORE_MILD_ROWS_MAX   128
#define DC_STORE_MILD_BYTES_MAX  (64u << 10)
#define DC_STORE_MILD_SLOW_MS    20
#define DC_STORE_MILD_REST_MS    1000
#define DC_STORE_MILD_REST_TIMES 16

// What nobody waits for goes along with the next commit, or has one of its own after so long, or
// when so many groups have come: an fsync costs more than their rows. Larger ones don't wait. Where
// nothing else is stored a batch's results take so long, and then its end: not for long, since
// people see that it is done, and whoever cancels it until then is told to try again.
#define DC_STORE_RESULT_PATIENCE_MS 50
#define DC_STORE_END_PATIENCE_MS    5
#define DC_STORE_PATIENT_MAX        64
#define DC_STORE_PATIENT_BYTES      (16u << 10)

// While clients wait for answers of other jobs, as one did so long ago, all that is stored waits so
// long for more, unless it is large: then no more than 250 times a second somebody's answer waits
// for a commit, which has the processor too. To submit, cancel or delete what is kept, and each
// batch of a chain of them, takes so much longer.
#define DC_STORE_PATIENCE_MS 4
#define DC_STORE_ASKED_MS    100

// Processors have numbers up to this one; or none in particular.
#define DC_STORE_CPU_MAX 1023
#define DC_STORE_ANY_CPU (-1)

// Pages of the database; a chunk is some of them.
#define DC_STORE_PAGE_BYTES 8192

// How long the log of what was committed may get before it is written back: 32 MiB are some tenth
// of a second of any disk, and a restart reads no more than that.
#define DC_STORE_LOG_PAGES_MAX 4096

// So much of it is written at once: a commit of some batches. One write takes a page of SQLite's,
// and SQLite's VFS of Unix takes less than 128 KiB.
#define DC_STORE_LOG_WRITE_BYTES (64 << 10)
static_assert(DC_STORE_LOG_WRITE_BYTES >= 1 << 16 && DC_STORE_LOG_WRITE_BYTES < 1 << 17,
              "a page fits, and SQLite can write it");

// It grows ahead of what is in it, by so much or a part of its length: 25 commits of one job.
#define DC_STORE_LOG_AHEAD_BYTES (1 << 20)
#define DC_STORE_LOG_AHEAD_PART  4

// A database has rows by one number: the batch's and, in the low bits, its chunk's. A chunk counts
// DC_CHUNK_COST_BYTES against the size of its batch, so these are chunks enough for 4 GiB.
#define DC_STORE_CHUNK_BITS 24
static_assert(DC_BATCH_NUMBER_MAX << (DC_STORE_CHUNK_BITS + 1) == UINT64_C(1) << 63,
              "keys are signed numbers of 64 bits");

// How many numbers of batches are reserved at once. It is done again when half of them are given:
// 2,048 batches cannot be opened while a disk that is not ill syncs once.
#define DC_STORE_NUMBERS_STEP 4096

// Of a volume so much stays free, or an eighth of a smaller one: a database that is full cannot
// even delete, as deleting writes. Part of it is kept as a file that is given up when it matters.
#define DC_STORE_RESERVE_BYTES (64u << 20)
#define DC_STORE_BALLAST_BYTES (2u << 20)

// A database of which so much is free and no more than that in use, nor a third of what is free, is
// made small when it is opened: to write that anew takes a second of a slow disk.
#define DC_STORE_SHRINK_BYTES (32 << 20)

// What is stored of one chunk, in lines of results; jobs that have more fail. Its inputs are
// 64 KiB, so this is a thousand times what a client sent. With faults and heads it is some more.
#define DC_CHUNK_RESULTS_BYTES_MAX (64u << 20)
#define DC_STORE_RESULT_BYTES_MAX  (66u << 20)

// Of so much of a row there is a sum: what is read of a long one is rounded to that.
#define DC_STORE_SUM_BYTES (64u << 10)

// What is read at once for who gets a stored batch: a piece is never longer than a frame.
#define DC_STORE_READ_BYTES (2u << 20)

// What is being read at once for all of them, until it is sent: who waits for the disk waits no
// longer for being asked later, and what is read lies in memory.
#define DC_STORE_READING_BYTES_MAX (32u << 20)
static_assert(DC_STORE_READING_BYTES_MAX >= DC_STORE_READ_BYTES, "one of them can read");

// How many stored batches a client may fetch at once: each of them may have DC_RESULTS_BYTES_MAX on
// its way, and each is looked at in every tick.
#define DC_VIEWERS_MAX 16

// All that are fetched by anybody have a part of the memory that the broker may use: hundreds of
// slow readers shall not take all of it. Beyond, each has enough for a chunk and results twice as
// long.
#define DC_VIEWED_MEMORY_PART 4
#define DC_VIEWED_BYTES_MIN   (3u * DC_CHUNK_BYTES_MAX)
static_assert(DC_VIEWED_BYTES_MIN < DC_RESULTS_BYTES_MAX, "what each has in any case is less");

// What may be on its way to the disk before clients get no more credit.
#define DC_STORE_PENDING_BYTES_MAX (64u << 20)

// How long results are kept after a batch has ended, unless somebody says otherwise, and how large
// a batch may be, with its results.
#define DC_KEEP_MS         (UINT64_C(24) * 3600 * 1000)
#define DC_BATCH_BYTES_MAX (UINT64_C(1) << 30)

// A clock that is so far from the newest date in the store, when a broker is started, may be
// wrong: that nothing was done for a week is rare, and costs no more than that results are kept for
// longer.
#define DC_STORE_DOUBT_MS (UINT64_C(7) * 24 * 3600 * 1000)

// How many batches are kept: the broker remembers about a kilobyte of each.
#define DC_STORED_BATCHES_MAX 1000000

// How soon it is tried again to store what did not fit, and how many batches are looked at in one
// tick for that and for those whose time is over.
#define DC_STORE_RETRY_MS  1000
#define DC_STORE_SWEEP_MAX 1000

// --- what a client keeps of a run ---------------------------------------------------------------

// Results are written to the journal when they are so old: what a client that is killed has lost is
// soon computed again, and there are no more than a few blocks a second, however slow rows come.
#define DC_JOURNAL_AGE_MS 100

// A full chunk's hashes, and more results and faults than one message brings.
#define DC_JOURNAL_BLOCK_BYTES_MAX (4u << 20)

// Rows of a journal that are held at a time while it is gone on with, some 40 bytes each: rows are
// found that have moved by less than half of this.
#define DC_RECALL_ROWS_MAX (1u << 20)

// Rows that are kept wait for others before them to be computed, and no more input is read then.
#define DC_KEPT_BYTES_MAX (8u << 20)

// A run takes so many rows from a journal at most, since it counts in 32 bits how far rows are
// ahead of jobs: beyond, rows are computed again.
#define DC_KEPT_ROWS_MAX (UINT64_C(1) << 31)

// --- the prompt --------------------------------------------------------------------------------

// Definitions that are kept, and bytes of a name: far more than a person types, and what uses all
// of them still fits a job, or is told that it does not.
#define DC_NOTEBOOK_NOTES_MAX 1000
#define DC_NOTEBOOK_NAME_MAX  255

// Operations that a definition may take to be computed by the client itself, within a millisecond:
// beyond, the cluster computes it.
#define DC_PROMPT_STEPS_MAX 10000

// Lines of the prompt's history that are kept; the file has at most twice as many.
#define DC_HISTORY_LINES_MAX 2000

// --- workers -----------------------------------------------------------------------------------

// After SIGTERM a slot finishes what runs for so long.
#define DC_DRAIN_MS 30000

// A lease as small as this is evaluated by the thread that received it, whatever the slot computes
// beside it: that saves two wake-ups of threads, which are most of a single job's round trip, and
// the wait for another client's thousand jobs. A job that would need more steps or time, and those
// behind it, are the evaluating thread's: heartbeats wait for some 60 us with ordinary functions.
#define DC_TINY_BYTES_MAX 4096
#define DC_TINY_JOBS_MAX  64
#define DC_TINY_STEPS_MAX 4000
#define DC_TINY_US_MAX    10000

// A slot that dies as soon as it was started is started again after a pause, which doubles from the
// first to the second; one that lived this long has its pauses forgiven.
#define DC_RESTART_MS_MIN 100
#define DC_RESTART_MS_MAX 10000
#define DC_RESTART_MS_OK  2000

// So often in a row a slot that was killed is started again without a pause.
#define DC_RESTARTS_FREE 8

// More slots than any machine has cores are a slip of the finger.
#define DC_SLOTS_MAX 1024

#endif
