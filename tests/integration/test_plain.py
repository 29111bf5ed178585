"""No escape and no carriage return where nobody can use them, or has said that he does not want them:
in files, with NO_COLOR whatever it is, with TERM=dumb; from every command, on stdout and on stderr."""

import os
import select
import subprocess
import sys
import tty
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import PATIENCE, Cluster, clean_environment, end_client, program, wait_until  # noqa: E402

cluster = None

# What a terminal may be told with, by what is in the environment.
PLAIN = ({"NO_COLOR": "1", "TERM": "xterm-256color"}, {"NO_COLOR": "", "TERM": "xterm-256color"},
         {"NO_COLOR": "0", "TERM": "xterm-256color"}, {"TERM": "dumb"})


def setUpModule():
    global cluster
    cluster = Cluster(workers=1, slots=2, keeps=True)
    cluster.__enter__()
    cluster.write("rows.txt", "1+1\n1/0\n2+*3\n")
    for name, options in (("kept", []), ("held", ["--tag", "nobody"])):
        assert cluster.run("batch", "-d", cluster.path("rows.txt"), "--name", name, *options).code == 0
    assert cluster.run("results", "kept").code == 1


def tearDownModule():
    cluster.__exit__()


def commands():
    """One of each, and some that go wrong."""
    rows = cluster.path("rows.txt")
    return [["1+1", "1/0", "sqroot(2)"], ["2+*3"], ["batch", rows], ["batch", rows, "-o", "json", "-v"],
            ["batch", "-r", "x=0:3", "-t", "1/x", "--reduce", "sum"], ["batch", rows, "--dry-run"],
            ["sum(k, k, 1, 9)", "--explain"], ["batch", "-d", rows], ["list"], ["status", "all"],
            ["results", "kept"], ["attach", "kept"], ["retry", "kept"], ["set", "held", "--priority", "1"],
            ["workers"], ["top", "--once"], ["ping"], ["bench", "--seconds", "1"], ["config"],
            ["config", "--check"], ["completion", "bash"], ["complete", "topics"], ["help"],
            ["help", "functions"], ["--help"], ["--version"], ["list", "--help"], ["pi"], ["--timeuot", "1"],
            ["cancel", "all"], ["delete", "nobody"], ["2+2", "--let", "k=2*"], ["status", "b999999"],
            ["batch", "/nonexistent"]]


class Case(unittest.TestCase):
    def assert_plain(self, said, what):
        for byte in (b"\x1b", b"\r", b"\b", b"\x07"):
            self.assertNotIn(byte, said, what)


class Files(Case):
    def test_of_every_command(self):
        for arguments in commands():
            for environment in ({}, PLAIN[0]):
                result = cluster.run(*arguments, environment={"TERM": "xterm-256color", **environment})
                self.assert_plain(result.raw + result.err.encode(), arguments)

    def test_though_it_takes_long_enough_for_a_bar(self):
        client = cluster.start("batch", "-")
        self.addCleanup(end_client, client)
        client.stdin.write(b"1+1\n")
        client.stdin.flush()
        self.assertEqual(client.stdout.readline(), b"2\n")
        select.select([client.stderr], [], [], 1.5)  # nothing is said meanwhile
        _, err = client.communicate(timeout=PATIENCE)
        self.assertTrue(err.startswith(b"dcalc: 1 job in "), err)
        self.assert_plain(err, "progress")


class Terminals(Case):
    def start(self, arguments, environment, stdin=subprocess.DEVNULL):
        """A client that sees a terminal, which adds nothing of its own; and the other end of that."""
        try:
            master, terminal = os.openpty()
        except OSError:
            self.skipTest("this system has no terminals to give")
        self.addCleanup(os.close, master)
        tty.setraw(terminal)
        client = subprocess.Popen([program("dcalc-client"), *cluster.arguments(arguments)], stdin=stdin,
                                  stdout=terminal, stderr=terminal,
                                  env={**clean_environment(), **environment})
        os.close(terminal)
        return client, master

    def read(self, master):
        """All that there is, at the moment."""
        said = b""
        while select.select([master], [], [], 0)[0]:
            try:
                piece = os.read(master, 65536)
            except OSError:  # nobody has the other end any more
                return said
            if not piece:
                return said
            said += piece
        return said

    def run_to_its_end(self, arguments, environment):
        client, master = self.start(arguments, environment)
        said = []
        wait_until(lambda: said.append(self.read(master)) or client.poll() is not None, arguments)
        return b"".join(said) + self.read(master)

    def test_of_every_command(self):
        for at, arguments in enumerate(commands()):
            environment = PLAIN[at % len(PLAIN)]
            if arguments == ["cancel", "all"]:
                continue  # asks, and nobody is there
            said = self.run_to_its_end(arguments, environment)
            self.assertTrue(said, arguments)
            self.assert_plain(said, (arguments, environment))

    def test_of_an_error_in_every_environment(self):
        for environment in PLAIN:
            said = self.run_to_its_end(["2+*3"], environment)
            self.assertIn(b"\n      ^\n", said)
            self.assert_plain(said, environment)
        self.assertIn(b"\x1b[", self.run_to_its_end(["2+*3"], {"TERM": "xterm-256color"}))

    def watch(self, environment):
        """What a batch says that has come to a standstill for longer than it takes for a bar."""
        client, master = self.start(["batch", "-"], environment, subprocess.PIPE)
        said = b""
        try:
            client.stdin.write(b"1+1\n")
            client.stdin.flush()
            for _ in range(15):
                select.select([], [], [], 0.1)
                said += self.read(master)
            client.stdin.close()
            client.wait(timeout=PATIENCE)
        finally:
            client.kill()
            client.wait()
        return said + self.read(master)

    def test_no_bar_is_drawn(self):
        for environment in PLAIN:
            said = self.watch(environment)
            self.assertTrue(said.startswith(b"2\ndcalc: 1 job in "), said)
            self.assert_plain(said, environment)
        self.assertIn(b"\r\x1b[K1 done, 0 waiting", self.watch({"TERM": "xterm-256color"}))

    def test_nor_what_is_waited_for(self):
        for environment in PLAIN:
            said = self.run_to_its_end(["1+1", "-b", f"ipc://{cluster.path('nobody')}", "--wait", "300ms"],
                                       environment)
            self.assertIn(b"dcalc: no broker at ", said)
            self.assert_plain(said, environment)


if __name__ == "__main__":
    unittest.main()
