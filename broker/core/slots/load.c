#include "broker/core/slots/load.h"

#include <math.h>
#include <stdlib.h>

#include "broker/core/peers/peer_json.h"
#include "broker/core/schedule/room.h"

// Speed is the mean over so much of a slot's time; older results count less and less.
#define PACE_US 100000

// What is not known of a slot is what is usual: this much of its time begins the mean.
#define PACE_PRIOR_US 10000

// Numbers beyond this mean nothing, and would spoil what is reckoned with them.
#define NUMBER_MAX 1e15

static double within(double low, double value, double high)
{
    return value > low ? (value < high ? value : high) : low; // not a number is low
}

static double read_positive(const dc_json_t *json, const char *name)
{
    double value = 0;
    dc_diag_t diag;
    return dc_json_read_number(json, name, &value, &diag) ? within(0, value, NUMBER_MAX) : 0;
}

static uint64_t read_count(const dc_json_t *json, const char *name)
{
    uint64_t value = 0;
    dc_diag_t diag;
    return dc_json_read_u64(json, name, INT64_MAX, &value, &diag) ? value : 0;
}

// Ids have 64 bits, which are more than JSON's numbers hold: they are written in hex.
static uint64_t read_id(const dc_json_t *json, const char *name)
{
    dc_str_t text = DC_STR("");
    dc_diag_t diag;
    char digits[17] = "";
    if (!dc_json_read_string(json, name, &text, &diag) || text.len >= sizeof digits) return 0;
    if (text.len) memcpy(digits, text.data, text.len);
    return strtoull(digits, NULL, 16);
}

static void read_beat(const dc_core_t *self, const dc_json_t *json, dc_beat_t *beat)
{
    const dc_json_t *runs = dc_json_member(json, "runs");
    *beat = (dc_beat_t){
        .is_known = true,
        .load = read_positive(json, "load"),
        .memory_bytes = read_count(json, "memory_free"),
        .speed = read_positive(json, "speed"),
    };
    if (!runs) return;
    uint64_t ms = read_count(runs, "ms");
    beat->lease = read_id(runs, "lease");
    beat->first = read_count(runs, "first");
    beat->count = read_count(runs, "count");
    beat->since_ms = ms < self->now ? self->now - ms : 0;
}

static void keep_text(dc_str_t text, dc_beat_t *beat)
{
    if (text.len > sizeof beat->text) return;
    memcpy(beat->text, text.data, text.len);
    beat->text_len = text.len;
}

// A job can take no more than its slot lets it.
static uint64_t needed_bytes(const dc_slot_t *slot)
{
    uint64_t most = slot->memory_bytes_max;
    return most ? dc_min_u64(most, DC_JOB_MEMORY_BYTES) : DC_JOB_MEMORY_BYTES;
}

static void see_marks(dc_slot_t *slot)
{
    const dc_beat_t *beat = &slot->beat;
    uint64_t needed = needed_bytes(slot);
    // Who says nothing of its memory has enough.
    bool is_told = beat->memory_bytes > 0;
    slot->is_short = is_told && beat->memory_bytes < (slot->is_short ? 2 * needed : needed);
    slot->is_loaded = beat->load >= (slot->is_loaded ? DC_LOAD_LOW : DC_LOAD_HIGH);
}

void dc_load_hear(dc_core_t *self, dc_slot_t *slot, dc_str_t text)
{
    if (slot->is_plain || text.len == 0) return;
    if (dc_str_eq(text, dc_str(slot->beat.text, slot->beat.text_len))) return;
    dc_diag_t diag;
    dc_json_t *json = dc_peer_json_parse(text, &diag);
    if (!json) return;
    read_beat(self, json, &slot->beat);
    dc_json_destroy(&json);
    keep_text(text, &slot->beat);
    see_marks(slot);
    dc_room_see(self, slot);
}

void dc_load_learn(dc_slot_t *slot, double usual_us, double spent_us)
{
    if (slot->is_plain || usual_us <= 0) return;
    slot->usual_us += usual_us;
    slot->spent_us += within(DC_PACE_MIN * usual_us, spent_us, DC_PACE_MAX * usual_us);
    slot->pace =
        within(DC_PACE_MIN, (slot->spent_us + PACE_PRIOR_US) / (slot->usual_us + PACE_PRIOR_US),
               DC_PACE_MAX);
    if (slot->spent_us < PACE_US) return;
    slot->usual_us /= 2;
    slot->spent_us /= 2;
}

const dc_lease_t *dc_load_lease(const dc_slot_t *slot)
{
    const dc_lease_t *lease = NULL;
    if (slot->beat.lease)
        DL_SEARCH_SCALAR2(slot->leases, lease, id, slot->beat.lease, next_in_slot);
    return lease;
}
