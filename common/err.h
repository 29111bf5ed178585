// err — every way in which something can fail, and what a person is told.
//
// A code has a number, which travels on the wire (append, never renumber), a name, which is printed
// (`error: divide-by-zero`) and is what scripts compare with, and a text for people.
#ifndef DC_COMMON_ERR_H
#define DC_COMMON_ERR_H

#include "common/base.h"
#include "common/str.h"

#define DC_ERR_LIST(X)                                                                        \
    X(DC_OK, 0, "ok", "success")                                                              \
    /* An expression is at fault. */                                                          \
    X(DC_ERR_SYNTAX, 1, "syntax", "the expression does not parse")                            \
    X(DC_ERR_EMPTY, 2, "empty", "there is nothing to evaluate")                               \
    X(DC_ERR_NAME, 3, "unknown-name", "a name is not known")                                  \
    X(DC_ERR_FUNCTION, 4, "unknown-function", "a function is not known")                      \
    X(DC_ERR_ARGUMENTS, 5, "arguments", "wrong number of arguments")                          \
    X(DC_ERR_TYPE, 6, "type", "a value has the wrong type")                                   \
    X(DC_ERR_NULL, 7, "null", "a value is missing")                                           \
    X(DC_ERR_DIVIDE_BY_ZERO, 8, "divide-by-zero", "division by zero")                         \
    X(DC_ERR_DOMAIN, 9, "domain", "a function is not defined there")                          \
    X(DC_ERR_OVERFLOW, 10, "overflow", "a number is too large")                               \
    X(DC_ERR_INTEGER, 11, "not-an-integer", "an integer is needed")                           \
    X(DC_ERR_NUMBER, 12, "not-a-number", "the text is not a number")                          \
    X(DC_ERR_ENCODING, 13, "encoding", "the text is not UTF-8")                               \
    X(DC_ERR_FIELDS, 14, "fields", "the record has too few or too many fields")               \
    X(DC_ERR_RECURSION, 15, "recursion", "a definition uses itself")                          \
    X(DC_ERR_NO_TERMS, 16, "no-terms", "there are no terms")                                  \
    X(DC_ERR_NO_CONVERGENCE, 17, "no-convergence", "the result is not precise enough")        \
    X(DC_ERR_INEXACT, 18, "not-exact", "there is no exact value")                             \
    /* A limit was met. */                                                                    \
    X(DC_ERR_TOO_LONG, 32, "too-long", "the text is longer than the limit")                   \
    X(DC_ERR_TOO_DEEP, 33, "too-deep", "the expression is nested too deeply")                 \
    X(DC_ERR_TOO_LARGE, 34, "too-large", "more memory is needed than the limit")              \
    X(DC_ERR_STEPS, 35, "step-limit", "more steps are needed than the limit")                 \
    X(DC_ERR_TIME, 36, "time-limit", "more time is needed than the limit")                    \
    X(DC_ERR_CANCELLED, 37, "cancelled", "cancelled")                                         \
    X(DC_ERR_DEADLINE, 38, "deadline", "the deadline has passed")                             \
    X(DC_ERR_SKIPPED, 39, "skipped", "what it depends on has failed")                         \
    /* The cluster is at fault. */                                                            \
    X(DC_ERR_LOST, 64, "worker-lost", "every worker that tried it was lost")                  \
    X(DC_ERR_BUSY, 65, "busy", "the broker has no room for more, try again later")            \
    X(DC_ERR_NO_WORKER, 66, "no-workers", "no worker is there")                               \
    X(DC_ERR_NO_BROKER, 67, "no-broker", "no broker answers")                                 \
    X(DC_ERR_TAKEN_OVER, 68, "taken-over", "another session opened the batch")                \
    X(DC_ERR_UNKNOWN_BATCH, 69, "unknown-batch", "there is no such batch")                    \
    X(DC_ERR_PROTOCOL, 70, "protocol", "a message breaks the protocol")                       \
    X(DC_ERR_VERSION, 71, "version", "the other side speaks another version of the protocol") \
    X(DC_ERR_NOT_STORED, 72, "not-stored", "the batch is not kept by the broker")             \
    X(DC_ERR_STORE_FULL, 73, "store-full", "the broker's store is full, try again later")     \
    X(DC_ERR_STORE_FAILED, 74, "store-failed", "the broker's store failed")                   \
    X(DC_ERR_DISAGREE, 75, "workers-disagree", "two workers have given different results")    \
    X(DC_ERR_ADDRESS, 76, "wrong-address", "the broker listens there for others")             \
    X(DC_ERR_DAMAGED, 77, "store-damaged", "the broker's store has spoiled it")               \
    X(DC_ERR_STORE_LOCKED, 78, "store-locked", "another program locks the broker's store")    \
    /* This program or its machine is at fault. */                                            \
    X(DC_ERR_NOMEM, 96, "no-memory", "out of memory")                                         \
    X(DC_ERR_FULL, 97, "full", "a queue is full, try again later")                            \
    X(DC_ERR_INVALID, 98, "invalid", "an argument is not valid")                              \
    X(DC_ERR_IO, 99, "input-output", "reading or writing failed")                             \
    X(DC_ERR_INTERNAL, 100, "internal", "a bug in dcalc")

typedef enum dc_err {
#define X(code, number, name, text) code = (number),
    DC_ERR_LIST(X)
#undef X
} dc_err_t;

// The printed name of `err`, such as "divide-by-zero"; "unknown" for a number not in the list.
const char *dc_err_name(dc_err_t err);

// What a person is told, such as "division by zero".
const char *dc_err_text(dc_err_t err);

// Turn a number from the wire into a code. False if it is not in the list.
bool dc_err_from_number(uint32_t number, dc_err_t *err);

// Turn a printed name into a code. False if it is not in the list.
bool dc_err_from_name(dc_str_t word, dc_err_t *err);

#define DC_DIAG_MESSAGE_MAX 200

// A fault in a text that a person wrote: what, and where.
typedef struct dc_diag {
    dc_err_t code;
    uint32_t column;                   // byte offset from 0 into the text of the job
    uint32_t width;                    // in bytes; 0 where the end of the text is meant
    char message[DC_DIAG_MESSAGE_MAX]; // one sentence without a full stop, ends in NUL, valid UTF-8
} dc_diag_t;

// Fill `diag`; a message that is too long is cut between characters. Returns `code`.
dc_err_t dc_diag_set(dc_diag_t *diag, dc_err_t code, size_t column, size_t width,
                     const char *format, ...) DC_PRINTF(5, 6);

// Fill `diag` where memory is short: whatever the text is, it is not at fault. Returns
// DC_ERR_NOMEM.
dc_err_t dc_diag_set_no_memory(dc_diag_t *diag);

#endif
