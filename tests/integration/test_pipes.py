"""A reader that has gone ends every command at once and quietly, with 141."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, clean_environment, end_client, program  # noqa: E402

cluster = None

# A row that would take for ever.
LONG = "all(k >= 0, k, 1, 4e9)"


def setUpModule():
    global cluster
    cluster = Cluster(workers=1, slots=2, keeps=True)
    cluster.__enter__()


def tearDownModule():
    cluster.__exit__()


class Gone(unittest.TestCase):
    """Of every command: nobody reads from the beginning on, so that its first byte finds that out."""

    @classmethod
    def setUpClass(cls):
        cls.rows = cluster.write("rows.txt", "1+1\n2+2\n")
        cls.sheet = cluster.write("cells.sheet", "a = 1\nb = a / 2\n")
        assert cluster.run("batch", "-d", cls.rows, "--name", "kept").code == 0
        assert cluster.run("results", "kept").code == 0
        assert cluster.run("batch", "-d", "-r", "x=0:1", "-t", "1/x", "--name", "failed").code == 0
        assert cluster.run("results", "failed").code == 1
        assert cluster.run("batch", "-d", cls.rows, "--name", "held", "--tag", "nobody").code == 0

    def ends(self, *arguments):
        reader, writer = os.pipe()
        os.close(reader)
        try:
            result = cluster.run(*arguments, stdout=writer)
        finally:
            os.close(writer)
        self.assertEqual((result.err, result.code), ("", 141), arguments)

    def test_computing(self):
        for format in ("text", "json", "csv"):
            for arguments in (["1+1"], ["1+1", "2+2"], ["batch", self.rows],
                              ["batch", self.rows, "--reduce", "sum"],
                              ["batch", "-r", "x=1:9", "-t", "x"], ["batch", "--from", "sheet", self.sheet]):
                self.ends(*arguments, "-o", format)
        for arguments in (["batch", self.rows, "--dry-run"], ["1+1", "--explain"],
                          ["batch", "-r", "x=1:9", "-t", "x", "--explain"]):
            self.ends(*arguments)
            self.ends(*arguments, "-o", "json")

    def test_what_is_kept(self):
        for format in ("text", "json", "csv"):
            for command in ("results", "attach"):
                self.ends(command, "kept", "-o", format)
            self.ends("retry", "failed", "-q", "-o", format)
            self.ends("set", "held", "--priority", "2", "-o", format)
        self.ends("batch", "-d", self.rows, "-q")

    def test_looking(self):
        for format in ("text", "json", "csv"):
            for arguments in (["list"], ["status", "all"], ["workers"], ["ping"], ["config"],
                              ["config", "--check"]):
                self.ends(*arguments, "-o", format)
        for format in ("text", "json"):
            self.ends("top", "--once", "-o", format)
        self.ends("bench", "--seconds", "1")

    def test_reading(self):
        for arguments in (["--help"], ["--version"], ["help"], ["help", "functions"], ["list", "--help"],
                          ["completion", "bash"], ["completion", "zsh"], ["completion", "fish"],
                          ["complete", "topics"]):
            self.ends(*arguments)

    def test_ending(self):
        for format in ("text", "json", "csv"):
            for command in ("cancel", "delete"):
                name = f"{command}-{format}"
                self.assertEqual(cluster.run("batch", "-d", self.rows, "--name", name, "--tag",
                                             "nobody").code, 0)
                if command == "delete":
                    self.assertEqual(cluster.run("cancel", name).code, 0)
                self.ends(command, name, "-o", format)


class Head(unittest.TestCase):
    """`dcalc ... | head -1`: what has been read is right, and the rest is not waited for."""

    def reads_one_line(self, *arguments, line):
        client = cluster.start(*arguments)
        self.addCleanup(end_client, client)
        client.stdin.close()
        self.assertEqual(client.stdout.readline(), line)
        client.stdout.close()
        self.assertEqual(client.wait(timeout=60), 141)
        self.assertEqual(client.stderr.read(), b"")

    def test_of_rows_that_never_end(self):
        rows = cluster.write("long.txt", "1+1\n" + f"{LONG}\n" * 100)
        self.reads_one_line("batch", rows, line=b"2\n")
        self.reads_one_line("batch", rows, "-u", line=b"1\t2\n")

    def test_of_more_than_a_pipe_holds(self):
        rows = cluster.write("many.txt", "1+1\n" * 100000)
        self.reads_one_line("batch", rows, line=b"2\n")
        self.assertEqual(cluster.run("batch", "-d", rows, "--name", "many").code, 0)
        self.reads_one_line("results", "many", line=b"2\n")
        self.reads_one_line("attach", "many", line=b"2\n")

    def test_with_a_shell(self):
        rows = cluster.write("shell.txt", "1+1\n" + f"{LONG}\n" * 100)
        script = f"'{program('dcalc-client')}' -b '{cluster.frontend}' batch '{rows}' | head -1"
        done = subprocess.run(["bash", "-c", script + "; exit ${PIPESTATUS[0]}"], timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              env=clean_environment())
        self.assertEqual((done.stdout, done.stderr, done.returncode), (b"2\n", b"", 141))


if __name__ == "__main__":
    unittest.main()
