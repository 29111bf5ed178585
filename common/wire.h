// wire — what the programs say to each other. This is the normative text.
//
// ZeroMQ messages are lists of frames. All numbers are little-endian; sizes are in bytes; indices
// count jobs from 0 within their batch, everywhere.
//
// Frontend (clients; broker binds a ROUTER, default port 5555):
//
//   a plain client     REQ, or DEALER with an empty first frame
//     ->  [] [expressions, one a line]
//     <-  [] [results, one a line; a failed one is `error: CODE at COLUMN: message`]
//         A refusal is one line, `error: CODE message`, of these codes: busy, no-memory (try again
//         later; where it ends in `try again in N ms`, then), too-long, protocol, wrong-address
//         (that one is for workers). Replies to one connection come in the order of its requests,
//         so a DEALER may have many under way.
//   a dcalc client     DEALER
//     <-> ["DC1"] [table] [data] [program ...]
//
// Backend (workers; broker binds a ROUTER, default port 5556): the Paranoid Pirate Protocol,
// rfc.zeromq.org/spec/6, and a superset of it:
//
//   any worker         ->  [READY 0x01]              <-> [HEARTBEAT 0x02]
//   a plain worker     <-  [address] [] [expression] ->  [address] [] [result]
//                          one job at a time; the address is a token to be sent back unchanged
//   a slot of dcalc    ->  [READY 0x01] [JSON]       ->  [HEARTBEAT 0x02] [JSON]
//                      <-> [] [table] [data] [program ...]
//                      <-  [HEARTBEAT 0x02]            soon after READY, then every
//                          DC_BROKER_BEAT_EVERY heartbeats (to others every one)
//                      <-  [] [error: CODE message]    its READY is refused (version, protocol), or
//                          the address is for clients (wrong-address)
//
// The table is a sequence of records. Each begins with 8 bytes: command (1), program (1),
// DC_WIRE_VERSION (2), size of its data (4); then come the fields of its command, in the order of
// the lists below. These eight bytes stay in every version, so that who speaks another one is told
// so (code `version`). The data of all records lie one after another in the data frame, in the
// order of the table, with nothing between or behind. `program` counts the program frames of this
// message from 1; 0 means the empty program. Frames at the end that would be empty are left out. A
// message holds one record at least, and DC_MESSAGE_RECORDS_MAX at most, DC_MESSAGE_QUERIES_MAX of
// them QUERY; commands of the other direction, unknown ones, sizes that do not add up, pairs of a
// range that are empty or not in order, make the whole message invalid: nothing of it is done. A
// client is told so (REFUSED, handle 0, code `protocol` or `version`; a plain one with a line). At
// the backend there is silence: a Paranoid Pirate takes that as the reason to say READY again,
// which is what it needs. Who is at the wrong one of the two addresses is told the right one, with
// the code `wrong-address`, in its own form. Every command may arrive twice; the second time it
// changes nothing.
//
// A session is one connection. Who gets a message from somebody it does not know answers WHO, and
// the other begins anew: a slot with READY, a client with OPEN, on a new connection.
#ifndef DC_COMMON_WIRE_H
#define DC_COMMON_WIRE_H

#include "common/blob.h"
#include "common/buf.h"
#include "common/err.h"
#include "common/limits.h"
#include "common/ranges.h"

#define DC_WIRE_VERSION      7
#define DC_WIRE_VERSION_TEXT "7"
#define DC_WIRE_MAGIC        "DC1"
#define DC_WIRE_READY        0x01
#define DC_WIRE_HEARTBEAT    0x02
#define DC_KEY_BYTES         16
#define DC_WIRE_RANGE_BYTES  16 // of a pair (u64 first, u64 end)

// 128 bits that somebody drew from the system's entropy: the name of a batch, or of a session.
typedef struct dc_key {
    uint8_t bytes[DC_KEY_BYTES];
} dc_key_t;

