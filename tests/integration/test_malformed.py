"""More than a thousand texts that are no expressions, through every door that a person has: none is
computed, each is told with its column (of a file with its line too), and nothing crashes."""

import csv
import io
import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, run_client  # noqa: E402
from malformed import BY_HAND, Grammar, malformed  # noqa: E402

cluster = None

COUNT = 1000
# In a line of a file the text is one line, and an argument has no NUL; and what is longer than the limit has
# no column: nobody has read it.
TEXTS = [text for _, text in malformed(1, COUNT)]
LONGEST = 65536
# Programs with sanitizers take several times as long to start.
RARITY = 1 if os.environ.get("DCALC_KIND", "release") == "release" else 3
SHORT = [text for text in TEXTS if len(text) < LONGEST]


def setUpModule():
    global cluster
    cluster = Cluster(workers=1, slots=2)
    cluster.__enter__()


def tearDownModule():
    cluster.__exit__()


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.addCleanup(self.assert_nobody_crashed)

    def assert_nobody_crashed(self):
        self.assertIsNone(cluster.broker.poll())
        self.assertIsNone(cluster.workers[0].poll())
        log = cluster.log()
        for word in ("Sanitizer", "runtime error", "crash", "slot lost", "assert"):
            self.assertNotIn(word, log)
        self.assertEqual(cluster.slot_count(), 2)

    def assert_no_crash(self, result, what):
        self.assertIn(result.code, (1, 64, 65), (what, result.err))
        self.assertNotIn("Sanitizer", result.err, what)
        self.assertNotIn("runtime error", result.err, what)

    def assert_told(self, rows, texts):
        """JSON rows that all failed, each with a column within its text, or at its end."""
        self.assertEqual(len(rows), len(texts))
        for row, text in zip(rows, texts):
            self.assertNotIn("value", row, text)
            error = row["error"]
            if len(text) >= LONGEST:
                self.assertEqual(error["code"], "too-long")
                continue
            self.assertTrue(error["message"], text)
            self.assertIn("column", error, (text, error))
            self.assertLessEqual(1, error["column"], text)
            self.assertLessEqual(error["column"] + error["width"], len(text) + 2, (text, error))


class Sound(Case):
    def test_the_grammar_makes_expressions(self):
        grammar = Grammar(2)
        result = cluster.run("batch", "-", "-o", "json",
                             stdin="".join(grammar.sound() + "\n" for _ in range(COUNT)))
        codes = {json.loads(line).get("error", {}).get("code") for line in result.lines}
        self.assertLessEqual(codes, {None, "divide-by-zero", "overflow", "domain"})

    def test_there_are_enough_and_no_two_alike(self):
        self.assertGreater(len(set(TEXTS)), COUNT)
        self.assertEqual(len(set(BY_HAND)), len(BY_HAND))


