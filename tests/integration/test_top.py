"""dcalc top: one frame for scripts, and the live view on a terminal, which is left as it was."""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import PATIENCE, Cluster, clean_environment, end_client, program, run_client, wait_until  # noqa: E402

# What a terminal is told by ncurses when it takes the whole of it, and when it gives it back.
WHOLE, BACK = b"\x1b[?1049h", b"\x1b[?1049l"

# A row that takes seconds, for a batch that is there as long as the test needs it.
LONG = "all(k >= 0, k, 1, 3e9)"


class Case(unittest.TestCase):
    def setUp(self):
        self.cluster = self.enterContext(Cluster(slots=1))

    def start_batch(self, name, *rows):
        client = self.cluster.start("batch", "-", "--name", name)
        self.addCleanup(end_client, client)
        client.stdin.write("\n".join([*rows, *[LONG] * (50 - len(rows))]).encode())
        client.stdin.close()
        wait_until(lambda: name in self.cluster.run("list").out, "the batch is there")
        return client

    def batches(self):
        return [json.loads(line) for line in self.cluster.run("list", "-o", "json").lines]


class Once(Case):
    def test_one_frame_for_scripts(self):
        self.start_batch("sweep", "1/0", "0/0")
        wait_until(lambda: self.batches()[0]["failed"] == 2, "two have failed")
        result = self.cluster.run("top", "--once", environment={"COLUMNS": "100"})
        self.assertEqual(result.code, 0)
        self.assertEqual(len(result.lines), 3)
        self.assertRegex(result.lines[0], r"^ (dcalc  )?(ipc://\S+  )?1 worker 1 slot  waiting \d+  ")
        self.assertRegex(result.lines[1], r"^ \S+  █{20}  1/1  ♥ \d\.\ds +\S+/s  b\d+$")
        self.assertRegex(result.lines[2], r"^ b\d+ sweep  [━─]{20}  4 %  .*2 failed  prio 0$")
        self.assertNotIn("\x1b", result.out)

    def test_it_fits_forty_columns_and_plain_terminals(self):
        self.start_batch("sweep")
        result = self.cluster.run("top", "--once", environment={"COLUMNS": "40", "LC_ALL": "C"})
        self.assertTrue(all(len(line) <= 40 for line in result.lines), result.lines)
        self.assertTrue(result.out.isascii())

    def test_statistics_for_programs(self):
        self.assertEqual(self.cluster.run("1+1", "1/0").code, 1)
        answer, = self.cluster.run("top", "-o", "json").lines
        stats = json.loads(answer)
        self.assertEqual((stats["v"], stats["slots"], stats["answered"], stats["failed"]), (1, 1, 2, 1))
        self.assertEqual(stats["latency"]["answer"]["count"], 2)
        self.assertEqual(sum(stats["rates"][-5:]) <= 2, True)
        self.assertEqual([worker["jobs"] for worker in stats["by_worker"]], [2])

    def test_what_it_cannot_do_it_says(self):
        result = self.cluster.run("top")
        self.assertEqual((result.out, result.err, result.code),
                         ("", "dcalc: top: a live view needs a terminal; one frame without: "
                              "dcalc top --once\n", 64))
        self.assertIn("tables are made by dcalc workers", self.cluster.run("top", "-o", "csv").err)
        self.assertEqual(run_client(["top", "--once", "--wait", "0", "-b", "ipc:///nowhere/at/all"]).code,
                         69)


class Terminal:
    """A dcalc top on a terminal of its own, and all that it wrote there."""

    def __init__(self, cluster, rows=12, columns=80, arguments=(), first=rb"\d/s", **environment):
        self.master, self.slave = pty.openpty()
        self.resize(rows, columns, None)
        self.before = termios.tcgetattr(self.slave)
        self.written = b""
        self.process = subprocess.Popen(
            [program("dcalc-client"), "top", "-b", cluster.frontend, "--interval", "100ms", *arguments],
            stdin=self.slave, stdout=self.slave, stderr=subprocess.PIPE, start_new_session=True,
            env={**clean_environment(), "TERM": "xterm-256color", **environment})
        self.wait_for(first)

    def resize(self, rows, columns, process):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if process:
            process.send_signal(signal.SIGWINCH)

    def read(self):
        while select.select([self.master], [], [], 0)[0]:
            self.written += os.read(self.master, 65536)
        return self.written

    def wait_for(self, pattern, start=0):
        wait_until(lambda: re.search(pattern, self.read()[start:], re.DOTALL), pattern)

    def press(self, keys):
        os.write(self.master, keys)

    def ended(self):
        """Its exit status, once it has ended."""
        wait_until(lambda: self.read() is not None and self.process.poll() is not None, "it ends")
        self.read()
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        os.close(self.master)
        os.close(self.slave)


