#include "client/cli/cluster/consent.h"

#include <poll.h>
#include <strings.h>
#include <unistd.h>

#include "common/limits.h"

// A terminal gives a line at a time; of a longer one the front is enough.
#define ANSWER_BYTES_MAX 64

bool dc_consent_can_ask(const dc_console_t *console)
{
    return console->is_terminal && isatty(STDIN_FILENO);
}

// Who says nothing for as long as a person thinks is lost to the broker.
static void keep_alive(dcalc_t *dcalc)
{
    dcalc_event_t event;
    if (dcalc_turn(dcalc)) return;
    while (dcalc_next(dcalc, &event)) {
    }
}

static void await_line(dcalc_t *dcalc)
{
    struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
                            { .fd = dcalc_fd(dcalc), .events = POLLIN } };
    do {
        keep_alive(dcalc);
        poll(fds, DC_ARRAY_LEN(fds), DC_TICK_MS);
    } while (!fds[0].revents);
}

static bool is_yes(dc_str_t answer)
{
    dc_str_t word = dc_str_trim(answer);
    return (word.len == 1 && strncasecmp(word.data, "y", 1) == 0) ||
           (word.len == 3 && strncasecmp(word.data, "yes", 3) == 0);
}

bool dc_consent_ask(dc_connection_t *connection, dc_console_t *console, dc_str_t question)
{
    char answer[ANSWER_BYTES_MAX];
    dc_buf_append_str(&console->buf, question);
    dc_console_flush(console);
    await_line(connection->dcalc);
    ssize_t count = read(STDIN_FILENO, answer, sizeof answer);
    // The end of stdin leaves the cursor behind the question.
    if (count <= 0) dc_buf_append_char(&console->buf, '\n');
    return count > 0 && is_yes(dc_str(answer, (size_t)count));
}
