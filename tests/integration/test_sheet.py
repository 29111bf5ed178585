"""Sheets, whose cells use each other; and batches that come after others."""

import json
import os
import random
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, wait_until  # noqa: E402
from slow import terms  # noqa: E402

cluster = Cluster(slots=2)
setUpModule, tearDownModule = cluster.__enter__, cluster.__exit__


class Case(unittest.TestCase):
    maxDiff = None

    def sheet(self, text, *arguments, code=0, at=None):
        result = (at or cluster).run("batch", "--from", "sheet", "-q", *arguments, stdin=text)
        self.assertEqual(result.code, code, result.err)
        return result

    def refuse(self, text, *arguments):
        result = self.sheet(text, *arguments, code=65)
        self.assertEqual(result.out, "")
        return result.err


class Values(Case):
    def test_lines_in_any_order_give_values_in_the_file_s(self):
        text = ("# a bill\ntotal = net + tax   # what is to be paid\n\nnet = qty * price\n"
                "tax = round(net * 0.19, 2)\nqty = 12\nprice = 19.5\n")
        self.assertEqual(self.sheet(text).out, "278.46\n234\n44.46\n12\n19.5\n")

    def test_values_of_all_types_travel_exactly(self):
        text = ('a = 0.1 + 0.2\nb = a == 0.30000000000000004\ns = "tab\\t" + "\\"q\\" #1"\n'
                't = s == "tab\\t\\"q\\" #1"\nn = null\nm = n ?? a * 3\nz = -0.0\ni = 1/z\n'
                'big = 1e308 * 10\nj = big > 1e308\nnot_b = !b\nu = i < 0 and j\nx = nan\ny = x == x\n')
        result = self.sheet(text, "--ieee")
        self.assertEqual(result.lines, [
            "0.30000000000000004", "true", '"tab\\t\\"q\\" #1"', "true", "null",
            "0.9000000000000001", "0", "-inf", "inf", "true", "false", "true", "nan", "false"])

    def test_odd_names_and_local_ones(self):
        text = ("{unit price} = 2\nk = 5\ns = sum(k * {unit price}, k, 1, 3)\n"
                "d = r = k * 2; r + 1\nf = g(x) = x * k; g(2)\nr = d + 1\n")
        self.assertEqual(self.sheet(text).out, "2\n5\n12\n11\n10\n12\n")

    def test_constants_are_seen(self):
        self.assertEqual(self.sheet("b = a * k\na = k + 1\n", "--let", "k=3").out, "12\n4\n")

    def test_the_other_formats_name_the_cells(self):
        text = 'b = a + 1\na = 1\nc = "x, y"\n'
        rows = [json.loads(line) for line in self.sheet(text, "-o", "json").lines]
        self.assertEqual([(row["row"], row["name"], row["expr"], row["value"]) for row in rows],
                         [(1, "b", "a + 1", 2), (2, "a", "1", 1), (3, "c", '"x, y"', "x, y")])
        self.assertEqual(self.sheet(text, "-o", "csv").lines,
                         ["name,expr,result,error", "b,a + 1,2,", "a,1,1,",
                          'c,"""x, y""","x, y",'])

    def test_a_file_with_that_ending_is_one(self):
        path = cluster.write("a.sheet", "b = a * 2\na = 21\n")
        self.assertEqual(cluster.run("batch", path, "-q").out, "42\n21\n")

    def test_out_of_order_each_comes_behind_what_it_uses(self):
        result = self.sheet("c = b + 1\nb = a + 1\na = 1\n", "-u")
        self.assertEqual(result.out, "3\t1\n2\t2\n1\t3\n")

    def test_an_empty_one_has_no_rows(self):
        self.assertEqual(self.sheet("# nothing\n\n").out, "")

    def test_a_cell_may_be_split_over_the_cluster(self):
        n = terms(300_000_000)
        result = self.sheet(f"t = s == r\ns = sum(1/k^2, k, 1, n)\nr = sum(1/k^2, k, 1, {n})\nn = {n}\n")
        self.assertEqual(result.lines[0], "true")

    def test_many_cells_are_what_one_process_computes(self):
        rng = random.Random(7)
        values, lines = {}, []
        for level in range(60):
            for at in range(40):
                name = f"c{level}_{at}"
                if level == 0:
                    values[name], text = float(at), str(at)
                else:
                    used = [f"c{rng.randrange(level)}_{rng.randrange(40)}" for _ in range(3)]
                    text = f"({used[0]} + {used[1]}) / 2 - {used[2]} / 3"
                    a, b, c = (values[one] for one in used)
                    values[name] = (a + b) / 2 - c / 3
                lines.append((name, text))
        rng.shuffle(lines)
        result = self.sheet("".join(f"{name} = {text}\n" for name, text in lines))
        self.assertEqual([float(line) for line in result.lines],
                         [values[name] for name, _ in lines])


