"""batch --reduce: rows become one value, the same on any cluster."""

import decimal
import fractions
import json
import math
import os
import random
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, run_client  # noqa: E402

NUMBERS = "sum prod least greatest mean argmin argmax var std".split()
BOOLS = "count any all".split()

small, large = Cluster(slots=1), Cluster(slots=3)


def setUpModule():
    small.__enter__()
    large.__enter__()


def tearDownModule():
    small.__exit__()
    large.__exit__()


def variance(values):
    """The exact one."""
    values = [fractions.Fraction(value) for value in values]
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def root(fraction):
    with decimal.localcontext(decimal.Context(prec=60)):
        return float((decimal.Decimal(fraction.numerator)
                      / decimal.Decimal(fraction.denominator)).sqrt())


class Case(unittest.TestCase):
    maxDiff = None

    def reduce(self, op, *arguments, code=0, at=small, **options):
        result = at.run("batch", "--reduce", op, *arguments, **options)
        self.assertEqual(result.code, code, result.err)
        return result

    def value(self, op, *arguments, **options):
        return self.reduce(op, *arguments, **options).out


class Values(Case):
    def test_each_operation(self):
        rows = "3\n1\n4\n1\n5\n"
        expected = {"sum": "14", "prod": "60", "least": "1", "greatest": "5", "mean": "2.8",
                    "argmin": "2", "argmax": "5", "var": "3.2", "std": "1.7888543819998317"}
        for op in NUMBERS:
            self.assertEqual(self.value(op, "-t", "x", stdin=rows), expected[op] + "\n", op)
        for op, expected in (("count", "3"), ("any", "true"), ("all", "false")):
            self.assertEqual(self.value(op, "-t", "x > 1", stdin=rows), expected + "\n", op)

    def test_failed_rows_are_left_out_and_counted(self):
        table = "a\n4\n0\n-2\nn/a\n8\n"
        expected = {"sum": "-0.125", "prod": "-0.015625", "least": "-0.5", "greatest": "0.25",
                    "mean": "-0.041666666666666664",
                    "argmin": "3", "argmax": "1",  # of all rows, those that failed as well
                    "var": "0.16145833333333334", "std": "0.4018187817080398"}
        for op in NUMBERS:
            result = self.reduce(op, "--from", "csv", "-t", "1/a", code=1, stdin=table)
            self.assertEqual(result.out, expected[op] + "\n", op)
        self.assertIn("stdin:3: division by zero", result.err)
        for op, value in (("count", "3"), ("any", "true"), ("all", "false")):
            result = self.reduce(op, "--from", "csv", "-t", "a > -1", code=1, stdin=table)
            self.assertEqual(result.out, value + "\n", op)
        self.assertIn("stdin:5: column 'a': 'n/a' is not a number\n", result.err)
        self.assertRegex(result.err, r"5 jobs in .*, \d ok, \d failed and left out, batch b\d+\n$")

    def test_the_digits_are_those_of_exact_sums_on_any_cluster(self):
        random.seed(5)
        rows = [random.uniform(-1, 1) * 10.0 ** random.randint(-200, 120) for _ in range(3000)]
        rows += [1e120, 1.0, -1e120, 1e-200]
        random.shuffle(rows)
        text = "".join(f"{row!r}\n" for row in rows)
        spread = variance(rows)
        expected = {"sum": math.fsum(rows), "least": min(rows), "greatest": max(rows),
                    "mean": math.fsum(rows) / len(rows), "argmin": rows.index(min(rows)) + 1,
                    "argmax": rows.index(max(rows)) + 1, "var": float(spread), "std": root(spread)}
        for op in NUMBERS:
            few, many = (self.value(op, "-t", "x", at=at, stdin=text) for at in (small, large))
            self.assertEqual(few, many, op)
            if op in expected:
                self.assertEqual(float(few), expected[op], op)

    def test_deviations_count_wherever_they_lie(self):
        for rows in ([1e9 + 0.1, 1e9 + 0.2, 1e9 + 0.4], [1e-170, 3e-170], [5.0, 5.0, 5.0],
                     [1e15 + k for k in range(200)], [1e200, 1, 1e200]):
            text = "".join(f"{row!r}\n" for row in rows)
            deviation = root(variance(rows))
            if deviation < 1e154:
                self.assertEqual(float(self.value("std", "-t", "x", stdin=text)), deviation)
            else:
                self.assertIn("the result of 'std' is too large",
                              self.reduce("std", "-t", "x", code=1, stdin=text).err)

    def test_a_million_rows(self):
        for at in (small, large):
            result = self.reduce("sum", "-r", "k=1:1e6", "-t", "1/k^2", at=at)
            self.assertEqual(result.out, "1.6449330668487265\n")
            self.assertRegex(result.err, r"^dcalc: 1,000,000 jobs in .*, all ok, batch b\d+\n$")
        self.assertEqual(self.value("argmax", "-r", "k=1:1e6", "-t", "k*(1.5e6 - k)"), "750000\n")
        self.assertEqual(self.value("count", "-r", "k=1:1e6", "-t", "k % 7 == 0"), "142857\n")

    def test_a_product_passes_what_no_double_holds(self):
        formula = "k <= 1000 ? k : 1/(k - 1000)"
        products = {self.value("prod", "-r", "k=1:2000", "-t", formula, at=at)
                    for at in (small, large)}
        self.assertEqual(len(products), 1)
        self.assertAlmostEqual(float(products.pop()), 1, places=12)

    def test_rows_that_bring_their_expressions(self):
        result = self.reduce("sum", code=1, stdin="1+1\n2 > 1\n'a'\nnull\n1/0\n40\n")
        self.assertEqual(result.out, "43\n")
        self.assertIn("stdin:3: 'sum' takes numbers, not strings\n", result.err)
        self.assertIn("stdin:4: 'sum' of null\n", result.err)
        self.assertIn("stdin:5:2: division by zero\n", result.err)
        self.assertIn("stdin:1: 'any' takes true or false, not numbers",
                      self.reduce("any", code=1, stdin="1+1\n2 > 1\n").err)

    def test_the_largest_of_one_value_is_perhaps_that_of_all_rows(self):
        for template, op in (("max(x)", "greatest"), (" min({x}) ", "least"), ("max(x, 1)", ""), ("max((x))", "")):
            result = run_client(["batch", "--dry-run", "-t", template], stdin="1\n2\n")
            told = f"of one value is that value; of all rows: --reduce {op}\n" if op else ""
            self.assertEqual(result.code, 0, result.err)
            self.assertEqual(result.err.count("--reduce"), 1 if op else 0, result.err)
            self.assertIn(told, result.err)
            self.assertNotIn("--reduce", run_client(["batch", "--dry-run", "-q", "-t", template], stdin="1\n").err)
        self.assertNotIn("of one value", self.reduce("sum", "-t", "max(x)", stdin="1\n").err)

    def test_of_no_rows(self):
        for op, value in (("sum", "0"), ("prod", "1"), ("count", "0"), ("all", "true"),
                          ("any", "false")):
            self.assertEqual(self.value(op, stdin=""), value + "\n", op)
        for op in ("mean", "least", "greatest", "argmin", "argmax"):
            result = self.reduce(op, code=1, stdin="")
            self.assertEqual(result.out, "error: no-terms\n", op)
            self.assertRegex(result.err, f"^dcalc: '{op}' needs a row with a value\n"
                                         "dcalc: 0 jobs in .*, no value\n$")
        for op in ("var", "std"):
            self.assertIn("needs two rows", self.reduce(op, code=1, stdin="5\n").err)
        result = self.reduce("mean", "-t", "1/x", code=1, stdin="0\n0\n")
        self.assertEqual(result.out, "error: no-terms\n")
        self.assertIn("needs a row", result.err)
        self.assertRegex(result.err, r", 0 ok, 2 failed and left out, no value, batch b\d+\n$")

    def test_infinities(self):
        big = ("-t", "x", "--ieee")
        result = self.reduce("sum", "-t", "x", code=1, stdin="1e308\n1e308\n")
        self.assertEqual(result.out, "error: overflow\n")
        self.assertIn("the result of 'sum' is too large", result.err)
        self.assertRegex(result.err, r", no value, batch b\d+\n$")
        self.assertEqual(self.value("sum", *big, stdin="1e308\n1e308\n"), "inf\n")
        self.assertEqual(self.value("greatest", *big, stdin="1\nnan\ninf\n"), "nan\n")
        self.assertEqual(self.value("argmax", *big, stdin="1\ninf\n"), "2\n")


