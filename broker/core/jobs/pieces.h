// pieces — results of a chunk as the store has them: pieces one after another, as they came.
//
// Each is 28 bytes: first (u64), count (u32), bytes of faults (u32), spent us (u32), count of
// ranges (u16), attempt (u8), bytes of the worker's name (u8), bytes of data (u32); then its data,
// which are those of a PIECE (common/wire.h): name, ranges that count, faults, results. So they are
// sent on as they are, or without the name. Those that brokers have stored before pieces had names
// have none.
#ifndef DC_BROKER_CORE_JOBS_PIECES_H
#define DC_BROKER_CORE_JOBS_PIECES_H

#include "broker/core/clients/deliver.h"

// Append those of `results` that count, `fresh`, which are not none.
void dc_pieces_put(dc_buf_t *out, const dc_results_t *results, const dc_ranges_t *fresh);

// How many bytes that takes.
size_t dc_pieces_bytes(const dc_results_t *results, const dc_ranges_t *fresh);

// Take the next piece off `rest`: a PIECE of no handle yet, whose data share the reference of
// `rest`. False at the end, and where the rest is no whole piece: `rest` is what is left then.
bool dc_pieces_take(dc_slice_t *rest, dc_cmd_t *piece);

// Whether `bytes` are pieces of jobs [first, first + count), of which `answered` count in all.
bool dc_pieces_are_of(dc_str_t bytes, uint64_t first, uint32_t count, uint64_t answered);

// Put which of its jobs count into `fresh`, which is empty, and its faults and results into `data`.
// False if memory is short.
DC_MUST_USE bool dc_pieces_split(const dc_cmd_t *piece, dc_ranges_t *fresh, dc_slice_t *data);

#endif