// --- the commands: X(TYPE, field), where TYPE is u8 u16 u32 u64 or key -------------------------

// These stay as they are, since lists of fields are easier to read as lists.
// clang-format off

// client -> broker: make or re-open the batch `key`; from now on `handle` (chosen by the client,
// unique in its session, not 0) is its name in this session. An OPEN takes its batch over from an
// older session, and ends the session's former handle. `session` counts the client's sessions, so
// that an OPEN which was under way on a lost connection cannot take the batch from the new one. Its
// program is the message's frame that `program` names. Data: `name_bytes` of a name for people,
// `tag_bytes` of a tag (only slots that carry it compute the batch; common/tag.h says what one is),
// then `lack_count` pairs (u64 first, u64 end) of jobs whose results the client does not have, of
// those that it has sent before: they are unanswered again, all others that were sent are done
// with. `steps_max` and `timeout_ms` are what a job that forks may use with all its parts, as the
// program says of a job: 0 is the limits' default, the highest number no limit. The batch ends when
// `deadline_ms` have passed, unless that is 0 (DONE, `deadline`). `priority` is an int8_t, of
// DC_PRIORITY_MIN to DC_PRIORITY_MAX. A batch that is there already keeps its priority and
// deadline, and is held or not as it was.
//
// A batch that is DETACHED is kept by the broker's store and needs its client no longer once it is
// closed and committed (RECEIPT). Who submits it lacks nothing (`lack_count` is 0) and gets no
// PIECE: results are had with ATTACH, until `keep_ms` have passed since the batch ended (0: as long
// as the broker keeps them), or DELETE. Its key may stand for a name: an OPEN under the key of a
// batch that was closed is answered with OPENED and RECEIPT at once, one with another program or
// other options than the batch has is refused (invalid); the REFUSED then brings the batch's
// program, for whoever is to be told what differs. Whether its jobs are those that are there only
// the client can see: with DIGEST it asks for what it needs for that. What it comes after, and
// which results its jobs need, is stored as well. Once it is closed it is kept though one that it
// comes after failed: then it has ended (DONE, `skipped`).
//
// Behind the ranges the data have `after_count` numbers (u64) of other batches, lower than its own:
// nothing of it is computed before they have ended (RELEASED). Where one of them has not computed
// every job, this batch ends as well (REFUSED, `skipped`), unless it may run AFTER_ANY end. One
// that is not there is refused (`invalid`); of a client that opened the batch before, the broker
// gives it as much time to come back as an orphan has. With FAULTY the client knows of a job of it
// that failed, which the broker may not.
#define DC_FIELDS_OPEN(X)                                                                          \
    X(u32, handle) X(key, key) X(u16, flags) X(u8, priority) X(u8, retries) X(u8, name_bytes)      \
    X(u8, tag_bytes) X(u32, lack_count) X(u64, number) X(u32, session) X(u32, timeout_ms)          \
    X(u64, steps_max) X(u64, deadline_ms) X(u64, keep_ms) X(u16, after_count)
#define DC_OPEN_DETACHED  0x0001 // kept by the broker's store
#define DC_OPEN_AGAIN     0x0002 // the client has opened it before
#define DC_OPEN_COLUMNS   0x0004 // results are 8 bytes a job, NaN where failed, instead of lines
#define DC_OPEN_HELD      0x0008 // nothing of it is computed until it is released
#define DC_OPEN_VERIFY    0x0010 // each job is computed by two slots, whose results are compared
#define DC_OPEN_AFTER_ANY 0x0020 // those that it comes after may end in any way
#define DC_OPEN_FAULTY    0x0040 // a job of it has failed
#define DC_OPEN_DIGEST    0x0080 // OPENED is to say what the jobs that are there add up to
#define DC_OPEN_WORKERS   0x0100 // PIECE is to name the worker