class Live(Case):
    def start_top(self, **options):
        terminal = Terminal(self.cluster, **options)
        self.addCleanup(terminal.close)
        return terminal

    def assert_restored(self, terminal):
        self.assertEqual(termios.tcgetattr(terminal.slave), terminal.before)
        self.assertEqual(terminal.written.count(WHOLE), 1)
        self.assertGreater(terminal.written.rfind(BACK), terminal.written.rfind(WHOLE))
        self.assertGreater(terminal.written.rfind(b"\x1b[?25h"), terminal.written.rfind(b"\x1b[?25l"))

    def test_the_terminal_is_as_it_was_however_it_ends(self):
        ends = [(b"q", None, 0), (b"", signal.SIGINT, 130), (b"", signal.SIGTERM, 130),
                (b"", signal.SIGHUP, -signal.SIGHUP), (b"", signal.SIGQUIT, -signal.SIGQUIT)]
        if os.environ.get("DCALC_KIND", "release") == "release":
            ends.append((b"", signal.SIGSEGV, -signal.SIGSEGV)) # sanitizers see to it themselves
        for keys, number, status in ends:
            with self.subTest(keys=keys, number=number):
                terminal = self.start_top()
                terminal.press(keys)
                if number:
                    terminal.process.send_signal(number)
                self.assertEqual(terminal.ended(), status)
                self.assert_restored(terminal)

    def test_keys_hold_hurry_and_cancel_the_batch_that_is_chosen(self):
        self.start_batch("other")
        self.start_batch("chosen")
        terminal = self.start_top()
        terminal.press(b"\x1bOB") # down
        terminal.press(b"+")
        wait_until(lambda: [batch["priority"] for batch in self.batches()] == [0, 1], "it is hurried")
        terminal.wait_for(rb"has priority 1")
        terminal.press(b"h")
        wait_until(lambda: [batch.get("held") for batch in self.batches()] == [None, True], "it is held")
        terminal.wait_for(rb"is held")
        terminal.press(b"\r")
        terminal.wait_for(rb"50 in all")
        terminal.press(b"c")
        terminal.wait_for(rb"y or n")
        terminal.press(b"y")
        wait_until(lambda: [batch["name"] for batch in self.batches()] == ["other"], "it is cancelled")
        terminal.press(b"q")
        self.assertEqual(terminal.ended(), 0)

    def test_without_colours_where_they_are_not_wanted(self):
        colour = re.compile(rb"\x1b\[[0-9;]*3[1-7]m")
        plain = self.start_top(NO_COLOR="1")
        plain.press(b"q")
        self.assertEqual(plain.ended(), 0)
        self.assertIsNone(colour.search(plain.written))
        coloured = self.start_top(CLICOLOR_FORCE="1")
        coloured.press(b"q")
        self.assertEqual(coloured.ended(), 0)
        self.assertIsNotNone(colour.search(coloured.written))

    def test_a_terminal_that_nobody_knows_or_can_draw_on_is_refused(self):
        for name in ("no-such-terminal", "dumb"):
            result = subprocess.run(["script", "-qec", f"{program('dcalc-client')} top -b {self.cluster.frontend}",
                                     "/dev/null"], env={**clean_environment(), "TERM": name},
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                                    timeout=PATIENCE)
            self.assertEqual((result.stdout.decode(), result.returncode),
                             (f"dcalc: top: nothing can be drawn on the terminal '{name}' (TERM)\r\n"
                              "       one frame for any: dcalc top --once\r\n", 64))

    def test_while_a_broker_is_waited_for_keys_are_taken(self):
        missing = ["-b", f"ipc://{self.cluster.path('nobody')}"]
        terminal = self.start_top(arguments=[*missing, "--wait", "inf"], first=rb"for the broker at|no broker at")
        terminal.press(b"q")
        self.assertEqual(terminal.ended(), 0)
        self.assert_restored(terminal)

    def test_a_broker_that_never_comes_is_waited_for_as_long_as_is_said(self):
        missing = f"ipc://{self.cluster.path('nobody')}"
        terminal = self.start_top(arguments=["-b", missing, "--wait", "300ms"], first=rb"for the broker at|no broker at")
        self.assertEqual(terminal.ended(), 69)
        self.assert_restored(terminal)
        self.assertIn(f"dcalc: no broker at {missing}", terminal.process.stderr.read().decode())


class Screen(Case):
    """What is to be seen: tmux is the terminal, and tells what is on it."""

    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix="dcalc-tmux-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        environment = clean_environment()
        environment.pop("TMUX", None)
        self.environment = environment
        self.addCleanup(self.tmux, "kill-server", check=False)
        command = f"{program('dcalc-client')} top -b {self.cluster.frontend} --interval 100ms"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "12", command)

    def tmux(self, *arguments, check=True):
        done = subprocess.run(["tmux", "-S", os.path.join(self.folder, "socket"), *arguments],
                              env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=check, timeout=PATIENCE)
        return done.stdout.decode()

    def wait_for(self, pattern):
        def seen():
            screen = self.tmux("capture-pane", "-p", check=False)
            return screen if re.search(pattern, screen, re.MULTILINE) else None
        return wait_until(seen, pattern)

    def test_it_follows_the_size_of_the_terminal(self):
        self.start_batch("sweep")
        self.wait_for(r"^>b\d+ sweep  [━─]+  0 %")
        self.tmux("resize-window", "-x", "40", "-y", "8")
        self.wait_for(r"^ q quit  c cancel .*$")
        screen = self.wait_for(r"^>b\d+ sweep  ")
        self.assertTrue(all(len(line) <= 40 for line in screen.splitlines()), screen)
        self.tmux("resize-window", "-x", "120", "-y", "20")
        self.wait_for(r"^ dcalc  ipc://\S+  1 worker 1 slot  waiting")

    def test_a_broker_that_goes_is_looked_for_and_found(self):
        self.wait_for(r"1 worker 1 slot")
        self.cluster.broker.kill()
        self.wait_for(r"^ no broker at ipc://\S+")
        self.tmux("send-keys", "h")
        self.cluster.start_broker()
        self.wait_for(r"1 worker 1 slot")
        self.tmux("send-keys", "q")
        wait_until(lambda: not self.tmux("list-sessions", check=False), "it has ended")


if __name__ == "__main__":
    unittest.main()
