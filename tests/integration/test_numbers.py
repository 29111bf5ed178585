"""Numbers that are no doubles (--numbers): exact ones and decimals, in each form of input and output."""

import json
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, run_client, wait_until  # noqa: E402

cluster = Cluster(slots=2, keeps=True)
setUpModule, tearDownModule = cluster.__enter__, cluster.__exit__

EXACT = ("--numbers", "exact")
DECIMAL = ("--numbers", "decimal=34")


class Case(unittest.TestCase):
    maxDiff = None

    def run_it(self, *arguments, code=0, **options):
        result = cluster.run(*arguments, **options)
        self.assertEqual(result.code, code, result.err)
        return result

    def check(self, arguments, *lines, **options):
        self.assertEqual(self.run_it(*arguments, **options).lines, list(lines))

    def file(self, name, text):
        path = cluster.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path


class Expressions(Case):
    def test_exact_numbers_are_fractions_or_end(self):
        self.check([*EXACT, "0.1 + 0.2", "1/3 + 1/6", "1/3", "2^100", "-1/7 * 7", "1 < 2", "'a' + 'b'", "null ?? 1/3"],
                   "0.3", "0.5", "1/3", "1267650600228229401496703205376", "-1", "true", '"ab"', "1/3")

    def test_decimals_are_rounded_to_their_digits(self):
        self.check([*DECIMAL, "0.1 + 0.2", "1/3", "2/3", "1e30 + 1"],
                   "0.3", "0." + 34 * "3", "0." + 33 * "6" + "7", "1.000000000000000000000000000001e30")
        self.check(["--numbers", "decimal=5", "1/3", "100000 + 1"], "0.33333", "100000")

    def test_doubles_are_what_they_were(self):
        self.check(["--numbers", "double", "0.1 + 0.2"], "0.30000000000000004")

    def test_lines_of_stdin(self):
        self.check(EXACT, "0.3", "1/3", stdin="0.1+0.2\n1/3\n")

    def test_a_variable_says_it_too(self):
        self.check(["1/3"], "1/3", environment={"DCALC_NUMBERS": "exact"})
        path = self.file("numbers.conf", "[client]\nnumbers = decimal=4\n")
        self.check(["-c", path, "2/3"], "0.6667")

    def test_a_private_cluster(self):
        result = run_client(["--local=1", *EXACT, "1/3 + 1/6"])
        self.assertEqual((result.out, result.code), ("0.5\n", 0), result.err)

    def test_faults_have_their_column(self):
        result = self.run_it(*EXACT, "1 + 1/0", code=1)
        self.assertEqual(result.err, "dcalc: division by zero\n    1 + 1/0\n         ^\n")
        row = json.loads(self.run_it(*EXACT, "1 + sqrt(2)", "-o", "json", code=1).out)
        self.assertEqual((row["error"]["code"], row["error"]["column"]), ("not-exact", 5))

    def test_the_limit_of_steps_holds(self):
        row = json.loads(self.run_it(*EXACT, "sum(k, k, 1, 1e12)", "-o", "json", code=1).out)
        self.assertEqual(row["error"]["code"], "step-limit")

    def test_the_limit_of_time_holds(self):
        row = json.loads(self.run_it(*EXACT, "sum(1/k, k, 1, 1e9)", "-o", "json", "--timeout", "200ms", code=1).out)
        self.assertIn(row["error"]["code"], ("time-limit", "overflow"))

    def test_a_result_that_is_too_long_fails_alone(self):
        self.check([*EXACT, "3^600000", "1/3"], "error: too-large", "1/3", code=1)

    def test_a_long_one_is_there_to_its_last_digit(self):
        result = self.run_it(*EXACT, "7^100000", "7^100000 == 7^50000 * 7^50000")
        self.assertEqual(result.lines, [digits_of(7 ** 100000), "true"])

    def test_wrong_modes_are_refused(self):
        for mode in ("rational", "decimal", "decimal=0", "decimal=1001", "decimal=x", ""):
            result = self.run_it("--numbers", mode, "1", code=64)
            self.assertIn("is not double, exact or decimal=N", result.err)