class Many(Case):
    """All of them, a process for each door."""

    def test_stdin(self):
        result = cluster.run("-o", "json", stdin="".join(text + "\n" for text in TEXTS))
        self.assert_no_crash(result, "stdin")
        self.assert_told([json.loads(line) for line in result.lines], TEXTS)
        result = cluster.run(stdin="".join(text + "\n" for text in TEXTS))
        self.assertEqual(result.code, 1)
        self.assertEqual([line for line in result.lines if not re.fullmatch("error: [a-z-]+", line)], [])

    def test_a_private_cluster(self):
        result = run_client(["-l1", "-o", "json"], stdin="".join(text + "\n" for text in TEXTS))
        self.assert_no_crash(result, "private")
        self.assert_told([json.loads(line) for line in result.lines], TEXTS)

    def test_a_file(self):
        path = cluster.write("texts.txt", "".join(text + "\n" for text in TEXTS))
        errors = cluster.path("errors.jsonl")
        result = cluster.run("batch", path, "--errors", errors, "-q")
        self.assert_no_crash(result, "file")
        self.assertEqual(len(result.lines), len(TEXTS))
        with open(errors, encoding="utf-8") as file:
            failed = [json.loads(line) for line in file]
        self.assertEqual([row["row"] for row in failed], list(range(1, len(TEXTS) + 1)))
        self.assert_told(failed, TEXTS)

    def test_a_file_whose_lines_are_told_of(self):
        # Five of a kind are shown: in files of one line each all are.
        for at in range(0, len(SHORT), 13 * RARITY):
            path = cluster.write("few.txt", "1+1\n" + "\n".join(SHORT[at:at + 4]) + "\n")
            result = cluster.run("batch", path)
            self.assert_no_crash(result, SHORT[at:at + 4])
            places = [line.removeprefix(path) for line in result.err.splitlines() if line.startswith(path)]
            self.assertEqual([re.match(r":(\d+):\d+: .", place).group(1) for place in places],
                             [str(line + 2) for line in range(len(SHORT[at:at + 4]))])

    def test_tables(self):
        table = io.StringIO()
        csv.writer(table, lineterminator="\n").writerows([["id", "expr"], *enumerate(SHORT)])
        result = cluster.run("batch", "-", "--from", "csv", "-o", "json", stdin=table.getvalue())
        self.assert_no_crash(result, "csv")
        self.assert_told([json.loads(line) for line in result.lines], SHORT)

    def test_objects(self):
        lines = "".join(json.dumps({"id": at, "expr": text}) + "\n" for at, text in enumerate(SHORT))
        result = cluster.run("batch", "-", "--from", "jsonl", "-o", "json", stdin=lines)
        self.assert_no_crash(result, "jsonl")
        self.assert_told([json.loads(line) for line in result.lines], SHORT)

    def test_arguments(self):
        # An operator between others is taken for `dcalc 2 + 3`, whose blanks need quotes.
        few = [text for text in SHORT if len(text) < 1000 and not re.fullmatch(r"[-+*/%^<>=!&|]+", text)]
        self.assertGreater(len(few), COUNT)
        result = cluster.run("eval", "-o", "json", "--", *few)
        self.assert_no_crash(result, "arguments")
        self.assert_told([json.loads(line) for line in result.lines], few)

    def test_bytes_that_are_no_text(self):
        lines = [b"1+\xff", b"\xc3\x28", b"1 \xe2\x82 2", b"'\xf0\x28\x8c\x28", b"\x00", b"1\x00+", b"1+\x01*",
                 b"\x7f", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"]
        result = cluster.run("-o", "json", stdin=b"\n".join(lines) + b"\n")
        self.assert_no_crash(result, "bytes")
        rows = [json.loads(line) for line in result.lines]
        self.assertEqual([row["error"].get("column", 0) > 0 for row in rows], [True] * len(lines), rows)


class Alone(Case):
    """A process for each, of every n-th."""

    def some(self, count):
        texts = [text for text in SHORT if text.strip() and len(text) < 20000 and "\0" not in text]
        return texts[::max(1, len(texts) // count * RARITY)]

    def test_an_argument(self):
        for text in self.some(120):
            # A word would be a command, and a file that is there is offered.
            result = cluster.run("eval", "--", text)
            self.assertEqual((result.out, result.code), ("", 1), (text, result.err))
            self.assert_no_crash(result, text)
            first, *rest = result.err.splitlines()
            self.assertTrue(first.startswith("dcalc: "), text)
            # The mark stands below the text, of which a part is shown where it is long.
            self.assertRegex(rest[-1], r"^ {4,}\^~*$", (text, result.err))

    def test_a_template(self):
        for text in self.some(60):
            result = cluster.run("batch", "-r", "row=1:2", f"--template={text}")
            self.assertEqual((result.out, result.code), ("", 64), (text, result.err))
            self.assert_no_crash(result, text)
            self.assertIn("--template", result.err.splitlines()[0], text)
            self.assertRegex(result.err, r"(?m)^ {4,}\^~*$", text)

    def test_a_variable(self):
        for text in self.some(40):
            result = cluster.run("1+k", f"--let=k={text}")
            self.assertEqual((result.out, result.code), ("", 64), (text, result.err))
            self.assertIn("--let", result.err.splitlines()[0], text)

    def test_a_cell_of_a_sheet(self):
        for text in self.some(60):
            path = cluster.write("one.sheet", f"first = 1\na = {text}\n")
            result = cluster.run("batch", "--from", "sheet", path)
            self.assert_no_crash(result, text)
            told = [line for line in result.err.splitlines() if line.startswith(path)]
            self.assertRegex(told[0].removeprefix(path), r"^:2(:\d+)?: .", (text, result.err))

    def test_bounds_of_a_range(self):
        for text in self.some(30):
            result = cluster.run("batch", f"--range=x=1:{text}", "-t", "x")
            self.assertEqual((result.out, result.code), ("", 64), (text, result.err))
            self.assertIn("--range", result.err.splitlines()[0], text)


if __name__ == "__main__":
    unittest.main()
