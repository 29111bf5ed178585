#include <errno.h>
#include <stdlib.h>

#include "common/net_part.h"

// --- receiving ---------------------------------------------------------------------------------

// A frame that is large enough to be kept as it is.
typedef struct frame_blob {
    dc_blob_t blob;
    zmq_msg_t msg; // owned
} frame_blob_t;

static void free_frame(dc_blob_t *blob)
{
    frame_blob_t *self = (frame_blob_t *)blob;
    zmq_msg_close(&self->msg);
    free(self);
}

// Make a blob of `part`; NULL if memory is short, and `part` stays as it was.
static dc_blob_t *wrap_frame(zmq_msg_t *part)
{
    frame_blob_t *self = malloc(sizeof *self);
    if (!self) return NULL;
    zmq_msg_init(&self->msg);
    zmq_msg_move(&self->msg, part);
    dc_blob_init(&self->blob, zmq_msg_data(&self->msg), zmq_msg_size(&self->msg), free_frame);
    return &self->blob;
}

void dc_message_init(dc_message_t *self)
{
    self->count = self->frame_count = self->wire_bytes = self->held = 0;
    for (size_t i = 0; i < DC_NET_FRAMES_MAX; i++) {
        zmq_msg_init(&self->parts[i]);
    }
}

static void drop_frames(dc_message_t *self)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->frames[i].blob) dc_blob_release(&self->frames[i].blob);
    }
    self->count = self->frame_count = self->wire_bytes = 0;
}

void dc_message_fini(dc_message_t *self)
{
    drop_frames(self);
    for (size_t i = 0; i < self->held; i++) {
        zmq_msg_close(&self->parts[i]);
        zmq_msg_init(&self->parts[i]);
    }
    self->held = 0;
}

// Small frames stay where they are: libzmq may have put several into one buffer, which a reference
// to one of them would hold.
static void add_frame(dc_message_t *message, size_t len)
{
    zmq_msg_t *part = &message->parts[message->count];
    dc_slice_t *frame = &message->frames[message->count++];
    if (message->held < message->count) message->held = message->count;
    *frame = (dc_slice_t){ NULL, { zmq_msg_data(part), len } };
    if (len <= DC_COPY_BYTES_MAX) return;
    frame->blob = wrap_frame(part);
    if (frame->blob) frame->bytes.data = frame->blob->data;
}

// Receive one frame into `part`, whose former content goes. Its length, or -1 and an errno.
static int recv_part(void *zmq, zmq_msg_t *part)
{
    int len;
    do {
        len = zmq_msg_recv(part, zmq, ZMQ_DONTWAIT);
    } while (len < 0 && errno == EINTR);
    return len;
}

static size_t wire_bytes_of(size_t frame_bytes)
{
    return frame_bytes + (frame_bytes > 255 ? 9 : 2);
}

// Read a frame for which there is no room. False if that failed.
static bool skip_part(dc_socket_t *self, dc_message_t *message, bool *has_more)
{
    zmq_msg_t part;
    zmq_msg_init(&part);
    int len = recv_part(self->zmq, &part);
    *has_more = len >= 0 && zmq_msg_more(&part);
    zmq_msg_close(&part);
    if (len < 0) return false;
    message->wire_bytes += wire_bytes_of((size_t)len);
    return true;
}

dc_net_got_t dc_socket_recv(dc_socket_t *self, dc_message_t *message)
{
    drop_frames(message);
    bool has_more = true;
    while (has_more) {
        if (message->count == DC_NET_FRAMES_MAX) {
            if (!skip_part(self, message, &has_more)) return DC_NET_BROKEN;
        } else {
            zmq_msg_t *part = &message->parts[message->count];
            int len = recv_part(self->zmq, part);
            if (len < 0) {
                bool is_none = errno == EAGAIN && message->count == 0;
                return is_none ? DC_NET_NOTHING : DC_NET_BROKEN;
            }
            // The routing id, which a ROUTER puts in front, has not come over the wire.
            bool is_id = self->role == DC_NET_ROUTER && message->count == 0;
            if (!is_id) message->wire_bytes += wire_bytes_of((size_t)len);
            has_more = zmq_msg_more(part);
            add_frame(message, (size_t)len);
        }
        message->frame_count++;
    }
    return DC_NET_GOT;
}

int dc_message_source(const dc_message_t *self)
{
    // The routing id does not always know whence it came; the frames behind it do.
    for (size_t i = 0; i < self->count; i++) {
        const dc_blob_t *blob = self->frames[i].blob;
        int fd =
            zmq_msg_get(blob ? &((const frame_blob_t *)blob)->msg : &self->parts[i], ZMQ_SRCFD);
        if (fd >= 0) return fd;
    }
    return -1;
}

// --- sending -----------------------------------------------------------------------------------

static void release_sent(void *data, void *hint)
{
    (void)data;
    dc_blob_t *blob = hint;
    dc_blob_release(&blob);
}

static bool init_part(zmq_msg_t *part, const dc_slice_t *frame)
{
    dc_str_t bytes = frame->bytes;
    if (frame->blob && bytes.len > DC_COPY_BYTES_MAX) {
        union {
            const char *given;
            char *taken; // libzmq doesn't write to it
        } data = { .given = bytes.data };
        dc_blob_retain(frame->blob);
        if (zmq_msg_init_data(part, data.taken, bytes.len, release_sent, frame->blob) == 0) {
            return true;
        }
        release_sent(NULL, frame->blob);
        return false;
    }
    if (zmq_msg_init_size(part, bytes.len) != 0) return false;
    if (bytes.len) memcpy(zmq_msg_data(part), bytes.data, bytes.len);
    return true;
}

static void close_parts(zmq_msg_t *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        zmq_msg_close(&parts[i]);
    }
}

static int send_part(void *zmq, zmq_msg_t *part, bool is_last)
{
    for (;;) {
        if (zmq_msg_send(part, zmq, ZMQ_DONTWAIT | (is_last ? 0 : ZMQ_SNDMORE)) >= 0) return 0;
        if (errno != EINTR) return errno;
    }
}

dc_net_sent_t dc_socket_send(dc_socket_t *self, const dc_slice_t *frames, size_t count)
{
    assert(count > 0 && count <= DC_NET_FRAMES_MAX);
    zmq_msg_t parts[DC_NET_FRAMES_MAX];
    // All frames are made before the first one is sent, since memory may be short for the last.
    for (size_t i = 0; i < count; i++) {
        if (!init_part(&parts[i], &frames[i])) {
            close_parts(parts, i);
            return DC_NET_FAILED;
        }
    }
    for (size_t i = 0; i < count; i++) {
        int error = send_part(self->zmq, &parts[i], i + 1 == count);
        if (error == 0) continue;
        close_parts(parts + i, count - i);
        if (error == EAGAIN) return DC_NET_AGAIN;
        return error == EHOSTUNREACH ? DC_NET_UNREACHABLE : DC_NET_FAILED;
    }
    return DC_NET_SENT;
}