class Faults(Case):
    def test_what_uses_a_failed_cell_is_skipped_and_says_which(self):
        result = cluster.run("batch", "--from", "sheet",
                             stdin="c = b * 2\nb = a + 1\na = 1/0\nd = 4\ne = c ?? 1\n")
        self.assertEqual(result.code, 1)
        self.assertEqual(result.lines, ["error: skipped", "error: skipped", "error: divide-by-zero",
                                        "4", "error: skipped"])
        self.assertIn("stdin:3: division by zero at column 2 of the expression\n", result.err)
        self.assertIn("stdin:2: it uses 'a' (line 3), which failed\n", result.err)
        self.assertIn("stdin:1: it uses 'b' (line 2), which needs 'a' (line 3), which failed\n",
                      result.err)

    def test_faults_are_kept_to_be_sent_again(self):
        path = cluster.path("failed.jsonl")
        self.sheet("a = 1/0\nb = a\n", "--errors", path, code=1)
        with open(path, encoding="utf-8") as file:
            rows = {row["name"]: row for row in map(json.loads, file)}
        self.assertEqual(rows["a"]["error"]["column"], 2)
        self.assertEqual(rows["b"]["error"]["code"], "skipped")

    def test_a_long_chain_is_skipped_as_a_whole(self):
        text = "x0 = 1/0\n" + "".join(f"x{i} = x{i - 1} + 1\n" for i in range(1, 5000))
        result = self.sheet(text, code=1)
        self.assertEqual(result.lines, ["error: divide-by-zero"] + ["error: skipped"] * 4999)

    def test_circles_name_both_places(self):
        self.assertEqual(self.refuse("d = 1\na = b + d\nb = a\n"),
                         "stdin:2: 'a' uses 'b' (stdin:3), which uses 'a': none of them can be "
                         "computed first\n")
        self.assertIn("stdin:1: 'a' uses 'a'", self.refuse("a = a + 1\n"))

    def test_missing_names_have_the_nearest_one(self):
        self.assertEqual(self.refuse("alpha = 1\nb = 2 * alpa\n"),
                         "stdin:2: 'b' uses 'alpa', which is nowhere in the sheet; did you mean "
                         "'alpha' (stdin:1)?\n")

    def test_a_name_is_there_once(self):
        self.assertEqual(self.refuse("a = 1\nb = 2\na = 3\n"),
                         "stdin:3: 'a' is there already: stdin:1\n")
        self.assertEqual(self.refuse("k = 1\n", "--let", "k=2"),
                         "stdin:1: 'k' is bound by --let as well\n")

    def test_what_is_no_cell(self):
        for line in "1 + 1", "f(x) = x", "= 3", "a b = 3":
            self.assertIn("stdin:2: this is no cell", self.refuse(f"x = 1\n{line}\n"))

    def test_what_makes_no_sense_together(self):
        for options in (["-t", "x"], ["--reduce", "sum"], ["--types", "x:int"]):
            self.assertIn("a sheet", self.sheet("a = 1\n", *options, code=64).err)


