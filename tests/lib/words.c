#include "tests/lib/words.h"

#include <ctype.h>
#include <stdlib.h>

#include "common/bytes.h"
#include "common/fault.h"
#include "common/wire_fork.h"
#include "common/wire_needs.h"
#include "common/wire_words.h"

uint64_t dc_words_name_of(dc_words_ids_t *self, uint64_t id)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->list[i] == id) return i + 1;
    }
    if (self->count == DC_ARRAY_LEN(self->list)) return 0;
    self->list[self->count++] = id;
    return self->count;
}

void dc_words_put_jobs(uint64_t first, uint64_t end, dc_buf_t *out)
{
    for (uint64_t i = first; i < end; i++) {
        dc_buf_printf(out, "%llu\n", (unsigned long long)i);
    }
}

void dc_words_put_results(uint64_t first, uint64_t end, dc_buf_t *out)
{
    for (uint64_t i = first; i < end; i++) {
        dc_buf_printf(out, "=%llu\n", (unsigned long long)i);
    }
}

// --- fields by name ----------------------------------------------------------------------------

typedef enum kind {
    KIND_u8,
    KIND_u16,
    KIND_u32,
    KIND_u64,
    KIND_key
} kind_t;

// clang-format off
#define MATCH(type, field)          \
    if (strcmp(#field, name) == 0) { \
        *kind = KIND_##type;         \
        return &to->field;           \
    }

// The field of `cmd` with this name; NULL if it has none.
static void *find_field(dc_cmd_t *cmd, const char *name, kind_t *kind)
{
    switch (cmd->type) {
#define X(NAME, command, number)                     \
    case DC_CMD_##NAME: {                            \
        struct dc_cmd_##command *to = &cmd->command; \
        DC_FIELDS_##NAME(MATCH)                      \
        break;                                       \
    }
        DC_COMMAND_LIST_FIELDS(X)
#undef X
        DC_COMMAND_LIST_BARE(DC_CASE) break;
    }
    return NULL;
}
// clang-format on

static bool set_field(dc_cmd_t *cmd, const char *name, uint64_t value)
{
    kind_t kind;
    void *field = find_field(cmd, name, &kind);
    if (!field) return false;
    switch (kind) {
    case KIND_u8: *(uint8_t *)field = (uint8_t)value; break;
    case KIND_u16: *(uint16_t *)field = (uint16_t)value; break;
    case KIND_u32: *(uint32_t *)field = (uint32_t)value; break;
    case KIND_u64: *(uint64_t *)field = value; break;
    case KIND_key: {
        dc_key_t *key = field;
        key->bytes[0] = (uint8_t)(value >> 8);
        key->bytes[1] = (uint8_t)value;
        break;
    }
    }
    return true;
}

// --- reading -----------------------------------------------------------------------------------

typedef struct reader {
    const dc_words_ids_t *ids;
    dc_cmd_t *cmd;
    dc_buf_t text, name, tags, lacks, needs, after, program, handed_back, children, join;
    dc_range_t jobs, fails;
    uint64_t session; // of READY
    bool has_text, has_session;
    uint64_t bytes, lines; // UINT64_MAX: as many as follow from the jobs
} reader_t;

static bool read_type(dc_str_t word, dc_command_t *type)
{
    static const dc_command_t types[] = {
#define X(NAME, name, number) DC_CMD_##NAME,
        DC_COMMAND_LIST(X)
#undef X
    };
    for (size_t i = 0; i < DC_ARRAY_LEN(types); i++) {
        const char *name = dc_command_name(types[i]);
        if (strlen(name) == word.len && strncasecmp(name, word.data, word.len) == 0) {
            *type = types[i];
            return true;
        }
    }
    return false;
}

// Read `[first,end)` from the front of `text`.
static bool take_range(dc_str_t *text, dc_range_t *range)
{
    char bytes[64] = "";
    memcpy(bytes, text->data, dc_min_size(text->len, sizeof bytes - 1));
    char *at = bytes;
    if (*at++ != '[') return false;
    range->first = strtoull(at, &at, 10);
    if (*at++ != ',') return false;
    range->end = strtoull(at, &at, 10);
    if (*at++ != ')') return false;
    size_t len = (size_t)(at - bytes);
    *text = dc_str(text->data + len, text->len - len);
    return true;
}

// Read `[first,end)+[first,end)` and append it; `*count` is how many ranges that are.
static const char *read_ranges(dc_str_t value, dc_buf_t *out, uint32_t *count)
{
    dc_range_t range;
    for (*count = 0; take_range(&value, &range);) {
        dc_wire_put_range(out, &range);
        ++*count;
        if (value.len == 0) return NULL;
        value = dc_str(value.data + 1, value.len - 1);
    }
    return "ranges are written [first,end)+[first,end)";
}

