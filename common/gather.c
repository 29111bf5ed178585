#include "common/gather.h"

#include <stdlib.h>

typedef struct room {
    dc_blob_t blob;
    char bytes[DC_GATHER_BYTES_MAX];
} room_t;

static void free_room(dc_blob_t *blob)
{
    free(blob);
}

static bool is_room(const dc_blob_t *blob)
{
    return blob && blob->free == free_room;
}

static bool ends_with_newline(dc_str_t lines)
{
    return lines.len && lines.data[lines.len - 1] == '\n';
}

static void append(room_t *room, size_t *len, dc_str_t lines)
{
    if (lines.len) memcpy(room->bytes + *len, lines.data, lines.len);
    *len += lines.len;
    if (!ends_with_newline(lines)) room->bytes[(*len)++] = '\n';
}

bool dc_gather(dc_slice_t *lines, dc_str_t more)
{
    size_t newlines = 2; // at most so many are added
    if (more.len > DC_GATHER_BYTES_MAX) return false;
    if (lines->bytes.len + more.len + newlines > DC_GATHER_BYTES_MAX) return false;
    if (!is_room(lines->blob)) {
        room_t *room = calloc(1, sizeof *room);
        if (!room) return false;
        dc_blob_init(&room->blob, room->bytes, sizeof room->bytes, free_room);
        size_t len = 0;
        append(room, &len, lines->bytes);
        dc_slice_drop(lines);
        *lines = (dc_slice_t){ &room->blob, { room->bytes, len } };
    }
    append((room_t *)lines->blob, &lines->bytes.len, more);
    return true;
}