class Losses(Case):
    def test_a_broker_and_slots_may_die(self):
        text = "".join(f"x{i} = sum(k + {i}, k, 1, 200000) + x{i - 1}\n" for i in range(1, 300))
        expected = self.sheet("x0 = 1\n" + text).out
        with Cluster(slots=2) as own:
            client = own.start("batch", "--from", "sheet", "-q", "--wait", "60s")
            client.stdin.write(("x0 = 1\n" + text).encode())
            client.stdin.close()
            client.stdin = None
            for _ in range(3):
                line = client.stdout.readline()
                self.assertTrue(line)
                own.broker.kill()
                own.broker.wait()
                own.start_broker()
                own.workers[-1].kill()
                own.workers[-1].wait()
                own.start_worker(2)
                expected_line, expected = expected.split("\n", 1)
                self.assertEqual(line.decode().rstrip("\n"), expected_line)
            out, err = client.stdout.read(), client.stderr.read()
            self.assertEqual((out.decode(), client.wait(60)), (expected, 0), err)
            client.stdout.close()
            client.stderr.close()


class After(Case):
    def begin(self, name):
        """A batch that does not end until its input does, and its first result."""
        client = cluster.start("batch", "--name", name, "-q")
        client.stdin.write(b"1+1\n")
        client.stdin.flush()
        self.assertEqual(client.stdout.readline(), b"2\n")
        return client

    def status(self, name):
        return cluster.run("status", name).out

    def test_a_batch_waits_for_another_and_says_why(self):
        first = self.begin("early")
        second = cluster.start("batch", "--name", "late", "--after", "early", "-q",
                               stdin=subprocess.PIPE)
        second.stdin.write(b"6*7\n")
        second.stdin.close()
        second.stdin = None
        wait_until(lambda: "after b" in self.status("late"), "it waits")
        first.stdin.close()
        first.stdin = None
        self.assertEqual(first.wait(60), 0)
        self.assertEqual(second.communicate(timeout=60)[0], b"42\n")
        first.communicate()

    def test_after_a_failure_nothing_is_computed_unless_any_end_will_do(self):
        first = self.begin("fails")
        waiting = [cluster.start("batch", "--name", f"w{i}", option, "fails", "-q")
                   for i, option in enumerate(["--after", "--after-any"])]
        for i, client in enumerate(waiting):
            client.stdin.write(b"6*7\n")
            client.stdin.close()
            client.stdin = None
            wait_until(lambda name=f"w{i}": "after b" in self.status(name), "it waits")
        first.stdin.write(b"1/0\n")
        first.stdin.close()
        first.stdin = None
        self.assertEqual(first.wait(60), 1)
        out, err = waiting[0].communicate(timeout=60)
        self.assertEqual((out, waiting[0].returncode), (b"error: skipped\n", 1))
        self.assertIn(b"of which not every job was computed", err)
        self.assertEqual(waiting[1].communicate(timeout=60)[0], b"42\n")
        first.communicate()

    def test_after_one_that_was_interrupted(self):
        first = self.begin("stops")
        second = cluster.start("batch", "--name", "w2", "--after", "stops", "-q")
        second.stdin.write(b"6*7\n")
        second.stdin.close()
        second.stdin = None
        wait_until(lambda: "after b" in self.status("w2"), "it waits")
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=60)
        self.assertEqual(second.communicate(timeout=60)[0], b"error: skipped\n")

    def test_what_is_not_there_cannot_be_waited_for(self):
        result = cluster.run("batch", "--after", "b9999", stdin="1\n")
        self.assertEqual((result.out, result.code), ("", 66))
        self.assertIn("there is no batch 'b9999'", result.err)
        result = cluster.run("batch", "--after", "b1", "--after-any", "b2", stdin="1\n")
        self.assertEqual(result.code, 64)


if __name__ == "__main__":
    unittest.main()
