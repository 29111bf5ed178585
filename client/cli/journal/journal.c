#include "client/cli/journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/cli/journal/chunk_rows.h"
#include "common/bytes.h"
#include "common/entropy.h"

// The file begins with this, the key (16 bytes), the size of the plan (u32), 0 (u32), a check of
// all that and of the plan (u64), and the plan.
static const char magic[16] = { 'd', 'c', 'a', 'l', 'c', ' ', 'j', 'o',
                                'u', 'r', 'n', 'a', 'l', ' ', '1', '\n' };
#define START_BYTES 48
#define CHECKED     40

// A template, constants and a header, each with limits of its own, are less.
#define PLAN_BYTES_MAX (4u << 20)

// What is searched at a time for a block behind a damaged one.
#define SEARCH_BYTES (64u << 10)

// --- bytes -------------------------------------------------------------------------------------

// False unless all of it is there.
static bool read_at(const dc_journal_t *self, uint64_t offset, void *to, size_t count)
{
    char *bytes = to;
    while (count) {
        ssize_t got = pread(self->fd, bytes, count, (off_t)offset);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        bytes += got;
        offset += (uint64_t)got;
        count -= (size_t)got;
    }
    return true;
}

static void fail(dc_journal_t *self, int error)
{
    self->error = error;
    // What was written of a block is no block; where it cannot be cut off it is seen to be none.
    int ignored = ftruncate(self->fd, (off_t)self->size);
    (void)ignored;
}

static void count_written(dc_journal_t *self)
{
    dc_range_t run = { 0 };
    while (dc_ranges_next_run(&self->out_rows, run.end, UINT64_MAX, &run)) {
        if (!dc_ranges_add(&self->rows, run.first, run.end)) self->error = ENOMEM;
    }
}