static const char *read_lacks(reader_t *self, dc_str_t value)
{
    return read_ranges(value, &self->lacks, &self->cmd->open.lack_count);
}

static const char *read_needs(reader_t *self, dc_str_t value)
{
    uint32_t count;
    const char *flaw = read_ranges(value, &self->needs, &count);
    self->cmd->chunk.need_count = (uint16_t)count;
    return flaw;
}

// Read `1+2`.
static const char *read_after(reader_t *self, dc_str_t value)
{
    char text[64] = "";
    memcpy(text, value.data, dc_min_size(value.len, sizeof text - 1));
    char *at = text;
    do {
        char bytes[8];
        dc_put_u64(bytes, strtoull(at, &at, 10));
        dc_buf_append(&self->after, bytes, sizeof bytes);
        self->cmd->open.after_count++;
    } while (*at++ == '+');
    return NULL;
}

// Append what stands between quotes, with \n for a newline; JSON as it is.
static const char *read_quoted(dc_str_t value, dc_buf_t *out)
{
    if (value.len && value.data[0] == '{') {
        dc_buf_append_str(out, value);
        return NULL;
    }
    if (value.len < 2 || value.data[0] != '"' || value.data[value.len - 1] != '"') {
        return "text stands in quotes";
    }
    for (size_t i = 1; i < value.len - 1; i++) {
        bool is_newline = value.data[i] == '\\' && value.data[i + 1] == 'n';
        dc_buf_append_char(out, (char)(is_newline ? '\n' : value.data[i]));
        i += is_newline;
    }
    return NULL;
}

static const char *read_lease(reader_t *self, dc_str_t word)
{
    unsigned long name = strtoul(word.data + 1, NULL, 10);
    uint64_t id = name; // one that nobody was given
    if (name && name <= self->ids->count) id = self->ids->list[name - 1];
    if (self->cmd->type == DC_CMD_GOODBYE) {
        char bytes[8];
        dc_put_u64(bytes, id);
        dc_buf_append(&self->handed_back, bytes, sizeof bytes);
        return NULL;
    }
    return set_field(self->cmd, "id", id) ? NULL : "this command is about no lease";
}

static const char *read_flag(reader_t *self, dc_str_t word)
{
    const char *const *words = dc_wire_flag_words(self->cmd->type);
    kind_t kind;
    void *flags = find_field(self->cmd, "flags", &kind);
    for (unsigned bit = 0; flags && bit < DC_WIRE_FLAGS_MAX; bit++) {
        if (!words[bit] || !dc_str_eq(dc_str_from(words[bit]), word)) continue;
        uint16_t mask = (uint16_t)(1u << bit);
        if (kind == KIND_u16) *(uint16_t *)flags |= mask;
        if (kind == KIND_u8) *(uint8_t *)flags |= (uint8_t)mask;
        return NULL;
    }
    return "no such flag";
}

static const char *read_jobs(reader_t *self, dc_str_t value)
{
    if (!take_range(&value, &self->jobs) || value.len) return "jobs are written [first,end)";
    bool has_first = set_field(self->cmd, "first", self->jobs.first);
    bool has_end = set_field(self->cmd, "end", self->jobs.end) ||
                   set_field(self->cmd, "count", self->jobs.end - self->jobs.first);
    return has_first && has_end ? NULL : "this command is about no jobs";
}

static const char *read_value(reader_t *self, dc_str_t name, dc_str_t value)
{
    char field[32] = "";
    memcpy(field, name.data, dc_min_size(name.len, sizeof field - 1));
    uint64_t number = strtoull(value.data, NULL, 10);
    self->has_text |= strcmp(field, "text") == 0;
    if (strcmp(field, "text") == 0) return read_quoted(value, &self->text);
    if (strcmp(field, "name") == 0) return read_quoted(value, &self->name);
    if (strcmp(field, "tag") == 0) return read_quoted(value, &self->tags);
    if (strcmp(field, "program") == 0) return read_quoted(value, &self->program);
    if (strcmp(field, "children") == 0) return read_quoted(value, &self->children);
    if (strcmp(field, "join") == 0) return read_quoted(value, &self->join);
    if (strcmp(field, "lacks") == 0) return read_lacks(self, value);
    if (strcmp(field, "needs") == 0) return read_needs(self, value);
    if (strcmp(field, "after") == 0) return read_after(self, value);
    if (strcmp(field, "fails") == 0) {
        return take_range(&value, &self->fails) ? NULL : "jobs are written [first,end)";
    }
    if (strcmp(field, "jobs") == 0 && value.data[0] == '[') return read_jobs(self, value);
    if (strcmp(field, "bytes") == 0) {
        self->bytes = number;
    } else if (strcmp(field, "lines") == 0) {
        self->lines = number;
    } else if (strcmp(field, "session") == 0 && self->cmd->type == DC_CMD_READY) {
        self->session = number;
        self->has_session = true;
    } else if (!set_field(self->cmd, field, number)) {
        return "the command has no such field";
    }
    return NULL;
}

