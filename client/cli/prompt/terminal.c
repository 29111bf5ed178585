#include "client/cli/prompt/terminal.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

// What a handler needs: there is one terminal.
static struct {
    struct termios before, quiet;
    volatile sig_atomic_t has_size, is_back; // another one; it was another's, and is ours again
} terminal;

// What ends a program that has no handler for it.
static const int fatal_signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT };

// Only what may be done in a handler. The signal acts as it would have.
static void restore_and_end(int signal_number)
{
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal.before);
    raise(signal_number);
}

static void note_change(int signal_number)
{
    if (signal_number == SIGWINCH) terminal.has_size = 1;
    if (signal_number == SIGCONT) terminal.is_back = 1;
}

// The terminal has gone: the same as being told to end, which is waited for (dc_interrupt_begin).
static void end_gently(int signal_number)
{
    (void)signal_number;
    kill(getpid(), SIGTERM);
}

// Without SA_RESTART: poll returns, and what has changed is seen.
void dc_terminal_watch(bool is_begin)
{
    struct sigaction fatal = { .sa_handler = is_begin ? restore_and_end : SIG_DFL,
                               .sa_flags = (int)SA_RESETHAND };
    struct sigaction hangup = { .sa_handler = is_begin ? end_gently : SIG_DFL };
    struct sigaction change = { .sa_handler = is_begin ? note_change : SIG_DFL };
    for (size_t i = 0; i < DC_ARRAY_LEN(fatal_signals); i++) {
        sigaction(fatal_signals[i], &fatal, NULL);
    }
    sigaction(SIGHUP, &hangup, NULL);
    sigaction(SIGWINCH, &change, NULL);
    sigaction(SIGCONT, &change, NULL);
}

bool dc_terminal_has_changed(bool *is_back)
{
    *is_back = terminal.is_back;
    bool has_changed = terminal.has_size || *is_back;
    terminal.has_size = terminal.is_back = 0;
    return has_changed;
}

bool dc_terminal_find(void)
{
    if (tcgetattr(STDIN_FILENO, &terminal.before) != 0) return false;
    terminal.quiet = terminal.before;
    terminal.quiet.c_lflag &= ~(tcflag_t)ECHO;
    return true;
}

void dc_terminal_set_quiet(bool is_quiet)
{
    tcsetattr(STDIN_FILENO, TCSADRAIN, is_quiet ? &terminal.quiet : &terminal.before);
}

void dc_terminal_keep_keys_apart(void)
{
    terminal.quiet.c_lflag &= ~(tcflag_t)ICANON;
    terminal.quiet.c_cc[VMIN] = 1;
    terminal.quiet.c_cc[VTIME] = 0;
}