// client -> broker: `count` jobs from index `first`. Data: their inputs; one line each where
// `width` is 0 (the last newline may be missing), else `width` bytes each. With RECORD it is one
// job, whatever line breaks it has. A chunk that the broker has already, or that is over, is left
// alone; one that overlaps another in any other way breaks the protocol.
//
// In front of the inputs the data have `need_count` pairs (u64 first, u64 end) of jobs of the same
// batch, before `first` and at most DC_NEEDS_MAX in all: their results come with each lease of the
// chunk, which waits for them. Where one of these jobs fails, all jobs of the chunk do (`skipped`).
// What others need comes in chunks that are marked NEEDED, before these: their results are kept
// until the batch is closed and who needs them has ended.
#define DC_FIELDS_CHUNK(X)                                                                         \
    X(u32, handle) X(u32, count) X(u64, first) X(u32, width) X(u16, need_count) X(u8, flags)
#define DC_CHUNK_RECORD 0x01
#define DC_CHUNK_NEEDED 0x02

// client -> broker: the results of jobs [first, first + count), which the client has, for chunks
// that it sends again and that need them; not of a detached batch, whose results the store has.
// Data: as a JOIN's in front of its own bytes (see LEASE), at most DC_JOIN_DATA_BYTES_MAX; none
// with FAILED: then these jobs have failed. It counts for no credit, since who needs it does; after
// CLOSE it is left alone.
#define DC_FIELDS_GIVE(X) X(u32, handle) X(u32, count) X(u64, first) X(u8, flags)
#define DC_GIVE_FAILED 0x01

// client -> broker: no more chunks come; `jobs` is how many jobs the batch has in all. Where a
// detached one has more, or was closed with others, its key stands for another input: REFUSED
// (invalid), and the batch stays as it is.
#define DC_FIELDS_CLOSE(X) X(u32, handle) X(u64, jobs)

// client -> broker: done with the results of jobs [first, end): chunks that lie within are over. Of
// a handle that is attached: results up to `end` have come, more may be sent; nothing is deleted.
#define DC_FIELDS_ACK(X) X(u32, handle) X(u64, first) X(u64, end)

// client -> broker: end the batch with this number, or where that is 0 with this handle. Asked by
// number it is answered with REPLY or REFUSED under `handle`, which then names the question. What a
// detached batch has of results stays; one that is not closed goes. A handle that is attached is
// only given up.
#define DC_FIELDS_CANCEL(X) X(u32, handle) X(u64, number)

// client -> broker: change the batch `number`; answered with REPLY or REFUSED under `handle`. Data
// of the reply: what the batch is then, as QUERY's "status" says it. DRAIN is about the worker
// whose name is the data, at most DC_NAME_BYTES_MAX, and not about a batch: its slots are to leave.
// Data of the reply: {"v":1,"worker":...,"slots":N}; REFUSED (no-workers): there is no such worker.
#define DC_FIELDS_SET(X) X(u32, handle) X(u64, number) X(u8, what) X(u64, value)
#define DC_SET_PRIORITY 1 // value: of DC_PRIORITY_MIN .. DC_PRIORITY_MAX, as an int64_t
#define DC_SET_DEADLINE 2 // value: milliseconds from now; 0: none
#define DC_SET_HOLD     3 // value: 1: nothing more of it is leased; 0: it goes on
#define DC_SET_DRAIN    4

// client -> broker: data is a question in JSON, {"what": "ping" | "workers" | "list" | "status" |
// "stats", "number": N}; answered with REPLY (data: JSON) or REFUSED. What lists many comes in
// pages: where more follows, the answer has "next", which is to be the "number" of the next
// question (broker/core/report/report.h).
#define DC_FIELDS_QUERY(X) X(u32, handle)