class Output(Case):
    def test_json(self):
        told = json.loads(self.value("mean", "-o", "json", "-t", "6/x", code=1,
                                     stdin="1\n0\n2\n"))
        self.assertRegex(told.pop("batch"), r"^b\d+$")
        self.assertEqual(told, {"v": 1, "op": "mean", "value": 4.5, "rows": 3, "failed": 1})
        self.assertEqual(json.loads(self.value("all", "-o", "json", stdin="")),
                         {"v": 1, "op": "all", "value": True, "rows": 0, "failed": 0})
        self.assertEqual(json.loads(self.value("var", "-o", "json", code=1, stdin="")), {
            "v": 1, "op": "var", "rows": 0, "failed": 0,
            "error": {"code": "no-terms", "message": "'var' needs two rows with a value"}})
        told = json.loads(self.value("sum", "-o", "json", "--ieee", "-t", "x", stdin="inf\n"))
        self.assertEqual((told["value"], told["special"]), (None, "inf"))

    def test_tables(self):
        self.assertEqual(self.value("mean", "-o", "csv", "-p", "3", "-t", "x/3", stdin="1\n2\nx\n",
                                    code=1),
                         "op,value,rows,failed,error\nmean,0.5,3,1,\n")
        self.assertEqual(self.value("std", "-o", "tsv", code=1, stdin="1\n"),
                         "op\tvalue\trows\tfailed\terror\nstd\t\t1\t0\tno-terms\n")

    def test_a_table_gives_a_number_unless_told_otherwise(self):
        table = "qty,price\n2,10\n3,7\n"
        self.assertEqual(self.value("sum", "--from", "csv", "-t", "qty*price", stdin=table), "41\n")

    def test_digits_are_of_the_value(self):
        self.assertEqual(self.value("sum", "-p", "3", "-r", "k=1:1000", "-t", "1/k"), "7.49\n")

    def test_order_is_kept_where_it_was_given_up(self):
        self.assertEqual(self.value("argmin", "-u", "-r", "k=1:1e5", "-t", "abs(k - 31415)"),
                         "31415\n")

    def test_a_file(self):
        target = small.path("reduced.txt")
        self.assertEqual(self.value("prod", "-r", "k=1:10", "-t", "k", "-O", target), "")
        with open(target, encoding="utf-8") as file:
            self.assertEqual(file.read(), "3628800\n")

    def test_failed_rows_can_be_kept(self):
        kept = small.path("failed.jsonl")
        self.assertEqual(self.value("sum", "-t", "1/x", "--errors", kept, code=1,
                                    stdin="1\n0\n2\n"), "1.5\n")
        with open(kept, encoding="utf-8") as file:
            failed, = [json.loads(line) for line in file]
        self.assertEqual((failed["row"], failed["error"]["code"]), (2, "divide-by-zero"))

    def test_a_row_that_is_too_long_is_left_out(self):
        result = self.reduce("sum", code=1, stdin="1\n" + "1+" * 40000 + "1\n2\n")
        self.assertEqual(result.out, "3\n")
        self.assertIn("3 jobs", result.err)

    def test_who_interrupts_gets_no_value(self):
        target = small.path("never.txt")
        client = small.start("batch", "-", "--reduce", "sum", "--progress", "json", "-O", target)
        client.stdin.write(b"1+1\n2+2\n")
        client.stdin.flush()
        said = b""
        while b'"done":2' not in said:
            said = client.stderr.readline()
        client.send_signal(signal.SIGINT)
        self.assertEqual(client.wait(timeout=30), 130)
        self.assertEqual(client.stdout.read(), b"")
        self.assertIn(b"dcalc: stopped with 2 rows computed, and no value      continue: ",
                      client.stderr.read())
        self.assertFalse(os.path.exists(target) or os.path.exists(target + ".part"))
        for stream in (client.stdin, client.stdout, client.stderr):
            stream.close()


