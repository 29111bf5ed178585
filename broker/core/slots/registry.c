#include "broker/core/slots/registry.h"

#include <stdlib.h>

#include "broker/core/jobs/fork.h"
#include "broker/core/peers/peer_json.h"
#include "broker/core/schedule/lanes.h"
#include "broker/core/schedule/room.h"
#include "common/tag.h"

static dc_ms_t patience_ms(const dc_core_t *self)
{
    return self->settings.heartbeat_ms * self->settings.liveness_beats;
}

dc_slot_t *dc_registry_hear(dc_core_t *self, dc_peer_t peer)
{
    dc_slot_t *slot;
    HASH_FIND(hh, self->slots, &peer, sizeof peer, slot);
    if (!slot) return NULL;
    slot->heard_ms = self->now;
    DL_DELETE2(self->heard_slot, slot, heard_prev, heard_next);
    DL_APPEND2(self->heard_slot, slot, heard_prev, heard_next);
    return slot;
}

dc_slot_t *dc_registry_tell(dc_core_t *self)
{
    for (size_t is_plain = 0; is_plain < DC_ARRAY_LEN(self->told); is_plain++) {
        dc_slot_t *slot = self->told[is_plain];
        dc_ms_t every_ms = self->settings.heartbeat_ms * (is_plain ? 1 : DC_BROKER_BEAT_EVERY);
        if (!slot || self->now < slot->beat_ms) continue;
        slot->beat_ms = self->now + every_ms;
        DL_DELETE2(self->told[is_plain], slot, told_prev, told_next);
        DL_APPEND2(self->told[is_plain], slot, told_prev, told_next);
        return slot;
    }
    return NULL;
}

dc_slot_t *dc_registry_by_session(dc_core_t *self, const dc_key_t *session)
{
    dc_slot_t *slot;
    HASH_FIND(hh_session, self->by_session, session, sizeof *session, slot);
    return slot;
}

// --- READY -------------------------------------------------------------------------------------

// Copy `text` into `to`, cut to fit, with '?' for what could confuse a terminal or a log.
static void copy_name(char *to, size_t capacity, dc_str_t text)
{
    size_t len = dc_min_size(text.len, capacity - 1);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        to[i] = (char)(c > ' ' && c != 0x7f ? c : '?');
    }
    to[len] = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

