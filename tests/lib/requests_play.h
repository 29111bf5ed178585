// requests_play — a client's core on a stage: its time, its outcome, and short words to play the
// application and the broker. For tests of one core at a time, begun and ended with each.
#ifndef DC_TESTS_LIB_REQUESTS_PLAY_H
#define DC_TESTS_LIB_REQUESTS_PLAY_H

#include "client/requests.h"
#include "common/buf.h"

extern dc_requests_t *core; // the one that is played with
extern dc_outcome_t out;
extern dc_ms_t now;

// A fixture: a core at time 1000 with a connection, of which nothing was heard yet.
void begin_play(void);
void end_play(void);

// Let time pass up to `time`, with a tick.
void tick_at(dc_ms_t time);

// All that the core wanted since the last time must be `words` (tests/lib/outcome_words.h), and
// every invariant must hold.
void expect(const char *words);

// --- the application ---------------------------------------------------------------------------

dcalc_id_t open_batch(void);                // with the default options
dcalc_id_t open_detached(const char *word); // likewise, under the key of `word`, or NULL: a new one
dcalc_id_t attach(uint64_t number, uint64_t first);
dc_err_t send_lines(dcalc_id_t batch, const char *lines);
void close_batch(dcalc_id_t batch);
dc_err_t ack(dcalc_id_t batch, uint64_t first, uint64_t end);

// --- the broker --------------------------------------------------------------------------------

void hear(const dc_cmd_t *cmd);
void hear_opened(dcalc_id_t batch, uint64_t number, const dc_range_t *has, size_t has_count);
void hear_receipt(dcalc_id_t batch, uint64_t first, uint64_t end, uint8_t flags);
void hear_input(dcalc_id_t batch, uint64_t first, uint32_t count, const char *lines);
void hear_attached(dcalc_id_t batch, uint64_t number, const char *program);
void hear_credit(uint64_t sent_max);
void hear_piece(dcalc_id_t batch, uint64_t first, uint32_t count, const char *results);
void hear_piece_of(dcalc_id_t batch, uint64_t first, uint32_t count, const dc_range_t *ranges,
                   size_t range_count, const char *results);
void hear_refused(dcalc_id_t batch, dc_err_t error);
void hear_refused_for_now(dcalc_id_t batch, dc_err_t error, uint32_t retry_ms);
void hear_done(dcalc_id_t batch, dc_err_t error);
void hear_bare(dc_command_t type); // WHO or HEARTBEAT

#endif