static void write_out(dc_journal_t *self)
{
    size_t done = 0;
    while (done < self->out.len && !self->error) {
        ssize_t count = pwrite(self->fd, self->out.data + done, self->out.len - done,
                               (off_t)(self->size + done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            fail(self, errno);
        } else {
            done += (size_t)count;
        }
    }
    if (!self->error) {
        self->size += done;
        count_written(self);
    }
    self->out.len = 0;
    dc_ranges_clear(&self->out_rows);
}

// --- the start ---------------------------------------------------------------------------------

static uint64_t check_of_start(const dc_siphash_key_t *key, dc_str_t start)
{
    return dc_siphash(key, start).low;
}

static dc_journal_state_t begin(dc_journal_t *self, dc_str_t plan)
{
    char start[START_BYTES] = { 0 };
    if (!dc_entropy_fill(&self->key, sizeof self->key)) {
        self->error = EIO;
        return DC_JOURNAL_ERROR;
    }
    memcpy(start, magic, sizeof magic);
    dc_put_u64(start + 16, self->key.k0);
    dc_put_u64(start + 24, self->key.k1);
    dc_put_u32(start + 32, (uint32_t)plan.len);
    dc_buf_append(&self->out, start, CHECKED);
    dc_buf_append_str(&self->out, plan);
    if (self->out.failed) self->error = ENOMEM;
    if (self->error) return DC_JOURNAL_ERROR;
    uint64_t check = check_of_start(&self->key, dc_buf_str(&self->out));
    dc_put_u64(start + CHECKED, check);
    self->out.len = 0;
    dc_buf_append(&self->out, start, sizeof start);
    dc_buf_append_str(&self->out, plan);
    self->size = 0;
    if (self->out.failed) self->error = ENOMEM;
    if (!self->error && ftruncate(self->fd, 0)) self->error = errno;
    if (!self->error) write_out(self);
    return self->error ? DC_JOURNAL_ERROR : DC_JOURNAL_OPEN;
}

// Read the key and the plan. False if the start is damaged.
static bool read_start(dc_journal_t *self, const char *start)
{
    dc_buf_t checked = { 0 };
    uint32_t size = dc_get_u32(start + 32);
    self->key = (dc_siphash_key_t){ dc_get_u64(start + 16), dc_get_u64(start + 24) };
    if (size > PLAN_BYTES_MAX) return false;
    dc_buf_append(&checked, start, CHECKED);
    bool is_read = dc_buf_reserve(&checked, size) && dc_buf_reserve(&self->plan, size) &&
                   read_at(self, START_BYTES, checked.data + CHECKED, size);
    if (is_read) checked.len += size;
    bool is_sound =
        is_read && check_of_start(&self->key, dc_buf_str(&checked)) == dc_get_u64(start + CHECKED);
    if (is_sound) dc_buf_append(&self->plan, checked.data + CHECKED, size);
    dc_buf_fini(&checked);
    self->size = START_BYTES + (uint64_t)size;
    return is_sound;
}

// --- the blocks that are there -----------------------------------------------------------------

static void note_damage(dc_journal_t *self, uint64_t offset)
{
    if (!self->damaged_at || offset < self->damaged_at) self->damaged_at = offset;
}

// Where in `bytes` the first whole head is; their length if there is none.
static size_t find_head(const dc_journal_t *self, dc_str_t bytes, dc_journal_head_t *head)
{
    size_t at = 0;
    while (bytes.len - at >= DC_JOURNAL_HEAD_BYTES) {
        const char *first = memchr(bytes.data + at, 'd', bytes.len - at);
        if (!first) break;
        at = (size_t)(first - bytes.data);
        if (dc_journal_read_head(&self->key, dc_str_behind(bytes, at), head)) return at;
        at++;
    }
    return bytes.len;
}

// The first block at or behind `*offset`. False if there is none that is whole.
static bool search(dc_journal_t *self, uint64_t end, uint64_t *offset, dc_journal_head_t *head)
{
    static char bytes[SEARCH_BYTES];
    while (end - *offset >= DC_JOURNAL_HEAD_BYTES) {
        size_t count = (size_t)dc_min_u64(sizeof bytes, end - *offset);
        if (!read_at(self, *offset, bytes, count)) return false;
        size_t at = find_head(self, dc_str(bytes, count), head);
        // A head may lie across the end of what was read.
        *offset += at < count ? at : count - DC_JOURNAL_HEAD_BYTES + 1;
        if (at == count) continue;
        if (end - *offset - DC_JOURNAL_HEAD_BYTES >= head->size) return true;
        ++*offset;
    }
    return false;
}

static bool read_head_at(const dc_journal_t *self, uint64_t end, uint64_t offset,
                         dc_journal_head_t *head)
{
    char bytes[DC_JOURNAL_HEAD_BYTES];
    return end - offset >= sizeof bytes && read_at(self, offset, bytes, sizeof bytes) &&
           dc_journal_read_head(&self->key, dc_str(bytes, sizeof bytes), head) &&
           end - offset - sizeof bytes >= head->size;
}

// The journal has a block at `offset`, behind those that were counted. False if memory is short.
static bool add_block(dc_journal_t *self, const dc_journal_head_t *head, uint64_t offset,
                      dc_recall_t *recall)
{
    if (offset != self->size) note_damage(self, self->size);
    self->size = offset + DC_JOURNAL_HEAD_BYTES + head->size;
    return (!recall || dc_recall_add(recall, head, offset)) &&
           dc_ranges_add(&self->rows, head->first, head->first + head->rows);
}

// Go through all blocks, and drop what stands behind the last one: it was not written to its end.
static dc_journal_state_t scan(dc_journal_t *self, uint64_t end, dc_recall_t *recall)
{
    uint64_t offset = self->size;
    dc_journal_head_t head;
    while (read_head_at(self, end, offset, &head) || search(self, end, &offset, &head)) {
        if (!add_block(self, &head, offset, recall)) self->error = ENOMEM;
        if (self->error) return DC_JOURNAL_ERROR;
        offset = self->size;
    }
    self->rows_before = self->rows.count;
    if (self->size < end && ftruncate(self->fd, (off_t)self->size)) self->error = errno;
    return self->error ? DC_JOURNAL_ERROR : DC_JOURNAL_OPEN;
}

// --- opening -----------------------------------------------------------------------------------

// Whether the open file still has its name: the run that had it may have removed it meanwhile.
static bool has_name(const dc_journal_t *self)
{
    struct stat open_file, named;
    return fstat(self->fd, &open_file) == 0 && stat(self->path, &named) == 0 &&
           open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

// Open the file, which has results that may not be everybody's, and lock it. Some file systems know
// no locks.
static dc_journal_state_t open_locked(dc_journal_t *self)
{
    for (;;) {
        self->fd = open(self->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
        if (self->fd < 0) break;
        if (flock(self->fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) return DC_JOURNAL_BUSY;
        if (has_name(self)) return DC_JOURNAL_OPEN;
        close(self->fd);
    }
    self->error = errno;
    return DC_JOURNAL_ERROR;
}

static dc_journal_state_t read_file(dc_journal_t *self, dc_str_t plan, bool is_anew,
                                    dc_recall_t *recall)
{
    struct stat info;
    char start[START_BYTES] = { 0 };
    if (fstat(self->fd, &info)) {
        self->error = errno;
        return DC_JOURNAL_ERROR;
    }
    if (!S_ISREG(info.st_mode)) return DC_JOURNAL_FOREIGN;
    if (info.st_size == 0) return begin(self, plan);
    size_t count = (size_t)dc_min_u64((uint64_t)info.st_size, sizeof start);
    bool is_ours = read_at(self, 0, start, count) &&
                   memcmp(start, magic, dc_min_size(count, sizeof magic)) == 0;
    if (!is_ours) return DC_JOURNAL_FOREIGN;
    // Without its start nothing in it can be read by anybody.
    self->was_damaged = count < sizeof start || !read_start(self, start);
    if (self->was_damaged) return begin(self, plan);
    bool is_same = dc_str_eq(dc_buf_str(&self->plan), plan);
    if (!is_same) return is_anew ? begin(self, plan) : DC_JOURNAL_OTHER;
    self->was_there = true;
    return scan(self, (uint64_t)info.st_size, recall);
}

// Whether the open file has nothing, as on a disk that has room for its name only.
static bool is_empty(const dc_journal_t *self)
{
    struct stat info;
    return self->fd >= 0 && fstat(self->fd, &info) == 0 && S_ISREG(info.st_mode) &&
           info.st_size == 0;
}

dc_journal_state_t dc_journal_open(dc_journal_t *self, const char *path, dc_str_t plan,
                                   bool is_anew, dc_recall_t *recall)
{
    *self = (dc_journal_t){ .fd = -1 };
    dc_ranges_init(&self->rows);
    dc_ranges_init(&self->out_rows);
    if (asprintf(&self->path, "%s.journal", path) < 0) {
        self->path = NULL;
        self->error = ENOMEM;
        return DC_JOURNAL_ERROR;
    }
    dc_journal_state_t state = open_locked(self);
    if (state == DC_JOURNAL_OPEN) state = read_file(self, plan, is_anew, recall);
    if (state == DC_JOURNAL_ERROR && is_empty(self)) dc_journal_remove(self);
    return state;
}

void dc_journal_fini(dc_journal_t *self)
{
    if (self->fd >= 0) close(self->fd);
    free(self->path);
    dc_buf_fini(&self->plan);
    dc_buf_fini(&self->hashes);
    dc_buf_fini(&self->results);
    dc_buf_fini(&self->faults);
    dc_buf_fini(&self->out);
    dc_ranges_fini(&self->rows);
    dc_ranges_fini(&self->out_rows);
    *self = (dc_journal_t){ .fd = -1 };
}

void dc_journal_remove(dc_journal_t *self)
{
    if (self->fd < 0) return;
    unlink(self->path);
    close(self->fd);
    self->fd = -1;
}

bool dc_journal_read(dc_journal_t *self, uint64_t offset, dc_buf_t *room, dc_journal_head_t *head,
                     dc_journal_body_t *body)
{
    room->len = 0;
    bool has_head = read_head_at(self, self->size, offset, head);
    if (has_head && !dc_buf_reserve(room, head->size)) return false;
    if (has_head) room->len = head->size;
    bool is_sound = has_head &&
                    read_at(self, offset + DC_JOURNAL_HEAD_BYTES, room->data, head->size) &&
                    dc_journal_read_body(&self->key, head, dc_buf_str(room), body);
    if (!is_sound) note_damage(self, offset);
    return is_sound;
}

// --- recording ---------------------------------------------------------------------------------

// Put the block that is being made with those that are to be written.
static void end_block(dc_journal_t *self)
{
    dc_journal_head_t head = { .first = self->block_first,
                               .rows = self->block_rows,
                               .batch = self->block_batch };
    dc_journal_body_t body = { dc_buf_str(&self->hashes), dc_buf_str(&self->results),
                               dc_buf_str(&self->faults) };
    bool is_short = self->hashes.failed || self->results.failed || self->faults.failed;
    if (!is_short && self->block_rows) {
        // A block that is too large is left out, and its rows are computed again.
        bool is_put = dc_journal_put_block(&self->out, &self->key, &head, &body);
        is_short = is_put && !dc_ranges_add(&self->out_rows, head.first, head.first + head.rows);
    }
    if (is_short || self->out.failed) fail(self, ENOMEM);
    self->hashes.len = self->results.len = self->faults.len = 0;
    self->block_rows = 0;
}

static void put_faults(dc_journal_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end)
{
    dc_str_t faults = dc_str(piece->faults, piece->faults_bytes);
    dc_fault_t fault;
    while (dc_fault_take(&faults, &fault)) {
        if (fault.index < first || fault.index >= end) continue;
        dc_diag_t diag;
        dc_diag_set(&diag, fault.code, fault.column, fault.width, "%.*s", (int)fault.message.len,
                    fault.message.data);
        dc_fault_put(&self->faults, self->block_rows + (fault.index - first), &diag);
    }
}

// The result lines of jobs [first, end); empty if there are not as many.
static dc_str_t lines_of(const dcalc_piece_t *piece, uint64_t first, uint64_t end)
{
    dc_str_t lines = dc_str(piece->results, piece->results_bytes);
    lines = dc_str_behind(lines, dc_lines_offset(lines, (size_t)(first - piece->first)));
    lines.len = dc_lines_offset(lines, (size_t)(end - first));
    return dc_lines_count(lines) == end - first ? lines : DC_STR("");
}

static void put_rows(dc_journal_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end)
{
    dc_str_t lines = lines_of(piece, first, end);
    if (!lines.len) return;
    dc_chunk_rows_t rows = dc_chunk_rows(piece->chunk, (size_t)(first - piece->chunk->first));
    for (uint64_t job = first; job < end; job++) {
        dc_journal_put_hash(&self->hashes, dc_siphash(&self->key, dc_chunk_rows_next(&rows)));
    }
    dc_buf_append_str(&self->results, lines);
    put_faults(self, piece, first, end);
    self->block_rows += (uint32_t)(end - first);
}

void dc_journal_record(dc_journal_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end,
                       uint64_t number)
{
    // The tag says how many rows there are that are no jobs: see dc_emit_tag.
    uint64_t row = first + (uint32_t)piece->chunk->tag;
    if (self->error) return;
    bool goes_on = self->block_rows && row == self->block_first + self->block_rows &&
                   number == self->block_batch &&
                   self->block_rows + (end - first) <= DC_CHUNK_JOBS_MAX &&
                   self->results.len < DC_PIECE_BYTES_MAX;
    if (!goes_on) {
        end_block(self);
        self->block_first = row;
        self->block_batch = number;
        self->block_ms = 0;
    }
    put_rows(self, piece, first, end);
}

void dc_journal_flush(dc_journal_t *self, dc_ms_t now, bool is_all)
{
    if (self->fd < 0 || self->error) return;
    if (self->block_rows && !self->block_ms) self->block_ms = now;
    bool is_old = self->block_rows && now - self->block_ms >= DC_JOURNAL_AGE_MS;
    if (is_all || is_old) end_block(self);
    if (self->out.len && !self->error) write_out(self);
}