// client -> broker: send the results of the detached batch `number`, from the chunk that holds job
// `first` on, under `handle`, which is new. Answered with OPENED (its program is the batch's, there
// are no data) or REFUSED; then come, chunk by chunk in the order of their jobs, with INPUTS the
// chunk as INPUT, and its PIECEs as soon as there are results, with names if there are WORKERS; in
// the end DONE. Who has lost the connection attaches again from the first job whose result it
// lacks.
#define DC_FIELDS_ATTACH(X) X(u32, handle) X(u64, number) X(u64, first) X(u8, flags)
#define DC_ATTACH_INPUTS  0x01
#define DC_ATTACH_WORKERS 0x02

// client -> broker: delete the detached batch `number`, its results and what has not been said of
// it; answered with REPLY (what it was) or REFUSED under `handle` (busy: it has not ended). That
// there is none (`unknown-batch`) is said of one that was deleted only when the store has forgotten
// it: no broker that comes later finds it again.
#define DC_FIELDS_DELETE(X) X(u32, handle) X(u64, number)

// broker -> client: the batch has this number. Data: pairs (u64 first, u64 end) of jobs whose
// inputs the broker has (of a detached batch: has committed), as many as one frame holds; the
// client sends again what else it lacks. Flags: these of the batch's OPEN; and where the OPEN of a
// detached one was no AGAIN, whether the batch was THERE before it; and if all of it is on the disk
// that it is COMPLETE: then RECEIPT follows at once. With DIGEST, which only an OPEN with DIGEST
// gets, the data end in the digest (u64, common/jobs_digest.h) of all jobs in the pairs; it is left
// out where the broker does not know it. While some of what is THERE is on its way to the disk,
// such an OPEN is REFUSED for a moment (busy). What has an expression of more than `expr_bytes_max`
// fails (too-long); with a template of more the client ends the batch itself, and has not closed it
// if it is detached, so that nothing of it is kept. 0: as LEASE says.
#define DC_FIELDS_OPENED(X) X(u32, handle) X(u64, number) X(u8, flags) X(u32, expr_bytes_max)
#define DC_OPENED_FLAGS    (DC_OPEN_DETACHED | DC_OPEN_COLUMNS)
#define DC_OPENED_DIGEST   0x20
#define DC_OPENED_COMPLETE 0x40
#define DC_OPENED_THERE    0x80

// broker -> client: what the batch was to come after has ended; it need not be told again.
#define DC_FIELDS_RELEASED(X) X(u32, handle)

// broker -> client: the chunks in jobs [first, end) of a detached batch are on disk: the client
// need not keep them, and their credit is free. With CLOSED the batch is so as a whole, and goes on
// whatever dies; `handle` is over.
#define DC_FIELDS_RECEIPT(X) X(u32, handle) X(u64, first) X(u64, end) X(u8, flags)
#define DC_RECEIPT_CLOSED 0x01

// broker -> client: the inputs of a chunk of a batch that is attached, as CHUNK has them.
#define DC_FIELDS_INPUT(X) X(u32, handle) X(u32, count) X(u64, first) X(u32, width) X(u8, flags)

// broker -> client: how much this session may have sent since it began, in all: each chunk counts
// its data, DC_CHUNK_COST_BYTES, and DC_NEED_COST_BYTES for each job that it needs and, if it is
// NEEDED, has. It begins with DC_CREDIT_INITIAL_BYTES and never shrinks. A client that sends more
// is refused.
#define DC_FIELDS_CREDIT(X) X(u64, sent_max)

// broker -> client: what was asked under `handle` is not done; a batch so named is over for this
// session. Data: a sentence. Where trying again may help, and nobody need do anything for it but
// wait, `retry_ms` is how long: to try sooner is in vain. 0: that is not known. Handle 0 stands for
// the session as a whole: `no-broker` says that this broker is about to end; what is open is opened
// again with the next one.
#define DC_FIELDS_REFUSED(X) X(u32, handle) X(u32, error) X(u32, retry_ms)