static bool read_key(dc_str_t hex, dc_key_t *key)
{
    if (hex.len != 2 * sizeof key->bytes) return false;
    for (size_t i = 0; i < sizeof key->bytes; i++) {
        int high = hex_digit(hex.data[2 * i]);
        int low = hex_digit(hex.data[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        key->bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

// What a slot says of itself beside what its slot keeps; borrowed from its JSON.
typedef struct said {
    dc_str_t tags[DC_TAGS_MAX];
    size_t tag_count;
} said_t;

static dc_err_t read_tags(said_t *said, const dc_json_t *json, dc_diag_t *diag)
{
    const dc_json_t *list = NULL;
    if (!dc_json_read_array(json, "tags", &list, diag)) return diag->code;
    size_t count = dc_json_len(list);
    if (count > DC_TAGS_MAX) {
        return dc_diag_set(diag, DC_ERR_PROTOCOL, 0, 0, "it has more than %d tags", DC_TAGS_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        const dc_json_t *tag = dc_json_at(list, i);
        bool is_text = dc_json_type(tag) == DC_JSON_STRING;
        const char *flaw = is_text ? dc_tag_flaw(dc_json_string(tag)) : "is no text";
        if (flaw) return dc_diag_set(diag, DC_ERR_PROTOCOL, 0, 0, "a tag of it %s", flaw);
        said->tags[said->tag_count++] = dc_json_string(tag);
    }
    return DC_OK;
}

static dc_err_t read_introduction(dc_slot_t *slot, const dc_json_t *json, dc_diag_t *diag)
{
    uint64_t version = 0;
    dc_str_t session = { 0 };
    dc_str_t name = DC_STR("?");
    dc_str_t host = DC_STR("?");
    dc_str_t engine = DC_STR("?");
    if (!dc_json_read_u64(json, "v", UINT32_MAX, &version, diag) ||
        !dc_json_read_string(json, "session", &session, diag) ||
        !dc_json_read_string(json, "name", &name, diag) ||
        !dc_json_read_string(json, "host", &host, diag) ||
        !dc_json_read_string(json, "engine", &engine, diag) ||
        !dc_json_read_u64(json, "pid", INT32_MAX, &slot->pid, diag)) {
        return diag->code;
    }
    const dc_json_t *limits = dc_json_member(json, "limits");
    if (limits && !dc_json_read_u64(limits, "memory", INT64_MAX, &slot->memory_bytes_max, diag)) {
        return diag->code;
    }
    if (version != DC_WIRE_VERSION) {
        return dc_diag_set(diag, DC_ERR_VERSION, 0, 0, "it speaks version %llu, not %d",
                           (unsigned long long)version, DC_WIRE_VERSION);
    }
    if (!read_key(session, &slot->session)) {
        return dc_diag_set(diag, DC_ERR_PROTOCOL, 0, 0, "its session key is not 32 hex digits");
    }
    copy_name(slot->name, sizeof slot->name, name);
    slot->name_len = (uint8_t)strlen(slot->name);
    copy_name(slot->host, sizeof slot->host, host);
    copy_name(slot->engine, sizeof slot->engine, engine);
    return DC_OK;
}

// Read what the slot says, and put it to those of its kind.
static dc_err_t introduce(dc_core_t *self, dc_slot_t *slot, dc_str_t text, dc_diag_t *diag)
{
    said_t said = { .tag_count = 0 };
    if (text.len == 0) {
        slot->is_plain = true;
        copy_name(slot->name, sizeof slot->name, DC_STR("plain"));
        copy_name(slot->host, sizeof slot->host, DC_STR("?"));
        return dc_lanes_enter(self, slot, NULL, 0) ? DC_OK : dc_diag_set_no_memory(diag);
    }
    dc_json_t *json = dc_peer_json_parse(text, diag);
    if (!json) return diag->code;
    dc_err_t err = read_introduction(slot, json, diag);
    if (!err) err = read_tags(&said, json, diag);
    if (!err && !dc_lanes_enter(self, slot, said.tags, said.tag_count))
        err = dc_diag_set_no_memory(diag);
    dc_json_destroy(&json);
    return err;
}

// Count `slot` as one more of its worker's. False if memory is short.
static bool join_worker(dc_core_t *self, dc_slot_t *slot)
{
    dc_worker_t *worker;
    size_t name_len = strlen(slot->name);
    HASH_FIND(hh, self->workers, slot->name, name_len, worker);
    if (!worker) {
        worker = calloc(1, sizeof *worker);
        if (!worker) return false;
        memcpy(worker->name, slot->name, sizeof worker->name);
        HASH_ADD_KEYPTR(hh, self->workers, worker->name, name_len, worker);
        if (!DC_MAP_ADDED(worker)) {
            free(worker);
            return false;
        }
    }
    worker->slot_count++;
    DL_APPEND2(worker->slots, slot, worker_prev, worker_next);
    slot->worker = worker;
    return true;
}

static void leave_worker(dc_core_t *self, dc_slot_t *slot)
{
    dc_worker_t *worker = slot->worker;
    if (!worker) return;
    DL_DELETE2(worker->slots, slot, worker_prev, worker_next);
    if (--worker->slot_count) return;
    HASH_DEL(self->workers, worker);
    free(worker->stats);
    free(worker);
}

static void leave_by_session(dc_core_t *self, dc_slot_t *slot)
{
    if (!slot->hh_session.tbl) return;
    HASH_DELETE(hh_session, self->by_session, slot);
    slot->hh_session.tbl = NULL;
}

// Put `slot` in the place of whoever has its session, once it is in. False, nothing changed, if
// memory is short.
static bool take_session(dc_core_t *self, dc_slot_t *slot, dc_slot_t **former)
{
    dc_slot_t *elsewhere = dc_registry_by_session(self, &slot->session);
    HASH_ADD(hh_session, self->by_session, session, sizeof slot->session, slot);
    if (!slot->hh_session.tbl) return false;
    if (elsewhere) leave_by_session(self, elsewhere);
    *former = elsewhere;
    return true;
}

// False, nothing changed, if memory is short.
static bool enter(dc_core_t *self, dc_slot_t *slot, dc_slot_t **former)
{
    HASH_ADD(hh, self->slots, peer, sizeof slot->peer, slot);
    if (!DC_MAP_ADDED(slot)) return false;
    *former = NULL;
    if (slot->is_plain) return true;
    if (join_worker(self, slot)) {
        if (take_session(self, slot, former)) return true;
        leave_worker(self, slot);
    }
    HASH_DEL(self->slots, slot);
    return false;
}

dc_err_t dc_registry_add(dc_core_t *self, dc_peer_t peer, dc_str_t json, dc_slot_t **former,
                         dc_diag_t *diag)
{
    dc_slot_t *slot = calloc(1, sizeof *slot);
    if (!slot) return dc_diag_set_no_memory(diag);
    slot->peer = peer;
    slot->room = DC_ROOM_NONE;
    slot->pace = 1;
    slot->heard_ms = slot->ready_ms = self->now;
    dc_err_t err = introduce(self, slot, json, diag);
    if (err == DC_OK && !enter(self, slot, former)) err = dc_diag_set_no_memory(diag);
    if (err != DC_OK) {
        if (slot->kind) dc_lanes_leave(self, slot);
        free(slot);
        return err;
    }
    slot->number = ++self->slot_number;
    if (!slot->is_plain) self->slot_count++;
    DL_APPEND2(self->heard_slot, slot, heard_prev, heard_next);
    DL_PREPEND2(self->told[slot->is_plain], slot, told_prev, told_next);
    dc_room_see(self, slot);
    return DC_OK;
}

void dc_registry_remove(dc_core_t *self, dc_slot_t *slot)
{
    assert(!slot->leases);
    slot->is_draining = true; // out of the lists of those with room
    dc_room_see(self, slot);
    HASH_DEL(self->slots, slot);
    leave_by_session(self, slot);
    leave_worker(self, slot);
    dc_lanes_leave(self, slot);
    if (!slot->is_plain) self->slot_count--;
    DL_DELETE2(self->heard_slot, slot, heard_prev, heard_next);
    DL_DELETE2(self->told[slot->is_plain], slot, told_prev, told_next);
    free(slot);
}

dc_slot_t *dc_registry_silent(dc_core_t *self)
{
    dc_slot_t *slot = self->heard_slot;
    return slot && self->now - slot->heard_ms > patience_ms(self) ? slot : NULL;
}

// --- graves ------------------------------------------------------------------------------------

void dc_registry_bury(dc_core_t *self, const dc_slot_t *slot)
{
    if (slot->is_plain || !slot->leases) return;
    dc_grave_t *grave = malloc(sizeof *grave + slot->lease_count * sizeof *grave->leases);
    if (!grave) return;
    grave->session = slot->session;
    grave->buried_ms = self->now;
    grave->lease_count = 0;
    const dc_lease_t *lease;
    DL_FOREACH2(slot->leases, lease, next_in_slot)
    {
        if (!lease->chunk) continue;
        grave->leases[grave->lease_count++] = (dc_grave_lease_t){
            .id = lease->id,
            .batch = lease->chunk->batch->number,
            .client = lease->chunk->batch->is_plain ? lease->chunk->batch->client->peer : 0,
            .part = lease->chunk->part ? lease->chunk->part->number : 0,
            .first = lease->next,
            .end = lease->offered_end,
        };
    }
    DL_APPEND(self->graves, grave);
}

bool dc_registry_exhume(const dc_core_t *self, const dc_key_t *session, uint64_t id,
                        dc_grave_lease_t *lease)
{
    const dc_grave_t *grave;
    DL_FOREACH(self->graves, grave)
    {
        if (memcmp(&grave->session, session, sizeof *session) != 0) continue;
        for (size_t i = 0; i < grave->lease_count; i++) {
            if (grave->leases[i].id != id) continue;
            *lease = grave->leases[i];
            return true;
        }
    }
    return false;
}

void dc_registry_clear_graves(dc_core_t *self, bool is_end)
{
    while (self->graves && (is_end || self->now - self->graves->buried_ms > patience_ms(self))) {
        dc_grave_t *grave = self->graves;
        DL_DELETE(self->graves, grave);
        free(grave);
    }
}