def digits_of(number):
    """All digits, of which Python prints no more than some thousands otherwise."""
    limit = getattr(sys, "set_int_max_str_digits", None)
    if limit:
        limit(0)
    try:
        return str(number)
    finally:
        if limit:
            limit(4300)


class Refusals(Case):
    def test_what_is_for_doubles_is_refused(self):
        for option, word in ((("-p", "3"), "--digits"), (("--format", "%.3f"), "--format"), (("--ieee",), "--ieee")):
            for mode in (EXACT, DECIMAL):
                result = self.run_it(*mode, *option, "1/3", code=64)
                self.assertTrue(result.err.startswith(f"dcalc: {word} is for doubles: with --numbers {mode[1]} "),
                                result.err)
                if word != "--ieee":
                    self.assertTrue(result.err.endswith("; fewer are decimal=N or round(x, n)\n"), result.err)
        result = self.run_it("batch", *EXACT, "-r", "x=1:3", "-t", "x", "--reduce", "sum", code=64)
        self.assertTrue(result.err.startswith("dcalc: --reduce is for doubles: "), result.err)

    def test_it_says_where_it_has_it_from(self):
        path = self.file("digits.conf", "[client]\ndigits = 6\n")
        result = self.run_it("-c", path, *EXACT, "1/3", code=78)
        self.assertIn("--digits is from ", result.err)

    def test_a_template_in_error_is_told_before_anything_runs(self):
        result = self.run_it("batch", *EXACT, "-r", "x=1:3", "-t", "x + integrate(t, t, 0, 1)", code=64)
        self.assertIn("integrate", result.err)
        self.assertEqual(result.out, "")


