"""--explain: what is said of an expression, to people and to programs, without a cluster."""

import contextlib
import fcntl
import json
import os
import pty
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import program, run_client  # noqa: E402

NOWHERE = ["--broker", "ipc:///nowhere/at/all"]


class Explain(unittest.TestCase):
    maxDiff = None

    def explain(self, *arguments, code=0, **options):
        result = run_client([*arguments, "--explain", *NOWHERE], **options)
        self.assertEqual(result.code, code, result.err)
        return result

    def object(self, *arguments, **options):
        result = self.explain(*arguments, "-o", "json", **options)
        self.assertEqual((result.err, len(result.lines)), ("", 1))
        return json.loads(result.out)


class People(Explain):
    def test_a_template(self):
        result = self.explain("batch", "-r", "x=0:1:0.001",
                              "-t", "2*pi*x + (x > 0.5 ? sqrt(x) : 0)")
        self.assertEqual(result.err, "")
        self.assertEqual(result.out, """\
2*pi*x + (x > 0.5 ? sqrt(x) : 0)

type   number
       x  number
cost   8 steps a row, 1 folded; the limit is 100,000,000,000
split  rows go to all slots, each runs on one
tree   +
       ├─ *
       │  ├─ 2*pi = 6.283185307179586
       │  └─ x
       └─ ?:
          ├─ if >
          │  ├─ x
          │  └─ 0.5
          ├─ then sqrt
          │  └─ x
          └─ else 0
code   256 rows at a time, in 5 operations
         0  %2 = mul 6.283185307179586, x            2*pi*x
         1  %4 = gt x, 0.5                           x > 0.5
         2  jump-false %4 → 5
         3  %4 = sqrt x                              sqrt(x)
         4  jump → 6
         5  %4 = move 0
         6  %4 = add %2, %4                          2*pi*x + (x > 0.5 ? sqrt(x) : 0)
         7  end %4                                   2*pi*x + (x > 0.5 ? sqrt(x) : 0)
""")

    def test_terminals_that_know_ascii_only(self):
        result = self.explain("f(a) = a^2; f(-(1/0))", environment={"LC_ALL": "C"})
        self.assertTrue(result.out.isascii())
        self.assertIn("\ntree   f(a) = ^\n"
                      "       |- a\n"
                      "       `- 2\n"
                      "       f\n"
                      "       `- -\n"
                      "          `- /\n"
                      "             |- 1\n"
                      "             `- 0\n", result.out)

    def test_a_reduction_and_its_parts(self):
        result = self.explain("sum(1/k^2, k, 1, 1e9)", "sum(k, k, 1, 1e18)")
        self.assertIn("\ncost   3,000,000,002 steps; the limit is 100,000,000,000\n", result.out)
        self.assertIn("\nsplit  sum(1/k^2, k, 1, 1e9): 1,000,000,000 terms of 3 steps, "
                      "256 in 1 operation\n         60 parts of 16,777,216 terms\n", result.out)
        self.assertIn("sum(k, k, 1, 1e18): terms of 1 step, 256 in 0 operations\n"
                      "         refused when it runs: there is no such range, or none so long\n",
                      result.out)
        self.assertIn("\ncost   1,000,000,000,002 steps; too many: the limit is 100,000,000,000\n",
                      self.explain("sum(k, k, 1, 1e12)").out)
        self.assertIn(": terms of 1 step, 256 in 0 operations\n         at most 64 parts: "
                      "how many terms there are shows when it runs\n",
                      self.explain("batch", "-r", "x=1:9", "-t", "sum(k, k, 1, x)").out)
        self.assertIn(": 10,000 terms of 1 step, 256 in 0 operations\n"
                      "         if it takes over 200 ms, 40 parts of 256 terms\n",
                      self.explain("prod(k, k, 1, 1e4)").out)

    def test_what_is_known_needs_no_code(self):
        result = self.explain("tau*2")
        self.assertIn("\ntree   tau*2 = 12.566370614359172\n", result.out)
        self.assertIn("\ncode   none: the value is known\n", result.out)

    def test_one_in_error_is_told_and_the_others_explained(self):
        result = self.explain("1+1", "2+*3", "2+2", code=1)
        self.assertEqual(result.err,
                         "dcalc: syntax error at column 3: expected a number, a name or '(' "
                         "but found '*'\n    2+*3\n      ^\n")
        self.assertIn("\ntree   1+1 = 2\n", result.out)
        self.assertIn("\ntree   2+2 = 4\n", result.out)
        self.assertIn("\n\n2+2\n\n", result.out)

    def test_a_template_in_error_is_wrong_usage(self):
        result = self.explain("batch", "-r", "x=1:2", "-t", "x*y", code=64)
        self.assertEqual(result.out, "")
        self.assertIn("unknown name 'y'", result.err)

    def test_lines_are_explained_as_they_are_evaluated(self):
        lines = "1+1\r\n\n  2+*3\n2*k"
        path = os.path.join(tempfile.mkdtemp(), "lines.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write(lines)
        self.addCleanup(shutil.rmtree, os.path.dirname(path))
        for arguments, name in (((), "stdin"), (("batch",), "stdin"), (("batch", path), path)):
            result = self.explain(*arguments, "--let", "k=3", code=1, stdin=lines)
            self.assertEqual(result.err, f"{name}:2: there is nothing to evaluate\n"
                                         f"{name}:3:5: expected a number, a name or '(' but found "
                                         "'*'\n")
            self.assertTrue(result.out.startswith("1+1\n\ntype   number\n"), result.out)
            self.assertIn("\n\n2*k\n\ntype   number\n", result.out)
            self.assertEqual(result.out.count("type "), 2)

    def test_no_lines_are_no_explanations(self):
        self.assertEqual(self.explain(stdin="").out, "")

    def test_a_line_that_is_too_long_is_told_of(self):
        result = self.explain(code=1, stdin="1+" * 40000 + "1\n2+2\n")
        self.assertEqual(result.err, "stdin:1: the text is longer than the limit\n")
        self.assertIn("\ntree   2+2 = 4\n", result.out)

    def test_what_cannot_be_explained(self):
        for form in ("csv", "jsonl"):
            result = self.explain("batch", "--from", form, code=64, stdin="expr\n1+1\n")
            self.assertIn("takes a template (-t EXPR), or lines with an expression", result.err)
        self.assertIn("text or json", self.explain("1+1", "-o", "csv", code=64).err)
        self.assertIn("text or json", self.explain("batch", "--from", "sheet", "-o", "tsv", code=64,
                                                   stdin="a = 1\n").err)
        self.assertIn("does not take the option", self.explain("ping", code=64).err)

    def test_what_came_from_elsewhere_is_safe_to_print(self):
        result = self.explain("batch", "--from", "csv", "-t", "{a\x1bb} + '\x1b[2J'.\n",
                              code=64, stdin="a\x1bb\n")
        self.assertNotIn("\x1b", result.out + result.err)
        result = self.explain("batch", "--from", "csv", "-t", "{a\x9fb} +\n1",
                              stdin="a\x9fb\n")
        self.assertNotIn("\x9f", result.out)
        self.assertIn("+ 1\n", result.out)


SHEET = """\
# what a flight costs
total = fare + tax   # all of it
tax = fare > 100 ? round(fare * rate, 2) : 0
fare = legs * 49.5
legs = 3
label = "total: " == "" ? null : "euro"
"""


class Sheets(Explain):
    def sheet(self, text, *arguments, **options):
        return self.explain("batch", "--from", "sheet", *arguments, stdin=text, **options)

    def test_cells_stand_in_the_order_in_which_they_can_begin(self):
        result = self.sheet(SHEET, "--let", "rate=0.19")
        self.assertEqual(result.err, "")
        self.assertEqual(result.out, """\
stdin: 5 cells in 4 levels, 10 steps
longest chain: legs → fare → tax → total

LEVEL  LINE  CELL                                          TYPE    STEPS  WAITS FOR
    1     5  legs = 3                                      number      0  -
    1     6  label = "total: " == "" ? null : "euro"       string      2  -
    2     4  fare = legs * 49.5                            number      1  legs
    3     3  tax = fare > 100 ? round(fare * rate, 2) : 0  number      6  fare
    4     2  total = fare + tax                            number      1  tax, fare
""")

    def test_types_go_from_cell_to_cell(self):
        text = 'c = b ? a : "no"\na = s + "!"\nb = s == "x"\ns = "x"\nn = nul ?? 1\nnul = null\n'
        types = {cell["name"]: cell["type"]
                 for cell in map(json.loads, self.sheet(text, "-o", "json").lines)}
        self.assertEqual(types, {"s": "string", "a": "string", "b": "bool", "c": "string",
                                 "nul": "null", "n": "number"})

    def test_verbosely_each_cell_is_explained(self):
        result = self.sheet("b = a * 2\na = sum(k, k, 1, 1e9)\n", "-v")
        self.assertIn("""
b = a * 2

uses   a
type   number
       a  number
cost   1 step; the limit is 100,000,000,000
""", result.out)
        self.assertIn("\na = sum(k, k, 1, 1e9)\n\nusers  b\ntype   number\n", result.out)
        self.assertIn("60 parts of 16,777,216 terms", result.out)

    def test_programs_get_an_object_for_each_cell(self):
        cells = [json.loads(line) for line in self.sheet(SHEET, "--let", "rate=0.19", "-o", "json").lines]
        self.assertEqual([cell["name"] for cell in cells], ["legs", "label", "fare", "tax", "total"])
        fare = cells[2]
        self.assertEqual((fare["v"], fare["line"], fare["level"], fare["expr"]),
                         (1, 4, 2, "legs * 49.5"))
        self.assertEqual((fare["uses"], sorted(fare["users"])), (["legs"], ["tax", "total"]))
        self.assertEqual(fare["cost"]["steps"], 1)
        self.assertEqual(fare["tree"]["label"], "*")

    def test_a_cell_in_error_is_told_and_the_others_explained(self):
        result = self.sheet('b = a + 1\na = 1 +\nc = sqroot(b)\nd = 7\n', code=1)
        self.assertRegex(result.out, r"(?m)^    1     2  a = 1 \+ +error +-  -$")
        self.assertRegex(result.out, r"(?m)^    2     1  b = a \+ 1 +number +\d+  a$")
        self.assertIn("stdin:3: unknown function 'sqroot'; did you mean 'sqrt'?", result.err)
        self.assertRegex(result.err, r"(?m)^stdin:2: .* at column 4 of the expression$")

    def test_what_is_no_sheet_is_not_explained(self):
        result = self.sheet("a = b\nb = a\n", code=65)
        self.assertEqual(result.out, "")
        self.assertIn("none of them can be computed first", result.err)

    def test_a_long_chain_is_shown_as_far_as_anybody_looks(self):
        text = "c0 = 1\n" + "".join(f"c{i + 1} = c{i}\n" for i in range(50))
        self.assertIn("\nlongest chain: 43 more → c43 → c44 → c45 → c46 → c47 → c48 → c49 → c50\n",
                      self.sheet(text).out)

    def test_an_empty_sheet_has_no_cells(self):
        self.assertEqual(self.sheet("# nothing\n").out, "stdin: 0 cells\n")


class Terminals(unittest.TestCase):
    EXPRESSION = ("sum(1/(2*pi*k)^2, k, 1, 1e9) + if(sin(0.1234567) > 0, sqrt(2*pi), 0) + "
                  "integrate(exp(-x^2)/hypot(3, 4), x, 0, 1)")

    def lines(self, columns, encoding="C.UTF-8"):
        """What a terminal of so many columns gets, without the expression itself."""
        main, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        environment = {**os.environ, "LC_ALL": encoding, "NO_COLOR": "1"}
        environment.pop("COLUMNS", None)
        command = [program("dcalc-client"), "--explain", self.EXPRESSION]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=terminal,
                              stderr=subprocess.DEVNULL, env=environment) as process:
            os.close(terminal)
            out = b""
            with contextlib.suppress(OSError):  # what a terminal without writers gives is EIO
                while piece := os.read(main, 65536):
                    out += piece
        os.close(main)
        self.assertEqual(process.returncode, 0)
        first, *rest = out.decode().split("\r\n")
        self.assertEqual(first, self.EXPRESSION)
        return rest

    def test_lines_fit(self):
        for columns in (80, 60, 40):
            for encoding in ("C.UTF-8", "C"):
                lines = self.lines(columns, encoding)
                self.assertEqual([line for line in lines if len(line) > columns], [])
                self.assertIn("16777216", "".join(lines).replace(",", ""))

    def test_sentences_are_broken_at_blanks(self):
        lines = self.lines(40)
        first = next(i for i, line in enumerate(lines) if line.startswith("split"))
        self.assertEqual(lines[first:first + 4], ["split  sum(1/(2*pi*k)^2, k, 1, 1e9):",
                                                  "         1,000,000,000 terms of 4 steps,",
                                                  "         256 in 2 operations",
                                                  "         60 parts of 16,777,216 terms"])

    def test_texts_beside_the_code_need_room(self):
        self.assertTrue(any(line.endswith("  (2*pi*k)^2") for line in self.lines(60)))
        self.assertFalse(any(line.endswith("  (2*pi*k)^2") for line in self.lines(40)))


