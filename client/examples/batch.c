// batch — many expressions, each as soon as it is read; results as they come, with their rows.
//
//     cc -o batch batch.c $(pkg-config --cflags --libs dcalc)
//     ./batch tcp://127.0.0.1:5555 < formulas.txt | sort -n
//
// Exit code 0: all were computed; 1: some failed, as their lines say, or nothing could be done.
//
// One loop waits for its input and for the broker, so an input that comes slowly (a pipe somebody
// types into) stops nothing. What is read waits until the broker has room for it: the memory that
// is used does not depend on how long the input is.
#include <dcalc.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 10000 // without a broker

static char input[DCALC_RECORD_BYTES_MAX]; // what was read and is not sent
static size_t input_bytes;
static bool is_at_end;  // there is no more to read
static bool has_failed; // a job has

static void read_input(void)
{
    ssize_t count = read(STDIN_FILENO, input + input_bytes, sizeof input - input_bytes);
    if (count > 0) input_bytes += (size_t)count;
    if (count <= 0) is_at_end = true;
}

// Send whole lines for as long as there is room, and close the batch behind the last one.
static dcalc_err_t send_lines(dcalc_t *dcalc, dcalc_id_t batch)
{
    for (;;) {
        uint32_t jobs;
        size_t size = dcalc_chunk_cut(input, input_bytes, &jobs);
        // A last line may lack its newline, and one that fills all of the input is too long.
        if (size == 0 && is_at_end) size = input_bytes;
        if (size == 0) return input_bytes < sizeof input ? DCALC_OK : DCALC_ERR_TOO_LONG;
        dcalc_chunk_t chunk = { .bytes = input, .size = size };
        dcalc_err_t error = dcalc_send(dcalc, batch, &chunk);
        if (error == DCALC_ERR_FULL) return DCALC_OK; // later
        if (error) return error;
        input_bytes -= size;
        memmove(input, input + size, input_bytes);
        if (is_at_end && input_bytes == 0) return DCALC_OK;
    }
}

// A line for each job of `piece` that counts; the others were shown already.
static void show(const dcalc_piece_t *piece)
{
    const char *line = piece->results;
    uint64_t index = piece->first;
    for (uint32_t i = 0; i < piece->fresh_count; i++) {
        for (; index < piece->fresh[i].end; index++) {
            size_t left = piece->results_bytes - (size_t)(line - piece->results);
            const char *end = memchr(line, '\n', left); // each has one
            if (index >= piece->fresh[i].first) {
                printf("%llu\t%.*s\n", (unsigned long long)index + 1, (int)(end - line), line);
                has_failed |= strncmp(line, "error: ", 7) == 0;
            }
            line = end + 1;
        }
    }
}

static dcalc_err_t take_piece(dcalc_t *dcalc, const dcalc_piece_t *piece)
{
    dcalc_err_t error = DCALC_OK;
    show(piece);
    for (uint32_t i = 0; i < piece->fresh_count && !error; i++) {
        error = dcalc_ack(dcalc, piece->batch, piece->fresh[i].first, piece->fresh[i].end);
    }
    return error;
}

// Use what has come. Sets `*is_over` with the end of the batch.
static dcalc_err_t take_events(dcalc_t *dcalc, bool *is_over)
{
    dcalc_err_t error = DCALC_OK;
    dcalc_event_t event;
    while (!error && !*is_over && dcalc_next(dcalc, &event)) {
        if (event.type == DCALC_EVENT_PIECE) error = take_piece(dcalc, event.piece);
        if (event.type == DCALC_EVENT_END) {
            *is_over = true;
            error = event.error;
        }
    }
    return error;
}

static void wait_for_more(dcalc_t *dcalc)
{
    bool may_read = !is_at_end && input_bytes < sizeof input;
    struct pollfd items[] = {
        { .fd = dcalc_fd(dcalc), .events = POLLIN },
        { .fd = may_read ? STDIN_FILENO : -1, .events = POLLIN },
    };
    if (poll(items, 2, dcalc_timeout_ms(dcalc)) > 0 && items[1].revents) read_input();
}

static dcalc_err_t run(dcalc_t *dcalc, dcalc_id_t batch)
{
    bool is_closed = false, is_over = false;
    for (;;) {
        dcalc_err_t error = is_closed ? DCALC_OK : send_lines(dcalc, batch);
        if (!error && !is_closed && is_at_end && input_bytes == 0) {
            is_closed = true;
            error = dcalc_close(dcalc, batch);
        }
        if (!error) error = dcalc_turn(dcalc);
        if (!error) error = take_events(dcalc, &is_over);
        if (error || is_over) return error;
        if (dcalc_waiting_ms(dcalc) > PATIENCE_MS) return DCALC_ERR_NO_BROKER;
        wait_for_more(dcalc);
    }
}

int main(int argc, char **argv)
{
    const char *url = argc > 1 ? argv[1] : DCALC_URL_DEFAULT;
    dcalc_options_t options = { .size = sizeof options, .urls = &url, .url_count = 1 };
    dcalc_t *dcalc = dcalc_new(&options);
    if (!dcalc) return perror("batch"), 1;
    dcalc_id_t batch;
    dcalc_err_t error = dcalc_open(dcalc, NULL, &batch);
    if (!error) error = run(dcalc, batch);
    if (error) fprintf(stderr, "batch: %s: %s\n", url, dcalc_err_text(error));
    dcalc_destroy(&dcalc);
    return error || has_failed ? 1 : 0;
}