class Rows(Case):
    def test_csv(self):
        path = self.file("exact.csv", "a,b,name\n0.1,0.2,x\n1,3,y\n-1/3,2/3,z\nn/a,1,u\n1,0,v\n")
        result = self.run_it("batch", path, *EXACT, "-t", "a/b", code=1)
        self.assertEqual(result.lines, ["a,b,name,result,error", "0.1,0.2,x,0.5,", "1,3,y,1/3,", "-1/3,2/3,z,-0.5,",
                                        "n/a,1,u,,not-a-number", "1,0,v,,divide-by-zero"])
        self.assertIn("exact.csv:5: column 'a': 'n/a' is not a number", result.err)

    def test_csv_as_json(self):
        path = self.file("json.csv", "a,b\n0.10000000000000000000001,+3\n1/3,0x10\n")
        raw = self.run_it("batch", path, *EXACT, "-t", "a*b", "-q", "-o", "json").lines
        self.assertIn('"value":0.30000000000000000000003,', raw[0])
        self.assertIn('"inputs":{"a":0.10000000000000000000001,"b":"+3"}', raw[0])
        self.assertIn('"value":"16/3",', raw[1])
        self.assertIn('"inputs":{"a":"1/3","b":"0x10"}', raw[1])

    def test_tsv_with_types(self):
        path = self.file("types.tsv", "n\tname\n7.0\tx\n7.5\ty\n1e30\tz\n")
        self.check(["batch", path, *EXACT, "-t", "name == 'x' ? n/3 : n", "--types", "n:int", "-q"],
                   "n\tname\tresult\terror", "7.0\tx\t7/3\t", "7.5\ty\t\tnot-an-integer",
                   "1e30\tz\t1000000000000000000000000000000\t", code=1)

    def test_jsonl_keeps_all_digits_and_comes_back(self):
        text = '{"x":0.1,"y":12345678901234567890}\n{"x":"1/3","y":3}\n{"x":"a third","y":3}\n'
        result = self.run_it("batch", "--from", "jsonl", *EXACT, "-t", "x*y", "-q", stdin=text, code=1)
        self.assertIn('"value":1234567890123456789,', result.lines[0])
        self.assertIn('"value":1,', result.lines[1])
        self.assertIn('"not-a-number"', result.lines[2])
        halves = self.run_it("batch", "--from", "jsonl", *EXACT, "-t", "value/3", "-o", "text", "-q",
                             stdin='{"value":1}\n{"value":"1/3"}\n')
        self.assertEqual(halves.lines, ["1/3", "1/9"])

    def test_a_line_is_x(self):
        self.check(["batch", *EXACT, "-t", "x/3", "-q"], "1/3", "2", "1/9", stdin="1\n6\n1/3\n")

    def test_rows_that_bring_expressions(self):
        path = self.file("expr.csv", "name,expr\nx,1/3\ny,0.1 + 0.2\n")
        self.check(["batch", path, *EXACT, "-q"], "name,expr,result,error", "x,1/3,1/3,",
                   "y,0.1 + 0.2,0.3,")

    def test_ranges_are_exact(self):
        self.check(["batch", "-r", "x=0:1:0.1", "-t", "x", *EXACT, "-q"],
                   *["0", *(f"0.{i}" for i in range(1, 10)), "1"])
        self.check(["batch", "-r", "x=0:1:1/3", "-r", "y=1:2", "-t", "x*y", *EXACT, "-q", "-o", "csv"],
                   "x,y,result,error", "0,1,0,", "0,2,0,", "1/3,1,1/3,", "1/3,2,2/3,", "2/3,1,2/3,", "2/3,2,4/3,",
                   "1,1,1,", "1,2,2,")
        rows = self.run_it("batch", "-r", "x=0:0.2:0.1", "-t", "x+x", *DECIMAL, "-q", "-o", "json").lines
        self.assertEqual([(row["inputs"], row["value"]) for row in map(json.loads, rows)],
                         [({"x": 0}, 0), ({"x": 0.1}, 0.2), ({"x": 0.2}, 0.4)])

    def test_ranges_that_are_none_are_refused(self):
        for text, why in (("x=1:0", "has no points"), ("x=0:1:0", "has a step of 0"), ("x=0:1e20", "has too many")):
            self.assertIn(why, self.run_it("batch", *EXACT, "-r", text, "-t", "x", code=64).err)

    def test_many_rows_keep_their_order(self):
        result = self.run_it("batch", "-r", "x=1:20000", "-t", "x/7", *EXACT, "-q")
        self.assertEqual(result.lines[:7], ["1/7", "2/7", "3/7", "4/7", "5/7", "6/7", "1"])
        self.assertEqual((len(result.lines), result.lines[-1]), (20000, "20000/7"))

    def test_errors_are_kept_and_can_be_mended(self):
        path, failed = self.file("bad.csv", "a\n1\nx\n"), cluster.path("failed.jsonl")
        self.run_it("batch", path, *EXACT, "-t", "a/3", "-q", "--errors", failed, code=1)
        with open(failed, encoding="utf-8") as file:
            text = file.read().replace('"x"', '"2/3"')
        self.check(["batch", "--from", "jsonl", *EXACT, "-t", "a/3", "-q", "-o", "text"], "2/9", stdin=text)

    def test_verified_ones_agree(self):
        self.check(["batch", *EXACT, "-t", "x/3", "-q", "--verify"], "1/3", "2/3", stdin="1\n2\n")


class Constants(Case):
    def test_let(self):
        self.check([*EXACT, "--let", "k=1/3", "--let", "m=k*2", "k + m", "k*3 == 1"], "1", "true")
        self.check(["batch", *EXACT, "--let", "k=1/3", "-t", "x*k", "-q"], "1", "2/3", stdin="3\n2\n")
        result = self.run_it(*EXACT, "--let", "k=sqrt(2)", "k+1", code=64)
        self.assertIn("--let", result.err)

    def test_the_result_of_a_batch(self):
        identity = self.run_it("batch", "-d", *EXACT, "-q", stdin="1/3\n").out.strip()
        self.check([*EXACT, "--let", f"third=@{identity}", "third*3"], "1")