class Programs(Explain):
    def test_an_object_a_line(self):
        told = self.object("batch", "--from", "csv", "-t", "a == 'x' ? b ?? k : 2*3",
                           "--let", "k=3", "--types", "b:int", stdin="a,b,c\n")
        self.assertEqual((told["v"], told["expr"], told["type"]),
                         (1, "a == 'x' ? b ?? k : 2*3", "number"))
        self.assertEqual(told["variables"], [
            {"name": "a", "type": "string", "nullable": False, "varies": True},
            {"name": "b", "type": "int", "nullable": True, "varies": True},
            {"name": "k", "type": "number", "nullable": False, "varies": False}])
        self.assertEqual(told["cost"], {"steps": 9, "exact": False, "folded": 1,
                                        "limit": 100000000000})
        self.assertIsNone(told["blocks"])
        self.assertEqual(told["split"], [])
        self.assertEqual(told["tree"]["label"], "?:")
        self.assertEqual(told["tree"]["of"][2],
                         {"kind": "operator", "label": "*", "text": "2*3", "value": 6,
                          "of": [{"kind": "literal", "label": "2"},
                                 {"kind": "literal", "label": "3"}]})
        self.assertEqual(told["code"][0], {"at": 0, "op": "eq-string", "to": told["code"][0]["to"],
                                           "of": ["a", '"x"'], "text": "a == 'x'"})

    def test_blocks_and_parts(self):
        self.assertEqual(self.object("batch", "-r", "x=1:9", "-t", "x*x")["blocks"],
                         {"rows": 256, "operations": 1})
        told = self.object("mean(k, k, 0, 1, 1e-6)")
        self.assertEqual(told["split"], [
            {"text": "mean(k, k, 0, 1, 1e-6)", "range": True, "term_steps": 1,
             "blocks": {"rows": 256, "operations": 0}, "first": 0, "step": 1e-06,
             "terms": 1000001, "at_once": False, "parts": 62, "part_terms": 16384}])

    def test_members_of_objects_need_no_row(self):
        told = self.object("batch", "--from", "jsonl", "-t", "hypot(x, y) > 1", stdin="")
        self.assertEqual([variable["name"] for variable in told["variables"]], ["x", "y"])
        self.assertEqual(told["type"], "bool")

    def test_an_object_for_each_line(self):
        result = self.explain("-", "-o", "json", stdin="1+1\n2+2\n")
        self.assertEqual([json.loads(line)["expr"] for line in result.lines], ["1+1", "2+2"])

    def test_an_object_for_each_expression(self):
        result = self.explain("1+1", "2*k", "--let", "k=3", "-o", "json")
        told = [json.loads(line) for line in result.lines]
        self.assertEqual([(line["expr"], line["tree"]["value"]) for line in told],
                         [("1+1", 2), ("2*k", 6)])


if __name__ == "__main__":
    unittest.main()