static const char *read_word(reader_t *self, dc_str_t word)
{
    const char *equals = memchr(word.data, '=', word.len);
    if (equals) {
        size_t len = (size_t)(equals - word.data);
        return read_value(self, dc_str(word.data, len), dc_str(equals + 1, word.len - len - 1));
    }
    if (word.data[0] == 'L' && word.len > 1 && isdigit((unsigned char)word.data[1])) {
        return read_lease(self, word);
    }
    return read_flag(self, word);
}

// --- the data ----------------------------------------------------------------------------------

static void put_introduction(const reader_t *self, dc_buf_t *out)
{
    dc_buf_printf(out,
                  "{\"v\":" DC_WIRE_VERSION_TEXT
                  ",\"session\":\"%04llx0000000000000000000000000000\",\"name\":\"",
                  (unsigned long long)self->session);
    dc_buf_append_str(out, self->name.len ? dc_buf_str(&self->name) : DC_STR("w"));
    dc_buf_printf(out, "\",\"host\":\"h\",\"pid\":%llu", (unsigned long long)self->session);
    dc_str_t rest = dc_buf_str(&self->tags);
    if (rest.len) dc_buf_append_text(out, ",\"tags\":[");
    while (rest.len) {
        const char *comma = memchr(rest.data, ',', rest.len);
        dc_str_t tag = dc_str(rest.data, comma ? (size_t)(comma - rest.data) : rest.len);
        rest = dc_str_behind(rest, tag.len + (comma != NULL));
        dc_buf_append_char(out, '"');
        dc_buf_append_str(out, tag);
        dc_buf_append_text(out, rest.len ? "\"," : "\"]");
    }
    dc_buf_append_char(out, '}');
}

// `a:10,b`: children with these bytes, of weight 10 and 1.
static void put_fork(const reader_t *self, dc_buf_t *out)
{
    dc_wire_child_t children[DC_FORK_CHILDREN_MAX];
    uint32_t count = 0;
    dc_str_t rest = dc_buf_str(&self->children);
    while (rest.len && count < DC_FORK_CHILDREN_MAX) {
        const char *comma = memchr(rest.data, ',', rest.len);
        dc_str_t child = dc_str(rest.data, comma ? (size_t)(comma - rest.data) : rest.len);
        rest = dc_str_behind(rest, child.len + (comma != NULL));
        const char *colon = memchr(child.data, ':', child.len);
        if (colon) child.len = (size_t)(colon - child.data);
        children[count++] = (dc_wire_child_t){ colon ? strtoull(colon + 1, NULL, 10) : 1, child };
    }
    dc_wire_put_fork(out, children, count, dc_buf_str(&self->join));
}

// Results of the jobs, of which some may fail.
static void put_results(const reader_t *self, uint64_t end, dc_buf_t *out)
{
    dc_diag_t diag;
    dc_diag_set(&diag, DC_ERR_DOMAIN, 0, 1, "it fails");
    for (uint64_t i = self->fails.first; i < self->fails.end; i++) {
        dc_fault_put(out, i, &diag);
    }
    self->cmd->result.faults_bytes = (uint32_t)out->len;
    for (uint64_t i = self->jobs.first; i < end; i++) {
        if (self->fails.first <= i && i < self->fails.end) {
            dc_fault_put_line(out, &diag, false);
            dc_buf_append_char(out, '\n');
        } else {
            dc_words_put_results(i, i + 1, out);
        }
    }
}

static void put_given(const reader_t *self, dc_buf_t *out)
{
    if (self->cmd->give.flags & DC_GIVE_FAILED) return;
    size_t sizes = dc_wire_begin_needs(out, self->cmd->give.count);
    for (uint32_t i = 0; i < self->cmd->give.count; i++) {
        dc_buf_t line = { 0 };
        dc_words_put_results(self->jobs.first + i, self->jobs.first + i + 1, &line);
        dc_wire_add_need(out, sizes, i, dc_str(line.data, line.len - 1));
        dc_buf_fini(&line);
    }
}

