"""A batch that is not sent: what it would be, without a broker."""

import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import run_client  # noqa: E402

# Nobody is there: who looked would wait in vain.
NOBODY = ["--broker", "ipc:///nonexistent/dcalc", "--wait", "0"]


class DryRun(unittest.TestCase):
    maxDiff = None

    def run_dry(self, *arguments, code=0, **options):
        result = run_client(["batch", "--dry-run", *NOBODY, *arguments], **options)
        self.assertEqual(result.code, code, result.err)
        return result

    def as_json(self, *arguments, **options):
        line, = self.run_dry("-o", "json", *arguments, **options).lines
        return json.loads(line)

    def test_a_table(self):
        table = "id,amount,name\n1,250000,Ada\n2,n/a,Bob\n3,7\n4,8.5,\n"
        result = self.run_dry("--from", "csv", "-t", "name == 'Ada' ? amount*k : 0", "--let", "k=2",
                              "--types", "name:string?", stdin=table, code=1)
        lines = result.out.split("\n")
        self.assertEqual(lines[:6], [
            "first   1  amount=250000  name=\"Ada\"",
            "        2  error: not-a-number: column 'amount': 'n/a' is not a number",
            "        3  error: fields: the record has 2 fields, not 3",
            "rows    4 rows of stdin, in 1 chunk, 34 bytes",
            "        2 are malformed, and would fail",
            "type    number, of amount (number), name (string or null)",
        ])
        self.assertRegex(lines[6], r"^cost    [\d,]+ steps, less than 1 ms of a core like this one's$")
        self.assertEqual(lines[7:], ["nothing was sent", ""])
        self.assertEqual(result.err, "stdin:3: column 'amount': 'n/a' is not a number\n"
                                     "stdin:4: the record has 2 fields, not 3\n")

    def test_one_step_is_no_steps(self):
        self.assertRegex(self.run_dry("-t", "x+1", stdin="2\n").out, r"\ncost    1 step, ")

    def test_for_programs(self):
        told = self.as_json("--from", "jsonl", "-t", "a + (b == 'x' ? 1 : 0)", code=1,
                            stdin='{"a":1,"b":"x","c":[]}\n{"a":true,"b":"y"}\nno\n')
        self.assertGreater(told.pop("seconds"), 0)
        self.assertGreater(told.pop("steps"), 0)
        self.assertEqual(told, {
            "v": 1, "input": "stdin", "format": "jsonl", "rows": 3, "chunks": 1, "bytes": 45,
            "malformed": 2, "too_long": 0, "template": "a + (b == 'x' ? 1 : 0)", "type": "number",
            "variables": [{"name": "a", "type": "number", "nullable": False},
                          {"name": "b", "type": "string", "nullable": False}],
            "first": [{"row": 1, "inputs": {"a": 1, "b": "x"}},
                      {"row": 2, "error": told["first"][1]["error"]},
                      {"row": 3, "error": told["first"][2]["error"]}],
            "cut": False})

    def test_expressions_are_translated_and_not_computed(self):
        result = self.run_dry(stdin="1+2\n2+*3\nsum(k, k, 1, 1e10)\nsum(k, k, 1, 1e14)\n1/0\n", code=1)
        self.assertEqual(result.out.split("\n")[:5], [
            "first   1  1+2",
            "        2  error: syntax: expected a number, a name or '(' but found '*'",
            "        3  sum(k, k, 1, 1e10)",
            "rows    5 rows of stdin, in 1 chunk, 51 bytes",
            "        2 are malformed, and would fail"])
        self.assertEqual(result.err, "stdin:2:3: expected a number, a name or '(' but found '*'\n"
                                     "stdin:4: more steps are needed than the limit\n")

    def test_what_takes_long_is_guessed_from_its_beginning(self):
        told = self.as_json(stdin="sum(sin(k), k, 1, 1e10)\n")
        self.assertEqual(told["malformed"], 0)
        self.assertGreater(told["steps"], 1e10)
        self.assertGreater(told["seconds"], 1)

    def test_ranges_and_many_chunks(self):
        told = self.as_json("-r", "x=1:10000", "-t", "x*2")
        self.assertEqual((told["rows"], told["chunks"], told["format"], told["input"]),
                         (10000, 3, "ranges", "ranges"))
        self.assertEqual(told["first"], [{"row": row, "inputs": {"x": row}} for row in (1, 2, 3)])

    def test_rows_that_are_too_long(self):
        result = self.run_dry(stdin="1+1\n" + "1+" * 40000 + "1\n", code=1)
        self.assertIn("1 is too long to be sent, and would fail\n", result.out)
        result = self.run_dry("-d", stdin="1+1\n" + "1+" * 40000 + "1\n", code=1)
        self.assertIn("1 is too long to be sent: with -d all of it would be refused\n", result.out)

    def test_empty_input(self):
        self.assertEqual(self.run_dry(stdin="").out,
                         "rows    0 rows of stdin, in 0 chunks, 0 bytes\nnothing was sent\n")

    def test_what_is_wrong_as_a_whole(self):
        self.run_dry("-t", "a+*", "--from", "csv", stdin="a\n1\n", code=64)
        self.run_dry("--from", "csv", stdin="", code=65)
        self.run_dry("--from", "csv", "-t", "a", stdin='a\n"1\n', code=65)
        self.run_dry("/nonexistent", code=66)
        self.assertIn("text or json", self.run_dry("-o", "csv", stdin="1\n", code=64).err)
        self.assertIn("--explain", self.run_dry("--from", "sheet", stdin="a = 1\n", code=64).err)

    def test_nothing_is_written_but_what_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "out")
            self.run_dry("-O", out, stdin="1+1\n")
            with open(out, encoding="ascii") as file:
                self.assertIn("rows    1 row of stdin, in 1 chunk, 4 bytes\n", file.read())
            self.assertEqual(os.listdir(folder), ["out"])


if __name__ == "__main__":
    unittest.main()
