"""What a person sees: progress and the live view on terminals of 80 and of 40 columns, which change their
size meanwhile, and which are as they were when it is over."""

import os
import re
import shlex
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, program, wait_until  # noqa: E402
from pane import Pane  # noqa: E402

cluster = None

# Rows that take a while, so that there are some left as long as a test needs.
ROWS = 900
SLOW = "sum(1/(k + a), k, 1, 2e8)"


def setUpModule():
    global cluster
    cluster = Cluster(workers=1, slots=2, keeps=True)
    cluster.__enter__()
    cluster.write("sweep.csv", "a\n" + "".join(f"{row}\n" for row in range(ROWS)))


def tearDownModule():
    cluster.__exit__()


def child(pid):
    """The program that a shell runs."""
    def children():
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return file.read().split()
    return int(wait_until(children, f"{pid} runs something")[0])


class Case(unittest.TestCase):
    maxDiff = None

    def open(self, columns, rows=12, **environment):
        pane = self.enterContext(Pane(columns, rows, **environment))
        pane.type(["cd", cluster.folder])
        # What is typed before a shell asks is shown twice, and where it should not be.
        pane.wait_for(r"cd [\s\S]*^ready\$ *\n*\Z")
        pane.type("clear")
        pane.wait_for(r"\Aready\$ *\n*\Z")
        return pane

    def client(self, *arguments):
        return [program("dcalc-client"), *cluster.arguments(arguments)]



class Progress(Case):
    # Of each width what stands there, in whole words.
    WIDE = r"^sweep\.csv [━╸─]*  {0,3}\d+ %  \d+/900   [\d.]+/s   \S+ (s|min|h)( \S+ (s|min))? left.*worker$"
    NARROW = r"^[━╸─]*  {0,3}\d+ %  \d+/900( .*)?$"
    ANY = r"\d+ %  \d+/900"

    RUNS = r"[1-9]\d*/900.*left"

    def command(self):
        return [*self.client("batch", "sweep.csv", "-t", SLOW, "-O", "out.csv"), "--color", "never"]

    def start(self, pane):
        pane.type(self.command())
        pane.wait_for(self.RUNS)

    def bars(self, screen):
        return [line for line in screen.splitlines() if re.search(self.ANY, line)]

    def has_one_bar(self, screen, columns):
        lines = [line for line in screen.splitlines() if "left" in line or "/900" in line]
        return len(self.bars(screen)) == len(lines) == 1 and len(lines[0]) < columns

    def stop(self, pane):
        pane.press("C-c")
        pane.wait_for(r"^ready\$ *\Z|^ready\$ *\n*\Z")
        self.assertEqual(pane.state(), (True, False))

    def test_eighty_columns(self):
        pane = self.open(80)
        self.start(pane)
        bar, = self.bars(pane.wait_for(r"[1-9]\d*/900.*left.*worker$"))
        self.assertRegex(bar, self.WIDE)
        self.stop(pane)
        screen = pane.screen()
        self.assertEqual(self.bars(screen), [])
        self.assertRegex(screen, r"(?m)^dcalc: stopping; again stops at once$")
        self.assertRegex(screen.replace("\n", ""), r"dcalc: stopped with \d+ of 900 rows saved      continue: ")

    def test_forty_columns(self):
        pane = self.open(40)
        self.start(pane)
        for _ in range(3):
            bar, = self.bars(pane.screen())
            self.assertRegex(bar, self.NARROW)
            self.assertLess(len(bar), 40)
            seen = bar
            pane.wait_for(f"^(?!{re.escape(seen)}).*{self.ANY}")
        self.stop(pane)
        self.assertEqual(self.bars(pane.screen()), [])

    def test_a_terminal_that_changes_its_size_has_one_bar(self):
        pane = self.open(80)
        # A shell that has nothing to say of a child that is stopped.
        pane.type(["sh", "-c", f"{shlex.join(self.command())}; exit"])
        pane.wait_for(self.RUNS)
        client = child(child(pane.shell()))
        for columns in (40, 80, 60, 20, 100, 40, 39, 80):
            # tmux breaks the lines some time before it tells the client, who draws for the old size if it
            # draws in between, and can't take away what it doesn't know of.
            os.kill(client, signal.SIGSTOP)
            pane.resize(columns, 12)
            wait_until(lambda: pane.size_told() == (columns, 12), "the size is told")
            os.kill(client, signal.SIGCONT)
            try:
                wait_until(lambda: self.has_one_bar(pane.screen(), columns), f"one bar at {columns}")
            except AssertionError as error:
                self.fail(f"{error}; the screen:\n{pane.screen()}")
        self.stop(pane)

    def test_the_line_of_who_types_rows_has_no_bar(self):
        for arguments in (["-t", "x^2"], ["-d", "-t", "x^2"]):
            pane = self.open(80)
            pane.type(self.client("batch", *arguments, "--progress", "always"))
            pane.wait_for(r"Ctrl-D ends them")
            pane.type("3")
            pane.tmux("send-keys", "-l", "12")
            pane.wait_for(r"^12")
            for _ in range(15):  # a bar would be drawn
                self.assertNotRegex(pane.screen(), r"\d done|\d/\d")
                time.sleep(0.1)
            pane.press("Enter")
            pane.press("C-d")
            pane.wait_for(r"2 jobs")
        self.assertEqual(cluster.run("delete", "last").code, 0)  # no test's list has it

    def test_sigterm_leaves_the_terminal_as_it_was(self):
        pane = self.open(80)
        self.start(pane)
        os.kill(child(pane.shell()), signal.SIGTERM)
        pane.wait_for(r"^ready\$ *\n*\Z")
        self.assertEqual(pane.state(), (True, False))
        self.assertEqual(self.bars(pane.screen()), [])
        pane.type("echo alive")  # and what is typed is seen
        pane.wait_for(r"^alive$")

    def test_what_is_waited_for_fits_as_well(self):
        pane = self.open(40)
        pane.type([program("dcalc-client"), "-b", f"ipc://{cluster.folder}/nobody-is-there", "1+1", "--wait", "2s"])
        screen = pane.wait_for(r"^waiting for the broker at ipc:")
        self.assertTrue(all(len(line) < 40 for line in screen.splitlines() if line.startswith("waiting")))
        screen = pane.wait_for(r"^dcalc: no broker at ")
        self.assertNotIn("waiting", screen)


