// What the broker says to its clients.
#include "broker/core/state.h"
#include "common/bytes.h"
#include "tests/sim/kept.h"
#include "tests/sim/terms.h"
#include "tests/sim/watch_part.h"

watched_handle_t *watch_find_handle(const peer_t *peer, uint32_t handle)
{
    for (size_t i = 0; i < peer->handle_count; i++) {
        if (peer->handles[i].handle == handle) return &peer->handles[i];
    }
    return NULL;
}

void watch_drop_handle(peer_t *peer, uint32_t handle)
{
    watched_handle_t *found = watch_find_handle(peer, handle);
    if (found) *found = peer->handles[--peer->handle_count];
}

void watch_open(sim_t *sim, peer_t *peer, const dc_cmd_t *cmd)
{
    batch_t *batch = watch_find_batch(sim, dc_get_u64(cmd->open.key.bytes));
    if (!batch || watch_find_handle(peer, cmd->open.handle)) return;
    peer->is_careless = batch->is_careless;
    batch->upsets++;
    peer->handles = watch_grow(peer->handles, peer->handle_count, &peer->handle_capacity,
                               sizeof *peer->handles);
    peer->handles[peer->handle_count++] =
        (watched_handle_t){ .handle = cmd->open.handle, .serial = ++batch->serial, .batch = batch };
}

void watch_attach(sim_t *sim, hub_t *hub, peer_t *peer, const dc_cmd_t *cmd)
{
    const dc_batch_t *kept;
    uint64_t number = cmd->attach.number;
    HASH_FIND(hh_number, hub_core(hub)->batches, &number, sizeof number, kept);
    batch_t *batch = kept ? watch_find_batch(sim, dc_get_u64(kept->key.bytes)) : NULL;
    if (!batch || watch_find_handle(peer, cmd->attach.handle)) return;
    peer->handles = watch_grow(peer->handles, peer->handle_count, &peer->handle_capacity,
                               sizeof *peer->handles);
    peer->handles[peer->handle_count++] = (watched_handle_t){
        .handle = cmd->attach.handle, .serial = ++batch->serial, .batch = batch, .is_view = true
    };
}

// A chunk counts once in a session. One for a batch that was refused meanwhile counts as well.
void watch_chunk(sim_t *sim, peer_t *peer, const dc_cmd_t *cmd)
{
    const watched_handle_t *handle = watch_find_handle(peer, cmd->chunk.handle);
    batch_t *batch = handle ? handle->batch : NULL;
    if (batch && cmd->chunk.first < batch->jobs) {
        if (batch->chunk_serial[cmd->chunk.first] == handle->serial) return;
        batch->chunk_serial[cmd->chunk.first] = handle->serial;
    }
    if (!handle) return;
    peer->sent += dc_wire_cost(cmd);
    if (peer->sent > peer->granted && !peer->is_careless) {
        sim_fail(sim, "client c%llu sends more than it has credit for",
                 (unsigned long long)peer->number);
    }
}

static void check_fresh(sim_t *sim, peer_t *peer, const watched_handle_t *handle, dc_range_t range)
{
    batch_t *batch = handle->batch;
    for (uint64_t i = range.first; i < range.end; i++) {
        if (i >= batch->jobs) {
            sim_fail(sim, "a result is delivered for a job that there is not");
            return;
        }
        if (batch->told_serial[i] == handle->serial) {
            sim_fail(sim, "job %llu of batch %u is delivered twice to c%llu", (unsigned long long)i,
                     batch->number, (unsigned long long)peer->number);
            return;
        }
        batch->told_serial[i] = handle->serial;
    }
}

static void on_piece(sim_t *sim, peer_t *peer, const dc_cmd_t *cmd)
{
    const watched_handle_t *handle = watch_find_handle(peer, cmd->piece.handle);
    if (!handle) {
        sim_fail(sim, "results are sent to a session that has no such batch");
        return;
    }
    // Any number of sessions may be attached.
    if (handle->serial != handle->batch->serial && !handle->is_view) {
        sim_fail(sim, "results are sent to a session that was taken over");
        return;
    }
    dc_range_t all = { cmd->piece.first, cmd->piece.first + cmd->piece.count };
    if (cmd->piece.range_count == 0) check_fresh(sim, peer, handle, all);
    for (size_t i = 0; i < cmd->piece.range_count; i++) {
        check_fresh(sim, peer, handle, dc_wire_get_range(dc_piece_ranges(cmd), i));
    }
}

static void on_refused(sim_t *sim, peer_t *peer, const dc_cmd_t *cmd)
{
    if (cmd->refused.error == DC_ERR_PROTOCOL && !peer->is_careless) {
        sim_fail(sim, "a client that keeps to the protocol is refused: %.*s",
                 (int)cmd->data.bytes.len, cmd->data.bytes.data);
    }
    watch_drop_handle(peer, cmd->refused.handle);
}

static void on_done(sim_t *sim, const hub_t *hub, peer_t *peer, const dc_cmd_t *cmd)
{
    const watched_handle_t *handle = watch_find_handle(peer, cmd->done.handle);
    if (handle && cmd->done.error == DC_ERR_DEADLINE) terms_met(sim, hub, handle->batch);
    if (cmd->done.error || (handle && handle->is_view)) watch_drop_handle(peer, cmd->done.handle);
}

static void on_opened(sim_t *sim, const peer_t *peer, const dc_cmd_t *cmd)
{
    const watched_handle_t *handle = watch_find_handle(peer, cmd->opened.handle);
    if (handle) kept_on_opened(sim, handle->batch, cmd);
}

static void on_receipt(sim_t *sim, peer_t *peer, const dc_cmd_t *cmd)
{
    const watched_handle_t *handle = watch_find_handle(peer, cmd->receipt.handle);
    if (!handle) {
        sim_fail(sim, "a receipt is sent to a session that has no such batch");
        return;
    }
    kept_on_receipt(sim, handle->batch, cmd);
    if (cmd->receipt.flags & DC_RECEIPT_CLOSED) watch_drop_handle(peer, cmd->receipt.handle);
}

void watch_to_client(sim_t *sim, const hub_t *hub, peer_t *peer, const dc_cmd_t *cmd)
{
    switch ((int)cmd->type) {
    case DC_CMD_CREDIT:
        if (cmd->credit.sent_max < peer->granted) sim_fail(sim, "credit shrinks");
        peer->granted = cmd->credit.sent_max;
        break;
    case DC_CMD_OPENED: on_opened(sim, peer, cmd); break;
    case DC_CMD_PIECE: on_piece(sim, peer, cmd); break;
    case DC_CMD_REFUSED: on_refused(sim, peer, cmd); break;
    case DC_CMD_DONE: on_done(sim, hub, peer, cmd); break;
    case DC_CMD_RECEIPT: on_receipt(sim, peer, cmd); break;
    default: break;
    }
}