// The data that follow from the jobs, or were given.
static void make_data(const reader_t *self, dc_buf_t *out)
{
    uint64_t end = self->jobs.end;
    if (self->lines != UINT64_MAX) end = self->jobs.first + self->lines;
    if (self->cmd->type == DC_CMD_OPEN) {
        dc_buf_append_str(out, dc_buf_str(&self->name));
        dc_buf_append_str(out, dc_buf_str(&self->tags));
        dc_buf_append_str(out, dc_buf_str(&self->lacks));
        dc_buf_append_str(out, dc_buf_str(&self->after));
    } else if (self->cmd->type == DC_CMD_GIVE) {
        put_given(self, out);
    } else if (self->cmd->type == DC_CMD_GOODBYE) {
        dc_buf_append_str(out, dc_buf_str(&self->handed_back));
    } else if (self->has_session) {
        put_introduction(self, out);
    } else if (self->children.len) {
        put_fork(self, out);
    } else if (self->has_text) {
        dc_buf_append_str(out, dc_buf_str(&self->text));
    } else if (self->cmd->type == DC_CMD_CHUNK) {
        dc_words_put_jobs(self->jobs.first, end, out);
    } else if (self->cmd->type == DC_CMD_ASK && self->lines != UINT64_MAX) {
        dc_words_put_jobs(0, self->lines, out);
    } else if (self->fails.end) {
        put_results(self, end, out);
    } else if (self->cmd->type == DC_CMD_RESULT) {
        dc_words_put_results(self->jobs.first, end, out);
    }
}

// Make the first line longer, so that all are `bytes`.
static void pad(dc_buf_t *data, uint64_t bytes)
{
    dc_buf_t padded = { 0 };
    size_t more = bytes > data->len ? (size_t)bytes - data->len : 0;
    if (more && dc_buf_reserve(&padded, more)) {
        memset(padded.data, ' ', more);
        padded.len = more;
    }
    dc_buf_append_str(&padded, dc_buf_str(data));
    dc_buf_fini(data);
    *data = padded;
}

static const char *finish(reader_t *self)
{
    dc_buf_t data = { 0 };
    make_data(self, &data);
    if (self->bytes != UINT64_MAX) pad(&data, self->bytes);
    if (self->needs.len) {
        dc_buf_append_str(&self->needs, dc_buf_str(&data));
        dc_buf_fini(&data);
        data = self->needs;
        self->needs = (dc_buf_t){ 0 };
    }
    if (self->cmd->type == DC_CMD_OPEN) {
        self->cmd->open.name_bytes = (uint8_t)self->name.len;
        self->cmd->open.tag_bytes = (uint8_t)self->tags.len;
    }
    dc_slice_t borrowed = { NULL, dc_buf_str(&data) };
    dc_slice_t program = { NULL, dc_buf_str(&self->program) };
    bool is_kept =
        dc_slice_keep(&borrowed, &self->cmd->data) && dc_slice_keep(&program, &self->cmd->program);
    dc_buf_fini(&data);
    return is_kept ? NULL : "memory is short";
}

// The next word of `rest`: up to a blank that stands in no quotes.
static bool take_word(dc_str_t *rest, dc_str_t *word)
{
    *rest = dc_str_trim(*rest);
    size_t len = 0;
    bool is_quoted = false;
    while (len < rest->len && (is_quoted || rest->data[len] != ' ')) {
        is_quoted ^= rest->data[len] == '"';
        len++;
    }
    *word = dc_str(rest->data, len);
    *rest = dc_str(rest->data + len, rest->len - len);
    return len > 0;
}

const char *dc_words_read(dc_str_t words, const dc_words_ids_t *ids, dc_cmd_t *cmd)
{
    dc_str_t word;
    memset(cmd, 0, sizeof *cmd);
    if (!take_word(&words, &word) || !read_type(word, &cmd->type)) return "no such command";
    reader_t self = { .ids = ids, .cmd = cmd, .bytes = UINT64_MAX, .lines = UINT64_MAX };
    const char *flaw = NULL;
    while (!flaw && take_word(&words, &word)) {
        flaw = read_word(&self, word);
    }
    if (!flaw) flaw = finish(&self);
    dc_buf_fini(&self.text);
    dc_buf_fini(&self.name);
    dc_buf_fini(&self.tags);
    dc_buf_fini(&self.lacks);
    dc_buf_fini(&self.needs);
    dc_buf_fini(&self.after);
    dc_buf_fini(&self.program);
    dc_buf_fini(&self.handed_back);
    dc_buf_fini(&self.children);
    dc_buf_fini(&self.join);
    return flaw;
}