class Usage(unittest.TestCase):
    def refuse(self, op, template, *arguments):
        result = run_client(["batch", "-b", "ipc:///nowhere/at/all", "-r", "x=1:3", "-t", template,
                             "--reduce", op, *arguments])
        self.assertEqual((result.out, result.code), ("", 64))
        return result.err

    def test_types_are_checked_before_anything_is_sent(self):
        for op in BOOLS:
            self.assertEqual(self.refuse(op, "x*2"),
                             f"dcalc: --reduce: '{op}' takes true or false, not numbers: "
                             "compare them, as in 'x > 100'\n")
            self.assertIn("not strings", self.refuse(op, "string(x)"))
        for op in NUMBERS:
            self.assertEqual(self.refuse(op, "string(x)"),
                             f"dcalc: --reduce: '{op}' takes numbers, not strings\n")

    def test_unknown_operations(self):
        for op, meant in (("meen", "mean"), ("max", "greatest"), ("min", "least"), ("avg", "mean"), ("stddev", "std")):
            self.assertIn(f"; did you mean '{meant}'?", self.refuse(op, "x"))

    def test_only_batches_are_reduced(self):
        result = run_client(["1+1", "--reduce", "sum"])
        self.assertEqual((result.out, result.code), ("", 64))
        self.assertEqual(small.run("6*7", environment={"DCALC_REDUCE": "mean"}).out, "42\n")

    def test_help_tells_the_operations(self):
        text = run_client(["batch", "--help"]).out
        self.assertIn("--reduce OP", text)
        for op in NUMBERS + BOOLS:
            self.assertRegex(text, rf"\b{op}\b")


if __name__ == "__main__":
    unittest.main()