// broker -> client: results of jobs [first, first + count). Data: `worker_bytes` of a name, who
// computed them, for who asked for it with WORKERS (none: several did, parts of a job that forked,
// or nobody: the broker says itself that they fail; of a batch that is verified it is the worker
// whose answer was the second); `range_count` pairs (u64 first, u64 end), the jobs that count
// (none: all do; the client skips the lines of the others); then `faults_bytes` of faults
// (common/fault.h); then the results, one line each, newline after each (with COLUMNS 8 bytes
// each).
#define DC_FIELDS_PIECE(X)                                                                         \
    X(u32, handle) X(u32, count) X(u64, first) X(u32, faults_bytes) X(u32, spent_us)               \
    X(u16, range_count) X(u8, attempt) X(u8, worker_bytes)

// broker -> client: the batch is over: every job is answered (`error` 0), or it ended before.
#define DC_FIELDS_DONE(X) X(u32, handle) X(u32, error) X(u64, answered)

// broker -> client: job `first` has forked, and `done` of `total` of it is computed, in the unit of
// its children's weights; `total` > 0. Sent about once a second while that goes on; the job's
// result may come without a last one.
#define DC_FIELDS_PROGRESS(X) X(u32, handle) X(u64, first) X(u64, done) X(u64, total)

// broker -> client: data is the answer in JSON.
#define DC_FIELDS_REPLY(X) X(u32, handle)

// broker -> slot: compute jobs [first, first + count) of a batch. Data: their inputs, as in CHUNK.
// `id` is new for every lease. With TEXT a failed job's line says all, `error: CODE at COLUMN:
// message`, and no faults are sent. A job whose expression, or template, has more than
// `expr_bytes_max` fails; 0: what the slot itself takes is the limit.
//
// A job that forks (see RESULT) becomes children, and a join that gets their results. Both are one
// job, at the index of the client's job that they are a part of: CHILD has a child's bytes as they
// came. JOIN has u32 count, then for each child u32 bytes of its result, then the results in the
// children's order, then the join's bytes as they came. COLUMNS and TEXT are the batch's.
//
// With NEEDS the results that the chunk needs (CHUNK) stand in front of its inputs, in the same
// form: u32 count, the sizes, the results, in the order of its pairs, lines without their newline.
#define DC_FIELDS_LEASE(X)                                                                         \
    X(u64, id) X(u64, first) X(u32, count) X(u32, width) X(u8, flags) X(u8, attempt)               \
    X(u32, expr_bytes_max)
#define DC_LEASE_RECORD  0x01
#define DC_LEASE_TEXT    0x02
#define DC_LEASE_COLUMNS 0x04
#define DC_LEASE_CHILD   0x08
#define DC_LEASE_JOIN    0x10
#define DC_LEASE_NEEDS   0x20

// broker -> slot: the lease ends at `end` now; what is at or behind it need not be computed. Where
// nothing is left the slot says so with an empty last piece. Unknown ids are ignored.
#define DC_FIELDS_TRIM(X) X(u64, id) X(u64, end)

// slot -> broker: results of jobs [first, first + count) of a lease, which go on where the lease's
// last piece ended. Data: `faults_bytes` of faults, then the results. The last piece of a lease is
// marked; it may be empty.
//
// With FORK job `first`, alone in its RESULT, is not computed but split. Data, without faults: u32
// count of children (1 .. DC_FORK_CHILDREN_MAX), then for each u64 weight (how much of the job it
// is, in terms or the like; > 0, and all together below 2^64) and u32 bytes, then u32 bytes of the
// join, then the bytes of the children in order, then the join's. What they mean is the slots'
// affair. What the join gives is the result of the job that forked. A child and a join may fork in
// turn, children DC_FORK_LEVELS_MAX levels deep, joins DC_FORK_CHAIN_MAX times in a row. What has
// its result, or has forked already, does not fork again. common/wire_fork.h writes and reads this.
//
// The result of a CHILD is any bytes, for its join; that of the JOIN of a client's job is the job's
// own: faults and a line, or 8 bytes. So is the result of a part that FAILED, whatever the part
// was: it becomes the result of the client's job, unless a part before it fails as well.
#define DC_FIELDS_RESULT(X)                                                                        \
    X(u64, id) X(u64, first) X(u32, count) X(u32, faults_bytes) X(u32, spent_us) X(u8, flags)      \
    X(u64, steps)