class Sheets(Case):
    def test_cells_feed_each_other_exactly(self):
        text = "whole = third * 3\nthird = one / 3\none = 1\nis_whole = whole == 1\nname = 'n' + 'm'\n"
        self.check(["batch", "--from", "sheet", "-q", *EXACT], "1", "1/3", "1", "true", '"nm"', stdin=text)
        self.check(["batch", "--from", "sheet", "-q", *DECIMAL], "0." + 34 * "9", "0." + 34 * "3", "1", "false", '"nm"',
                   stdin=text)

    def test_with_constants(self):
        self.check(["batch", "--from", "sheet", "-q", *EXACT, "--let", "k=1/3"], "2/3", "1", stdin="a = 2*k\nb = a + k\n")

    def test_detached_and_again(self):
        identity = self.run_it("batch", "-d", "--from", "sheet", *EXACT, "-q",
                               stdin="a = 1/3\nb = a*3\nc = a/(b - 1)\n").out.strip()
        self.check(["attach", identity, "-q", "-o", "text"], "1/3", "1", "error: divide-by-zero", code=1)
        again = self.run_it("retry", identity).out.split(":")[0]
        self.check(["attach", again, "-q", "-o", "text"], "error: divide-by-zero", code=1)


class Kept(Case):
    def test_detached_rows_are_had_in_any_form(self):
        path = self.file("kept.csv", "a\n0.30\n1/7\n")
        identity = self.run_it("batch", "-d", path, *EXACT, "-t", "a/3", "-q").out.strip()
        self.check(["attach", identity, "-q"], "a,result,error", "0.30,0.1,", "1/7,1/21,")
        rows = [json.loads(line) for line in self.run_it("results", identity, "-o", "json").lines]
        self.assertEqual([(row["inputs"]["a"], row["value"]) for row in rows], [(0.3, 0.1), ("1/7", "1/21")])
        for option in (("-p", "3"), ("--format", "%.1f"), ("--reduce", "sum")):
            result = self.run_it("results", identity, *option, code=64)
            self.assertIn(f"is for doubles, and {identity} was sent with --numbers exact", result.err)

    def test_ranges_that_are_kept(self):
        identity = self.run_it("batch", "-d", "-r", "x=0:1:0.5", *EXACT, "-t", "x/3", "-q").out.strip()
        self.check(["attach", identity, "-q"], "0", "1/6", "1/3")
        self.check(["results", identity, "-o", "csv"], "x,result,error", "0,0,", "0.5,1/6,", "1,1/3,")

    def test_what_failed_is_sent_again_with_the_same_numbers(self):
        identity = self.run_it("batch", "-d", *EXACT, "-q", stdin="1/3\n1/0\n").out.strip()
        self.run_it("attach", identity, "-q", code=1)
        again = self.run_it("retry", identity).out.split(":")[0]
        row = json.loads(self.run_it("attach", again, "-q", "-o", "json", code=1).out)
        self.assertEqual((row["expr"], row["error"]["code"]), ("1/0", "divide-by-zero"))

    def test_a_key_stands_for_its_numbers(self):
        path = self.file("key.csv", "a\n1\n")
        self.run_it("batch", "-d", path, "-t", "a/3", "--key", "n", *EXACT, "-q")
        self.run_it("batch", "-d", path, "-t", "a/3", "--key", "n", *EXACT, "-q")
        result = self.run_it("batch", "-d", path, "-t", "a/3", "--key", "n", "-q", code=64)
        self.assertIn("its --numbers is exact, and not double", result.err)


