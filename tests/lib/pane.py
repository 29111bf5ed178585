"""A shell in tmux: what a person sees on a terminal of some size, and what happens there when it changes.

    with Pane(80, 12) as pane:
        pane.type("dcalc ping")
        screen = pane.wait_for(r"^ok  ")
"""

import os
import re
import shlex
import shutil
import subprocess
import tempfile

from cluster import PATIENCE, clean_environment, wait_until


class Pane:
    def __init__(self, columns, rows, **environment):
        self.folder = tempfile.mkdtemp(prefix="dcalc-tmux-")
        self.environment = {**clean_environment(), "PS1": "ready$ ", **environment}
        self.environment.pop("TMUX", None)
        # The shell has an end of its own, so that a Ctrl-C never ends it; its prompt says that it is there.
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows),
                  "exec bash --norc --noprofile")
        self.type("PS1='ready$ '; clear")
        self.wait_for(r"\Aready\$ *$")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux("kill-server", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def tmux(self, *arguments, check=True):
        done = subprocess.run(["tmux", "-S", os.path.join(self.folder, "socket"), *arguments],
                              env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=check,
                              timeout=PATIENCE)
        return done.stdout.decode()

    def type(self, command):
        words = command if isinstance(command, str) else shlex.join(command)
        self.tmux("send-keys", "-l", words)
        self.press("Enter")

    def press(self, key):
        self.tmux("send-keys", key)

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def size_told(self):
        """Columns and rows as programs in it are told, which is some time after a resize."""
        with open(self.tmux("display-message", "-p", "#{pane_tty}").strip(), "rb") as terminal:
            size = os.get_terminal_size(terminal.fileno())
        return size.columns, size.lines

    def shell(self):
        """Its process number."""
        return int(self.tmux("display-message", "-p", "#{pane_pid}"))

    def screen(self):
        return self.tmux("capture-pane", "-p", check=False)

    def wait_for(self, pattern):
        """The screen, once it has this."""
        seen = []

        def is_seen():
            seen.append(self.screen())
            return re.search(pattern, seen[-1], re.MULTILINE)
        try:
            wait_until(is_seen, pattern)
        except AssertionError as error:
            raise AssertionError(f"{error}; the screen:\n{seen[-1]}") from None
        return seen[-1]

    def state(self):
        """Whether the cursor is shown, and whether a program has the whole screen."""
        cursor, whole = self.tmux("display-message", "-p", "#{cursor_flag} #{alternate_on}").split()
        return cursor == "1", whole == "1"