#define DC_RESULT_LAST   0x01
#define DC_RESULT_FORK   0x02
#define DC_RESULT_FAILED 0x04 // of CHILD and JOIN

// DRAIN, broker -> slot: finish the job that you are at, hand back the others, and leave.

// slot -> broker: no more leases, please. Data: ids (u64 each) of leases that are handed back. Of
// the others the broker trims what may not have begun. With LEAVING the session is over.
#define DC_FIELDS_GOODBYE(X) X(u8, flags)
#define DC_GOODBYE_LEAVING 0x01

// supervisor -> broker, on a connection of its own: the slot with this session key is dead; it was
// at jobs [first, first + count) of lease `id` (0: at none). With CRASH its job may have killed it
// (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS, SIGABRT, SIGXCPU, out of its memory), without it
// somebody else did.
#define DC_FIELDS_OBITUARY(X)                                                                      \
    X(key, session) X(u64, id) X(u64, first) X(u32, count) X(u32, signal) X(u8, flags)
#define DC_OBITUARY_CRASH 0x01

// WHO, both ways, both sides: I do not know you; begin anew.

// HEARTBEAT, both ways, frontend (the backend's have a form of their own): alive.

// Of the forms that have no table. READY and BEAT (data: JSON, or empty for a plain worker);
// ASK and ANSWER (data: content) of a plain client; WORK and WORKED of a plain worker, whose
// address is `id`.
#define DC_FIELDS_WORK(X)   X(u64, id)
#define DC_FIELDS_WORKED(X) X(u64, id)

// --- all of them -------------------------------------------------------------------------------

// By who sends them: F(NAME, name, number on the wire) of one with fields, B(...) likewise of one
// without. Append, never renumber. The number's high half says the same: 1 a client, 2 and 3 the
// broker to a client and to a slot, 4 a slot or its supervisor, 5 anybody; those of 6 and above
// have forms of their own.
#define DC_COMMANDS_OF_CLIENT(F, B)                                                                \
    F(OPEN, open, 0x10) F(CHUNK, chunk, 0x11) F(CLOSE, close, 0x12) F(ACK, ack, 0x13)              \
    F(CANCEL, cancel, 0x14) F(ATTACH, attach, 0x15) F(SET, set, 0x16) F(QUERY, query, 0x17)        \
    F(DELETE, delete, 0x18) F(GIVE, give, 0x19) B(ASK, ask, 0x62)
#define DC_COMMANDS_TO_CLIENT(F, B)                                                                \
    F(OPENED, opened, 0x20) F(CREDIT, credit, 0x21) F(RECEIPT, receipt, 0x22)                      \
    F(REFUSED, refused, 0x23) F(INPUT, input, 0x24) F(PIECE, piece, 0x25) F(DONE, done, 0x26)      \
    F(REPLY, reply, 0x27) F(PROGRESS, progress, 0x28) F(RELEASED, released, 0x29)                  \
    B(ANSWER, answer, 0x63)
#define DC_COMMANDS_TO_SLOT(F, B)                                                                  \
    F(LEASE, lease, 0x30) F(TRIM, trim, 0x31) B(DRAIN, drain, 0x32) F(WORK, work, 0x64)
#define DC_COMMANDS_OF_SLOT(F, B)                                                                  \
    F(RESULT, result, 0x40) F(GOODBYE, goodbye, 0x41) F(OBITUARY, obituary, 0x42)                  \
    B(READY, ready, 0x60) B(BEAT, beat, 0x61) F(WORKED, worked, 0x65)