class Stops(Case):
    def test_a_run_that_was_stopped_goes_on(self):
        out = cluster.path("resumed.txt")
        command = ("batch", "-t", "x/7", *EXACT, "-O", out)
        client = cluster.start(*command, stdin=subprocess.PIPE)
        client.stdin.write(b"".join(b"%d\n" % i for i in range(1000)))
        client.stdin.flush()
        wait_until(lambda: os.path.exists(out + ".journal") and os.path.getsize(out + ".journal") > 4000,
                   "results are recorded")
        client.send_signal(signal.SIGINT)
        _, said = client.communicate(timeout=60)
        self.assertEqual(client.returncode, 130, said)
        rows = "".join(f"{i}\n" for i in range(1200))
        refused = self.run_it(*command[:3], "-O", out, "--resume", stdin=rows, code=64)
        self.assertIn("--numbers", refused.err)
        result = self.run_it(*command, "--resume", stdin=rows)
        self.assertIn("rows kept", result.err)
        with open(out, encoding="utf-8") as file:
            lines = file.read().splitlines()
        self.assertEqual((len(lines), lines[8], lines[1199]), (1200, "8/7", "1199/7"))

    def test_a_slot_that_is_killed_costs_nothing(self):
        with Cluster(workers=2, slots=1) as own:
            client = own.start("batch", "-r", "x=1:300", "-t", "sum(1/k^2, k, 1, 200 + x) > 1 ? x/7 : 0", *EXACT, "-q",
                               stdin=subprocess.DEVNULL)
            wait_until(lambda: any(row["done"] for row in map(json.loads, own.run("list", "-o", "json").lines))
                       or client.poll() is not None, "some rows are computed")
            own.workers[0].kill()
            out, said = client.communicate(timeout=60)
            self.assertEqual(client.returncode, 0, said)
            lines = out.decode().splitlines()
            self.assertEqual((len(lines), lines[0], lines[6], lines[299]), (300, "1/7", "1", "300/7"))


class Looks(Case):
    def test_a_dry_run_says_what_numbers_are(self):
        path = self.file("dry.csv", "a\n0.10\n1/3\nx\n")
        result = self.run_it("batch", path, "-t", "a/3", *EXACT, "--dry-run", code=1)
        self.assertIn("first   1  a=0.10\n", result.out)
        self.assertIn("a=1/3\n", result.out)
        self.assertIn("numbers exact\n", result.out)
        told = json.loads(self.run_it("batch", path, "-t", "a/3", *EXACT, "--dry-run", "-o", "json", code=1).out)
        self.assertEqual((told["numbers"], told["first"][1]["inputs"], told["malformed"]), ("exact", {"a": "1/3"}, 1))

    def test_a_cluster_is_measured_with_them(self):
        told = json.loads(self.run_it("bench", *EXACT, "--seconds", "1", "-o", "json").out)
        self.assertGreater(told["chunks"]["jobs"], 0)

    def test_an_explanation_says_what_numbers_are(self):
        result = self.run_it(*EXACT, "--explain", "0.1 + 2/3")
        self.assertIn("type   number; numbers are exact\ncost   at least 2 steps;", result.out)
        self.assertRegex(result.out, r"(?m)^code +0  %\d+ = div 2, 3 ")
        result = self.run_it("batch", "--from", "jsonl", *EXACT, "--explain", "-t", "a + sum(k, k, 1, 1e9)")
        self.assertIn("split  rows go to all slots, each runs on one\n", result.out)
        self.assertIn("code   row by row\n", result.out)
        told = json.loads(self.run_it(*DECIMAL, "--explain", "0.1 + 2/3", "-o", "json").out)
        self.assertEqual(told["numbers"], "decimal=34")
        self.assertEqual(json.loads(self.run_it("--explain", "1", "-o", "json").out).get("numbers"), None)

    def test_an_explanation_refuses_what_these_numbers_do_not_have(self):
        for expression in "1 + pi", "sum(uniform(1, k), k, 1, 2)", "1e1000000 + 1":
            with self.subTest(expression):
                computed = self.run_it(*EXACT, expression, code=1)
                self.assertNotEqual(computed.err, "")
                explained = self.run_it(*EXACT, "--explain", expression, code=1)
                self.assertEqual((explained.out, explained.err), ("", computed.err))
        self.run_it("batch", "--from", "jsonl", *EXACT, "--explain", "-t", "a + pi", code=64)
        path = self.file("sheet.dcs", "a = pi\nb = a + 1\n")
        self.assertIn("sheet.dcs:1: 'pi' is not rational;",
                      self.run_it("batch", "--from", "sheet", path, *EXACT, "--explain", code=1).err)
        self.assertIn("type   number", self.run_it(*DECIMAL, "--explain", "1 + pi").out)


if __name__ == "__main__":
    unittest.main()