class Top(Case):
    def setUp(self):
        self.batch = cluster.start("batch", "-", "--name", "sweep")
        self.addCleanup(self.end_batch)
        self.batch.stdin.write(b"sum(1/k, k, 1, 1e9)\n" * 200)
        self.batch.stdin.close()
        wait_until(lambda: "sweep" in cluster.run("list").out, "the batch is there")

    def end_batch(self):
        cluster.run("cancel", "sweep")
        self.batch.kill()
        self.batch.wait()
        self.batch.stdout.close()
        self.batch.stderr.close()

    def start(self, columns, rows=12):
        pane = self.open(columns, rows)
        pane.type(self.client("top", "--interval", "100ms"))
        pane.wait_for(r"^>b\d+ sweep")
        return pane

    def assert_frame(self, screen, columns):
        lines = screen.rstrip("\n").splitlines()
        self.assertTrue(all(len(line) <= columns for line in lines), screen)
        self.assertRegex(lines[0], r"^ (dcalc  ipc://\S+  |ipc://\S+  )?1 worker 2 slots")
        workers = [line for line in lines if re.match(r" \S+  ([█░]+  )?\d/2 ", line)]
        batches = [line for line in lines if re.match(r"[ >]b\d+ sweep", line)]
        self.assertEqual((len(workers), len(batches)), (1, 1), screen)
        self.assertRegex(screen, r"(?m)^ q quit")

    def test_eighty_columns(self):
        pane = self.start(80)
        screen = pane.wait_for(r"♥ \d\.\ds")
        self.assert_frame(screen, 80)
        self.assertRegex(screen, r"(?m)^ \S+  █{4,}░*  [12]/2  ♥ \d\.\ds +\S+/s  b\d+")
        self.assertRegex(screen, r"(?m)^>b\d+ sweep  [━╸─]+  \d+ %  ")
        self.assertEqual(pane.state(), (False, True))

    def test_forty_columns(self):
        pane = self.start(40)
        self.assert_frame(pane.screen(), 40)

    def test_a_terminal_that_changes_its_size_has_one_frame(self):
        pane = self.start(80)
        for columns, rows in ((40, 12), (80, 12), (60, 6), (120, 30), (40, 8), (80, 12)):
            pane.resize(columns, rows)

            def has_frame():
                try:
                    self.assert_frame(pane.screen(), columns)
                except (AssertionError, IndexError):
                    return False
                return True
            wait_until(has_frame, f"a whole frame at {columns} x {rows}", 30)

    def test_the_terminal_is_as_it_was_whatever_ends_it(self):
        for end in ("q", "C-c", signal.SIGTERM, signal.SIGHUP):
            with self.subTest(end=end):
                pane = self.start(80)
                before = "ready$ "
                if isinstance(end, str):
                    pane.press(end)
                else:
                    os.kill(child(pane.shell()), end)
                pane.wait_for(r"^ready\$ *\n*\Z")
                self.assertEqual(pane.state(), (True, False), end)
                self.assertTrue(pane.screen().startswith(before), pane.screen())
                pane.type("stty -a | grep -o ' echo '")
                pane.wait_for(r"^ echo")


if __name__ == "__main__":
    unittest.main()