#define DC_COMMANDS_OF_ANYBODY(F, B) B(WHO, who, 0x50) B(HEARTBEAT, heartbeat, 0x51)
#define DC_COMMANDS(F, B)                                                                          \
    DC_COMMANDS_OF_CLIENT(F, B) DC_COMMANDS_TO_CLIENT(F, B) DC_COMMANDS_TO_SLOT(F, B)              \
    DC_COMMANDS_OF_SLOT(F, B) DC_COMMANDS_OF_ANYBODY(F, B)

// X for all of them, for those with fields, and for those without.
#define DC_NO_COMMAND(NAME, name, number)
#define DC_COMMAND_LIST(X)        DC_COMMANDS(X, X)
#define DC_COMMAND_LIST_FIELDS(X) DC_COMMANDS(X, DC_NO_COMMAND)
#define DC_COMMAND_LIST_BARE(X)   DC_COMMANDS(DC_NO_COMMAND, X)

// The labels of a switch for all that one sends, such as DC_COMMANDS_OF_SLOT.
#define DC_CASE(NAME, name, number) case DC_CMD_##NAME:
#define DC_CASES(COMMANDS)          COMMANDS(DC_CASE, DC_CASE)

// clang-format on

typedef enum dc_command {
#define X(NAME, name, number) DC_CMD_##NAME = (number),
    DC_COMMAND_LIST(X)
#undef X
} dc_command_t;

#define DC_FIELD_u8(name)  uint8_t name;
#define DC_FIELD_u16(name) uint16_t name;
#define DC_FIELD_u32(name) uint32_t name;
#define DC_FIELD_u64(name) uint64_t name;
#define DC_FIELD_key(name) dc_key_t name;

// One record, as cores see it. What each field means is said above.
// NOLINTBEGIN(bugprone-macro-parentheses): a name that is declared cannot stand in parentheses.
typedef struct dc_cmd {
    dc_command_t type;
    union {
#define FIELD(type, field) DC_FIELD_##type(field)
#define X(NAME, name, number)   \
    struct dc_cmd_##name {      \
        DC_FIELDS_##NAME(FIELD) \
    } name;
        DC_COMMAND_LIST_FIELDS(X)
#undef X
#undef FIELD
    };
    dc_slice_t data;    // empty if there is none
    dc_slice_t program; // empty is the empty program
} dc_cmd_t;
// NOLINTEND(bugprone-macro-parentheses)

// "OPEN", "CHUNK", ...
const char *dc_command_name(dc_command_t type);

// Who sends a message, which decides what may be in it.
typedef enum dc_wire_from {
    DC_FROM_CLIENT,
    DC_FROM_BROKER_TO_CLIENT,
    DC_FROM_BROKER_TO_SLOT,
    DC_FROM_SLOT,
} dc_wire_from_t;

// --- reading -----------------------------------------------------------------------------------

// A message that is being read: a cursor over its table.
typedef struct dc_wire_reader {
    const dc_slice_t *programs; // borrowed
    size_t program_count;
    dc_slice_t data; // what is left of it
    dc_str_t table;  // what is left of it
} dc_wire_reader_t;

extern const char dc_wire_other_version[]; // a sentence

// Begin to read the frames behind "DC1" or the empty frame: table, data, programs (`count` of them,
// borrowed while reading). Checks the whole message: afterwards dc_wire_next cannot fail.
// DC_ERR_PROTOCOL, with a sentence in `*why` (static), if anything is wrong; DC_ERR_VERSION, with
// dc_wire_other_version, if it is of another version.
DC_MUST_USE dc_err_t dc_wire_read(dc_wire_reader_t *self, dc_wire_from_t from,
                                  const dc_slice_t *frames, size_t count, const char **why);

// The next record; its slices share the frames' references. False after the last.
bool dc_wire_next(dc_wire_reader_t *self, dc_cmd_t *cmd);

// --- writing -----------------------------------------------------------------------------------

#define DC_WIRE_PROGRAMS_MAX 8

// A message that is being written. The records' data are gathered: small ones are copied together,
// one that is big stands alone and is passed on uncopied.
typedef struct dc_wire_writer {
    dc_buf_t table;
    dc_buf_t copied;                           // the data frame, unless `whole` is used
    dc_slice_t whole;                          // a reference of its own
    dc_slice_t programs[DC_WIRE_PROGRAMS_MAX]; // references of their own
    size_t program_count;
    size_t record_count;
    size_t query_count;
} dc_wire_writer_t;

// Prepare an empty message; it allocates nothing yet, and keeps its memory from message to message.
void dc_wire_writer_init(dc_wire_writer_t *self);
void dc_wire_writer_fini(dc_wire_writer_t *self);

// Append `cmd`; what it needs of its slices is copied or kept. False if it does not fit into this
// message (a big one beside others, more than DC_WIRE_PROGRAMS_MAX programs, more than
// DC_MESSAGE_DATA_BYTES_MAX of data, or memory is short): send this one and begin another. A single
// command always fits an empty message, save that memory is short or that it has more than
// DC_FRAME_BYTES_MAX of data.
DC_MUST_USE bool dc_wire_add(dc_wire_writer_t *self, const dc_cmd_t *cmd);

// The frames: table, data, programs; empty ones at the end left out. They are the writer's, until
// it is appended to or cleared. `frames` has room for 2 + DC_WIRE_PROGRAMS_MAX; returns how many
// there are.
size_t dc_wire_frames(const dc_wire_writer_t *self, dc_slice_t *frames);

// Empty it for the next message.
void dc_wire_writer_clear(dc_wire_writer_t *self);

// --- the parts of an OPEN's data, which add up -------------------------------------------------

static inline dc_str_t dc_open_name(const dc_cmd_t *cmd)
{
    return dc_str(cmd->data.bytes.data, cmd->open.name_bytes);
}

static inline dc_str_t dc_open_tag(const dc_cmd_t *cmd)
{
    return dc_str(dc_str_behind(cmd->data.bytes, cmd->open.name_bytes).data, cmd->open.tag_bytes);
}

static inline dc_str_t dc_open_lacks(const dc_cmd_t *cmd)
{
    size_t texts_bytes = (size_t)cmd->open.name_bytes + cmd->open.tag_bytes;
    return dc_str(dc_str_behind(cmd->data.bytes, texts_bytes).data,
                  cmd->open.lack_count * (size_t)DC_WIRE_RANGE_BYTES);
}

// --- the parts of a PIECE's data, which add up -------------------------------------------------

static inline dc_str_t dc_piece_worker(const dc_cmd_t *cmd)
{
    return dc_str(cmd->data.bytes.data, cmd->piece.worker_bytes);
}

static inline dc_str_t dc_piece_ranges(const dc_cmd_t *cmd)
{
    return dc_str(dc_str_behind(cmd->data.bytes, cmd->piece.worker_bytes).data,
                  cmd->piece.range_count * (size_t)DC_WIRE_RANGE_BYTES);
}

// The faults, and the results behind them.
static inline dc_slice_t dc_piece_results(const dc_cmd_t *cmd)
{
    size_t offset = cmd->piece.worker_bytes + dc_piece_ranges(cmd).len;
    return dc_slice_part(cmd->data, offset, cmd->data.bytes.len - offset);
}

// --- helpers for the pairs (u64 first, u64 end) in data ----------------------------------------

void dc_wire_put_range(dc_buf_t *out, const dc_range_t *range);
// Read pair `index` of `data`, which must hold it.
dc_range_t dc_wire_get_range(dc_str_t data, size_t index);
// Whether the first `count` pairs of `data` are there, in order, apart, not empty, and within
// `borders`.
bool dc_wire_are_ranges(dc_str_t data, uint64_t count, dc_range_t borders);

// What a CHUNK counts against the credit of its session.
size_t dc_wire_cost(const dc_cmd_t *cmd);

#endif
